/* See loader.h. A batch is planned under the lock: which rows it needs, held in the
 * cache (rows.h), so that rows in hand stay and recurring ones are there once. Threads
 * take wanted rows in the order of plans; a batch is ready when none of its rows is
 * missing. What is not ready belongs to the threads, what is to the caller. */
#include "train/loader.h"
#include "base/clock.h"
#include "base/mem.h"
#include "shard/reader.h"
#include "train/features.h"
#include "train/rows.h"
#include "train/slot.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_AHEAD = 32 };

struct avqa_loader {
    struct avqa_loader_options options;
    const struct avqa_train_set *set;
    struct avqa_features *features;
    struct avqa_needs needs;
    struct avqa_row_place *places; /* of the batch in planning */
    uint32_t *order;               /* of the epoch */
    uint64_t epoch;
    size_t n_steps, next_step, planned; /* next_step: to be given out */
    bool in_hand;                       /* the caller has the batch before next_step */
    struct avqa_slot *slots;            /* used in turn: step i has slot i % n_slots */
    size_t n_slots;
    pthread_mutex_t lock;
    pthread_cond_t work, ready;
    struct avqa_rows rows;
    struct avqa_row *wanted, **wanted_end;
    struct avqa_loader_counts counts;
    bool ends;
    pthread_t *threads;
    struct avqa_shard_lane **lanes;
    size_t n_threads;
};

/* ---- plans ----------------------------------------------------------------------- */

static bool has_rows(const struct avqa_loader *l)
{
    return l->options.model->hears || l->options.model->sees;
}

/* Holds a row for the slot; a new one is put at the end of those wanted. */
static void need_row(struct avqa_loader *l, size_t slot, struct avqa_row_place place)
{
    bool is_new;
    struct avqa_slot *s = &l->slots[slot];
    struct avqa_row *row = avqa_rows_hold(&l->rows, place, &is_new);
    uint64_t bit = (uint64_t)1 << slot;
    s->rows[s->n_rows++] = row;
    l->counts.rows++;
    l->counts.rows_cached += !is_new;
    if (is_new) {
        *l->wanted_end = row;
        l->wanted_end = &row->next_wanted;
    }
    if (row->state <= AVQA_ROW_READING && !(row->waiting & bit)) {
        row->waiting |= bit;
        s->n_missing++;
    }
}

/* What the next step asks, and the rows that it needs. */
static void plan_step(struct avqa_loader *l)
{
    size_t from, to;
    size_t slot = l->planned % l->n_slots;
    struct avqa_slot *s = &l->slots[slot];
    avqa_sampler_share(&from, &to, &l->options.sampler, l->planned);
    avqa_slot_ask(s, &l->needs, l->order + from, to - from);
    size_t n_places = avqa_needs_list(l->places, &s->batch.has_others, &l->needs,
                                      l->epoch, s->questions, s->batch.n);
    for (size_t i = 0; i < n_places; i++)
        need_row(l, slot, l->places[i]);
    l->planned++;
}

static bool may_plan(const struct avqa_loader *l)
{
    return l->planned < l->n_steps &&
           l->planned - l->next_step < l->n_slots - l->in_hand;
}

static void let_go(struct avqa_loader *l, struct avqa_slot *s)
{
    for (size_t i = 0; i < s->n_rows; i++)
        avqa_rows_let_go(&l->rows, s->rows[i]);
    s->n_rows = s->n_missing = 0;
}

/* ---- threads --------------------------------------------------------------------- */

static struct avqa_row *take_wanted(struct avqa_loader *l)
{
    struct avqa_row *row = l->wanted;
    l->wanted = row->next_wanted;
    row->next_wanted = NULL;
    if (!l->wanted)
        l->wanted_end = &l->wanted;
    return row;
}

static enum avqa_status read_row(struct avqa_row *row, const struct avqa_loader *l,
                                 struct avqa_shard_lane *lane)
{
    const struct avqa_loader_options *o = &l->options;
    if (row->place.row != AVQA_NEEDS_SOUND)
        return avqa_features_map(&row->map, l->features, lane, row->place.clip,
                                 row->place.row, row->room);
    row->map =
        (struct avqa_map){AVQA_MAP_REAL, row->room, NULL, o->n_seconds * l->set->sound};
    return avqa_features_sound(row->room, l->features, lane, row->place.clip,
                               o->n_seconds, o->stride);
}

static size_t row_room(const struct avqa_loader *l, struct avqa_row_place place)
{
    return place.row == AVQA_NEEDS_SOUND
               ? l->options.n_seconds * l->set->sound * sizeof(float)
               : avqa_features_map_room(l->features, place.clip, place.row);
}

