/* The matrix product, the one operation that training leaves to a library:
 * onednn_gemm.c has it in float. The double build has plain loops instead
 * (tests/support/gemm_f64.c). */
#ifndef AVQA_NN_GEMM_H
#define AVQA_NN_GEMM_H

#include "base/status.h"
#include "nn/real.h"

#include <stdbool.h>
#include <stddef.h>

/* A matrix in C order; `stride` numbers lie between the beginnings of two rows. */
struct avqa_matrix {
    const avqa_real *data;
    size_t stride;
    bool transposed;
};

/* What the product is added to, or replaces. */
struct avqa_matrix_out {
    avqa_real *data;
    size_t stride;
    bool adds;
};

/* What a product is made with. */
struct avqa_gemm_means {
    size_t n_threads;
    avqa_real *room; /* of avqa_gemm_room numbers, or NULL: slower */
};

/* How many numbers of memory a product wants to work in. */
size_t avqa_gemm_room(struct avqa_matrix a, struct avqa_matrix b, const size_t mnk[3]);
/* out[m, n] = a[m, k] b[k, n], shapes after transposing. The same bits for any number
 * of threads. */
AVQA_CHECK enum avqa_status avqa_gemm(struct avqa_matrix_out out, struct avqa_matrix a,
                                      struct avqa_matrix b, const size_t mnk[3],
                                      const struct avqa_gemm_means *means);

#endif
