/* A stage's entry in the ledger of runs. */
#ifndef AVQA_PIPELINE_STAGE_RUN_H
#define AVQA_PIPELINE_STAGE_RUN_H

#include "base/json.h"
#include "base/status.h"
#include "catalog/catalog.h"

#include <stdbool.h>
#include <stdint.h>

/* Begins a run in the open transaction. `options` are taken, on failure too. */
AVQA_CHECK enum avqa_status avqa_stage_start(int64_t *run_id, struct avqa_catalog *cat,
                                             const char *stage,
                                             struct avqa_json *options);
/* How it ended. */
struct avqa_stage_end {
    bool whole;               /* nothing failed */
    bool changed;             /* the dataset is not as it was */
    struct avqa_json *counts; /* taken, on failure too */
};

/* Ends it in a transaction of its own. */
AVQA_CHECK enum avqa_status avqa_stage_finish(struct avqa_catalog *cat, int64_t run_id,
                                              const struct avqa_stage_end *end);
/* The same within the open transaction. */
AVQA_CHECK enum avqa_status avqa_stage_end(struct avqa_catalog *cat, int64_t run_id,
                                           const struct avqa_stage_end *end);

#endif
