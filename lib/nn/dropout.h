/* Dropout (Srivastava et al., 2014). Which numbers fall out depends on the tape's seed,
 * on how many dropouts came before, and on the place, not on threads; of ranks that
 * share a step, on the place among the items of all of them. */
#ifndef AVQA_NN_DROPOUT_H
#define AVQA_NN_DROPOUT_H

#include "nn/tape.h"

/* Each number becomes zero with probability `p` in [0, 1), else is divided by 1 - p. x
 * itself if the tape is not training or p is 0. */
struct avqa_node *avqa_dropout(struct avqa_tape *tape, struct avqa_node *x,
                               avqa_real p);

/* The factors themselves, 0 or 1 / (1 - p), for the tape's next dropout, until the end
 * of the step; NULL if it is not training, p is 0, or the tape has failed. */
const avqa_real *avqa_dropout_mask(struct avqa_tape *tape, size_t n, avqa_real p);

#endif
