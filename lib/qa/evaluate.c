/* A walk over the typed nodes. Sets are bits, so nothing is allocated. The first reason
 * why the question is ill-posed is kept in the run and ends it; callers look at it
 * after each step that can set it. Functions of sets are evaluate_set.c, others
 * evaluate_value.c.
 *
 * What a node is worth, what it rests on and why it is ill-posed follow from the node
 * and the words of its slots alone, so they can be remembered (qa/memo.h). */
#include "qa/evaluate.h"
#include "qa/evaluate_run.h"

#include <string.h>

/* What is remembered of a node. */
struct cell {
    struct avqa_evaluate_value value;
    struct avqa_evaluation own; /* its reason, evidence and use of sound */
    bool known;
};

/* ---- leaves -----------------------------------------------------------------------
 */

static struct avqa_evaluate_value all_instances(struct avqa_evaluate_run *r)
{
    struct avqa_evaluate_value v = {0};
    if (!r->scene->instances_known)
        avqa_evaluate_ill(r, AVQA_ILL_UNKNOWN);
    for (size_t i = 0; i < r->scene->n_instances; i++)
        avqa_instance_set_add(&v.is.set.sure, i);
    return v;
}

/* The place that stands at a position of a place domain. */
static enum avqa_place place_at(size_t position)
{
    static const enum avqa_place places[] = {AVQA_PLACE_LEFT, AVQA_PLACE_RIGHT,
                                             AVQA_PLACE_MIDDLE};
    return position < 3 ? places[position] : AVQA_PLACE_UNKNOWN;
}

/* A scene slot as a word of the facts: that of this clip if the slot's word stands for
 * it, otherwise the slot's own, which is then another. A scene that the domain has no
 * word for cannot be told from its words. */
static const char *scene_word(struct avqa_evaluate_run *r, const struct avqa_domain *d,
                              const char *word)
{
    const char *scene = r->scene->place;
    size_t position = scene ? avqa_domain_scene(d, scene) : AVQA_DOMAIN_NONE;
    if (position >= d->n_values)
        avqa_evaluate_ill(r, scene ? AVQA_ILL_NO_WORD : AVQA_ILL_UNKNOWN);
    else if (strcmp(d->values[position], word) == 0)
        return scene;
    return word;
}

static struct avqa_evaluate_value slot_value(struct avqa_evaluate_run *r,
                                             const struct avqa_program_node *n)
{
    struct avqa_evaluate_value v = {0};
    const char *word = r->values[n->slot];
    size_t position = avqa_domain_find(r->scope->slots[n->slot], word);
    if (position == AVQA_DOMAIN_NONE)
        avqa_evaluate_ill(r, AVQA_ILL_NO_WORD);
    if (n->type == AVQA_TYPE_PLACE)
        v.is.place = place_at(position);
    else if (n->type == AVQA_TYPE_COUNT)
        v.is.count = (int64_t)position;
    else if (n->type == AVQA_TYPE_SCENE)
        v.is.word = scene_word(r, r->scope->slots[n->slot], word);
    else
        v.is.word = word;
    return v;
}

static struct avqa_evaluate_value scene_value(struct avqa_evaluate_run *r)
{
    struct avqa_evaluate_value v = {.is.word = r->scene->place ? r->scene->place : ""};
    if (!r->scene->place)
        avqa_evaluate_ill(r, AVQA_ILL_UNKNOWN);
    return v;
}

static bool voiceover(struct avqa_evaluate_run *r)
{
    if (!r->scene->voiceover.known)
        avqa_evaluate_ill(r, AVQA_ILL_UNKNOWN);
    return r->scene->voiceover.n > 0;
}

/* ---- the walk ---------------------------------------------------------------------
 */

static struct avqa_evaluate_value eval_if(struct avqa_evaluate_run *r,
                                          const struct avqa_program_node *n)
{
    struct avqa_evaluate_value room;
    bool truth = avqa_evaluate_node(r, n->args[0], &room)->is.truth;
    if (r->out->reason != AVQA_WELL_POSED)
        return avqa_evaluate_nothing;
    return *avqa_evaluate_node(r, n->args[truth ? 1 : 2], &room);
}

static struct avqa_evaluate_value node_value(struct avqa_evaluate_run *r,
                                             const struct avqa_program_node *n)
{
    switch (n->op) {
    case AVQA_OP_ALL:
        return all_instances(r);
    case AVQA_OP_SCENE:
        return scene_value(r);
    case AVQA_OP_VOICEOVER:
        return (struct avqa_evaluate_value){.is.truth = voiceover(r)};
    case AVQA_OP_SLOT:
        return slot_value(r, n);
    case AVQA_OP_NUMBER:
        return (struct avqa_evaluate_value){.is.count = n->number};
    case AVQA_OP_STRING:
        return (struct avqa_evaluate_value){.is.word = n->text, .is_text = true};
    case AVQA_OP_IF:
        return eval_if(r, n);
    case AVQA_OP_GREATER:
    case AVQA_OP_EQUAL:
    case AVQA_OP_AND:
    case AVQA_OP_OR:
    case AVQA_OP_GIVEN:
        return avqa_evaluate_pair(r, n);
    default:
        return n->type == AVQA_TYPE_SET ? avqa_evaluate_set(r, n)
                                        : avqa_evaluate_single(r, n);
    }
}

