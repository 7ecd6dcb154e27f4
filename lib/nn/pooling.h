/* Pooling over windows of planes: x [n, channels, h, w] or, along one dimension, [n,
 * channels, steps]; y the same with other sides, side' = (side + 2 pad - kernel) /
 * stride + 1, rounded down. */
#ifndef AVQA_NN_POOLING_H
#define AVQA_NN_POOLING_H

#include "nn/tape.h"

/* [0] along h, [1] along w; of x [n, channels, steps] only [1] counts. */
struct avqa_window {
    size_t kernel[2];
    size_t stride[2]; /* at least 1 */
    size_t pad[2];    /* on either side, at most half of the kernel */
};

/* The largest number of each window; what is around does not count. Of equal ones the
 * first gets the gradient. A NaN is the largest. */
struct avqa_node *avqa_max_pool(struct avqa_tape *tape, struct avqa_node *x,
                                const struct avqa_window *window);
/* The mean of each window, the zeros around counted with it (PyTorch's default). */
struct avqa_node *avqa_mean_pool(struct avqa_tape *tape, struct avqa_node *x,
                                 const struct avqa_window *window);
/* Means of windows that share out x to `sides` places, from floor(i side / sides) to
 * ceil((i + 1) side / sides); {1, 1} is the mean of each plane. */
struct avqa_node *avqa_adaptive_mean_pool(struct avqa_tape *tape, struct avqa_node *x,
                                          const size_t sides[2]);

#endif
