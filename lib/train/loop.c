/* See loop.h. A rank that has no share of a step takes part in it all the same. */
#include "train/loop.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "train/checkpoint.h"
#include "train/epoch.h"
#include "train/loop_state.h"
#include "train/predict.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VAL_SHARE = 4 }; /* of the cache */

struct loop {
    const struct avqa_loop_options *o;
    struct avqa_weights *weights;
    struct avqa_loader *loader;
    struct avqa_step step;
    struct avqa_loop_state state;
    uint64_t saved_steps; /* n_steps of the state on disk */
    int64_t saved_us;     /* when that was */
    int64_t marked_us;    /* up to here time is in the state */
    int64_t marked_wait_us;
};

/* ---- ranks ----------------------------------------------------------------------- */

static bool writes(const struct loop *l)
{
    return l->step.sampler.rank == 0;
}

/* Whether to stop, by all ranks at the same step. */
static enum avqa_status is_stopped(bool *stopped, const struct loop *l)
{
    double asked = avqa_log_stopped(l->o->log);
    enum avqa_status rc = avqa_ranks_sum(&l->o->ranks, &asked, 1);
    *stopped = asked > 0;
    return rc;
}

/* ---- the state ------------------------------------------------------------------- */

static enum avqa_status fail_here(const struct loop *l, enum avqa_status rc)
{
    return avqa_fail_in(rc, "epoch %" PRIu64 ", step %" PRIu64, l->state.epoch + 1,
                        l->state.step);
}

/* Time since the last mark goes into the state. */
static void mark(struct loop *l, bool counts)
{
    struct avqa_loader_counts counters = {0};
    int64_t now_us = avqa_clock_monotonic_us();
    avqa_loader_counts(&counters, l->loader);
    if (counts) {
        l->state.wall_us += now_us - l->marked_us;
        l->state.wait_us += (int64_t)counters.wait_us - l->marked_wait_us;
    }
    l->marked_us = now_us;
    l->marked_wait_us = (int64_t)counters.wait_us;
}

static enum avqa_status save(struct loop *l)
{
    enum avqa_status rc = AVQA_OK;
    if (writes(l)) {
        struct avqa_json *json = avqa_loop_state_json(&l->state);
        rc = avqa_checkpoint_save(l->o->folder, l->weights,
                                  avqa_optimiser_states(&l->o->optimiser), json);
        avqa_json_free(json);
    }
    if (rc != AVQA_OK)
        return fail_here(l, rc);
    l->saved_steps = l->state.n_steps;
    l->saved_us = avqa_clock_monotonic_us();
    return AVQA_OK;
}

static enum avqa_status load(struct loop *l)
{
    struct avqa_json *json;
    enum avqa_status rc = avqa_checkpoint_load(
        &json, l->weights, avqa_optimiser_states(&l->o->optimiser), l->o->folder);
    if (rc == AVQA_OK)
        rc = avqa_loop_state_read(&l->state, json);
    avqa_json_free(json);
    if (rc != AVQA_OK)
        return avqa_fail_in(rc, "%s cannot go on", l->o->folder);
    l->step.optimiser.n_steps = l->state.n_updates;
    l->saved_steps = l->state.n_steps;
    return AVQA_OK;
}

/* The middle of the step, so that a rise from zero does not begin at zero and a change
 * after an epoch comes with its first step. */
static double rate_at(const struct loop *l, uint64_t step)
{
    double part = ((double)step + 0.5) / (double)avqa_sampler_steps(&l->step.sampler);
    return avqa_schedule_rate(&l->o->schedule, (double)l->state.epoch + part);
}

static enum avqa_status take_step(struct loop *l, const struct avqa_batch *batch,
                                  const uint32_t *questions)
{
    struct avqa_loop_state *s = &l->state;
    const uint64_t at[] = {s->epoch, s->step};
    enum avqa_status rc =
        avqa_step_take(&l->step, batch, questions, at, rate_at(l, s->step));
    if (rc != AVQA_OK)
        return fail_here(l, rc);
    avqa_metrics_sum(&s->sums, &l->step.sums);
    s->step++;
    s->n_steps++;
    s->n_updates = l->step.optimiser.n_steps;
    return AVQA_OK;
}

/* ---- an epoch -------------------------------------------------------------------- */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Questions of the epochs so far and of this one, with those of validation: `n_val` of
 * them are done now. */
static void tell_progress(const struct loop *l, uint64_t n_val)
{
    const struct avqa_sampler *sampler = &l->step.sampler;
    const uint64_t all_val = l->o->val ? l->o->val->n_questions : 0;
    const uint64_t each = sampler->n + all_val;
    const uint64_t learnt =
        least(l->state.step * sampler->batch * sampler->world, sampler->n);
    avqa_log_progress(l->o->log, l->o->matches_only ? "clips" : "questions",
                      (int64_t)(l->state.epoch * each + learnt + least(n_val, all_val)),
                      (int64_t)(l->o->n_epochs * each));
}

