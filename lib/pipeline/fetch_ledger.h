/* What a fetch writes down: its run, and every attempt at a source. Rows are committed
 * together, twice a second, because each commit waits for the disk. */
#ifndef AVQA_PIPELINE_FETCH_LEDGER_H
#define AVQA_PIPELINE_FETCH_LEDGER_H

#include "base/status.h"
#include "catalog/catalog.h"
#include "pipeline/fetch.h"
#include "pipeline/fetch_plan.h"

#include <stdbool.h>
#include <stdint.h>

struct avqa_fetch_ledger {
    struct avqa_catalog *cat;
    struct avqa_fetch_counts *counts;
    int64_t run_id;
    int64_t began_us; /* when the open transaction began; 0: none is open */
};

/* Begins the run. `ledger` has its catalog and counts, and is zero else. */
AVQA_CHECK enum avqa_status
avqa_fetch_ledger_start(struct avqa_fetch_ledger *ledger,
                        const struct avqa_fetch_config *config);
/* Ends it: done if it is whole, else partly. */
AVQA_CHECK enum avqa_status avqa_fetch_ledger_finish(struct avqa_fetch_ledger *ledger,
                                                     bool whole);

/* To be called before rows are written: sees to it that a transaction is open. */
AVQA_CHECK enum avqa_status avqa_fetch_ledger_begin(struct avqa_fetch_ledger *ledger);
AVQA_CHECK enum avqa_status avqa_fetch_ledger_commit(struct avqa_fetch_ledger *ledger);
/* Commits if the open transaction is half a second old. */
AVQA_CHECK enum avqa_status
avqa_fetch_ledger_commit_old(struct avqa_fetch_ledger *ledger);

/* Writes the last attempt at an item down and counts it; `outcome` is "done", "failed"
 * or "skipped". */
AVQA_CHECK enum avqa_status
avqa_fetch_ledger_attempt(struct avqa_fetch_ledger *ledger,
                          const struct avqa_fetch_item *item, const char *outcome);

#endif
