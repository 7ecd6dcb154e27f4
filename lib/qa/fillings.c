/* See fillings.h. */
#include "qa/fillings.h"
#include "base/mem.h"
#include "qa/question.h"

#include <stdlib.h>

static bool has_word(const struct avqa_fillings_words *w, const char *word)
{
    for (size_t i = 0; i < w->n; i++) {
        if (w->items[i] == word)
            return true;
    }
    return false;
}

/* The domain's words that are kinds in the clip, then `absent` others by hash. */
static void object_words(struct avqa_fillings_words *out, const struct avqa_domain *d,
                         const struct avqa_fillings_clip *clip)
{
    const struct avqa_scene *scene = clip->scene;
    out->n = 0;
    for (size_t i = 0; i < scene->n_instances; i++) {
        const char *kind = scene->instances[i].instrument;
        size_t at = kind ? avqa_domain_find(d, kind) : AVQA_DOMAIN_NONE;
        if (at != AVQA_DOMAIN_NONE && !has_word(out, d->values[at]))
            out->items[out->n++] = d->values[at];
    }
    size_t added = 0;
    size_t absent = clip->absent;
    for (size_t k = 0;
         k < d->n_values && added < absent && out->n < AVQA_FILLINGS_MAX_WORDS; k++) {
        const char *word = d->values[(clip->hash + k * 7919) % d->n_values];
        if (!has_word(out, word)) {
            out->items[out->n++] = word;
            added++;
        }
    }
}

struct avqa_fillings_clip *avqa_fillings_new(const struct avqa_templates *t,
                                             size_t absent,
                                             const struct avqa_margins *margins)
{
    struct avqa_fillings_clip *clip =
        avqa_mem_new(sizeof *clip + t->n_domains * sizeof *clip->words);
    clip->templates = t;
    clip->absent = absent;
    clip->stage.margins = margins;
    clip->stage.memo = avqa_stage_memo();
    for (size_t d = 0; d < t->n_domains; d++) {
        const struct avqa_domain *domain = &t->domains[d];
        struct avqa_fillings_words *words = &clip->words[d];
        if (domain->kind == AVQA_DOMAIN_OBJECT)
            continue;
        while (words->n < AVQA_FILLINGS_MAX_WORDS && words->n < domain->n_values) {
            words->items[words->n] = domain->values[words->n];
            words->n++;
        }
    }
    return clip;
}

void avqa_fillings_free(struct avqa_fillings_clip *clip)
{
    if (!clip)
        return;
    avqa_memo_free(clip->stage.memo);
    free(clip);
}

void avqa_fillings_take(struct avqa_fillings_clip *clip, const struct avqa_scene *scene,
                        uint64_t hash)
{
    const struct avqa_templates *t = clip->templates;
    clip->scene = clip->stage.scene = scene;
    clip->hash = hash;
    avqa_memo_clear(clip->stage.memo);
    for (size_t d = 0; d < t->n_domains; d++) {
        if (t->domains[d].kind == AVQA_DOMAIN_OBJECT)
            object_words(&clip->words[d], &t->domains[d], clip);
    }
}

struct avqa_fillings_plan avqa_fillings_plan(const struct avqa_template *t)
{
    struct avqa_fillings_plan p = {.scope = avqa_template_scope(t)};
    bool taken[AVQA_TEMPLATE_MAX_SLOTS] = {false};
    size_t n = 0;
    p.first = t->answer ? avqa_program_first(t->answer) : NULL;
    for (; p.first && n < p.first->n_slots; n++) {
        p.order[n] = p.first->slots[n];
        taken[p.order[n]] = true;
    }
    p.n_slow = n;
    for (size_t s = 0; s < t->n_slots; s++) {
        if (!taken[s])
            p.order[n++] = (uint8_t)s;
    }
    return p;
}

static void look_first(struct avqa_fillings *w)
{
    w->first = w->plan->first ? avqa_evaluate_part(&w->clip->stage, w->plan->first,
                                                   &w->plan->scope, &w->filling)
                              : AVQA_WELL_POSED;
}

bool avqa_fillings_start(struct avqa_fillings *w)
{
    if (!w->t->answer)
        return false;
    for (size_t s = 0; s < w->t->n_slots; s++) {
        w->words[s] = &w->clip->words[w->t->slots[s] - w->clip->templates->domains];
        w->n_words[s] = w->words[s]->n;
        if (w->n_words[s] == 0)
            return false;
        w->values[s] = w->words[s]->items[0];
    }
    w->n_fast = 1;
    for (size_t i = w->plan->n_slow; i < w->t->n_slots; i++)
        w->n_fast *= w->n_words[w->plan->order[i]];
    w->filling = (struct avqa_filling){w->values, w->at, w->n_words};
    look_first(w);
    return true;
}

bool avqa_fillings_next(struct avqa_fillings *w)
{
    size_t i = w->t->n_slots;
    while (i-- > 0) {
        size_t s = w->plan->order[i];
        bool carries = ++w->at[s] == w->n_words[s];
        if (carries)
            w->at[s] = 0;
        w->values[s] = w->words[s]->items[w->at[s]];
        if (!carries)
            break;
    }
    if (i < w->plan->n_slow)
        look_first(w);
    return i != SIZE_MAX;
}

void avqa_fillings_skip(struct avqa_fillings *w)
{
    for (size_t i = w->plan->n_slow; i < w->t->n_slots; i++)
        w->at[w->plan->order[i]] = (uint16_t)(w->n_words[w->plan->order[i]] - 1);
}

enum avqa_ill_posed avqa_fillings_pose(const struct avqa_fillings *w,
                                       struct avqa_evaluation *e)
{
    *e = avqa_question_pose_on(&w->clip->stage, w->t, &w->filling);
    return e->reason != AVQA_WELL_POSED
               ? e->reason
               : avqa_question_degenerate(&w->clip->stage, w->t, &w->filling, e);
}
