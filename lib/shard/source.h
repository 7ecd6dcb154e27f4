/* Where a shard's bytes come from: a file, mapped into memory, or anything that can be
 * read at an offset (a server that gives ranges, memory in a test). A shard never
 * changes once it has its name, so a mapping cannot lose its file's end. Who reads for
 * hours does not rely on that, and reads a file instead of mapping it. */
#ifndef AVQA_SHARD_SOURCE_H
#define AVQA_SHARD_SOURCE_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* Reads exactly `len` bytes at `at`, which lie within the source. Called from several
 * threads if the reader has several lanes. */
typedef enum avqa_status avqa_shard_read_fn(void *user, void *out, uint64_t at,
                                            size_t len);

struct avqa_shard_source {
    const char *name; /* for messages; borrowed until the source is closed */
    uint64_t bytes;
    const unsigned char *map;  /* all of them in memory, or NULL */
    avqa_shard_read_fn *read;  /* where there is no map */
    void (*close)(void *user); /* may be NULL */
    void *user;
};

/* A file. `path` is copied. */
AVQA_CHECK enum avqa_status avqa_shard_source_file(struct avqa_shard_source *out,
                                                   const char *path);
/* A file that is read, not mapped: if it shrinks that is an error and no signal, and
 * what was read does not count as the process's memory. Before each read it is asked
 * whether `path` still is the file that was opened: AVQA_ENOENT if it is gone,
 * AVQA_EFORMAT if it is another one or has another size. What changed within it the
 * frames' checksums tell. `path` is copied. */
AVQA_CHECK enum avqa_status avqa_shard_source_watched(struct avqa_shard_source *out,
                                                      const char *path);
void avqa_shard_source_close(struct avqa_shard_source *source); /* zero is legal */

#endif
