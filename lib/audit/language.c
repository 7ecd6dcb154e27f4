/* Check 14. Validity and plausibility are GQA's (Hudson and Manning, 2019,
 * section 4.4): an answer is valid if it is one of the words its template can be
 * answered with, and plausible if the other split answers that template with it at
 * least once. */
#include "audit/language.h"
#include "audit/npmi.h"
#include "audit/words.h"
#include "base/mem.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { NPMI_MIN_ROWS = 10, NPMI_MAX = 100 };

/* ---- validity -------------------------------------------------------------------- */

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

/* The findings whose rows one pass over all rows will add. */
struct groups {
    uint64_t *groups; /* in order */
    size_t n, cap;
    size_t first; /* finding of the first one */
};

static enum avqa_status add_group(struct groups *g, uint64_t group,
                                  const struct avqa_findings *findings)
{
    enum avqa_status rc =
        avqa_mem_grow(&g->groups, &g->cap, g->n + 1, sizeof *g->groups);
    if (rc == AVQA_OK && g->n == 0)
        g->first = findings->n;
    if (rc == AVQA_OK)
        g->groups[g->n++] = group;
    return rc;
}

/* The finding of a group, or NULL. */
static struct avqa_finding *finding_of(const struct groups *g, uint64_t group,
                                       struct avqa_findings *findings)
{
    size_t lo = 0;
    size_t hi = g->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (g->groups[mid] < group)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < g->n && g->groups[lo] == group ? &findings->items[g->first + lo] : NULL;
}

static void report_invalid(const struct avqa_audit *a, const struct groups *g,
                           struct avqa_findings *findings)
{
    for (size_t i = a->on.from; g->n && i < a->on.to; i++) {
        const struct avqa_audit_row *row = &a->t->rows[i];
        struct avqa_finding *f = finding_of(g, row->template, findings);
        if (f && invalid_answer(a, avqa_audit_template(a->t, row), row->answer))
            avqa_finding_row(f, a->t, i);
    }
}

static enum avqa_status check_validity(const struct avqa_audit *a,
                                       struct avqa_findings *findings, size_t *invalid)
{
    const struct avqa_tally *y = &a->tallies[AVQA_GROUP_TEMPLATE];
    struct groups g = {0};
    enum avqa_status rc = AVQA_OK;
    uint64_t n;
    *invalid = 0;
    for (size_t i = 0; rc == AVQA_OK && i < y->n;) {
        struct avqa_buf list = AVQA_BUF_INIT;
        size_t end = avqa_tally_group_end(y, i, &n);
        const struct avqa_template *t = &a->t->templates->items[y->cells[i].group];
        size_t bad = list_invalid(a, i, end, &list);
        if (bad)
            rc = add_group(&g, y->cells[i].group, findings);
        if (bad && rc == AVQA_OK)
            avqa_finding_add(findings, "text", AVQA_ERROR,
                             "%zu of %" PRIu64
                             " answer%s to %s \"%s\" %s none of its words: %s",
                             bad, n, avqa_text_plural((int64_t)n), t->code, t->text,
                             bad == 1 ? "is" : "are", avqa_buf_str(&list));
        avqa_buf_release(&list);
        *invalid += bad;
        i = end;
    }
    if (rc == AVQA_OK)
        report_invalid(a, &g, findings);
    free(g.groups);
    return rc;
}

/* The first slot whose value is outside its domain, or as many as there are. */
static size_t odd_slot(const struct avqa_audit *a, const struct avqa_template *t,
                       const struct avqa_audit_slots *slots)
{
    size_t s = 0;
    while (s < slots->n &&
           avqa_domain_find(t->slots[s], avqa_audit_word(a->t, slots->values[s])) !=
               AVQA_TEMPLATE_NONE)
        s++;
    return s;
}

/* One finding for every question (template and slots) with a value outside its domain.
 */
