/* See compose.h. First the catalog is read and it is decided which clips there are to
 * be; then those that are not there are composed in batches, by several threads, and
 * each batch is written down in one transaction with its facts: a run that is stopped
 * or killed keeps what it did. A clip has its row once it has its file. The facts of
 * what is there already are derived anew, so that they follow when those of a parent
 * change. */
#include "pipeline/compose.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/pool.h"
#include "catalog/attempt.h"
#include "catalog/clip.h"
#include "catalog/facts.h"
#include "catalog/material.h"
#include "catalog/run.h"
#include "media/compose.h"
#include "pipeline/clips_folder.h"
#include "pipeline/compose_pairs.h"
#include "pipeline/stage_run.h"
#include "pipeline/compose_recipe.h"
#include "pipeline/compose_set.h"
#include "pipeline/dataset.h"
#include "pipeline/media_folder.h"
#include "pipeline/store_facts.h"
#include "qa/pairing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 32 };
static const char STAGE[] = "compose";

/* A clip that there is to be. */
struct item {
    struct avqa_compose_recipe recipe;
    struct avqa_compose_report report;
    char *path; /* relative to the dataset */
    char *made; /* what came of it */
    bool unchanged, tried;
    int64_t started_us, ended_us, bytes;
    char sha256[AVQA_SHA256_HEX];
};

struct composition {
    const struct avqa_compose_config *config;
    struct avqa_compose_counts *counts;
    struct avqa_catalog *cat;
    struct avqa_clip_store *clips;
    struct avqa_facts_store *facts;
    struct avqa_compose_set set;
    struct avqa_intern names; /* of the clips that there are to be */
    struct avqa_arena arena;  /* of the facts in hand */
    int64_t run_id;
    size_t size; /* parents of a clip */
    struct item *items;
    size_t n_items, items_cap, first; /* of the batch */
};

/* ---- which clips there are to be ------------------------------------------------- */

static bool is_there(const struct composition *c, const struct avqa_compose_clip *clip,
                     const char *recipe)
{
    return clip && clip->has_file && clip->of.made && clip->of.recipe &&
           strcmp(clip->of.recipe, recipe) == 0 &&
           avqa_media_has(c->config->dataset, clip->of.path, clip->of.bytes);
}

static void add_item(struct composition *c, const struct avqa_compose_clip **parents)
{
    char path[512];
    struct item item = {.recipe.n = c->size};
    memcpy(item.recipe.parents, parents, c->size * sizeof *parents);
    avqa_compose_recipe_make(&item.recipe, c->config);
    snprintf(path, sizeof path, "%s/%s.mp4", AVQA_CLIPS_FOLDER, item.recipe.name);
    item.path = avqa_mem_strdup(path);
    const struct avqa_compose_clip *there =
        avqa_compose_set_find(&c->set, item.recipe.name);
    if (is_there(c, there, item.recipe.text)) {
        item.unchanged = true;
        item.made = avqa_mem_strdup(there->of.made);
        c->counts->unchanged++;
    }
    c->counts->clips++;
    avqa_mem_need(&c->items, &c->items_cap, c->n_items + 1, sizeof *c->items);
    c->items[c->n_items++] = item;
}

/* Why these cannot be put together, in one word with a sentence; NULL if they can. */
static const char *refuse_pair(const struct composition *c, const char *const *names,
                               const struct avqa_compose_clip **parents,
                               char detail[AVQA_VERDICT_REASON])
{
    const char *reason = NULL;
    const char *why = "";
    size_t i = 0;
    for (; !reason && i < c->size; i++) {
        const struct avqa_compose_clip *p = parents[i] =
            avqa_compose_set_find(&c->set, names[i]);
        if (!p)
            reason = "no-clip", why = "is no clip of this dataset";
        else if (p->composed)
            reason = "composed", why = "is composed itself";
        else if (!p->has_file)
            reason = "no-file", why = "has no file in clips/; run avqa segment first";
        for (size_t k = 0; !reason && k < i; k++) {
            if (parents[k] == p)
                reason = "same-clip", why = "would stand beside itself";
            else if (parents[k]->group == p->group)
                reason = "same-source", why = "is of the same source as another one";
        }
    }
    if (reason)
        snprintf(detail, AVQA_VERDICT_REASON, "'%.150s' %s", names[i - 1], why);
    return reason;
}

