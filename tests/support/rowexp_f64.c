/* The double build's exp, tanh and logistic function: the C library's. */
#include "nn/rowexp.h"

#include <tgmath.h>

void avqa_row_exp(avqa_real *out, const avqa_real *a, avqa_real minus, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = exp(a[i] - minus);
}

void avqa_row_tanh(avqa_real *out, const avqa_real *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = tanh(a[i]);
}

void avqa_row_sigmoid(avqa_real *out, const avqa_real *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = 1 / (1 + exp(-a[i]));
}
