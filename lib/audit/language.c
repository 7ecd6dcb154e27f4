/* Check 14. Validity and plausibility are GQA's (Hudson and Manning, 2019,
 * section 4.4): an answer is valid if it is one of the words its template can be
 * answered with, and plausible if the other split answers that template with it at
 * least once. */
#include "audit/language.h"
#include "base/mem.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NPMI_MIN_ROWS = 10, NPMI_MAX = 100 };

/* ---- validity -----------------------------------------------------------------------
 */

static bool invalid_answer(const struct avqa_audit *a, const struct avqa_template *t,
                           uint32_t answer)
{
    return !avqa_template_answer_domain(t, avqa_audit_answer(a->t, answer));
}

/* "violn" (2), "violin" (1): the answers of a template's cells that are none of its. */
static size_t list_invalid(const struct avqa_audit *a, size_t from, size_t to,
                           struct avqa_buf *out)
{
    const struct avqa_tally *y = &a->tallies[AVQA_GROUP_TEMPLATE];
    const struct avqa_template *t = &a->t->templates->items[y->cells[from].group];
    size_t n = 0;
    for (size_t i = from; i < to; i++) {
        const char *answer = avqa_audit_answer(a->t, y->cells[i].answer);
        if (!invalid_answer(a, t, y->cells[i].answer))
            continue;
        n += y->cells[i].n;
        if (out->len < 200)
            avqa_buf_addf(out, "%s\"%s\"%s", out->len ? ", " : "", answer,
                          avqa_templates_has_answer(a->t->templates, answer)
                              ? ""
                              : " (not in the vocabulary at all)");
    }
    return n;
}

static size_t check_validity(const struct avqa_audit *a, struct avqa_findings *findings)
{
    const struct avqa_tally *y = &a->tallies[AVQA_GROUP_TEMPLATE];
    size_t invalid = 0;
    uint64_t n;
    for (size_t i = 0; i < y->n;) {
        struct avqa_buf list = AVQA_BUF_INIT;
        size_t end = avqa_tally_group_end(y, i, &n);
        uint64_t group = y->cells[i].group;
        const struct avqa_template *t = &a->t->templates->items[group];
        size_t bad = list_invalid(a, i, end, &list);
        if (bad) {
            struct avqa_finding *f = avqa_finding_add(
                findings, "text", AVQA_ERROR,
                "%zu of %" PRIu64 " answers to %s \"%s\" are none of its words: %s",
                bad, n, t->code, t->text, avqa_buf_str(&list));
            for (size_t r = a->on.from; r < a->on.to; r++) {
                if (a->t->rows[r].template == group &&
                    invalid_answer(a, t, a->t->rows[r].answer))
                    avqa_finding_row(f, a->t, r);
            }
        }
        avqa_buf_release(&list);
        invalid += bad;
        i = end;
    }
    return invalid;
}

/* Whether a row has a slot value outside its domain; *slot is the first such slot. */
static bool odd_slot(const struct avqa_audit *a, const struct avqa_audit_row *row,
                     size_t *slot)
{
    const struct avqa_template *t = avqa_audit_template(a->t, row);
    const struct avqa_audit_slots *slots = &a->t->slots[row->slots];
    for (*slot = 0; *slot < slots->n; ++*slot) {
        const char *word = avqa_audit_word(a->t, slots->values[*slot]);
        if (avqa_domain_find(t->slots[*slot], word) == AVQA_TEMPLATE_NONE)
            return true;
    }
    return false;
}

/* One finding for every question (template and slots) with a value outside its domain.
 */
