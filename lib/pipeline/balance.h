/* Balancing a split: no answer above a share of its template, by choosing a subset; and
 * what would have to be collected to keep everything (the idea of MUSIC-AVQA-v2, which
 * collected it). */
#ifndef AVQA_PIPELINE_BALANCE_H
#define AVQA_PIPELINE_BALANCE_H

#include "base/json.h"
#include "base/log.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct avqa_balance_config {
    const char *dataset; /* folder */
    const char *split;   /* which one */
    const char *rest;    /* the split that takes what is left out */
    double max_share;    /* above 0, below 1 */
    double min_entropy;  /* 0 to 1, see qa/share.h; 0: any */
    uint64_t seed;       /* decides which of equal questions stay */
    bool dry_run;
    const struct avqa_log *log; /* is asked whether to stop; or NULL */
};

/* Cuts the answers of each template that has one above the share, or too little
 * entropy, at one level, and moves the surplus from `split` to `rest`, in one
 * transaction. `*report` is the caller's: {"questions", "kept", "moved", "templates":
 * [{"template", "answer", "share", "kept_share", "moved", "collect"}]}, one entry for
 * every such template; `collect` is how many questions with other answers
 * would make moving needless. A template with a single answer cannot be balanced:
 * nothing of it is moved. AVQA_ESTOPPED if the log says so; with K different answers
 * none can have less than one K-th. */
AVQA_CHECK enum avqa_status avqa_balance_split(const struct avqa_balance_config *config,
                                               struct avqa_json **report);

#endif
