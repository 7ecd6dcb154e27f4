/* All questions of a template about a clip at once: what each part of the programs is
 * worth is computed for all words of its slots in one loop, once a clip, and what comes
 * of every filling is looked up in that. The same outcomes as evaluating each question
 * on its own (qa/evaluate.h, which says what a program means; a test compares them),
 * several times as fast, which is what generating needs.
 *
 * It is for scenes of at most 64 instances and for programs whose arguments depend on
 * two slots at most; others are for the evaluator. */
#ifndef AVQA_QA_SHEET_H
#define AVQA_QA_SHEET_H

#include "qa/evaluate.h"
#include "qa/template.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AVQA_SHEET_MAX_WORDS = 128 }; /* tried for a slot */

/* The words that are tried for a domain. */
struct avqa_sheet_words {
    const char *const *items;
    size_t n;
};

/* What comes of some ways to fill a template that follow each other. */
struct avqa_outcome {
    uint32_t n;       /* fillings; more than one only where it is refused */
    uint8_t reason;   /* an enum avqa_ill_posed */
    uint8_t position; /* of the answer, if there is one */
};

/* In which order the slots of a template are filled: those of the part of its program
 * that is looked at first change slowest, so that where it is ill-posed, nothing else
 * is looked at. */
struct avqa_sheet_order {
    const struct avqa_program_node *first; /* that part, or NULL */
    size_t n_slow;
    uint8_t slots[AVQA_TEMPLATE_MAX_SLOTS]; /* slowest first */
};

struct avqa_sheet_order avqa_sheet_order(const struct avqa_template *t);

struct avqa_sheet;

/* `templates` and `margins` stay borrowed. */
struct avqa_sheet *avqa_sheet_new(const struct avqa_templates *templates,
                                  const struct avqa_margins *margins);
void avqa_sheet_free(struct avqa_sheet *sheet); /* NULL is legal */

/* Takes a clip in hand, with the words of each domain; both stay borrowed. False if it
 * is not for sheets. */
bool avqa_sheet_take(struct avqa_sheet *sheet, const struct avqa_scene *scene,
                     const struct avqa_sheet_words *words);

/* Whether the template, by number, is for sheets. */
bool avqa_sheet_fits(const struct avqa_sheet *sheet, size_t template);

/* What comes of all ways to fill the template over the clip in hand, in their order, as
 * avqa_program_first, avqa_question_pose_on and avqa_question_degenerate say one after
 * the other; `out` has room for one of each. How many there are. */
size_t avqa_sheet_outcomes(struct avqa_outcome *out, struct avqa_sheet *sheet,
                           size_t template);

/* The evaluation of a filling that is well-posed; `at` says which of the words tried
 * each slot has. */
struct avqa_evaluation avqa_sheet_evaluate(struct avqa_sheet *sheet, size_t template,
                                           const uint16_t *at);

#endif
