/* VGGish (Hershey et al., 2017) with torchvggish's layer names. Three different things
 * are called its output, each is a preset:
 *   tensorflow   before the last relu, PCA, clipped to +-2, cut to whole bytes;
 *   torchvggish  after the relu, PCA, clipped, rounded, as floats from 0 to 255;
 *   music-avqa   after the relu, nothing else, of the first 0.96 s of each second. */
#ifndef AVQA_ENCODER_VGGISH_H
#define AVQA_ENCODER_VGGISH_H

#include "encoder/kind.h"

const struct avqa_feature_kind *avqa_vggish_kinds(size_t *n);

#endif