static void tell_step(const struct loop *l)
{
    const struct avqa_loop_state *s = &l->state;
    avqa_log_note(
        l->o->log,
        "epoch %" PRIu64 " of %" PRIu64 ", loss %.4f, %.0f %% waiting for data",
        s->epoch + 1, l->o->n_epochs, avqa_metrics_mean(&s->sums, AVQA_METRIC_LOSS),
        s->wall_us ? 100 * (double)s->wait_us / (double)s->wall_us : 0.0);
    tell_progress(l, 0);
}

/* Validation is not saved half done: it begins anew. */
static enum avqa_status stop(struct loop *l)
{
    const uint64_t epoch = l->state.epoch + 1;
    const uint64_t n_steps = (uint64_t)avqa_sampler_steps(&l->step.sampler);
    enum avqa_status rc = save(l);
    if (rc != AVQA_OK)
        return rc;
    if (l->state.step < n_steps)
        return avqa_fail(AVQA_ESTOPPED,
                         "stopped in epoch %" PRIu64 " after step %" PRIu64
                         " of %" PRIu64 "; its state is saved",
                         epoch, l->state.step, n_steps);
    return avqa_fail(AVQA_ESTOPPED, "stopped %s epoch %" PRIu64 "; its state is saved",
                     l->o->val ? "before the end of the validation after"
                               : "after the last step of",
                     epoch);
}

static bool is_time_to_save(const struct loop *l)
{
    const struct avqa_loop_options *o = l->o;
    return (o->save_steps && l->state.n_steps - l->saved_steps >= o->save_steps) ||
           (o->save_us && avqa_clock_monotonic_us() - l->saved_us >= o->save_us);
}

/* No batch came: what was learnt is kept, since nothing is wrong with it. */
static enum avqa_status fail_without_data(struct loop *l, enum avqa_status rc)
{
    struct avqa_buf why = AVQA_BUF_INIT;
    avqa_buf_adds(&why, avqa_message());
    bool kept = l->saved_steps == l->state.n_steps || save(l) == AVQA_OK;
    rc = fail_here(l, avqa_fail(rc, "%s%s", avqa_buf_str(&why),
                                kept ? "; what was learnt so far is saved" : ""));
    avqa_buf_release(&why);
    return rc;
}

static enum avqa_status take_steps(struct loop *l)
{
    enum avqa_status rc =
        avqa_loader_start(l->loader, l->state.epoch, (size_t)l->state.step);
    mark(l, false);
    while (rc == AVQA_OK) {
        const struct avqa_batch *batch = NULL;
        const uint32_t *questions;
        bool stopped = false;
        rc = avqa_loader_next(&batch, &questions, l->loader);
        if (rc != AVQA_OK)
            return fail_without_data(l, rc);
        if (!batch)
            break;
        rc = take_step(l, batch, questions);
        if (rc != AVQA_OK)
            return rc;
        mark(l, true);
        tell_step(l);
        rc = is_stopped(&stopped, l);
        if (rc == AVQA_OK && stopped)
            rc = stop(l);
        else if (rc == AVQA_OK && is_time_to_save(l))
            rc = save(l);
    }
    return rc;
}

struct validation {
    const struct loop *loop;
    struct avqa_metrics sums;
    uint64_t n; /* questions so far, of this rank */
};

static enum avqa_status validate_batch(void *user, const uint32_t *questions,
                                       const struct avqa_batch *batch,
                                       const struct avqa_answer *answer)
{
    struct validation *v = user;
    const struct avqa_loop_options *o = v->loop->o;
    if (avqa_log_stopped(o->log) && o->loader.sampler.world <= 1)
        return avqa_fail(AVQA_ESTOPPED, "stopped");
    avqa_metrics_add(&v->sums, &o->val_groups, questions, batch, answer);
    v->n += batch->n;
    tell_progress(v->loop, v->n * v->loop->step.sampler.world);
    return AVQA_OK;
}

static enum avqa_status validate(struct loop *l, struct validation *v)
{
    const struct avqa_loop_options *o = l->o;
    struct avqa_predict_options asks = {.weights = l->weights,
                                        .size = o->size,
                                        .loader = o->loader,
                                        .compares = o->matches_only,
                                        .n_threads = o->n_threads};
    asks.loader.cache_bytes = o->loader.cache_bytes / VAL_SHARE;
    avqa_log_note(o->log, "epoch %" PRIu64 " of %" PRIu64 ", validation",
                  l->state.epoch + 1, o->n_epochs);
    enum avqa_status rc = avqa_predict(&asks, o->val, validate_batch, v);
    if (rc == AVQA_ESTOPPED)
        return stop(l);
    return rc == AVQA_OK ? avqa_ranks_sum(&o->ranks, v->sums.numbers, v->sums.n)
                         : fail_here(l, rc);
}

static enum avqa_status write_weights(const struct loop *l, const char *name)
{
    char *path = avqa_io_join(l->o->folder, name);
    enum avqa_status rc = avqa_checkpoint_write(path, l->weights);
    free(path);
    return rc == AVQA_OK ? AVQA_OK : fail_here(l, rc);
}

