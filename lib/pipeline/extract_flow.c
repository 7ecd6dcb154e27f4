/* See extract_flow.h. One lock guards who has what; all work is done without it. */
#include "pipeline/extract_flow.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/pool.h"
#include "pipeline/extract_batch.h"
#include "shard/writer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_JOBS = 64 };

enum state { FREE, DECODING, ENCODING, ENCODED, PACKING, PACKED };

struct slot {
    enum state state;
    struct avqa_extract_clip clip;
};

struct flow {
    const struct avqa_extract_flow_config *config;
    struct avqa_extract_counts *counts;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct slot *slots; /* a ring: clip i is in slot i % n_slots */
    size_t n_slots;
    size_t next_decode, next_write; /* clips */
    size_t n_decoding;
    size_t pending[AVQA_EXTRACT_N_INPUTS]; /* rows not yet begun */
    bool writing, failed;
};

enum task { WAIT, WRITE, PACK, ENCODE, DECODE, END };

/* What a thread is to do next. */
struct job {
    enum task task;
    size_t clip, input;
    struct {
        size_t clip, row;
    } rows[AVQA_EXTRACT_MAX_BATCH];
    size_t n;
};

/* A thread's memory. */
struct hand {
    struct avqa_extract_tools tools;
    unsigned char *items, *rows; /* of a batch */
};

static struct slot *slot_of(const struct flow *flow, size_t clip)
{
    return &flow->slots[clip % flow->n_slots];
}

/* ---- choosing, under the lock ---------------------------------------------------- */

static bool find_encoded(const struct flow *flow, struct job *job)
{
    for (size_t i = flow->next_write; i < flow->next_decode; i++) {
        if (slot_of(flow, i)->state != ENCODED)
            continue;
        slot_of(flow, i)->state = PACKING;
        *job = (struct job){.task = PACK, .clip = i};
        return true;
    }
    return false;
}

/* Takes rows of the oldest clips for a batch. */
static void take_batch(struct flow *flow, struct job *job, size_t input)
{
    const size_t batch = flow->config->features->by_input[input].batch;
    *job = (struct job){.task = ENCODE, .input = input};
    for (size_t i = flow->next_write; i < flow->next_decode && job->n < batch; i++) {
        struct avqa_extract_part *part = &slot_of(flow, i)->clip.parts[input];
        if (slot_of(flow, i)->state != ENCODING)
            continue;
        while (part->n_begun < part->n && job->n < batch) {
            job->rows[job->n].clip = i;
            job->rows[job->n++].row = part->n_begun++;
        }
    }
    flow->pending[input] -= job->n;
}

/* A full batch, or (`any`) what there is. */
static bool find_batch(struct flow *flow, struct job *job, bool any)
{
    for (size_t k = 0; k < AVQA_EXTRACT_N_INPUTS; k++) {
        const size_t batch = flow->config->features->by_input[k].batch;
        if (flow->pending[k] == 0 || (!any && flow->pending[k] < batch))
            continue;
        take_batch(flow, job, k);
        return true;
    }
    return false;
}

static void choose(struct flow *flow, struct job *job)
{
    const size_t n_clips = flow->config->plan->n_items;
    const bool can_decode = flow->next_decode < n_clips &&
                            flow->next_decode < flow->next_write + flow->n_slots;
    *job = (struct job){.task = WAIT};
    if (flow->failed || flow->next_write == n_clips) {
        job->task = END;
    } else if (!flow->writing && slot_of(flow, flow->next_write)->state == PACKED &&
               flow->next_write < flow->next_decode) {
        flow->writing = true;
        *job = (struct job){.task = WRITE, .clip = flow->next_write};
    } else if (find_encoded(flow, job) || find_batch(flow, job, false)) {
        return;
    } else if (can_decode) {
        *job = (struct job){.task = DECODE, .clip = flow->next_decode++};
        slot_of(flow, job->clip)->state = DECODING;
        flow->n_decoding++;
    } else if (flow->n_decoding == 0) {
        (void)find_batch(flow, job, true); /* no batch will get any fuller */
    }
}

