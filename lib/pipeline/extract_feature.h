/* The encoders of one extraction: what they are called in shards and in the catalog,
 * how their rows are kept, and the recipe of a clip's features, which decides whether
 * they are made again. */
#ifndef AVQA_PIPELINE_EXTRACT_FEATURE_H
#define AVQA_PIPELINE_EXTRACT_FEATURE_H

#include "encoder/feature.h"
#include "pipeline/extract.h"
#include "shard/pack.h"

struct avqa_extract_feature {
    struct avqa_feature_encoder *encoder; /* NULL: not asked for */
    const struct avqa_feature_info *info;
    char array[AVQA_SHARD_MAX_NAME + 1]; /* its name in shards */
    struct avqa_npy row;                 /* type and shape of a row */
    size_t row_bytes, item_bytes;
    size_t batch; /* rows computed together */
    bool by_row;  /* large rows, a frame for each */
    enum avqa_shard_encoding encoding;
};

enum avqa_extract_pad { AVQA_EXTRACT_NONE, AVQA_EXTRACT_ZERO, AVQA_EXTRACT_REPEAT };

struct avqa_extract_features {
    struct avqa_extract_feature by_input[AVQA_EXTRACT_N_INPUTS];
    enum avqa_extract_pad pad;
    int64_t max_seconds;
    int level;                 /* of zstd, as the encoding of maps wants it */
    const char *pad_name;      /* borrowed from the config */
    const char *encoding_name; /* of maps; the same */
};

/* What the rows of an encoder are called in shards; preset NULL: as imported, which
 * have the published names whatever their preset is called. */
void avqa_extract_array_name(char name[AVQA_SHARD_MAX_NAME + 1], const char *encoder,
                             const char *preset);

/* Whether there is what is asked for of an input, and it has weights if it needs any.
 */
AVQA_CHECK enum avqa_status
avqa_extract_feature_check(const struct avqa_extract_config *config, size_t input);

/* Makes the encoders that the config asks for. */
AVQA_CHECK enum avqa_status
avqa_extract_features_init(struct avqa_extract_features *features,
                           const struct avqa_extract_config *config);
void avqa_extract_features_release(struct avqa_extract_features *features);

/* Where the pictures and samples come from. */
struct avqa_extract_origin {
    const char *sha256;       /* of the file */
    int64_t start_us, end_us; /* of the stretch; an end of 0 is the file's */
};

/* How the features of an input are made from there, as JSON on one line: equal texts,
 * equal features. The caller frees it. */
char *avqa_extract_recipe(const struct avqa_extract_features *features, size_t input,
                          const struct avqa_extract_origin *origin);

/* Whether two recipes are the same but for the stretch of which file: the encoder, its
 * weights and all options. */
bool avqa_extract_same_way(const char *recipe, const char *other);

/* Adds what a recipe says of how, for people: "logmel:vggish, encoding as-is, ...". */
void avqa_extract_say_way(struct avqa_buf *out, const char *recipe);

/* The recipe with what came of it and who did it: the provenance. */
struct avqa_extract_outcome {
    const struct avqa_extract_feature *feature;
    size_t n_rows, n_padded;
    const char *media; /* "ok", "damaged", ... */
};
struct avqa_json *avqa_extract_provenance(const char *recipe,
                                          const struct avqa_extract_outcome *outcome);

#endif
