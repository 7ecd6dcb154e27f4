/* See question.h. What a program finds is in evaluate.c; these are the rules that hold
 * for every program. */
#include "qa/question.h"

#include <string.h>

/* Whether two referents are named by the same words of the same domains. */
static bool same_thing(const struct avqa_template *t, const struct avqa_referent *a,
                       const struct avqa_referent *b, const char *const *values)
{
    bool same = a->n_slots == b->n_slots;
    for (size_t i = 0; same && i < a->n_slots; i++)
        same = t->slots[a->slots[i]] == t->slots[b->slots[i]] &&
               strcmp(values[a->slots[i]], values[b->slots[i]]) == 0;
    return same;
}

enum avqa_ill_posed avqa_question_words(const struct avqa_template *t,
                                        const char *const *values)
{
    for (size_t i = 0; i < t->n_slots; i++) {
        if (avqa_domain_find(t->slots[i], values[i]) == AVQA_DOMAIN_NONE)
            return AVQA_ILL_NO_WORD;
    }
    for (size_t i = 0; i < t->n_senseless; i++) {
        if (strcmp(values[t->senseless[i].slot], t->senseless[i].value) == 0)
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

struct avqa_evaluation avqa_question_pose(const struct avqa_template *t,
                                          const char *const *values,
                                          const struct avqa_scene *scene,
                                          const struct avqa_margins *margins)
{
    struct avqa_evaluation out = {.reason = avqa_question_words(t, values)};
    struct avqa_program_scope scope = avqa_template_scope(t);
    if (out.reason != AVQA_WELL_POSED)
        return out;
    out = avqa_evaluate(t->answer, &scope, values, scene, margins);
    for (size_t i = 0; out.answer && i < t->n_slots; i++) {
        if (strcmp(out.answer, values[i]) == 0)
            out = (struct avqa_evaluation){.reason = AVQA_ILL_REPEATS};
    }
    return out;
}
