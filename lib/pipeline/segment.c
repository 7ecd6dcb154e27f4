/* See segment.h. First the clips that are asked for are made sure of in the catalog,
 * then those without their file are cut in batches, by several threads, and each batch
 * is written down in one transaction: a run that is stopped or killed keeps what it
 * did. A clip is cut by one thread and its encoder knows no CPU, so its bytes are the
 * same for any number of jobs. */
#include "pipeline/segment.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/intern.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/pool.h"
#include "catalog/attempt.h"
#include "catalog/clip.h"
#include "catalog/footage.h"
#include "catalog/run.h"
#include "media/cut.h"
#include "pipeline/clips_folder.h"
#include "pipeline/dataset.h"
#include "pipeline/import_run.h"
#include "pipeline/stage_run.h"
#include "pipeline/stretch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { BATCH = 32 };
static const char STAGE[] = "segment";
static const char FOLDER[] = AVQA_CLIPS_FOLDER;

/* A clip to be cut. */
struct item {
    int64_t clip_id, source_id, start_us, end_us;
    char *name, *source_path, *path, *recipe; /* path: relative to the dataset */
    bool mirror;
    struct avqa_cut_report report;
    bool tried;
    int64_t started_us, ended_us, bytes;
    char sha256[AVQA_SHA256_HEX];
};

struct segmenter {
    const struct avqa_segment_config *config;
    struct avqa_segment_counts *counts;
    struct avqa_catalog *cat;
    struct avqa_clip_store *clips;
    char *folder; /* of the clips */
    int64_t run_id;
    struct avqa_intern wanted; /* names of clips, where sources are divided */
    struct avqa_stretches stretches;
    struct item *items;
    size_t n_items, items_cap, first; /* of the batch */
};

/* ---- remarks --------------------------------------------------------------------- */

static void remark(struct segmenter *s, struct item *item)
{
    struct avqa_segment_counts *counts = s->counts;
    const struct avqa_cut_report *r = &item->report;
    const struct avqa_log *log = s->config->log;
    char text[AVQA_VERDICT_REASON + 32];
    if (*r->reason)
        avqa_remarks_warn(r->written ? &counts->remarks : &counts->failures, log,
                          (const char *[]){item->name, r->reason, r->detail});
    if (!*r->fell_back || !r->written)
        return;
    snprintf(text, sizeof text, "it is cut exactly: %s", r->fell_back);
    avqa_remarks_warn(&counts->fallbacks, log,
                      (const char *[]){item->name, "fell-back", text});
}

/* ---- which clips there are to be ------------------------------------------------- */

static enum avqa_status ensure(struct segmenter *s, const struct avqa_stretch *stretch,
                               bool flip)
{
    struct avqa_import_origin origin;
    char name[AVQA_IMPORT_NAME_MAX + sizeof AVQA_STRETCH_FLIP];
    int64_t id;
    bool is_new;
    snprintf(name, sizeof name, "%s%s", stretch->name, flip ? AVQA_STRETCH_FLIP : "");
    struct avqa_clip clip = {.picture = name,
                             .sound = name,
                             .source = stretch->source,
                             .start_us = stretch->start_us,
                             .duration_us = stretch->duration_us};
    avqa_import_origin(&clip, &origin);
    enum avqa_status rc = avqa_clip_ensure(s->clips, &clip, &id, &is_new);
    s->counts->made += rc == AVQA_OK && is_new;
    avqa_intern_add(&s->wanted, name, strlen(name), NULL);
    return rc;
}

static bool divides(const struct avqa_segment_config *config)
{
    return config->length_us || config->scenes;
}

