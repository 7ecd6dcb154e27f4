/* Evaluating one question: what an expression is worth, and the run that gathers
 * evidence and the reason why the question is ill-posed. Private to qa/evaluate*.c. */
#ifndef AVQA_QA_EVALUATE_RUN_H
#define AVQA_QA_EVALUATE_RUN_H

#include "qa/evaluate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who is in a set, and who may be. */
struct avqa_evaluate_members {
    struct avqa_instance_set sure, maybe;
};

struct avqa_evaluate_value {
    union {
        struct avqa_evaluate_members set;
        size_t thing;
        int64_t count;
        double measure;
        const char *word; /* kinds, scenes, words */
        enum avqa_place place;
        bool truth;
    } is;
    enum avqa_program_op unit; /* of a measure: which one it is */
    bool is_text;              /* a string of the program, in .word */
};

struct avqa_evaluate_run {
    const struct avqa_program_scope *scope;
    const char *const *values;
    const struct avqa_scene *scene;
    const struct avqa_margins *margins;
    struct avqa_evaluation *out;
    struct avqa_memo *memo; /* or NULL */
    const struct avqa_filling *filling;
};

/* No members, no word, false. */
extern const struct avqa_evaluate_value avqa_evaluate_nothing;

/* ---- the run (evaluate_run.c) ---- */

/* The first reason counts and ends the run. */
static inline void avqa_evaluate_ill(struct avqa_evaluate_run *r,
                                     enum avqa_ill_posed reason)
{
    if (r->out->reason == AVQA_WELL_POSED)
        r->out->reason = reason;
}

static inline void avqa_evaluate_add_evidence(struct avqa_evaluate_run *r,
                                              const struct avqa_instance_set *set)
{
    avqa_instance_set_join(&r->out->evidence, set);
}

static inline const struct avqa_instance *
avqa_evaluate_instance(const struct avqa_evaluate_run *r, size_t i)
{
    return &r->scene->instances[i];
}

/* The set as far as something is to be made of it: all its members must be known. */
static inline const struct avqa_instance_set *
avqa_evaluate_whole(struct avqa_evaluate_run *r,
                    const struct avqa_evaluate_members *set)
{
    if (!avqa_instance_set_is_empty(&set->maybe))
        avqa_evaluate_ill(r, AVQA_ILL_UNKNOWN);
    return &set->sure;
}

static inline bool avqa_evaluate_alike(const struct avqa_evaluate_run *r,
                                       enum avqa_program_op op, double a, double b)
{
    return avqa_measure_alike(r->margins, op, a, b);
}

/* Everyone who is seen: what a place depends on. */
struct avqa_instance_set avqa_evaluate_seen(struct avqa_evaluate_run *r);

/* A place depends on all that are seen. */
void avqa_evaluate_add_seen(struct avqa_evaluate_run *r);

/* One number of an instance, by the operation that asks for it. */
double avqa_evaluate_measure(struct avqa_evaluate_run *r, enum avqa_program_op op,
                             size_t i);

/* ---- the walk ---- */

/* What a node is worth; without a value worth looking at once the run has a reason.
 * What comes back is remembered, or is `*own`, which has room for it. */
const struct avqa_evaluate_value *avqa_evaluate_node(struct avqa_evaluate_run *r,
                                                     const struct avqa_program_node *n,
                                                     struct avqa_evaluate_value *own);

/* A function whose result is a set (evaluate_set.c). */
struct avqa_evaluate_value avqa_evaluate_set(struct avqa_evaluate_run *r,
                                             const struct avqa_program_node *n);

/* A function of one value, no set (evaluate_value.c). */
struct avqa_evaluate_value avqa_evaluate_single(struct avqa_evaluate_run *r,
                                                const struct avqa_program_node *n);

/* A function of two values, no set (evaluate_value.c). */
struct avqa_evaluate_value avqa_evaluate_pair(struct avqa_evaluate_run *r,
                                              const struct avqa_program_node *n);

/* ---- the answer (evaluate.c) ---- */

/* Where a value stands in a domain of its type; beyond its end if it has no word. */
size_t avqa_evaluate_position(enum avqa_program_type type,
                              const struct avqa_evaluate_value *v,
                              const struct avqa_domain *d);

/* What the value of a well-posed program is as an answer, and where it stands among
 * them; or that there is no word for it. */
void avqa_evaluate_answer(struct avqa_evaluation *out,
                          const struct avqa_program_scope *scope,
                          enum avqa_program_type type,
                          const struct avqa_evaluate_value *v);

#endif
