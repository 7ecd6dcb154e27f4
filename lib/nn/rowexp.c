/* See rowexp.h. Reduction by multiples of ln 2 in two pieces and minimax polynomials
 * as in the Cephes library (S. Moshier, expf and tanhf), without a branch, so that a
 * compiler makes vectors of them. */
#include "nn/rowexp.h"
#include "nn/wide.h"

#include <stdint.h>
#include <string.h>

_Static_assert(sizeof(avqa_real) == sizeof(float), "rowexp.c is of float alone");

/* 2^k for -126 <= k <= 127 */
AVQA_INLINE float power_of_two(int32_t k)
{
    uint32_t bits = (uint32_t)(k + 127) << 23;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

AVQA_INLINE float exp_one(float x)
{
    const float round = 12582912.0F; /* 1.5 * 2^23: what is added to it becomes whole */
    x = x > 88.0F ? 88.0F : x;
    x = x < -87.0F ? -87.0F : x;
    float k = (x * 1.44269504088896341F + round) - round;
    float r = x - k * 0.693359375F + k * 2.12194440e-4F;
    float p = 1.9875691500e-4F;
    p = p * r + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    int32_t whole = (int32_t)(k == k ? k : 0.0F);
    return (p * r * r + r + 1.0F) * power_of_two(whole);
}

AVQA_INLINE float tanh_one(float x)
{
    float z = x * x;
    float p = -5.70498872745e-3F;
    p = p * z + 2.06390887954e-2F;
    p = p * z - 5.37397155531e-2F;
    p = p * z + 1.33314422036e-1F;
    p = p * z - 3.33332819422e-1F;
    float near = p * z * x + x;
    float far = 1.0F - 2.0F / (exp_one(2.0F * x) + 1.0F);
    return z < 0.390625F ? near : far; /* |x| < 0.625 */
}

AVQA_INLINE void exp_row(float *out, const float *a, float minus, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = exp_one(a[i] - minus);
}

AVQA_WIDE static void exp_wide(float *out, const float *a, float minus, size_t n)
{
    exp_row(out, a, minus, n);
}

void avqa_row_exp(avqa_real *out, const avqa_real *a, avqa_real minus, size_t n)
{
    if (avqa_is_wide())
        exp_wide(out, a, minus, n);
    else
        exp_row(out, a, minus, n);
}

AVQA_INLINE void tanh_row(float *out, const float *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = tanh_one(a[i]);
}

AVQA_WIDE static void tanh_wide(float *out, const float *a, size_t n)
{
    tanh_row(out, a, n);
}

void avqa_row_tanh(avqa_real *out, const avqa_real *a, size_t n)
{
    if (avqa_is_wide())
        tanh_wide(out, a, n);
    else
        tanh_row(out, a, n);
}

AVQA_INLINE void sigmoid_row(float *out, const float *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = 1.0F / (1.0F + exp_one(-a[i]));
}

AVQA_WIDE static void sigmoid_wide(float *out, const float *a, size_t n)
{
    sigmoid_row(out, a, n);
}

void avqa_row_sigmoid(avqa_real *out, const avqa_real *a, size_t n)
{
    if (avqa_is_wide())
        sigmoid_wide(out, a, n);
    else
        sigmoid_row(out, a, n);
}
