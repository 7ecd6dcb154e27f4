/* Softmax over the last dimension. */
#ifndef AVQA_NN_SOFTMAX_H
#define AVQA_NN_SOFTMAX_H

#include "nn/tape.h"

struct avqa_node *avqa_softmax(struct avqa_tape *tape, struct avqa_node *x);

#endif
