/* Clips are judged one after the other, out of one set of buffers (clip_rows.h). A
 * broken case becomes a finding with the rows that prove it (conflict.h), unless the
 * facts say that all of them are right. */
#include "audit/rule.h"
#include "audit/clip_rows.h"
#include "audit/condition.h"
#include "audit/conflict.h"
#include "audit/rederive.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct judge {
    struct avqa_clip_rows clip; /* in hand */
    const struct avqa_audit *a;
    const uint8_t *verdicts; /* by row of the table, or NULL */
    struct avqa_rule_result *results;
    struct avqa_findings *findings; /* by rule */
    int64_t *in_clip;               /* by rule: violations of the clip in hand */
    bool ignoring_sound;            /* all rows of a picture */
    bool both;                      /* the clip is the picture's only one */
    int64_t n_too_large;            /* clips with too many rows */
};

/* ---- findings -------------------------------------------------------------------- */

/* The rows in conflict: those that are bound, and those whose words are needed. */
static void add_bound(const struct judge *j, const struct avqa_rule_case *c,
                      bool needed[AVQA_RULE_MAX_CLIP_ROWS])
{
    for (size_t b = 0; b < c->n_rows; b++)
        needed[j->clip.bound[b] - j->clip.rows] = true;
}

/* Whether the facts of one clip say that all rows in conflict are right. */
static bool is_explained(const struct judge *j,
                         const bool needed[AVQA_RULE_MAX_CLIP_ROWS])
{
    const struct avqa_audit_row *rows = j->a->t->rows;
    const struct avqa_clip_row *first = NULL;
    for (size_t i = 0; j->verdicts && i < j->clip.n_rows; i++) {
        const struct avqa_clip_row *row = &j->clip.rows[i];
        if (!needed[i])
            continue;
        if (j->verdicts[row->number] != AVQA_VERDICT_RIGHT ||
            (first && rows[first->number].clip != rows[row->number].clip))
            return false;
        first = row;
    }
    return first != NULL;
}

static enum avqa_severity severity_of(const struct avqa_rule *rule)
{
    static const enum avqa_severity severities[] = {[AVQA_RULE_LOGIC] = AVQA_ERROR,
                                                    [AVQA_RULE_PRESUPPOSITION] =
                                                        AVQA_WARNING,
                                                    [AVQA_RULE_READING] = AVQA_NOTE};
    return severities[rule->kind];
}

/* Only what is needed is counted now, so the sentence speaks of nothing else. */
static void report(struct judge *j, const struct avqa_rule_case *c,
                   const bool needed[AVQA_RULE_MAX_CLIP_ROWS])
{
    const struct avqa_rule *rule = &j->clip.rules->rules[c->rule];
    struct avqa_buf text = AVQA_BUF_INIT;
    avqa_conflict_tell(&text, &j->clip, c);
    struct avqa_finding *f = avqa_finding_add(
        &j->findings[c->rule], rule->id, severity_of(rule), "%s", avqa_buf_str(&text));
    avqa_buf_release(&text);
    for (size_t row = 0; row < j->clip.n_rows; row++) {
        if (needed[row])
            avqa_finding_row(f, j->a->t, j->clip.rows[row].number);
    }
}

/* What is beyond the findings of the clip in hand, as one more of each rule. */
static void report_rest(struct judge *j)
{
    for (size_t r = 0; r < j->clip.rules->n; r++) {
        int64_t rest = j->in_clip[r] - AVQA_RULE_MAX_CLIP_FINDINGS;
        j->in_clip[r] = 0;
        if (rest <= 0)
            continue;
        struct avqa_buf clip = AVQA_BUF_INIT;
        avqa_audit_name_clip(&clip, j->a->t,
                             j->a->t->rows[j->clip.rows[0].number].clip);
        struct avqa_finding *f =
            avqa_finding_add(&j->findings[r], j->clip.rules->rules[r].id,
                             severity_of(&j->clip.rules->rules[r]),
                             "%s: and %lld more of this kind about this clip",
                             avqa_buf_str(&clip), (long long)rest);
        avqa_finding_row(f, j->a->t, j->clip.rows[0].number);
        avqa_buf_release(&clip);
    }
}

/* A broken case: a violation, unless the facts explain it. The rows in conflict are
 * looked for only if somebody asks for them. Returns whether it is a violation. */
static bool take_broken(struct judge *j, const struct avqa_rule_case *c)
{
    bool needed[AVQA_RULE_MAX_CLIP_ROWS] = {false};
    bool reports =
        !j->ignoring_sound && j->in_clip[c->rule] < AVQA_RULE_MAX_CLIP_FINDINGS;
    if (!j->verdicts && !reports)
        return true;
    avqa_conflict_find(&j->clip, c, needed);
    bool bound[AVQA_RULE_MAX_CLIP_ROWS];
    memcpy(bound, needed, sizeof bound);
    add_bound(j, c, bound);
    bool explained = is_explained(j, bound);
    if (reports && !explained)
        report(j, c, bound);
    avqa_conflict_restore(&j->clip, c, needed);
    return !explained;
}

