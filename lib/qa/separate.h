/* Scenes that tell two questions apart: where one has its answer and the other, though
 * it can be asked, not the one it was given. One such scene shows that the first does
 * not give the second away, for a thousandth of what a proof costs, and the clips that
 * questions are generated for are full of them. What none of them tells apart is the
 * solver's to decide (qa/solver.h). */
#ifndef AVQA_QA_SEPARATE_H
#define AVQA_QA_SEPARATE_H

#include "qa/encode.h"
#include "qa/facts.h"
#include "qa/measure.h"

#include <stdbool.h>
#include <stddef.h>

enum { AVQA_SEPARATOR_SCENES = 64, AVQA_SEPARATOR_KINDS = 6 };

/* A scene with the different kinds in it, as many as there is room for. */
struct avqa_separator_scene {
    const struct avqa_scene *scene;
    const char *kinds[AVQA_SEPARATOR_KINDS];
    size_t n_kinds;
};

struct avqa_separator {
    struct avqa_separator_scene scenes[AVQA_SEPARATOR_SCENES];
    size_t n;
};

/* Takes an even sample of the scenes, which stay borrowed. It depends on their order
 * alone. */
void avqa_separator_init(struct avqa_separator *separator,
                         const struct avqa_scene *const *scenes, size_t n);

/* Whether a variant of `own` (qa/vary.h), the scene that both are about, tells the two
 * apart, or one of the separator's scenes: under the kinds that they speak of, or under
 * others in their stead, because programs treat kinds alike (one that names a kind is
 * only tried under its own). False says nothing. */
bool avqa_separates(const struct avqa_separator *separator,
                    const struct avqa_scene *own, const struct avqa_answered *from,
                    const struct avqa_answered *to, const struct avqa_margins *margins);

#endif
