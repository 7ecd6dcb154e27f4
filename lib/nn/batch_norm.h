/* Batch normalisation (Ioffe and Szegedy, 2015; epsilon 1e-5 and statistics as in
 * PyTorch). */
#ifndef AVQA_NN_BATCH_NORM_H
#define AVQA_NN_BATCH_NORM_H

#include "nn/tape.h"

/* What is known of the channels so far; borrowed. A step of training moves them by
 * `momentum` towards the batch's (the variance with n - 1 below), evaluation reads
 * them. Among a model's weights they are marked as fixed (weights.h). */
struct avqa_batch_norm {
    avqa_real *mean, *variance; /* [channels] */
    avqa_real momentum;         /* PyTorch: 0.1 */
};

/* y = (x - mean) / sqrt(variance + 1e-5) * gain + bias of each channel: x [n, channels,
 * ..], gain and bias [channels]. A tape that trains takes mean and variance of the
 * batch, another the running ones. Training on one value a channel fails. */
struct avqa_node *avqa_batch_norm(struct avqa_tape *tape, struct avqa_node *x,
                                  struct avqa_node *gain, struct avqa_node *bias,
                                  const struct avqa_batch_norm *running);

#endif