/* What follows from the state at the end of an epoch, again after a kill. */
static enum avqa_status write_files(const struct loop *l)
{
    enum avqa_status rc = write_weights(l, "last.safetensors");
    return rc == AVQA_OK ? avqa_epochs_write(l->o->folder, l->state.epochs) : rc;
}

static struct avqa_json *describe(const struct validation *v, int64_t val_us, bool best)
{
    const struct loop *l = v->loop;
    const struct avqa_epoch epoch = {
        .state = &l->state,
        .val = l->o->val ? &v->sums : NULL,
        .train_groups = &l->o->train_groups,
        .val_groups = &l->o->val_groups,
        .answers = !l->o->matches_only,
        .matches = l->o->model->compares,
        .best = best,
        .val_us = val_us,
        .rate = rate_at(l, avqa_sampler_steps(&l->step.sampler) - 1),
    };
    return avqa_epoch_json(&epoch);
}

static enum avqa_status end_epoch(struct loop *l, struct avqa_json *epoch)
{
    struct avqa_loop_state *s = &l->state;
    avqa_json_put(s->epochs, NULL, epoch);
    s->epoch++;
    s->step = 0;
    s->wall_us = s->wait_us = 0;
    avqa_metrics_clear(&s->sums);
    enum avqa_status rc = save(l);
    if (rc == AVQA_OK && writes(l))
        rc = write_files(l);
    if (rc == AVQA_OK && writes(l) && l->o->epoch)
        rc = l->o->epoch(l->o->user, epoch, s->epochs);
    return rc;
}

static enum avqa_status run_epoch(struct loop *l)
{
    struct avqa_loop_state *s = &l->state;
    struct validation v = {.loop = l};
    enum avqa_status rc = AVQA_OK;
    avqa_metrics_init(&v.sums, l->o->val_groups.n);
    if (s->step < avqa_sampler_steps(&l->step.sampler))
        rc = take_steps(l);
    int64_t start_us = avqa_clock_monotonic_us();
    if (rc == AVQA_OK && l->o->val)
        rc = validate(l, &v);
    if (rc != AVQA_OK)
        goto out;
    int64_t correct = (int64_t)v.sums.numbers[AVQA_METRIC_CORRECT];
    bool best = s->best_epoch == 0 || correct >= s->best_correct;
    if (best) {
        s->best_epoch = s->epoch + 1;
        s->best_correct = correct;
        if (writes(l))
            rc = write_weights(l, "best.safetensors");
    }
    if (rc == AVQA_OK)
        rc = end_epoch(l, describe(&v, avqa_clock_monotonic_us() - start_us, best));
out:
    avqa_metrics_release(&v.sums);
    return rc;
}

static bool is_done(const struct loop *l)
{
    const struct avqa_loop_state *s = &l->state;
    return s->epoch >= l->o->n_epochs ||
           (l->o->patience && s->epoch >= s->best_epoch + l->o->patience);
}

static void prepare_step(struct loop *l, const struct avqa_sampler *sampler)
{
    const struct avqa_loop_options *o = l->o;
    l->step = (struct avqa_step){
        .model = o->model,
        .size = &o->size,
        .groups = &o->train_groups,
        .weights = l->weights,
        .optimiser = o->optimiser,
        .sampler = *sampler,
        .ranks = o->ranks,
        .clip_norm = o->clip_norm,
        .n_threads = o->n_threads,
    };
    l->step.sampler.n = o->train->n_questions;
    avqa_metrics_init(&l->step.sums, o->train_groups.n);
}

static enum avqa_status begin(struct loop *l)
{
    struct avqa_loader_options reads = l->o->loader;
    enum avqa_status rc = AVQA_OK;
    reads.sampler.shuffle = true;
    if (l->o->val)
        reads.cache_bytes -= reads.cache_bytes / VAL_SHARE;
    prepare_step(l, &reads.sampler);
    l->saved_us = avqa_clock_monotonic_us();
    avqa_loop_state_init(&l->state, l->o->train_groups.n);
    if (l->o->resume)
        rc = load(l);
    if (rc == AVQA_OK)
        rc = avqa_loader_open(&l->loader, l->o->train, &reads);
    if (rc == AVQA_OK && !l->o->resume)
        rc = save(l);
    else if (rc == AVQA_OK && writes(l) && l->state.step == 0 && l->state.epoch > 0)
        rc = write_files(l);
    return rc;
}

enum avqa_status avqa_loop_run(struct avqa_weights *weights,
                               const struct avqa_loop_options *options)
{
    struct loop l = {.o = options, .weights = weights};
    enum avqa_status rc = begin(&l);
    while (rc == AVQA_OK && !is_done(&l))
        rc = run_epoch(&l);
    avqa_loader_close(l.loader);
    avqa_step_release(&l.step);
    avqa_loop_state_release(&l.state);
    return rc;
}
