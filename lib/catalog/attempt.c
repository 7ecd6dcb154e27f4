/* See attempt.h. */
#include "catalog/attempt.h"
#include "catalog/stmt.h"

static const char SQL_ADD[] = "INSERT INTO attempt(run_id, stage, item, source_id, "
                              "clip_id, started_us, ended_us, "
                              "outcome, class, reason, detail, http_status, bytes) "
                              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char SQL_EACH[] =
    "SELECT run_id, stage, item, source_id, clip_id, started_us, "
    "coalesce(ended_us, started_us), outcome, class, reason, detail, http_status, "
    "bytes "
    "FROM attempt ORDER BY id";

static const char SQL_FAILED[] =
    "SELECT item FROM attempt a WHERE stage = ? AND outcome = 'failed' AND id = "
    "(SELECT max(id) FROM attempt b WHERE b.stage = a.stage AND b.item = a.item) "
    "ORDER BY id";

enum avqa_status avqa_attempt_add(struct avqa_catalog *cat,
                                  const struct avqa_attempt *a)
{
    return AVQA_STMT_ONCE(
        cat, SQL_ADD, avqa_stmt_n(a->run_id), avqa_stmt_t(a->stage),
        avqa_stmt_t(a->item), avqa_stmt_n_or_null(a->source_id, 0),
        avqa_stmt_n_or_null(a->clip_id, 0), avqa_stmt_n(a->started_us),
        avqa_stmt_n(a->ended_us), avqa_stmt_t(a->outcome), avqa_stmt_t(a->class),
        avqa_stmt_t(a->reason), avqa_stmt_t(a->detail),
        avqa_stmt_n_or_null(a->http_status, 0), avqa_stmt_n_or_null(a->bytes, -1));
}

enum avqa_status avqa_attempt_each(struct avqa_catalog *cat, avqa_attempt_fn *fn,
                                   void *user)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_EACH);
    while (avqa_stmt_next(&rc, st)) {
        struct avqa_attempt a = {.run_id = avqa_stmt_int(st, 0),
                                 .stage = avqa_stmt_text(st, 1),
                                 .item = avqa_stmt_text(st, 2),
                                 .source_id = avqa_stmt_int(st, 3),
                                 .clip_id = avqa_stmt_int(st, 4),
                                 .started_us = avqa_stmt_int(st, 5),
                                 .ended_us = avqa_stmt_int(st, 6),
                                 .outcome = avqa_stmt_text(st, 7),
                                 .class = avqa_stmt_text(st, 8),
                                 .reason = avqa_stmt_text(st, 9),
                                 .detail = avqa_stmt_text(st, 10),
                                 .http_status = (int)avqa_stmt_int(st, 11),
                                 .bytes = avqa_stmt_int_or(st, 12, -1)};
        rc = fn(user, &a);
    }
    avqa_stmt_free(st);
    return rc;
}

enum avqa_status avqa_attempt_failed_each(struct avqa_catalog *cat, const char *stage,
                                          avqa_attempt_item_fn *fn, void *user)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_FAILED);
    avqa_stmt_bind_text(st, 1, stage);
    while (avqa_stmt_next(&rc, st))
        rc = fn(user, avqa_stmt_text(st, 0));
    avqa_stmt_free(st);
    return rc;
}