static void remark(struct composition *c, bool failed, const char *const what[3])
{
    avqa_remarks_warn(failed ? &c->counts->failures : &c->counts->remarks,
                      c->config->log, what);
}

static enum avqa_status note_refused(struct composition *c, size_t row,
                                     const char *reason, const char *detail)
{
    char name[32];
    snprintf(name, sizeof name, "pair %zu", row + 1);
    struct avqa_attempt a = {.run_id = c->run_id,
                             .stage = STAGE,
                             .item = name,
                             .started_us = avqa_clock_wall_us(),
                             .outcome = "failed",
                             .reason = reason,
                             .detail = detail};
    a.ended_us = a.started_us;
    remark(c, true, (const char *const[]){name, reason, detail});
    c->counts->clips++;
    c->counts->failed++;
    return avqa_attempt_add(c->cat, &a);
}

/* Those that a file names. */
static enum avqa_status take_pairs(struct composition *c)
{
    struct avqa_compose_pairs pairs;
    enum avqa_status rc = avqa_compose_pairs_read(&pairs, c->config->pairs, c->size);
    for (size_t row = 0; rc == AVQA_OK && row < pairs.n; row++) {
        const struct avqa_compose_clip *parents[AVQA_COMPOSE_MAX_PARTS];
        char detail[AVQA_VERDICT_REASON] = "it stands in an earlier row";
        const char *reason =
            refuse_pair(c, pairs.names + row * c->size, parents, detail);
        bool is_new = true;
        if (!reason)
            avqa_intern_add(&c->names, (const char *)parents, c->size * sizeof *parents,
                            &is_new);
        if (reason || !is_new)
            rc = note_refused(c, row, reason ? reason : "twice", detail);
        else
            add_item(c, parents);
    }
    avqa_compose_pairs_release(&pairs);
    return rc;
}

static void put_pairs(struct composition *c, const struct avqa_pairing *pairing)
{
    struct avqa_json *out = c->counts->pairs = avqa_json_new_object();
    avqa_json_put_int(out, "all", pairing->n_pairs);
    avqa_json_put_int(out, "same-source", pairing->n_same_group);
    avqa_json_put_int(out, "same-instrument", pairing->n_same_kind);
}

/* How many of a clip's parents are heard. */
static size_t n_heard(const struct composition *c)
{
    if (c->config->kind == AVQA_COMPOSE_MATCH)
        return 1;
    return c->config->kind == AVQA_COMPOSE_STITCH && c->config->sounding
               ? c->config->sounding
               : c->size;
}

/* Where all are heard, a clip without sound is not fit. */
static void leave_out_soundless(struct composition *c)
{
    for (size_t i = 0; n_heard(c) == c->size && i < c->set.n; i++) {
        struct avqa_compose_clip *clip = &c->set.clips[i];
        if (!clip->unfit && clip->soundless)
            clip->unfit = "no-sound";
    }
}

/* Adds the set unless too few of it have sound. Who is heard alone has some. */
static bool add_chosen(struct composition *c, const struct avqa_compose_clip **parents)
{
    size_t n = 0;
    for (size_t i = 0; i < c->size; i++)
        n += !parents[i]->soundless;
    if (n < n_heard(c))
        return false;
    if (c->config->kind == AVQA_COMPOSE_MATCH && parents[1]->soundless) {
        const struct avqa_compose_clip *first = parents[0];
        parents[0] = parents[1];
        parents[1] = first;
    }
    add_item(c, parents);
    return true;
}

