/* See import_features.h. Files are taken in the order of their names, so the same tree
 * gives the same shards. */
#include "pipeline/import_features.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "catalog/attempt.h"
#include "catalog/extraction.h"
#include "pipeline/dataset.h"
#include "pipeline/feature_file.h"
#include "pipeline/feature_sink.h"
#include "pipeline/gone.h"
#include "pipeline/shards_folder.h"
#include "pipeline/stage_run.h"
#include "pipeline/walk.h"
#include "shard/index.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct importer {
    struct avqa_feature_run run;
    int lock; /* the folder of shards, or -1 */
    struct avqa_walk walk;
    struct avqa_feature_file *files;
    size_t n_files;
    struct avqa_feature_sink *sink;
};

/* ---- counts ---------------------------------------------------------------------- */

void avqa_import_features_counts_release(struct avqa_import_features_counts *counts)
{
    avqa_remarks_release(&counts->failures);
}

struct avqa_json *
avqa_import_features_counts_json(const struct avqa_import_features_counts *c)
{
    struct avqa_json *out = avqa_json_new_object();
    avqa_json_put_int(out, "files", c->files);
    avqa_json_put_int(out, "clips", c->clips);
    avqa_json_put_int(out, "rows", c->rows);
    avqa_json_put_int(out, "shards", c->shards);
    avqa_json_put_int(out, "bytes", c->bytes);
    avqa_json_put_int(out, "unchanged", c->unchanged);
    avqa_json_put_int(out, "failed", c->failed);
    avqa_json_put_int(out, "ignored", c->ignored);
    avqa_remarks_put(&c->failures, out, "failures", "file");
    return out;
}

/* Notes why a file is not imported. */
static enum avqa_status refuse(struct importer *im, const char *path,
                               const char *reason, const char *detail)
{
    struct avqa_import_features_counts *c = im->run.counts;
    int64_t now = avqa_clock_wall_us();
    struct avqa_attempt a = {.run_id = im->run.run_id,
                             .stage = AVQA_FEATURE_STAGE,
                             .item = path,
                             .started_us = now,
                             .ended_us = now,
                             .outcome = "failed",
                             .class = "permanent",
                             .reason = reason,
                             .detail = detail,
                             .bytes = -1};
    c->failed++;
    avqa_remarks_warn(&c->failures, im->run.config->log,
                      (const char *[]){path, reason, detail});
    const bool absent = avqa_io_is_absent(path); /* a slip of the pen */
    c->absent += absent;
    return absent || im->run.config->dry_run ? AVQA_OK
                                             : avqa_attempt_add(im->run.cat, &a);
}

/* ---- files ----------------------------------------------------------------------- */

/* A file that is called as no clip is may be called by a shard's key, as exports are.
 */
static enum avqa_status find_name(struct importer *im, struct avqa_feature_file *file)
{
    int64_t clip_id = 0;
    enum avqa_status rc = AVQA_OK;
    char *name = avqa_shard_key_name(file->name);
    const bool is_other = name && strcmp(name, file->name) != 0;
    if (is_other)
        rc = avqa_extraction_find_clip(im->run.store, file->name, &clip_id);
    if (is_other && rc == AVQA_OK && clip_id == 0) {
        free(file->name);
        file->name = name;
        return AVQA_OK;
    }
    free(name);
    return rc;
}

/* Looks into a file; what cannot be imported is refused and left out. */
static enum avqa_status look(struct importer *im, const char *path)
{
    const char *reason;
    if (avqa_feature_file_look(&im->files[im->n_files], path, &reason) != AVQA_OK)
        return refuse(im, path, reason, avqa_message());
    return find_name(im, &im->files[im->n_files++]);
}

static enum avqa_status look_at_all(struct importer *im)
{
    size_t n = im->walk.n;
    enum avqa_status rc = avqa_mem_array(&im->files, n + 1, sizeof *im->files);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        im->run.counts->files++;
        rc = look(im, im->walk.paths[i]);
    }
    if (rc == AVQA_OK)
        qsort(im->files, im->n_files, sizeof *im->files, avqa_feature_file_order);
    return rc;
}

/* ---- clips ----------------------------------------------------------------------- */

/* Whether the file is to be imported: not twice in the tree, not there already, and it
 * can be read. */
static enum avqa_status choose(struct importer *im, struct avqa_feature_file *f,
                               const struct avqa_feature_file *before, int64_t clip_id,
                               bool *wanted)
{
    bool has;
    *wanted = false;
    if (clip_id == 0)
        return refuse(im, f->path, "no-clip",
                      "the catalog has no clip of its name; import its questions or a "
                      "manifest first");
    if (before && before->kind == f->kind)
        return refuse(im, f->path, "twice", "another file has the same name and shape");
    enum avqa_status rc = avqa_feature_sink_has(im->sink, f, clip_id, &has);
    if (rc != AVQA_OK)
        return rc;
    im->run.counts->unchanged += has;
    if (has)
        return AVQA_OK;
    *wanted = true;
    rc = avqa_feature_file_read(f);
    if (rc == AVQA_OK || rc == AVQA_ENOMEM)
        return rc;
    *wanted = false;
    return refuse(im, f->path, rc == AVQA_EFORMAT ? "not-whole" : "cannot-read",
                  avqa_message());
}