/* A clip all of whose rows are there can be packed. */
static void check_encoded(struct slot *slot)
{
    bool all = true;
    for (size_t k = 0; k < AVQA_EXTRACT_N_INPUTS; k++)
        all = all && slot->clip.parts[k].n_done == slot->clip.parts[k].n;
    if (all)
        slot->state = ENCODED;
}

/* What a job has changed. */
static void settle(struct flow *flow, const struct job *job, int64_t took_us)
{
    struct slot *slot = slot_of(flow, job->clip);
    switch (job->task) {
    case WRITE:
        slot->state = FREE;
        flow->next_write++;
        flow->writing = false;
        flow->counts->write_us += took_us;
        break;
    case PACK:
        slot->state = PACKED;
        flow->counts->write_us += took_us;
        break;
    case DECODE:
        slot->state = ENCODING;
        for (size_t k = 0; k < AVQA_EXTRACT_N_INPUTS; k++)
            flow->pending[k] += slot->clip.parts[k].n;
        check_encoded(slot);
        flow->n_decoding--;
        flow->counts->decode_us += took_us;
        break;
    case ENCODE:
        for (size_t i = 0; i < job->n; i++) {
            struct slot *of = slot_of(flow, job->rows[i].clip);
            of->clip.parts[job->input].n_done++;
            check_encoded(of);
        }
        flow->counts->input_us[job->input] += took_us;
        break;
    default:
        break;
    }
}

/* ---- working --------------------------------------------------------------------- */

static enum avqa_status encode(struct flow *flow, const struct job *job,
                               struct hand *hand)
{
    const struct avqa_extract_feature *f =
        &flow->config->features->by_input[job->input];
    for (size_t i = 0; i < job->n; i++) {
        const struct avqa_extract_part *part =
            &slot_of(flow, job->rows[i].clip)->clip.parts[job->input];
        memcpy(hand->items + i * f->item_bytes,
               part->items + job->rows[i].row * f->item_bytes, f->item_bytes);
    }
    enum avqa_status rc =
        avqa_feature_run(hand->tools.work[job->input], hand->rows, hand->items, job->n);
    for (size_t i = 0; rc == AVQA_OK && i < job->n; i++) {
        const struct avqa_extract_part *part =
            &slot_of(flow, job->rows[i].clip)->clip.parts[job->input];
        memcpy(part->rows + job->rows[i].row * f->row_bytes,
               hand->rows + i * f->row_bytes, f->row_bytes);
    }
    return rc;
}

static enum avqa_status work_on(struct flow *flow, const struct job *job,
                                struct hand *hand)
{
    const struct avqa_extract_flow_config *c = flow->config;
    struct avqa_extract_clip *clip = &slot_of(flow, job->clip)->clip;
    enum avqa_status rc = AVQA_OK;
    switch (job->task) {
    case DECODE:
        *clip = (struct avqa_extract_clip){.item = &c->plan->items[job->clip],
                                           .features = c->features};
        return avqa_extract_clip_decode(clip, &hand->tools);
    case ENCODE:
        return encode(flow, job, hand);
    case PACK:
        return avqa_extract_clip_pack(clip, &hand->tools);
    case WRITE:
        rc = c->write(c->user, clip, &hand->tools);
        avqa_extract_clip_release(clip);
        avqa_log_progress(c->log, "clips", (int64_t)job->clip + 1,
                          (int64_t)c->plan->n_items);
        return rc;
    default:
        return AVQA_OK;
    }
}

static void hand_release(struct hand *hand)
{
    for (size_t k = 0; k < AVQA_EXTRACT_N_INPUTS; k++)
        avqa_feature_work_free(hand->tools.work[k]);
    avqa_packer_free(hand->tools.packer);
    free(hand->items);
    free(hand->rows);
}

