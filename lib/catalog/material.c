/* See material.h. */
#include "catalog/material.h"
#include "catalog/stmt.h"

static const char SQL_EACH[] =
    "SELECT c.id, c.source_id, c.picture, c.origin, c.method, p.parent, c.path, "
    "c.bytes, "
    "c.sha256, s.sha256, c.recipe, c.made, f.facts, "
    "EXISTS (SELECT 1 FROM measure m WHERE m.source_id = s.id AND m.sha256 = s.sha256 "
    "AND m.outcome = 'no-audio') FROM clip c "
    "LEFT JOIN source s ON s.id = c.source_id "
    "LEFT JOIN scene f ON f.clip_id = c.id "
    "LEFT JOIN (SELECT clip_id, min(parent) AS parent FROM clip_parent "
    "WHERE role <> 'sound' GROUP BY clip_id) p ON p.clip_id = c.id "
    "WHERE c.picture = c.sound ORDER BY c.picture";
static const char SQL_PUT[] =
    "UPDATE clip SET path = ?2, bytes = ?3, sha256 = ?4, recipe = ?5, made = ?6, "
    "method = ?7, origin = 'synthetic' WHERE id = ?1";

static struct avqa_material material_of(const struct avqa_stmt *st)
{
    return (struct avqa_material){.clip_id = avqa_stmt_int(st, 0),
                                  .source_id = avqa_stmt_int(st, 1),
                                  .clip = avqa_stmt_text(st, 2),
                                  .synthetic = avqa_stmt_text(st, 3)[0] == 's',
                                  .method = avqa_stmt_text(st, 4),
                                  .parent = avqa_stmt_text(st, 5),
                                  .path = avqa_stmt_text(st, 6),
                                  .bytes = avqa_stmt_int(st, 7),
                                  .sha256 = avqa_stmt_text(st, 8),
                                  .source_sha256 = avqa_stmt_text(st, 9),
                                  .recipe = avqa_stmt_text(st, 10),
                                  .made = avqa_stmt_text(st, 11),
                                  .facts = avqa_stmt_text(st, 12),
                                  .mute = avqa_stmt_int(st, 13) != 0};
}

enum avqa_status avqa_material_each(struct avqa_catalog *cat, avqa_material_fn *fn,
                                    void *user)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_EACH);
    while (avqa_stmt_next(&rc, st)) {
        struct avqa_material m = material_of(st);
        rc = fn(user, &m);
    }
    avqa_stmt_free(st);
    return rc;
}

enum avqa_status avqa_material_put(struct avqa_catalog *cat,
                                   const struct avqa_material *m)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_PUT);
    if (rc != AVQA_OK)
        return rc;
    avqa_stmt_bind_int(st, 1, m->clip_id);
    avqa_stmt_bind_text(st, 2, m->path);
    avqa_stmt_bind_int(st, 3, m->bytes);
    avqa_stmt_bind_text(st, 4, m->sha256);
    avqa_stmt_bind_text(st, 5, m->recipe);
    avqa_stmt_bind_text(st, 6, m->made);
    avqa_stmt_bind_text(st, 7, m->method);
    rc = avqa_stmt_run(st);
    avqa_stmt_free(st);
    return rc;
}
