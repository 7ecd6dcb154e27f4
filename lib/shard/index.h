/* What is in a shard: its samples with their members, where each begins, and what it
 * must hash to. The last member of the tar, `__index__`, is this as JSON. It carries
 * the SHA-256 of the seek table's entries before it, so that table and index vouch for
 * each other: frames cannot change places unnoticed. */
#ifndef AVQA_SHARD_INDEX_H
#define AVQA_SHARD_INDEX_H

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/status.h"
#include "shard/frame.h"
#include "shard/npy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AVQA_SHARD_INDEX_NAME "__index__" /* no dot: WebDataset readers skip it */

enum {
    AVQA_SHARD_VERSION = 1,
    AVQA_SHARD_MAX_KEY = 255,        /* bytes */
    AVQA_SHARD_MAX_NAME = 64,        /* of an array */
    AVQA_SHARD_MAX_SUFFIX = 80,      /* NAME_mask.npy */
    AVQA_SHARD_MAX_MEMBERS = 64,     /* of a sample */
    AVQA_SHARD_MAX_INDEX = 64 << 20, /* bytes of JSON */
    AVQA_SHARD_INDEX_RATIO = 100,    /* hashes do not compress better than that */
};

struct avqa_shard_member {
    char suffix[AVQA_SHARD_MAX_SUFFIX + 1]; /* "json", "vggish.npy", "res14_nz.npy" */
    bool is_array;
    struct avqa_npy npy;   /* as it is stored */
    struct avqa_npy dense; /* of a mask: what the pair expands to; no dimensions else */
    uint64_t at;           /* where its content begins in the tar */
    uint64_t bytes;        /* of its content, with the NPY header */
    size_t row_frame;      /* the frame of its first row; 0: it is in the head frame */
    char sha256[AVQA_SHA256_HEX]; /* of its content */
};

struct avqa_shard_sample {
    char *key;
    size_t frame; /* its head frame */
    struct avqa_shard_member *members;
    size_t n_members;
};

struct avqa_shard_index {
    struct avqa_shard_sample *samples;
    size_t n_samples;
    size_t n_frames;                     /* before the index's own */
    char frames_sha256[AVQA_SHA256_HEX]; /* of their entries in the seek table */
    char packed_sha256[AVQA_SHA256_HEX]; /* of their bytes; for verify */
};

void avqa_shard_sample_release(struct avqa_shard_sample *sample);
void avqa_shard_index_release(struct avqa_shard_index *index); /* zero is legal */

/* Whether a text can be a key: 1 to 255 bytes of UTF-8 without dot, slash, space and
 * control bytes, and not beginning with "__". */
AVQA_CHECK enum avqa_status avqa_shard_check_key(const char *key);
/* Appends the key of a clip called `name`: bytes that a key cannot have, % and + as
 * %XX. So a + stands free to join the keys of two names. */
void avqa_shard_make_key(struct avqa_buf *out, const char *name);
/* The name that a key was made of; NULL if it is no such key (or of two names). Caller
 * frees. */
char *avqa_shard_key_name(const char *key);
/* Whether a text can be an array's name: 1 to 64 of a-z, 0-9 and _, not ending in
 * "_mask" or "_nz". */
AVQA_CHECK enum avqa_status avqa_shard_check_name(const char *name);

/* The digest over the table entries of n frames. */
void avqa_shard_frames_sha256(char hex[AVQA_SHA256_HEX],
                              const struct avqa_frame *frames, size_t n);

/* Appends the index as JSON. */
void avqa_shard_index_print(struct avqa_buf *out, const struct avqa_shard_index *index);

/* Reads an index; everything that can be judged without the seek table is judged.
 * AVQA_EFORMAT says what is wrong, AVQA_EVERSION that a newer program wrote it. */
AVQA_CHECK enum avqa_status avqa_shard_index_parse(struct avqa_shard_index *out,
                                                   const char *text, size_t len);

/* Compares an index with the seek table's frames (all of them, with the two behind the
 * samples): every frame must belong to exactly the member that the index says. */
AVQA_CHECK enum avqa_status
avqa_shard_index_check(const struct avqa_shard_index *index,
                       const struct avqa_frame_place *places, size_t n_frames);

/* Bytes of the NPY header of a member that has a frame for each row. */
#define AVQA_SHARD_ROW_HEADER 512

#endif
