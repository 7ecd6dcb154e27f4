/* All answers of a template are cut at one level (qa/share.h). Which rows stay is
 * decided by a hash of the seed and the question, so the choice does not depend on the
 * order of rows. An answer that stands m times of n is too common for a share R until
 * there are m / R questions: as many others would have to be collected. */
#include "pipeline/balance.h"
#include "audit/balance.h"
#include "audit/table.h"
#include "audit/tally.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "catalog/question.h"
#include "catalog/run.h"
#include "pipeline/dataset.h"
#include "qa/share.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct balancer {
    const struct avqa_balance_config *config;
    struct avqa_audit_table table;
    struct avqa_audit_range range;
    struct avqa_json *report;
    struct avqa_catalog *cat;
    int64_t rest_id;
    int64_t moved;
};

struct candidate {
    uint64_t hash;
    uint32_t row, answer;
};

static int by_hash(const void *a, const void *b)
{
    const struct candidate *x = a;
    const struct candidate *y = b;
    if (x->answer != y->answer)
        return x->answer < y->answer ? -1 : 1;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* What a row asks of what, whatever order it stands in. */
static uint64_t row_hash(const struct balancer *b, size_t i)
{
    const struct avqa_audit_table *t = &b->table;
    const struct avqa_audit_row *r = &t->rows[i];
    uint64_t h =
        avqa_hash_str(b->config->seed, avqa_audit_video(t, t->clips[r->clip].video));
    h = avqa_hash_str(h, avqa_audit_video(t, t->clips[r->clip].sound));
    h = avqa_hash_str(h, avqa_audit_template(t, r)->code);
    return avqa_hash_str(h, avqa_intern_text(&t->slots_texts, r->slots));
}

/* Moves what a template's answers have above the level, the last ones by hash. */
static enum avqa_status move(struct balancer *b, const struct avqa_balance *t,
                             uint64_t level)
{
    struct candidate *list = calloc((size_t)t->n + 1, sizeof *list);
    enum avqa_status rc = AVQA_OK;
    size_t n = 0;
    if (!list)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %u questions", t->n);
    for (size_t i = b->range.from; i < b->range.to; i++) {
        const struct avqa_audit_row *r = &b->table.rows[i];
        if (r->template == t->template)
            list[n++] = (struct candidate){row_hash(b, i), (uint32_t)i, r->answer};
    }
    qsort(list, n, sizeof *list, by_hash);
    for (size_t i = 0, first = 0; rc == AVQA_OK && i < n; i++) {
        if (list[i].answer != list[first].answer)
            first = i;
        if (i % 1024 == 0 && avqa_log_stopped(b->config->log))
            rc = avqa_fail(AVQA_ESTOPPED, "stopped; nothing was changed");
        if (rc != AVQA_OK || i - first < level)
            continue;
        rc = avqa_question_move(b->cat, b->table.ids[list[i].row], b->rest_id);
        b->moved++;
    }
    free(list);
    return rc;
}

/* The level of a template whose answers are `cells`, and what stays then. */
static enum avqa_status find_level(const struct avqa_tally_cell *cells, size_t n,
                                   const struct avqa_share_bounds *bounds,
                                   uint64_t *level, uint64_t *kept)
{
    uint64_t *counts = calloc(n + 1, sizeof *counts);
    if (!counts)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu answers", n);
    for (size_t i = 0; i < n; i++)
        counts[i] = cells[i].n;
    *level = avqa_share_level(counts, n, bounds);
    *kept = 0;
    for (size_t i = 0; i < n; i++)
        *kept += counts[i] < *level ? counts[i] : *level;
    free(counts);
    return AVQA_OK;
}

/* One template: how much of its answers is too much. */
static enum avqa_status balance_template(struct balancer *b,
                                         const struct avqa_tally *tally,
                                         const struct avqa_balance *t,
                                         struct avqa_json *list)
{
    const struct avqa_tally_cell *cells = avqa_tally_find(tally, t->template);
    uint64_t level = 0;
    uint64_t kept = 0;
    const struct avqa_share_bounds bounds = {b->config->max_share, 0,
                                             b->config->min_entropy};
    if (t->share <= bounds.max_share && t->entropy_share >= bounds.min_entropy)
        return AVQA_OK;
    enum avqa_status rc = find_level(cells, t->n_answers, &bounds, &level, &kept);
    if (rc != AVQA_OK)
        return rc;
    uint64_t top = cells->n < level ? cells->n : level;
    double needed = ceil(cells->n / b->config->max_share - 1e-9);
    struct avqa_json *o = avqa_json_put_object(list, NULL);
    avqa_json_put_string(o, "template", b->table.templates->items[t->template].code);
    avqa_json_put_string(o, "answer", avqa_audit_answer(&b->table, t->majority));
    avqa_json_put_double(o, "share", t->share);
    avqa_json_put_double(o, "kept_share", (double)top / (double)kept);
    avqa_json_put_int(o, "moved", (int64_t)(t->n - kept));
    avqa_json_put_int(o, "collect", needed > t->n ? (int64_t)needed - t->n : 0);
    return move(b, t, level);
}

static enum avqa_status balance_all(struct balancer *b)
{
    struct avqa_audit audit = {.t = &b->table, .on = b->range};
    struct avqa_balance *list = NULL;
    size_t n = 0;
    enum avqa_status rc = avqa_tally_rows(&audit.tallies[AVQA_GROUP_TEMPLATE],
                                          &b->table, b->range, AVQA_GROUP_TEMPLATE);
    if (rc == AVQA_OK)
        rc = avqa_balance_templates(&audit, &list, &n);
    struct avqa_json *templates = avqa_json_new_array();
    for (size_t i = 0; rc == AVQA_OK && i < n; i++)
        rc = balance_template(b, &audit.tallies[AVQA_GROUP_TEMPLATE], &list[i],
                              templates);
    int64_t questions = (int64_t)(b->range.to - b->range.from);
    b->report = avqa_json_new_object();
    avqa_json_put_int(b->report, "questions", questions);
    avqa_json_put_int(b->report, "kept", questions - b->moved);
    avqa_json_put_int(b->report, "moved", b->moved);
    avqa_json_put(b->report, "templates", templates);
    free(list);
    avqa_audit_release(&audit);
    return rc;
}

static enum avqa_status finish(struct balancer *b, int64_t run)
{
    struct avqa_buf counters = AVQA_BUF_INIT;
    avqa_json_print(&counters, b->report, 0);
    enum avqa_status rc = avqa_split_tidy(b->cat);
    if (rc == AVQA_OK)
        rc = avqa_run_finish(b->cat, run, "done", avqa_buf_str(&counters),
                             avqa_clock_wall_us());
    if (rc == AVQA_OK && !b->config->dry_run)
        rc = avqa_catalog_commit(b->cat);
    avqa_buf_release(&counters);
    return rc;
}

static enum avqa_status balance(struct balancer *b)
{
    int64_t run = 0;
    struct avqa_buf options = AVQA_BUF_INIT;
    struct avqa_json *o = avqa_json_new_object();
    avqa_json_put_string(o, "split", b->config->split);
    avqa_json_put_string(o, "rest", b->config->rest);
    avqa_json_put_double(o, "max_share", b->config->max_share);
    avqa_json_put_double(o, "min_entropy", b->config->min_entropy);
    avqa_json_put_int(o, "seed", (int64_t)b->config->seed);
    avqa_json_print(&options, o, 0);
    avqa_json_free(o);
    enum avqa_status rc = avqa_audit_table_load(&b->table, b->cat);
    if (rc == AVQA_OK)
        rc = avqa_audit_table_range(&b->table, b->config->split, &b->range);
    if (rc == AVQA_OK)
        rc = avqa_run_start(&run, b->cat, "balance", avqa_buf_str(&options),
                            avqa_clock_wall_us());
    if (rc == AVQA_OK)
        rc = avqa_split_ensure(b->cat, b->config->rest, &b->rest_id);
    if (rc == AVQA_OK)
        rc = balance_all(b);
    if (rc == AVQA_OK)
        rc = finish(b, run);
    avqa_buf_release(&options);
    return rc;
}

enum avqa_status avqa_balance_split(const struct avqa_balance_config *config,
                                    struct avqa_json **report)
{
    struct balancer b = {.config = config};
    if (strcmp(config->split, config->rest) == 0)
        return avqa_fail(AVQA_EINVAL, "what is left out needs another split than '%s'",
                         config->split);
    enum avqa_status rc =
        avqa_dataset_open(&b.cat, config->dataset, AVQA_CATALOG_WRITE);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_catalog_begin(b.cat);
    if (rc == AVQA_OK)
        rc = balance(&b);
    avqa_catalog_close(b.cat);
    avqa_audit_table_release(&b.table);
    if (rc == AVQA_OK)
        *report = b.report;
    else
        avqa_json_free(b.report);
    return rc;
}
