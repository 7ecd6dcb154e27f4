/* Spatial grounding (Li et al., CVPR 2022, section 4.2, as its code has it): where in a
 * map is what is heard? One operation, because the maps are by far the most that a step
 * reads: each is read once forwards and once backwards, and stays packed in memory. No
 * gradient goes into them. */
#ifndef AVQA_NN_GROUND_H
#define AVQA_NN_GROUND_H

#include "nn/map.h"
#include "nn/tape.h"
#include "nn/wide.h"

struct avqa_ground {
    const struct avqa_map *maps; /* borrowed until the end of the step */
    size_t n_maps;
    size_t channels, places;
    const avqa_real **weights; /* becomes [n_maps, places]; may be NULL */
    enum avqa_width width;     /* of its loops; 0: the best */
};

/* f [n, channels]; map i looks for f's row i % n. With V^ and f^ the vectors of the
 * places and f over their lengths (at least 1e-12): w = softmax over the places of
 * V^_p f^; y [n_maps, 2 channels] = [mean of V ; sum of w_p V^_p]. */
struct avqa_node *avqa_ground(struct avqa_tape *tape, struct avqa_node *f,
                              const struct avqa_ground *ground);

#endif
