/* See wide.h. */
#include "nn/wide.h"

#if defined(__x86_64__)
bool avqa_is_wide(void)
{
    /* whatever has AVX2 has F16C, which Clang 14 cannot be asked for */
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#else
bool avqa_is_wide(void)
{
    return false;
}
#endif
