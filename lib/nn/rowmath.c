/* See rowmath.h. */
#include "nn/rowmath.h"
#include "nn/rowexp.h"
#include "nn/wide.h"

enum { LANES = 16 };

/* By halves. */
AVQA_INLINE avqa_real lanes_sum(avqa_real *lanes)
{
    for (size_t k = 0; k < 8; k++)
        lanes[k] += lanes[k + 8];
    for (size_t k = 0; k < 4; k++)
        lanes[k] += lanes[k + 4];
    return (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
}

AVQA_INLINE avqa_real dot(const avqa_real *a, const avqa_real *b, size_t n)
{
    avqa_real lanes[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lanes[k] += a[i + k] * b[i + k];
    avqa_real rest = 0;
    for (; i < n; i++)
        rest += a[i] * b[i];
    return lanes_sum(lanes) + rest;
}

AVQA_WIDE static avqa_real dot_wide(const avqa_real *a, const avqa_real *b, size_t n)
{
    return dot(a, b, n);
}

avqa_real avqa_row_dot(const avqa_real *a, const avqa_real *b, size_t n)
{
    return avqa_is_wide() ? dot_wide(a, b, n) : dot(a, b, n);
}

AVQA_INLINE avqa_real sum(const avqa_real *a, size_t n)
{
    avqa_real lanes[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lanes[k] += a[i + k];
    avqa_real rest = 0;
    for (; i < n; i++)
        rest += a[i];
    return lanes_sum(lanes) + rest;
}

AVQA_WIDE static avqa_real sum_wide(const avqa_real *a, size_t n)
{
    return sum(a, n);
}

avqa_real avqa_row_sum(const avqa_real *a, size_t n)
{
    return avqa_is_wide() ? sum_wide(a, n) : sum(a, n);
}

AVQA_INLINE void add(avqa_real *restrict out, avqa_real scale, const avqa_real *a,
                     size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] += scale * a[i];
}

AVQA_WIDE static void add_wide(avqa_real *out, avqa_real scale, const avqa_real *a,
                               size_t n)
{
    add(out, scale, a, n);
}

void avqa_row_add(avqa_real *out, avqa_real scale, const avqa_real *a, size_t n)
{
    if (avqa_is_wide())
        add_wide(out, scale, a, n);
    else
        add(out, scale, a, n);
}

void avqa_row_softmax(avqa_real *out, const avqa_real *a, size_t n)
{
    avqa_real max = a[0];
    for (size_t i = 1; i < n; i++)
        if (a[i] > max)
            max = a[i];
    avqa_row_exp(out, a, max, n);
    avqa_real scale = 1 / avqa_row_sum(out, n);
    for (size_t i = 0; i < n; i++)
        out[i] *= scale;
}
