/* Where clips end: in shards, one after the other, and in the catalog. A shard has its
 * name first; then the shard, its clips' features, and the clips that have none are
 * written down at once. What a kill leaves between the two is written again by the next
 * run, with the same bytes under the same name. */
#ifndef AVQA_PIPELINE_EXTRACT_SINK_H
#define AVQA_PIPELINE_EXTRACT_SINK_H

#include "catalog/catalog.h"
#include "pipeline/extract_clip.h"

struct avqa_extract_sink;

AVQA_CHECK enum avqa_status
avqa_extract_sink_open(struct avqa_extract_sink **out, struct avqa_catalog *cat,
                       int64_t run_id, const struct avqa_extract_config *config,
                       const struct avqa_extract_plan *plan,
                       struct avqa_extract_counts *counts);
/* Drops a shard that is not whole. NULL is legal. */
void avqa_extract_sink_close(struct avqa_extract_sink *sink);

/* Takes the clips in the order of the plan (an avqa_extract_write_fn). */
enum avqa_status avqa_extract_sink_write(void *sink,
                                         const struct avqa_extract_clip *clip,
                                         const struct avqa_extract_tools *tools);

#endif
