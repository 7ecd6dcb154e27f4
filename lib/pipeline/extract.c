/* See extract.h. */
#include "pipeline/extract.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "catalog/attempt.h"
#include "catalog/extraction.h"
#include "pipeline/dataset.h"
#include "pipeline/extract_feature.h"
#include "pipeline/extract_flow.h"
#include "pipeline/extract_plan.h"
#include "pipeline/extract_sink.h"
#include "pipeline/shards_folder.h"
#include "pipeline/stage_run.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int64_t PATIENCE_US = INT64_C(600000000); /* other ranks write, too */
static const char STAGE[] = "extract";
static const char *const inputs[] = {"visual", "audio"};

struct extractor {
    const struct avqa_extract_config *config;
    struct avqa_extract_counts *counts;
    struct avqa_catalog *cat;
    struct avqa_extract_features features;
    struct avqa_extract_plan plan;
    int64_t run_id;
    size_t n_jobs;
    int lock; /* the folder of shards, or -1 */
};

/* ---- counts ---------------------------------------------------------------------- */

void avqa_extract_counts_release(struct avqa_extract_counts *counts)
{
    avqa_remarks_release(&counts->failures);
    avqa_remarks_release(&counts->remarks);
    for (size_t i = 0; i < counts->n_shards; i++)
        free(counts->shards[i].path);
    free(counts->shards);
    counts->shards = NULL;
    counts->n_shards = 0;
}

static void put_seconds(struct avqa_json *out, const struct avqa_extract_counts *c)
{
    struct avqa_json *s = avqa_json_put_object(out, "seconds");
    avqa_json_put_double(s, "decode", (double)c->decode_us / 1e6);
    for (size_t i = 0; i < AVQA_EXTRACT_N_INPUTS; i++)
        avqa_json_put_double(s, inputs[i], (double)c->input_us[i] / 1e6);
    avqa_json_put_double(s, "write", (double)c->write_us / 1e6);
    avqa_json_put_double(s, "wall", (double)c->wall_us / 1e6);
    avqa_json_put_double(out, "cpu_seconds", (double)c->cpu_us / 1e6);
}

struct avqa_json *avqa_extract_counts_json(const struct avqa_extract_counts *counts)
{
    struct avqa_json *out = avqa_json_new_object();
    avqa_json_put_int(out, "clips", counts->clips);
    avqa_json_put_int(out, "rows", counts->rows);
    avqa_json_put_int(out, "unchanged", counts->unchanged);
    avqa_json_put_int(out, "imported", counts->imported);
    avqa_json_put_int(out, "elsewhere", counts->elsewhere);
    avqa_json_put_int(out, "to_do", counts->to_do);
    avqa_json_put_int(out, "to_write", counts->to_write);
    avqa_json_put_int(out, "n_failed", counts->failed);
    avqa_json_put_int(out, "n_known", counts->known);
    avqa_json_put_int(out, "n_flawed", counts->flawed);
    avqa_remarks_put(&counts->failures, out, "failed", "clip");
    avqa_remarks_put(&counts->remarks, out, "flawed", "clip");
    struct avqa_json *list = avqa_json_put_array(out, "shards");
    for (size_t i = 0; i < counts->n_shards; i++) {
        struct avqa_json *s = avqa_json_put_object(list, NULL);
        avqa_json_put_string(s, "path", counts->shards[i].path);
        avqa_json_put_int(s, "bytes", counts->shards[i].bytes);
        avqa_json_put_int(s, "samples", counts->shards[i].n_samples);
        avqa_json_put_string(s, "sha256", counts->shards[i].sha256);
    }
    put_seconds(out, counts);
    avqa_json_put_int(out, "memory_bytes", counts->memory_bytes);
    return out;
}

/* ---- the folder ------------------------------------------------------------------ */

/* A shard of ours that the catalog does not know: the run was killed between the two.
 */
static enum avqa_status is_orphan(bool *orphan, struct avqa_catalog *cat,
                                  const char *name)
{
    enum { LENGTH = sizeof "000000-00000000.tar.zst" - 1 };
    int end = 0;
    bool known = true;
    enum avqa_status rc = AVQA_OK;
    if (strlen(name) == LENGTH &&
        sscanf(name, "%*6[0-9]-%*8[0-9a-f].tar.zst%n", &end) == 0 && end == LENGTH) {
        char *path = avqa_io_join(AVQA_SHARDS_FOLDER, name);
        rc = avqa_extraction_has_shard(&known, cat, path);
        free(path);
    }
    *orphan = rc == AVQA_OK && !known;
    return rc;
}

