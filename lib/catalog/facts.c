/* See facts.h. An object that changed replaces everything that came from the old one:
 * instances (their ranges go with them), and the parents with a role of ours. Parents
 * that other stages noted stay. */
#include "catalog/facts.h"
#include "base/mem.h"
#include "catalog/clip.h"
#include "catalog/stmt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char SQL_FIND[] = "SELECT facts, run_id FROM scene WHERE clip_id = ?";
static const char SQL_SEEN[] = "UPDATE scene SET run_id = ?2 WHERE clip_id = ?1";
static const char SQL_PUT[] =
    "INSERT INTO scene(clip_id, place, voiceover, origin, facts, duration_us, "
    "n_instances, run_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
    "ON CONFLICT(clip_id) DO UPDATE SET place = ?2, voiceover = ?3, origin = ?4, "
    "facts = ?5, duration_us = ?6, n_instances = ?7, run_id = ?8";
static const char SQL_DURATION[] =
    "UPDATE clip SET duration_us = ?2 WHERE id = ?1 AND (duration_us IS NULL OR "
    "duration_us = (SELECT duration_us FROM scene WHERE clip_id = ?1))";
static const char SQL_FORGET[] = "DELETE FROM instance WHERE clip_id = ?";
static const char SQL_FORGET_PARENTS[] =
    "DELETE FROM clip_parent WHERE clip_id = ? AND role IN ('base', 'video', 'audio')";
static const char SQL_PARENT[] = "INSERT OR IGNORE INTO clip_parent VALUES (?, ?, ?)";
static const char SQL_INSTRUMENT[] =
    "INSERT INTO instrument(name) VALUES (?) ON CONFLICT DO NOTHING";
static const char SQL_INSTANCE[] =
    "INSERT INTO instance(clip_id, label, instrument_id, visible, x, box, sounds, "
    "loudness_db, rhythmicity) VALUES (?1, ?2, (SELECT id FROM instrument WHERE "
    "name = ?3), ?4, ?5, ?6, ?7, ?8, ?9)";
static const char SQL_SOUNDING[] = "INSERT INTO sounding VALUES (?, ?, ?)";
static const char SQL_EACH[] = "SELECT clip_id, facts FROM scene ORDER BY clip_id";

enum {
    FIND,
    SEEN,
    PUT,
    DURATION,
    FORGET,
    FORGET_PARENTS,
    PARENT,
    INSTRUMENT,
    INSTANCE,
    SOUNDING,
    N_STATEMENTS
};

static const char *const sql[] = {
    [FIND] = SQL_FIND,         [SEEN] = SQL_SEEN,
    [PUT] = SQL_PUT,           [DURATION] = SQL_DURATION,
    [FORGET] = SQL_FORGET,     [FORGET_PARENTS] = SQL_FORGET_PARENTS,
    [PARENT] = SQL_PARENT,     [INSTRUMENT] = SQL_INSTRUMENT,
    [INSTANCE] = SQL_INSTANCE, [SOUNDING] = SQL_SOUNDING,
};

struct avqa_facts_store {
    struct avqa_stmt *st[N_STATEMENTS];
    int64_t run_id, clip_id, instance_id;
};

enum avqa_status avqa_facts_store_open(struct avqa_facts_store **out,
                                       struct avqa_catalog *cat, int64_t run_id)
{
    struct avqa_facts_store *store = avqa_mem_new(sizeof *store);
    enum avqa_status rc = AVQA_OK;
    store->run_id = run_id;
    for (int i = 0; rc == AVQA_OK && i < N_STATEMENTS; i++)
        rc = avqa_stmt_prepare(&store->st[i], cat, sql[i]);
    if (rc != AVQA_OK) {
        avqa_facts_store_close(store);
        return rc;
    }
    *out = store;
    return AVQA_OK;
}

void avqa_facts_store_close(struct avqa_facts_store *store)
{
    if (!store)
        return;
    for (int i = 0; i < N_STATEMENTS; i++)
        avqa_stmt_free(store->st[i]);
    free(store);
}

static void bind_real(struct avqa_stmt *st, int i, double value)
{
    if (isnan(value))
        avqa_stmt_bind_null(st, i);
    else
        avqa_stmt_bind_double(st, i, value);
}

static enum avqa_status run_for_clip(struct avqa_facts_store *store, int which)
{
    avqa_stmt_bind_int(store->st[which], 1, store->clip_id);
    return avqa_stmt_run(store->st[which]);
}

/* What storing the object will come to. */
static enum avqa_status compare(struct avqa_facts_store *store,
                                const struct avqa_facts_record *record,
                                enum avqa_facts_outcome *outcome)
{
    struct avqa_stmt *st = store->st[FIND];
    bool found;
    avqa_stmt_bind_int(st, 1, record->clip_id);
    enum avqa_status rc = avqa_stmt_step(st, &found);
    *outcome = AVQA_FACTS_NEW;
    if (rc != AVQA_OK || !found)
        return rc;
    if (strcmp(avqa_stmt_text(st, 0), record->facts) == 0)
        *outcome = AVQA_FACTS_SAME;
    else if (avqa_stmt_int(st, 1) == store->run_id)
        *outcome = AVQA_FACTS_CONFLICT;
    else
        *outcome = AVQA_FACTS_UPDATED;
    avqa_stmt_reset(st);
    return AVQA_OK;
}

