/* Looking into shards, wherever they are: a path, or http(s):// or s3://, of which only
 * what is needed is transferred. What avqa shard does; see docs/shards.md. */
#ifndef AVQA_PIPELINE_SHARDS_H
#define AVQA_PIPELINE_SHARDS_H

#include "base/io.h"
#include "base/json.h"
#include "base/log.h"
#include "base/status.h"
#include "net/range.h"
#include "shard/pack.h"
#include "shard/shard.h"

#include <stdbool.h>
#include <stddef.h>

/* Opens a shard by path or URL. Texts in the options are borrowed until it is closed.
 * `*out` is yours. */
AVQA_CHECK enum avqa_status avqa_shards_open(struct avqa_shard **out, const char *place,
                                             const struct avqa_net_range_options *net);

struct avqa_shards_config {
    const char *const *places; /* paths and URLs */
    size_t n_places;
    struct avqa_net_range_options net;
    const struct avqa_log *log;
};

/* {"shards":[{"path","bytes","frames","samples":[{"key","arrays":[{"name","encoding",
 * "dtype","shape","bytes","float32_bytes"}]}]}]}; "bytes" of an array is null where it
 * stands in the head frame with others. */
AVQA_CHECK enum avqa_status avqa_shards_list(struct avqa_json **out,
                                             const struct avqa_shards_config *config);

/* {"shards":[{"path","bytes","samples","problems":[...],"n_problems"}],"bad"}; a shard
 * that does not open is one with a problem. */
AVQA_CHECK enum avqa_status avqa_shards_verify(struct avqa_json **out, size_t *n_bad,
                                               const struct avqa_shards_config *config);

/* What to take out of one shard. */
struct avqa_shards_cat {
    const char *key;
    const char *array; /* NULL: KEY.json */
    const char *rows;  /* "3", "3..5" (half-open), NULL: all */
    bool as_stored;    /* else 16-bit maps become float32 */
};

/* Writes it to an open output: JSON, or one NPY file. */
AVQA_CHECK enum avqa_status avqa_shards_cat(struct avqa_out *out,
                                            const struct avqa_shards_config *config,
                                            const struct avqa_shards_cat *what);

/* Writes FOLDER/NAME.tar for each shard (tar), or FOLDER/ARRAY/KEY.npy for each array
 * (npy); either folder may be NULL. {"shards","tars","files"}. AVQA_EEXIST if a
 * file would replace one that this call has written. */
AVQA_CHECK enum avqa_status avqa_shards_export(struct avqa_json **out,
                                               const struct avqa_shards_config *config,
                                               const char *tar, const char *npy);

/* Writes one shard anew in another encoding; AVQA_EEXIST if `path` is there.
 * {"path","bytes","samples","sha256", "from_bytes"}. */
AVQA_CHECK enum avqa_status
avqa_shards_convert(struct avqa_json **out, const struct avqa_shards_config *config,
                    const char *path, enum avqa_shard_encoding encoding, int level);

#endif
