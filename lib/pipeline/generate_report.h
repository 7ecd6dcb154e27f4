/* What came of generating, template by template: how often it could be asked and was,
 * how its answers are spread, and why not better. */
#ifndef AVQA_PIPELINE_GENERATE_REPORT_H
#define AVQA_PIPELINE_GENERATE_REPORT_H

#include "base/json.h"
#include "qa/entail.h"
#include "qa/generator.h"

/* The report that avqa_generate gives (pipeline/generate.h), of a generator that ran.
 * `entailments` may be NULL: nobody looked. The caller frees it. */
struct avqa_json *avqa_generate_report(const struct avqa_generator *g,
                                       const struct avqa_entailments *entailments);

#endif