static enum avqa_status put_scene(struct avqa_facts_store *store,
                                  const struct avqa_facts_record *record)
{
    struct avqa_stmt *st = store->st[PUT];
    avqa_stmt_bind_int(st, 1, record->clip_id);
    avqa_stmt_bind_text(st, 2, record->place);
    avqa_stmt_bind_text(st, 3, record->voiceover);
    avqa_stmt_bind_text(st, 4, record->origin);
    avqa_stmt_bind_text(st, 5, record->facts);
    avqa_stmt_bind_int_or_null(st, 6, record->duration_us, AVQA_CLIP_UNKNOWN);
    avqa_stmt_bind_int_or_null(st, 7, record->n_instances, -1);
    avqa_stmt_bind_int(st, 8, store->run_id);
    return avqa_stmt_run(st);
}

static enum avqa_status put_duration(struct avqa_facts_store *store,
                                     const struct avqa_facts_record *record)
{
    if (record->duration_us == AVQA_CLIP_UNKNOWN)
        return AVQA_OK;
    avqa_stmt_bind_int(store->st[DURATION], 2, record->duration_us);
    return run_for_clip(store, DURATION);
}

static enum avqa_status put_parents(struct avqa_facts_store *store,
                                    const struct avqa_facts_record *record)
{
    enum avqa_status rc = run_for_clip(store, FORGET_PARENTS);
    for (size_t i = 0; rc == AVQA_OK && i < record->n_parents; i++) {
        avqa_stmt_bind_text(store->st[PARENT], 2, record->parents[i].name);
        avqa_stmt_bind_text(store->st[PARENT], 3, record->parents[i].role);
        rc = run_for_clip(store, PARENT);
    }
    return rc;
}

static enum avqa_status mark_seen(struct avqa_facts_store *store)
{
    avqa_stmt_bind_int(store->st[SEEN], 2, store->run_id);
    return run_for_clip(store, SEEN);
}

enum avqa_status avqa_facts_put(struct avqa_facts_store *store,
                                const struct avqa_facts_record *record,
                                enum avqa_facts_outcome *outcome)
{
    enum avqa_status rc = compare(store, record, outcome);
    store->clip_id = record->clip_id;
    if (rc != AVQA_OK || *outcome == AVQA_FACTS_CONFLICT)
        return rc;
    if (*outcome == AVQA_FACTS_SAME)
        return mark_seen(store);
    rc = put_duration(store, record);
    if (rc == AVQA_OK)
        rc = put_scene(store, record);
    if (rc == AVQA_OK)
        rc = run_for_clip(store, FORGET);
    return rc == AVQA_OK ? put_parents(store, record) : rc;
}

static enum avqa_status ensure_instrument(struct avqa_facts_store *store,
                                          const char *name)
{
    if (!name)
        return AVQA_OK;
    avqa_stmt_bind_text(store->st[INSTRUMENT], 1, name);
    return avqa_stmt_run(store->st[INSTRUMENT]);
}

enum avqa_status avqa_facts_add_instance(struct avqa_facts_store *store,
                                         const struct avqa_facts_instance *instance)
{
    struct avqa_stmt *st = store->st[INSTANCE];
    enum avqa_status rc = ensure_instrument(store, instance->instrument);
    if (rc != AVQA_OK)
        return rc;
    avqa_stmt_bind_text(st, 2, instance->label);
    avqa_stmt_bind_text(st, 3, instance->instrument);
    avqa_stmt_bind_int_or_null(st, 4, instance->visible, -1);
    bind_real(st, 5, instance->x);
    avqa_stmt_bind_text(st, 6, instance->box);
    avqa_stmt_bind_int_or_null(st, 7, instance->sounds, -1);
    bind_real(st, 8, instance->loudness_db);
    bind_real(st, 9, instance->rhythmicity);
    rc = run_for_clip(store, INSTANCE);
    store->instance_id = avqa_stmt_last_id(st);
    return rc;
}

enum avqa_status avqa_facts_add_sounding(struct avqa_facts_store *store,
                                         int64_t start_us, int64_t end_us)
{
    struct avqa_stmt *st = store->st[SOUNDING];
    avqa_stmt_bind_int(st, 1, store->instance_id);
    avqa_stmt_bind_int(st, 2, start_us);
    avqa_stmt_bind_int(st, 3, end_us);
    return avqa_stmt_run(st);
}

enum avqa_status avqa_facts_text_each(struct avqa_catalog *cat, avqa_facts_text_fn *fn,
                                      void *user)
{
    return avqa_stmt_each(cat, SQL_EACH, fn, user);
}