static void check_slots(const struct avqa_audit *a, struct avqa_findings *findings)
{
    bool *odd = avqa_mem_new((size_t)a->t->slots_texts.n + 1);
    for (size_t i = a->on.from; i < a->on.to; i++) {
        const struct avqa_audit_row *row = &a->t->rows[i];
        size_t s;
        if (odd[row->slots] || !odd_slot(a, row, &s))
            continue;
        odd[row->slots] = true;
        const struct avqa_template *t = avqa_audit_template(a->t, row);
        struct avqa_finding *f = avqa_finding_add(
            findings, "text", AVQA_ERROR, "%s \"%s\": \"%s\" is no word for <%s>",
            t->code, t->text, avqa_audit_word(a->t, a->t->slots[row->slots].values[s]),
            t->slot_names[s]);
        for (size_t r = i; r < a->on.to && f->n_rows < AVQA_FINDING_MAX_ROWS; r++) {
            if (a->t->rows[r].slots == row->slots && odd_slot(a, &a->t->rows[r], &s))
                avqa_finding_row(f, a->t, r);
        }
    }
    free(odd);
}

static void check_types(const struct avqa_audit *a, struct avqa_findings *findings)
{
    struct avqa_finding *f = NULL;
    size_t n = 0;
    for (size_t i = a->on.from; i < a->on.to; i++)
        n += a->t->rows[i].odd_type;
    if (n)
        f = avqa_finding_add(
            findings, "text", AVQA_WARNING,
            "%zu rows state another type than the one of their template", n);
    for (size_t i = a->on.from; f && i < a->on.to; i++) {
        if (a->t->rows[i].odd_type)
            avqa_finding_row(f, a->t, i);
    }
}

/* ---- against the other split --------------------------------------------------------
 */

/* Whether the other split answers this template with this answer anywhere. */
static bool known_answer(const struct avqa_audit *a, const struct avqa_tally_cell *c)
{
    const struct avqa_tally *y = &a->fits[AVQA_GROUP_TEMPLATE];
    const struct avqa_tally_cell *end = y->cells + y->n;
    const struct avqa_tally_cell *f = avqa_tally_find(y, c->group);
    for (; f && f < end && f->group == c->group; f++) {
        if (f->answer == c->answer)
            return true;
    }
    return false;
}

static void plausibility_json(const struct avqa_audit *a, struct avqa_json *out,
                              struct avqa_findings *findings)
{
    const struct avqa_tally *y = &a->tallies[AVQA_GROUP_TEMPLATE];
    size_t plausible = 0;
    for (size_t i = 0; i < y->n; i++)
        plausible += known_answer(a, &y->cells[i]) ? y->cells[i].n : 0;
    struct avqa_json *o = avqa_json_put_object(out, "plausibility");
    avqa_json_put_int(o, "plausible", (int64_t)plausible);
    avqa_json_put_int(o, "total", (int64_t)y->total);
    if (plausible < y->total)
        avqa_finding_add(findings, "text", AVQA_NOTE,
                         "%zu questions have an answer that '%s' never gives to their "
                         "template: who learns from it cannot know it",
                         y->total - plausible, a->opts.against);
}

/* Words of the rows' questions that the other split never uses. */
static enum avqa_status oov_json(const struct avqa_audit *a,
                                 const struct avqa_wordings *on, struct avqa_json *out,
                                 struct avqa_findings *findings)
{
    struct avqa_wordings other = {0};
    struct avqa_buf list = AVQA_BUF_INIT;
    size_t words = 0;
    size_t questions = 0;
    enum avqa_status rc =
        avqa_wordings_collect(&other, a->t, &a->fits[AVQA_GROUP_SLOTS]);
    bool *unknown = avqa_mem_new((size_t)on->words.n + 1);
    for (uint32_t w = 0; rc == AVQA_OK && w < on->words.n; w++) {
        const char *text = avqa_intern_text(&on->words, w);
        unknown[w] =
            avqa_intern_find(&other.words, text, strlen(text)) == AVQA_INTERN_NONE;
        words += unknown[w];
        if (unknown[w] && list.len < 200)
            avqa_buf_addf(&list, "%s%s", list.len ? ", " : "", text);
    }
    for (size_t i = 0; rc == AVQA_OK && i < on->n; i++) {
        bool any = false;
        for (size_t w = 0; w < on->items[i].n_words; w++)
            any = any || unknown[on->word_ids[on->items[i].first + w]];
        questions += any ? on->items[i].n : 0;
    }
    struct avqa_json *o = avqa_json_put_object(out, "out_of_vocabulary");
    avqa_json_put_int(o, "words", (int64_t)words);
    avqa_json_put_int(o, "questions", (int64_t)questions);
    if (words)
        avqa_finding_add(findings, "text", AVQA_NOTE,
                         "%zu words of %zu questions never occur in '%s': %s", words,
                         questions, a->opts.against, avqa_buf_str(&list));
    avqa_buf_release(&list);
    avqa_wordings_release(&other);
    free(unknown);
    return rc;
}