/* ---- judging --------------------------------------------------------------------- */

/* The bound rows are complete. */
static void judge_case(void *user, const struct avqa_rule_case *c)
{
    struct judge *j = user;
    struct avqa_rule_result *r = &j->results[c->rule];
    if (c->when && !avqa_condition_is_true(&j->clip, c->when))
        return;
    bool broken = !avqa_condition_is_true(&j->clip, c->holds);
    bool violated = broken && take_broken(j, c);
    if (j->ignoring_sound || j->both) {
        r->checkable_ignoring_sound++;
        r->violations_ignoring_sound += violated;
    }
    if (j->ignoring_sound)
        return;
    r->checkable++;
    r->violations += violated;
    r->explained += broken && !violated;
    j->in_clip[c->rule] += violated;
}

static enum avqa_status judge_clip(struct judge *j, size_t from, size_t to)
{
    if (to - from > AVQA_RULE_MAX_CLIP_ROWS) {
        j->n_too_large += !j->ignoring_sound;
        return AVQA_OK;
    }
    enum avqa_status rc =
        avqa_clip_rows_load(&j->clip, j->a->by_video + from, to - from);
    for (size_t i = 0; rc == AVQA_OK && i < j->clip.n_rows; i++) {
        size_t t = avqa_clip_rows_template(&j->clip, &j->clip.rows[i]);
        if (j->clip.first[t] != i)
            continue; /* its template had its turn */
        for (size_t c = j->clip.rules->cases_at[t]; c < j->clip.rules->cases_at[t + 1];
             c++)
            avqa_clip_rows_bind(&j->clip, &j->clip.rules->cases[c], judge_case, j);
    }
    report_rest(j);
    avqa_clip_rows_forget(&j->clip);
    return rc;
}

/* All rows of one picture: each clip, and all of them together if it has several. */
static enum avqa_status judge_video(struct judge *j, size_t from, size_t to)
{
    const struct avqa_audit_row *rows = j->a->t->rows;
    const uint32_t *order = j->a->by_video;
    enum avqa_status rc = AVQA_OK;
    j->ignoring_sound = false;
    j->both = rows[order[from]].clip == rows[order[to - 1]].clip;
    for (size_t i = from; rc == AVQA_OK && i < to;) {
        size_t end = i;
        while (end < to && rows[order[end]].clip == rows[order[i]].clip)
            end++;
        rc = judge_clip(j, i, end);
        i = end;
    }
    if (rc != AVQA_OK || j->both)
        return rc;
    j->ignoring_sound = true;
    return judge_clip(j, from, to);
}

static enum avqa_status judge_all(struct judge *j)
{
    const struct avqa_audit *a = j->a;
    size_t n = a->on.to - a->on.from;
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < n;) {
        uint32_t video = a->t->clips[a->t->rows[a->by_video[i]].clip].video;
        size_t end = i;
        while (end < n && a->t->clips[a->t->rows[a->by_video[end]].clip].video == video)
            end++;
        rc = judge_video(j, i, end);
        if (rc == AVQA_OK && avqa_log_stopped(a->opts.log))
            rc = avqa_fail(AVQA_ESTOPPED, "stopped; no report was written");
        i = end;
    }
    return rc;
}

static struct judge *new_judge(const struct avqa_audit *a, const uint8_t *verdicts,
                               struct avqa_rule_result *results)
{
    struct judge *j = avqa_mem_new(sizeof *j);
    avqa_clip_rows_init(&j->clip, a->t);
    j->a = a;
    j->verdicts = verdicts;
    j->results = results;
    j->in_clip = avqa_mem_new((j->clip.rules->n + 1) * sizeof *j->in_clip);
    j->findings = avqa_mem_new((j->clip.rules->n + 1) * sizeof *j->findings);
    return j;
}

static void free_judge(struct judge *j)
{
    for (size_t r = 0; r < j->clip.rules->n; r++)
        avqa_findings_release(&j->findings[r]);
    avqa_clip_rows_release(&j->clip);
    free(j->findings);
    free(j->in_clip);
    free(j);
}

enum avqa_status avqa_rules_judge(struct avqa_rule_result *results,
                                  const struct avqa_audit *a, const uint8_t *verdicts,
                                  struct avqa_findings *findings)
{
    if (!a->t->templates->rules)
        return AVQA_OK;
    struct judge *j = new_judge(a, verdicts, results);
    enum avqa_status rc = judge_all(j);
    for (size_t r = 0; r < j->clip.rules->n; r++)
        avqa_findings_move(findings, &j->findings[r]);
    if (j->n_too_large)
        avqa_finding_add(findings, "consistency", AVQA_NOTE,
                         "%lld clip%s more than %d questions each; the rules were not "
                         "applied to %s",
                         (long long)j->n_too_large,
                         j->n_too_large == 1 ? " has" : "s have",
                         AVQA_RULE_MAX_CLIP_ROWS, j->n_too_large == 1 ? "it" : "them");
    free_judge(j);
    return rc;
}
