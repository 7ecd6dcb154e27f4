/* A model learns the questions of a split, from shards, into runs/NAME, which has
 * everything to do it again, to go on and to ask it questions (docs/runs.md). The
 * catalog is only read. */
#ifndef AVQA_PIPELINE_TRAIN_H
#define AVQA_PIPELINE_TRAIN_H

#include "base/json.h"
#include "base/log.h"
#include "base/status.h"
#include "pipeline/run_progress.h"
#include "pipeline/train_options.h"
#include "pipeline/train_set.h"
#include "train/loop.h"

#include <stdbool.h>
#include <stddef.h>

struct avqa_train_config {
    const char *dataset;
    const char *name; /* of the run; NULL: that of the model */
    struct avqa_train_options options;
    bool resume;              /* go on with the run; the options are its own */
    const char *const *typed; /* names of the options that were given, as typed */
    size_t n_typed;
    bool dry_run;
    size_t n_jobs; /* threads of the arithmetic; 0: one per core */
    const struct avqa_log *log;
    avqa_loop_epoch_fn *epoch; /* or NULL; see loop.h */
    void *user;
};

/* Zero is valid. */
struct avqa_train_result {
    char *folder; /* of the run */
    struct avqa_train_set_counts train, val;
    int64_t n_weights; /* numbers that are trained */
    int64_t n_steps;   /* of an epoch */
    bool goes_on;      /* from a state that there was */
    bool matches_only; /* it learns what belongs together, and answers nothing */
    struct avqa_run_progress progress; /* of the run, where it came to its end */
};

void avqa_train_result_release(struct avqa_train_result *result);

/* Whether the options make sense, as far as that is known without the dataset. */
AVQA_CHECK enum avqa_status avqa_train_check(const struct avqa_train_config *config);

/* `result` starts zero and is filled on failure too. AVQA_EEXIST if there is such a run
 * and `resume` is not set. */
AVQA_CHECK enum avqa_status avqa_train(const struct avqa_train_config *config,
                                       struct avqa_train_result *result);

#endif