/* The stretches that a length, scenes or --flip ask for. Nothing is written yet. */
static enum avqa_status find_stretches(struct segmenter *s)
{
    const struct avqa_segment_config *config = s->config;
    const struct avqa_stretch_options options = {.dataset = config->dataset,
                                                 .length_us = config->length_us,
                                                 .threshold = config->threshold,
                                                 .least_us = config->least_us,
                                                 .keep_last = config->keep_last,
                                                 .n_jobs = config->n_jobs,
                                                 .log = config->log};
    enum avqa_status rc = AVQA_OK;
    if (divides(config))
        rc = avqa_stretches_divide(&s->stretches, s->cat, &options);
    else if (config->flip)
        rc = avqa_stretches_of_clips(&s->stretches, s->cat);
    if (rc == AVQA_OK && divides(config)) {
        s->counts->no_scenes = (int64_t)s->stretches.n_refused;
        rc = avqa_stretches_refuse_divided(&s->stretches, s->cat);
        s->counts->divided = (int64_t)s->stretches.n_refused - s->counts->no_scenes;
    }
    return rc;
}

/* A source's row in the ledger has a name of its own, as clips can be called like
 * their source. */
static enum avqa_status note_source(struct segmenter *s, const char *source,
                                    const struct avqa_stretch_refusal *refusal)
{
    char item[AVQA_IMPORT_NAME_MAX + 3];
    int64_t now_us = avqa_clock_wall_us();
    snprintf(item, sizeof item, "%s_#", source);
    struct avqa_attempt a = {.run_id = s->run_id,
                             .stage = STAGE,
                             .item = item,
                             .source_id = refusal ? refusal->source_id : 0,
                             .started_us = now_us,
                             .ended_us = now_us,
                             .outcome = refusal ? "failed" : "done",
                             .reason = refusal ? refusal->reason : NULL,
                             .detail = refusal ? refusal->detail : NULL};
    return avqa_attempt_add(s->cat, &a);
}

/* Sources that are not divided have their reason in the ledger; one that is divided has
 * a row, too, so that an older reason no longer counts. */
static enum avqa_status note_sources(struct segmenter *s)
{
    const struct avqa_stretches *all = &s->stretches;
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < all->n_refused; i++) {
        const struct avqa_stretch_refusal *r = &all->refused[i];
        avqa_remarks_warn(&s->counts->refused, s->config->log,
                          (const char *[]){r->source, r->reason, r->detail});
        rc = note_source(s, r->source, r);
    }
    for (size_t i = 0; rc == AVQA_OK && divides(s->config) && i < all->n; i++) {
        if (i == 0 || strcmp(all->all[i].source, all->all[i - 1].source) != 0)
            rc = note_source(s, all->all[i].source, NULL);
    }
    return rc;
}

static enum avqa_status make_clips(struct segmenter *s)
{
    const struct avqa_segment_config *config = s->config;
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < s->stretches.n; i++) {
        const struct avqa_stretch *stretch = &s->stretches.all[i];
        if (divides(config))
            rc = ensure(s, stretch, false);
        if (rc == AVQA_OK && config->flip && !avqa_stretch_is_flip(stretch->source))
            rc = ensure(s, stretch, true);
    }
    return rc;
}

/* ---- which of them are to be cut ------------------------------------------------- */

static char *make_recipe(const struct segmenter *s, const struct item *item,
                         const char *sha256)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_json *r = avqa_json_new_object();
    avqa_json_put_string(r, "mode", avqa_cut_mode_name(s->config->mode));
    avqa_json_put_string(r, "source", sha256);
    avqa_json_put_int(r, "start_us", item->start_us);
    avqa_json_put_int(r, "end_us", item->end_us);
    avqa_json_put_int(r, "mirror", item->mirror);
    if (s->config->mode != AVQA_CUT_COPY)
        avqa_json_put_int(r, "crf", s->config->crf);
    avqa_json_print(&text, r, 0);
    avqa_json_free(r);
    char *recipe = avqa_mem_strdup(avqa_buf_str(&text));
    avqa_buf_release(&text);
    return recipe;
}

