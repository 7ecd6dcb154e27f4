/* How far a run of training is, by its folder: what run.json promised beside
 * epochs.jsonl, which has a line for each epoch that ended (state.json may be gone,
 * docs/runs.md). */
#ifndef AVQA_PIPELINE_RUN_PROGRESS_H
#define AVQA_PIPELINE_RUN_PROGRESS_H

#include "base/json.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct avqa_run_progress {
    int64_t n_done, n_epochs; /* epochs that ended, that were promised */
    int64_t best;         /* the epoch whose weights are the best, from 1; 0: none */
    double best_accuracy; /* in validation; NaN: nothing was validated */
    bool is_finished;     /* all epochs, or none better for as long as was asked */
};

/* `run` is the folder's run.json. */
AVQA_CHECK enum avqa_status avqa_run_progress_read(struct avqa_run_progress *out,
                                                   const char *folder,
                                                   const struct avqa_json *run);

/* The runs of a dataset in the order of their names, as objects into an array: {"name",
 * "model", "epochs", "of", "best_epoch", "val_accuracy", "finished"}; of one that
 * cannot be read {"name", "error"}. */
AVQA_CHECK enum avqa_status avqa_run_progress_list(struct avqa_json *out,
                                                   const char *dataset);

#endif