/* Those that the rules and the seed choose out of the fit ones. */
static enum avqa_status choose(struct composition *c)
{
    const struct avqa_compose_config *config = c->config;
    struct avqa_pairing_options opts = {.seed = config->seed,
                                        .size = c->size,
                                        .count = config->count,
                                        .per_kind = config->per_instrument,
                                        .same_kind = config->same_instrument,
                                        .n_kinds = c->set.kinds.n};
    struct avqa_pairing pairing = {0};
    struct avqa_pairing_clip *fit = NULL;
    const struct avqa_compose_clip **of = NULL;
    size_t n = 0;
    int64_t n_soundless = 0;
    leave_out_soundless(c);
    enum avqa_status rc = avqa_mem_array(&fit, c->set.n + 1, sizeof *fit);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&of, c->set.n + 1, sizeof *of);
    for (size_t i = 0; rc == AVQA_OK && i < c->set.n; i++) {
        const struct avqa_compose_clip *clip = &c->set.clips[i];
        if (clip->unfit)
            continue;
        of[n] = clip;
        fit[n++] = (struct avqa_pairing_clip){clip->of.clip, clip->group, clip->kind};
    }
    if (rc == AVQA_OK)
        rc = avqa_pairing_choose(&pairing, fit, n, &opts);
    for (size_t s = 0; rc == AVQA_OK && s < pairing.n_sets; s++) {
        const struct avqa_compose_clip *parents[AVQA_COMPOSE_MAX_PARTS];
        for (size_t i = 0; i < c->size; i++)
            parents[i] = of[pairing.members[s * c->size + i]];
        n_soundless += !add_chosen(c, parents);
    }
    if (rc == AVQA_OK && config->count > c->n_items)
        c->counts->missing = (int64_t)(config->count - c->n_items);
    put_pairs(c, &pairing);
    avqa_json_put_int(c->counts->pairs, "chosen-without-sound", n_soundless);
    avqa_pairing_release(&pairing);
    free(fit);
    free(of);
    return rc;
}

/* ---- what is to be said of the choice -------------------------------------------- */

static void count_left_out(struct composition *c)
{
    static const char *const reasons[] = {"composed",
                                          "no-file",
                                          "no-facts",
                                          "unknown-instruments",
                                          "several-instruments",
                                          "no-instruments",
                                          "no-sound",
                                          NULL};
    struct avqa_json *out = c->counts->left_out = avqa_json_new_object();
    for (int r = 0; reasons[r]; r++) {
        int64_t n = 0;
        for (size_t i = 0; i < c->set.n; i++)
            n +=
                c->set.clips[i].unfit && strcmp(c->set.clips[i].unfit, reasons[r]) == 0;
        if (n)
            avqa_json_put_int(out, reasons[r], n);
    }
}

static bool has_kind(const struct item *item, uint32_t kind)
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
    for (uint32_t kind = 0; kind < c->set.kinds.n; kind++) {
        int64_t n = 0;
        for (size_t i = 0; i < c->n_items; i++)
            n += (c->items[i].made || c->config->dry_run) &&
                 has_kind(&c->items[i], kind);
        avqa_json_put_int(out, avqa_intern_text(&c->set.kinds, kind), n);
    }
}

/* ---- composing ------------------------------------------------------------------- */

