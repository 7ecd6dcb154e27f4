/* The folder of an evaluation: whether it may be written, and how what is new takes the
 * place of what was there. Files are made in a hidden folder inside it and moved when
 * all are whole, the report last. So a failure leaves an earlier evaluation as it was,
 * and after a kill at any moment the folder is still known as ours. */
#ifndef AVQA_PIPELINE_EVAL_FOLDER_H
#define AVQA_PIPELINE_EVAL_FOLDER_H

#include "base/status.h"
#include "pipeline/eval.h"

#define AVQA_EVAL_REPORT "eval.json"

/* AVQA_EEXIST if the output is no folder, holds what is not an evaluation of ours, or a
 * file that is read would be replaced. Nothing is touched. */
AVQA_CHECK enum avqa_status
avqa_eval_folder_check(const struct avqa_eval_config *config);

/* Makes the folder, and the one inside it into which files are written, with tables/
 * and figures/; its path is yours, also after a failure. */
AVQA_CHECK enum avqa_status avqa_eval_folder_begin(char **stage, const char *folder);

/* Moves all, if `rc` is AVQA_OK, or drops it; the stage is gone afterwards. Returns
 * `rc`, or what went wrong. */
AVQA_CHECK enum avqa_status avqa_eval_folder_end(const char *stage, const char *folder,
                                                 enum avqa_status rc);

#endif
