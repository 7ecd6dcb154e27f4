/* Work shared out to threads: a parallel loop over items that do not depend on each
 * other. Items are handed out in order; results go where the item says, so the outcome
 * is the same for any number of workers. */
#ifndef AVQA_BASE_POOL_H
#define AVQA_BASE_POOL_H

#include "base/status.h"

#include <stddef.h>

/* Works on item `i`; called from several threads at once. */
typedef enum avqa_status avqa_pool_fn(void *user, size_t i);

/* Runs fn for 0 <= i < n_items on up to `n_jobs` threads (0 = one per core). Returns
 * the status of the lowest failing item, with its message; later items are then
 * skipped. */
AVQA_CHECK enum avqa_status avqa_pool_run(size_t n_jobs, size_t n_items,
                                          avqa_pool_fn *fn, void *user);

#endif
