/* Clips as stretches of files: what is to be cut from where, and what was. */
#ifndef AVQA_CATALOG_FOOTAGE_H
#define AVQA_CATALOG_FOOTAGE_H

#include "catalog/catalog.h"

#include <stdint.h>

struct avqa_footage {
    int64_t clip_id, source_id;
    const char *clip;              /* its picture, which is its sound too */
    const char *method;            /* or NULL */
    int64_t start_us, duration_us; /* or AVQA_CLIP_UNKNOWN */
    const char *path;              /* of the clip's file, or NULL */
    int64_t bytes;                 /* of it */
    const char *recipe;            /* how it was cut, or NULL */
    const char *source;            /* name */
    const char *source_path;       /* relative to the dataset's folder, or absolute */
    const char *source_sha256;
    int64_t source_duration_us; /* 0 if not known */
};

/* Calls `fn` for every clip of a source with a file, in order of id; a clip whose sound
 * was exchanged is none. Strings are borrowed for the call. */
typedef enum avqa_status avqa_footage_fn(void *user, const struct avqa_footage *f);
AVQA_CHECK enum avqa_status avqa_footage_each(struct avqa_catalog *cat,
                                              avqa_footage_fn *fn, void *user);

/* Calls `fn` for every source with a file: only what begins with source_ is filled in.
 */
AVQA_CHECK enum avqa_status avqa_footage_source_each(struct avqa_catalog *cat,
                                                     avqa_footage_fn *fn, void *user);

/* A clip's file, once it is there. */
struct avqa_footage_file {
    int64_t clip_id, bytes;
    const char *path, *sha256, *recipe;
};

AVQA_CHECK enum avqa_status avqa_footage_put(struct avqa_catalog *cat,
                                             const struct avqa_footage_file *f);

#endif
