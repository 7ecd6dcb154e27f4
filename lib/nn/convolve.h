/* What a convolution computes, forwards and the two ways back, which training leaves to
 * a library: convolve.c has it in float, through oneDNN. The double build has the plain
 * loops that are the definition (tests/support/convolve_f64.c). */
#ifndef AVQA_NN_CONVOLVE_H
#define AVQA_NN_CONVOLVE_H

#include "base/status.h"
#include "nn/real.h"

#include <stddef.h>

/* x [n, in, side], w [out, in / groups, kernel], y [n, out, after]; y at place i sees x
 * at i stride - pad + k dilation for each k of the kernel; zeros lie around x. */
struct avqa_convolution {
    size_t n, in, out;
    size_t groups; /* channels of one group are seen by those of its place alone */
    size_t side[2], kernel[2], stride[2], pad[2], dilation[2];
    size_t after[2]; /* (side + 2 pad - dilation (kernel - 1) - 1) / stride + 1 */
};

/* y = x * w. Each has the same bits for any number of threads. AVQA_ENOMEM,
 * AVQA_EINVAL. */
AVQA_CHECK enum avqa_status avqa_convolve(avqa_real *y, const avqa_real *x,
                                          const avqa_real *w,
                                          const struct avqa_convolution *c,
                                          size_t n_threads);
/* dx += what of dy reaches x. */
AVQA_CHECK enum avqa_status avqa_convolve_input(avqa_real *dx, const avqa_real *dy,
                                                const avqa_real *w,
                                                const struct avqa_convolution *c,
                                                size_t n_threads);
/* dw += what of dy reaches w. */
AVQA_CHECK enum avqa_status avqa_convolve_weights(avqa_real *dw, const avqa_real *x,
                                                  const avqa_real *dy,
                                                  const struct avqa_convolution *c,
                                                  size_t n_threads);

#endif
