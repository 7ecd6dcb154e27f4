/* Numbers for layers of our own to compute with. */
#ifndef AVQA_TESTS_NUMBERS_H
#define AVQA_TESTS_NUMBERS_H

#include "check.h"

#include "base/mem.h"
#include "nn/params.h"

/* `n` numbers between -1 and 1, the same for the same name, on a line of the cache;
 * yours. */
static inline float *numbers(const char *name, size_t n)
{
    float *data;
    assert_ok(avqa_mem_aligned(&data, n * sizeof *data));
    avqa_params_units(data, 2, name, 0, n);
    for (size_t i = 0; i < n; i++)
        data[i] = 2 * data[i] - 1;
    return data;
}

#endif
