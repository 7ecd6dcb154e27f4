/* The figures of an evaluation: the table as a paper sets it, and what is taken for
 * what. */
#ifndef AVQA_PIPELINE_EVAL_FIGURES_H
#define AVQA_PIPELINE_EVAL_FIGURES_H

#include "base/log.h"
#include "base/status.h"
#include "pipeline/eval_report.h"

/* Draws them into FOLDER/figures as SVG and PDF. */
AVQA_CHECK enum avqa_status avqa_eval_figures(const struct avqa_eval_outcome *outcome,
                                              const char *folder,
                                              const struct avqa_log *log);

#endif
