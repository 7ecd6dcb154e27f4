/* What avqa eval -o leaves in a folder: predictions.jsonl, tables/NAME.csv,
 * figures/NAME.svg and .pdf, eval.json. Of an earlier evaluation in the same folder
 * nothing stays. */
#ifndef AVQA_PIPELINE_EVAL_WRITE_H
#define AVQA_PIPELINE_EVAL_WRITE_H

#include "base/json.h"
#include "base/status.h"
#include "pipeline/eval.h"
#include "pipeline/eval_report.h"

AVQA_CHECK enum avqa_status avqa_eval_write(const struct avqa_eval_outcome *outcome,
                                            const struct avqa_json *report,
                                            const struct avqa_eval_config *config);

#endif
