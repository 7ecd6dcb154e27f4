/* A template is above the share R if its commonest answer stands m times beside n
 * others with m / (m + n) > R. It is not once m is at most n R / (1 - R), or n at least
 * m (1 - R) / R. Which rows stay is decided by a hash of the seed and the question, so
 * the choice does not depend on the order of rows. */
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
    uint32_t row;
};

static int by_hash(const void *a, const void *b)
{
    const struct candidate *x = a;
    const struct candidate *y = b;
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

/* Moves the last `surplus` rows, by hash, of a template with its commonest answer. */
static enum avqa_status move(struct balancer *b, const struct avqa_balance *t,
                             size_t surplus)
{
    struct candidate *list = calloc((size_t)t->n + 1, sizeof *list);
    enum avqa_status rc = AVQA_OK;
    size_t n = 0;
    if (!list)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %u questions", t->n);
    for (size_t i = b->range.from; i < b->range.to; i++) {
        const struct avqa_audit_row *r = &b->table.rows[i];
        if (r->template == t->template && r->answer == t->majority)
            list[n++] = (struct candidate){row_hash(b, i), (uint32_t)i};
    }
    qsort(list, n, sizeof *list, by_hash);
    for (size_t i = n - surplus; rc == AVQA_OK && i < n; i++)
        rc = avqa_question_move(b->cat, b->table.ids[list[i].row], b->rest_id);
    b->moved += (int64_t)surplus;
    free(list);
    return rc;
}

/* One template: how much of its commonest answer is too much. */
static enum avqa_status balance_template(struct balancer *b,
                                         const struct avqa_balance *t,
                                         struct avqa_json *list)
{
    double r = b->config->max_share;
    if (t->share <= r)
        return AVQA_OK;
    uint32_t commonest = (uint32_t)lround(t->share * t->n);
    uint32_t others = t->n - commonest;
    uint32_t keep = (uint32_t)floor(others * r / (1 - r) + 1e-9);
    double needed = ceil(commonest * (1 - r) / r - 1e-9);
    if (others == 0)
        keep = commonest; /* a single answer: only collecting helps */
    struct avqa_json *o = avqa_json_put_object(list, NULL);
    avqa_json_put_string(o, "template", b->table.templates->items[t->template].code);
    avqa_json_put_string(o, "answer", avqa_audit_answer(&b->table, t->majority));
    avqa_json_put_double(o, "share", t->share);
    avqa_json_put_double(o, "kept_share", (double)keep / (double)(keep + others));
    avqa_json_put_int(o, "moved", commonest - keep);
    avqa_json_put_int(o, "collect", (int64_t)needed - others);
    return move(b, t, commonest - keep);
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
        rc = balance_template(b, &list[i], templates);
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
