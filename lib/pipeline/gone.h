/* Failures of files that are no longer there: what somebody removed need not be told
 * for ever. */
#ifndef AVQA_PIPELINE_GONE_H
#define AVQA_PIPELINE_GONE_H

#include "base/status.h"
#include "catalog/catalog.h"

#include <stddef.h>
#include <stdint.h>

/* Of the files and folders that an import was given, what failed at its last attempt
 * and is not there now is noted as skipped, so that it counts as failed no more. In the
 * open transaction. */
AVQA_CHECK enum avqa_status avqa_gone_skip(struct avqa_catalog *cat, int64_t run_id,
                                           const char *stage, const char *const *paths,
                                           size_t n_paths);

#endif
