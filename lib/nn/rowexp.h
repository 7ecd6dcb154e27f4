/* exp, tanh and the logistic function of rows. rowexp.c has them in float by
 * polynomials, many at a time, within 4 units in the last place (test); the double
 * build uses the C library's (tests/support/rowexp_f64.c). */
#ifndef AVQA_NN_ROWEXP_H
#define AVQA_NN_ROWEXP_H

#include "nn/real.h"

#include <stddef.h>

/* `out` may be `a`. A NaN stays one. */
void avqa_row_exp(avqa_real *out, const avqa_real *a, avqa_real minus, size_t n);
void avqa_row_tanh(avqa_real *out, const avqa_real *a, size_t n);
void avqa_row_sigmoid(avqa_real *out, const avqa_real *a, size_t n); /* 1/(1+e^-a) */

#endif
