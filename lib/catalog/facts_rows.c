/* See facts_rows.h. Instances and the ranges in which they sound are ordered by the
 * instance's id, so they are merged as they come; no row is looked up. */
#include "catalog/facts_rows.h"
#include "base/mem.h"
#include "catalog/clip.h"
#include "catalog/stmt.h"

#include <math.h>
#include <stdlib.h>

/* A clip's own sound has no other name; one whose picture comes from elsewhere has its
 * sound among its parents. */
static const char SQL_CLIPS[] =
    "SELECT scene.clip_id, clip.picture, CASE WHEN clip.sound <> clip.picture THEN "
    "clip.sound ELSE (SELECT parent FROM clip_parent WHERE clip_parent.clip_id = "
    "scene.clip_id AND role = 'audio') END, scene.place, scene.voiceover, "
    "scene.origin, scene.duration_us, scene.n_instances "
    "FROM scene JOIN clip ON clip.id = scene.clip_id ORDER BY scene.clip_id";
static const char SQL_INSTRUMENTS[] = "SELECT id, name FROM instrument ORDER BY id";
static const char SQL_INSTANCES[] =
    "SELECT id, clip_id, label, instrument_id, visible, sounds, x, loudness_db, "
    "rhythmicity FROM instance ORDER BY id";
static const char SQL_SOUNDING[] =
    "SELECT instance_id, start_us, end_us FROM sounding ORDER BY instance_id, start_us";

static int truth_or_unknown(const struct avqa_stmt *st, int column)
{
    return (int)avqa_stmt_int_or(st, column, -1);
}

static double real_or_nan(const struct avqa_stmt *st, int column)
{
    return avqa_stmt_is_null(st, column) ? (double)NAN : avqa_stmt_double(st, column);
}

static enum avqa_status each_clip(struct avqa_catalog *cat,
                                  const struct avqa_facts_rows *rows)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_CLIPS);
    while (avqa_stmt_next(&rc, st)) {
        struct avqa_facts_clip_row clip = {
            .clip_id = avqa_stmt_int(st, 0),
            .clip = avqa_stmt_text(st, 1),
            .audio = avqa_stmt_text(st, 2),
            .place = avqa_stmt_text(st, 3),
            .voiceover = avqa_stmt_text(st, 4),
            .origin = avqa_stmt_text(st, 5),
            .duration_us = avqa_stmt_int_or(st, 6, AVQA_CLIP_UNKNOWN),
            .n_instances = avqa_stmt_int_or(st, 7, -1)};
        rc = rows->clip(rows->user, &clip);
    }
    avqa_stmt_free(st);
    return rc;
}

static enum avqa_status each_instrument(struct avqa_catalog *cat,
                                        const struct avqa_facts_rows *rows)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_INSTRUMENTS);
    for (size_t n = 0; avqa_stmt_next(&rc, st); n++) {
        size_t id;
        rc = avqa_stmt_dense_id(st, 0, n, &id);
        if (rc == AVQA_OK)
            rc = rows->instrument(rows->user, id, avqa_stmt_text(st, 1));
    }
    avqa_stmt_free(st);
    return rc;
}

/* The walk over the ranges, beside that over the instances. */
struct ranges {
    struct avqa_stmt *st;
    bool row;               /* one is in hand */
    int64_t (*items_us)[2]; /* of the instance in hand */
    size_t n, cap;
};

/* Takes the ranges of an instance. Those of one that is not there would be passed over
 * in silence, so they are damage. */
static enum avqa_status take_ranges(struct ranges *r, int64_t id)
{
    enum avqa_status rc = AVQA_OK;
    r->n = 0;
    while (rc == AVQA_OK && r->row && avqa_stmt_int(r->st, 0) <= id) {
        if (avqa_stmt_int(r->st, 0) != id)
            return avqa_fail(AVQA_EFORMAT,
                             "the catalog is damaged: instance %lld of "
                             "its ranges is not there",
                             (long long)avqa_stmt_int(r->st, 0));
        rc = avqa_mem_grow(&r->items_us, &r->cap, r->n + 1, sizeof *r->items_us);
        if (rc != AVQA_OK)
            break;
        r->items_us[r->n][0] = avqa_stmt_int(r->st, 1);
        r->items_us[r->n][1] = avqa_stmt_int(r->st, 2);
        r->n++;
        rc = avqa_stmt_step(r->st, &r->row);
    }
    return rc;
}

static enum avqa_status hand_on(const struct avqa_stmt *st, struct ranges *ranges,
                                const struct avqa_facts_rows *rows)
{
    enum avqa_status rc = take_ranges(ranges, avqa_stmt_int(st, 0));
    if (rc != AVQA_OK)
        return rc;
    struct avqa_facts_instance_row instance = {
        .clip_id = avqa_stmt_int(st, 1),
        .label = avqa_stmt_text(st, 2),
        .instrument = (size_t)avqa_stmt_int(st, 3),
        .visible = truth_or_unknown(st, 4),
        .sounds = truth_or_unknown(st, 5),
        .x = real_or_nan(st, 6),
        .loudness_db = real_or_nan(st, 7),
        .rhythmicity = real_or_nan(st, 8),
        .ranges_us = (const int64_t(*)[2])ranges->items_us,
        .n_ranges = ranges->n};
    return rows->instance(rows->user, &instance);
}

static enum avqa_status each_instance(struct avqa_catalog *cat,
                                      const struct avqa_facts_rows *rows)
{
    struct avqa_stmt *st = NULL;
    struct ranges ranges = {0};
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_INSTANCES);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&ranges.st, cat, SQL_SOUNDING);
    if (rc == AVQA_OK)
        rc = avqa_stmt_step(ranges.st, &ranges.row);
    while (avqa_stmt_next(&rc, st))
        rc = hand_on(st, &ranges, rows);
    if (rc == AVQA_OK) /* behind the last instance */
        rc = take_ranges(&ranges, INT64_MAX);
    avqa_stmt_free(st);
    avqa_stmt_free(ranges.st);
    free(ranges.items_us);
    return rc;
}

enum avqa_status avqa_facts_rows_each(struct avqa_catalog *cat,
                                      const struct avqa_facts_rows *rows)
{
    enum avqa_status rc = each_clip(cat, rows);
    if (rc == AVQA_OK)
        rc = each_instrument(cat, rows);
    return rc == AVQA_OK ? each_instance(cat, rows) : rc;
}
