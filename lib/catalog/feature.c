/* See feature.h. */
#include "catalog/feature.h"
#include "base/mem.h"
#include "catalog/stmt.h"

#include <stdlib.h>

static const char SQL_CLIP[] = "SELECT id FROM clip WHERE picture = ?1 AND sound = ?1";
static const char SQL_FIND[] =
    "SELECT h.path, h.bytes FROM feature f JOIN shard h ON h.id = f.shard_id "
    "WHERE f.clip_id = ? AND f.encoder = ?";
static const char SQL_NEXT[] =
    "SELECT coalesce(max(cast(substr(path, 8, 6) AS INTEGER)) + 1, 0) FROM shard "
    "WHERE path GLOB 'shards/[0-9][0-9][0-9][0-9][0-9][0-9].tar.zst'";
static const char SQL_SHARD[] =
    "INSERT INTO shard(path, bytes, samples, sha256, encoding, run_id) "
    "VALUES (?, ?, ?, ?, ?, ?)";
static const char SQL_ADD[] = "INSERT OR REPLACE INTO feature(clip_id, encoder, "
                              "shard_id, sample, n_rows, provenance) "
                              "VALUES (?, ?, ?, ?, ?, ?)";
static const char SQL_DROP[] = "DELETE FROM shard WHERE NOT EXISTS "
                               "(SELECT 1 FROM feature f WHERE f.shard_id = shard.id)";

struct avqa_feature_store {
    struct avqa_stmt *clip, *find, *next, *shard, *add, *drop;
    int64_t run_id;
};

enum avqa_status avqa_feature_store_open(struct avqa_feature_store **out,
                                         struct avqa_catalog *cat, int64_t run_id)
{
    struct avqa_feature_store *store = avqa_mem_new(sizeof *store);
    store->run_id = run_id;
    enum avqa_status rc = avqa_stmt_prepare(&store->clip, cat, SQL_CLIP);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&store->find, cat, SQL_FIND);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&store->next, cat, SQL_NEXT);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&store->shard, cat, SQL_SHARD);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&store->add, cat, SQL_ADD);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&store->drop, cat, SQL_DROP);
    if (rc != AVQA_OK) {
        avqa_feature_store_close(store);
        return rc;
    }
    *out = store;
    return AVQA_OK;
}

void avqa_feature_store_close(struct avqa_feature_store *store)
{
    if (!store)
        return;
    avqa_stmt_free(store->clip);
    avqa_stmt_free(store->find);
    avqa_stmt_free(store->next);
    avqa_stmt_free(store->shard);
    avqa_stmt_free(store->add);
    avqa_stmt_free(store->drop);
    free(store);
}

/* The first column of the only row, or `none`. */
static enum avqa_status one(struct avqa_stmt *st, int64_t *value, int64_t none)
{
    bool row;
    enum avqa_status rc = avqa_stmt_step(st, &row);
    *value = rc == AVQA_OK && row ? avqa_stmt_int(st, 0) : none;
    avqa_stmt_reset(st);
    return rc;
}

enum avqa_status avqa_feature_clip(struct avqa_feature_store *store, const char *name,
                                   int64_t *clip_id)
{
    avqa_stmt_bind_text(store->clip, 1, name);
    return one(store->clip, clip_id, 0);
}

enum avqa_status avqa_feature_where(struct avqa_feature_store *store, int64_t clip_id,
                                    const char *encoder, char **path, int64_t *bytes)
{
    bool row;
    avqa_stmt_bind_int(store->find, 1, clip_id);
    avqa_stmt_bind_text(store->find, 2, encoder);
    enum avqa_status rc = avqa_stmt_step(store->find, &row);
    const bool has = rc == AVQA_OK && row;
    *path = has ? avqa_mem_strdup(avqa_stmt_text(store->find, 0)) : NULL;
    *bytes = has ? avqa_stmt_int(store->find, 1) : 0;
    avqa_stmt_reset(store->find);
    return rc;
}

enum avqa_status avqa_feature_next_shard(struct avqa_feature_store *store,
                                         int64_t *number)
{
    return one(store->next, number, 0);
}

enum avqa_status avqa_feature_add_shard(struct avqa_feature_store *store,
                                        const struct avqa_feature_shard *shard,
                                        int64_t *id)
{
    struct avqa_stmt *st = store->shard;
    avqa_stmt_bind_text(st, 1, shard->path);
    avqa_stmt_bind_int(st, 2, shard->bytes);
    avqa_stmt_bind_int(st, 3, shard->n_samples);
    avqa_stmt_bind_text(st, 4, shard->sha256);
    avqa_stmt_bind_text(st, 5, shard->encoding);
    avqa_stmt_bind_int(st, 6, store->run_id);
    enum avqa_status rc = avqa_stmt_run(st);
    *id = rc == AVQA_OK ? avqa_stmt_last_id(st) : 0;
    return rc;
}

enum avqa_status avqa_feature_add(struct avqa_feature_store *store,
                                  const struct avqa_feature *feature)
{
    struct avqa_stmt *st = store->add;
    avqa_stmt_bind_int(st, 1, feature->clip_id);
    avqa_stmt_bind_text(st, 2, feature->encoder);
    avqa_stmt_bind_int(st, 3, feature->shard_id);
    avqa_stmt_bind_int(st, 4, feature->sample);
    avqa_stmt_bind_int(st, 5, feature->n_rows);
    avqa_stmt_bind_text(st, 6, feature->provenance);
    return avqa_stmt_run(st);
}

enum avqa_status avqa_feature_drop_shards(struct avqa_feature_store *store)
{
    return avqa_stmt_run(store->drop);
}
