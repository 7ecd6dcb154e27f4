/* What became of one attempt to bring something over the network, in words that a
 * ledger can count: its class says what a rerun should do with the item, its reason is
 * one word, its detail a sentence. Nothing is done before the bytes were verified. */
#ifndef AVQA_NET_OUTCOME_H
#define AVQA_NET_OUTCOME_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum avqa_net_class {
    AVQA_NET_DONE,
    AVQA_NET_TRANSIENT, /* may go well another time */
    AVQA_NET_PERMANENT, /* will not, unless somebody changes something there */
    AVQA_NET_OURS,      /* this machine's fault: its disk, its limits, its user */
};

struct avqa_net_outcome {
    enum avqa_net_class class;
    bool throttled;         /* the host asked for fewer requests */
    bool host_works;        /* it sent at least some of the file, right or wrong */
    int http_status;        /* of the last response; 0 if there was none */
    char reason[24];        /* "" when done */
    char detail[300];       /* "" when done */
    int64_t bytes;          /* received by this attempt */
    int64_t retry_after_us; /* what the host asked to wait; -1: it did not say */
    int64_t started_us, ended_us; /* wall clock */
};

/* Sets class, reason and detail; the first failure of an attempt is its reason, later
 * ones follow from it and are dropped. */
void avqa_net_fail(struct avqa_net_outcome *o, enum avqa_net_class class,
                   const char *reason, const char *fmt, ...) AVQA_PRINTF(4, 5);

bool avqa_net_failed(const struct avqa_net_outcome *o);

/* What an HTTP status of 400 or more, or another one that carries no file, means. */
void avqa_net_fail_status(struct avqa_net_outcome *o, int http_status);

/* "transient", "permanent", "ours"; "done". */
const char *avqa_net_class_name(enum avqa_net_class class);

#endif
