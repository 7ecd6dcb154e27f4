/* How a training went, as curves.svg in its run folder: losses, and accuracy on what is
 * learnt and on the validation questions. */
#ifndef AVQA_PIPELINE_TRAIN_CURVES_H
#define AVQA_PIPELINE_TRAIN_CURVES_H

#include "base/json.h"
#include "base/status.h"

/* Draws what was told of each epoch (train/epoch.h); nothing of no epoch. */
AVQA_CHECK enum avqa_status avqa_train_curves_write(const char *folder,
                                                    const struct avqa_json *epochs);

/* The same out of the state in the folder. */
AVQA_CHECK enum avqa_status avqa_train_curves_redraw(const char *folder);

#endif
