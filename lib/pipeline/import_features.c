/* See import_features.h. Files are taken in the order of their names, so the same tree
 * gives the same shards. A shard has its name before its row: what a kill leaves
 * between the two is written again under the same number, with the same bytes. */
#include "pipeline/import_features.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "catalog/attempt.h"
#include "catalog/extraction.h"
#include "pipeline/dataset.h"
#include "pipeline/feature_file.h"
#include "pipeline/shards_folder.h"
#include "pipeline/stage_run.h"
#include "pipeline/walk.h"
#include "shard/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char STAGE[] = "import features";

/* A row of the shard in hand, for the catalog. */
struct row {
    int64_t clip_id, sample, n_rows;
    const char *encoder;
    char *provenance, *path;
    int64_t bytes;
};

struct importer {
    const struct avqa_import_features_config *config;
    struct avqa_import_features_counts *counts;
    enum avqa_shard_encoding encoding;
    struct avqa_catalog *cat;
    struct avqa_extraction_store *store;
    int64_t run_id;
    int lock; /* the folder of shards, or -1 */
    struct avqa_walk walk;
    struct avqa_feature_file *files;
    size_t n_files;
    struct avqa_packer *packer;
    struct avqa_shard_writer *writer; /* of the shard in hand, or NULL */
    char shard[64];                   /* its path within the dataset */
    char *lost;                       /* a shard that is not there, warned of last */
    struct row *rows;
    size_t n_rows, cap_rows;
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

static enum avqa_status add_attempt(struct importer *im, const char *path,
                                    int64_t clip_id, const char *reason,
                                    const char *detail, int64_t bytes)
{
    int64_t now = avqa_clock_wall_us();
    struct avqa_attempt a = {.run_id = im->run_id,
                             .stage = STAGE,
                             .item = path,
                             .clip_id = clip_id,
                             .started_us = now,
                             .ended_us = now,
                             .outcome = reason ? "failed" : "done",
                             .class = reason ? "permanent" : NULL,
                             .reason = reason,
                             .detail = detail,
                             .bytes = bytes};
    return avqa_attempt_add(im->cat, &a);
}

/* Notes why a file is not imported. */
static enum avqa_status refuse(struct importer *im, const char *path,
                               const char *reason, const char *detail)
{
    struct avqa_import_features_counts *c = im->counts;
    c->failed++;
    avqa_remarks_warn(&c->failures, im->config->log,
                      (const char *[]){path, reason, detail});
    return im->config->dry_run ? AVQA_OK : add_attempt(im, path, 0, reason, detail, -1);
}

/* ---- files ----------------------------------------------------------------------- */

/* Looks into a file; what cannot be imported is refused and left out. */
static enum avqa_status look(struct importer *im, const char *path)
{
    const char *reason;
    if (avqa_feature_file_look(&im->files[im->n_files], path, &reason) != AVQA_OK)
        return refuse(im, path, reason, avqa_message());
    im->n_files++;
    return AVQA_OK;
}

static enum avqa_status look_at_all(struct importer *im)
{
    size_t n = im->walk.n;
    enum avqa_status rc = avqa_mem_array(&im->files, n + 1, sizeof *im->files);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        im->counts->files++;
        rc = look(im, im->walk.paths[i]);
    }
    if (rc == AVQA_OK)
        qsort(im->files, im->n_files, sizeof *im->files, avqa_feature_file_order);
    return rc;
}

/* ---- shards ---------------------------------------------------------------------- */

static enum avqa_status open_shard(struct importer *im)
{
    int64_t number;
    enum avqa_status rc = avqa_extraction_next_number(im->store, &number);
    if (rc != AVQA_OK)
        return rc;
    if (number > 999999)
        return avqa_fail(AVQA_EINVAL, "there are 1,000,000 shards already");
    snprintf(im->shard, sizeof im->shard, "shards/%06" PRId64 ".tar.zst", number);
    char *path = avqa_io_join(im->config->dataset, im->shard);
    rc = avqa_shard_writer_open(&im->writer, path, im->packer);
    free(path);
    return rc;
}

static void forget_rows(struct importer *im)
{
    for (size_t i = 0; i < im->n_rows; i++) {
        free(im->rows[i].provenance);
        free(im->rows[i].path);
    }
    im->n_rows = 0;
}

static enum avqa_status store_rows(struct importer *im, int64_t shard_id)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < im->n_rows; i++) {
        const struct row *r = &im->rows[i];
        struct avqa_extraction_feature f = {.clip_id = r->clip_id,
                                            .shard_id = shard_id,
                                            .encoder = r->encoder,
                                            .sample = r->sample,
                                            .n_rows = r->n_rows,
                                            .provenance = r->provenance};
        rc = avqa_extraction_put_feature(im->store, &f);
        if (rc == AVQA_OK)
            rc = add_attempt(im, r->path, r->clip_id, NULL, NULL, r->bytes);
        im->counts->rows += r->n_rows;
    }
    return rc;
}

