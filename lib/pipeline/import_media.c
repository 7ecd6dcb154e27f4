/* See import_media.h. Files are taken in batches: looked up, read by several threads,
 * and written down in one transaction, so that a run that is stopped or killed keeps
 * what it did and a further one only does the rest.
 *
 * A source is named as its file, without the ending. A name that is taken by other
 * bytes is a failure: nothing is replaced behind the back of the questions about it. */
#include "pipeline/import_media.h"
#include "base/intern.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/pool.h"
#include "catalog/attempt.h"
#include "catalog/clip.h"
#include "catalog/file.h"
#include "catalog/footage.h"
#include "catalog/measure.h"
#include "pipeline/dataset.h"
#include "pipeline/gone.h"
#include "pipeline/media_file.h"
#include "pipeline/stage_run.h"
#include "pipeline/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 64, MAX_WARNINGS = 20 };
static const char STAGE[] = "import media";

/* A file to be imported. */
struct entry {
    char *path, *name; /* name: of its source; NULL: as the file is called */
};

/* A file of the batch, and what the catalog had of its name. */
struct item {
    const char *label; /* in the ledger */
    struct avqa_media_file file;
    bool known;    /* the source is in the catalog */
    bool has_file; /* with a file */
    int64_t source_id;
    bool elsewhere;   /* which is there, and another one than this */
    char *known_path; /* absolute */
    char known_sha256[AVQA_SHA256_HEX];
};

struct importer {
    const struct avqa_import_media_config *config;
    struct avqa_import_media_counts *counts;
    struct avqa_catalog *cat;
    struct avqa_clip_store *clips;
    struct avqa_file_store *files;
    char *dataset; /* absolute */
    int64_t run_id;
    bool changed;             /* something was read, so the catalog is not as it was */
    struct avqa_intern names; /* of this run */
    struct entry *entries;
    size_t n_entries, cap_entries;
    struct item batch[BATCH];
};

/* ---- counts ---------------------------------------------------------------------- */

void avqa_import_media_counts_release(struct avqa_import_media_counts *counts)
{
    avqa_remarks_release(&counts->failures);
    avqa_remarks_release(&counts->remarks);
}

struct avqa_json *
avqa_import_media_counts_json(const struct avqa_import_media_counts *counts)
{
    struct avqa_json *out = avqa_json_new_object();
    avqa_json_put_int(out, "files", counts->files);
    avqa_json_put_int(out, "sources", counts->sources);
    avqa_json_put_int(out, "clips", counts->clips);
    avqa_json_put_int(out, "updated", counts->updated);
    avqa_json_put_int(out, "unchanged", counts->unchanged);
    avqa_json_put_int(out, "duplicates", counts->duplicates);
    avqa_json_put_int(out, "flawed", counts->flawed);
    avqa_json_put_int(out, "failed", counts->failed);
    avqa_json_put_int(out, "ignored", counts->ignored);
    avqa_remarks_put(&counts->failures, out, "failures", "file");
    avqa_remarks_put(&counts->remarks, out, "remarks", "file");
    return out;
}

/* Something to be said of a file that was imported all the same. */
static void remark_on(struct importer *im, const struct avqa_media_file *file,
                      const char *reason, const char *detail)
{
    avqa_remarks_add(&im->counts->remarks, file->path, reason, detail);
    if (im->counts->remarks.n <= MAX_WARNINGS)
        avqa_log_write(im->config->log, AVQA_LOG_WARNING, "%s: %s", file->path, detail);
}

/* ---- before reading -------------------------------------------------------------- */

static char *whole_path(const struct importer *im, const char *path)
{
    return *path == '/' ? avqa_mem_strdup(path) : avqa_io_join(im->dataset, path);
}

/* What the catalog has of the name, and whether the file need not be read again: one of
 * the same size and time was, and is still there. */
static enum avqa_status look_up(struct importer *im, struct item *item)
{
    struct avqa_media_file *file = &item->file;
    struct avqa_file had;
    enum avqa_status rc = avqa_file_find(im->files, file->name, &had, &item->known);
    item->has_file = rc == AVQA_OK && item->known && had.path && had.sha256;
    if (!item->has_file)
        return rc;
    item->source_id = had.id;
    item->known_path = whole_path(im, had.path);
    memcpy(item->known_sha256, had.sha256,
           strnlen(had.sha256, sizeof item->known_sha256 - 1));
    char *real = realpath(item->known_path, NULL);
    item->elsewhere = real && strcmp(real, file->real) != 0;
    bool measured = had.measured || !im->config->measure;
    if (real && measured && had.bytes == file->bytes && had.mtime_us == file->mtime_us)
        file->state = AVQA_MEDIA_FILE_UNCHANGED;
    else if (item->elsewhere && had.bytes != file->bytes)
        avqa_media_file_fail(file, "name-taken",
                             "its name is taken by %s, which has other bytes",
                             had.path);
    free(real);
    return AVQA_OK;
}

