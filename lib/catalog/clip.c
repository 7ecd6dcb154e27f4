/* See clip.h. The ids of the clips met last are remembered within a bound, because the
 * rows of a file come back to the same clips. */
#include "catalog/clip.h"
#include "base/buf.h"
#include "base/intern.h"
#include "base/mem.h"
#include "catalog/stmt.h"

#include <stdlib.h>
#include <string.h>

enum { CACHE_MAX = 1 << 18 };

static const char SQL_FIND[] =
    "SELECT c.id, c.start_us, c.duration_us, c.method, c.extra, s.name, s.url "
    "FROM clip c LEFT JOIN source s ON s.id = c.source_id "
    "WHERE c.picture = ? AND c.sound = ?";
static const char SQL_ID[] = "SELECT id FROM clip WHERE picture = ? AND sound = ?";
static const char SQL_ADD[] =
    "INSERT INTO clip(picture, sound, source_id, start_us, duration_us, origin, "
    "method, "
    "extra, run_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
    "ON CONFLICT DO NOTHING";
static const char SQL_SET[] =
    "UPDATE clip SET source_id = ?3, start_us = ?4, duration_us = ?5, origin = ?6, "
    "method = coalesce(?7, method), extra = ?8, run_id = ?9 WHERE picture = ?1 AND "
    "sound = ?2";
static const char SQL_ADOPT[] =
    "UPDATE clip SET source_id = ?2, start_us = coalesce(start_us, ?3), duration_us = "
    "coalesce(duration_us, ?4) WHERE id = ?1 AND source_id IS NULL";
static const char SQL_PARENT[] = "INSERT OR IGNORE INTO clip_parent VALUES (?, ?, ?)";
static const char SQL_SOURCE[] =
    "INSERT INTO source(name, url) VALUES (?1, ?2) ON CONFLICT(name) "
    "DO UPDATE SET url = coalesce(excluded.url, url) RETURNING id";
static const char SQL_EACH[] =
    "SELECT c.id, picture, sound, start_us, duration_us, origin, method, p.parent, "
    "c.source_id "
    "FROM clip c LEFT JOIN (SELECT clip_id, min(parent) AS parent FROM clip_parent "
    "WHERE role <> 'sound' GROUP BY clip_id) p ON p.clip_id = c.id ORDER BY c.id";
static const char SQL_PARENT_EACH[] =
    "SELECT clip_id, parent FROM clip_parent WHERE role <> 'sound'";

struct avqa_clip_store {
    struct avqa_stmt *find, *id, *add, *set, *parent, *source, *adopt;
    int64_t run_id;
    struct avqa_intern cache; /* "picture NUL sound" */
    int64_t *ids;
    size_t cap;
    struct avqa_buf key;
};

enum avqa_status avqa_clip_store_open(struct avqa_clip_store **out,
                                      struct avqa_catalog *cat, int64_t run_id)
{
    struct avqa_clip_store *store = avqa_mem_new(sizeof *store);
    store->run_id = run_id;
    enum avqa_status rc = avqa_stmt_prepare(&store->find, cat, SQL_FIND);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&store->id, cat, SQL_ID);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&store->add, cat, SQL_ADD);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&store->set, cat, SQL_SET);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&store->parent, cat, SQL_PARENT);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&store->source, cat, SQL_SOURCE);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&store->adopt, cat, SQL_ADOPT);
    if (rc != AVQA_OK) {
        avqa_clip_store_close(store);
        return rc;
    }
    *out = store;
    return AVQA_OK;
}

void avqa_clip_store_close(struct avqa_clip_store *store)
{
    if (!store)
        return;
    avqa_stmt_free(store->find);
    avqa_stmt_free(store->id);
    avqa_stmt_free(store->add);
    avqa_stmt_free(store->set);
    avqa_stmt_free(store->parent);
    avqa_stmt_free(store->source);
    avqa_stmt_free(store->adopt);
    avqa_intern_release(&store->cache);
    avqa_buf_release(&store->key);
    free(store->ids);
    free(store);
}

