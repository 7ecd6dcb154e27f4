/* See question.h. What a program finds is in evaluate.c; these are the rules that hold
 * for every program. */
#include "qa/question.h"

#include <string.h>

/* Most words differ in their first letter. */
static bool same_word(const char *a, const char *b)
{
    return a == b || (*a == *b && strcmp(a, b) == 0);
}

/* Whether two referents are named by the same words of the same domains. */
static bool same_thing(const struct avqa_template *t, const struct avqa_referent *a,
                       const struct avqa_referent *b, const char *const *values)
{
    bool same = a->n_slots == b->n_slots;
    for (size_t i = 0; same && i < a->n_slots; i++)
        same = t->slots[a->slots[i]] == t->slots[b->slots[i]] &&
               same_word(values[a->slots[i]], values[b->slots[i]]);
    return same;
}

enum avqa_ill_posed avqa_question_sense(const struct avqa_template *t,
                                        const char *const *values)
{
    for (size_t i = 0; i < t->n_senseless; i++) {
        if (same_word(values[t->senseless[i].slot], t->senseless[i].value))
            return AVQA_ILL_SENSELESS;
    }
    for (size_t i = 0; i < t->n_referents; i++) {
        for (size_t j = 0; j < i; j++) {
            if (same_thing(t, &t->referents[i], &t->referents[j], values))
                return AVQA_ILL_SAME_THING;
        }
    }
    return AVQA_WELL_POSED;
}

bool avqa_question_repeats(const struct avqa_template *t, const char *const *values,
                           const char *answer)
{
    for (size_t i = 0; i < t->n_slots; i++) {
        if (same_word(answer, values[i]))
            return true;
    }
    return false;
}

struct avqa_evaluation avqa_question_pose_on(const struct avqa_stage *stage,
                                             const struct avqa_template *t,
                                             const struct avqa_filling *filling)
{
    struct avqa_evaluation out = {.reason = avqa_question_sense(t, filling->values)};
    struct avqa_program_scope scope = avqa_template_scope(t);
    if (out.reason != AVQA_WELL_POSED)
        return out;
    out = avqa_evaluate_on(stage, t->answer, &scope, filling);
    if (out.answer && avqa_question_repeats(t, filling->values, out.answer))
        out = (struct avqa_evaluation){.reason = AVQA_ILL_REPEATS};
    return out;
}

enum avqa_ill_posed avqa_question_words(const struct avqa_template *t,
                                        const char *const *values)
{
    for (size_t i = 0; i < t->n_slots; i++) {
        if (avqa_domain_find(t->slots[i], values[i]) == AVQA_DOMAIN_NONE)
            return AVQA_ILL_NO_WORD;
    }
    return avqa_question_sense(t, values);
}

struct avqa_evaluation avqa_question_pose(const struct avqa_template *t,
                                          const char *const *values,
                                          const struct avqa_scene *scene,
                                          const struct avqa_margins *margins)
{
    struct avqa_stage stage = {scene, margins, NULL};
    struct avqa_filling filling = {values, NULL, NULL};
    enum avqa_ill_posed words = avqa_question_words(t, values);
    return words != AVQA_WELL_POSED ? (struct avqa_evaluation){.reason = words}
                                    : avqa_question_pose_on(&stage, t, &filling);
}

/* The word of the place that a referent of several slots names, or NULL. */
static const char *place_word(const struct avqa_template *t,
                              const struct avqa_referent *r, const char *const *values)
{
    for (size_t i = 0; r->n_slots > 1 && i < r->n_slots; i++) {
        if (t->slots[r->slots[i]]->kind == AVQA_DOMAIN_PLACE)
            return values[r->slots[i]];
    }
    return NULL;
}

bool avqa_question_share_place(const struct avqa_template *t, const char *const *values)
{
    for (size_t i = 0; i < t->n_referents; i++) {
        const char *place = place_word(t, &t->referents[i], values);
        for (size_t j = 0; place && j < i; j++) {
            const char *other = place_word(t, &t->referents[j], values);
            if (other && same_word(place, other))
                return true;
        }
    }
    return false;
}

enum avqa_ill_posed avqa_question_degenerate(const struct avqa_stage *stage,
                                             const struct avqa_template *t,
                                             const struct avqa_filling *filling,
                                             const struct avqa_evaluation *evaluation)
{
    struct avqa_program_scope scope = avqa_template_scope(t);
    if (avqa_question_share_place(t, filling->values))
        return AVQA_ILL_SAME_PLACE;
    for (size_t i = 0; i < t->n_needed; i++) {
        struct avqa_evaluation e =
            avqa_evaluate_on(stage, t->needed[i].without, &scope, filling);
        if (e.reason == AVQA_WELL_POSED && strcmp(e.answer, evaluation->answer) == 0)
            return AVQA_ILL_IDLE;
    }
    return AVQA_WELL_POSED;
}
