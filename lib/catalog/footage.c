/* See footage.h. */
#include "catalog/footage.h"
#include "catalog/clip.h"
#include "catalog/stmt.h"

static const char SQL_EACH[] =
    "SELECT s.id, s.name, s.path, s.sha256, s.duration_us, c.id, c.picture, c.method, "
    "c.start_us, c.duration_us, c.path, c.bytes, c.recipe "
    "FROM clip c JOIN source s ON s.id = c.source_id "
    "WHERE s.path IS NOT NULL AND c.picture = c.sound ORDER BY c.id";
static const char SQL_SOURCE_EACH[] = "SELECT id, name, path, sha256, duration_us "
                                      "FROM source WHERE path IS NOT NULL ORDER BY id";
static const char SQL_PUT[] =
    "UPDATE clip SET path = ?2, bytes = ?3, sha256 = ?4, recipe = ?5 WHERE id = ?1";

static void fill_source(struct avqa_footage *f, const struct avqa_stmt *st)
{
    f->source_id = avqa_stmt_int(st, 0);
    f->source = avqa_stmt_text(st, 1);
    f->source_path = avqa_stmt_text(st, 2);
    f->source_sha256 = avqa_stmt_text(st, 3);
    f->source_duration_us = avqa_stmt_int(st, 4);
}

static void fill_clip(struct avqa_footage *f, const struct avqa_stmt *st)
{
    f->clip_id = avqa_stmt_int(st, 5);
    f->clip = avqa_stmt_text(st, 6);
    f->method = avqa_stmt_text(st, 7);
    f->start_us = avqa_stmt_int_or(st, 8, AVQA_CLIP_UNKNOWN);
    f->duration_us = avqa_stmt_int_or(st, 9, AVQA_CLIP_UNKNOWN);
    f->path = avqa_stmt_text(st, 10);
    f->bytes = avqa_stmt_int(st, 11);
    f->recipe = avqa_stmt_text(st, 12);
}

static enum avqa_status each(struct avqa_catalog *cat, const char *sql,
                             avqa_footage_fn *fn, void *user)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, sql);
    while (avqa_stmt_next(&rc, st)) {
        struct avqa_footage f = {0};
        fill_source(&f, st);
        if (sql == SQL_EACH)
            fill_clip(&f, st);
        rc = fn(user, &f);
    }
    avqa_stmt_free(st);
    return rc;
}

enum avqa_status avqa_footage_each(struct avqa_catalog *cat, avqa_footage_fn *fn,
                                   void *user)
{
    return each(cat, SQL_EACH, fn, user);
}

enum avqa_status avqa_footage_source_each(struct avqa_catalog *cat, avqa_footage_fn *fn,
                                          void *user)
{
    return each(cat, SQL_SOURCE_EACH, fn, user);
}

enum avqa_status avqa_footage_put(struct avqa_catalog *cat,
                                  const struct avqa_footage_file *f)
{
    return AVQA_STMT_ONCE(cat, SQL_PUT, avqa_stmt_n(f->clip_id), avqa_stmt_t(f->path),
                          avqa_stmt_n(f->bytes), avqa_stmt_t(f->sha256),
                          avqa_stmt_t(f->recipe));
}
