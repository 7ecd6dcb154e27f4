/* The flow of clips through decoding, encoding and packing to writing. Every thread
 * does whatever is furthest along: write what is next, pack what is encoded, encode a
 * full batch, else decode one more clip. So memory stays bounded (a window of clips
 * before the one to be written next) and no thread waits while there is work.
 *
 * Rows are encoded in batches of rows of any clips; a row does not depend on the others
 * (extract_batch.h), clips are written in order, and so the result does not depend on
 * the threads. */
#ifndef AVQA_PIPELINE_EXTRACT_FLOW_H
#define AVQA_PIPELINE_EXTRACT_FLOW_H

#include "pipeline/extract_clip.h"

/* Called for each clip in the order of the plan, by one thread at a time. */
typedef enum avqa_status avqa_extract_write_fn(void *user,
                                               const struct avqa_extract_clip *clip,
                                               const struct avqa_extract_tools *tools);

struct avqa_extract_flow_config {
    const struct avqa_extract_plan *plan;
    const struct avqa_extract_features *features;
    size_t n_jobs; /* at least 1 */
    avqa_extract_write_fn *write;
    void *user;
    const struct avqa_log *log;
};

/* Threads for 0 jobs: one per core, bounded. */
size_t avqa_extract_flow_jobs(size_t n_jobs);

/* Bytes that a flow of so many threads takes at most. */
size_t avqa_extract_flow_bytes(const struct avqa_extract_features *features,
                               size_t n_jobs);

/* Adds the time of each stage to `counts`. */
AVQA_CHECK enum avqa_status
avqa_extract_flow_run(const struct avqa_extract_flow_config *config,
                      struct avqa_extract_counts *counts);

#endif
