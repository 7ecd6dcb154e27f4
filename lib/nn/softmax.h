/* Softmax. */
#ifndef AVQA_NN_SOFTMAX_H
#define AVQA_NN_SOFTMAX_H

#include "nn/tape.h"

/* Over the last dimension. */
struct avqa_node *avqa_softmax(struct avqa_tape *tape, struct avqa_node *x);

/* Over dimension `dim`. `pad` (borrowed for the call; may be NULL, else dim > 0) is
 * [shape[0], shape[dim]]: what has a 1 gets 0, the others share; where all have one,
 * all get 0. */
struct avqa_node *avqa_softmax_along(struct avqa_tape *tape, struct avqa_node *x,
                                     size_t dim, const unsigned char *pad);

#endif