static enum avqa_status source_id(struct avqa_clip_store *store,
                                  const struct avqa_clip *clip, int64_t *id)
{
    bool row;
    avqa_stmt_bind_text(store->source, 1, clip->source);
    avqa_stmt_bind_text(store->source, 2, clip->url);
    enum avqa_status rc = avqa_stmt_step(store->source, &row);
    if (rc != AVQA_OK)
        return rc;
    *id = avqa_stmt_int(store->source, 0);
    avqa_stmt_reset(store->source);
    return AVQA_OK;
}

/* Runs the insert or the update, which have the same parameters. */
static enum avqa_status write_clip(struct avqa_clip_store *store, struct avqa_stmt *st,
                                   const struct avqa_clip *clip)
{
    int64_t source = 0;
    if (clip->source) {
        enum avqa_status rc = source_id(store, clip, &source);
        if (rc != AVQA_OK)
            return rc;
    }
    avqa_stmt_bind_int_or_null(st, 3, source, 0);
    avqa_stmt_bind_text(st, 1, clip->picture);
    avqa_stmt_bind_text(st, 2, clip->sound);
    avqa_stmt_bind_int_or_null(st, 4, clip->start_us, AVQA_CLIP_UNKNOWN);
    avqa_stmt_bind_int_or_null(st, 5, clip->duration_us, AVQA_CLIP_UNKNOWN);
    avqa_stmt_bind_text(st, 6, clip->synthetic ? "synthetic" : "real");
    avqa_stmt_bind_text(st, 7, clip->method);
    avqa_stmt_bind_text(st, 8, clip->extra);
    avqa_stmt_bind_int(st, 9, store->run_id);
    return avqa_stmt_run(st);
}

enum avqa_status avqa_clip_adopt(struct avqa_clip_store *store, int64_t id,
                                 const struct avqa_clip *clip)
{
    int64_t source;
    enum avqa_status rc = source_id(store, clip, &source);
    if (rc != AVQA_OK)
        return rc;
    avqa_stmt_bind_int(store->adopt, 1, id);
    avqa_stmt_bind_int(store->adopt, 2, source);
    avqa_stmt_bind_int_or_null(store->adopt, 3, clip->start_us, AVQA_CLIP_UNKNOWN);
    avqa_stmt_bind_int_or_null(store->adopt, 4, clip->duration_us, AVQA_CLIP_UNKNOWN);
    return avqa_stmt_run(store->adopt);
}

static enum avqa_status add_parents(struct avqa_clip_store *store,
                                    const struct avqa_clip *clip, int64_t id)
{
    enum avqa_status rc = AVQA_OK;
    const char *const parents[] = {
        clip->parent, strcmp(clip->sound, clip->picture) ? clip->sound : NULL};
    const char *const roles[] = {clip->method ? clip->method : "derived", "sound"};
    for (int i = 0; rc == AVQA_OK && i < 2; i++) {
        if (!parents[i])
            continue;
        avqa_stmt_bind_int(store->parent, 1, id);
        avqa_stmt_bind_text(store->parent, 2, parents[i]);
        avqa_stmt_bind_text(store->parent, 3, roles[i]);
        rc = avqa_stmt_run(store->parent);
    }
    return rc;
}

/* The row of the clip with this picture and sound, by SQL_FIND or SQL_ID. */
static enum avqa_status find(struct avqa_stmt *st, const struct avqa_clip *clip,
                             bool *found)
{
    avqa_stmt_bind_text(st, 1, clip->picture);
    avqa_stmt_bind_text(st, 2, clip->sound);
    return avqa_stmt_step(st, found);
}

/* Adds the clip unless it is there: *is_new tells. Most are new, so this comes first.
 */
static enum avqa_status insert(struct avqa_clip_store *store,
                               const struct avqa_clip *clip, int64_t *id, bool *is_new)
{
    enum avqa_status rc = write_clip(store, store->add, clip);
    *is_new = rc == AVQA_OK && avqa_stmt_changes(store->add) > 0;
    if (!*is_new)
        return rc;
    *id = avqa_stmt_last_id(store->add);
    return add_parents(store, clip, *id);
}

static enum avqa_status remember(struct avqa_clip_store *store, int64_t id)
{
    if (store->cache.n >= CACHE_MAX)
        avqa_intern_clear(&store->cache);
    uint32_t n = avqa_intern_add(&store->cache, store->key.data, store->key.len, NULL);
    enum avqa_status rc =
        avqa_mem_grow(&store->ids, &store->cap, (size_t)n + 1, sizeof *store->ids);
    if (rc == AVQA_OK)
        store->ids[n] = id;
    return rc;
}

