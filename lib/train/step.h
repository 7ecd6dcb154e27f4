/* One step of training: a batch through the model and back, sums over all ranks, better
 * weights. */
#ifndef AVQA_TRAIN_STEP_H
#define AVQA_TRAIN_STEP_H

#include "base/status.h"
#include "model/model.h"
#include "nn/optimiser.h"
#include "train/metrics.h"
#include "train/sampler.h"

#include <stddef.h>
#include <stdint.h>

/* A loss above this is an explosion: a model that knows nothing has the logarithm of
 * its number of answers. */
#define AVQA_STEP_MAX_LOSS 1e4

/* How several ranks add up; each gets the same sums in place. NULL functions: there is
 * one rank. */
struct avqa_ranks {
    enum avqa_status (*add_grads)(void *user, avqa_real *numbers, size_t n);
    enum avqa_status (*add_sums)(void *user, double *numbers, size_t n);
    void *user;
};

/* Adds up where there are several ranks. */
AVQA_CHECK enum avqa_status avqa_ranks_sum(const struct avqa_ranks *ranks,
                                           double *numbers, size_t n);

/* What steps work with; borrowed, but for tape and sums. */
struct avqa_step {
    const struct avqa_model *model;
    const struct avqa_model_size *size;
    const struct avqa_groups *groups; /* of the questions */
    struct avqa_weights *weights;
    struct avqa_optimiser optimiser;
    struct avqa_sampler sampler;
    struct avqa_ranks ranks;
    double clip_norm; /* 0: gradients are not clipped */
    size_t n_threads;
    struct avqa_tape tape;    /* zero before the first step */
    struct avqa_metrics sums; /* of the last step, of all ranks; initialised by the
                                 caller */
};

void avqa_step_release(struct avqa_step *step); /* tape and sums */

/* The `at`-th step of an epoch with this rank's batch of it, which may have no question
 * at all: the rank takes part nevertheless. A step without a loss on any rank changes
 * nothing but the sums. The same numbers come out whether one rank
 * takes it or several do, but for rounding. AVQA_EFORMAT if the loss, or a gradient
 * that is clipped, is no number or explodes; then the weights stay. */
AVQA_CHECK enum avqa_status avqa_step_take(struct avqa_step *step,
                                           const struct avqa_batch *batch,
                                           const uint32_t *questions,
                                           const uint64_t at[2], double rate);

#endif
