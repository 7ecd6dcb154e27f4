/* Answers of a model that avqa train made, to the questions of a split whose clips have
 * the features it needs; and where it looked and listened for them. */
#ifndef AVQA_PIPELINE_EVAL_RUN_H
#define AVQA_PIPELINE_EVAL_RUN_H

#include "base/log.h"
#include "base/status.h"
#include "pipeline/eval_set.h"
#include "pipeline/trained.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_eval_asking {
    struct avqa_trained *trained; /* its weights are read only */
    const char *dataset;          /* folder */
    bool last;                    /* which weights they are, for the report */
    size_t batch;
    size_t n_draws; /* of the intervals of grounding */
    uint64_t seed;
    size_t jobs;
    const struct avqa_log *log;
};

/* Asks. Questions whose clips have no features do not count; they are counted in
 * out->about. AVQA_EINVAL if the model gives no answers. `*out` starts zero; release it
 * in any case. */
AVQA_CHECK enum avqa_status avqa_eval_ask(struct avqa_eval_model *out,
                                          struct avqa_eval_set *set,
                                          const struct avqa_eval_asking *how);

#endif