static enum avqa_status prepare(struct importer *im, struct item *item,
                                const struct entry *entry)
{
    bool is_new;
    *item = (struct item){.label = entry->name ? entry->name : entry->path};
    avqa_media_file_stat(&item->file, entry->path, entry->name);
    im->counts->files++;
    if (item->file.state == AVQA_MEDIA_FILE_FAILED)
        return AVQA_OK;
    avqa_intern_add(&im->names, item->file.name, strlen(item->file.name), &is_new);
    if (!is_new) {
        avqa_media_file_fail(&item->file, "name-taken",
                             "an earlier file of this import has its name");
        return AVQA_OK;
    }
    return look_up(im, item);
}

static enum avqa_status read_item(void *user, size_t i)
{
    struct importer *im = user;
    struct item *item = &im->batch[i];
    bool copy = im->config->copy && !im->config->dry_run && !item->elsewhere;
    if (item->file.state != AVQA_MEDIA_FILE_NEW)
        return AVQA_OK;
    if (avqa_log_stopped(im->config->log))
        return avqa_fail(AVQA_ESTOPPED, "stopped");
    struct avqa_media_file_work work = {.copy_to = copy ? im->dataset : NULL,
                                        .measure = im->config->measure,
                                        .log = im->config->log};
    return avqa_media_file_read(&item->file, &work);
}

/* ---- writing down ---------------------------------------------------------------- */

/* The path to store: within the dataset's folder it is relative, so that the folder can
 * be moved. */
static const char *stored_path(const struct importer *im,
                               const struct avqa_media_file *file)
{
    size_t n = strlen(im->dataset);
    if (file->copied)
        return file->copied;
    if (strncmp(file->real, im->dataset, n) == 0 && file->real[n] == '/')
        return file->real + n + 1;
    return file->real;
}

static int64_t length_us(const struct avqa_media_info *info)
{
    if (info->has_video && info->video.duration_us)
        return info->video.duration_us;
    return info->duration_us;
}

/* A clip of the whole source, unless a manifest made one; a sound alone makes none, nor
 * does a source that the catalog had: its clips are there. A clip that questions or
 * facts brought in under this name is of this source now. */
static enum avqa_status make_clip(struct importer *im,
                                  const struct avqa_media_file *file, int64_t *id)
{
    struct avqa_import_origin origin;
    bool is_new;
    struct avqa_clip clip = {.picture = file->name,
                             .sound = file->name,
                             .source = file->name,
                             .start_us = 0,
                             .duration_us = length_us(&file->info)};
    *id = 0;
    if (!file->info.has_video || im->config->n_paths == 0)
        return AVQA_OK;
    avqa_import_origin(&clip, &origin);
    enum avqa_status rc = avqa_clip_ensure(im->clips, &clip, id, &is_new);
    im->counts->clips += rc == AVQA_OK && is_new;
    return rc == AVQA_OK && !is_new ? avqa_clip_adopt(im->clips, *id, &clip) : rc;
}

static enum avqa_status add_attempt(struct importer *im, const struct item *item,
                                    int64_t source_id, int64_t clip_id)
{
    const struct avqa_media_file *file = &item->file;
    bool failed = file->state == AVQA_MEDIA_FILE_FAILED;
    struct avqa_attempt a = {.run_id = im->run_id,
                             .stage = STAGE,
                             .item = item->label,
                             .source_id = source_id,
                             .clip_id = clip_id,
                             .started_us = file->started_us,
                             .ended_us =
                                 file->ended_us ? file->ended_us : file->started_us,
                             .outcome = failed ? "failed" : "done",
                             .reason = *file->reason ? file->reason : NULL,
                             .detail = *file->detail ? file->detail : NULL,
                             .bytes = file->bytes};
    return avqa_attempt_add(im->cat, &a);
}

static enum avqa_status
put_measures(struct importer *im, const struct avqa_media_file *file, int64_t source_id)
{
    const struct avqa_media_measures *m = &file->measures;
    const struct avqa_verdict *v = &file->info.verdict;
    struct avqa_measure measure = {
        .source_id = source_id,
        .sha256 = file->sha256,
        .outcome = avqa_media_outcome_name(v->outcome),
        .detail = v->reason,
        .picture_us =
            file->info.has_video ? m->report.picture_end_us : AVQA_MEASURE_NONE,
        .sound_us = file->info.has_audio ? m->report.sound_end_us : AVQA_MEASURE_NONE,
        .picture = avqa_buf_str(&m->picture),
        .sound = avqa_buf_str(&m->sound),
        .picture_print = avqa_buf_str(&m->picture_print),
        .sound_print = avqa_buf_str(&m->sound_print)};
    return file->measured ? avqa_measure_put(im->cat, &measure) : AVQA_OK;
}

