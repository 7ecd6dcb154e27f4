/* A run folder, runs/NAME, as eval and explain need it: the model with its weights, the
 * vocabulary and how data was read. What train writes there is in docs/runs.md. */
#ifndef AVQA_PIPELINE_TRAINED_H
#define AVQA_PIPELINE_TRAINED_H

#include "base/json.h"
#include "base/status.h"
#include "model/model.h"
#include "qa/vocabulary.h"
#include "train/loader.h"
#include "train/set.h"

/* Zero is valid. */
struct avqa_trained {
    char *folder;
    const struct avqa_model *model;
    struct avqa_model_size size;
    struct avqa_weights weights;
    struct avqa_vocabulary vocabulary;
    struct avqa_loader_options loader; /* stride, seconds, negatives, seed as trained */
    char *encoder_seen, *encoder_heard; /* or NULL */
    char *train_split, *val_split;      /* the latter NULL: nothing was validated */
    struct avqa_json *run;              /* run.json, whole */
};

void avqa_trained_release(struct avqa_trained *trained);

/* Opens DATASET/runs/NAME, or NAME itself if it is a path to a run folder, with the
 * weights that did best on the validation split (`last`: with the last ones).
 * AVQA_ENOENT lists the runs that there are. */
AVQA_CHECK enum avqa_status avqa_trained_open(struct avqa_trained *out,
                                              const char *dataset, const char *name,
                                              bool last);

/* Whether a split's features are those that the run can read: made by the same encoders
 * and of the same sizes. AVQA_EINVAL says what differs. */
AVQA_CHECK enum avqa_status avqa_trained_check_set(const struct avqa_trained *trained,
                                                   const struct avqa_train_set *set,
                                                   const char *split);

#endif
