/* Where a run of training is: all that a loop must know to go on, but for weights and
 * what the optimiser keeps. It is a pure value; random numbers need no state, since all
 * of them follow from seed, epoch and step. */
#ifndef AVQA_TRAIN_LOOP_STATE_H
#define AVQA_TRAIN_LOOP_STATE_H

#include "base/json.h"
#include "base/status.h"
#include "train/metrics.h"

#include <stddef.h>
#include <stdint.h>

/* Zero is valid, but for `sums`. */
struct avqa_loop_state {
    uint64_t epoch;           /* in hand, from 0; as many are done */
    uint64_t step;            /* of this epoch that comes next */
    uint64_t n_steps;         /* done in all */
    uint64_t n_updates;       /* of these, with a loss: the optimiser's steps */
    struct avqa_metrics sums; /* of this epoch */
    int64_t wall_us, wait_us; /* of this epoch's steps, over all attempts */
    uint64_t best_epoch;      /* from 1; 0: none yet */
    int64_t best_correct;     /* of the validation questions */
    struct avqa_json *epochs; /* a list of what was told of each; or NULL */
};

void avqa_loop_state_init(struct avqa_loop_state *state, size_t n_groups);
void avqa_loop_state_release(struct avqa_loop_state *state);

/* As JSON, and back into an initialised one. AVQA_EFORMAT names what is missing. */
struct avqa_json *avqa_loop_state_json(const struct avqa_loop_state *state);
AVQA_CHECK enum avqa_status avqa_loop_state_read(struct avqa_loop_state *state,
                                                 const struct avqa_json *json);

#endif