static enum avqa_status store_read(struct importer *im, struct item *item)
{
    struct avqa_media_file *file = &item->file;
    int64_t source_id;
    int64_t clip_id;
    const char *twin;
    struct avqa_file record = {.source = file->name,
                               .path = stored_path(im, file),
                               .sha256 = file->sha256,
                               .bytes = file->bytes,
                               .mtime_us = file->mtime_us,
                               .duration_us = length_us(&file->info)};
    bool same = item->has_file && strcmp(item->known_sha256, file->sha256) == 0;
    im->changed = true;
    if (item->elsewhere && same) { /* the one that is recorded stays */
        im->counts->unchanged++;
        return put_measures(im, file, item->source_id);
    }
    enum avqa_status rc = avqa_file_twin(im->files, &record, &twin);
    if (rc == AVQA_OK && twin && !same) {
        char detail[2 * AVQA_IMPORT_NAME_MAX];
        snprintf(detail, sizeof detail, "it has the same bytes as the source %s", twin);
        im->counts->duplicates++;
        remark_on(im, file, "same-content", detail);
    }
    if (rc == AVQA_OK)
        rc = avqa_file_put(im->files, &record, &source_id);
    if (rc == AVQA_OK)
        rc = put_measures(im, file, source_id);
    if (rc == AVQA_OK)
        rc = make_clip(im, file, &clip_id);
    if (rc == AVQA_OK)
        rc = add_attempt(im, item, source_id, clip_id);
    im->counts->unchanged += same;
    im->counts->sources += !item->known;
    im->counts->updated += item->known && !same;
    if (*file->reason) {
        im->counts->flawed++;
        remark_on(im, file, file->reason, file->detail);
    }
    return rc;
}

static enum avqa_status store_failed(struct importer *im, const struct item *item)
{
    const struct avqa_media_file *file = &item->file;
    im->counts->failed++;
    avqa_remarks_add(&im->counts->failures, file->path, file->reason, file->detail);
    if (im->counts->failed <= MAX_WARNINGS)
        avqa_log_write(im->config->log, AVQA_LOG_WARNING, "%s: %s", file->path,
                       file->detail);
    const bool absent = /* a slip of the pen */
        im->config->n_paths && !file->real && avqa_io_is_absent(file->path);
    im->counts->absent += absent;
    return absent ? AVQA_OK : add_attempt(im, item, 0, 0);
}

static enum avqa_status store(struct importer *im, struct item *item)
{
    struct avqa_media_file *file = &item->file;
    if (file->state == AVQA_MEDIA_FILE_READ && item->elsewhere &&
        strcmp(item->known_sha256, file->sha256) != 0)
        avqa_media_file_fail(file, "name-taken",
                             "its name is taken by %s, which has other bytes",
                             item->known_path);
    switch (file->state) {
    case AVQA_MEDIA_FILE_READ:
        return store_read(im, item);
    case AVQA_MEDIA_FILE_FAILED:
        return store_failed(im, item);
    case AVQA_MEDIA_FILE_UNCHANGED:
        im->counts->unchanged++;
        return AVQA_OK;
    default: /* not reached, since the run was stopped */
        im->counts->files--;
        return AVQA_OK;
    }
}

/* ---- the run --------------------------------------------------------------------- */

/* A dry run is one transaction that is never committed. */
static enum avqa_status begin(struct importer *im)
{
    return im->config->dry_run ? AVQA_OK : avqa_catalog_begin(im->cat);
}

static enum avqa_status commit(struct importer *im)
{
    return im->config->dry_run ? AVQA_OK : avqa_catalog_commit(im->cat);
}

static enum avqa_status run_batch(struct importer *im, size_t first, size_t n)
{
    enum avqa_status rc = AVQA_OK;
    size_t ready = 0;
    for (; rc == AVQA_OK && ready < n; ready++)
        rc = prepare(im, &im->batch[ready], &im->entries[first + ready]);
    enum avqa_status read = rc;
    if (rc == AVQA_OK)
        read = avqa_pool_run(im->config->n_jobs, n, read_item, im);
    if (rc == AVQA_OK) /* what was read is kept, whatever stopped the rest */
        rc = begin(im);
    for (size_t i = 0; rc == AVQA_OK && i < ready; i++)
        rc = store(im, &im->batch[i]);
    if (rc == AVQA_OK)
        rc = commit(im);
    for (size_t i = 0; i < ready; i++) {
        avqa_media_file_release(&im->batch[i].file);
        free(im->batch[i].known_path);
    }
    return rc == AVQA_OK ? read : rc;
}

