/* See extraction.h. */
#include "catalog/extraction.h"
#include "base/mem.h"
#include "catalog/clip.h"
#include "catalog/stmt.h"

#include <stdlib.h>

static const char SQL_CLIPS[] =
    "SELECT c.id, coalesce(s.id, 0), c.picture, c.sound, s.name, c.method, "
    "coalesce(c.path, s.path), "
    "coalesce(CASE WHEN c.path IS NULL THEN s.sha256 ELSE c.sha256 END, ''), "
    "coalesce(CASE WHEN c.path IS NULL THEN s.bytes ELSE c.bytes END, 0), "
    "c.path IS NOT NULL, c.start_us, c.duration_us "
    "FROM clip c LEFT JOIN source s ON s.id = c.source_id "
    "WHERE c.path IS NOT NULL OR (s.path IS NOT NULL AND c.picture = c.sound) "
    "ORDER BY c.picture, c.sound";
static const char SQL_STATES[] =
    "SELECT f.clip_id, f.recipe, h.path, h.bytes, NULL, NULL "
    "FROM feature f JOIN shard h ON h.id = f.shard_id WHERE f.encoder = ?1 "
    "UNION ALL SELECT clip_id, recipe, NULL, 0, reason, detail "
    "FROM featureless WHERE encoder = ?1";
static const char SQL_SHARDS[] = "SELECT path, bytes, sha256 FROM shard ORDER BY path";
static const char SQL_HAS_SHARD[] = "SELECT 1 FROM shard WHERE path = ?";
static const char SQL_CLIP_ID[] =
    "SELECT id FROM clip WHERE picture = ?1 AND sound = ?1";
static const char SQL_FIND[] =
    "SELECT h.path, h.bytes FROM feature f JOIN shard h ON h.id = f.shard_id "
    "WHERE f.clip_id = ? AND f.encoder = ?";
static const char SQL_NEXT[] =
    "SELECT coalesce(max(cast(substr(path, 8, 6) AS INTEGER)) + 1, 0) FROM shard "
    "WHERE path GLOB 'shards/[0-9][0-9][0-9][0-9][0-9][0-9].tar.zst'";
static const char SQL_SHARD[] =
    "INSERT INTO shard(path, bytes, samples, sha256, encoding, run_id) "
    "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(path) DO UPDATE SET "
    "bytes = excluded.bytes, samples = excluded.samples, sha256 = excluded.sha256, "
    "encoding = excluded.encoding, run_id = excluded.run_id RETURNING id";
static const char SQL_FEATURE[] =
    "INSERT OR REPLACE INTO feature"
    "(clip_id, encoder, shard_id, sample, n_rows, provenance, recipe) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)";
static const char SQL_NONE[] =
    "INSERT OR REPLACE INTO featureless(clip_id, encoder, recipe, reason, detail) "
    "VALUES (?, ?, ?, ?, ?)";
static const char SQL_FORGET_FEATURE[] =
    "DELETE FROM feature WHERE clip_id = ? AND encoder = ?";
static const char SQL_FORGET_NONE[] =
    "DELETE FROM featureless WHERE clip_id = ? AND encoder = ?";
static const char SQL_UNUSED[] =
    "DELETE FROM shard WHERE id = (SELECT min(h.id) FROM shard h WHERE NOT EXISTS "
    "(SELECT 1 FROM feature f WHERE f.shard_id = h.id)) RETURNING path";

/* ---- reading --------------------------------------------------------------------- */

enum avqa_status avqa_extraction_clip_each(struct avqa_catalog *cat,
                                           avqa_extraction_clip_fn *fn, void *user)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_CLIPS);
    while (avqa_stmt_next(&rc, st)) {
        struct avqa_extraction_clip c = {
            .clip_id = avqa_stmt_int(st, 0),
            .source_id = avqa_stmt_int(st, 1),
            .picture = avqa_stmt_text(st, 2),
            .sound = avqa_stmt_text(st, 3),
            .source = avqa_stmt_text(st, 4),
            .method = avqa_stmt_text(st, 5),
            .path = avqa_stmt_text(st, 6),
            .sha256 = avqa_stmt_text(st, 7),
            .bytes = avqa_stmt_int(st, 8),
            .is_own = avqa_stmt_int(st, 9) != 0,
            .start_us = avqa_stmt_int_or(st, 10, AVQA_CLIP_UNKNOWN),
            .duration_us = avqa_stmt_int_or(st, 11, AVQA_CLIP_UNKNOWN)};
        rc = fn(user, &c);
    }
    avqa_stmt_free(st);
    return rc;
}

