/* What a training says in words before it begins: what a split loses or cannot have
 * right, and the first line of a log. */
#ifndef AVQA_PIPELINE_TRAIN_SAY_H
#define AVQA_PIPELINE_TRAIN_SAY_H

#include "base/log.h"
#include "model/model.h"
#include "pipeline/run_progress.h"
#include "pipeline/train_options.h"
#include "pipeline/train_set.h"
#include "train/set.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Warnings; `length` is that of the vocabulary's questions. */
void avqa_train_say_left_out(const char *split,
                             const struct avqa_train_set_counts *counts, size_t length,
                             bool matches_only, const struct avqa_log *log);

/* All is borrowed. */
struct avqa_train_start {
    const struct avqa_model *model;
    const struct avqa_train_options *options;
    const struct avqa_train_set *train, *val; /* val may be NULL */
    int64_t n_steps;                          /* of an epoch */
    bool goes_on;
    const struct avqa_run_progress *progress; /* of a run that goes on */
    const char *folder;
};

/* What learns what, for how long, into which folder; nothing if all is done. */
void avqa_train_say_start(const struct avqa_train_start *start,
                          const struct avqa_log *log);

#endif
