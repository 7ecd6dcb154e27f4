/* A tree of published features (.npy files named by video ids) becomes shards: maps
 * [T, 512, 14, 14] of the picture and vectors [T, 128] of the sound, told apart by
 * their shape. A shard and the rows about it come into the catalog together, so that a
 * run that was stopped or killed is continued by the next one. */
#ifndef AVQA_PIPELINE_IMPORT_FEATURES_H
#define AVQA_PIPELINE_IMPORT_FEATURES_H

#include "base/json.h"
#include "base/log.h"
#include "base/status.h"
#include "pipeline/remarks.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_import_features_config {
    const char *dataset;
    const char *const *paths; /* files and folders */
    size_t n_paths;
    const char *encoding; /* sparse16, fp16 or fp32; of the maps */
    const char *preset;   /* what the features are said to be made with */
    int64_t shard_bytes;  /* a shard that has so many is ended */
    int level;            /* of zstd; 0: as suits the encoding */
    bool dry_run;
    const struct avqa_log *log;
};

struct avqa_import_features_counts {
    int64_t files, clips, rows; /* rows: of maps and vectors, as they came */
    int64_t shards, bytes;      /* written */
    int64_t unchanged;          /* files whose features are there already */
    int64_t failed, ignored;
    int64_t absent; /* of the failed: paths with nothing there, which are no items */
    struct avqa_remarks failures; /* the first */
};

void avqa_import_features_counts_release(struct avqa_import_features_counts *counts);
struct avqa_json *
avqa_import_features_counts_json(const struct avqa_import_features_counts *counts);

/* `counts` starts zero and is filled on failure too. A file that cannot be imported is
 * no failure of the command; its reason is in the ledger. */
AVQA_CHECK enum avqa_status
avqa_import_features(const struct avqa_import_features_config *config,
                     struct avqa_import_features_counts *counts);

#endif
