/* Running an answer program over the facts of a clip. The outcome is an answer in the
 * template's own words with the evidence it rests on, or the reason why the question is
 * ill-posed here: it names nothing or several things, two values are too close to call,
 * or a fact it needs is unknown. An ill-posed question is never guessed. */
#ifndef AVQA_QA_EVALUATE_H
#define AVQA_QA_EVALUATE_H

#include "qa/facts.h"
#include "qa/ill_posed.h"
#include "qa/instance_set.h"
#include "qa/measure.h"
#include "qa/memo.h"
#include "qa/program.h"

#include <stdbool.h>
#include <stdint.h>

struct avqa_evaluation {
    enum avqa_ill_posed reason; /* AVQA_WELL_POSED: there is an answer */
    const char *answer;         /* a word of the template's; borrowed from it */
    size_t position; /* of the answer among the words of all its answer domains */
    struct avqa_instance_set evidence; /* the instances the answer rests on: it stays
                                          the same if all others are taken away */
    bool by_sound; /* the sounding ranges of the evidence were used */
};

/* Evaluates a checked program. `values` are the slots' words (scope->n_slots of them);
 * one outside its domain makes the question ill-posed. */
struct avqa_evaluation avqa_evaluate(const struct avqa_program_node *program,
                                     const struct avqa_program_scope *scope,
                                     const char *const *values,
                                     const struct avqa_scene *scene,
                                     const struct avqa_margins *margins);

/* A clip that many questions are asked of. */
struct avqa_stage {
    const struct avqa_scene *scene;
    const struct avqa_margins *margins;
    struct avqa_memo
        *memo; /* made by avqa_stage_memo, for this clip's words; or NULL */
};

struct avqa_memo *avqa_stage_memo(void);

/* As avqa_evaluate, with what is remembered of the clip. */
struct avqa_evaluation avqa_evaluate_on(const struct avqa_stage *stage,
                                        const struct avqa_program_node *program,
                                        const struct avqa_program_scope *scope,
                                        const struct avqa_filling *filling);

/* Why a part of a program is ill-posed for the words in its slots. */
enum avqa_ill_posed avqa_evaluate_part(const struct avqa_stage *stage,
                                       const struct avqa_program_node *part,
                                       const struct avqa_program_scope *scope,
                                       const struct avqa_filling *filling);

#endif