/* Forgets shards that no feature is in any more. Their files stay. */
static enum avqa_status drop_unused(struct importer *im)
{
    char *path;
    enum avqa_status rc;
    do {
        rc = avqa_extraction_drop_shard(im->store, &path);
        free(path);
    } while (rc == AVQA_OK && path);
    return rc;
}

/* Ends the shard in hand: its name first, then all that is told of it at once. */
static enum avqa_status close_shard(struct importer *im)
{
    struct avqa_shard_written written;
    int64_t id;
    if (!im->writer)
        return AVQA_OK;
    enum avqa_status rc = avqa_shard_writer_commit(im->writer, &written);
    im->writer = NULL;
    if (rc == AVQA_OK)
        rc = avqa_catalog_begin(im->cat);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_extraction_shard shard = {.path = im->shard,
                                          .bytes = written.bytes,
                                          .n_samples = (int64_t)written.n_samples,
                                          .sha256 = written.sha256,
                                          .encoding = im->config->encoding};
    rc = avqa_extraction_put_shard(im->store, &shard, &id);
    if (rc == AVQA_OK)
        rc = store_rows(im, id);
    if (rc == AVQA_OK && im->lost)
        rc = drop_unused(im);
    if (rc == AVQA_OK)
        rc = avqa_catalog_commit(im->cat);
    else
        avqa_catalog_rollback(im->cat);
    forget_rows(im);
    im->counts->shards += rc == AVQA_OK;
    im->counts->bytes += rc == AVQA_OK ? written.bytes : 0;
    return rc;
}

/* ---- clips ----------------------------------------------------------------------- */

static struct avqa_json *provenance(const struct importer *im,
                                    const struct avqa_feature_file *f)
{
    struct avqa_json *p = avqa_json_new_object();
    avqa_json_put_string(p, "origin", "imported");
    avqa_json_put_string(p, "encoder", f->kind->encoder);
    avqa_json_put_string(p, "preset", im->config->preset);
    avqa_json_put_string(p, "file_sha256", f->sha256);
    return p;
}

static void add_row(struct importer *im, const struct avqa_feature_file *f,
                    int64_t clip_id, const struct avqa_json *p)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    avqa_json_print(&text, p, 0);
    avqa_mem_need(&im->rows, &im->cap_rows, im->n_rows + 1, sizeof *im->rows);
    im->rows[im->n_rows++] =
        (struct row){.clip_id = clip_id,
                     .sample = (int64_t)avqa_shard_writer_samples(im->writer),
                     .n_rows = (int64_t)f->npy.dims[0],
                     .encoder = f->kind->encoder,
                     .provenance = avqa_mem_strdup(avqa_buf_str(&text)),
                     .path = avqa_mem_strdup(f->path),
                     .bytes = (int64_t)f->bytes.len};
    avqa_buf_release(&text);
}

/* Packs the files of one clip, which were read, as a sample. */
static enum avqa_status add_sample(struct importer *im,
                                   struct avqa_feature_file **files, size_t n,
                                   int64_t clip_id)
{
    struct avqa_shard_input inputs[AVQA_FEATURE_KINDS] = {{.name = NULL}};
    struct avqa_shard_packed *packed = NULL;
    struct avqa_buf key = AVQA_BUF_INIT;
    struct avqa_json *origin = avqa_json_new_object();
    enum avqa_status rc = im->writer ? AVQA_OK : open_shard(im);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        const struct avqa_feature_file *f = files[i];
        inputs[i] = (struct avqa_shard_input){
            .name = f->kind->array,
            .npy = f->npy,
            .data = f->bytes.data,
            .by_row = f->kind->by_row,
            .encoding = f->kind->by_row ? im->encoding : AVQA_SHARD_AS_IS};
        struct avqa_json *p = avqa_json_put(origin, f->kind->array, provenance(im, f));
        add_row(im, f, clip_id, p);
    }
    avqa_shard_make_key(&key, files[0]->name);
    struct avqa_shard_clip clip = {.key = avqa_buf_str(&key),
                                   .clip = files[0]->name,
                                   .source = files[0]->name,
                                   .provenance = origin,
                                   .arrays = inputs,
                                   .n_arrays = n};
    if (rc == AVQA_OK)
        rc = avqa_shard_pack(&packed, im->packer, &clip);
    if (rc == AVQA_OK)
        rc = avqa_shard_writer_add(im->writer, packed);
    avqa_shard_packed_free(packed);
    avqa_json_free(origin);
    avqa_buf_release(&key);
    return rc;
}

/* Whether the clip has features of the file's encoder in a shard that is there, with
 * the size that the catalog knows. */
