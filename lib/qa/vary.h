/* Other scenes that are nearly a given one: louder becomes quieter, first becomes last,
 * left becomes right, somebody is silent, hidden or gone. What tells two questions
 * apart is mostly one of these. */
#ifndef AVQA_QA_VARY_H
#define AVQA_QA_VARY_H

#include "qa/facts.h"

#include <stdbool.h>
#include <stddef.h>

/* The first variants turn over what is true of the whole scene, the others also change
 * one instance. */
enum { AVQA_VARY_TURNS = 16, AVQA_VARIANT_INSTANCES = 16, AVQA_VARIANT_RANGES = 128 };

struct avqa_variant {
    struct avqa_scene scene; /* points into the others and into the given scene */
    struct avqa_instance instances[AVQA_VARIANT_INSTANCES];
    struct avqa_range ranges[AVQA_VARIANT_RANGES];
    size_t n_ranges;
};

/* Makes the variant of this number, from 0; number 0 is the scene itself. False if
 * there are no more, or if the scene has more instances or ranges than there is room
 * for. */
bool avqa_vary(struct avqa_variant *out, const struct avqa_scene *scene, size_t number);

#endif
