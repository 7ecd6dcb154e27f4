/* Clips become features in shards. Every clip with a file is decoded once, its pictures
 * and sound go through the encoders, and what they give is written into shards of
 * blocks of a fixed number of clips, in the order of the clips' names. The bytes of a
 * shard follow from its clips and the options alone, on processors of the same kind.
 *
 * A shard and all that is told of it go into the catalog at once, so a run that is
 * killed keeps whole shards and the next one does the rest. A clip that gives no
 * features has its reason in the catalog and stops nothing. */
#ifndef AVQA_PIPELINE_EXTRACT_H
#define AVQA_PIPELINE_EXTRACT_H

#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/status.h"
#include "pipeline/remarks.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AVQA_EXTRACT_PER_SHARD 64   /* clips, unless told otherwise */
enum { AVQA_EXTRACT_N_INPUTS = 2 }; /* picture, sound */
/* Of a clip in memory, prepared inputs and rows together: 15 minutes of maps. */
#define AVQA_EXTRACT_CLIP_BYTES ((size_t)512 << 20)

struct avqa_extract_config {
    const char *dataset;
    /* NAME or NAME:PRESET by input (picture, sound); NULL: not asked for */
    const char *encoders[AVQA_EXTRACT_N_INPUTS];
    const char *weights;   /* a folder, or "random:SEED"; or NULL */
    const char *encoding;  /* of maps: "sparse16", "fp16", "fp32" */
    const char *precision; /* "f32", "bf16" */
    const char *pad;       /* "none", "zero", "repeat" */
    int64_t max_seconds;   /* of a clip; 0: all */
    int64_t rank, world;   /* this run does every world-th shard, from the rank-th on */
    int64_t per_shard;     /* clips */
    size_t n_jobs;         /* 0: one per core */
    bool replace;          /* features that were made otherwise are made anew */
    bool dry_run;
    const struct avqa_log *log;
};

struct avqa_extract_shard {
    char *path; /* relative to the dataset's folder */
    int64_t bytes, n_samples;
    char sha256[AVQA_SHA256_HEX];
};

struct avqa_extract_counts {
    int64_t clips, rows;         /* that features were made of */
    int64_t unchanged, imported; /* clips that have theirs */
    int64_t elsewhere;           /* clips of other ranks */
    int64_t failed, known;       /* clips without; `known`: since an earlier run */
    int64_t flawed;              /* made of a file that is damaged or cut */
    int64_t to_do, to_write;     /* clips and shards, before anything was done */
    struct avqa_remarks failures, remarks;
    struct avqa_extract_shard *shards; /* written */
    size_t n_shards, cap_shards;
    int64_t decode_us, input_us[AVQA_EXTRACT_N_INPUTS], write_us; /* of all threads */
    int64_t wall_us, cpu_us;
    int64_t memory_bytes; /* what work spaces and clips may take, at most */
};

void avqa_extract_counts_release(struct avqa_extract_counts *counts);
struct avqa_json *avqa_extract_counts_json(const struct avqa_extract_counts *counts);

/* Whether the options make sense, as far as that is known without the dataset and the
 * weights' files: encoders and presets, weights named where networks need them, rank
 * and world. */
AVQA_CHECK enum avqa_status
avqa_extract_check(const struct avqa_extract_config *config);

/* `counts` starts zero and is filled on failure too. A clip without features is no
 * failure of the command. A dry run makes nothing and counts what would be done.
 * AVQA_EEXIST, before any work: a clip has features of the encoder that were made with
 * another preset, weights or options, and `replace` is not set. */
AVQA_CHECK enum avqa_status avqa_extract(const struct avqa_extract_config *config,
                                         struct avqa_extract_counts *counts);

#endif
