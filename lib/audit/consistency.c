/* C00 counts by media identity: a clip whose sound was exchanged (unmatch_audio) is
 * another clip, and its answers contradict nobody's. What ignoring the sound would have
 * counted is reported beside it.
 *
 * A flipped video's rows are the original's with left and right exchanged, in the slots
 * and in the answer; where the original was asked the mirrored question, the answers
 * must match. */
#include "audit/consistency.h"
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

static void report_c00(const struct avqa_audit *a, size_t from, size_t to,
                       struct avqa_findings *findings)
{
    struct avqa_buf question = AVQA_BUF_INIT;
    struct avqa_buf answers = AVQA_BUF_INIT;
    struct avqa_buf clip = AVQA_BUF_INIT;
    const struct avqa_audit_row *first = row_at(a, from);
    avqa_audit_name_clip(&clip, a->t, first->clip);
    avqa_audit_fill(&question, a->t, first);
    for (size_t i = from; i < to; i++) {
        bool known = false;
        for (size_t j = from; j < i; j++)
            known = known || row_at(a, j)->answer == row_at(a, i)->answer;
        if (!known && answers.len < 200)
            avqa_buf_addf(&answers, "%s\"%s\"", answers.len ? " and " : "",
                          avqa_audit_answer(a->t, row_at(a, i)->answer));
    }
    struct avqa_finding *f = avqa_finding_add(
        findings, "C00", AVQA_ERROR, "%s: \"%s\" is answered both %s",
        avqa_buf_str(&clip), avqa_buf_str(&question), avqa_buf_str(&answers));
    for (size_t i = from; i < to && i < from + AVQA_FINDING_MAX_ROWS; i++)
        avqa_finding_row(f, a->t, a->by_video[i]);
    avqa_buf_release(&question);
    avqa_buf_release(&answers);
    avqa_buf_release(&clip);
}

