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
    const char *templates;   /* template file, used if the catalog has none */
    const char *paraphrases; /* file of other texts, see qa/paraphrase.h; or NULL */
    bool entailments;        /* look for questions that give others away */
    bool replace; /* everything that was generated before goes, wherever it is */
    struct avqa_generator_opts opts;
    bool dry_run;
    const struct avqa_log *log;
};

/* Generates in one transaction. `*report` is the caller's: {"clips", "questions",
 * "entailing_pairs", "pairs_not_decided", "templates": [{"template", "clips", "chosen",
 * "refused": {REASON: n}, "before": {ANSWER: n}, "after": {ANSWER: n}, "share"}]}:
 * clips it could be asked of, questions chosen, what was tried and refused and why,
 * clips by possible answer, questions by answer; "entropy" of the chosen answers as a
 * share of the most possible, "ratio" of the commonest to the rarest, {FACT: n} under
 * "missing" the clips without a fact that the template asks for, and in "unbalanced"
 * why an answer is above its share, or the template not asked at all, or null.
 *
 * AVQA_ENOENT if there are no facts. AVQA_EINVAL if the split has imported questions,
 * if questions generated before were moved to other splits (and `replace` is not set),
 * or if a template has too many answers, words or fillings (qa/generator.h).
 * AVQA_EFORMAT names what is wrong in a file. AVQA_ESTOPPED if the log says so. In all
 * these cases nothing is changed. */
AVQA_CHECK enum avqa_status avqa_generate(const struct avqa_generate_config *config,
                                          struct avqa_json **report);

#endif
