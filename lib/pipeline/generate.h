/* Questions out of the facts in the catalog. */
#ifndef AVQA_PIPELINE_GENERATE_H
#define AVQA_PIPELINE_GENERATE_H

#include "base/json.h"
#include "base/log.h"
#include "base/status.h"
#include "qa/generator.h"

#include <stdbool.h>

struct avqa_generate_config {
    const char *dataset; /* folder */
    const char *split; /* where the questions go; what was generated there goes first */
    const char *templates; /* template file, used if the catalog has none */
    struct avqa_generator_opts opts;
    bool dry_run;
    const struct avqa_log *log;
};

/* Generates in one transaction. `*report` is the caller's: {"clips", "questions",
 * "templates": [{"template", "clips", "chosen", "refused": {REASON: n}, "before":
 * {ANSWER: n}, "after": {ANSWER: n}, "share"}]}: clips it could be asked of, questions
 * chosen, what was tried and refused and why, clips by possible answer, questions by
 * answer. AVQA_ENOENT if there are no facts. */
AVQA_CHECK enum avqa_status avqa_generate(const struct avqa_generate_config *config,
                                          struct avqa_json **report);

#endif
