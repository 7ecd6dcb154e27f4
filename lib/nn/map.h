/* Maps of features as shards hold them: for each channel a number at each place, dense
 * or, since most are zero, as a mask and the numbers that are not. They are only read,
 * and unpacked a few channels at a time. */
#ifndef AVQA_NN_MAP_H
#define AVQA_NN_MAP_H

#include "nn/real.h"
#include "nn/wide.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum avqa_map_kind {
    AVQA_MAP_REAL,     /* values are avqa_real */
    AVQA_MAP_F16,      /* values are fp16 */
    AVQA_MAP_SPARSE16, /* values are the fp16 that are not zero, one after the other;
                          bit i (little bit order) of the mask says whether i is */
};

/* Borrows what it points to. */
struct avqa_map {
    enum avqa_map_kind kind;
    const void *values;
    const uint8_t *mask;
    size_t n_values; /* under `values` */
};

/* Whether it has exactly `n` numbers; what comes from a file is asked this first. */
bool avqa_map_holds(const struct avqa_map *map, size_t n);

/* Where reading stands. */
struct avqa_map_cursor {
    const struct avqa_map *map;
    size_t at;             /* number */
    size_t at_value;       /* under `values` */
    enum avqa_width width; /* of unpacking; 0: the best */
};

/* The next `n` numbers, in `room` or, where they need no unpacking, where they are;
 * `at` and, unless it is the end, `n` must be multiples of 8. */
const avqa_real *avqa_map_next(struct avqa_map_cursor *cursor, avqa_real *room,
                               size_t n);

/* The definition, which the wide paths are tested against. */
void avqa_map_unpack_plain(struct avqa_map_cursor *cursor, avqa_real *out, size_t n);
/* The same 8 at a time (AVX2, F16C) or 16 and 32 (AVX-512), as the cursor's width has
 * it; false, and nothing done, if that is the plain one or this the double build. */
bool avqa_map_unpack_wide(struct avqa_map_cursor *cursor, avqa_real *out, size_t n);

#endif
