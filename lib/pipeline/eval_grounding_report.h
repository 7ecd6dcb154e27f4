/* The pointing game's counts, by kind and by type of question, with intervals that draw
 * whole videos. What is counted: eval_grounding.h. */
#ifndef AVQA_PIPELINE_EVAL_GROUNDING_REPORT_H
#define AVQA_PIPELINE_EVAL_GROUNDING_REPORT_H

#include "base/json.h"
#include "base/status.h"
#include "pipeline/eval_grounding.h"
#include "pipeline/eval_set.h"

#include <stddef.h>
#include <stdint.h>

/* The counts as {"questions", "without", "unplaced", KIND: {"hits", "total",
 * "accuracy", "ci95", "chance", "above", "above_ci95", "trivial", "types": {...}}};
 * kinds without peaks are left out. `*out` is yours. */
AVQA_CHECK enum avqa_status avqa_grounding_json(struct avqa_json **out,
                                                const struct avqa_grounding *grounding,
                                                const struct avqa_eval_set *set,
                                                size_t n_draws, uint64_t seed,
                                                size_t jobs);

#endif
