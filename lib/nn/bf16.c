/* Whole-number arithmetic on the bits, the same on every machine. */
#include "nn/bf16.h"

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