/* Reads one wanted row; the lock is open while it does. */
static void work_on_row(struct avqa_loader *l, struct avqa_shard_lane *lane)
{
    struct avqa_row *row = take_wanted(l);
    uint64_t bytes = avqa_shard_lane_bytes(lane);
    enum avqa_status rc = avqa_rows_begin(&l->rows, row, row_room(l, row->place));
    if (rc == AVQA_OK) {
        pthread_mutex_unlock(&l->lock);
        rc = read_row(row, l, lane);
        pthread_mutex_lock(&l->lock);
    }
    l->counts.read_bytes += avqa_shard_lane_bytes(lane) - bytes;
    uint64_t waiting = row->waiting;
    row->waiting = 0;
    avqa_rows_done(&l->rows, row, rc);
    for (size_t i = 0; i < l->n_slots; i++)
        if (waiting >> i & 1 && --l->slots[i].n_missing == 0)
            pthread_cond_signal(&l->ready);
}

struct worker {
    struct avqa_loader *loader;
    struct avqa_shard_lane *lane;
};

static void *work(void *user)
{
    struct worker worker = *(struct worker *)user;
    struct avqa_loader *l = worker.loader;
    free(user);
    pthread_mutex_lock(&l->lock);
    while (!l->ends) {
        if (l->wanted) {
            work_on_row(l, worker.lane);
        } else if (may_plan(l)) {
            plan_step(l);
            pthread_cond_broadcast(&l->work);
            pthread_cond_signal(&l->ready);
        } else {
            pthread_cond_wait(&l->work, &l->lock);
        }
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

/* ---- opening --------------------------------------------------------------------- */

static enum avqa_status check_options(const struct avqa_loader_options *o,
                                      const struct avqa_train_set *set)
{
    size_t span;
    assert(o->model && o->sampler.batch > 0 && o->sampler.rank < o->sampler.world);
    if (!avqa_mem_product(&span, o->n_seconds, o->stride) || span == 0 ||
        span >= AVQA_NEEDS_SOUND)
        return avqa_fail(AVQA_EINVAL, "%zu rows, every %zu-th of a clip, are no rows",
                         o->n_seconds, o->stride);
    if (o->ahead > MAX_AHEAD)
        return avqa_fail(AVQA_EINVAL, "at most %d batches can be made ahead",
                         MAX_AHEAD);
    if (o->model->compares && o->negatives == AVQA_NEGATIVES_CORPUS &&
        set->n_clips == 1)
        return avqa_fail(AVQA_EINVAL,
                         "%s compares with rows of other clips, and there "
                         "is only one clip",
                         o->model->name);
    return AVQA_OK;
}

static enum avqa_status open_memory(struct avqa_loader *l)
{
    const struct avqa_loader_options *o = &l->options;
    size_t n = o->sampler.batch;
    l->n_slots = o->ahead + 1;
    l->needs = (struct avqa_needs){.set = l->set,
                                   .model = o->model,
                                   .negatives = o->negatives,
                                   .seed = o->sampler.seed,
                                   .stride = o->stride,
                                   .n_seconds = o->n_seconds};
    enum avqa_status rc = avqa_needs_init(&l->needs, n);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&l->places, avqa_needs_room(&l->needs, n),
                            sizeof *l->places);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&l->order, l->set->n_questions, sizeof *l->order);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&l->slots, l->n_slots, sizeof *l->slots);
    for (size_t i = 0; rc == AVQA_OK && i < l->n_slots; i++)
        rc = avqa_slot_init(&l->slots[i], &l->needs, n);
    return rc;
}

/* One thread is needed; others that do not start cost only speed. */
static enum avqa_status start_threads(struct avqa_loader *l)
{
    size_t n = has_rows(l) ? l->options.n_threads : 0;
    enum avqa_status rc = avqa_mem_array(&l->threads, n, sizeof *l->threads);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&l->lanes, n, sizeof(struct avqa_shard_lane *));
    while (rc == AVQA_OK && l->n_threads < n) {
        struct worker *worker = avqa_mem_new(sizeof *worker);
        rc = avqa_shard_lane_new(&l->lanes[l->n_threads]);
        *worker = (struct worker){l, l->lanes[l->n_threads]};
        if (rc == AVQA_OK &&
            pthread_create(&l->threads[l->n_threads], NULL, work, worker) == 0) {
            l->n_threads++;
            continue;
        }
        avqa_shard_lane_free(l->lanes[l->n_threads]);
        free(worker);
        break;
    }
    if (rc == AVQA_OK && n > 0 && l->n_threads == 0)
        rc = avqa_fail(AVQA_EIO, "no thread to read shards with can be started");
    return rc;
}

