/* Sources: videos as their sites or owners have them, and the files they became. */
#ifndef AVQA_CATALOG_SOURCE_H
#define AVQA_CATALOG_SOURCE_H

#include "base/buf.h"
#include "catalog/catalog.h"

#include <stdbool.h>
#include <stdint.h>

struct avqa_source {
    int64_t id;
    const char *name, *url;    /* url NULL: nobody said where it is */
    const char *path, *sha256; /* of its file, NULL if there is none */
    int64_t bytes;             /* -1 if there is none */
    const char *last_outcome,
        *last_class;             /* of its last attempt to be fetched, or NULL */
    int64_t expected_bytes;      /* as its manifest says; -1 if it does not */
    const char *expected_sha256; /* NULL if it does not */
};

/* Calls `fn` for every source, in order of id but those that failed most
 * often last: what always fails must not keep a run from what would go well. Strings
 * are borrowed for the call. */
typedef enum avqa_status avqa_source_fn(void *user, const struct avqa_source *source);
AVQA_CHECK enum avqa_status avqa_source_each(struct avqa_catalog *cat,
                                             avqa_source_fn *fn, void *user);

/* Records the file of a source. `path` is relative to the dataset's folder. What was
 * measured of other bytes is forgotten. */
AVQA_CHECK enum avqa_status avqa_source_set_file(struct avqa_catalog *cat, int64_t id,
                                                 const char *path, int64_t bytes,
                                                 const char *sha256);

/* The path of a file with these bytes, appended to `path`; nothing if there is none. */
AVQA_CHECK enum avqa_status avqa_source_find_file(struct avqa_catalog *cat,
                                                  const char *sha256, int64_t bytes,
                                                  struct avqa_buf *path);

#endif
