/* C00 counts by media identity: a clip whose sound was exchanged (unmatch_audio) is
 * another clip, and its answers contradict nobody's. What ignoring the sound would have
 * counted is reported beside it.
 *
 * A flipped video's rows are the original's with left and right exchanged, in the slots
 * and in the answer; where the original was asked the mirrored question, the answers
 * must match. A row may have millions of others beside it, so originals are found by
 * search. */
#include "audit/consistency.h"
#include "audit/contradiction.h"
#include "audit/rederive.h"
#include "audit/rule.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct result {
    int64_t violations, checkable, unpaired;
};

static const struct avqa_audit_row *row_at(const struct avqa_audit *a, size_t place)
{
    return &a->t->rows[a->by_video[place]];
}

static bool same_question(const struct avqa_audit_row *x,
                          const struct avqa_audit_row *y)
{
    return x->template == y->template && x->slots == y->slots;
}

/* ---- C00 ------------------------------------------------------------------------- */

/* "two" and "one" and "zero": the answers of these places, each once, until the text is
 * long enough. `listed` is false for every answer before and after. */
static void list_answers(const struct avqa_audit *a, size_t from, size_t to,
                         bool *listed, struct avqa_buf *out)
{
    for (size_t i = from; i < to && out->len < 200; i++) {
        uint32_t answer = row_at(a, i)->answer;
        if (!listed[answer])
            avqa_buf_addf(out, "%s\"%s\"", out->len ? " and " : "",
                          avqa_audit_answer(a->t, answer));
        listed[answer] = true;
    }
    for (size_t i = from; i < to; i++)
        listed[row_at(a, i)->answer] = false;
}

static enum avqa_status report_c00(const struct avqa_audit *a, size_t from, size_t to,
                                   bool *listed, struct avqa_findings *findings)
{
    struct avqa_buf question = AVQA_BUF_INIT;
    struct avqa_buf answers = AVQA_BUF_INIT;
    struct avqa_buf clip = AVQA_BUF_INIT;
    const struct avqa_audit_row *first = row_at(a, from);
    avqa_audit_name_clip(&clip, a->t, first->clip);
    list_answers(a, from, to, listed, &answers);
    enum avqa_status rc = avqa_audit_fill(&question, a->t, first);
    if (rc == AVQA_OK)
        rc = avqa_buf_status(&clip);
    if (rc == AVQA_OK)
        rc = avqa_buf_status(&answers);
    if (rc == AVQA_OK) {
        struct avqa_finding *f = avqa_finding_add(
            findings, "C00", AVQA_ERROR, "%s: \"%s\" is answered both %s",
            avqa_buf_str(&clip), avqa_buf_str(&question), avqa_buf_str(&answers));
        for (size_t i = from; i < to; i++)
            avqa_finding_row(f, a->t, a->by_video[i]);
    }
    avqa_buf_release(&question);
    avqa_buf_release(&answers);
    avqa_buf_release(&clip);
    return rc;
}

static enum avqa_status check_c00(const struct avqa_audit *a,
                                  struct avqa_findings *findings, struct result *r)
{
    size_t n = a->on.to - a->on.from;
    bool *listed = calloc((size_t)a->t->answers.n + 1, sizeof *listed);
    if (!listed)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %u answers", a->t->answers.n);
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < n;) {
        const struct avqa_audit_row *first = row_at(a, i);
        bool differ = false;
        size_t end = i;
        for (; end < n && row_at(a, end)->clip == first->clip &&
               same_question(row_at(a, end), first);
             end++)
            differ = differ || row_at(a, end)->answer != first->answer;
        r->checkable++;
        r->violations += differ;
        if (differ)
            rc = report_c00(a, i, end, listed, findings);
        i = end;
    }
    free(listed);
    return rc;
}

static int by_question(const void *a, const void *b, void *user)
{
    const struct avqa_audit_row *rows = user;
    const struct avqa_audit_row *x = &rows[*(const uint32_t *)a];
    const struct avqa_audit_row *y = &rows[*(const uint32_t *)b];
    if (x->template != y->template)
        return x->template <y->template ? -1 : 1;
    return x->slots < y->slots ? -1 : x->slots > y->slots;
}

/* The same count over the rows of one video, whatever its sound. */
static void count_video(const struct avqa_audit *a, uint32_t *rows, size_t n,
                        struct result *r)
{
    if (n > 1)
        qsort_r(rows, n, sizeof *rows, by_question, a->t->rows);
    for (size_t i = 0; i < n;) {
        const struct avqa_audit_row *first = &a->t->rows[rows[i]];
        bool differ = false;
        for (; i < n && same_question(&a->t->rows[rows[i]], first); i++)
            differ = differ || a->t->rows[rows[i]].answer != first->answer;
        r->checkable++;
        r->violations += differ;
    }
}

