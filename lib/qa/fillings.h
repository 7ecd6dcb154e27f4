/* All ways to fill the slots of a template over a clip, one after the other. The words
 * tried for an object slot are the kinds in the clip and a few that are not, so that
 * "is there a ..." can be answered no; all other slots run through their domain. */
#ifndef AVQA_QA_FILLINGS_H
#define AVQA_QA_FILLINGS_H

#include "qa/evaluate.h"
#include "qa/template.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AVQA_FILLINGS_MAX_WORDS = 320 }; /* tried for a slot */

struct avqa_fillings_words {
    const char *items[AVQA_FILLINGS_MAX_WORDS];
    uint16_t n;
};

/* The clip in hand with its words and what is known of it; one for each thread. */
struct avqa_fillings_clip {
    const struct avqa_templates *templates;
    size_t absent; /* kinds tried that are not in the clip */
    const struct avqa_scene *scene;
    uint64_t hash; /* of the clip: which are absent */
    struct avqa_stage stage;
    struct avqa_fillings_words words[]; /* by domain */
};

/* `margins` and `templates` stay borrowed. */
struct avqa_fillings_clip *avqa_fillings_new(const struct avqa_templates *templates,
                                             size_t absent,
                                             const struct avqa_margins *margins);
void avqa_fillings_free(struct avqa_fillings_clip *clip); /* NULL is legal */

/* Takes another clip in hand; the scene stays borrowed. */
void avqa_fillings_take(struct avqa_fillings_clip *clip, const struct avqa_scene *scene,
                        uint64_t hash);

/* In which order the slots of a template are filled: those of the part that is looked
 * at first change slowest, so that where it is ill-posed, nothing else is looked at. */
struct avqa_fillings_plan {
    struct avqa_program_scope scope;
    const struct avqa_program_node *first; /* or NULL */
    size_t n_slow;
    uint8_t order[AVQA_TEMPLATE_MAX_SLOTS]; /* slowest first */
};

struct avqa_fillings_plan avqa_fillings_plan(const struct avqa_template *t);

/* A walk over the fillings of a template; the first three are given. */
struct avqa_fillings {
    const struct avqa_fillings_clip *clip;
    const struct avqa_template *t;
    const struct avqa_fillings_plan *plan;
    const struct avqa_fillings_words *words[AVQA_TEMPLATE_MAX_SLOTS];
    const char *values[AVQA_TEMPLATE_MAX_SLOTS]; /* of the filling in hand */
    uint16_t at[AVQA_TEMPLATE_MAX_SLOTS];
    uint16_t n_words[AVQA_TEMPLATE_MAX_SLOTS];
    struct avqa_filling filling;
    enum avqa_ill_posed first; /* of the plan's first part */
    uint64_t n_fast;           /* fillings with the same first part */
};

/* The first filling. False if there is nothing to fill a slot with, or no program. */
bool avqa_fillings_start(struct avqa_fillings *w);
/* The next filling; false after the last one. */
bool avqa_fillings_next(struct avqa_fillings *w);
/* Goes to the last filling with the same first part. */
void avqa_fillings_skip(struct avqa_fillings *w);

/* Why the filling in hand is no question that is well-posed and worth asking;
 * AVQA_WELL_POSED if it is one, with its answer in `e`. */
enum avqa_ill_posed avqa_fillings_pose(const struct avqa_fillings *w,
                                       struct avqa_evaluation *e);

#endif
