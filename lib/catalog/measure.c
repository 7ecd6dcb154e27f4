/* See measure.h. */
#include "catalog/measure.h"
#include "catalog/stmt.h"

static const char SQL_PUT[] =
    "INSERT OR REPLACE INTO measure(source_id, sha256, outcome, detail, picture_us, "
    "sound_us, picture, sound, picture_print, sound_print) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char SQL_EACH[] =
    "SELECT m.source_id, m.sha256, outcome, detail, picture_us, sound_us, picture, "
    "sound, picture_print, sound_print FROM measure m "
    "JOIN source s ON s.id = m.source_id AND s.sha256 = m.sha256 ORDER BY m.source_id";

enum avqa_status avqa_measure_put(struct avqa_catalog *cat,
                                  const struct avqa_measure *m)
{
    return AVQA_STMT_ONCE(cat, SQL_PUT, avqa_stmt_n(m->source_id),
                          avqa_stmt_t(m->sha256), avqa_stmt_t(m->outcome),
                          avqa_stmt_t(m->detail),
                          avqa_stmt_n_or_null(m->picture_us, AVQA_MEASURE_NONE),
                          avqa_stmt_n_or_null(m->sound_us, AVQA_MEASURE_NONE),
                          avqa_stmt_t(m->picture), avqa_stmt_t(m->sound),
                          avqa_stmt_t(m->picture_print), avqa_stmt_t(m->sound_print));
}

enum avqa_status avqa_measure_each(struct avqa_catalog *cat, avqa_measure_fn *fn,
                                   void *user)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_EACH);
    while (avqa_stmt_next(&rc, st)) {
        struct avqa_measure m = {.source_id = avqa_stmt_int(st, 0),
                                 .sha256 = avqa_stmt_text(st, 1),
                                 .outcome = avqa_stmt_text(st, 2),
                                 .detail = avqa_stmt_text(st, 3),
                                 .picture_us =
                                     avqa_stmt_int_or(st, 4, AVQA_MEASURE_NONE),
                                 .sound_us = avqa_stmt_int_or(st, 5, AVQA_MEASURE_NONE),
                                 .picture = avqa_stmt_text(st, 6),
                                 .sound = avqa_stmt_text(st, 7),
                                 .picture_print = avqa_stmt_text(st, 8),
                                 .sound_print = avqa_stmt_text(st, 9)};
        rc = fn(user, &m);
    }
    avqa_stmt_free(st);
    return rc;
}
