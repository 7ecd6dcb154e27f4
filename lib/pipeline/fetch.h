/* Downloads the sources that have a url and no file, into media/ of the dataset.
 *
 * Every attempt is a row of the ledger with its true reason; what is recorded as there
 * was verified. A rerun does exactly what is missing: what was never tried, what failed
 * for the moment or by this machine's fault, and files that have gone; with
 * `retry_permanent` also what a server refused for good. A kill at any moment loses
 * nothing: whole files are found again, parts are continued. */
#ifndef AVQA_PIPELINE_FETCH_H
#define AVQA_PIPELINE_FETCH_H

#include "base/log.h"
#include "base/status.h"
#include "net/governor.h"
#include "net/resolver.h"
#include "net/transfer.h"
#include "pipeline/fetch_counts.h"

#include <stdbool.h>

struct avqa_fetch_config {
    const char *dataset;
    struct avqa_transfer_options transfer;
    struct avqa_governor_options governor;
    struct avqa_resolver_options resolver;
    const char *url_template; /* for sources without a url: {id} is the video id in it;
                               * NULL: they are left out */
    bool retry_permanent;
    bool dry_run;
    const struct avqa_log *log;
};

/* `counts` starts zero and is filled on failure too. AVQA_ESTOPPED if the log's user
 * asked to stop. Sources that failed are no failure of this function. */
AVQA_CHECK enum avqa_status avqa_fetch(const struct avqa_fetch_config *config,
                                       struct avqa_fetch_counts *counts);

#endif
