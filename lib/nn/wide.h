/* How a loop is compiled more than once: its body is AVQA_INLINE, a caller of it is
 * AVQA_WIDE (AVX2, FMA, F16C) or AVQA_WIDEST (AVX-512), and the width is chosen at run
 * time. Intrinsics of AVX-512 stand in functions that are AVQA_WIDEST or
 * AVQA_EXPANDING. The tests define the last two otherwise and so run these bodies on
 * any processor with AVX2 (tests/support/avx512). */
#ifndef AVQA_NN_WIDE_H
#define AVQA_NN_WIDE_H

#include <stdbool.h>

#define AVQA_INLINE __attribute__((always_inline)) static inline

#if defined(__x86_64__)
#define AVQA_WIDE __attribute__((target("avx2,fma,f16c")))
#else
#define AVQA_WIDE
#endif

#if defined(__x86_64__) && !defined(AVQA_WIDEST)
#define AVQA_WIDEST                                                                    \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")))
#define AVQA_EXPANDING                                                                 \
    __attribute__((target("avx512f,avx512bw,avx512vbmi2,avx2,fma,f16c,popcnt")))
#elif !defined(AVQA_WIDEST)
#define AVQA_WIDEST
#define AVQA_EXPANDING
#endif

/* Each has what those before it have. */
enum avqa_width {
    AVQA_WIDTH_BEST, /* no choice: the last one that this processor has */
    AVQA_WIDTH_PLAIN,
    AVQA_WIDTH_AVX2,   /* AVQA_WIDE */
    AVQA_WIDTH_AVX512, /* AVQA_WIDEST */
    AVQA_WIDTH_VBMI2,  /* AVQA_EXPANDING: 16-bit values are put where a mask says */
};

/* What the processor has and the operating system keeps; never AVQA_WIDTH_BEST. */
enum avqa_width avqa_width_best(void);

/* The width asked for, or the best one. To ask for one that the processor lacks is for
 * those who want to see it crash. */
enum avqa_width avqa_width_of(enum avqa_width asked);

/* Static. */
const char *avqa_width_name(enum avqa_width width);

/* Whether this processor has all that AVQA_WIDE asks for. */
bool avqa_is_wide(void);

#endif
