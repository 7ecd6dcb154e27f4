/* Reads a shard: any rows of any array of any sample, and nothing else from the disk or
 * the network. Opening reads the end of the file (seek table and index) and judges both
 * against each other and the file's size; every frame is checked when it is read. What
 * is not whole, or not what it says, is an error that names the shard.
 *
 * An open shard does not change and may be used by several threads; what a thread needs
 * of its own is a lane. */
#ifndef AVQA_SHARD_READER_H
#define AVQA_SHARD_READER_H

#include "base/json.h"
#include "base/status.h"
#include "shard/index.h"
#include "shard/npy.h"
#include "shard/pack.h"
#include "shard/source.h"
#include "shard/sparse.h"

#include <stddef.h>
#include <stdint.h>

enum {
    AVQA_SHARD_TAIL = 1 << 20
}; /* bytes read first: as a rule all that opening needs */

struct avqa_shard;

/* Opens a file, or a source, which is the shard's from then on (closed on failure,
 * too). `*out` is yours. */
AVQA_CHECK enum avqa_status avqa_shard_open(struct avqa_shard **out, const char *path);
AVQA_CHECK enum avqa_status
avqa_shard_open_source(struct avqa_shard **out, const struct avqa_shard_source *source);
void avqa_shard_close(struct avqa_shard *shard); /* NULL is legal */

/* ---- what is in it --------------------------------------------------------------- */

const char *avqa_shard_name(const struct avqa_shard *shard); /* path or URL */
uint64_t avqa_shard_bytes(const struct avqa_shard *shard);
/* Its samples and frames. Borrowed. */
const struct avqa_shard_index *avqa_shard_index(const struct avqa_shard *shard);
const struct avqa_frame_place *avqa_shard_places(const struct avqa_shard *shard,
                                                 size_t *n_frames);
const struct avqa_shard_source *avqa_shard_source(const struct avqa_shard *shard);

/* The number of the sample with this key; AVQA_ENOENT if there is none. */
AVQA_CHECK enum avqa_status
avqa_shard_find(size_t *sample, const struct avqa_shard *shard, const char *key);

/* An array of a sample as it was given to the writer: a sparse pair is one array. */
struct avqa_shard_array {
    const struct avqa_shard *shard;
    size_t sample;
    char name[AVQA_SHARD_MAX_SUFFIX + 1];
    struct avqa_npy npy; /* type as stored (f2 for a sparse pair) and shape */
    enum avqa_shard_encoding encoding;
    const struct avqa_shard_member *member; /* or the mask, with the values behind it */
    size_t n_rows;                          /* 0 for a scalar */
    size_t row_values;                      /* values in a row */
    uint64_t packed; /* bytes of its frames; 0 if it stands in the head frame */
};

/* How many arrays a sample has, and the i-th. */
size_t avqa_shard_n_arrays(const struct avqa_shard *shard, size_t sample);
void avqa_shard_array_at(struct avqa_shard_array *out, const struct avqa_shard *shard,
                         size_t sample, size_t i);
/* The one of this name; AVQA_ENOENT says which there are. */
AVQA_CHECK enum avqa_status avqa_shard_array_find(struct avqa_shard_array *out,
                                                  const struct avqa_shard *shard,
                                                  size_t sample, const char *name);

/* ---- reading --------------------------------------------------------------------- */

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
