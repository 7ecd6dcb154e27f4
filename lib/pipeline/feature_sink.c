/* See feature_sink.h. */
#include "pipeline/feature_sink.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "catalog/attempt.h"
#include "shard/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A row of the shard in hand, for the catalog. */
struct row {
    int64_t clip_id, sample, n_rows;
    const char *encoder;
    char *provenance, *path;
    int64_t bytes;
};

struct avqa_feature_sink {
    const struct avqa_feature_run *run;
    struct avqa_packer *packer;
    struct avqa_shard_writer *writer; /* of the shard in hand, or NULL */
    char shard[64];                   /* its path within the dataset */
    char *lost;                       /* a shard that is not there, warned of last */
    struct row *rows;
    size_t n_rows, cap_rows;
};

/* ---- shards ---------------------------------------------------------------------- */

static enum avqa_status open_shard(struct avqa_feature_sink *s)
{
    int64_t number;
    enum avqa_status rc = avqa_extraction_next_number(s->run->store, &number);
    if (rc != AVQA_OK)
        return rc;
    if (number > 999999)
        return avqa_fail(AVQA_EINVAL, "there are 1,000,000 shards already");
    snprintf(s->shard, sizeof s->shard, "shards/%06" PRId64 ".tar.zst", number);
    char *path = avqa_io_join(s->run->config->dataset, s->shard);
    rc = avqa_shard_writer_open(&s->writer, path, s->packer);
    free(path);
    return rc;
}

static void forget_rows(struct avqa_feature_sink *s)
{
    for (size_t i = 0; i < s->n_rows; i++) {
        free(s->rows[i].provenance);
        free(s->rows[i].path);
    }
    s->n_rows = 0;
}

static enum avqa_status note_done(const struct avqa_feature_run *run,
                                  const struct row *r)
{
    int64_t now = avqa_clock_wall_us();
    struct avqa_attempt a = {.run_id = run->run_id,
                             .stage = AVQA_FEATURE_STAGE,
                             .item = r->path,
                             .clip_id = r->clip_id,
                             .started_us = now,
                             .ended_us = now,
                             .outcome = "done",
                             .bytes = r->bytes};
    return avqa_attempt_add(run->cat, &a);
}

static enum avqa_status store_rows(struct avqa_feature_sink *s, int64_t shard_id)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < s->n_rows; i++) {
        const struct row *r = &s->rows[i];
        struct avqa_extraction_feature f = {.clip_id = r->clip_id,
                                            .shard_id = shard_id,
                                            .encoder = r->encoder,
                                            .sample = r->sample,
                                            .n_rows = r->n_rows,
                                            .provenance = r->provenance};
        rc = avqa_extraction_put_feature(s->run->store, &f);
        if (rc == AVQA_OK)
            rc = note_done(s->run, r);
        s->run->counts->rows += r->n_rows;
    }
    return rc;
}

/* Forgets shards that no feature is in any more. Their files stay. */
static enum avqa_status drop_unused(struct avqa_feature_sink *s)
{
    char *path;
    enum avqa_status rc;
    do {
        rc = avqa_extraction_drop_shard(s->run->store, &path);
        free(path);
    } while (rc == AVQA_OK && path);
    return rc;
}

/* Ends the shard in hand: its name first, then all that is told of it at once. */
enum avqa_status avqa_feature_sink_finish(struct avqa_feature_sink *s)
{
    struct avqa_shard_written written;
    int64_t id;
    if (!s->writer)
        return AVQA_OK;
    enum avqa_status rc = avqa_shard_writer_commit(s->writer, &written);
    s->writer = NULL;
    if (rc == AVQA_OK)
        rc = avqa_catalog_begin(s->run->cat);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_extraction_shard shard = {.path = s->shard,
                                          .bytes = written.bytes,
                                          .n_samples = (int64_t)written.n_samples,
                                          .sha256 = written.sha256,
                                          .encoding = s->run->config->encoding};
    rc = avqa_extraction_put_shard(s->run->store, &shard, &id);
    if (rc == AVQA_OK)
        rc = store_rows(s, id);
    if (rc == AVQA_OK && s->lost)
        rc = drop_unused(s);
    if (rc == AVQA_OK)
        rc = avqa_catalog_commit(s->run->cat);
    else
        avqa_catalog_rollback(s->run->cat);
    forget_rows(s);
    s->run->counts->shards += rc == AVQA_OK;
    s->run->counts->bytes += rc == AVQA_OK ? written.bytes : 0;
    return rc;
}

/* ---- samples --------------------------------------------------------------------- */

static struct avqa_json *provenance(const struct avqa_feature_sink *s,
                                    const struct avqa_feature_file *f)
{
    struct avqa_json *p = avqa_json_new_object();
    avqa_json_put_string(p, "origin", "imported");
    avqa_json_put_string(p, "encoder", f->kind->encoder);
    avqa_json_put_string(p, "preset", s->run->config->preset);
    avqa_json_put_string(p, "file_sha256", f->sha256);
    return p;
}

