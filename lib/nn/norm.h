/* Layer normalisation (Ba, Kiros, Hinton, 2016; epsilon 1e-5 as in PyTorch). */
#ifndef AVQA_NN_NORM_H
#define AVQA_NN_NORM_H

#include "nn/tape.h"

/* y = (x - mean) / sqrt(variance + 1e-5) * gain + bias over the last dimension; gain
 * and bias [width]. */
struct avqa_node *avqa_layer_norm(struct avqa_tape *tape, struct avqa_node *x,
                                  struct avqa_node *gain, struct avqa_node *bias);

#endif