/* Nobody else writes, so shards that the catalog does not know are in nobody's hand. */
static enum avqa_status remove_orphans(const struct extractor *x)
{
    char *folder = avqa_io_join(x->config->dataset, AVQA_SHARDS_FOLDER);
    enum avqa_status rc = AVQA_OK;
    DIR *dir = opendir(folder);
    for (struct dirent *e; rc == AVQA_OK && dir && (e = readdir(dir));) {
        bool orphan = false;
        rc = is_orphan(&orphan, x->cat, e->d_name);
        if (rc != AVQA_OK || !orphan)
            continue;
        char *path = avqa_io_join(folder, e->d_name);
        (void)!avqa_io_remove(path);
        free(path);
    }
    if (dir)
        closedir(dir);
    free(folder);
    return rc;
}

/* Several ranks may write shards at once, nobody else beside them. */
static enum avqa_status take_folder(struct extractor *x)
{
    const bool alone = x->config->world == 1;
    enum avqa_status rc = avqa_shards_folder_take(&x->lock, x->config->dataset, alone);
    return rc == AVQA_OK && alone ? remove_orphans(x) : rc;
}

/* ---- the run --------------------------------------------------------------------- */

static enum avqa_status start(struct extractor *x)
{
    const struct avqa_extract_config *c = x->config;
    struct avqa_json *options = avqa_json_new_object();
    for (size_t i = 0; i < AVQA_EXTRACT_N_INPUTS; i++) {
        if (c->encoders[i])
            avqa_json_put_string(options, inputs[i], c->encoders[i]);
    }
    if (c->weights)
        avqa_json_put_string(options, "weights", c->weights);
    avqa_json_put_string(options, "encoding", c->encoding);
    avqa_json_put_string(options, "precision", c->precision);
    avqa_json_put_string(options, "pad", c->pad);
    avqa_json_put_int(options, "max_seconds", c->max_seconds);
    avqa_json_put_bool(options, "replace", c->replace);
    avqa_json_put_int(options, "rank", c->rank);
    avqa_json_put_int(options, "world", c->world);
    avqa_json_put_int(options, "per_shard", c->per_shard);
    return avqa_stage_start(&x->run_id, x->cat, STAGE, options);
}

/* Clips that nothing can be made of, into the ledger and to the user. */
static enum avqa_status tell_refusals(struct extractor *x)
{
    enum avqa_status rc = AVQA_OK;
    const int64_t now_us = avqa_clock_wall_us();
    if (!x->config->dry_run)
        rc = avqa_catalog_begin(x->cat);
    if (rc != AVQA_OK)
        return rc;
    for (size_t i = 0; rc == AVQA_OK && i < x->plan.n_refusals; i++) {
        const struct avqa_extract_refusal *r = &x->plan.refusals[i];
        avqa_extract_remark(x->counts, x->config, true, &r->remark);
        if (x->config->dry_run)
            continue;
        rc = avqa_attempt_add(x->cat, &(struct avqa_attempt){.run_id = x->run_id,
                                                             .stage = STAGE,
                                                             .item = r->remark.item,
                                                             .source_id = r->source_id,
                                                             .clip_id = r->clip_id,
                                                             .started_us = now_us,
                                                             .ended_us = now_us,
                                                             .outcome = "failed",
                                                             .reason = r->remark.reason,
                                                             .detail = r->remark.detail,
                                                             .bytes = -1});
    }
    if (x->config->dry_run)
        return rc;
    if (rc == AVQA_OK)
        return avqa_catalog_commit(x->cat);
    avqa_catalog_rollback(x->cat);
    return rc;
}

static enum avqa_status finish(struct extractor *x)
{
    const struct avqa_extract_counts *n = x->counts;
    return avqa_stage_finish(
        x->cat, x->run_id,
        &(struct avqa_stage_end){.whole = n->failed + n->known == 0,
                                 .changed = n->clips > 0,
                                 .counts = avqa_extract_counts_json(n)});
}

