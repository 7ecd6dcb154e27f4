/* One clip on its way to a shard: decoded into prepared inputs, encoded row by row
 * (together with rows of other clips), then packed. Each step is done by one thread at
 * a time; which one does not matter. */
#ifndef AVQA_PIPELINE_EXTRACT_CLIP_H
#define AVQA_PIPELINE_EXTRACT_CLIP_H

#include "media/verdict.h"
#include "pipeline/extract_feature.h"
#include "pipeline/extract_plan.h"
#include "shard/frame.h"
#include "shard/pack.h"

/* What one input gives. */
struct avqa_extract_part {
    unsigned char *items, *rows;
    size_t n, cap_items;    /* items; `n` rows come of them */
    size_t n_begun, n_done; /* rows */
    size_t n_rows;          /* with padding; set when the clip is packed */
    const char *reason;     /* why there are none; NULL */
    char detail[AVQA_VERDICT_REASON + 64];
};

struct avqa_extract_clip {
    const struct avqa_extract_item *item;
    const struct avqa_extract_features *features;
    struct avqa_extract_part parts[AVQA_EXTRACT_N_INPUTS];
    size_t n_seconds;               /* as long as its longest input */
    const char *media;              /* the verdict on its file */
    char flaw[AVQA_VERDICT_REASON]; /* "" if nothing is to be said of the file */
    int64_t started_us, ended_us;
    struct avqa_shard_packed *packed;        /* NULL if it has no features */
    char *provenance[AVQA_EXTRACT_N_INPUTS]; /* of those it has */
};

/* A thread's tools. */
struct avqa_extract_tools {
    struct avqa_feature_work *work[AVQA_EXTRACT_N_INPUTS]; /* by encoder, or NULL */
    struct avqa_packer *packer;
    const struct avqa_log *log;
};

/* Bytes that one clip takes, at most. */
size_t avqa_extract_clip_bytes(void);

/* Decodes the file. What it is, is in the parts' reasons; a failure is one of ours. The
 * rows are allocated. */
AVQA_CHECK enum avqa_status
avqa_extract_clip_decode(struct avqa_extract_clip *clip,
                         const struct avqa_extract_tools *tools);

/* Pads what is to be padded and packs the sample. */
AVQA_CHECK enum avqa_status avqa_extract_clip_pack(struct avqa_extract_clip *clip,
                                                   const struct avqa_extract_tools *t);

void avqa_extract_clip_release(struct avqa_extract_clip *clip);

#endif