/* ---- words and answers --------------------------------------------------------------
 */

/* Rows by (word, answer), by word and by answer, out of the wordings' tally. */
struct joint {
    struct avqa_tally cells; /* group = word */
    uint32_t *words, *answers;
    size_t total;
};

static void joint_release(struct joint *j)
{
    avqa_tally_release(&j->cells);
    free(j->words);
    free(j->answers);
}

/* Distinct words of a wording, marked in `seen` by the wording's number + 1. */
static enum avqa_status count_wording(struct joint *j, const struct avqa_wordings *w,
                                      size_t i, const struct avqa_tally_cell *cells,
                                      size_t n_cells, uint32_t *seen)
{
    for (size_t k = 0; k < w->items[i].n_words; k++) {
        uint32_t word = w->word_ids[w->items[i].first + k];
        if (seen[word] == i + 1)
            continue;
        seen[word] = (uint32_t)i + 1;
        j->words[word] += w->items[i].n;
        for (size_t c = 0; c < n_cells; c++) {
            enum avqa_status rc =
                avqa_tally_add(&j->cells, word, cells[c].answer, cells[c].n);
            if (rc != AVQA_OK)
                return rc;
        }
    }
    return AVQA_OK;
}

static enum avqa_status count_joint(struct joint *j, const struct avqa_audit *a,
                                    const struct avqa_wordings *w)
{
    const struct avqa_tally *y = &a->tallies[AVQA_GROUP_SLOTS];
    uint32_t *seen = avqa_mem_new(((size_t)w->words.n + 1) * sizeof *seen);
    enum avqa_status rc = AVQA_OK;
    uint64_t n;
    j->words = avqa_mem_new(((size_t)w->words.n + 1) * sizeof *j->words);
    j->answers = avqa_mem_new(((size_t)a->t->answers.n + 1) * sizeof *j->answers);
    j->total = y->total;
    for (size_t i = 0, at = 0; rc == AVQA_OK && at < y->n; i++) {
        size_t end = avqa_tally_group_end(y, at, &n);
        rc = count_wording(j, w, i, &y->cells[at], end - at, seen);
        for (; at < end; at++)
            j->answers[y->cells[at].answer] += y->cells[at].n;
    }
    free(seen);
    return rc;
}

static int by_npmi(const void *a, const void *b)
{
    const struct avqa_npmi *x = a;
    const struct avqa_npmi *y = b;
    if (x->npmi > y->npmi || x->npmi < y->npmi)
        return x->npmi > y->npmi ? -1 : 1;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    int order = strcmp(x->word, y->word);
    return order ? order : strcmp(x->answer, y->answer);
}

enum avqa_status avqa_npmi_collect(const struct avqa_audit *a,
                                   const struct avqa_wordings *wordings,
                                   size_t min_rows, size_t max,
                                   struct avqa_npmi **pairs, size_t *n)
{
    struct joint j = {0};
    size_t cap = 0;
    *pairs = NULL;
    *n = 0;
    enum avqa_status rc = count_joint(&j, a, wordings);
    for (size_t i = 0; rc == AVQA_OK && i < j.cells.n; i++) {
        const struct avqa_tally_cell *c = &j.cells.cells[i];
        double p = (double)c->n / (double)j.total;
        double independent = (double)j.words[c->group] / (double)j.total *
                             (double)j.answers[c->answer] / (double)j.total;
        if (c->n < min_rows)
            continue;
        rc = avqa_mem_grow(pairs, &cap, *n + 1, sizeof **pairs);
        if (rc == AVQA_OK)
            (*pairs)[(*n)++] = (struct avqa_npmi){
                avqa_intern_text(&wordings->words, (uint32_t)c->group),
                avqa_audit_answer(a->t, c->answer), c->n,
                p < 1 ? log2(p / independent) / -log2(p) : 1};
    }
    if (*n)
        qsort(*pairs, *n, sizeof **pairs, by_npmi);
    *n = *n < max ? *n : max;
    joint_release(&j);
    return rc;
}

