/* Whole-number arithmetic on the bits, the same on every machine. The scaling by powers
 * of two in the unpacking is exact. */
#include "nn/half.h"

#include <string.h>

static uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* value / 2^shift, to the nearest, ties to even. */
static uint32_t shift_rounded(uint32_t value, unsigned shift)
{
    uint32_t half = 1U << (shift - 1);
    uint32_t odd = value >> shift & 1;
    return (value + half - 1 + odd) >> shift;
}

uint16_t avqa_half_from_float(float x)
{
    uint32_t bits = bits_of(x);
    uint32_t sign = bits >> 16 & 0x8000;
    uint32_t magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000)
        return (uint16_t)(sign | 0x7e00);
    if (magnitude >= 0x47800000) /* 65536 */
        return (uint16_t)(sign | 0x7c00);
    if (magnitude >=
        0x38800000) /* 2^-14: a carry out of the digits is the next power */
        return (uint16_t)(sign | (shift_rounded(magnitude, 13) - (112U << 10)));
    if (magnitude < 0x33000000) /* under half of the smallest */
        return (uint16_t)sign;
    uint32_t digits = (magnitude & 0x7fffff) | 0x800000;
    return (uint16_t)(sign | shift_rounded(digits, 126 - (magnitude >> 23)));
}

float avqa_half_to_float(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16;
    uint32_t rest = (uint32_t)(h & 0x7fff) << 13;
    if (rest >= 0x0f800000) /* infinity and NaN */
        return float_of(sign | rest | 0x7f800000);
    return float_of(sign | bits_of(float_of(rest) * 0x1p112F));
}

uint16_t avqa_bf16_from_float(float x)
{
    uint32_t bits = bits_of(x);
    if ((bits & 0x7fffffff) > 0x7f800000)
        return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float avqa_bf16_to_float(uint16_t h)
{
    return float_of((uint32_t)h << 16);
}

void avqa_half_pack(uint16_t *out, const float *in, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = avqa_half_from_float(in[i]);
}

void avqa_half_unpack(float *out, const uint16_t *in, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = avqa_half_to_float(in[i]);
}

void avqa_bf16_pack(uint16_t *out, const float *in, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = avqa_bf16_from_float(in[i]);
}

void avqa_bf16_unpack(float *out, const uint16_t *in, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = avqa_bf16_to_float(in[i]);
}
