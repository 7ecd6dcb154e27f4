/* Maps without their places, for models that do not ask where. */
#ifndef AVQA_NN_MAP_MEANS_H
#define AVQA_NN_MAP_MEANS_H

#include "nn/map.h"
#include "nn/tape.h"

/* The mean over the places of each of `n` maps: [n, channels]. No gradient. */
struct avqa_node *avqa_map_means(struct avqa_tape *tape, const struct avqa_map *maps,
                                 size_t n, size_t channels, size_t places);

#endif
