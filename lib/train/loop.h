/* Training: steps over epochs, validation after each, and checkpoints from which a run
 * that was killed at any moment goes on with the numbers it would have had.
 *
 *   state.json, state-N.safetensors   the run's state (checkpoint.h)
 *   best.safetensors                  weights that did best on the validation set, the
 *                                     later of equal ones (as published)
 *   last.safetensors                  weights after the last epoch that was finished
 *   epochs.jsonl                      what was told of each epoch
 *
 * All of them follow from the state and are written after it, so none says more than
 * that, but for best.safetensors, which is written before: a run that goes on writes
 * it again. Of several ranks, rank 0 writes. */
#ifndef AVQA_TRAIN_LOOP_H
#define AVQA_TRAIN_LOOP_H

#include "base/json.h"
#include "base/log.h"
#include "base/status.h"
#include "model/model.h"
#include "nn/optimiser.h"
#include "nn/schedule.h"
#include "train/loader.h"
#include "train/metrics.h"
#include "train/set.h"
#include "train/step.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Called by rank 0 after each epoch, when the state is on disk: what is told of it, and
 * of all so far. */
typedef enum avqa_status avqa_loop_epoch_fn(void *user, const struct avqa_json *epoch,
                                            const struct avqa_json *epochs);

/* All is borrowed. */
struct avqa_loop_options {
    const struct avqa_model *model;
    struct avqa_model_size size;
    const struct avqa_train_set *train, *val; /* val NULL: every epoch is the best */
    struct avqa_groups train_groups, val_groups;
    struct avqa_loader_options loader; /* with batch, seed, rank and world; a quarter of
                                          the cache is for validation */
    struct avqa_optimiser optimiser;   /* as it begins */
    struct avqa_schedule schedule;     /* in epochs */
    double clip_norm;                  /* 0: gradients are not clipped */
    uint64_t n_epochs;
    uint64_t patience;   /* epochs without a better one before the run ends; 0: all */
    uint64_t save_steps; /* state saved after so many; 0: not by steps */
    int64_t save_us;     /* and after so long; 0: not by time */
    size_t n_threads;    /* of the arithmetic */
    bool matches_only;   /* validation is of matching, not of answers */
    bool resume;         /* go on from the state in `folder` */
    const char *folder;  /* is there */
    struct avqa_ranks ranks;   /* zero: there is one */
    avqa_loop_epoch_fn *epoch; /* or NULL */
    void *user;
    const struct avqa_log *log;
};

/* Runs to the end. AVQA_ESTOPPED after the step in hand, with the state saved;
 * AVQA_EFORMAT if the loss explodes or is no number, saying at which step: the last
 * state stays. */
AVQA_CHECK enum avqa_status avqa_loop_run(struct avqa_weights *weights,
                                          const struct avqa_loop_options *options);

#endif
