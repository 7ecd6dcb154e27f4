/* See source.h. A manifest's columns bytes and sha256 are kept with the clip (extra).
 */
#include "catalog/source.h"
#include "catalog/stmt.h"

static const char SQL_EACH[] =
    "SELECT s.id, s.name, s.url, s.path, s.sha256, s.bytes, a.outcome, a.class, "
    "e.bytes, e.sha256 FROM source s "
    "LEFT JOIN attempt a ON a.id = (SELECT max(id) FROM attempt WHERE stage = 'fetch' "
    "AND item = s.name) "
    "LEFT JOIN (SELECT source_id, max(cast(json_extract(extra, '$.bytes') AS INTEGER)) "
    "AS bytes, max(json_extract(extra, '$.sha256')) AS sha256 FROM clip "
    "WHERE extra IS NOT NULL GROUP BY source_id) e ON e.source_id = s.id "
    "LEFT JOIN (SELECT item, count(*) AS n FROM attempt WHERE stage = 'fetch' AND "
    "outcome = 'failed' AND reason IS NOT 'host-paused' GROUP BY item) t "
    "ON t.item = s.name "
    "ORDER BY coalesce(t.n, 0), s.id";
static const char SQL_SET_FILE[] =
    "UPDATE source SET path = ?2, bytes = ?3, sha256 = ?4, mtime_us = NULL, "
    "duration_us = CASE WHEN sha256 = ?4 THEN duration_us END WHERE id = ?1";
static const char SQL_FIND_FILE[] =
    "SELECT path FROM source WHERE sha256 = ? AND bytes = ? AND path IS NOT NULL "
    "ORDER BY id LIMIT 1";

enum avqa_status avqa_source_each(struct avqa_catalog *cat, avqa_source_fn *fn,
                                  void *user)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_EACH);
    while (avqa_stmt_next(&rc, st)) {
        struct avqa_source source = {.id = avqa_stmt_int(st, 0),
                                     .name = avqa_stmt_text(st, 1),
                                     .url = avqa_stmt_text(st, 2),
                                     .path = avqa_stmt_text(st, 3),
                                     .sha256 = avqa_stmt_text(st, 4),
                                     .bytes = avqa_stmt_int_or(st, 5, -1),
                                     .last_outcome = avqa_stmt_text(st, 6),
                                     .last_class = avqa_stmt_text(st, 7),
                                     .expected_bytes = avqa_stmt_int_or(st, 8, -1),
                                     .expected_sha256 = avqa_stmt_text(st, 9)};
        rc = fn(user, &source);
    }
    avqa_stmt_free(st);
    return rc;
}

enum avqa_status avqa_source_set_file(struct avqa_catalog *cat, int64_t id,
                                      const char *path, int64_t bytes,
                                      const char *sha256)
{
    return AVQA_STMT_ONCE(cat, SQL_SET_FILE, avqa_stmt_n(id), avqa_stmt_t(path),
                          avqa_stmt_n(bytes), avqa_stmt_t(sha256));
}

enum avqa_status avqa_source_find_file(struct avqa_catalog *cat, const char *sha256,
                                       int64_t bytes, struct avqa_buf *path)
{
    struct avqa_stmt *st;
    bool row = false;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_FIND_FILE);
    if (rc != AVQA_OK)
        return rc;
    avqa_stmt_bind_text(st, 1, sha256);
    avqa_stmt_bind_int(st, 2, bytes);
    rc = avqa_stmt_step(st, &row);
    if (rc == AVQA_OK && row)
        avqa_buf_adds(path, avqa_stmt_text(st, 0));
    avqa_stmt_free(st);
    return rc;
}