enum avqa_status avqa_loader_open(struct avqa_loader **out,
                                  const struct avqa_train_set *set,
                                  const struct avqa_loader_options *options)
{
    enum avqa_status rc = check_options(options, set);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_loader *l = avqa_mem_new(sizeof *l);
    l->options = *options;
    l->options.sampler.n = set->n_questions;
    l->options.ahead = options->ahead ? options->ahead : 1;
    l->options.n_threads = options->n_threads ? options->n_threads : 1;
    l->set = set;
    l->rows.bound = options->cache_bytes;
    l->wanted_end = &l->wanted;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->work, NULL);
    pthread_cond_init(&l->ready, NULL);
    struct avqa_features_options features = {
        .hears = options->model->hears,
        .sees = options->model->sees,
        .n_rows = (options->n_seconds - 1) * options->stride + 1,
        .open_shard = options->open_shard,
        .user = options->user};
    rc = avqa_features_open(&l->features, set, &features);
    if (rc == AVQA_OK)
        rc = open_memory(l);
    if (rc == AVQA_OK)
        rc = start_threads(l);
    if (rc != AVQA_OK) {
        avqa_loader_close(l);
        return rc;
    }
    *out = l;
    return AVQA_OK;
}

void avqa_loader_close(struct avqa_loader *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->ends = true;
    pthread_cond_broadcast(&l->work);
    pthread_mutex_unlock(&l->lock);
    for (size_t i = 0; i < l->n_threads; i++) {
        pthread_join(l->threads[i], NULL);
        avqa_shard_lane_free(l->lanes[i]);
    }
    for (size_t i = 0; l->slots && i < l->n_slots; i++)
        avqa_slot_release(&l->slots[i]);
    free(l->slots);
    free(l->threads);
    free(l->lanes);
    free(l->order);
    free(l->places);
    avqa_needs_release(&l->needs);
    avqa_rows_release(&l->rows);
    avqa_features_close(l->features);
    pthread_cond_destroy(&l->ready);
    pthread_cond_destroy(&l->work);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

/* ---- batches --------------------------------------------------------------------- */

/* Wanted rows that nobody holds any more are gone with their batches. */
static void drop_batches(struct avqa_loader *l)
{
    while (l->wanted)
        take_wanted(l);
    for (size_t i = 0; i < l->n_slots; i++) {
        for (size_t k = 0; k < l->slots[i].n_rows; k++)
            l->slots[i].rows[k]->waiting = 0;
        let_go(l, &l->slots[i]);
    }
    l->in_hand = false;
}

enum avqa_status avqa_loader_start(struct avqa_loader *l, uint64_t epoch, size_t step)
{
    pthread_mutex_lock(&l->lock);
    drop_batches(l);
    l->n_steps = avqa_sampler_steps(&l->options.sampler);
    l->epoch = epoch;
    l->next_step = l->planned = step < l->n_steps ? step : l->n_steps;
    avqa_sampler_order(l->order, &l->options.sampler, epoch);
    pthread_cond_broadcast(&l->work);
    pthread_mutex_unlock(&l->lock);
    return AVQA_OK;
}

/* Until the next step's batch is planned and whole. */
static struct avqa_slot *wait_for_slot(struct avqa_loader *l)
{
    struct avqa_slot *s = &l->slots[l->next_step % l->n_slots];
    int64_t start = 0;
    if (l->planned == l->next_step) {
        plan_step(l);
        pthread_cond_broadcast(&l->work);
    }
    if (s->n_missing)
        start = avqa_clock_monotonic_us();
    while (s->n_missing)
        pthread_cond_wait(&l->ready, &l->lock);
    if (start)
        l->counts.wait_us += (uint64_t)(avqa_clock_monotonic_us() - start);
    return s;
}

enum avqa_status avqa_loader_next(const struct avqa_batch **batch,
                                  const uint32_t **questions, struct avqa_loader *l)
{
    enum avqa_status rc = AVQA_OK;
    *batch = NULL;
    pthread_mutex_lock(&l->lock);
    if (l->in_hand)
        let_go(l, &l->slots[(l->next_step - 1) % l->n_slots]);
    l->in_hand = false;
    pthread_cond_broadcast(&l->work);
    if (l->next_step < l->n_steps) {
        struct avqa_slot *s = wait_for_slot(l);
        rc = avqa_slot_fill(s, &l->needs);
        if (rc == AVQA_OK) {
            *batch = &s->batch;
            *questions = s->questions;
            l->in_hand = true;
            l->next_step++;
        }
    }
    pthread_mutex_unlock(&l->lock);
    return rc;
}

void avqa_loader_counts(struct avqa_loader_counts *out, struct avqa_loader *l)
{
    pthread_mutex_lock(&l->lock);
    *out = l->counts;
    out->held = l->rows.bytes;
    out->held_most = l->rows.most;
    pthread_mutex_unlock(&l->lock);
}