const struct avqa_evaluate_value *avqa_evaluate_node(struct avqa_evaluate_run *r,
                                                     const struct avqa_program_node *n,
                                                     struct avqa_evaluate_value *own)
{
    if (r->out->reason != AVQA_WELL_POSED)
        return &avqa_evaluate_nothing;
    struct cell *cell = r->memo ? avqa_memo_cell(r->memo, n, r->filling) : NULL;
    if (!cell) {
        *own = node_value(r, n);
        return own;
    }
    if (!cell->known) {
        struct avqa_evaluation *out = r->out;
        r->out = &cell->own;
        cell->value = node_value(r, n);
        cell->known = true;
        r->out = out;
    }
    r->out->reason = cell->own.reason;
    r->out->by_sound |= cell->own.by_sound;
    avqa_evaluate_add_evidence(r, &cell->own.evidence);
    return &cell->value;
}

/* ---- the answer -------------------------------------------------------------------
 */

size_t avqa_evaluate_position(enum avqa_program_type type,
                              const struct avqa_evaluate_value *v,
                              const struct avqa_domain *d)
{
    switch (type) {
    case AVQA_TYPE_TRUTH:
        return v->is.truth ? 0 : 1;
    case AVQA_TYPE_COUNT:
        return v->is.count < (int64_t)d->n_values ? (size_t)v->is.count
                                                  : d->n_values - 1;
    case AVQA_TYPE_PLACE:
        return v->is.place == AVQA_PLACE_LEFT    ? 0
               : v->is.place == AVQA_PLACE_RIGHT ? 1
                                                 : 2;
    case AVQA_TYPE_SCENE:
        return avqa_domain_scene(d, v->is.word);
    default:
        return avqa_domain_find(d, v->is.word);
    }
}

/* A value as a word of the domain that stands for its type. */
static void answer_with(struct avqa_evaluation *out,
                        const struct avqa_program_scope *scope,
                        enum avqa_program_type type,
                        const struct avqa_evaluate_value *v)
{
    const struct avqa_domain *d = avqa_program_answers(scope, type);
    size_t position = avqa_evaluate_position(type, v, d);
    if (position >= d->n_values) {
        out->reason = AVQA_ILL_NO_WORD;
        return;
    }
    out->answer = d->values[position];
    out->position = position;
    for (size_t i = 0; scope->answers[i] != d; i++)
        out->position += scope->answers[i]->n_values;
}

/* A branch says the answer in words. */
static void answer_in_words(struct avqa_evaluation *out,
                            const struct avqa_program_scope *scope, const char *word)
{
    out->answer = word;
    out->position = 0;
    for (size_t i = 0; i < scope->n_answers; i++) {
        size_t at = avqa_domain_find(scope->answers[i], word);
        if (at != AVQA_DOMAIN_NONE) {
            out->position += at;
            return;
        }
        out->position += scope->answers[i]->n_values;
    }
}

void avqa_evaluate_answer(struct avqa_evaluation *out,
                          const struct avqa_program_scope *scope,
                          enum avqa_program_type type,
                          const struct avqa_evaluate_value *v)
{
    if (v->is_text)
        answer_in_words(out, scope, v->is.word);
    else
        answer_with(out, scope, type, v);
}

struct avqa_memo *avqa_stage_memo(void)
{
    return avqa_memo_new(sizeof(struct cell));
}

static struct avqa_evaluate_run start(const struct avqa_stage *stage,
                                      const struct avqa_program_scope *scope,
                                      const struct avqa_filling *filling,
                                      struct avqa_evaluation *out)
{
    return (struct avqa_evaluate_run){.scope = scope,
                                      .values = filling->values,
                                      .scene = stage->scene,
                                      .margins = stage->margins,
                                      .out = out,
                                      .memo = filling->at ? stage->memo : NULL,
                                      .filling = filling};
}

enum avqa_ill_posed avqa_evaluate_part(const struct avqa_stage *stage,
                                       const struct avqa_program_node *part,
                                       const struct avqa_program_scope *scope,
                                       const struct avqa_filling *filling)
{
    struct avqa_evaluation out = {0};
    struct avqa_evaluate_run r = start(stage, scope, filling, &out);
    avqa_evaluate_node(&r, part, &(struct avqa_evaluate_value){0});
    return out.reason;
}

/* The program as a whole is not remembered: no other asks the same. */
struct avqa_evaluation avqa_evaluate_on(const struct avqa_stage *stage,
                                        const struct avqa_program_node *program,
                                        const struct avqa_program_scope *scope,
                                        const struct avqa_filling *filling)
{
    struct avqa_evaluation out = {0};
    struct avqa_evaluate_run r = start(stage, scope, filling, &out);
    struct avqa_evaluate_value v = node_value(&r, program);
    if (out.reason == AVQA_WELL_POSED)
        avqa_evaluate_answer(&out, scope, program->type, &v);
    return out;
}

struct avqa_evaluation avqa_evaluate(const struct avqa_program_node *program,
                                     const struct avqa_program_scope *scope,
                                     const char *const *values,
                                     const struct avqa_scene *scene,
                                     const struct avqa_margins *margins)
{
    struct avqa_stage stage = {scene, margins, NULL};
    struct avqa_filling filling = {values, NULL, NULL};
    return avqa_evaluate_on(&stage, program, scope, &filling);
}