static void add_row(struct avqa_feature_sink *s, const struct avqa_feature_file *f,
                    int64_t clip_id, const struct avqa_json *p)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    avqa_json_print(&text, p, 0);
    avqa_mem_need(&s->rows, &s->cap_rows, s->n_rows + 1, sizeof *s->rows);
    s->rows[s->n_rows++] =
        (struct row){.clip_id = clip_id,
                     .sample = (int64_t)avqa_shard_writer_samples(s->writer),
                     .n_rows = (int64_t)f->npy.dims[0],
                     .encoder = f->kind->encoder,
                     .provenance = avqa_mem_strdup(avqa_buf_str(&text)),
                     .path = avqa_mem_strdup(f->path),
                     .bytes = (int64_t)f->bytes.len};
    avqa_buf_release(&text);
}

/* Packs the files of one clip, which were read, as a sample. */
enum avqa_status avqa_feature_sink_add(struct avqa_feature_sink *s,
                                       struct avqa_feature_file **files, size_t n,
                                       int64_t clip_id)
{
    struct avqa_shard_input inputs[AVQA_FEATURE_KINDS] = {{.name = NULL}};
    struct avqa_shard_packed *packed = NULL;
    struct avqa_buf key = AVQA_BUF_INIT;
    struct avqa_json *origin = avqa_json_new_object();
    enum avqa_status rc = s->writer ? AVQA_OK : open_shard(s);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        const struct avqa_feature_file *f = files[i];
        inputs[i] = (struct avqa_shard_input){
            .name = f->kind->array,
            .npy = f->npy,
            .data = f->bytes.data,
            .by_row = f->kind->by_row,
            .encoding = f->kind->by_row ? s->run->encoding : AVQA_SHARD_AS_IS};
        struct avqa_json *p = avqa_json_put(origin, f->kind->array, provenance(s, f));
        add_row(s, f, clip_id, p);
    }
    avqa_shard_make_key(&key, files[0]->name);
    struct avqa_shard_clip clip = {.key = avqa_buf_str(&key),
                                   .clip = files[0]->name,
                                   .source = files[0]->name,
                                   .provenance = origin,
                                   .arrays = inputs,
                                   .n_arrays = n};
    if (rc == AVQA_OK)
        rc = avqa_shard_pack(&packed, s->packer, &clip);
    if (rc == AVQA_OK)
        rc = avqa_shard_writer_add(s->writer, packed);
    avqa_shard_packed_free(packed);
    avqa_json_free(origin);
    avqa_buf_release(&key);
    if (rc == AVQA_OK &&
        avqa_shard_writer_bytes(s->writer) >= s->run->config->shard_bytes)
        rc = avqa_feature_sink_finish(s);
    return rc;
}

enum avqa_status avqa_feature_sink_has(struct avqa_feature_sink *s,
                                       const struct avqa_feature_file *f,
                                       int64_t clip_id, bool *there)
{
    char *shard;
    int64_t bytes;
    struct stat st;
    *there = false;
    enum avqa_status rc = avqa_extraction_find_shard(s->run->store, clip_id,
                                                     f->kind->encoder, &shard, &bytes);
    if (rc != AVQA_OK || !shard)
        return rc;
    char *path = avqa_io_join(s->run->config->dataset, shard);
    *there = stat(path, &st) == 0 && st.st_size == bytes;
    if (!*there && (!s->lost || strcmp(s->lost, shard) != 0)) {
        avqa_log_write(s->run->config->log, AVQA_LOG_WARNING,
                       "%s is gone or changed; its features are imported again", shard);
        free(s->lost);
        s->lost = avqa_mem_strdup(shard);
    }
    free(path);
    free(shard);
    return AVQA_OK;
}

/* ---- the sink -------------------------------------------------------------------- */

enum avqa_status avqa_feature_sink_open(struct avqa_feature_sink **out,
                                        const struct avqa_feature_run *run)
{
    struct avqa_feature_sink *s = avqa_mem_new(sizeof *s);
    int level =
        run->config->level ? run->config->level : avqa_shard_level(run->encoding);
    s->run = run;
    enum avqa_status rc = avqa_packer_new(&s->packer, level);
    if (rc != AVQA_OK) {
        avqa_feature_sink_close(s);
        return rc;
    }
    *out = s;
    return AVQA_OK;
}

void avqa_feature_sink_close(struct avqa_feature_sink *s)
{
    if (!s)
        return;
    avqa_shard_writer_abort(s->writer);
    avqa_packer_free(s->packer);
    forget_rows(s);
    free(s->lost);
    free(s->rows);
    free(s);
}