/* What came of it goes behind the recipe. */
static char *complete_recipe(const char *recipe, const struct avqa_cut_report *report)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_buf rest = AVQA_BUF_INIT;
    struct avqa_json *r = avqa_json_new_object();
    avqa_json_put_string(r, "as", avqa_cut_mode_name(report->mode));
    avqa_json_put_int(r, "from_us", report->start_us);
    avqa_json_put_int(r, "to_us", report->end_us);
    if (*report->fell_back)
        avqa_json_put_string(r, "fell_back", report->fell_back);
    avqa_json_print(&rest, r, 0);
    avqa_json_free(r);
    avqa_buf_add(&text, recipe, strlen(recipe) - 1);
    avqa_buf_addf(&text, ",%s", avqa_buf_str(&rest) + 1);
    char *all = avqa_mem_strdup(avqa_buf_str(&text));
    avqa_buf_release(&text);
    avqa_buf_release(&rest);
    return all;
}

/* Whether a clip's recipe begins with this one. */
static bool is_recipe(const char *of_clip, const char *recipe)
{
    size_t n = strlen(recipe) - 1;
    return strncmp(of_clip, recipe, n) == 0 && (of_clip[n] == ',' || of_clip[n] == '}');
}

static bool is_there(const struct segmenter *s, const struct avqa_footage *f,
                     const char *recipe)
{
    struct stat st;
    if (!f->path || !f->recipe || !is_recipe(f->recipe, recipe))
        return false;
    char *path = avqa_io_join(s->config->dataset, f->path);
    bool same = stat(path, &st) == 0 && st.st_size == f->bytes;
    free(path);
    return same;
}

static void release_item(struct item *item)
{
    free(item->name);
    free(item->source_path);
    free(item->path);
    free(item->recipe);
}

static enum avqa_status list_item(void *user, const struct avqa_footage *f)
{
    struct segmenter *s = user;
    char file[AVQA_IMPORT_NAME_MAX + 32];
    if (divides(s->config) &&
        avqa_intern_find(&s->wanted, f->clip, strlen(f->clip)) == AVQA_INTERN_NONE)
        return AVQA_OK;
    struct item item = {.clip_id = f->clip_id, .source_id = f->source_id};
    item.start_us = f->start_us == AVQA_CLIP_UNKNOWN ? 0 : f->start_us;
    item.end_us = f->duration_us == AVQA_CLIP_UNKNOWN ? f->source_duration_us
                                                      : item.start_us + f->duration_us;
    item.mirror = f->method && strcmp(f->method, "flip") == 0 &&
                  strcmp(f->clip, f->source) != 0; /* else the file is mirrored */
    item.recipe = make_recipe(s, &item, f->source_sha256 ? f->source_sha256 : "");
    s->counts->clips++;
    if (is_there(s, f, item.recipe)) {
        s->counts->unchanged++;
        release_item(&item);
        return AVQA_OK;
    }
    snprintf(file, sizeof file, "%s/%s.mp4", FOLDER, f->clip);
    item.name = avqa_mem_strdup(f->clip);
    item.path = avqa_mem_strdup(file);
    item.source_path = *f->source_path == '/'
                           ? avqa_mem_strdup(f->source_path)
                           : avqa_io_join(s->config->dataset, f->source_path);
    avqa_mem_need(&s->items, &s->items_cap, s->n_items + 1, sizeof *s->items);
    s->items[s->n_items++] = item;
    return AVQA_OK;
}

/* ---- cutting --------------------------------------------------------------------- */

static enum avqa_status hash_file(struct item *item, const char *path)
{
    static const size_t size = 1 << 16;
    FILE *f = fopen(path, "rb");
    size_t n;
    if (!f)
        return avqa_fail(AVQA_EIO, "%s: cannot be read: %s", path, strerror(errno));
    char *bytes = avqa_mem_new(size);
    struct avqa_sha256 *sha = avqa_sha256_new();
    while ((n = fread(bytes, 1, size, f)) > 0) {
        avqa_sha256_add(sha, bytes, n);
        item->bytes += (int64_t)n;
    }
    bool bad = ferror(f) != 0;
    fclose(f);
    avqa_sha256_hex(sha, item->sha256);
    avqa_sha256_free(sha);
    free(bytes);
    return bad ? avqa_fail(AVQA_EIO, "%s: cannot be read", path) : AVQA_OK;
}