enum avqa_status avqa_extraction_state_each(struct avqa_catalog *cat,
                                            const char *encoder,
                                            avqa_extraction_state_fn *fn, void *user)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_STATES);
    if (rc != AVQA_OK)
        return rc;
    avqa_stmt_bind_text(st, 1, encoder);
    while (avqa_stmt_next(&rc, st)) {
        struct avqa_extraction_state s = {.clip_id = avqa_stmt_int(st, 0),
                                          .recipe = avqa_stmt_text(st, 1),
                                          .shard = avqa_stmt_text(st, 2),
                                          .shard_bytes = avqa_stmt_int(st, 3),
                                          .reason = avqa_stmt_text(st, 4),
                                          .detail = avqa_stmt_text(st, 5)};
        rc = fn(user, &s);
    }
    avqa_stmt_free(st);
    return rc;
}

enum avqa_status avqa_extraction_has_shard(bool *has, struct avqa_catalog *cat,
                                           const char *path)
{
    struct avqa_stmt *st;
    bool row;
    *has = false;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_HAS_SHARD);
    if (rc != AVQA_OK)
        return rc;
    avqa_stmt_bind_text(st, 1, path);
    rc = avqa_stmt_step(st, &row);
    *has = rc == AVQA_OK && row;
    avqa_stmt_free(st);
    return rc;
}

enum avqa_status avqa_extraction_shard_each(struct avqa_catalog *cat,
                                            avqa_extraction_shard_fn *fn, void *user)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_SHARDS);
    while (avqa_stmt_next(&rc, st))
        rc = fn(user, avqa_stmt_text(st, 0), avqa_stmt_int(st, 1),
                avqa_stmt_text(st, 2));
    avqa_stmt_free(st);
    return rc;
}

/* ---- writing down ---------------------------------------------------------------- */

struct avqa_extraction_store {
    struct avqa_stmt *clip, *find, *next, *shard, *feature, *none, *forget_feature,
        *forget_none, *unused;
    int64_t run_id;
};

enum avqa_status avqa_extraction_store_open(struct avqa_extraction_store **out,
                                            struct avqa_catalog *cat, int64_t run_id)
{
    struct avqa_extraction_store *store = avqa_mem_new(sizeof *store);
    const struct {
        struct avqa_stmt **st;
        const char *sql;
    } all[] = {{&store->clip, SQL_CLIP_ID},
               {&store->find, SQL_FIND},
               {&store->next, SQL_NEXT},
               {&store->shard, SQL_SHARD},
               {&store->feature, SQL_FEATURE},
               {&store->none, SQL_NONE},
               {&store->forget_feature, SQL_FORGET_FEATURE},
               {&store->forget_none, SQL_FORGET_NONE},
               {&store->unused, SQL_UNUSED}};
    enum avqa_status rc = AVQA_OK;
    store->run_id = run_id;
    for (size_t i = 0; rc == AVQA_OK && i < sizeof all / sizeof *all; i++)
        rc = avqa_stmt_prepare(all[i].st, cat, all[i].sql);
    if (rc != AVQA_OK) {
        avqa_extraction_store_close(store);
        return rc;
    }
    *out = store;
    return AVQA_OK;
}

