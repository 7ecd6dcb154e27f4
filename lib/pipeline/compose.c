/* See compose.h. Of the clips that there are to be (compose_plan.h), those that are not
 * there are composed in batches, by several threads, and each batch is written down in
 * one transaction with its facts: a run that is stopped or killed keeps what it did. A
 * clip has its row once it has its file. The facts of what is there already are derived
 * anew, so that they follow when those of a parent change. */
#include "pipeline/compose.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/pool.h"
#include "catalog/attempt.h"
#include "catalog/clip.h"
#include "catalog/facts.h"
#include "catalog/material.h"
#include "media/compose.h"
#include "pipeline/clips_folder.h"
#include "pipeline/compose_method.h"
#include "pipeline/compose_plan.h"
#include "pipeline/dataset.h"
#include "pipeline/stage_run.h"
#include "pipeline/store_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 32 };

struct composition {
    const struct avqa_compose_config *config;
    struct avqa_compose_counts *counts;
    struct avqa_catalog *cat;
    struct avqa_clip_store *clips;
    struct avqa_facts_store *facts;
    struct avqa_compose_plan plan;
    struct avqa_arena arena; /* of the facts in hand */
    int64_t run_id;
    size_t first; /* of the batch */
};

/* ---- composing ------------------------------------------------------------------- */

static void set_options(const struct composition *c,
                        const struct avqa_compose_item *item,
                        struct avqa_compose_options *options)
{
    const struct avqa_compose_config *config = c->config;
    options->parts = item->recipe.parts;
    options->n_parts = item->recipe.n;
    if (config->kind == AVQA_COMPOSE_STITCH) {
        options->columns = config->columns;
        options->rows = config->rows;
        options->cell_width = config->cell_width;
        options->cell_height = config->cell_height;
    }
    options->loudness_lufs = config->loudness_lufs;
    options->lossless = config->lossless;
    options->crf = config->crf;
    options->log = config->log;
}

/* Says whose fault it is, where it is a parent's. */
static void name_culprit(struct avqa_compose_item *item)
{
    struct avqa_compose_report *r = &item->report;
    char detail[AVQA_VERDICT_REASON];
    if (!*r->reason || r->bad_part >= item->recipe.n)
        return;
    snprintf(detail, sizeof detail, "of %.120s: %.120s",
             item->recipe.parents[r->bad_part]->of.clip, r->detail);
    memcpy(r->detail, detail, sizeof detail);
}

static enum avqa_status compose_item(void *user, size_t i)
{
    struct composition *c = user;
    struct avqa_compose_item *item = &c->plan.items[c->first + i];
    struct avqa_compose_options options = AVQA_COMPOSE_DEFAULTS;
    char *paths[AVQA_COMPOSE_MAX_PARTS] = {NULL};
    if (item->unchanged)
        return AVQA_OK;
    if (avqa_log_stopped(c->config->log))
        return avqa_fail(AVQA_ESTOPPED, "stopped");
    for (size_t p = 0; p < item->recipe.n; p++)
        item->recipe.parts[p].path = paths[p] =
            avqa_io_join(c->config->dataset, item->recipe.parents[p]->of.path);
    set_options(c, item, &options);
    char *path = avqa_io_join(c->config->dataset, item->path);
    item->started_us = avqa_clock_wall_us();
    enum avqa_status rc = avqa_compose(&item->report, path, &options);
    if (rc == AVQA_OK && item->report.written)
        rc = avqa_sha256_file(item->sha256, &item->bytes, path);
    item->ended_us = avqa_clock_wall_us();
    item->tried = rc == AVQA_OK;
    if (item->tried && item->report.written)
        item->made = avqa_compose_recipe_made(&item->recipe, c->config, &item->report);
    name_culprit(item);
    for (size_t p = 0; p < item->recipe.n; p++)
        free(paths[p]);
    free(path);
    return rc;
}

/* ---- writing down ---------------------------------------------------------------- */

static void remark(struct composition *c, bool failed, const char *const what[3])
{
    avqa_remarks_warn(failed ? &c->counts->failures : &c->counts->remarks,
                      c->config->log, what);
}

/* The clip with its file; what is known of its parents is added by its facts. */
static enum avqa_status store_clip(struct composition *c,
                                   const struct avqa_compose_item *item, int64_t *id)
{
    const char *kind = avqa_compose_method(c->config->kind);
    struct avqa_clip clip = {.picture = item->recipe.name,
                             .sound = item->recipe.name,
                             .start_us = AVQA_CLIP_UNKNOWN,
                             .duration_us = AVQA_CLIP_UNKNOWN,
                             .synthetic = true,
                             .method = kind};
    bool is_new;
    enum avqa_status rc = avqa_clip_ensure(c->clips, &clip, id, &is_new);
    if (rc != AVQA_OK || item->unchanged)
        return rc;
    return avqa_material_put(c->cat,
                             &(struct avqa_material){.clip_id = *id,
                                                     .method = kind,
                                                     .path = item->path,
                                                     .bytes = item->bytes,
                                                     .sha256 = item->sha256,
                                                     .recipe = item->recipe.text,
                                                     .made = item->made});
}

