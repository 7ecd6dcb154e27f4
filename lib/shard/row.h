/* A row as it stands in a shard: what reader.h would expand is left packed, for those
 * who compute with it as it is. It is checked as far as reading it needs: a mask has
 * as many bits as there are values, and none beyond the last one. */
#ifndef AVQA_SHARD_ROW_H
#define AVQA_SHARD_ROW_H

#include "base/status.h"
#include "shard/reader.h"

#include <stddef.h>

struct avqa_shard_row {
    enum avqa_npy_type type;   /* of the values */
    const unsigned char *mask; /* which values are not zero (sparse.h); NULL: all stand
                                  there */
    const void *values;
    size_t n_values;
};

enum { AVQA_SHARD_ROW_ALIGN = 64 }; /* of `values` within the room */

/* Bytes of memory that reading row `row` takes; the index alone tells. */
size_t avqa_shard_row_room(const struct avqa_shard_array *array, size_t row);

/* Reads one row into `room`, which is aligned as malloc does it; `out` points into it.
 * AVQA_EINVAL if there is no such row. */
AVQA_CHECK enum avqa_status avqa_shard_row_read(struct avqa_shard_row *out,
                                                struct avqa_shard_lane *lane,
                                                const struct avqa_shard_array *array,
                                                size_t row, void *room);

#endif
