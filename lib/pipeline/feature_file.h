/* A file of features as somebody else extracted them: one NPY array, whose shape says
 * what it is of and whose name says which clip. Nothing is guessed: another shape or
 * type, or a file that is not whole, is refused. */
#ifndef AVQA_PIPELINE_FEATURE_FILE_H
#define AVQA_PIPELINE_FEATURE_FILE_H

#include "base/buf.h"
#include "base/hash.h"
#include "base/status.h"
#include "shard/npy.h"

#include <stdbool.h>
#include <stddef.h>

/* What features look like: rows of this shape. */
struct avqa_feature_kind {
    const char *encoder, *array;
    size_t n_dims, dims[AVQA_NPY_MAX_DIMS]; /* dims[0]: any number of rows */
    bool by_row;
};

enum { AVQA_FEATURE_KINDS = 2 };

struct avqa_feature_file {
    const char *path; /* borrowed */
    char *name;       /* of its clip; owned */
    const struct avqa_feature_kind *kind;
    struct avqa_npy npy;
    struct avqa_buf bytes; /* its rows, while they are in hand */
    char sha256[AVQA_SHA256_HEX];
};

/* Looks into the header. What is no such file, or cannot be read, fails with a
 * sentence, and `*reason` is a word for it; then there is nothing to release. */
AVQA_CHECK enum avqa_status avqa_feature_file_look(struct avqa_feature_file *out,
                                                   const char *path,
                                                   const char **reason);
void avqa_feature_file_release(struct avqa_feature_file *file);

/* Reads the rows and hashes the file; AVQA_EFORMAT if its bytes are not those of its
 * header. */
AVQA_CHECK enum avqa_status avqa_feature_file_read(struct avqa_feature_file *file);

/* For qsort: by the clip's name, then kind, then path. */
int avqa_feature_file_order(const void *a, const void *b);

#endif