static enum avqa_status check_ignoring_sound(const struct avqa_audit *a,
                                             struct result *r)
{
    size_t n = a->on.to - a->on.from;
    uint32_t *rows = calloc(n + 1, sizeof *rows);
    if (!rows)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu rows", n);
    memcpy(rows, a->by_video, n * sizeof *rows);
    for (size_t i = 0; i < n;) {
        uint32_t video = a->t->clips[row_at(a, i)->clip].video;
        size_t end = i;
        while (end < n && a->t->clips[row_at(a, end)->clip].video == video)
            end++;
        count_video(a, rows + i, end - i, r);
        i = end;
    }
    free(rows);
    return AVQA_OK;
}

/* ---- flips ----------------------------------------------------------------------- */

/* A row of an original as its flips look for it. */
struct original {
    uint32_t video;
    uint32_t template;
    uint32_t slots;  /* the smallest id with these values */
    uint32_t answer; /* what the flip should answer; NONE if no row answers that */
    uint32_t place;  /* in by_video */
    uint32_t last;   /* the last place that asks the same of the same video */
};

struct flips {
    const struct avqa_audit *a;
    uint32_t *slots; /* ids of slot lists, ordered by their values */
    uint32_t *same;  /* by id: the smallest id with the same values */
    struct original *originals;
    size_t n_originals;
};

static int by_values(const void *a, const void *b, void *user)
{
    const struct avqa_audit_slots *slots = user;
    uint32_t i = *(const uint32_t *)a;
    uint32_t j = *(const uint32_t *)b;
    const struct avqa_audit_slots *x = &slots[i];
    const struct avqa_audit_slots *y = &slots[j];
    if (x->n != y->n)
        return x->n < y->n ? -1 : 1;
    for (size_t s = 0; s < x->n; s++) {
        if (x->values[s] != y->values[s])
            return x->values[s] < y->values[s] ? -1 : 1;
    }
    return i < j ? -1 : i > j;
}

static bool same_values(const struct avqa_audit_slots *x,
                        const struct avqa_audit_slots *y)
{
    return x->n == y->n && memcmp(x->values, y->values, x->n * sizeof *x->values) == 0;
}

static void order_slots(struct flips *f)
{
    const struct avqa_audit_table *t = f->a->t;
    size_t n = t->slots_texts.n;
    for (uint32_t i = 0; i < n; i++)
        f->slots[i] = i;
    if (n)
        qsort_r(f->slots, n, sizeof *f->slots, by_values, t->slots);
    for (size_t i = 0; i < n; i++) {
        bool repeats =
            i && same_values(&t->slots[f->slots[i - 1]], &t->slots[f->slots[i]]);
        f->same[f->slots[i]] = repeats ? f->same[f->slots[i - 1]] : f->slots[i];
    }
}

/* The smallest id of a list of slot values, or NONE. */
static uint32_t find_slots(const struct flips *f, const struct avqa_audit_slots *key)
{
    const struct avqa_audit_slots *slots = f->a->t->slots;
    size_t lo = 0;
    size_t hi = f->a->t->slots_texts.n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const struct avqa_audit_slots *x = &slots[f->slots[mid]];
        size_t s = 0;
        while (x->n == key->n && s < x->n && x->values[s] == key->values[s])
            s++;
        if (x->n == key->n && s == x->n)
            return f->same[f->slots[mid]];
        if (x->n < key->n || (x->n == key->n && x->values[s] < key->values[s]))
            lo = mid + 1;
        else
            hi = mid;
    }
    return AVQA_INTERN_NONE;
}

/* The slot values of a row seen in a mirror, or NONE if no row has them. */
static uint32_t mirrored_slots(const struct flips *f, const struct avqa_audit_row *row)
{
    const struct avqa_audit_table *t = f->a->t;
    const struct avqa_template *template = avqa_audit_template(t, row);
    const struct avqa_audit_slots *x = &t->slots[row->slots];
    struct avqa_audit_slots key = {.n = x->n};
    for (size_t s = 0; s < x->n; s++) {
        const char *word =
            avqa_domain_mirror(template->slots[s], avqa_audit_word(t, x->values[s]));
        key.values[s] = avqa_intern_find(&t->words, word, strlen(word));
        if (key.values[s] == AVQA_INTERN_NONE)
            return AVQA_INTERN_NONE;
    }
    return find_slots(f, &key);
}

/* What the flipped row should answer if the original is right. */
static const char *expected_answer(const struct avqa_audit *a,
                                   const struct avqa_audit_row *original)
{
    const char *answer = avqa_audit_answer(a->t, original->answer);
    const struct avqa_domain *d =
        avqa_template_answer_domain(avqa_audit_template(a->t, original), answer);
    return d ? avqa_domain_mirror(d, answer) : answer;
}

