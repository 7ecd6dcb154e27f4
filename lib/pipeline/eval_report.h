/* What an evaluation says, as one JSON value; docs/eval.md has its keys. */
#ifndef AVQA_PIPELINE_EVAL_REPORT_H
#define AVQA_PIPELINE_EVAL_REPORT_H

#include "audit/score.h"
#include "base/json.h"
#include "base/status.h"
#include "pipeline/eval_set.h"

#include <stddef.h>
#include <stdint.h>

/* All that an evaluation found; borrowed. */
struct avqa_eval_outcome {
    const struct avqa_eval_set *set;
    const struct avqa_eval_model *model;
    const struct avqa_eval_model *other; /* or NULL */
    const struct avqa_score *score;
    size_t n_draws;
    uint64_t seed;
};

/* `*out` is yours. */
AVQA_CHECK enum avqa_status avqa_eval_report(struct avqa_json **out,
                                             const struct avqa_eval_outcome *outcome);

/* How often each answer was given where each was right: counts[truth * (n + 1) + given]
 * for the n answers of the set; given n: none, or not read. Caller frees. */
AVQA_CHECK enum avqa_status
avqa_eval_confusion(size_t **counts, const struct avqa_eval_outcome *outcome);

/* The name of the k-th row or column of it; "-" for the last column. */
const char *avqa_eval_confusion_name(const struct avqa_eval_outcome *outcome, size_t k);

#endif
