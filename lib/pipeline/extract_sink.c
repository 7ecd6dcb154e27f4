/* See extract_sink.h. */
#include "pipeline/extract_sink.h"
#include "base/io.h"
#include "base/mem.h"
#include "catalog/attempt.h"
#include "catalog/extraction.h"
#include "shard/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char STAGE[] = "extract";

/* What is to be told of a clip when its shard is whole. */
struct result {
    const struct avqa_extract_item *item;
    int64_t sample; /* its place in the shard; -1: it has none */
    int64_t started_us, ended_us, bytes;
    struct {
        size_t n_rows;
        char *provenance;
        const char *reason; /* why there are none; static */
        char *detail;
    } parts[AVQA_EXTRACT_N_INPUTS];
    const char *media;
    char *flaw; /* NULL if there is none */
};

struct avqa_extract_sink {
    const struct avqa_extract_config *config;
    const struct avqa_extract_plan *plan;
    struct avqa_extract_counts *counts;
    struct avqa_catalog *cat;
    int64_t run_id;
    struct avqa_extraction_store *store;
    struct avqa_packer *packer;
    struct avqa_shard_writer *writer; /* NULL until a clip has features */
    struct result *results;           /* of the shard in hand */
    size_t n_results, cap_results;
};

static void forget_results(struct avqa_extract_sink *s)
{
    for (size_t i = 0; i < s->n_results; i++) {
        for (size_t k = 0; k < AVQA_EXTRACT_N_INPUTS; k++) {
            free(s->results[i].parts[k].provenance);
            free(s->results[i].parts[k].detail);
        }
        free(s->results[i].flaw);
    }
    s->n_results = 0;
}

enum avqa_status avqa_extract_sink_open(struct avqa_extract_sink **out,
                                        struct avqa_catalog *cat, int64_t run_id,
                                        const struct avqa_extract_config *config,
                                        const struct avqa_extract_plan *plan,
                                        struct avqa_extract_counts *counts)
{
    struct avqa_extract_sink *s = avqa_mem_new(sizeof *s);
    s->config = config;
    s->plan = plan;
    s->counts = counts;
    s->cat = cat;
    s->run_id = run_id;
    enum avqa_status rc = avqa_extraction_store_open(&s->store, cat, run_id);
    if (rc == AVQA_OK)
        rc = avqa_packer_new(&s->packer, AVQA_SHARD_LEVEL);
    if (rc != AVQA_OK) {
        avqa_extract_sink_close(s);
        return rc;
    }
    *out = s;
    return AVQA_OK;
}

void avqa_extract_sink_close(struct avqa_extract_sink *sink)
{
    if (!sink)
        return;
    forget_results(sink);
    free(sink->results);
    avqa_shard_writer_abort(sink->writer);
    avqa_packer_free(sink->packer);
    avqa_extraction_store_close(sink->store);
    free(sink);
}

/* ---- a clip ---------------------------------------------------------------------- */

static enum avqa_status add_sample(struct avqa_extract_sink *s, struct result *r,
                                   const struct avqa_extract_clip *clip)
{
    enum avqa_status rc = AVQA_OK;
    if (!s->writer) {
        char *path =
            avqa_io_join(s->config->dataset, s->plan->groups[clip->item->shard].path);
        rc = avqa_shard_writer_open(&s->writer, path, s->packer);
        free(path);
    }
    if (rc != AVQA_OK)
        return rc;
    r->sample = (int64_t)avqa_shard_writer_samples(s->writer);
    r->bytes = (int64_t)clip->packed->bytes.len;
    return avqa_shard_writer_add(s->writer, clip->packed);
}

static void note(struct avqa_extract_sink *s, const struct avqa_extract_clip *clip)
{
    avqa_mem_need(&s->results, &s->cap_results, s->n_results + 1, sizeof *s->results);
    struct result *r = &s->results[s->n_results++];
    *r = (struct result){.item = clip->item,
                         .sample = -1,
                         .started_us = clip->started_us,
                         .ended_us = clip->ended_us,
                         .media = clip->media,
                         .flaw = *clip->flaw ? avqa_mem_strdup(clip->flaw) : NULL};
    for (size_t k = 0; k < AVQA_EXTRACT_N_INPUTS; k++) {
        const struct avqa_extract_part *part = &clip->parts[k];
        if (!clip->item->recipes[k])
            continue;
        r->parts[k].n_rows = part->n_rows;
        r->parts[k].reason = part->reason;
        if (part->reason)
            r->parts[k].detail = avqa_mem_strdup(part->detail);
        else
            r->parts[k].provenance = avqa_mem_strdup(clip->provenance[k]);
    }
}

/* ---- a shard --------------------------------------------------------------------- */

/* What is not the file's fault is tried again by the next run. */
static bool is_lasting(const char *reason)
{
    return strcmp(reason, "no-file") != 0 && strcmp(reason, "unreadable") != 0;
}

static enum avqa_status put_parts(struct avqa_extract_sink *s, const struct result *r,
                                  int64_t shard_id)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t k = 0; rc == AVQA_OK && k < AVQA_EXTRACT_N_INPUTS; k++) {
        const char *recipe = r->item->recipes[k];
        const char *reason = r->parts[k].reason;
        const char *encoder = s->config->encoders[k];
        if (!recipe || (reason && !is_lasting(reason)))
            continue;
        char *name = avqa_mem_strndup(encoder, strcspn(encoder, ":"));
        if (reason) {
            rc = avqa_extraction_put_none(
                s->store, &(struct avqa_extraction_none){r->item->clip_id, name, recipe,
                                                         reason, r->parts[k].detail});
        } else {
            struct avqa_extraction_feature f = {.clip_id = r->item->clip_id,
                                                .shard_id = shard_id,
                                                .sample = r->sample,
                                                .n_rows = (int64_t)r->parts[k].n_rows,
                                                .encoder = name,
                                                .recipe = recipe,
                                                .provenance = r->parts[k].provenance};
            rc = avqa_extraction_put_feature(s->store, &f);
            s->counts->rows += f.n_rows;
        }
        free(name);
    }
    return rc;
}