static struct result check_c00(const struct avqa_audit *a,
                               struct avqa_findings *findings)
{
    struct result r = {0};
    size_t n = a->on.to - a->on.from;
    for (size_t i = 0; i < n;) {
        const struct avqa_audit_row *first = row_at(a, i);
        bool differ = false;
        size_t end = i;
        for (; end < n && row_at(a, end)->clip == first->clip &&
               same_question(row_at(a, end), first);
             end++)
            differ = differ || row_at(a, end)->answer != first->answer;
        r.checkable++;
        r.violations += differ;
        if (differ)
            report_c00(a, i, end, findings);
        i = end;
    }
    return r;
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

/* First place of a video in by_video, or of the next one behind it. */
static size_t find_video(const struct avqa_audit *a, uint32_t video)
{
    size_t lo = 0;
    size_t hi = a->on.to - a->on.from;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (a->t->clips[row_at(a, mid)->clip].video < video)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Whether `original` asks what `flipped` asks, seen in a mirror. */
static bool mirrors(const struct avqa_audit *a, const struct avqa_audit_row *flipped,
                    const struct avqa_audit_row *original)
{
    const struct avqa_template *t = avqa_audit_template(a->t, flipped);
    const struct avqa_audit_slots *x = &a->t->slots[flipped->slots];
    const struct avqa_audit_slots *y = &a->t->slots[original->slots];
    if (flipped->template != original->template || x->n != y->n)
        return false;
    for (size_t s = 0; s < x->n; s++) {
        const char *word =
            avqa_domain_mirror(t->slots[s], avqa_audit_word(a->t, x->values[s]));
        if (strcmp(word, avqa_audit_word(a->t, y->values[s])) != 0)
            return false;
    }
    return true;
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

static bool same_answer(const struct avqa_audit *a,
                        const struct avqa_audit_row *flipped,
                        const struct avqa_audit_row *original)
{
    return strcmp(expected_answer(a, original),
                  avqa_audit_answer(a->t, flipped->answer)) == 0;
}

static void report_flip(const struct avqa_audit *a, size_t flipped, size_t original,
                        struct avqa_findings *findings)
{
    const struct avqa_audit_row *x = row_at(a, flipped);
    const struct avqa_audit_row *y = row_at(a, original);
    struct avqa_buf question = AVQA_BUF_INIT;
    avqa_audit_fill(&question, a->t, x);
    struct avqa_finding *f = avqa_finding_add(
        findings, "flip", AVQA_ERROR,
        "%s: \"%s\" should be \"%s\", as it mirrors %s, not \"%s\"",
        avqa_audit_video(a->t, a->t->clips[x->clip].video), avqa_buf_str(&question),
        expected_answer(a, y), avqa_audit_video(a->t, a->t->clips[y->clip].video),
        avqa_audit_answer(a->t, x->answer));
    avqa_finding_row(f, a->t, a->by_video[flipped]);
    avqa_finding_row(f, a->t, a->by_video[original]);
    avqa_buf_release(&question);
}

/* One row of a flipped video against all rows of the original. */
static void check_row(const struct avqa_audit *a, size_t place, struct result *r,
                      struct avqa_findings *findings)
{
    const struct avqa_audit_row *row = row_at(a, place);
    uint32_t parent = a->t->clips[row->clip].parent;
    bool paired = false;
    bool agrees = false;
    size_t n = a->on.to - a->on.from;
    size_t against = 0;
    for (size_t i = find_video(a, parent);
         i < n && a->t->clips[row_at(a, i)->clip].video == parent; i++) {
        if (!mirrors(a, row, row_at(a, i)))
            continue;
        paired = true;
        agrees = agrees || same_answer(a, row, row_at(a, i));
        against = i;
    }
    r->unpaired += !paired;
    r->checkable += paired;
    r->violations += paired && !agrees;
    if (paired && !agrees)
        report_flip(a, place, against, findings);
}

static struct result check_flips(const struct avqa_audit *a,
                                 struct avqa_findings *findings)
{
    struct result r = {0};
    for (size_t i = 0; i < a->on.to - a->on.from; i++) {
        const struct avqa_audit_clip *c = &a->t->clips[row_at(a, i)->clip];
        if (c->flip && c->parent != AVQA_INTERN_NONE)
            check_row(a, i, &r, findings);
    }
    return r;
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
static enum avqa_status put_rules(const struct avqa_audit *a,
                                  struct avqa_check_out *out)
{
    const struct avqa_rules *rules = a->t->templates->rules;
    if (!rules)
        return AVQA_OK;
    struct avqa_rule_result *results = avqa_mem_new((rules->n + 1) * sizeof *results);
    enum avqa_status rc = avqa_rules_judge(results, a, &out->findings);
    for (size_t i = 0; i < rules->n; i++) {
        const struct avqa_rule_result *r = &results[i];
        struct avqa_json *o = avqa_json_put_object(out->json, rules->rules[i].id);
        avqa_json_put_int(o, "violations", r->violations);
        avqa_json_put_int(o, "checkable", r->checkable);
        avqa_json_put_int(o, "violations_ignoring_sound", r->violations_ignoring_sound);
        avqa_json_put_int(o, "checkable_ignoring_sound", r->checkable_ignoring_sound);
        avqa_json_put_string(o, "definition", rules->rules[i].definition);
    }
    free(results);
    return rc;
}

enum avqa_status avqa_check_consistency(const struct avqa_audit *a,
                                        struct avqa_check_out *out)
{
    struct result video = {0};
    struct result c00 = check_c00(a, &out->findings);
    struct result flips = check_flips(a, &out->findings);
    enum avqa_status rc = check_ignoring_sound(a, &video);
    if (rc != AVQA_OK)
        return rc;
    out->json = avqa_json_new_object();
    struct avqa_json *o = put_result(out->json, "C00", &c00);
    avqa_json_put_int(o, "violations_ignoring_sound", video.violations);
    avqa_json_put_int(o, "checkable_ignoring_sound", video.checkable);
    if (rc == AVQA_OK)
        rc = put_rules(a, out);
    if (rc == AVQA_OK)
        rc = avqa_rederive(a, out);
    o = put_result(out->json, "flip", &flips);
    avqa_json_put_int(o, "unpaired", flips.unpaired);
    if (video.violations > c00.violations)
        avqa_finding_add(
            &out->findings, "C00", AVQA_NOTE,
            "%lld contradictions are only apparent: the clips have the same "
            "picture but another sound (unmatch_audio)",
            (long long)(video.violations - c00.violations));
    return rc;
}
