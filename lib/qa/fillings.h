/* All ways to fill the slots of a template over a clip, and what comes of each. The
 * words tried for an object slot are the kinds in the clip and a few that are not, so
 * that "is there a ..." can be answered no; all other slots run through their domain.
 */
#ifndef AVQA_QA_FILLINGS_H
#define AVQA_QA_FILLINGS_H

#include "qa/evaluate.h"
#include "qa/sheet.h"
#include "qa/template.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AVQA_FILLINGS_MAX_WORDS = 320 }; /* tried for a slot */

/* The clip in hand with its words and what is known of it; one for each thread. */
struct avqa_fillings;

/* `margins` and `templates` stay borrowed; `absent` kinds are tried that are not in the
 * clip. */
struct avqa_fillings *avqa_fillings_new(const struct avqa_templates *templates,
                                        size_t absent,
                                        const struct avqa_margins *margins);
void avqa_fillings_free(struct avqa_fillings *fillings); /* NULL is legal */

/* Takes another clip in hand; the scene stays borrowed. `hash` is the clip's: it says
 * which kinds are tried that are not there. */
void avqa_fillings_take(struct avqa_fillings *fillings, const struct avqa_scene *scene,
                        uint64_t hash);

/* What comes of every way to fill a template, by number, in a fixed order: `n`
 * outcomes, each of one filling or of some; none if it has no program, or a slot no
 * words. A filling is refused for the first reason met: that of the part of the program
 * that is looked at first, then that of its words, of the rest, and of whether it is
 * worth asking. Stays until the next call. */
const struct avqa_outcome *avqa_fillings_outcomes(struct avqa_fillings *fillings,
                                                  size_t template, size_t *n);

/* The words of a filling, by its place in that order. */
void avqa_fillings_values(const struct avqa_fillings *fillings, size_t template,
                          size_t place, const char **values);

/* The evaluation of a filling that is well-posed. */
struct avqa_evaluation avqa_fillings_evaluate(struct avqa_fillings *fillings,
                                              size_t template, size_t place);

#endif