/* The ledger's row, and what the user is told. */
static enum avqa_status put_attempt(struct avqa_extract_sink *s, const struct result *r)
{
    struct avqa_remark remark = {.item = r->item->name};
    bool failed = false;
    for (size_t k = AVQA_EXTRACT_N_INPUTS; k-- > 0;) {
        if (!r->parts[k].reason)
            continue;
        failed = true;
        remark.reason = (char *)r->parts[k].reason;
        remark.detail = r->parts[k].detail;
    }
    if (!failed && r->flaw) {
        remark.reason = (char *)r->media;
        remark.detail = r->flaw;
    }
    if (remark.reason)
        avqa_extract_remark(s->counts, s->config, failed, &remark);
    s->counts->clips += r->sample >= 0;
    return avqa_attempt_add(
        s->cat, &(struct avqa_attempt){.run_id = s->run_id,
                                       .stage = STAGE,
                                       .item = r->item->name,
                                       .source_id = r->item->source_id,
                                       .clip_id = r->item->clip_id,
                                       .started_us = r->started_us,
                                       .ended_us = r->ended_us,
                                       .outcome = failed ? "failed" : "done",
                                       .reason = remark.reason,
                                       .detail = remark.detail,
                                       .bytes = r->bytes});
}

static enum avqa_status put_all(struct avqa_extract_sink *s, const char *path,
                                const struct avqa_shard_written *written)
{
    int64_t shard_id = 0;
    enum avqa_status rc = AVQA_OK;
    if (written->n_samples) {
        struct avqa_extraction_shard shard = {.path = path,
                                              .bytes = written->bytes,
                                              .n_samples = (int64_t)written->n_samples,
                                              .sha256 = written->sha256,
                                              .encoding = s->config->encoding};
        rc = avqa_extraction_put_shard(s->store, &shard, &shard_id);
    }
    for (size_t i = 0; rc == AVQA_OK && i < s->n_results; i++) {
        rc = put_parts(s, &s->results[i], shard_id);
        if (rc == AVQA_OK)
            rc = put_attempt(s, &s->results[i]);
    }
    return rc;
}

/* Forgets shards of which everything was made anew; the files go last. */
static enum avqa_status drop_unused(struct avqa_extract_sink *s, char ***paths,
                                    size_t *n)
{
    size_t cap = 0;
    char *path = NULL;
    enum avqa_status rc = avqa_extraction_drop_shard(s->store, &path);
    while (rc == AVQA_OK && path) {
        avqa_mem_need(paths, &cap, *n + 1, sizeof **paths);
        (*paths)[(*n)++] = avqa_io_join(s->config->dataset, path);
        free(path);
        path = NULL;
        rc = avqa_extraction_drop_shard(s->store, &path);
    }
    return rc;
}

static void count_shard(struct avqa_extract_counts *counts, const char *path,
                        const struct avqa_shard_written *written)
{
    avqa_mem_need(&counts->shards, &counts->cap_shards, counts->n_shards + 1,
                  sizeof *counts->shards);
    struct avqa_extract_shard *shard = &counts->shards[counts->n_shards++];
    *shard = (struct avqa_extract_shard){.path = avqa_mem_strdup(path),
                                         .bytes = written->bytes,
                                         .n_samples = (int64_t)written->n_samples};
    memcpy(shard->sha256, written->sha256, sizeof shard->sha256);
}

static enum avqa_status finish_shard(struct avqa_extract_sink *s, size_t group)
{
    const char *path = s->plan->groups[group].path;
    struct avqa_shard_written written = {0};
    char **unused = NULL;
    size_t n_unused = 0;
    enum avqa_status rc = AVQA_OK;
    if (s->writer)
        rc = avqa_shard_writer_commit(s->writer, &written);
    s->writer = NULL;
    if (rc == AVQA_OK)
        rc = avqa_catalog_begin(s->cat);
    if (rc == AVQA_OK)
        rc = put_all(s, path, &written);
    if (rc == AVQA_OK)
        rc = drop_unused(s, &unused, &n_unused);
    if (rc == AVQA_OK)
        rc = avqa_catalog_commit(s->cat);
    else
        avqa_catalog_rollback(s->cat);
    if (rc == AVQA_OK && written.n_samples)
        count_shard(s->counts, path, &written);
    for (size_t i = 0; i < n_unused; i++) {
        if (rc == AVQA_OK)
            rc = avqa_io_remove(unused[i]);
        free(unused[i]);
    }
    free(unused);
    forget_results(s);
    return rc;
}

enum avqa_status avqa_extract_sink_write(void *sink,
                                         const struct avqa_extract_clip *clip,
                                         const struct avqa_extract_tools *tools)
{
    struct avqa_extract_sink *s = sink;
    const size_t group = clip->item->shard;
    const struct avqa_extract_group *g = &s->plan->groups[group];
    enum avqa_status rc = AVQA_OK;
    (void)tools;
    note(s, clip);
    if (clip->packed)
        rc = add_sample(s, &s->results[s->n_results - 1], clip);
    if (rc == AVQA_OK && clip->item == &s->plan->items[g->first + g->n - 1])
        rc = finish_shard(s, group);
    return rc;
}
