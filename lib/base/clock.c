/* See clock.h. */
#include "base/clock.h"

#include <time.h>

static int64_t now_us(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t avqa_clock_monotonic_us(void)
{
    return now_us(CLOCK_MONOTONIC);
}

int64_t avqa_clock_wall_us(void)
{
    return now_us(CLOCK_REALTIME);
}

int64_t avqa_clock_cpu_us(void)
{
    return now_us(CLOCK_PROCESS_CPUTIME_ID);
}
