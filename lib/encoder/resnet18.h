/* ResNet-18 (He et al., 2016) with torchvision's layer names, without its classifier.
 * Preset `music-avqa` is the published extractor: layer4 keeps its size, so that there
 * are 14 x 14 places. */
#ifndef AVQA_ENCODER_RESNET18_H
#define AVQA_ENCODER_RESNET18_H

#include "encoder/kind.h"

const struct avqa_feature_kind *avqa_resnet18_kinds(size_t *n);

#endif