static enum avqa_status npmi_json(const struct avqa_audit *a,
                                  const struct avqa_wordings *w, struct avqa_json *out)
{
    struct avqa_npmi *pairs;
    size_t n;
    enum avqa_status rc = avqa_npmi_collect(a, w, NPMI_MIN_ROWS, NPMI_MAX, &pairs, &n);
    struct avqa_json *list = avqa_json_put_array(out, "npmi");
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        struct avqa_json *o = avqa_json_put_object(list, NULL);
        avqa_json_put_string(o, "word", pairs[i].word);
        avqa_json_put_string(o, "answer", pairs[i].answer);
        avqa_json_put_int(o, "n", pairs[i].n);
        avqa_json_put_double(o, "npmi", pairs[i].npmi);
    }
    free(pairs);
    return rc;
}

/* ---- report -------------------------------------------------------------------------
 */

static void length_json(const struct avqa_wordings *w, struct avqa_json *out)
{
    size_t least = SIZE_MAX;
    size_t most = 0;
    size_t sum = 0;
    size_t rows = 0;
    for (size_t i = 0; i < w->n; i++) {
        size_t n = w->items[i].n_words;
        least = n < least ? n : least;
        most = n > most ? n : most;
        sum += n * w->items[i].n;
        rows += w->items[i].n;
    }
    struct avqa_json *o = avqa_json_put_object(out, "length_words");
    avqa_json_put_int(o, "min", rows ? (int64_t)least : 0);
    avqa_json_put_double(o, "mean", rows ? (double)sum / (double)rows : 0);
    avqa_json_put_int(o, "max", (int64_t)most);
}

enum avqa_status avqa_check_language(const struct avqa_audit *a,
                                     struct avqa_check_out *out)
{
    struct avqa_wordings w = {0};
    enum avqa_status rc =
        avqa_wordings_collect(&w, a->t, &a->tallies[AVQA_GROUP_SLOTS]);
    struct avqa_json *json = out->json = avqa_json_new_object();
    if (rc == AVQA_OK) {
        size_t total = a->on.to - a->on.from;
        length_json(&w, json);
        avqa_json_put_int(json, "words", w.words.n);
        struct avqa_json *o = avqa_json_put_object(json, "validity");
        avqa_json_put_int(o, "valid",
                          (int64_t)(total - check_validity(a, &out->findings)));
        avqa_json_put_int(o, "total", (int64_t)total);
        check_slots(a, &out->findings);
        check_types(a, &out->findings);
        rc = npmi_json(a, &w, json);
    }
    if (rc == AVQA_OK && a->has_against) {
        plausibility_json(a, json, &out->findings);
        rc = oov_json(a, &w, json, &out->findings);
    }
    avqa_wordings_release(&w);
    return rc;
}

/* ---- duplicates ---------------------------------------------------------------------
 */

static bool same_row(const struct avqa_audit_row *x, const struct avqa_audit_row *y)
{
    return x->clip == y->clip && x->template == y->template && x->slots == y->slots &&
           x->answer == y->answer;
}

/* Rows that repeat an earlier one with the same answer. by_video has them close to each
 * other: within the rows of one question of one clip. */
