/* Where an instance is among those that are seen: left, middle, right, as a person
 * would say it, or its rank. */
#ifndef AVQA_QA_PLACE_H
#define AVQA_QA_PLACE_H

#include "qa/scene.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* x in whole millionths, in which places are compared: 0.52 and 0.50 are 0.02 apart and
 * not a rounding error more. x is known. */
int64_t avqa_x_steps(double x);

/* Whether the order of the visible instances from left to right is known: the instances
 * are, each one's visible is, and each visible one's x is. If not, every place and rank
 * of the scene is unknown, because the unknown one may stand anywhere. */
bool avqa_scene_order_known(const struct avqa_scene *scene);

/* Where instance `i` is, as a person would say it. Among visible instances that stand
 * apart: one at the leftmost x is left, at the rightmost right, all between are middle.
 * If all of them stand at one place (one alone, as a rule): the third of the picture it
 * stands in, unknown within AVQA_FACTS_SAME_X of the border of two thirds. Unknown also
 * for one that is not visible, and where left and right cannot be told apart. */
enum avqa_place avqa_scene_place(const struct avqa_scene *scene, size_t i);

/* Facts give places and ranks. No answer program asks for a rank: the questions of
 * MUSIC-AVQA only say left, middle and right. It is here for who writes other templates
 * or counts over facts, held to its definition by tests and the fuzzer. */
#define AVQA_RANK_UNKNOWN SIZE_MAX
/* How many visible instances stand left of instance `i`: 0 is the leftmost. Unknown if
 * another one stands at the same place, or `i` is not visible. */
size_t avqa_scene_rank(const struct avqa_scene *scene, size_t i);

#endif
