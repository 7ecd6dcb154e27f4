/* Weights that a run begins with instead of random ones: --init. */
#ifndef AVQA_PIPELINE_TRAIN_INIT_H
#define AVQA_PIPELINE_TRAIN_INIT_H

#include "base/json.h"
#include "base/log.h"
#include "base/status.h"
#include "nn/weights.h"
#include "qa/vocabulary.h"

/* All is borrowed. */
struct avqa_train_init {
    const char *dataset;
    const char *from; /* a file of tensors, or a run: its best ones */
    const struct avqa_vocabulary *vocabulary; /* of the run that begins */
    const struct avqa_log *log;
};

/* Takes every tensor whose name both have: of AVST's first stage fourteen. `*told` is
 * {"path","sha256","tensors"}, yours. AVQA_EINVAL if a run numbers words otherwise;
 * AVQA_EFORMAT if there is no tensor of these names, or one of another shape. */
AVQA_CHECK enum avqa_status avqa_train_init_take(struct avqa_json **told,
                                                 struct avqa_weights *weights,
                                                 const struct avqa_train_init *init);

#endif
