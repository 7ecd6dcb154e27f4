/* How a loop is compiled twice: its body is AVQA_INLINE, one caller of it is AVQA_WIDE
 * (AVX2, FMA, F16C), and avqa_is_wide chooses at run time. */
#ifndef AVQA_NN_WIDE_H
#define AVQA_NN_WIDE_H

#include <stdbool.h>

#define AVQA_INLINE __attribute__((always_inline)) static inline

#if defined(__x86_64__)
#define AVQA_WIDE __attribute__((target("avx2,fma,f16c")))
#else
#define AVQA_WIDE
#endif

/* Whether this processor has all that AVQA_WIDE asks for. */
bool avqa_is_wide(void);

#endif