static enum avqa_status store_facts(struct composition *c,
                                    const struct avqa_compose_item *item, int64_t id)
{
    enum avqa_facts_outcome outcome;
    struct avqa_scene *scene;
    struct avqa_json *object;
    avqa_arena_reset(&c->arena);
    enum avqa_status rc = avqa_compose_recipe_facts(&object, &item->recipe, item->made);
    if (rc == AVQA_OK)
        rc = avqa_scene_read(&scene, &c->arena, object);
    if (rc == AVQA_OK)
        rc = avqa_store_facts(c->facts, &c->arena, scene, object, id, &outcome);
    avqa_json_free(object);
    if (rc == AVQA_EFORMAT) { /* more than a facts object may hold */
        remark(c, false,
               (const char *const[]){item->recipe.name, "no-facts", avqa_message()});
        return AVQA_OK;
    }
    if (rc == AVQA_OK)
        c->counts->refacted += item->unchanged && outcome != AVQA_FACTS_SAME;
    return rc;
}

static enum avqa_status store_attempt(struct composition *c,
                                      const struct avqa_compose_item *item, int64_t id)
{
    const struct avqa_compose_report *r = &item->report;
    struct avqa_attempt a = {.run_id = c->run_id,
                             .stage = AVQA_COMPOSE_STAGE,
                             .item = item->recipe.name,
                             .clip_id = id,
                             .started_us = item->started_us,
                             .ended_us = item->ended_us,
                             .outcome = r->written ? "done" : "failed",
                             .reason = *r->reason ? r->reason : NULL,
                             .detail = *r->detail ? r->detail : NULL,
                             .bytes = item->bytes};
    return avqa_attempt_add(c->cat, &a);
}

static void count(struct composition *c, const struct avqa_compose_item *item)
{
    const struct avqa_compose_report *r = &item->report;
    char detail[AVQA_VERDICT_REASON];
    c->counts->composed += r->written;
    c->counts->failed += !r->written;
    c->counts->pictures += r->n_pictures;
    c->counts->samples += r->n_samples;
    c->counts->bytes += item->bytes;
    c->counts->lowered += r->written && r->common_gain_db < 0;
    if (!r->written)
        remark(c, true, (const char *const[]){item->recipe.name, r->reason, r->detail});
    if (!r->written || !(r->common_gain_db < 0))
        return;
    snprintf(detail, sizeof detail, "its sum would clip; lowered by %.2f dB",
             -r->common_gain_db);
    remark(c, false, (const char *const[]){item->recipe.name, "lowered", detail});
}

static enum avqa_status store(struct composition *c,
                              const struct avqa_compose_item *item)
{
    int64_t id = 0;
    enum avqa_status rc = AVQA_OK;
    if (item->made)
        rc = store_clip(c, item, &id);
    if (rc == AVQA_OK && item->made)
        rc = store_facts(c, item, id);
    if (rc != AVQA_OK || item->unchanged)
        return rc;
    count(c, item);
    return store_attempt(c, item, id);
}

static enum avqa_status run_batch(struct composition *c, size_t n)
{
    enum avqa_status done = avqa_pool_run(c->config->n_jobs, n, compose_item, c);
    enum avqa_status rc = avqa_catalog_begin(c->cat); /* what was composed is kept */
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        const struct avqa_compose_item *item = &c->plan.items[c->first + i];
        if (item->tried || item->unchanged)
            rc = store(c, item);
    }
    if (rc == AVQA_OK)
        rc = avqa_catalog_commit(c->cat);
    return rc == AVQA_OK ? done : rc;
}

static bool has_kind(const struct avqa_compose_item *item, uint32_t kind)
{
    for (size_t i = 0; i < item->recipe.n; i++) {
        if (item->recipe.parents[i]->kind == kind)
            return true;
    }
    return false;
}

/* Of the clips that there are, or in a dry run are to be. */
static void count_instruments(struct composition *c)
{
    struct avqa_json *out = c->counts->instruments = avqa_json_new_object();
    for (uint32_t kind = 0; kind < c->plan.set.kinds.n; kind++) {
        int64_t n = 0;
        for (size_t i = 0; i < c->plan.n; i++)
            n += (c->plan.items[i].made || c->config->dry_run) &&
                 has_kind(&c->plan.items[i], kind);
        avqa_json_put_int(out, avqa_intern_text(&c->plan.set.kinds, kind), n);
    }
}

/* ---- the run --------------------------------------------------------------------- */

