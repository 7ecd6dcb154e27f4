/* A stored answer that the facts contradict is an error; a question that the facts call
 * ill-posed is a warning, one for each template and reason. Questions that need a fact
 * nobody knows are not judged. */
#include "audit/rederive.h"
#include "base/mem.h"
#include "base/text.h"
#include "qa/question.h"

#include <stdlib.h>
#include <string.h>

/* A question that the facts call ill-posed. */
struct ill {
    uint16_t template;
    enum avqa_ill_posed reason;
    uint32_t row;
};

struct ills {
    struct ill *items;
    size_t n, cap;
};

static struct avqa_evaluation pose(const struct avqa_audit *a,
                                   const struct avqa_audit_row *row,
                                   const struct avqa_scene *scene)
{
    const char *values[AVQA_TEMPLATE_MAX_SLOTS];
    const struct avqa_audit_slots *slots = &a->t->slots[row->slots];
    for (size_t s = 0; s < slots->n; s++)
        values[s] = avqa_audit_word(a->t, slots->values[s]);
    return avqa_question_pose(avqa_audit_template(a->t, row), values, scene,
                              &a->t->margins);
}

static enum avqa_status report_wrong(const struct avqa_audit *a, size_t i,
                                     const char *answer, struct avqa_findings *findings)
{
    const struct avqa_audit_row *row = &a->t->rows[i];
    struct avqa_buf question = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_audit_fill(&question, a->t, row);
    if (rc == AVQA_OK) {
        struct avqa_finding *f = avqa_finding_add(
            findings, "facts", AVQA_ERROR,
            "%s: \"%s\" is answered \"%s\", the facts say \"%s\"",
            avqa_audit_video(a->t, a->t->clips[row->clip].video),
            avqa_buf_str(&question), avqa_audit_answer(a->t, row->answer), answer);
        avqa_finding_row(f, a->t, i);
    }
    avqa_buf_release(&question);
    return rc;
}

static int by_reason(const void *a, const void *b)
{
    const struct ill *x = a;
    const struct ill *y = b;
    if (x->template != y->template)
        return x->template <y->template ? -1 : 1;
    if (x->reason != y->reason)
        return x->reason < y->reason ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static void report_ill(const struct avqa_audit *a, struct ills *ills,
                       struct avqa_findings *findings)
{
    if (ills->n)
        qsort(ills->items, ills->n, sizeof *ills->items, by_reason);
    for (size_t i = 0; i < ills->n;) {
        const struct ill *first = &ills->items[i];
        const struct avqa_template *t = &a->t->templates->items[first->template];
        size_t end = i;
        while (end < ills->n && ills->items[end].template == first->template &&
               ills->items[end].reason == first->reason)
            end++;
        struct avqa_finding *f = avqa_finding_add(
            findings, "facts", AVQA_WARNING,
            "%zu question%s %s \"%s\" %s ill-posed by the facts of %s (%s)", end - i,
            avqa_text_plural((int64_t)(end - i)), t->code, t->text,
            end - i == 1 ? "is" : "are", end - i == 1 ? "its clip" : "their clips",
            avqa_ill_posed_name(first->reason));
        for (; i < end; i++)
            avqa_finding_row(f, a->t, ills->items[i].row);
    }
}

static enum avqa_status add_ill(struct ills *ills, uint16_t template,
                                enum avqa_ill_posed reason, size_t row)
{
    enum avqa_status rc =
        avqa_mem_grow(&ills->items, &ills->cap, ills->n + 1, sizeof *ills->items);
    if (rc == AVQA_OK)
        ills->items[ills->n++] = (struct ill){template, reason, (uint32_t)row};
    return rc;
}

static struct avqa_json *result_json(int64_t wrong, int64_t judged, size_t ill)
{
    struct avqa_json *o = avqa_json_new_object();
    avqa_json_put_int(o, "violations", wrong);
    avqa_json_put_int(o, "checkable", judged);
    avqa_json_put_int(o, "ill_posed", (int64_t)ill);
    return o;
}

/* The verdict on a row; what is wrong becomes a finding, what is ill-posed is listed.
 */
static enum avqa_status judge(const struct avqa_audit *a, size_t i, uint8_t *verdict,
                              struct ills *ills, struct avqa_findings *findings)
{
    const struct avqa_audit_row *row = &a->t->rows[i];
    const struct avqa_scene *scene = a->t->scenes[row->clip];
    if (!scene || !avqa_audit_template(a->t, row)->answer)
        return AVQA_OK;
    struct avqa_evaluation e = pose(a, row, scene);
    if (e.reason == AVQA_ILL_UNKNOWN)
        return AVQA_OK;
    if (e.reason != AVQA_WELL_POSED) {
        *verdict = AVQA_VERDICT_ILL_POSED;
        return add_ill(ills, row->template, e.reason, i);
    }
    bool right = strcmp(e.answer, avqa_audit_answer(a->t, row->answer)) == 0;
    *verdict = right ? AVQA_VERDICT_RIGHT : AVQA_VERDICT_WRONG;
    return right ? AVQA_OK : report_wrong(a, i, e.answer, findings);
}

enum avqa_status avqa_rederive(uint8_t **verdicts, const struct avqa_audit *a,
                               struct avqa_check_out *out)
{
    struct ills ills = {0};
    enum avqa_status rc = AVQA_OK;
    int64_t n[AVQA_VERDICT_ILL_POSED + 1] = {0};
    *verdicts = NULL;
    if (!a->t->scenes)
        return AVQA_OK;
    *verdicts = calloc(a->t->n_rows + 1, sizeof **verdicts);
    if (!*verdicts)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu rows", a->t->n_rows);
    for (size_t i = a->on.from; rc == AVQA_OK && i < a->on.to; i++) {
        rc = judge(a, i, &(*verdicts)[i], &ills, &out->findings);
        n[(*verdicts)[i]]++;
    }
    report_ill(a, &ills, &out->findings);
    out->json = result_json(n[AVQA_VERDICT_WRONG],
                            n[AVQA_VERDICT_WRONG] + n[AVQA_VERDICT_RIGHT], ills.n);
    free(ills.items);
    return rc;
}