static enum avqa_status cut_item(void *user, size_t i)
{
    struct segmenter *s = user;
    struct item *item = &s->items[s->first + i];
    struct avqa_cut_options options = AVQA_CUT_DEFAULTS;
    enum avqa_status rc = AVQA_OK;
    if (avqa_log_stopped(s->config->log))
        return avqa_fail(AVQA_ESTOPPED, "stopped");
    options.start_us = item->start_us;
    options.end_us = item->end_us;
    options.mirror = item->mirror;
    options.mode = s->config->mode;
    options.crf = s->config->crf;
    options.log = s->config->log;
    char *path = avqa_io_join(s->config->dataset, item->path);
    item->started_us = avqa_clock_wall_us();
    if (item->start_us < 0 || item->end_us <= item->start_us ||
        item->end_us > AVQA_MEDIA_DURATION_US_DEFAULT) {
        snprintf(item->report.reason, sizeof item->report.reason, "bad-times");
        snprintf(item->report.detail, sizeof item->report.detail,
                 "it is to be from %.3f to %.3f s", (double)item->start_us / 1e6,
                 (double)item->end_us / 1e6);
    } else {
        rc = avqa_cut(&item->report, path, item->source_path, &options);
    }
    if (rc == AVQA_OK && item->report.written)
        rc = hash_file(item, path);
    item->ended_us = avqa_clock_wall_us();
    item->tried = rc == AVQA_OK;
    free(path);
    return rc;
}

/* ---- writing down ---------------------------------------------------------------- */

static enum avqa_status store(struct segmenter *s, struct item *item)
{
    const bool exact = s->config->mode == AVQA_CUT_EXACT;
    const struct avqa_cut_report *r = &item->report;
    char *recipe = exact ? NULL : complete_recipe(item->recipe, &item->report);
    struct avqa_footage_file file = {.clip_id = item->clip_id,
                                     .bytes = item->bytes,
                                     .path = item->path,
                                     .sha256 = item->sha256,
                                     .recipe = recipe ? recipe : item->recipe};
    struct avqa_attempt a = {.run_id = s->run_id,
                             .stage = STAGE,
                             .item = item->name,
                             .source_id = item->source_id,
                             .clip_id = item->clip_id,
                             .started_us = item->started_us,
                             .ended_us = item->ended_us,
                             .outcome = r->written ? "done" : "failed",
                             .reason = *r->reason ? r->reason : NULL,
                             .detail = *r->detail ? r->detail : NULL,
                             .bytes = item->bytes};
    enum avqa_status rc = r->written ? avqa_footage_put(s->cat, &file) : AVQA_OK;
    if (rc == AVQA_OK)
        rc = avqa_attempt_add(s->cat, &a);
    free(recipe);
    s->counts->cut += r->written;
    s->counts->failed += !r->written;
    s->counts->flawed += r->written && *r->reason;
    s->counts->pictures += r->n_pictures;
    s->counts->samples += r->n_samples;
    s->counts->bytes += item->bytes;
    s->counts->copied += r->n_copied;
    s->counts->fell_back += r->written && *r->fell_back;
    remark(s, item);
    return rc;
}

static enum avqa_status run_batch(struct segmenter *s, size_t n)
{
    enum avqa_status done = avqa_pool_run(s->config->n_jobs, n, cut_item, s);
    enum avqa_status rc = avqa_catalog_begin(s->cat); /* what was cut is kept */
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        if (s->items[s->first + i].tried)
            rc = store(s, &s->items[s->first + i]);
    }
    if (rc == AVQA_OK)
        rc = avqa_catalog_commit(s->cat);
    return rc == AVQA_OK ? done : rc;
}