/* The n files of one name. */
static enum avqa_status import_clip(struct importer *im,
                                    struct avqa_feature_file *files, size_t n)
{
    struct avqa_feature_file *wanted[AVQA_FEATURE_KINDS];
    size_t n_wanted = 0;
    int64_t clip_id;
    enum avqa_status rc =
        avqa_extraction_find_clip(im->run.store, files->name, &clip_id);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        bool take;
        rc = choose(im, &files[i], i ? &files[i - 1] : NULL, clip_id, &take);
        if (rc == AVQA_OK && take)
            wanted[n_wanted++] = &files[i];
    }
    im->run.counts->clips += n_wanted > 0;
    if (rc == AVQA_OK && n_wanted && !im->run.config->dry_run)
        rc = avqa_feature_sink_add(im->sink, wanted, n_wanted, clip_id);
    for (size_t i = 0; i < n; i++)
        avqa_buf_release(&files[i].bytes);
    return rc;
}

static enum avqa_status import_clips(struct importer *im)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < im->n_files;) {
        size_t n = 1;
        while (i + n < im->n_files &&
               strcmp(im->files[i].name, im->files[i + n].name) == 0)
            n++;
        rc = import_clip(im, &im->files[i], n);
        i += n;
        avqa_log_progress(im->run.config->log, "files", (int64_t)i,
                          (int64_t)im->n_files);
        if (rc == AVQA_OK && avqa_log_stopped(im->run.config->log))
            rc = avqa_fail(AVQA_ESTOPPED,
                           "stopped; whole shards are kept, the one in hand is not");
    }
    return rc == AVQA_OK ? avqa_feature_sink_finish(im->sink) : rc;
}

/* ---- the run --------------------------------------------------------------------- */

static enum avqa_status start(struct importer *im)
{
    if (im->run.config->dry_run)
        return AVQA_OK;
    enum avqa_status rc =
        avqa_shards_folder_take(&im->lock, im->run.config->dataset, true);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_json *options = avqa_json_new_object();
    struct avqa_json *paths = avqa_json_put_array(options, "paths");
    for (size_t i = 0; i < im->run.config->n_paths; i++)
        avqa_json_put_string(paths, NULL, im->run.config->paths[i]);
    avqa_json_put_string(options, "encoding", im->run.config->encoding);
    avqa_json_put_string(options, "preset", im->run.config->preset);
    avqa_json_put_int(options, "shard_bytes", im->run.config->shard_bytes);
    avqa_json_put_int(options, "level", im->run.config->level);
    return avqa_stage_start(&im->run.run_id, im->run.cat, AVQA_FEATURE_STAGE, options);
}

static enum avqa_status finish(struct importer *im)
{
    const struct avqa_import_features_config *c = im->run.config;
    const struct avqa_import_features_counts *n = im->run.counts;
    if (c->dry_run)
        return AVQA_OK;
    enum avqa_status rc = avqa_catalog_begin(im->run.cat);
    if (rc == AVQA_OK)
        rc = avqa_gone_skip(im->run.cat, im->run.run_id, AVQA_FEATURE_STAGE, c->paths,
                            c->n_paths);
    if (rc == AVQA_OK)
        rc = avqa_stage_end(
            im->run.cat, im->run.run_id,
            &(struct avqa_stage_end){.whole = n->failed == 0,
                                     .changed = n->shards > 0,
                                     .counts = avqa_import_features_counts_json(n)});
    return rc == AVQA_OK ? avqa_catalog_commit(im->run.cat) : rc;
}

static enum avqa_status run_all(struct importer *im)
{
    enum avqa_status rc = start(im);
    if (rc == AVQA_OK)
        rc = avqa_extraction_store_open(&im->run.store, im->run.cat, im->run.run_id);
    if (rc == AVQA_OK)
        rc = avqa_feature_sink_open(&im->sink, &im->run);
    if (rc == AVQA_OK)
        rc = look_at_all(im);
    if (rc == AVQA_OK)
        rc = import_clips(im);
    return rc == AVQA_OK ? finish(im) : rc; /* else the run stays without an end */
}

enum avqa_status avqa_import_features(const struct avqa_import_features_config *config,
                                      struct avqa_import_features_counts *counts)
{
    struct importer im = {.run = {.config = config, .counts = counts},
                          .lock = -1,
                          .walk = {.ending = "npy"}};
    enum avqa_status rc = AVQA_OK;
    if (!avqa_shard_encoding_find(&im.run.encoding, config->encoding))
        rc = avqa_fail(AVQA_EINVAL, "there is no encoding '%s'", config->encoding);
    for (size_t i = 0; rc == AVQA_OK && i < config->n_paths; i++)
        rc = avqa_walk_add(&im.walk, config->paths[i]);
    counts->ignored = im.walk.n_ignored;
    if (rc == AVQA_OK)
        rc = avqa_dataset_open(&im.run.cat, config->dataset, AVQA_CATALOG_WRITE);
    if (rc == AVQA_OK)
        rc = run_all(&im);
    avqa_feature_sink_close(im.sink);
    avqa_extraction_store_close(im.run.store);
    avqa_catalog_close(im.run.cat);
    for (size_t i = 0; i < im.n_files; i++)
        avqa_feature_file_release(&im.files[i]);
    free(im.files);
    avqa_walk_release(&im.walk);
    if (im.lock >= 0)
        close(im.lock);
    return rc;
}
