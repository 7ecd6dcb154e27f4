/* See fillings.h. Where a clip or a template is not for sheets (qa/sheet.h), fillings
 * are evaluated one after the other. */
#include "qa/fillings.h"
#include "base/mem.h"
#include "qa/question.h"

#include <stdlib.h>

enum { MAX_SLOTS = AVQA_TEMPLATE_MAX_SLOTS };

struct words {
    const char *items[AVQA_FILLINGS_MAX_WORDS];
    uint16_t n;
};

struct avqa_fillings {
    const struct avqa_templates *templates;
    size_t absent;
    uint64_t hash;
    struct avqa_stage stage;
    struct avqa_sheet_order *orders; /* by template */
    struct words *words;             /* by domain */
    struct avqa_sheet *sheet;
    struct avqa_sheet_words *sheet_words; /* by domain */
    bool has_sheet;                       /* of this clip */
    struct avqa_outcome *outcomes;
    size_t cap_outcomes;
};

/* A filling: the words of the slots, and which of those tried they are. */
struct filling {
    const char *values[MAX_SLOTS];
    uint16_t at[MAX_SLOTS];
    uint16_t n_words[MAX_SLOTS];
};

/* ---- words ------------------------------------------------------------------------
 */

static bool has_word(const struct words *w, const char *word)
{
    for (size_t i = 0; i < w->n; i++) {
        if (w->items[i] == word)
            return true;
    }
    return false;
}

/* The domain's words that are kinds in the clip, then `absent` others by hash. */
static void object_words(struct words *out, const struct avqa_domain *d,
                         const struct avqa_fillings *f)
{
    const struct avqa_scene *scene = f->stage.scene;
    out->n = 0;
    for (size_t i = 0; i < scene->n_instances; i++) {
        const char *kind = scene->instances[i].instrument;
        size_t at = kind ? avqa_domain_find(d, kind) : AVQA_DOMAIN_NONE;
        if (at != AVQA_DOMAIN_NONE && !has_word(out, d->values[at]))
            out->items[out->n++] = d->values[at];
    }
    size_t added = 0;
    for (size_t k = 0;
         k < d->n_values && added < f->absent && out->n < AVQA_FILLINGS_MAX_WORDS;
         k++) {
        const char *word = d->values[(f->hash + k * 7919) % d->n_values];
        if (!has_word(out, word)) {
            out->items[out->n++] = word;
            added++;
        }
    }
}

static void all_words(struct words *out, const struct avqa_domain *d)
{
    while (out->n < AVQA_FILLINGS_MAX_WORDS && out->n < d->n_values) {
        out->items[out->n] = d->values[out->n];
        out->n++;
    }
}

struct avqa_fillings *avqa_fillings_new(const struct avqa_templates *t, size_t absent,
                                        const struct avqa_margins *margins)
{
    struct avqa_fillings *f = avqa_mem_new(sizeof *f);
    f->templates = t;
    f->absent = absent;
    f->stage.margins = margins;
    f->words = avqa_mem_new((t->n_domains + 1) * sizeof *f->words);
    f->sheet_words = avqa_mem_new((t->n_domains + 1) * sizeof *f->sheet_words);
    f->orders = avqa_mem_new((t->n + 1) * sizeof *f->orders);
    f->sheet = avqa_sheet_new(t, margins);
    for (size_t i = 0; i < t->n; i++)
        f->orders[i] = avqa_sheet_order(&t->items[i]);
    for (size_t d = 0; d < t->n_domains; d++) {
        if (t->domains[d].kind != AVQA_DOMAIN_OBJECT)
            all_words(&f->words[d], &t->domains[d]);
    }
    return f;
}

void avqa_fillings_free(struct avqa_fillings *f)
{
    if (!f)
        return;
    avqa_memo_free(f->stage.memo);
    avqa_sheet_free(f->sheet);
    free(f->orders);
    free(f->words);
    free(f->sheet_words);
    free(f->outcomes);
    free(f);
}

void avqa_fillings_take(struct avqa_fillings *f, const struct avqa_scene *scene,
                        uint64_t hash)
{
    const struct avqa_templates *t = f->templates;
    f->stage.scene = scene;
    f->hash = hash;
    if (f->stage.memo)
        avqa_memo_clear(f->stage.memo);
    for (size_t d = 0; d < t->n_domains; d++) {
        if (t->domains[d].kind == AVQA_DOMAIN_OBJECT)
            object_words(&f->words[d], &t->domains[d], f);
        f->sheet_words[d] = (struct avqa_sheet_words){f->words[d].items, f->words[d].n};
    }
    f->has_sheet = avqa_sheet_take(f->sheet, scene, f->sheet_words);
}

/* ---- fillings ---------------------------------------------------------------------
 */

static const struct words *words_of(const struct avqa_fillings *f,
                                    const struct avqa_template *t, size_t slot)
{
    return &f->words[t->slots[slot] - f->templates->domains];
}

