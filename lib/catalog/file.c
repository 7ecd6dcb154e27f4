/* See file.h. */
#include "catalog/file.h"
#include "base/mem.h"
#include "catalog/stmt.h"

#include <stdlib.h>

static const char SQL_FIND[] =
    "SELECT path, s.sha256, bytes, mtime_us, duration_us, m.source_id IS NOT NULL, "
    "s.id "
    "FROM source s LEFT JOIN measure m ON m.source_id = s.id AND m.sha256 = s.sha256 "
    "WHERE name = ?";
static const char SQL_TWIN[] =
    "SELECT name FROM source WHERE sha256 = ? AND name <> ? ORDER BY id LIMIT 1";
static const char SQL_PUT[] =
    "INSERT INTO source(name, path, sha256, bytes, mtime_us, duration_us) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(name) DO UPDATE SET "
    "path = ?2, sha256 = ?3, bytes = ?4, mtime_us = ?5, duration_us = ?6 RETURNING id";

struct avqa_file_store {
    struct avqa_stmt *find, *twin, *put;
};

enum avqa_status avqa_file_store_open(struct avqa_file_store **out,
                                      struct avqa_catalog *cat)
{
    struct avqa_file_store *store = avqa_mem_new(sizeof *store);
    enum avqa_status rc = avqa_stmt_prepare(&store->find, cat, SQL_FIND);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&store->twin, cat, SQL_TWIN);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&store->put, cat, SQL_PUT);
    if (rc != AVQA_OK) {
        avqa_file_store_close(store);
        return rc;
    }
    *out = store;
    return AVQA_OK;
}

void avqa_file_store_close(struct avqa_file_store *store)
{
    if (!store)
        return;
    avqa_stmt_free(store->find);
    avqa_stmt_free(store->twin);
    avqa_stmt_free(store->put);
    free(store);
}

enum avqa_status avqa_file_find(struct avqa_file_store *store, const char *source,
                                struct avqa_file *file, bool *found)
{
    const struct avqa_stmt *st = store->find;
    avqa_stmt_reset(store->find);
    avqa_stmt_bind_text(store->find, 1, source);
    enum avqa_status rc = avqa_stmt_step(store->find, found);
    *file = (struct avqa_file){.source = source};
    if (rc != AVQA_OK || !*found)
        return rc;
    file->path = avqa_stmt_text(st, 0);
    file->sha256 = avqa_stmt_text(st, 1);
    file->bytes = avqa_stmt_int_or(st, 2, -1);
    file->mtime_us = avqa_stmt_int_or(st, 3, -1);
    file->duration_us = avqa_stmt_int_or(st, 4, 0);
    file->measured = avqa_stmt_int(st, 5) != 0;
    file->id = avqa_stmt_int(st, 6);
    return AVQA_OK;
}

enum avqa_status avqa_file_twin(struct avqa_file_store *store,
                                const struct avqa_file *file, const char **name)
{
    bool found;
    avqa_stmt_reset(store->twin);
    avqa_stmt_bind_text(store->twin, 1, file->sha256);
    avqa_stmt_bind_text(store->twin, 2, file->source);
    enum avqa_status rc = avqa_stmt_step(store->twin, &found);
    *name = rc == AVQA_OK && found ? avqa_stmt_text(store->twin, 0) : NULL;
    return rc;
}

enum avqa_status avqa_file_put(struct avqa_file_store *store,
                               const struct avqa_file *file, int64_t *source_id)
{
    bool row;
    struct avqa_stmt *st = store->put;
    avqa_stmt_reset(store->find);
    avqa_stmt_bind_text(st, 1, file->source);
    avqa_stmt_bind_text(st, 2, file->path);
    avqa_stmt_bind_text(st, 3, file->sha256);
    avqa_stmt_bind_int(st, 4, file->bytes);
    avqa_stmt_bind_int(st, 5, file->mtime_us);
    avqa_stmt_bind_int(st, 6, file->duration_us);
    enum avqa_status rc = avqa_stmt_step(st, &row);
    if (rc != AVQA_OK)
        return rc;
    *source_id = avqa_stmt_int(st, 0);
    avqa_stmt_reset(st);
    return AVQA_OK;
}