void avqa_extraction_store_close(struct avqa_extraction_store *store)
{
    if (!store)
        return;
    avqa_stmt_free(store->clip);
    avqa_stmt_free(store->find);
    avqa_stmt_free(store->next);
    avqa_stmt_free(store->shard);
    avqa_stmt_free(store->feature);
    avqa_stmt_free(store->none);
    avqa_stmt_free(store->forget_feature);
    avqa_stmt_free(store->forget_none);
    avqa_stmt_free(store->unused);
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

enum avqa_status avqa_extraction_find_clip(struct avqa_extraction_store *store,
                                           const char *name, int64_t *clip_id)
{
    avqa_stmt_bind_text(store->clip, 1, name);
    return one(store->clip, clip_id, 0);
}

enum avqa_status avqa_extraction_find_shard(struct avqa_extraction_store *store,
                                            int64_t clip_id, const char *encoder,
                                            char **path, int64_t *bytes)
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

enum avqa_status avqa_extraction_next_number(struct avqa_extraction_store *store,
                                             int64_t *number)
{
    return one(store->next, number, 0);
}

enum avqa_status avqa_extraction_put_shard(struct avqa_extraction_store *store,
                                           const struct avqa_extraction_shard *shard,
                                           int64_t *id)
{
    struct avqa_stmt *st = store->shard;
    bool row;
    avqa_stmt_bind_text(st, 1, shard->path);
    avqa_stmt_bind_int(st, 2, shard->bytes);
    avqa_stmt_bind_int(st, 3, shard->n_samples);
    avqa_stmt_bind_text(st, 4, shard->sha256);
    avqa_stmt_bind_text(st, 5, shard->encoding);
    avqa_stmt_bind_int(st, 6, store->run_id);
    enum avqa_status rc = avqa_stmt_step(st, &row);
    *id = rc == AVQA_OK && row ? avqa_stmt_int(st, 0) : 0;
    while (rc == AVQA_OK && row)
        rc = avqa_stmt_step(st, &row);
    return rc;
}

static enum avqa_status forget(struct avqa_stmt *st, int64_t clip_id,
                               const char *encoder)
{
    avqa_stmt_bind_int(st, 1, clip_id);
    avqa_stmt_bind_text(st, 2, encoder);
    return avqa_stmt_run(st);
}

enum avqa_status
avqa_extraction_put_feature(struct avqa_extraction_store *store,
                            const struct avqa_extraction_feature *feature)
{
    struct avqa_stmt *st = store->feature;
    avqa_stmt_bind_int(st, 1, feature->clip_id);
    avqa_stmt_bind_text(st, 2, feature->encoder);
    avqa_stmt_bind_int(st, 3, feature->shard_id);
    avqa_stmt_bind_int(st, 4, feature->sample);
    avqa_stmt_bind_int(st, 5, feature->n_rows);
    avqa_stmt_bind_text(st, 6, feature->provenance);
    avqa_stmt_bind_text(st, 7, feature->recipe);
    enum avqa_status rc = avqa_stmt_run(st);
    if (rc == AVQA_OK)
        rc = forget(store->forget_none, feature->clip_id, feature->encoder);
    return rc;
}

enum avqa_status avqa_extraction_put_none(struct avqa_extraction_store *store,
                                          const struct avqa_extraction_none *none)
{
    struct avqa_stmt *st = store->none;
    avqa_stmt_bind_int(st, 1, none->clip_id);
    avqa_stmt_bind_text(st, 2, none->encoder);
    avqa_stmt_bind_text(st, 3, none->recipe);
    avqa_stmt_bind_text(st, 4, none->reason);
    avqa_stmt_bind_text(st, 5, none->detail);
    enum avqa_status rc = avqa_stmt_run(st);
    if (rc == AVQA_OK)
        rc = forget(store->forget_feature, none->clip_id, none->encoder);
    return rc;
}

enum avqa_status avqa_extraction_drop_shard(struct avqa_extraction_store *store,
                                            char **path)
{
    struct avqa_stmt *st = store->unused;
    bool row;
    enum avqa_status rc = avqa_stmt_step(st, &row);
    *path = rc == AVQA_OK && row ? avqa_mem_strdup(avqa_stmt_text(st, 0)) : NULL;
    while (rc == AVQA_OK && row)
        rc = avqa_stmt_step(st, &row);
    return rc;
}