static int by_mirror(const void *a, const void *b)
{
    const struct original *x = a;
    const struct original *y = b;
    if (x->video != y->video)
        return x->video < y->video ? -1 : 1;
    if (x->template != y->template)
        return x->template <y->template ? -1 : 1;
    if (x->slots != y->slots)
        return x->slots < y->slots ? -1 : 1;
    if (x->answer != y->answer)
        return x->answer < y->answer ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static bool asks_the_same(const struct original *x, const struct original *y)
{
    return x->video == y->video && x->template == y->template && x->slots == y->slots;
}

/* First original that is not before the key. */
static const struct original *find_original(const struct flips *f,
                                            const struct original *key)
{
    size_t lo = 0;
    size_t hi = f->n_originals;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (by_mirror(&f->originals[mid], key) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < f->n_originals ? &f->originals[lo] : NULL;
}

static void order_originals(struct flips *f)
{
    if (f->n_originals)
        qsort(f->originals, f->n_originals, sizeof *f->originals, by_mirror);
    for (size_t i = 0; i < f->n_originals;) {
        size_t end = i;
        uint32_t last = 0;
        for (; end < f->n_originals &&
               asks_the_same(&f->originals[i], &f->originals[end]);
             end++)
            last = f->originals[end].place > last ? f->originals[end].place : last;
        for (; i < end; i++)
            f->originals[i].last = last;
    }
}

/* The rows of all videos that have a flip. */
static enum avqa_status collect_originals(struct flips *f, const bool *is_parent)
{
    const struct avqa_audit *a = f->a;
    size_t cap = 0;
    for (size_t i = 0; i < a->on.to - a->on.from; i++) {
        const struct avqa_audit_row *row = row_at(a, i);
        uint32_t video = a->t->clips[row->clip].video;
        if (!is_parent[video])
            continue;
        const char *answer = expected_answer(a, row);
        enum avqa_status rc = avqa_mem_grow(&f->originals, &cap, f->n_originals + 1,
                                            sizeof *f->originals);
        if (rc != AVQA_OK)
            return rc;
        f->originals[f->n_originals++] = (struct original){
            .video = video,
            .template = row->template,
            .slots = f->same[row->slots],
            .answer = avqa_intern_find(&a->t->answers, answer, strlen(answer)),
            .place = (uint32_t)i};
    }
    order_originals(f);
    return AVQA_OK;
}

static enum avqa_status report_flip(const struct avqa_audit *a, size_t flipped,
                                    size_t original, struct avqa_findings *findings)
{
    const struct avqa_audit_row *x = row_at(a, flipped);
    const struct avqa_audit_row *y = row_at(a, original);
    struct avqa_buf question = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_audit_fill(&question, a->t, x);
    if (rc == AVQA_OK) {
        struct avqa_finding *f = avqa_finding_add(
            findings, "flip", AVQA_ERROR,
            "%s: \"%s\" should be \"%s\", as it mirrors %s, not \"%s\"",
            avqa_audit_video(a->t, a->t->clips[x->clip].video), avqa_buf_str(&question),
            expected_answer(a, y), avqa_audit_video(a->t, a->t->clips[y->clip].video),
            avqa_audit_answer(a->t, x->answer));
        avqa_finding_row(f, a->t, a->by_video[flipped]);
        avqa_finding_row(f, a->t, a->by_video[original]);
    }
    avqa_buf_release(&question);
    return rc;
}

/* One row of a flipped video against the rows of the original. */
static enum avqa_status check_row(const struct flips *f, size_t place, struct result *r,
                                  struct avqa_findings *findings)
{
    const struct avqa_audit_row *row = row_at(f->a, place);
    struct original key = {.video = f->a->t->clips[row->clip].parent,
                           .template = row->template,
                           .slots = mirrored_slots(f, row)};
    const struct original *first = find_original(f, &key);
    if (!first || !asks_the_same(first, &key)) {
        r->unpaired++;
        return AVQA_OK;
    }
    key.answer = row->answer;
    const struct original *agreeing = find_original(f, &key);
    r->checkable++;
    if (agreeing && asks_the_same(agreeing, &key) && agreeing->answer == row->answer)
        return AVQA_OK;
    r->violations++;
    return report_flip(f->a, place, first->last, findings);
}

static bool is_flip(const struct avqa_audit *a, size_t place)
{
    const struct avqa_audit_clip *c = &a->t->clips[row_at(a, place)->clip];
    return c->flip && c->parent != AVQA_INTERN_NONE;
}

static enum avqa_status check_flips(const struct avqa_audit *a,
                                    struct avqa_findings *findings, struct result *r)
{
    struct flips f = {.a = a};
    size_t n_slots = (size_t)a->t->slots_texts.n + 1;
    size_t n = a->on.to - a->on.from;
    bool *is_parent = calloc((size_t)a->t->videos.n + 1, sizeof *is_parent);
    f.slots = calloc(n_slots, sizeof *f.slots);
    f.same = calloc(n_slots, sizeof *f.same);
    enum avqa_status rc = AVQA_OK;
    if (!is_parent || !f.slots || !f.same)
        rc = avqa_fail(AVQA_ENOMEM, "out of memory for %u videos", a->t->videos.n);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        if (is_flip(a, i))
            is_parent[a->t->clips[row_at(a, i)->clip].parent] = true;
    }
    if (rc == AVQA_OK) {
        order_slots(&f);
        rc = collect_originals(&f, is_parent);
    }
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        if (is_flip(a, i))
            rc = check_row(&f, i, r, findings);
    }
    free(is_parent);
    free(f.slots);
    free(f.same);
    free(f.originals);
    return rc;
}

