/* What a run of fetch did, in numbers. */
#ifndef AVQA_PIPELINE_FETCH_COUNTS_H
#define AVQA_PIPELINE_FETCH_COUNTS_H

#include "base/json.h"
#include "net/outcome.h"

#include <stddef.h>
#include <stdint.h>

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

/* One more source that failed, for the reason that its last outcome has. */
void avqa_fetch_counts_fail(struct avqa_fetch_counts *counts,
                            const struct avqa_net_outcome *o);

/* As --json prints them. `*out` is the caller's. */
struct avqa_json *avqa_fetch_counts_json(const struct avqa_fetch_counts *counts);

#endif
