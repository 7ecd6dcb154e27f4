/* A template with words in its slots, asked of a clip. Before the program runs, what a
 * template says of its slots is looked at: two things it speaks of must be two (not "is
 * the cello louder than the cello"), and its words must go together (not "on the middle
 * of"). Afterwards an answer that repeats a word of the question is refused, because
 * the question gives it away. */
#ifndef AVQA_QA_QUESTION_H
#define AVQA_QA_QUESTION_H

#include "qa/evaluate.h"
#include "qa/template.h"

/* As avqa_evaluate; `values` are t->n_slots words. */
struct avqa_evaluation avqa_question_pose(const struct avqa_template *t,
                                          const char *const *values,
                                          const struct avqa_scene *scene,
                                          const struct avqa_margins *margins);

/* The same for words that are known to be of the slots' domains. */
struct avqa_evaluation avqa_question_pose_on(const struct avqa_stage *stage,
                                             const struct avqa_template *t,
                                             const struct avqa_filling *filling);

/* What is wrong with the words whatever the clip; AVQA_WELL_POSED if nothing is. */
enum avqa_ill_posed avqa_question_words(const struct avqa_template *t,
                                        const char *const *values);

/* Parts of the two above, for who evaluates otherwise (qa/sheet.h): what is wrong with
 * words that are of their domains, whether the answer is a word of the question, and
 * whether two things that it tells apart by places are at one. */
enum avqa_ill_posed avqa_question_sense(const struct avqa_template *t,
                                        const char *const *values);
bool avqa_question_repeats(const struct avqa_template *t, const char *const *values,
                           const char *answer);
bool avqa_question_share_place(const struct avqa_template *t,
                               const char *const *values);

/* Why a well-posed question, with its evaluation, is not worth asking:
 * AVQA_ILL_SAME_PLACE if two things it tells apart by their places are at one place,
 * AVQA_ILL_IDLE if the answer is the same without a word that the template says is
 * needed. AVQA_WELL_POSED if it is worth it. Such a question still has an answer, so an
 * audit judges it; only making it is refused. */
enum avqa_ill_posed avqa_question_degenerate(const struct avqa_stage *stage,
                                             const struct avqa_template *t,
                                             const struct avqa_filling *filling,
                                             const struct avqa_evaluation *evaluation);

#endif
