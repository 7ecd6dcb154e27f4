/* Convolution in one and two dimensions (as torch.nn.functional.conv1d and conv2d:
 * without turning the kernel round). */
#ifndef AVQA_NN_CONV_H
#define AVQA_NN_CONV_H

#include "nn/tape.h"

/* [0] along h, [1] along w; of one dimension only [1] counts. Zero in `stride`,
 * `dilation` and `groups` is 1. */
struct avqa_conv {
    size_t stride[2], pad[2], dilation[2];
    size_t groups; /* as many as channels of x: depthwise */
};

/* x [n, in, h, w] with w [out, in / groups, kh, kw], or x [n, in, steps] with w [out,
 * in / groups, k]; b [out] or NULL; y [n, out, h', w'] or [n, out, steps']. */
struct avqa_node *avqa_conv(struct avqa_tape *tape, struct avqa_node *x,
                            struct avqa_node *w, struct avqa_node *b,
                            const struct avqa_conv *options);

#endif
