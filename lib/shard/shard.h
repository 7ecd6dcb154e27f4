/* An open shard: its samples, and the arrays that each has. Opening reads the end of
 * the file (seek table and index) and judges both against each other and the file's
 * size. What is not whole, or not what it says, is an error that names the shard.
 *
 * An open shard does not change and may be used by several threads; reader.h reads
 * what is in it. */
#ifndef AVQA_SHARD_SHARD_H
#define AVQA_SHARD_SHARD_H

#include "base/status.h"
#include "shard/frame.h"
#include "shard/index.h"
#include "shard/npy.h"
#include "shard/pack.h"
#include "shard/source.h"

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

#endif
