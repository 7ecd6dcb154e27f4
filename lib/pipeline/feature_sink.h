/* Where features that are imported end: in shards, one after the other, and in the
 * catalog. A shard has its name before its rows; what a kill leaves between the two is
 * written again under the same number, with the same bytes. */
#ifndef AVQA_PIPELINE_FEATURE_SINK_H
#define AVQA_PIPELINE_FEATURE_SINK_H

#include "base/status.h"
#include "catalog/catalog.h"
#include "catalog/extraction.h"
#include "pipeline/feature_file.h"
#include "pipeline/import_features.h"
#include "shard/pack.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AVQA_FEATURE_STAGE "import features" /* in the ledger */

/* What an import works with. */
struct avqa_feature_run {
    const struct avqa_import_features_config *config;
    struct avqa_import_features_counts *counts;
    enum avqa_shard_encoding encoding;
    struct avqa_catalog *cat;
    struct avqa_extraction_store *store;
    int64_t run_id;
};

struct avqa_feature_sink;

/* `run` is borrowed. */
AVQA_CHECK enum avqa_status avqa_feature_sink_open(struct avqa_feature_sink **out,
                                                   const struct avqa_feature_run *run);
/* Drops a shard that is not whole. NULL is legal. */
void avqa_feature_sink_close(struct avqa_feature_sink *sink);

/* Whether the clip has features of the file's encoder in a shard that is there, with
 * the size that the catalog knows; if not so but it should, the user is told. */
AVQA_CHECK enum avqa_status avqa_feature_sink_has(struct avqa_feature_sink *sink,
                                                  const struct avqa_feature_file *file,
                                                  int64_t clip_id, bool *there);

/* Takes the files of one clip, which were read, as a sample. */
AVQA_CHECK enum avqa_status avqa_feature_sink_add(struct avqa_feature_sink *sink,
                                                  struct avqa_feature_file **files,
                                                  size_t n, int64_t clip_id);

/* Ends the shard in hand, if there is one. */
AVQA_CHECK enum avqa_status avqa_feature_sink_finish(struct avqa_feature_sink *sink);

#endif
