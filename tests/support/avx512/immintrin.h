/* The intrinsics of AVX-512 that lib/nn/map_wide.c uses, one element after the other as
 * Intel's manual defines them, so that its code runs on any processor with AVX2. Found
 * in front of the compiler's header by what tests/CMakeLists.txt builds of it. */
#ifndef AVQA_TESTS_AVX512_H
#define AVQA_TESTS_AVX512_H

#include_next <immintrin.h>

#include "base/half.h"

#include <stdint.h>
#include <string.h>

struct sixteen_floats {
    float at[16];
};

struct many_halves {
    uint16_t at[32];
};

#define __m512 struct sixteen_floats
#define __m512i struct many_halves
#define _mm512_maskz_loadu_epi16 emulated_load
#define _mm512_maskz_expand_epi16 emulated_expand
#define _mm512_castsi512_si256 emulated_first_half
#define _mm512_extracti64x4_epi64 emulated_half
#define _mm512_cvtph_ps emulated_floats
#define _mm512_storeu_ps emulated_store

static inline struct many_halves emulated_load(uint32_t mask, const void *from)
{
    struct many_halves out = {{0}};
    for (size_t i = 0; i < 32; i++)
        if (mask >> i & 1)
            memcpy(&out.at[i], (const uint16_t *)from + i, sizeof out.at[i]);
    return out;
}

static inline struct many_halves emulated_expand(uint32_t mask, struct many_halves in)
{
    struct many_halves out = {{0}};
    size_t from = 0;
    for (size_t i = 0; i < 32; i++)
        if (mask >> i & 1)
            out.at[i] = in.at[from++];
    return out;
}

__attribute__((target("avx2"))) static inline __m256i
emulated_half(struct many_halves in, int which)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)(in.at + 16 * which));
}

__attribute__((target("avx2"))) static inline __m256i
emulated_first_half(struct many_halves in)
{
    return emulated_half(in, 0);
}

__attribute__((target("avx2"))) static inline struct sixteen_floats
emulated_floats(__m256i halves)
{
    uint16_t in[16];
    struct sixteen_floats out;
    _mm256_storeu_si256((__m256i *)(void *)in, halves);
    for (size_t i = 0; i < 16; i++)
        out.at[i] = avqa_half_to_float(in[i]);
    return out;
}

static inline void emulated_store(float *to, struct sixteen_floats in)
{
    memcpy(to, &in, sizeof in);
}

#endif