static enum avqa_status start(struct composition *c)
{
    const struct avqa_compose_config *config = c->config;
    struct avqa_json *options = avqa_json_new_object();
    avqa_json_put_string(options, "kind", avqa_compose_method(config->kind));
    avqa_json_put_int(options, "count", (int64_t)config->count);
    avqa_json_put_int(options, "per_instrument", (int64_t)config->per_instrument);
    if (config->pairs)
        avqa_json_put_string(options, "pairs", config->pairs);
    avqa_json_put_bool(options, "any", config->any);
    avqa_json_put_bool(options, "same_instrument", config->same_instrument);
    avqa_json_put_int(options, "columns", config->columns);
    avqa_json_put_int(options, "rows", config->rows);
    avqa_json_put_int(options, "sounding", (int64_t)config->sounding);
    avqa_json_put_double(options, "gain_db", config->gain_db);
    avqa_json_put_double(options, "loudness_lufs", config->loudness_lufs);
    avqa_json_put_bool(options, "lossless", config->lossless);
    avqa_json_put_int(options, "crf", config->crf);
    avqa_json_put_int(options, "seed", (int64_t)config->seed);
    return avqa_stage_start(&c->run_id, c->cat, AVQA_COMPOSE_STAGE, options);
}

static enum avqa_status finish(struct composition *c)
{
    const struct avqa_compose_counts *n = c->counts;
    return avqa_stage_finish(
        c->cat, c->run_id,
        &(struct avqa_stage_end){.whole = n->failed == 0,
                                 .changed = n->composed + n->refacted > 0,
                                 .counts = avqa_compose_counts_json(n)});
}

/* Everything before the first clip. A dry run ends here, and commits nothing. */
static enum avqa_status prepare(struct composition *c)
{
    const struct avqa_compose_config *config = c->config;
    enum avqa_status rc = avqa_catalog_begin(c->cat);
    if (rc == AVQA_OK)
        rc = start(c);
    if (rc == AVQA_OK)
        rc = avqa_clip_store_open(&c->clips, c->cat, c->run_id);
    if (rc == AVQA_OK)
        rc = avqa_facts_store_open(&c->facts, c->cat, c->run_id);
    if (rc == AVQA_OK)
        rc = avqa_compose_plan_make(&c->plan, c->cat, c->run_id, config, c->counts);
    if (rc != AVQA_OK)
        return rc;
    if (!config->dry_run)
        return avqa_catalog_commit(c->cat);
    count_instruments(c);
    c->counts->composed = (int64_t)c->plan.n - c->counts->unchanged;
    return AVQA_OK;
}

static enum avqa_status compose_all(struct composition *c)
{
    char *folder = avqa_io_join(c->config->dataset, AVQA_CLIPS_FOLDER);
    enum avqa_status rc = avqa_clips_folder_clean(folder);
    for (c->first = 0; rc == AVQA_OK && c->first < c->plan.n; c->first += BATCH) {
        size_t left = c->plan.n - c->first;
        size_t n = left < BATCH ? left : BATCH;
        rc = run_batch(c, n);
        avqa_log_progress(c->config->log, "clips", (int64_t)(c->first + n),
                          (int64_t)c->plan.n);
    }
    free(folder);
    count_instruments(c);
    if (rc == AVQA_ESTOPPED)
        return avqa_fail(AVQA_ESTOPPED, "stopped; what was done is kept");
    return rc == AVQA_OK ? finish(c) : rc; /* else the run stays without an end */
}

static void release(struct composition *c)
{
    avqa_compose_plan_release(&c->plan);
    avqa_arena_release(&c->arena);
    avqa_clip_store_close(c->clips);
    avqa_facts_store_close(c->facts);
    avqa_catalog_close(c->cat);
}

static enum avqa_status check(const struct avqa_compose_config *config)
{
    size_t size = avqa_compose_plan_size(config);
    if (size < 2 || size > AVQA_COMPOSE_MAX_PARTS)
        return avqa_fail(AVQA_EINVAL, "a grid of %d x %d does not have 2 to %d cells",
                         config->columns, config->rows, AVQA_COMPOSE_MAX_PARTS);
    if (config->sounding > size)
        return avqa_fail(AVQA_EINVAL, "%zu of %zu clips cannot sound", config->sounding,
                         size);
    if (!config->pairs && !config->count && !config->per_instrument)
        return avqa_fail(AVQA_EINVAL, "say how many: --count N, --per-instrument N, or "
                                      "which: --pairs FILE");
    return AVQA_OK;
}

enum avqa_status avqa_compose_clips(const struct avqa_compose_config *config,
                                    struct avqa_compose_counts *counts)
{
    struct composition c = {.config = config, .counts = counts};
    enum avqa_status rc = check(config);
    if (rc == AVQA_OK)
        rc = avqa_dataset_open(&c.cat, config->dataset, AVQA_CATALOG_WRITE);
    if (rc == AVQA_OK)
        rc = prepare(&c);
    if (rc == AVQA_OK && !config->dry_run)
        rc = compose_all(&c);
    release(&c);
    return rc;
}