/* ---- report ---------------------------------------------------------------------- */

static struct avqa_json *put_result(struct avqa_json *out, const char *key,
                                    const struct result *r)
{
    struct avqa_json *o = avqa_json_put_object(out, key);
    avqa_json_put_int(o, "violations", r->violations);
    avqa_json_put_int(o, "checkable", r->checkable);
    return o;
}

/* What the rules of the template file say. */
static enum avqa_status put_rules(const struct avqa_audit *a, const uint8_t *verdicts,
                                  struct avqa_check_out *out)
{
    const struct avqa_rules *rules = a->t->templates->rules;
    if (!rules)
        return AVQA_OK;
    struct avqa_rule_result *results = avqa_mem_new((rules->n + 1) * sizeof *results);
    enum avqa_status rc = avqa_rules_judge(results, a, verdicts, &out->findings);
    for (size_t i = 0; i < rules->n; i++) {
        const struct avqa_rule_result *r = &results[i];
        struct avqa_json *o = avqa_json_put_object(out->json, rules->rules[i].id);
        avqa_json_put_int(o, "violations", r->violations);
        avqa_json_put_int(o, "checkable", r->checkable);
        if (verdicts)
            avqa_json_put_int(o, "explained_by_facts", r->explained);
        avqa_json_put_int(o, "violations_ignoring_sound", r->violations_ignoring_sound);
        avqa_json_put_int(o, "checkable_ignoring_sound", r->checkable_ignoring_sound);
        avqa_json_put_string(o, "definition", rules->rules[i].definition);
    }
    free(results);
    return rc;
}

/* The facts are asked first, because they explain what the rules find. */
static enum avqa_status put_rules_and_facts(const struct avqa_audit *a,
                                            struct avqa_check_out *out)
{
    struct avqa_check_out facts = {0};
    uint8_t *verdicts;
    enum avqa_status rc = avqa_rederive(&verdicts, a, &facts);
    if (rc == AVQA_OK)
        rc = put_rules(a, verdicts, out);
    if (rc == AVQA_OK && !a->opts.no_solver)
        rc = avqa_contradictions(a, verdicts, out);
    if (facts.json)
        avqa_json_put(out->json, "facts", facts.json);
    avqa_findings_move(&out->findings, &facts.findings);
    free(verdicts);
    return rc;
}

enum avqa_status avqa_check_consistency(const struct avqa_audit *a,
                                        struct avqa_check_out *out)
{
    struct result video = {0};
    struct result c00 = {0};
    struct result flips = {0};
    enum avqa_status rc = check_c00(a, &out->findings, &c00);
    if (rc == AVQA_OK)
        rc = check_flips(a, &out->findings, &flips);
    if (rc == AVQA_OK)
        rc = check_ignoring_sound(a, &video);
    out->json = avqa_json_new_object();
    struct avqa_json *o = put_result(out->json, "C00", &c00);
    avqa_json_put_int(o, "violations_ignoring_sound", video.violations);
    avqa_json_put_int(o, "checkable_ignoring_sound", video.checkable);
    if (rc == AVQA_OK)
        rc = put_rules_and_facts(a, out);
    o = put_result(out->json, "flip", &flips);
    avqa_json_put_int(o, "unpaired", flips.unpaired);
    if (video.violations > c00.violations)
        avqa_finding_add(&out->findings, "C00", AVQA_NOTE,
                         "%lld contradiction%s only apparent: the clips have the same "
                         "picture but another sound (unmatch_audio)",
                         (long long)(video.violations - c00.violations),
                         video.violations - c00.violations == 1 ? " is" : "s are");
    return rc;
}