static enum avqa_status start(struct importer *im)
{
    struct avqa_json *options = avqa_json_new_object();
    struct avqa_json *paths = avqa_json_put_array(options, "paths");
    for (size_t i = 0; i < im->config->n_paths; i++)
        avqa_json_put_string(paths, NULL, im->config->paths[i]);
    avqa_json_put_int(options, "copy", im->config->copy);
    avqa_json_put_int(options, "measure", im->config->measure);
    enum avqa_status rc = avqa_catalog_begin(im->cat);
    if (rc != AVQA_OK) {
        avqa_json_free(options);
        return rc;
    }
    rc = avqa_stage_start(&im->run_id, im->cat, STAGE, options);
    return rc == AVQA_OK ? commit(im) : rc;
}

static enum avqa_status finish(struct importer *im)
{
    const struct avqa_import_media_config *c = im->config;
    enum avqa_status rc = begin(im);
    if (rc == AVQA_OK)
        rc = avqa_gone_skip(im->cat, im->run_id, STAGE, c->paths, c->n_paths);
    if (rc == AVQA_OK)
        rc = avqa_stage_end(im->cat, im->run_id,
                            &(struct avqa_stage_end){
                                .whole = im->counts->failed == 0,
                                .changed = im->changed,
                                .counts = avqa_import_media_counts_json(im->counts)});
    return rc == AVQA_OK ? commit(im) : rc;
}

static enum avqa_status add_entry(struct importer *im, char *path, char *name)
{
    enum avqa_status rc = avqa_mem_grow(&im->entries, &im->cap_entries,
                                        im->n_entries + 1, sizeof *im->entries);
    if (rc == AVQA_OK) {
        im->entries[im->n_entries++] = (struct entry){path, name};
        return AVQA_OK;
    }
    free(path);
    free(name);
    return rc;
}

static enum avqa_status list_source(void *user, const struct avqa_footage *f)
{
    struct importer *im = user;
    return add_entry(im, whole_path(im, f->source_path), avqa_mem_strdup(f->source));
}

/* What is to be imported: what the paths name, or the sources' own files. */
static enum avqa_status list_entries(struct importer *im)
{
    struct avqa_walk walk = {0};
    enum avqa_status rc = AVQA_OK;
    if (im->config->n_paths == 0)
        return avqa_footage_source_each(im->cat, list_source, im);
    for (size_t i = 0; rc == AVQA_OK && i < im->config->n_paths; i++)
        rc = avqa_walk_add(&walk, im->config->paths[i]);
    im->counts->ignored = walk.n_ignored;
    for (size_t i = 0; rc == AVQA_OK && i < walk.n; i++) {
        rc = add_entry(im, walk.paths[i], NULL);
        walk.paths[i] = NULL;
    }
    avqa_walk_release(&walk);
    return rc;
}

static enum avqa_status run_all(struct importer *im)
{
    enum avqa_status rc = avqa_clip_store_open(&im->clips, im->cat, im->run_id);
    if (rc == AVQA_OK)
        rc = avqa_file_store_open(&im->files, im->cat);
    for (size_t i = 0; rc == AVQA_OK && i < im->n_entries; i += BATCH) {
        size_t n = im->n_entries - i < BATCH ? im->n_entries - i : BATCH;
        rc = run_batch(im, i, n);
        avqa_log_progress(im->config->log, "files", (int64_t)(i + n),
                          (int64_t)im->n_entries);
    }
    avqa_clip_store_close(im->clips);
    avqa_file_store_close(im->files);
    if (rc == AVQA_ESTOPPED)
        return avqa_fail(AVQA_ESTOPPED, "stopped; what was done is kept");
    return rc == AVQA_OK ? finish(im) : rc; /* else the run stays without an end */
}

enum avqa_status avqa_import_media(const struct avqa_import_media_config *config,
                                   struct avqa_import_media_counts *counts)
{
    struct importer *im = avqa_mem_new(sizeof *im);
    im->config = config;
    im->counts = counts;
    enum avqa_status rc =
        avqa_dataset_open(&im->cat, config->dataset, AVQA_CATALOG_WRITE);
    if (rc == AVQA_OK) {
        im->dataset = realpath(config->dataset, NULL);
        rc = im->dataset ? list_entries(im)
                         : avqa_fail(AVQA_EIO, "%s: is gone", config->dataset);
    }
    if (rc == AVQA_OK)
        rc = start(im);
    if (rc == AVQA_OK)
        rc = run_all(im);
    avqa_catalog_close(im->cat);
    for (size_t i = 0; i < im->n_entries; i++) {
        free(im->entries[i].path);
        free(im->entries[i].name);
    }
    free(im->entries);
    avqa_intern_release(&im->names);
    free(im->dataset);
    free(im);
    return rc;
}
