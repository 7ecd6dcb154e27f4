/* See wide.h. __builtin_cpu_supports knows of registers that the operating system does
 * not save (XCR0) and says no. */
#include "nn/wide.h"

#if defined(__x86_64__)
bool avqa_is_wide(void)
{
    /* whatever has AVX2 has F16C, which Clang 14 cannot be asked for */
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

enum avqa_width avqa_width_best(void)
{
    if (!avqa_is_wide())
        return AVQA_WIDTH_PLAIN;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
        return AVQA_WIDTH_AVX2;
    return __builtin_cpu_supports("avx512vbmi2") ? AVQA_WIDTH_VBMI2 : AVQA_WIDTH_AVX512;
}
#else
bool avqa_is_wide(void)
{
    return false;
}

enum avqa_width avqa_width_best(void)
{
    return AVQA_WIDTH_PLAIN;
}
#endif

enum avqa_width avqa_width_of(enum avqa_width asked)
{
    return asked == AVQA_WIDTH_BEST ? avqa_width_best() : asked;
}

const char *avqa_width_name(enum avqa_width width)
{
    static const char *const names[] = {"best", "plain", "avx2", "avx512",
                                        "avx512-vbmi2"};
    return names[width];
}
