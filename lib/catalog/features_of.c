/* See features_of.h. */
#include "catalog/features_of.h"
#include "catalog/stmt.h"

/* Of the rows of a group SQLite gives the one with min(). */
static const char SQL_SPLIT[] =
    "SELECT min(f.clip_id), f.encoder, h.path, f.sample, f.n_rows, f.provenance "
    "FROM feature f JOIN shard h ON h.id = f.shard_id "
    "WHERE f.clip_id IN (SELECT clip_id FROM question WHERE split_id = ?) "
    "GROUP BY f.encoder ORDER BY f.encoder";
static const char SQL_ENCODER[] =
    "SELECT f.clip_id, f.encoder, h.path, f.sample, f.n_rows, f.provenance "
    "FROM feature f JOIN shard h ON h.id = f.shard_id "
    "WHERE f.encoder = ? ORDER BY h.path, f.sample";

static enum avqa_status each(struct avqa_stmt *st, avqa_features_of_fn *fn, void *user)
{
    enum avqa_status rc = AVQA_OK;
    while (avqa_stmt_next(&rc, st)) {
        struct avqa_features_of f = {.clip_id = avqa_stmt_int(st, 0),
                                     .encoder = avqa_stmt_text(st, 1),
                                     .shard = avqa_stmt_text(st, 2),
                                     .sample = avqa_stmt_int(st, 3),
                                     .n_rows = avqa_stmt_int(st, 4),
                                     .provenance = avqa_stmt_text(st, 5)};
        rc = fn(user, &f);
    }
    return rc;
}

enum avqa_status avqa_features_of_split(struct avqa_catalog *cat, int64_t split_id,
                                        avqa_features_of_fn *fn, void *user)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_SPLIT);
    if (rc != AVQA_OK)
        return rc;
    avqa_stmt_bind_int(st, 1, split_id);
    rc = each(st, fn, user);
    avqa_stmt_free(st);
    return rc;
}

enum avqa_status avqa_features_of_encoder(struct avqa_catalog *cat, const char *encoder,
                                          avqa_features_of_fn *fn, void *user)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_ENCODER);
    if (rc != AVQA_OK)
        return rc;
    avqa_stmt_bind_text(st, 1, encoder);
    rc = each(st, fn, user);
    avqa_stmt_free(st);
    return rc;
}
