/* Where the features of a set's clips are: which encoder's, in which shard, as which
 * array. Shards are opened for it, once each, so that one which is gone or was
 * exchanged is found before anything is computed. */
#ifndef AVQA_PIPELINE_TRAIN_FEATURES_H
#define AVQA_PIPELINE_TRAIN_FEATURES_H

#include "pipeline/train_set.h"

/* Fills in `heard` and `seen` of the clips, as far as the model uses them, the
 * encoders and the sizes of the set. Clips must have their keys in both; one without
 * features keeps shard NULL. AVQA_ENOENT if no encoder or several fit; AVQA_EFORMAT if
 * catalog and shard differ. */
AVQA_CHECK enum avqa_status
avqa_train_features_place(struct avqa_train_set *set, struct avqa_catalog *cat,
                          int64_t split_id, const struct avqa_train_set_config *config);

#endif
