/* Which features there are of which clips: shards, and the place of each clip in one. A
 * clip has the features of an encoder once. */
#ifndef AVQA_CATALOG_FEATURE_H
#define AVQA_CATALOG_FEATURE_H

#include "catalog/catalog.h"

#include <stdbool.h>
#include <stdint.h>

struct avqa_feature_shard {
    const char *path; /* relative to the dataset's folder */
    int64_t bytes, n_samples;
    const char *sha256;
    const char *encoding; /* of its maps */
};

struct avqa_feature {
    int64_t clip_id, shard_id;
    const char *encoder;
    int64_t sample; /* its place in the shard, from 0 */
    int64_t n_rows;
    const char *provenance; /* JSON */
};

/* Writes for one run. */
struct avqa_feature_store;
AVQA_CHECK enum avqa_status avqa_feature_store_open(struct avqa_feature_store **out,
                                                    struct avqa_catalog *cat,
                                                    int64_t run_id);
void avqa_feature_store_close(struct avqa_feature_store *store); /* NULL is legal */

/* The id of the clip that is seen and heard in the video `name`; 0 if there is none. */
AVQA_CHECK enum avqa_status avqa_feature_clip(struct avqa_feature_store *store,
                                              const char *name, int64_t *clip_id);

/* The shard with the clip's features of this encoder, and the bytes that it has by the
 * catalog; *path is NULL if there are none. The caller frees it. */
AVQA_CHECK enum avqa_status avqa_feature_where(struct avqa_feature_store *store,
                                               int64_t clip_id, const char *encoder,
                                               char **path, int64_t *bytes);

/* The number behind the highest in the paths "shards/NNNNNN.tar.zst"; 0 at first. */
AVQA_CHECK enum avqa_status avqa_feature_next_shard(struct avqa_feature_store *store,
                                                    int64_t *number);

AVQA_CHECK enum avqa_status
avqa_feature_add_shard(struct avqa_feature_store *store,
                       const struct avqa_feature_shard *shard, int64_t *id);

/* Replaces what the catalog says of the clip and this encoder. */
AVQA_CHECK enum avqa_status avqa_feature_add(struct avqa_feature_store *store,
                                             const struct avqa_feature *feature);

/* Forgets shards that no feature is in any more. Their files stay. */
AVQA_CHECK enum avqa_status avqa_feature_drop_shards(struct avqa_feature_store *store);

#endif