static enum avqa_status is_there(struct importer *im, const struct avqa_feature_file *f,
                                 int64_t clip_id, bool *there)
{
    char *shard;
    int64_t bytes;
    struct stat st;
    *there = false;
    enum avqa_status rc = avqa_extraction_find_shard(im->store, clip_id,
                                                     f->kind->encoder, &shard, &bytes);
    if (rc != AVQA_OK || !shard)
        return rc;
    char *path = avqa_io_join(im->config->dataset, shard);
    *there = stat(path, &st) == 0 && st.st_size == bytes;
    if (!*there && (!im->lost || strcmp(im->lost, shard) != 0)) {
        avqa_log_write(im->config->log, AVQA_LOG_WARNING,
                       "%s is gone or changed; its features are imported again", shard);
        free(im->lost);
        im->lost = avqa_mem_strdup(shard);
    }
    free(path);
    free(shard);
    return AVQA_OK;
}

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
    enum avqa_status rc = is_there(im, f, clip_id, &has);
    if (rc != AVQA_OK)
        return rc;
    im->counts->unchanged += has;
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
    enum avqa_status rc = avqa_extraction_find_clip(im->store, files->name, &clip_id);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        bool take;
        rc = choose(im, &files[i], i ? &files[i - 1] : NULL, clip_id, &take);
        if (rc == AVQA_OK && take)
            wanted[n_wanted++] = &files[i];
    }
    im->counts->clips += n_wanted > 0;
    if (rc == AVQA_OK && n_wanted && !im->config->dry_run)
        rc = add_sample(im, wanted, n_wanted, clip_id);
    for (size_t i = 0; i < n; i++)
        avqa_buf_release(&files[i].bytes);
    if (rc == AVQA_OK && im->writer &&
        avqa_shard_writer_bytes(im->writer) >= im->config->shard_bytes)
        rc = close_shard(im);
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
        avqa_log_progress(im->config->log, "files", (int64_t)i, (int64_t)im->n_files);
        if (rc == AVQA_OK && avqa_log_stopped(im->config->log))
            rc = avqa_fail(AVQA_ESTOPPED,
                           "stopped; whole shards are kept, the one in hand is not");
    }
    return rc == AVQA_OK ? close_shard(im) : rc;
}

/* ---- the run --------------------------------------------------------------------- */

static enum avqa_status start(struct importer *im)
{
    if (im->config->dry_run)
        return AVQA_OK;
    enum avqa_status rc = avqa_shards_folder_take(&im->lock, im->config->dataset, true);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_json *options = avqa_json_new_object();
    struct avqa_json *paths = avqa_json_put_array(options, "paths");
    for (size_t i = 0; i < im->config->n_paths; i++)
        avqa_json_put_string(paths, NULL, im->config->paths[i]);
    avqa_json_put_string(options, "encoding", im->config->encoding);
    avqa_json_put_string(options, "preset", im->config->preset);
    avqa_json_put_int(options, "shard_bytes", im->config->shard_bytes);
    avqa_json_put_int(options, "level", im->config->level);
    return avqa_stage_start(&im->run_id, im->cat, STAGE, options);
}

static enum avqa_status finish(struct importer *im)
{
    if (im->config->dry_run)
        return AVQA_OK;
    return avqa_stage_finish(im->cat, im->run_id, im->counts->failed == 0,
                             avqa_import_features_counts_json(im->counts));
}

static enum avqa_status run_all(struct importer *im)
{
    enum avqa_status rc = start(im);
    if (rc == AVQA_OK)
        rc = avqa_extraction_store_open(&im->store, im->cat, im->run_id);
    if (rc == AVQA_OK)
        rc = avqa_packer_new(&im->packer, im->config->level
                                              ? im->config->level
                                              : avqa_shard_level(im->encoding));
    if (rc == AVQA_OK)
        rc = look_at_all(im);
    if (rc == AVQA_OK)
        rc = import_clips(im);
    return rc == AVQA_OK ? finish(im) : rc; /* else the run stays without an end */
}

enum avqa_status avqa_import_features(const struct avqa_import_features_config *config,
                                      struct avqa_import_features_counts *counts)
{
    struct importer im = {
        .config = config, .counts = counts, .lock = -1, .walk = {.ending = "npy"}};
    enum avqa_status rc = AVQA_OK;
    if (!avqa_shard_encoding_find(&im.encoding, config->encoding))
        rc = avqa_fail(AVQA_EINVAL, "there is no encoding '%s'", config->encoding);
    for (size_t i = 0; rc == AVQA_OK && i < config->n_paths; i++)
        rc = avqa_walk_add(&im.walk, config->paths[i]);
    counts->ignored = im.walk.n_ignored;
    if (rc == AVQA_OK)
        rc = avqa_dataset_open(&im.cat, config->dataset, AVQA_CATALOG_WRITE);
    if (rc == AVQA_OK)
        rc = run_all(&im);
    avqa_shard_writer_abort(im.writer);
    avqa_packer_free(im.packer);
    avqa_extraction_store_close(im.store);
    avqa_catalog_close(im.cat);
    forget_rows(&im);
    for (size_t i = 0; i < im.n_files; i++)
        avqa_feature_file_release(&im.files[i]);
    free(im.lost);
    free(im.files);
    free(im.rows);
    avqa_walk_release(&im.walk);
    if (im.lock >= 0)
        close(im.lock);
    return rc;
}