enum avqa_status avqa_clip_ensure(struct avqa_clip_store *store,
                                  const struct avqa_clip *clip, int64_t *id,
                                  bool *is_new)
{
    avqa_buf_clear(&store->key);
    avqa_buf_add(&store->key, clip->picture, strlen(clip->picture) + 1);
    avqa_buf_adds(&store->key, clip->sound);
    *is_new = false;
    uint32_t known = avqa_intern_find(&store->cache, store->key.data, store->key.len);
    if (known != AVQA_INTERN_NONE) {
        *id = store->ids[known];
        return AVQA_OK;
    }
    enum avqa_status rc = insert(store, clip, id, is_new);
    if (rc == AVQA_OK && !*is_new) {
        bool found;
        rc = find(store->id, clip, &found);
        *id = rc == AVQA_OK && found ? avqa_stmt_int(store->id, 0) : 0;
        avqa_stmt_reset(store->id);
    }
    return rc == AVQA_OK ? remember(store, *id) : rc;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_time(const struct avqa_stmt *st, int column, int64_t us)
{
    return avqa_stmt_is_null(st, column) ? us == AVQA_CLIP_UNKNOWN
                                         : avqa_stmt_int(st, column) == us;
}

/* Whether the stored clip (the row of store->find) says the same. */
static bool same_clip(const struct avqa_stmt *st, const struct avqa_clip *clip)
{
    return same_time(st, 1, clip->start_us) && same_time(st, 2, clip->duration_us) &&
           same_text(avqa_stmt_text(st, 3), clip->method) &&
           same_text(avqa_stmt_text(st, 4), clip->extra) &&
           same_text(avqa_stmt_text(st, 5), clip->source) &&
           (!clip->url || same_text(avqa_stmt_text(st, 6), clip->url));
}

enum avqa_status avqa_clip_put(struct avqa_clip_store *store,
                               const struct avqa_clip *clip,
                               enum avqa_clip_outcome *outcome)
{
    bool is_new;
    bool found;
    int64_t id;
    enum avqa_status rc = insert(store, clip, &id, &is_new);
    *outcome = AVQA_CLIP_NEW;
    if (rc != AVQA_OK || is_new)
        return rc;
    rc = find(store->find, clip, &found);
    if (rc != AVQA_OK)
        return rc;
    id = avqa_stmt_int(store->find, 0);
    *outcome = same_clip(store->find, clip) ? AVQA_CLIP_SAME : AVQA_CLIP_UPDATED;
    avqa_stmt_reset(store->find);
    if (*outcome == AVQA_CLIP_SAME)
        return AVQA_OK;
    rc = write_clip(store, store->set, clip);
    return rc == AVQA_OK ? add_parents(store, clip, id) : rc;
}

enum avqa_status avqa_clip_each(struct avqa_catalog *cat, avqa_clip_fn *fn, void *user)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_EACH);
    for (size_t n = 0; avqa_stmt_next(&rc, st); n++) {
        size_t id;
        rc = avqa_stmt_dense_id(st, 0, n, &id);
        if (rc != AVQA_OK)
            break;
        struct avqa_clip clip = {.id = (int64_t)id,
                                 .picture = avqa_stmt_text(st, 1),
                                 .sound = avqa_stmt_text(st, 2),
                                 .start_us = avqa_stmt_int_or(st, 3, AVQA_CLIP_UNKNOWN),
                                 .duration_us =
                                     avqa_stmt_int_or(st, 4, AVQA_CLIP_UNKNOWN),
                                 .synthetic = avqa_stmt_text(st, 5)[0] == 's',
                                 .method = avqa_stmt_text(st, 6),
                                 .parent = avqa_stmt_text(st, 7),
                                 .source_id = avqa_stmt_int(st, 8)};
        rc = fn(user, &clip);
    }
    avqa_stmt_free(st);
    return rc;
}

enum avqa_status avqa_clip_parent_each(struct avqa_catalog *cat,
                                       avqa_clip_parent_fn *fn, void *user)
{
    return avqa_stmt_each(cat, SQL_PARENT_EACH, fn, user);
}
