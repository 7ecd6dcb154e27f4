/* Reads a shard: any rows of any array of any sample, and nothing else from the disk or
 * the network. Every frame is checked when it is read; what is not what it says is an
 * error that names the shard. What a thread needs of its own is a lane. */
#ifndef AVQA_SHARD_READER_H
#define AVQA_SHARD_READER_H

#include "base/json.h"
#include "base/status.h"
#include "shard/npy.h"
#include "shard/shard.h"
#include "shard/sparse.h"

#include <stddef.h>
#include <stdint.h>

struct avqa_shard_lane; /* decompressor and memory of one thread, for any shards */

AVQA_CHECK enum avqa_status avqa_shard_lane_new(struct avqa_shard_lane **out);
void avqa_shard_lane_free(struct avqa_shard_lane *lane); /* NULL is legal */
/* How to expand sparse maps; a new lane has the best way of this processor. */
void avqa_shard_lane_expand(struct avqa_shard_lane *lane, enum avqa_sparse_way way);
/* Bytes that the lane read from sources so far. */
uint64_t avqa_shard_lane_bytes(const struct avqa_shard_lane *lane);

/* Rows [first, first + n) of an array as values of type `as`: the stored type, or f4 or
 * f2 for stored f4 and f2. `out` has room for n * row_values of them. A scalar has one
 * row. AVQA_EINVAL if there are no such rows or types do not go together. */
AVQA_CHECK enum avqa_status avqa_shard_read(struct avqa_shard_lane *lane,
                                            const struct avqa_shard_array *array,
                                            size_t first, size_t n,
                                            enum avqa_npy_type as, void *out);

/* KEY.json of a sample: clip, provenance, arrays. `*out` is yours. */
AVQA_CHECK enum avqa_status avqa_shard_head(struct avqa_json **out,
                                            struct avqa_shard_lane *lane,
                                            const struct avqa_shard *shard,
                                            size_t sample);

/* Frame i, whatever it is of: as it stands in the file, and unpacked. Both are borrowed
 * until the lane is used again; `packed` is there even if it does not unpack (NULL if
 * it cannot be read). */
AVQA_CHECK enum avqa_status avqa_shard_frame(const unsigned char **bytes,
                                             const unsigned char **packed,
                                             struct avqa_shard_lane *lane,
                                             const struct avqa_shard *shard, size_t i);
/* Frame i unpacked into `out`, which has room for its plain bytes. */
AVQA_CHECK enum avqa_status avqa_shard_frame_into(void *out,
                                                  struct avqa_shard_lane *lane,
                                                  const struct avqa_shard *shard,
                                                  size_t i);

#endif
