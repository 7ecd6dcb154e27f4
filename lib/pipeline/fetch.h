/* Downloads the sources that have a url and no file, into media/ of the dataset.
 *
 * Every attempt is a row of the ledger with its true reason; what is recorded as there
 * was verified. A rerun does exactly what is missing: what was never tried, what failed
 * for the moment or by this machine's fault, and files that have gone; with
 * `retry_permanent` also what a server refused for good. A kill at any moment loses
 * nothing: whole files are found again, parts are continued. */
#ifndef AVQA_PIPELINE_FETCH_H
#define AVQA_PIPELINE_FETCH_H

#include "base/json.h"
#include "base/log.h"
#include "base/status.h"
#include "net/governor.h"
#include "net/resolver.h"
#include "net/transfer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* Sources that failed for one reason, by their last attempt of this run. */
struct avqa_fetch_reason {
    char word[24];
    enum avqa_net_class class;
    int64_t n;
};

enum { AVQA_FETCH_MAX_REASONS = 64 };

struct avqa_fetch_counts {
    int64_t sources; /* with a url, their own or the template's */
    int64_t present; /* their file was there before */
    int64_t refused; /* failed for good in an earlier run, not tried again */
    int64_t pending; /* what this run set out to do */
    int64_t fetched; /* of these, downloaded */
    int64_t found;   /* of these, whole in media/ though not recorded */
    int64_t same;    /* of the fetched, the bytes of another source: one file */
    int64_t failed;  /* of these; what is left was stopped */
    int64_t attempts;
    int64_t pauses; /* of hosts */
    int64_t bytes;  /* received */
    double seconds;
    struct avqa_fetch_reason reasons[AVQA_FETCH_MAX_REASONS];
    size_t n_reasons;
};

/* `counts` starts zero and is filled on failure too. AVQA_ESTOPPED if the log's user
 * asked to stop. Sources that failed are no failure of this function. */
AVQA_CHECK enum avqa_status avqa_fetch(const struct avqa_fetch_config *config,
                                       struct avqa_fetch_counts *counts);

/* As --json prints them. `*out` is the caller's. */
struct avqa_json *avqa_fetch_counts_json(const struct avqa_fetch_counts *counts);

#endif
