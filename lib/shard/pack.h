/* A sample as it will stand in a shard: frames in memory, made by any thread and added
 * by one (writer.h), so that the bytes of a shard do not depend on who was faster. */
#ifndef AVQA_SHARD_PACK_H
#define AVQA_SHARD_PACK_H

#include "base/buf.h"
#include "base/json.h"
#include "base/status.h"
#include "shard/frame.h"
#include "shard/index.h"
#include "shard/npy.h"

#include <stdbool.h>
#include <stddef.h>

/* How an array is kept. */
enum avqa_shard_encoding {
    AVQA_SHARD_AS_IS,
    AVQA_SHARD_SPARSE16, /* bit mask and 16-bit values */
    AVQA_SHARD_FP16,
    AVQA_SHARD_FP32,
};

/* "as-is", "sparse16", "fp16", "fp32". Static. */
const char *avqa_shard_encoding_name(enum avqa_shard_encoding encoding);
bool avqa_shard_encoding_find(enum avqa_shard_encoding *out, const char *name);

/* An array to be kept. Encodings other than as-is take f4 and f2; sparse16 has rows. */
struct avqa_shard_input {
    const char *name; /* "res14"; see avqa_shard_check_name */
    struct avqa_npy npy;
    const void *data; /* C order, little-endian */
    bool by_row;      /* a frame for each row; else it stands whole in the head frame */
    enum avqa_shard_encoding encoding;
};

/* A clip's features. */
struct avqa_shard_clip {
    const char *key;                    /* see avqa_shard_check_key */
    const char *clip;                   /* the clip's own name */
    const char *source;                 /* the video it is of, or NULL */
    const struct avqa_json *provenance; /* an object: who made this of what; or NULL */
    const struct avqa_shard_input *arrays;
    size_t n_arrays; /* arrays in the head frame come first, else in this order */
};

struct avqa_shard_packed {
    struct avqa_buf bytes; /* the frames, one after the other */
    struct avqa_frame *frames;
    size_t n_frames, cap_frames;
    uint64_t plain;                  /* bytes of the tar */
    struct avqa_shard_sample sample; /* places count from its own beginning */
};

/* Packs one clip. `*out` is yours. AVQA_EINVAL names the clip and the array that cannot
 * be kept as asked. */
AVQA_CHECK enum avqa_status avqa_shard_pack(struct avqa_shard_packed **out,
                                            struct avqa_packer *packer,
                                            const struct avqa_shard_clip *clip);
void avqa_shard_packed_free(struct avqa_shard_packed *packed); /* NULL is legal */

#endif