static void set_options(const struct composition *c, const struct item *item,
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
static void name_culprit(struct item *item)
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
    struct item *item = &c->items[c->first + i];
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

/* The clip with its file; what is known of its parents is added by its facts. */
static enum avqa_status store_clip(struct composition *c, const struct item *item,
                                   int64_t *id)
{
    const char *kind = avqa_compose_kind_name(c->config->kind);
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

static enum avqa_status store_facts(struct composition *c, const struct item *item,
                                    int64_t id)
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

static enum avqa_status store_attempt(struct composition *c, const struct item *item,
                                      int64_t id)
{
    const struct avqa_compose_report *r = &item->report;
    struct avqa_attempt a = {.run_id = c->run_id,
                             .stage = STAGE,
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

static void count(struct composition *c, const struct item *item)
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

static enum avqa_status store(struct composition *c, const struct item *item)
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
        const struct item *item = &c->items[c->first + i];
        if (item->tried || item->unchanged)
            rc = store(c, item);
    }
    if (rc == AVQA_OK)
        rc = avqa_catalog_commit(c->cat);
    return rc == AVQA_OK ? done : rc;
}

/* ---- the run --------------------------------------------------------------------- */

static enum avqa_status start(struct composition *c)
{
    const struct avqa_compose_config *config = c->config;
    struct avqa_json *options = avqa_json_new_object();
    avqa_json_put_string(options, "kind", avqa_compose_kind_name(config->kind));
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
    return avqa_stage_start(&c->run_id, c->cat, STAGE, options);
}

static enum avqa_status finish(struct composition *c)
{
    return avqa_stage_finish(c->cat, c->run_id, c->counts->failed == 0,
                             avqa_compose_counts_json(c->counts));
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
        rc = avqa_compose_set_load(&c->set, c->cat, config->dataset, config->any);
    if (rc == AVQA_OK)
        rc = config->pairs ? take_pairs(c) : choose(c);
    if (rc != AVQA_OK)
        return rc;
    if (!config->pairs)
        count_left_out(c);
    if (!config->dry_run)
        return avqa_catalog_commit(c->cat);
    count_instruments(c);
    c->counts->composed = (int64_t)c->n_items - c->counts->unchanged;
    return AVQA_OK;
}

static enum avqa_status compose_all(struct composition *c)
{
    char *folder = avqa_io_join(c->config->dataset, AVQA_CLIPS_FOLDER);
    enum avqa_status rc = avqa_clips_folder_clean(folder);
    for (c->first = 0; rc == AVQA_OK && c->first < c->n_items; c->first += BATCH) {
        size_t left = c->n_items - c->first;
        size_t n = left < BATCH ? left : BATCH;
        rc = run_batch(c, n);
        avqa_log_progress(c->config->log, "clips", (int64_t)(c->first + n),
                          (int64_t)c->n_items);
    }
    free(folder);
    count_instruments(c);
    if (rc == AVQA_ESTOPPED)
        return avqa_fail(AVQA_ESTOPPED, "stopped; what was done is kept");
    return rc == AVQA_OK ? finish(c) : rc; /* else the run stays without an end */
}

static void release(struct composition *c)
{
    for (size_t i = 0; i < c->n_items; i++) {
        avqa_compose_recipe_release(&c->items[i].recipe);
        free(c->items[i].path);
        free(c->items[i].made);
    }
    free(c->items);
    avqa_intern_release(&c->names);
    avqa_arena_release(&c->arena);
    avqa_compose_set_release(&c->set);
    avqa_clip_store_close(c->clips);
    avqa_facts_store_close(c->facts);
    avqa_catalog_close(c->cat);
}

static enum avqa_status check(const struct composition *c)
{
    const struct avqa_compose_config *config = c->config;
    if (c->size < 2 || c->size > AVQA_COMPOSE_MAX_PARTS)
        return avqa_fail(AVQA_EINVAL, "a grid of %d x %d does not have 2 to %d cells",
                         config->columns, config->rows, AVQA_COMPOSE_MAX_PARTS);
    if (config->sounding > c->size)
        return avqa_fail(AVQA_EINVAL, "%zu of %zu clips cannot sound", config->sounding,
                         c->size);
    if (!config->pairs && !config->count && !config->per_instrument)
        return avqa_fail(AVQA_EINVAL, "say how many: --count N, --per-instrument N, or "
                                      "which: --pairs FILE");
    return AVQA_OK;
}

enum avqa_status avqa_compose_clips(const struct avqa_compose_config *config,
                                    struct avqa_compose_counts *counts)
{
    struct composition c = {.config = config, .counts = counts, .size = 2};
    if (config->kind == AVQA_COMPOSE_STITCH)
        c.size = (size_t)config->columns * (size_t)config->rows;
    enum avqa_status rc = check(&c);
    if (rc == AVQA_OK)
        rc = avqa_dataset_open(&c.cat, config->dataset, AVQA_CATALOG_WRITE);
    if (rc == AVQA_OK)
        rc = prepare(&c);
    if (rc == AVQA_OK && !config->dry_run)
        rc = compose_all(&c);
    release(&c);
    return rc;
}
