/* An encoder whose rows do not depend on their place in a batch, to the last bit. A
 * product of matrices takes the last few rows of a batch through another kernel on some
 * processors, with sums in another order; which batches are free of that is found out
 * by trying. */
#ifndef AVQA_PIPELINE_EXTRACT_BATCH_H
#define AVQA_PIPELINE_EXTRACT_BATCH_H

#include "encoder/feature.h"

enum { AVQA_EXTRACT_MAX_BATCH = 16 };

/* Whether equal inputs give equal rows at all places of the encoder's batch. */
AVQA_CHECK enum avqa_status
avqa_extract_batch_check(bool *same, const struct avqa_feature_encoder *encoder);

/* Makes the encoder with the best batch that passes the check; options->batch is of no
 * account. A batch of one always passes. */
AVQA_CHECK enum avqa_status
avqa_extract_batch_encoder(struct avqa_feature_encoder **out,
                           const struct avqa_feature_options *options);

#endif
