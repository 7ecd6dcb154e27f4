/* See half.h. */
#include "base/half.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

uint16_t avqa_half_from_float(float value)
{
    uint32_t x;
    memcpy(&x, &value, sizeof x);
    uint32_t sign = x >> 16 & 0x8000;
    uint32_t a = x & 0x7fffffff;
    if (a > 0x7f800000) /* NaN, made quiet */
        return (uint16_t)(sign | 0x7e00 | (a >> 13 & 0x3ff));
    if (a >= 0x477ff000) /* rounds to 65536 or more */
        return (uint16_t)(sign | 0x7c00);
    if (a < 0x33000000) /* below half of the smallest subnormal */
        return (uint16_t)sign;
    uint32_t shift =
        a < 0x38800000 ? 126 - (a >> 23) : 13; /* 2^-14 is the smallest normal */
    uint32_t m = a < 0x38800000 ? (a & 0x7fffff) | 0x800000 : a - 0x38000000;
    uint32_t rest = m & ((1u << shift) - 1);
    uint32_t half = 1u << (shift - 1);
    uint32_t h = m >> shift;
    h += rest > half || (rest == half && (h & 1));
    return (uint16_t)(sign | h);
}

float avqa_half_to_float(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t exponent = half >> 10 & 0x1f;
    uint32_t m = half & 0x3ff;
    uint32_t x;
    float out;
    if (exponent == 0) { /* zero or subnormal: m * 2^-24, exact in 32 bits */
        out = (float)m * 0x1p-24F;
        memcpy(&x, &out, sizeof x);
    } else if (exponent == 31) {
        x = 0x7f800000 | m << 13 | (m ? 0x400000 : 0);
    } else {
        x = (exponent + 112) << 23 | m << 13;
    }
    x |= sign;
    memcpy(&out, &x, sizeof out);
    return out;
}

#if defined(__x86_64__)
static bool has_f16c(void)
{
    return __builtin_cpu_supports("avx2"); /* whatever has it has F16C */
}

/* Whole groups of eight; returns how many values were done. */
__attribute__((target("avx,f16c"))) static size_t
from_floats_f16c(uint16_t *out, const float *in, size_t n)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        _mm_storeu_si128(
            (__m128i *)(void *)(out + i),
            _mm256_cvtps_ph(_mm256_loadu_ps(in + i),
                            _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
    return i;
}

__attribute__((target("avx,f16c"))) static size_t
to_floats_f16c(float *out, const uint16_t *in, size_t n)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        _mm256_storeu_ps(out + i, _mm256_cvtph_ps(_mm_loadu_si128(
                                      (const __m128i *)(const void *)(in + i))));
    return i;
}
#else
static bool has_f16c(void)
{
    return false;
}

static size_t from_floats_f16c(uint16_t *out, const float *in, size_t n)
{
    (void)out, (void)in, (void)n;
    return 0;
}

static size_t to_floats_f16c(float *out, const uint16_t *in, size_t n)
{
    (void)out, (void)in, (void)n;
    return 0;
}
#endif

void avqa_halves_from_floats(uint16_t *out, const float *in, size_t n)
{
    size_t i = has_f16c() ? from_floats_f16c(out, in, n) : 0;
    for (; i < n; i++)
        out[i] = avqa_half_from_float(in[i]);
}

void avqa_halves_to_floats(float *out, const uint16_t *in, size_t n)
{
    size_t i = has_f16c() ? to_floats_f16c(out, in, n) : 0;
    for (; i < n; i++)
        out[i] = avqa_half_to_float(in[i]);
}