static int64_t repeated_rows(const struct avqa_audit *a, struct avqa_finding *f)
{
    int64_t n = 0;
    const struct avqa_audit_row *rows = a->t->rows;
    for (size_t i = 0; i < a->on.to - a->on.from; i++) {
        const struct avqa_audit_row *x = &rows[a->by_video[i]];
        for (size_t j = i; j-- > 0 && i - j < AVQA_FINDING_MAX_ROWS;) {
            const struct avqa_audit_row *y = &rows[a->by_video[j]];
            if (y->clip != x->clip || y->template != x->template ||
                y->slots != x->slots)
                break;
            if (!same_row(x, y))
                continue;
            n++;
            if (f) {
                avqa_finding_row(f, a->t, a->by_video[j]);
                avqa_finding_row(f, a->t, a->by_video[i]);
            }
            break;
        }
    }
    return n;
}

struct numbered {
    int64_t number;
    uint32_t row;
};

static int by_number(const void *a, const void *b)
{
    const struct numbered *x = a;
    const struct numbered *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

struct ids {
    int64_t repeated, contradicting;
};

/* Question ids that stand more than once within a split. */
static enum avqa_status repeated_ids(const struct avqa_audit *a,
                                     struct avqa_audit_range range, struct ids *ids,
                                     struct avqa_findings *findings)
{
    struct avqa_finding *f = NULL;
    size_t n = 0;
    struct numbered *list = calloc(range.to - range.from + 1, sizeof *list);
    if (!list)
        return avqa_fail(AVQA_ENOMEM, "out of memory for question ids");
    for (size_t i = range.from; i < range.to; i++) {
        if (a->t->numbers[i] != AVQA_AUDIT_NO_NUMBER)
            list[n++] = (struct numbered){a->t->numbers[i], (uint32_t)i};
    }
    qsort(list, n, sizeof *list, by_number);
    for (size_t i = 0; i < n;) {
        bool differ = false;
        size_t end = i + 1;
        for (; end < n && list[end].number == list[i].number; end++)
            differ = differ ||
                     a->t->rows[list[end].row].answer != a->t->rows[list[i].row].answer;
        if (end - i > 1) {
            ids->repeated++;
            ids->contradicting += differ;
            if (!f)
                f = avqa_finding_add(findings, "duplicates", AVQA_WARNING, "-");
            for (; i < end; i++)
                avqa_finding_row(f, a->t, list[i].row);
        }
        i = end;
    }
    free(list);
    return AVQA_OK;
}

static enum avqa_status check_ids(const struct avqa_audit *a, struct avqa_json *out,
                                  struct avqa_findings *findings)
{
    struct ids all = {0};
    enum avqa_status rc = AVQA_OK;
    for (size_t s = 0; rc == AVQA_OK && s < a->t->n_splits; s++) {
        struct avqa_audit_range r = a->t->split_ranges[s];
        struct ids ids = {0};
        if (r.from < a->on.from || r.to > a->on.to)
            continue;
        rc = repeated_ids(a, r, &ids, findings);
        if (ids.repeated) {
            char text[256];
            struct avqa_finding *f = &findings->items[findings->n - 1];
            snprintf(
                text, sizeof text,
                "%lld question ids of '%s' stand more than once; %lld of them with "
                "different answers",
                (long long)ids.repeated, a->t->splits[s], (long long)ids.contradicting);
            free(f->message);
            f->message = avqa_mem_strdup(text);
        }
        all.repeated += ids.repeated;
        all.contradicting += ids.contradicting;
    }
    avqa_json_put_int(out, "question_ids", all.repeated);
    avqa_json_put_int(out, "question_ids_contradicting", all.contradicting);
    return rc;
}

enum avqa_status avqa_check_duplicates(const struct avqa_audit *a,
                                       struct avqa_check_out *out)
{
    int64_t n = repeated_rows(a, NULL);
    out->json = avqa_json_new_object();
    avqa_json_put_int(out->json, "questions", n);
    if (n)
        repeated_rows(a, avqa_finding_add(&out->findings, "duplicates", AVQA_WARNING,
                                          "%lld rows repeat another row word for word, "
                                          "with the same answer",
                                          (long long)n));
    return check_ids(a, out->json, &out->findings);
}