/* ---- the run --------------------------------------------------------------------- */

static enum avqa_status start(struct segmenter *s)
{
    struct avqa_json *options = avqa_json_new_object();
    avqa_json_put_string(options, "mode", avqa_cut_mode_name(s->config->mode));
    avqa_json_put_int(options, "length_us", s->config->length_us);
    if (s->config->scenes) {
        avqa_json_put_double(options, "threshold", s->config->threshold);
        avqa_json_put_int(options, "least_us", s->config->least_us);
    }
    avqa_json_put_int(options, "keep_last", s->config->keep_last);
    avqa_json_put_int(options, "flip", s->config->flip);
    avqa_json_put_int(options, "crf", s->config->crf);
    return avqa_stage_start(&s->run_id, s->cat, STAGE, options);
}

static enum avqa_status finish(struct segmenter *s)
{
    const struct avqa_segment_counts *n = s->counts;
    return avqa_stage_finish(
        s->cat, s->run_id,
        &(struct avqa_stage_end){.whole =
                                     n->failed + (int64_t)s->stretches.n_refused == 0,
                                 .changed = n->made + n->cut > 0,
                                 .counts = avqa_segment_counts_json(n)});
}

/* Everything before the first cut. A dry run ends here, and commits nothing. */
static enum avqa_status prepare(struct segmenter *s)
{
    enum avqa_status rc = find_stretches(s);
    if (rc == AVQA_OK)
        rc = avqa_catalog_begin(s->cat);
    if (rc == AVQA_OK)
        rc = start(s);
    if (rc == AVQA_OK)
        rc = note_sources(s);
    if (rc == AVQA_OK)
        rc = avqa_clip_store_open(&s->clips, s->cat, s->run_id);
    if (rc == AVQA_OK)
        rc = make_clips(s);
    if (rc == AVQA_OK)
        rc = avqa_footage_each(s->cat, list_item, s);
    if (rc == AVQA_OK && s->config->dry_run)
        s->counts->cut = (int64_t)s->n_items;
    else if (rc == AVQA_OK)
        rc = avqa_catalog_commit(s->cat);
    return rc;
}

static enum avqa_status cut_all(struct segmenter *s)
{
    enum avqa_status rc = avqa_clips_folder_clean(s->folder);
    for (s->first = 0; rc == AVQA_OK && s->first < s->n_items; s->first += BATCH) {
        size_t left = s->n_items - s->first;
        size_t n = left < BATCH ? left : BATCH;
        rc = run_batch(s, n);
        avqa_log_progress(s->config->log, "clips", (int64_t)(s->first + n),
                          (int64_t)s->n_items);
    }
    if (rc == AVQA_ESTOPPED)
        return avqa_fail(AVQA_ESTOPPED, "stopped; what was done is kept");
    return rc == AVQA_OK ? finish(s) : rc; /* else the run stays without an end */
}

static void release(struct segmenter *s)
{
    for (size_t i = 0; i < s->n_items; i++)
        release_item(&s->items[i]);
    free(s->items);
    avqa_stretches_release(&s->stretches);
    free(s->folder);
    avqa_intern_release(&s->wanted);
    avqa_clip_store_close(s->clips);
    avqa_catalog_close(s->cat);
}

enum avqa_status avqa_segment(const struct avqa_segment_config *config,
                              struct avqa_segment_counts *counts)
{
    struct segmenter s = {.config = config, .counts = counts};
    s.folder = avqa_io_join(config->dataset, FOLDER);
    enum avqa_status rc =
        avqa_dataset_open(&s.cat, config->dataset, AVQA_CATALOG_WRITE);
    if (rc == AVQA_OK)
        rc = prepare(&s);
    if (rc == AVQA_OK && !config->dry_run)
        rc = cut_all(&s);
    release(&s);
    return rc;
}
