/* Operations on each number by itself, and the ones that only move numbers. */
#ifndef AVQA_NN_ELEMENTWISE_H
#define AVQA_NN_ELEMENTWISE_H

#include "nn/tape.h"

struct avqa_node *avqa_tanh(struct avqa_tape *tape, struct avqa_node *x);
struct avqa_node *avqa_relu(struct avqa_tape *tape, struct avqa_node *x);
struct avqa_node *avqa_sigmoid(struct avqa_tape *tape, struct avqa_node *x);
/* Of the same size. */
struct avqa_node *avqa_add(struct avqa_tape *tape, struct avqa_node *a,
                           struct avqa_node *b);
struct avqa_node *avqa_mul(struct avqa_tape *tape, struct avqa_node *a,
                           struct avqa_node *b);
struct avqa_node *avqa_scale(struct avqa_tape *tape, struct avqa_node *x, avqa_real by);
/* [a ; b] along the last dimension; the rows of `a` begin again at its end if `b` has
 * a multiple of them. y [rows of b, width of a + width of b]. */
struct avqa_node *avqa_join(struct avqa_tape *tape, struct avqa_node *a,
                            struct avqa_node *b);
/* x [n, steps, width] to its mean over the steps, [n, width]. */
struct avqa_node *avqa_mean_steps(struct avqa_tape *tape, struct avqa_node *x);

#endif
