/* The table of checks. Each fills its own piece; the pieces are put together in the
 * order of this table, whichever thread finished first. */
#include "audit/audit.h"
#include "audit/balance.h"
#include "audit/consistency.h"
#include "audit/counts.h"
#include "audit/degenerate.h"
#include "audit/drift.h"
#include "audit/duplicates.h"
#include "audit/language.h"
#include "audit/leakage.h"
#include "audit/media.h"
#include "audit/prior.h"
#include "base/pool.h"

#include <stdlib.h>
#include <string.h>

static const struct check {
    const char *key; /* in report.json; "text" goes below "dataset" */
    avqa_check_fn *run;
} checks[] = {
    {"counts", avqa_check_counts},         {"priors", avqa_check_priors},
    {"entropy", avqa_check_entropy},       {"dominant", avqa_check_dominant},
    {"head_tail", avqa_check_head_tail},   {"drift", avqa_check_drift},
    {"leakage", avqa_check_leakage},       {"consistency", avqa_check_consistency},
    {"degenerate", avqa_check_degenerate}, {"duplicates", avqa_check_duplicates},
    {"media", avqa_check_media},           {"text", avqa_check_language},
};

enum { N_CHECKS = sizeof checks / sizeof *checks, TEXT = N_CHECKS - 1 };

struct work {
    struct avqa_audit *audit;
    struct avqa_check_out outs[N_CHECKS];
};

static enum avqa_status run_tally(void *user, size_t i)
{
    struct avqa_audit *a = user;
    enum avqa_grouping by = (enum avqa_grouping)(i % AVQA_N_GROUPINGS);
    if (i < AVQA_N_GROUPINGS)
        return avqa_tally_rows(&a->tallies[by], a->t, a->on, by);
    return avqa_tally_rows(&a->fits[by], a->t, a->against, by);
}

static enum avqa_status run_check(void *user, size_t i)
{
    struct work *w = user;
    if (avqa_log_stopped(w->audit->opts.log))
        return avqa_fail(AVQA_ESTOPPED, "stopped; no report was written");
    avqa_log_progress(w->audit->opts.log, "checks", (int64_t)i, N_CHECKS);
    return checks[i].run(w->audit, &w->outs[i]);
}

static void put_name(struct avqa_json *out, const char *key, const char *name)
{
    if (name)
        avqa_json_put_string(out, key, name);
    else
        avqa_json_put_null(out, key);
}

static struct avqa_json *dataset_json(const struct avqa_audit *a)
{
    const struct avqa_templates *t = a->t->templates;
    struct avqa_json *o = avqa_json_new_object();
    avqa_json_put_string(o, "name", a->dataset);
    avqa_json_put_int(o, "questions", (int64_t)a->t->n_rows);
    struct avqa_json *splits = avqa_json_put_object(o, "splits");
    for (size_t s = 0; s < a->t->n_splits; s++)
        avqa_json_put_int(
            splits, a->t->splits[s],
            (int64_t)(a->t->split_ranges[s].to - a->t->split_ranges[s].from));
    struct avqa_json *templates = avqa_json_put_object(o, "templates");
    avqa_json_put_string(templates, "name", t->name);
    avqa_json_put_string(templates, "language", t->language);
    avqa_json_put_int(templates, "templates", (int64_t)t->n);
    avqa_json_put_int(templates, "answers", (int64_t)t->n_answers);
    return o;
}

/* The report in the order of docs/commands/audit.md. Takes what the checks made. */
static enum avqa_status assemble(struct work *w)
{
    struct avqa_audit *a = w->audit;
    struct avqa_json *report = a->report = avqa_json_new_object();
    avqa_json_put_int(report, "schema", 1);
    struct avqa_json *dataset = avqa_json_put(report, "dataset", dataset_json(a));
    put_name(report, "split", a->opts.split);
    put_name(report, "against", a->opts.against);
    for (size_t i = 0; i < N_CHECKS; i++) {
        struct avqa_json *parent = i == TEXT ? dataset : report;
        if (w->outs[i].json)
            avqa_json_put(parent, checks[i].key, w->outs[i].json);
        else
            avqa_json_put_null(parent, checks[i].key);
        avqa_findings_move(&a->findings, &w->outs[i].findings);
    }
    struct avqa_json *totals = avqa_json_put_object(report, "findings_total");
    for (int s = AVQA_ERROR; s <= AVQA_NOTE; s++) /* the list below is cut */
        avqa_json_put_int(
            totals, avqa_severity_name((enum avqa_severity)s),
            (int64_t)avqa_findings_count(&a->findings, (enum avqa_severity)s));
    return avqa_findings_json(&a->findings, a->t,
                              avqa_json_put_array(report, "findings"));
}

static enum avqa_status prepare(struct avqa_audit *a)
{
    enum avqa_status rc = avqa_audit_table_range(a->t, a->opts.split, &a->on);
    if (rc == AVQA_OK && a->opts.against && !a->opts.split)
        rc = avqa_fail(AVQA_EINVAL,
                       "--against needs --split: what is to be compared with "
                       "'%s'?",
                       a->opts.against);
    if (rc == AVQA_OK && a->opts.against) {
        a->has_against = true;
        rc = avqa_audit_table_range(a->t, a->opts.against, &a->against);
    }
    if (rc == AVQA_OK && a->has_against && strcmp(a->opts.split, a->opts.against) == 0)
        rc = avqa_fail(AVQA_EINVAL, "'%s' cannot be compared with itself",
                       a->opts.against);
    if (rc == AVQA_OK)
        rc = avqa_audit_by_video(a->t, a->on, &a->by_video);
    size_t n = a->has_against ? (size_t)2 * AVQA_N_GROUPINGS : AVQA_N_GROUPINGS;
    return rc == AVQA_OK ? avqa_pool_run(a->opts.jobs, n, run_tally, a) : rc;
}

enum avqa_status avqa_audit_run(struct avqa_audit *audit,
                                const struct avqa_audit_table *t, const char *dataset,
                                const struct avqa_audit_opts *opts)
{
    struct work w = {.audit = audit};
    audit->t = t;
    audit->opts = *opts;
    audit->dataset = dataset;
    enum avqa_status rc = prepare(audit);
    if (rc == AVQA_OK)
        rc = avqa_pool_run(opts->jobs, N_CHECKS, run_check, &w);
    if (rc == AVQA_OK)
        return assemble(&w);
    for (size_t i = 0; i < N_CHECKS; i++) {
        avqa_json_free(w.outs[i].json);
        avqa_findings_release(&w.outs[i].findings);
    }
    return rc;
}

void avqa_audit_release(struct avqa_audit *a)
{
    for (int g = 0; g < AVQA_N_GROUPINGS; g++) {
        avqa_tally_release(&a->tallies[g]);
        avqa_tally_release(&a->fits[g]);
    }
    free(a->by_video);
    avqa_findings_release(&a->findings);
    avqa_json_free(a->report);
    *a = (struct avqa_audit){0};
}

const struct avqa_tally *avqa_audit_fit(const struct avqa_audit *a,
                                        enum avqa_grouping by)
{
    return a->has_against ? &a->fits[by] : &a->tallies[by];
}
