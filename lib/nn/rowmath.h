/* Arithmetic on rows of numbers, in the widest instructions that the processor has:
 * the same loops are compiled twice and chosen at run time. Sums run in sixteen lanes,
 * so their last bits differ from those of a plain loop. */
#ifndef AVQA_NN_ROWMATH_H
#define AVQA_NN_ROWMATH_H

#include "nn/real.h"

#include <stddef.h>

avqa_real avqa_row_dot(const avqa_real *a, const avqa_real *b, size_t n);
avqa_real avqa_row_sum(const avqa_real *a, size_t n);
/* out += scale * a */
void avqa_row_add(avqa_real *out, avqa_real scale, const avqa_real *a, size_t n);
/* exp(a - max a) over its sum; out may be `a`. */
void avqa_row_softmax(avqa_real *out, const avqa_real *a, size_t n);

#endif
