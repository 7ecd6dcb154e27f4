/* What is told of an epoch: a JSON object, and the file that has one of each. */
#ifndef AVQA_TRAIN_EPOCH_H
#define AVQA_TRAIN_EPOCH_H

#include "base/json.h"
#include "base/status.h"
#include "train/loop_state.h"
#include "train/metrics.h"

#include <stdbool.h>
#include <stdint.h>

/* All is borrowed. */
struct avqa_epoch {
    const struct avqa_loop_state *state; /* with the sums of the epoch in hand */
    const struct avqa_metrics *val;      /* or NULL */
    const struct avqa_groups *train_groups, *val_groups;
    bool answers, matches; /* whether the model gives them */
    bool best;
    int64_t val_us; /* of the validation */
    double rate;    /* of the last step */
};

/* {"epoch","loss","loss_qa","loss_match","train_accuracy","val_accuracy","val_loss",
 * "val_correct","val_total","best","rate","samples_per_s","read_seconds",
 * "step_seconds","val_seconds","val_types","train_types"}; what the model or the run
 * does not have is null. Yours. */
struct avqa_json *avqa_epoch_json(const struct avqa_epoch *epoch);

/* Writes FOLDER/epochs.jsonl, a line each. */
AVQA_CHECK enum avqa_status avqa_epochs_write(const char *folder,
                                              const struct avqa_json *epochs);

#endif
