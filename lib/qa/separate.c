/* See separate.h. To give the scene's kinds to the questions is the same as to give the
 * questions' kinds to the scene, and leaves the scene as it is. Two kinds that are not
 * in the scene are given, too: "is there a cello? no". */
#include "qa/separate.h"
#include "qa/question.h"
#include "qa/shape.h"
#include "qa/vary.h"

#include <string.h>

/* Ways to give kinds that are tried for a pair, over all scenes. */
enum {
    MAX_TRIES = 400,
    MAX_VARIANTS = 256,
    N_ABSENT = 2,
    MAX_WORDS = 2 * (AVQA_TEMPLATE_MAX_SLOTS + 1)
};

/* Different kinds, and what each is to be in the scene. */
struct renaming {
    const char *from[MAX_WORDS];
    const char *to[MAX_WORDS];
    size_t n;
    const struct avqa_domain *domain; /* of the first */
};

static bool has(const char *const *words, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(words[i], word) == 0)
            return true;
    }
    return false;
}

static void add_kind(struct renaming *r, const struct avqa_domain *d, const char *word)
{
    if (!d || d->kind != AVQA_DOMAIN_OBJECT || has(r->from, r->n, word))
        return;
    r->domain = r->domain ? r->domain : d;
    r->from[r->n++] = word;
}

static void add_kinds(struct renaming *r, const struct avqa_answered *q)
{
    for (size_t s = 0; s < q->template->n_slots; s++)
        add_kind(r, q->template->slots[s], q->values[s]);
    add_kind(r, avqa_template_answer_domain(q->template, q->answer), q->answer);
}

static const char *renamed(const struct renaming *r, const struct avqa_domain *d,
                           const char *word)
{
    for (size_t i = 0; d && d->kind == AVQA_DOMAIN_OBJECT && i < r->n; i++) {
        if (strcmp(r->from[i], word) == 0)
            return r->to[i];
    }
    return word;
}

/* Whether the renamed question can be asked of the scene, and whether it has the
 * renamed answer there. */
static bool ask(bool *same, const struct renaming *r, const struct avqa_answered *q,
                const struct avqa_scene *scene, const struct avqa_margins *margins)
{
    const struct avqa_template *t = q->template;
    const char *values[AVQA_TEMPLATE_MAX_SLOTS];
    for (size_t s = 0; s < t->n_slots; s++)
        values[s] = renamed(r, t->slots[s], q->values[s]);
    struct avqa_evaluation e = avqa_question_pose(t, values, scene, margins);
    if (e.reason != AVQA_WELL_POSED)
        return false;
    const char *answer =
        renamed(r, avqa_template_answer_domain(t, q->answer), q->answer);
    *same = strcmp(e.answer, answer) == 0;
    return true;
}

static bool tells_apart(const struct renaming *r, const struct avqa_answered *from,
                        const struct avqa_answered *to, const struct avqa_scene *scene,
                        const struct avqa_margins *margins)
{
    bool same;
    return ask(&same, r, from, scene, margins) && same &&
           ask(&same, r, to, scene, margins) && !same;
}

/* The scene's kinds and some that are not in it; how many. */
static size_t list_kinds(const char *list[AVQA_SEPARATOR_KINDS + N_ABSENT],
                         const struct avqa_separator_scene *s,
                         const struct avqa_domain *d)
{
    size_t n = s->n_kinds;
    memcpy(list, s->kinds, n * sizeof *list);
    for (size_t i = 0; i < d->n_values && n < s->n_kinds + N_ABSENT; i++) {
        if (!has(list, n, d->values[i]))
            list[n++] = d->values[i];
    }
    return n;
}

/* Gives the kinds every `step`-th of the list; false if one would be given twice. */
static bool give(struct renaming *r, const char *const *list, size_t n, size_t first,
                 size_t step)
{
    for (size_t i = 0; i < r->n; i++) {
        r->to[i] = list[(first + i * step) % n];
        if (has(r->to, i, r->to[i]))
            return false;
    }
    return true;
}

static bool scene_separates(const struct avqa_separator_scene *s, struct renaming *r,
                            const struct avqa_answered *from,
                            const struct avqa_answered *to,
                            const struct avqa_margins *margins, int *tries)
{
    const char *list[AVQA_SEPARATOR_KINDS + N_ABSENT];
    size_t n = list_kinds(list, s, r->domain);
    size_t steps = r->n > 1 ? n : 2;
    for (size_t step = 1; step < steps; step++) {
        for (size_t first = 0; first<n && * tries> 0; first++) {
            if (!give(r, list, n, first, step))
                continue;
            (*tries)--;
            if (tells_apart(r, from, to, s->scene, margins))
                return true;
        }
    }
    return false;
}

void avqa_separator_init(struct avqa_separator *separator,
                         const struct avqa_scene *const *scenes, size_t n)
{
    size_t n_taken = n < AVQA_SEPARATOR_SCENES ? n : AVQA_SEPARATOR_SCENES;
    *separator = (struct avqa_separator){.n = n_taken};
    for (size_t k = 0; k < n_taken; k++) {
        struct avqa_separator_scene *s = &separator->scenes[k];
        s->scene = scenes[k * n / n_taken];
        for (size_t i = 0;
             i < s->scene->n_instances && s->n_kinds < AVQA_SEPARATOR_KINDS; i++) {
            const char *kind = s->scene->instances[i].instrument;
            if (kind && !has(s->kinds, s->n_kinds, kind))
                s->kinds[s->n_kinds++] = kind;
        }
    }
}

/* Variants from number `from_n` to before `to_n`. */
static bool variant_separates(const struct avqa_scene *own, size_t from_n, size_t to_n,
                              const struct avqa_answered *from,
                              const struct avqa_answered *to,
                              const struct avqa_margins *margins)
{
    struct avqa_variant variant;
    const struct renaming none = {.n = 0};
    for (size_t k = from_n; own && k < to_n && avqa_vary(&variant, own, k); k++) {
        if (tells_apart(&none, from, to, &variant.scene, margins))
            return true;
    }
    return false;
}

static bool sample_separates(const struct avqa_separator *separator,
                             const struct avqa_answered *from,
                             const struct avqa_answered *to,
                             const struct avqa_margins *margins)
{
    struct renaming r = {.n = 0};
    int tries = MAX_TRIES;
    if (!avqa_shape_names_kinds(from->template) &&
        !avqa_shape_names_kinds(to->template)) {
        add_kinds(&r, from);
        add_kinds(&r, to);
    }
    for (size_t i = 0; i < separator->n && tries > 0; i++) {
        const struct avqa_separator_scene *s = &separator->scenes[i];
        if (r.n ? scene_separates(s, &r, from, to, margins, &tries)
                : tells_apart(&r, from, to, s->scene, margins))
            return true;
    }
    return false;
}

/* What is quickest first: turns of the own scene, other scenes, changes of the own one.
 */
bool avqa_separates(const struct avqa_separator *separator,
                    const struct avqa_scene *own, const struct avqa_answered *from,
                    const struct avqa_answered *to, const struct avqa_margins *margins)
{
    return variant_separates(own, 1, AVQA_VARY_TURNS, from, to, margins) ||
           sample_separates(separator, from, to, margins) ||
           variant_separates(own, AVQA_VARY_TURNS, MAX_VARIANTS, from, to, margins);
}
