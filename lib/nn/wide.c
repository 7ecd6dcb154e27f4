/* See wide.h. */
#include "nn/wide.h"

#if defined(__x86_64__)
bool avqa_is_wide(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("f16c");
}
#else
bool avqa_is_wide(void)
{
    return false;
}
#endif
