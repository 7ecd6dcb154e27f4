/* A model asked questions: batches out of a loader that does not shuffle, and what the
 * model gives for each. Validation, eval and explain are this. */
#ifndef AVQA_TRAIN_PREDICT_H
#define AVQA_TRAIN_PREDICT_H

#include "base/status.h"
#include "model/model.h"
#include "train/loader.h"
#include "train/set.h"

#include <stdbool.h>
#include <stddef.h>

/* Called after each batch with its questions (into the set); all is borrowed for the
 * call. */
typedef enum avqa_status avqa_predict_fn(void *user, const uint32_t *questions,
                                         const struct avqa_batch *batch,
                                         const struct avqa_answer *answer);

struct avqa_predict_options {
    struct avqa_weights *weights; /* values are read only */
    struct avqa_model_size size;
    struct avqa_loader_options loader; /* its sampler is set here, but for rank, world
                                          and batch */
    bool compares; /* read other clips, too: only what matches sound and picture needs
                      them, no answer does */
    size_t n_threads; /* of the arithmetic */
};

/* Asks all questions of the set, in order; of a rank, its share. Batches have no
 * answers here, so there is no loss. */
AVQA_CHECK enum avqa_status avqa_predict(const struct avqa_predict_options *options,
                                         const struct avqa_train_set *set,
                                         avqa_predict_fn *fn, void *user);

/* The number with the highest logit in row i; the first of equal ones. */
size_t avqa_predict_best(const struct avqa_answer *answer, size_t i);

#endif