static enum avqa_status hand_init(struct hand *hand, const struct flow *flow)
{
    const struct avqa_extract_features *features = flow->config->features;
    size_t item_bytes = 1;
    size_t row_bytes = 1;
    enum avqa_status rc = avqa_packer_new(&hand->tools.packer, features->level);
    hand->tools.log = flow->config->log;
    for (size_t k = 0; rc == AVQA_OK && k < AVQA_EXTRACT_N_INPUTS; k++) {
        const struct avqa_extract_feature *f = &features->by_input[k];
        if (!f->encoder)
            continue;
        if (f->batch * f->item_bytes > item_bytes)
            item_bytes = f->batch * f->item_bytes;
        if (f->batch * f->row_bytes > row_bytes)
            row_bytes = f->batch * f->row_bytes;
        rc = avqa_feature_work_new(&hand->tools.work[k], f->encoder);
    }
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&hand->items, item_bytes, 1);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&hand->rows, row_bytes, 1);
    return rc;
}

/* One thread, until nothing is left or something failed. */
static enum avqa_status work(void *user, size_t i)
{
    struct flow *flow = user;
    struct hand hand = {.items = NULL};
    struct job job = {.task = WAIT};
    enum avqa_status rc = hand_init(&hand, flow);
    (void)i;
    pthread_mutex_lock(&flow->lock);
    while (rc == AVQA_OK) {
        choose(flow, &job);
        if (job.task == END)
            break;
        if (job.task == WAIT) {
            pthread_cond_wait(&flow->changed, &flow->lock);
            continue;
        }
        pthread_mutex_unlock(&flow->lock);
        const int64_t start_us = avqa_clock_monotonic_us();
        rc = work_on(flow, &job, &hand);
        if (rc == AVQA_OK && avqa_log_stopped(flow->config->log))
            rc = avqa_fail(AVQA_ESTOPPED, "stopped");
        pthread_mutex_lock(&flow->lock);
        if (rc == AVQA_OK)
            settle(flow, &job, avqa_clock_monotonic_us() - start_us);
        pthread_cond_broadcast(&flow->changed);
    }
    flow->failed = flow->failed || rc != AVQA_OK;
    pthread_cond_broadcast(&flow->changed);
    pthread_mutex_unlock(&flow->lock);
    hand_release(&hand);
    return rc;
}

/* ---- the flow -------------------------------------------------------------------- */

size_t avqa_extract_flow_jobs(size_t n_jobs)
{
    if (n_jobs == 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        n_jobs = cores > 0 ? (size_t)cores : 1;
    }
    return n_jobs < MAX_JOBS ? n_jobs : MAX_JOBS;
}

/* Clips begun but not written: each thread may have one in hand, one waits for each. */
static size_t window(size_t n_jobs)
{
    return 2 * n_jobs + 1;
}

size_t avqa_extract_flow_bytes(const struct avqa_extract_features *features,
                               size_t n_jobs)
{
    size_t work = 0;
    for (size_t k = 0; k < AVQA_EXTRACT_N_INPUTS; k++) {
        const struct avqa_extract_feature *f = &features->by_input[k];
        if (f->encoder)
            work += avqa_feature_encoder_work_bytes(f->encoder) +
                    f->batch * (f->item_bytes + f->row_bytes);
    }
    return n_jobs * work + window(n_jobs) * avqa_extract_clip_bytes();
}

enum avqa_status avqa_extract_flow_run(const struct avqa_extract_flow_config *config,
                                       struct avqa_extract_counts *counts)
{
    struct flow flow = {.config = config,
                        .counts = counts,
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .changed = PTHREAD_COND_INITIALIZER,
                        .n_slots = window(config->n_jobs)};
    enum avqa_status rc = avqa_mem_array(&flow.slots, flow.n_slots, sizeof *flow.slots);
    if (rc == AVQA_OK)
        rc = avqa_pool_run(config->n_jobs, config->n_jobs, work, &flow);
    for (size_t i = 0; flow.slots && i < flow.n_slots; i++)
        avqa_extract_clip_release(&flow.slots[i].clip);
    free(flow.slots);
    pthread_cond_destroy(&flow.changed);
    pthread_mutex_destroy(&flow.lock);
    return rc;
}
