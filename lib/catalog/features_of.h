/* Where the features of clips are, as those ask who read them: a row for each clip that
 * an encoder has features of. */
#ifndef AVQA_CATALOG_FEATURES_OF_H
#define AVQA_CATALOG_FEATURES_OF_H

#include "catalog/catalog.h"

#include <stdint.h>

struct avqa_features_of {
    int64_t clip_id;
    const char *encoder;
    const char *shard; /* path, relative to the dataset's folder */
    int64_t sample, n_rows;
    const char *provenance; /* JSON */
};

/* Strings are borrowed for the call. */
typedef enum avqa_status avqa_features_of_fn(void *user,
                                             const struct avqa_features_of *features);

/* Calls `fn` for every encoder that has features of a clip which the split asks about,
 * in the order of names, with one of these clips. */
AVQA_CHECK enum avqa_status avqa_features_of_split(struct avqa_catalog *cat,
                                                   int64_t split_id,
                                                   avqa_features_of_fn *fn, void *user);

/* Calls `fn` for every clip with features of this encoder, shard by shard, in their
 * order there. */
AVQA_CHECK enum avqa_status avqa_features_of_encoder(struct avqa_catalog *cat,
                                                     const char *encoder,
                                                     avqa_features_of_fn *fn,
                                                     void *user);

#endif
