/* Time, for those who are asked to look at it: a monotonic clock for rates and the wall
 * clock for the catalog's records. Microseconds. Never used to seed anything. */
#ifndef AVQA_BASE_CLOCK_H
#define AVQA_BASE_CLOCK_H

#include <stdint.h>

int64_t avqa_clock_monotonic_us(void);
int64_t avqa_clock_wall_us(void); /* since 1970-01-01 UTC */
int64_t avqa_clock_cpu_us(void);  /* that this process has used, all its threads */

#endif
