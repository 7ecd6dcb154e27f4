/* Raw inputs for networks that are trained end to end: pictures as bytes and sound as
 * samples, one row a second. */
#ifndef AVQA_ENCODER_FRAMES_H
#define AVQA_ENCODER_FRAMES_H

#include "encoder/kind.h"

const struct avqa_feature_kind *avqa_frames_kinds(size_t *n);

#endif
