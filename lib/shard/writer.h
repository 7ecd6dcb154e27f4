/* Writes a shard: packed samples in the order they are added, the index, the end of the
 * tar, the seek table. The same samples give the same bytes. The file has its name only
 * when it is whole and on disk, and nothing is ever appended to it. */
#ifndef AVQA_SHARD_WRITER_H
#define AVQA_SHARD_WRITER_H

#include "base/hash.h"
#include "base/status.h"
#include "shard/frame.h"
#include "shard/pack.h"

#include <stddef.h>
#include <stdint.h>

/* Levels of zstd. Higher ones buy nothing on maps; what a sparse pair holds hardly
 * compresses, and is read three times faster at -1 for 15 % more bytes. */
/* Unless told otherwise: halves are read often, and quick levels cost them little room.
 */
enum { AVQA_SHARD_LEVEL = 1, AVQA_SHARD_SPARSE_LEVEL = -1, AVQA_SHARD_FP16_LEVEL = -6 };
/* The level for shards whose maps are kept so. */
int avqa_shard_level(enum avqa_shard_encoding encoding);

struct avqa_shard_writer;

/* What was written. */
struct avqa_shard_written {
    int64_t bytes;
    size_t n_samples;
    char sha256[AVQA_SHA256_HEX];
};

/* Starts the shard `path`; its folder must exist. The packer packs the index and is
 * borrowed until commit or abort. */
AVQA_CHECK enum avqa_status avqa_shard_writer_open(struct avqa_shard_writer **out,
                                                   const char *path,
                                                   struct avqa_packer *packer);

/* Adds a sample, which stays the caller's. AVQA_EEXIST if its key is there already. */
AVQA_CHECK enum avqa_status
avqa_shard_writer_add(struct avqa_shard_writer *w,
                      const struct avqa_shard_packed *packed);

/* Bytes so far, without index and table. */
int64_t avqa_shard_writer_bytes(const struct avqa_shard_writer *w);
size_t avqa_shard_writer_samples(const struct avqa_shard_writer *w);

/* Ends it. Frees the writer in every case; `*out` may be NULL. */
AVQA_CHECK enum avqa_status avqa_shard_writer_commit(struct avqa_shard_writer *w,
                                                     struct avqa_shard_written *out);
void avqa_shard_writer_abort(struct avqa_shard_writer *w); /* NULL is legal */

#endif