/* The filling at a place in the order. */
static struct filling filling_at(const struct avqa_fillings *f, size_t template,
                                 size_t place)
{
    const struct avqa_template *t = &f->templates->items[template];
    struct filling out = {.n_words = {0}};
    for (size_t i = t->n_slots; i-- > 0;) {
        size_t s = f->orders[template].slots[i];
        const struct words *words = words_of(f, t, s);
        out.n_words[s] = words->n;
        out.at[s] = (uint16_t)(place % words->n);
        out.values[s] = words->items[out.at[s]];
        place /= words->n;
    }
    return out;
}

void avqa_fillings_values(const struct avqa_fillings *f, size_t template, size_t place,
                          const char **values)
{
    struct filling filling = filling_at(f, template, place);
    for (size_t s = 0; s < f->templates->items[template].n_slots; s++)
        values[s] = filling.values[s];
}

/* How many ways there are to fill the template's slots, and those whose first part is
 * the same. */
static size_t count(const struct avqa_fillings *f, size_t template, size_t *n_fast)
{
    const struct avqa_template *t = &f->templates->items[template];
    size_t n = 1;
    *n_fast = 1;
    for (size_t i = 0; i < t->n_slots; i++) {
        size_t n_words = words_of(f, t, f->orders[template].slots[i])->n;
        n *= n_words;
        *n_fast *= i < f->orders[template].n_slow ? 1 : n_words;
    }
    return t->answer ? n : 0;
}

/* ---- without a sheet --------------------------------------------------------------
 */

static struct avqa_stage *stage_of(struct avqa_fillings *f)
{
    if (!f->stage.memo)
        f->stage.memo = avqa_stage_memo();
    return &f->stage;
}

static struct avqa_outcome judge(struct avqa_fillings *f, size_t template, size_t place)
{
    const struct avqa_template *t = &f->templates->items[template];
    struct avqa_stage *stage = stage_of(f);
    struct filling at = filling_at(f, template, place);
    const struct avqa_filling filling = {at.values, at.at, at.n_words};
    struct avqa_evaluation e = avqa_question_pose_on(stage, t, &filling);
    if (e.reason == AVQA_WELL_POSED)
        e.reason = avqa_question_degenerate(stage, t, &filling, &e);
    return (struct avqa_outcome){1, (uint8_t)e.reason, (uint8_t)e.position};
}

static enum avqa_ill_posed look_first(struct avqa_fillings *f, size_t template,
                                      size_t place)
{
    const struct avqa_program_node *first = f->orders[template].first;
    struct avqa_program_scope scope =
        avqa_template_scope(&f->templates->items[template]);
    struct filling at = filling_at(f, template, place);
    const struct avqa_filling filling = {at.values, at.at, at.n_words};
    return first ? avqa_evaluate_part(stage_of(f), first, &scope, &filling)
                 : AVQA_WELL_POSED;
}

static size_t judge_each(struct avqa_fillings *f, size_t template, size_t n,
                         size_t n_fast)
{
    size_t n_outcomes = 0;
    for (size_t i = 0; i < n; i += n_fast) {
        enum avqa_ill_posed first = look_first(f, template, i);
        if (first != AVQA_WELL_POSED)
            f->outcomes[n_outcomes++] =
                (struct avqa_outcome){(uint32_t)n_fast, (uint8_t)first, 0};
        for (size_t k = i; first == AVQA_WELL_POSED && k < i + n_fast; k++)
            f->outcomes[n_outcomes++] = judge(f, template, k);
    }
    return n_outcomes;
}

/* ---- outcomes ---------------------------------------------------------------------
 */

static bool on_sheet(const struct avqa_fillings *f, size_t template)
{
    return f->has_sheet && avqa_sheet_fits(f->sheet, template);
}

const struct avqa_outcome *avqa_fillings_outcomes(struct avqa_fillings *f,
                                                  size_t template, size_t *n)
{
    size_t n_fast;
    size_t n_fillings = count(f, template, &n_fast);
    *n = 0;
    if (f->cap_outcomes < n_fillings)
        avqa_mem_need(&f->outcomes, &f->cap_outcomes, n_fillings, sizeof *f->outcomes);
    if (n_fillings)
        *n = on_sheet(f, template)
                 ? avqa_sheet_outcomes(f->outcomes, f->sheet, template)
                 : judge_each(f, template, n_fillings, n_fast);
    return f->outcomes;
}

struct avqa_evaluation avqa_fillings_evaluate(struct avqa_fillings *f, size_t template,
                                              size_t place)
{
    struct filling at = filling_at(f, template, place);
    const struct avqa_filling filling = {at.values, at.at, at.n_words};
    if (on_sheet(f, template))
        return avqa_sheet_evaluate(f->sheet, template, at.at);
    return avqa_question_pose_on(stage_of(f), &f->templates->items[template], &filling);
}