static enum avqa_status make_shards(struct extractor *x)
{
    struct avqa_extract_sink *sink = NULL;
    enum avqa_status rc = start(x);
    if (rc == AVQA_OK)
        rc = tell_refusals(x);
    if (rc == AVQA_OK)
        rc = avqa_extract_sink_open(&sink, x->cat, x->run_id, x->config, &x->plan,
                                    x->counts);
    if (rc == AVQA_OK) {
        const struct avqa_extract_flow_config flow = {.plan = &x->plan,
                                                      .features = &x->features,
                                                      .n_jobs = x->n_jobs,
                                                      .write = avqa_extract_sink_write,
                                                      .user = sink,
                                                      .log = x->config->log};
        rc = avqa_extract_flow_run(&flow, x->counts);
    }
    avqa_extract_sink_close(sink);
    if (rc == AVQA_ESTOPPED)
        return avqa_fail(rc, "stopped; whole shards are kept, the one in hand is not");
    return rc == AVQA_OK ? finish(x) : rc; /* else the run stays without an end */
}

/* Numbers out of random weights are for trying things out; nobody may miss that. */
static void warn_of_random(const struct extractor *x)
{
    for (size_t i = 0; i < AVQA_EXTRACT_N_INPUTS; i++) {
        const struct avqa_extract_feature *f = &x->features.by_input[i];
        if (f->encoder && f->info->weights && x->config->weights &&
            strncmp(x->config->weights, "random:", 7) == 0)
            avqa_log_write(x->config->log, AVQA_LOG_WARNING,
                           "%s has random weights (%s): its features mean nothing",
                           f->info->name, x->config->weights);
    }
}

enum avqa_status avqa_extract_check(const struct avqa_extract_config *c)
{
    enum avqa_status rc = AVQA_OK;
    if (!c->encoders[0] && !c->encoders[1])
        return avqa_fail(AVQA_EINVAL, "neither --visual nor --audio is asked for");
    if (c->rank >= c->world)
        return avqa_fail(AVQA_EINVAL, "rank %lld of %lld; the first is 0",
                         (long long)c->rank, (long long)c->world);
    for (size_t i = 0; rc == AVQA_OK && i < AVQA_EXTRACT_N_INPUTS; i++)
        rc = avqa_extract_feature_check(c, i);
    return rc;
}

enum avqa_status avqa_extract(const struct avqa_extract_config *config,
                              struct avqa_extract_counts *counts)
{
    struct extractor x = {.config = config, .counts = counts, .lock = -1};
    const int64_t start_us = avqa_clock_monotonic_us();
    const int64_t start_cpu_us = avqa_clock_cpu_us();
    x.n_jobs = avqa_extract_flow_jobs(config->n_jobs);
    enum avqa_status rc = avqa_extract_check(config);
    if (rc == AVQA_OK)
        rc = avqa_dataset_open(&x.cat, config->dataset, AVQA_CATALOG_WRITE);
    if (rc == AVQA_OK)
        avqa_catalog_set_patience(x.cat, PATIENCE_US);
    if (rc == AVQA_OK)
        rc = avqa_extract_features_init(&x.features, config);
    if (rc == AVQA_OK) {
        counts->memory_bytes = (int64_t)avqa_extract_flow_bytes(&x.features, x.n_jobs);
        if (!config->dry_run) /* what there is must not change behind the plan */
            rc = take_folder(&x);
    }
    if (rc == AVQA_OK)
        rc = avqa_extract_plan_make(&x.plan, x.cat, config, &x.features, counts);
    if (rc == AVQA_OK && x.plan.n_items)
        warn_of_random(&x);
    if (rc == AVQA_OK && config->dry_run)
        rc = tell_refusals(&x);
    else if (rc == AVQA_OK && (x.plan.n_items || x.plan.n_refusals))
        rc = make_shards(&x);
    avqa_extract_remarks_end(counts, config);
    counts->wall_us = avqa_clock_monotonic_us() - start_us;
    counts->cpu_us = avqa_clock_cpu_us() - start_cpu_us;
    avqa_extract_plan_release(&x.plan);
    avqa_extract_features_release(&x.features);
    avqa_catalog_close(x.cat);
    if (x.lock >= 0)
        close(x.lock);
    return rc;
}