static enum avqa_status check_slots(const struct avqa_audit *a,
                                    struct avqa_findings *findings)
{
    const struct avqa_tally *y = &a->tallies[AVQA_GROUP_SLOTS];
    struct groups g = {0};
    enum avqa_status rc = AVQA_OK;
    uint64_t n;
    for (size_t i = 0; rc == AVQA_OK && i < y->n;) {
        uint64_t group = y->cells[i].group;
        const struct avqa_template *t = &a->t->templates->items[group >> 32];
        const struct avqa_audit_slots *slots = &a->t->slots[(uint32_t)group];
        size_t s = odd_slot(a, t, slots);
        i = avqa_tally_group_end(y, i, &n);
        if (s == slots->n)
            continue;
        rc = add_group(&g, group, findings);
        if (rc == AVQA_OK)
            avqa_finding_add(findings, "text", AVQA_ERROR,
                             "%s \"%s\": \"%s\" is no word for <%s> (%" PRIu64
                             " row%s)",
                             t->code, t->text, avqa_audit_word(a->t, slots->values[s]),
                             t->slot_names[s], n, avqa_text_plural((int64_t)n));
    }
    for (size_t i = a->on.from; rc == AVQA_OK && g.n && i < a->on.to; i++) {
        uint64_t group = avqa_grouping_of(a->t, &a->t->rows[i], AVQA_GROUP_SLOTS);
        struct avqa_finding *f = finding_of(&g, group, findings);
        if (f)
            avqa_finding_row(f, a->t, i);
    }
    free(g.groups);
    return rc;
}

static void check_types(const struct avqa_audit *a, struct avqa_findings *findings)
{
    struct avqa_finding *f = NULL;
    size_t n = 0;
    for (size_t i = a->on.from; i < a->on.to; i++)
        n += a->t->rows[i].odd_type;
    if (n)
        f = avqa_finding_add(findings, "text", AVQA_WARNING,
                             "%zu row%s another type than the one of %s template", n,
                             n == 1 ? " states" : "s state", n == 1 ? "its" : "their");
    for (size_t i = a->on.from; f && i < a->on.to; i++) {
        if (a->t->rows[i].odd_type)
            avqa_finding_row(f, a->t, i);
    }
}

/* ---- against the other split ----------------------------------------------------- */

/* Whether the other split answers this template with this answer anywhere. */
static bool known_answer(const struct avqa_audit *a, const struct avqa_tally_cell *c)
{
    const struct avqa_tally *y = &a->fits[AVQA_GROUP_TEMPLATE];
    const struct avqa_tally_cell *f = avqa_tally_find(y, c->group);
    const struct avqa_tally_cell *end = f ? y->cells + y->n : NULL; /* none: no cells */
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
    const bool one = y->total - plausible == 1;
    if (plausible < y->total)
        avqa_finding_add(findings, "text", AVQA_NOTE,
                         "%zu question%s an answer that '%s' never gives to %s "
                         "template: who learns from it cannot know it",
                         y->total - plausible, one ? " has" : "s have", a->opts.against,
                         one ? "its" : "their");
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
    bool *unknown = calloc((size_t)on->words.n + 1, sizeof *unknown);
    if (!unknown)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %u words", on->words.n);
    enum avqa_status rc =
        avqa_wordings_collect(&other, a->t, &a->fits[AVQA_GROUP_SLOTS]);
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
                         "%zu word%s of %zu question%s never occur%s in '%s': %s",
                         words, avqa_text_plural((int64_t)words), questions,
                         avqa_text_plural((int64_t)questions), words == 1 ? "s" : "",
                         a->opts.against, avqa_buf_str(&list));
    avqa_buf_release(&list);
    avqa_wordings_release(&other);
    free(unknown);
    return rc;
}

/* ---- report ---------------------------------------------------------------------- */

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

static enum avqa_status validity_json(const struct avqa_audit *a,
                                      const struct avqa_wordings *w,
                                      struct avqa_json *out,
                                      struct avqa_findings *findings)
{
    size_t total = a->on.to - a->on.from;
    size_t invalid;
    enum avqa_status rc = check_validity(a, findings, &invalid);
    avqa_json_put_int(out, "words", w->words.n);
    struct avqa_json *o = avqa_json_put_object(out, "validity");
    avqa_json_put_int(o, "valid", (int64_t)(total - invalid));
    avqa_json_put_int(o, "total", (int64_t)total);
    return rc;
}

enum avqa_status avqa_check_language(const struct avqa_audit *a,
                                     struct avqa_check_out *out)
{
    struct avqa_wordings w = {0};
    enum avqa_status rc =
        avqa_wordings_collect(&w, a->t, &a->tallies[AVQA_GROUP_SLOTS]);
    struct avqa_json *json = out->json = avqa_json_new_object();
    if (rc == AVQA_OK)
        length_json(&w, json);
    if (rc == AVQA_OK)
        rc = validity_json(a, &w, json, &out->findings);
    if (rc == AVQA_OK)
        rc = check_slots(a, &out->findings);
    if (rc == AVQA_OK) {
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
