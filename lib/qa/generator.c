/* See generator.h.
 *
 * The words tried for an object slot are the kinds in the clip and a few that are not,
 * so that "is there a ..." can be answered no; all other slots run through their
 * domain.
 *
 * A clip wants, of every template, the answer that is rarest in the set; then the
 * templates that are rarest. Where an answer still has more than its share of a
 * template, the surplus goes, in the order of a hash. */
#include "qa/generator.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/pool.h"
#include "qa/question.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WORDS = 64, MAX_FILLINGS = 200000 };

struct work {
    struct avqa_generator *g;
    avqa_answer_mask *possible; /* by clip and template */
    uint8_t *wanted;            /* by clip and template: answer bit, or NONE */
    uint32_t *chosen_at;        /* by clip: where its questions begin */
};

#define NONE UINT8_MAX

static size_t n_templates(const struct work *w)
{
    return w->g->templates->n;
}

/* ---- words to try -----------------------------------------------------------------
 */

struct words {
    const char *items[MAX_WORDS];
    size_t n;
};

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
                         const struct avqa_scene *scene,
                         const struct avqa_generator_opts *opts)
{
    for (size_t i = 0; i < scene->n_instances && out->n < MAX_WORDS; i++) {
        const char *kind = scene->instances[i].instrument;
        size_t at = kind ? avqa_domain_find(d, kind) : AVQA_DOMAIN_NONE;
        if (at != AVQA_DOMAIN_NONE && !has_word(out, d->values[at]))
            out->items[out->n++] = d->values[at];
    }
    uint64_t hash = avqa_hash_str(opts->seed, scene->clip);
    size_t added = 0;
    for (size_t k = 0; k < d->n_values && added < opts->absent && out->n < MAX_WORDS;
         k++) {
        const char *word = d->values[(hash + k * 7919) % d->n_values];
        if (!has_word(out, word)) {
            out->items[out->n++] = word;
            added++;
        }
    }
}

static void slot_words(struct words *out, const struct avqa_domain *d,
                       const struct avqa_scene *scene,
                       const struct avqa_generator_opts *opts)
{
    out->n = 0;
    if (d->kind == AVQA_DOMAIN_OBJECT) {
        object_words(out, d, scene, opts);
        return;
    }
    for (size_t i = 0; i < d->n_values && i < MAX_WORDS; i++)
        out->items[out->n++] = d->values[i];
}

/* The bit of an answer among the template's words. */
static uint8_t answer_bit(const struct avqa_template *t, const char *answer)
{
    size_t at = 0;
    for (size_t d = 0; d < t->n_answers; d++) {
        size_t i = avqa_domain_find(t->answers[d], answer);
        if (i != AVQA_DOMAIN_NONE)
            return (uint8_t)(at + i);
        at += t->answers[d]->n_values;
    }
    return 0;
}

/* Calls `fn` for every filling of a template's slots with words to try; stops when it
 * returns false. */
typedef bool filling_fn(void *user, const char *const *values);

static void each_filling(const struct avqa_template *t, const struct avqa_scene *scene,
                         const struct avqa_generator_opts *opts, filling_fn *fn,
                         void *user)
{
    struct words words[AVQA_TEMPLATE_MAX_SLOTS];
    size_t at[AVQA_TEMPLATE_MAX_SLOTS] = {0};
    const char *values[AVQA_TEMPLATE_MAX_SLOTS];
    for (size_t s = 0; s < t->n_slots; s++) {
        slot_words(&words[s], t->slots[s], scene, opts);
        if (words[s].n == 0)
            return;
    }
    for (;;) {
        for (size_t s = 0; s < t->n_slots; s++)
            values[s] = words[s].items[at[s]];
        if (!fn(user, values))
            return;
        size_t s = 0;
        while (s < t->n_slots && ++at[s] == words[s].n)
            at[s++] = 0;
        if (s == t->n_slots)
            return;
    }
}

/* ---- first: what could be asked ---------------------------------------------------
 */

struct survey {
    const struct avqa_generator *g;
    const struct avqa_template *t;
    const struct avqa_scene *scene;
    struct avqa_generator_count *count;
    avqa_answer_mask possible;
};

static bool survey_filling(void *user, const char *const *values)
{
    struct survey *s = user;
    struct avqa_evaluation e =
        avqa_question_pose(s->t, values, s->scene, &s->g->opts.margins);
    s->count->refused[e.reason]++;
    if (e.reason == AVQA_WELL_POSED)
        s->possible |= (avqa_answer_mask)1 << answer_bit(s->t, e.answer);
    return true;
}

static void add_count(struct avqa_generator_count *to, const struct survey *s,
                      const struct avqa_generator_count *from)
{
    for (size_t r = 0; r < AVQA_N_ILL_POSED; r++)
        to->refused[r] += from->refused[r];
    to->clips += s->possible != 0;
    for (size_t b = 0; b < 64; b++)
        to->before[b] += s->possible >> b & 1;
}

/* One template over all clips: its counts are then nobody else's. */
static enum avqa_status survey_template(void *user, size_t ti)
{
    struct work *w = user;
    struct avqa_generator *g = w->g;
    for (size_t c = 0; c < g->n_scenes; c++) {
        struct avqa_generator_count count = {0};
        struct survey s = {g, &g->templates->items[ti], g->scenes[c], &count, 0};
        each_filling(s.t, s.scene, &g->opts, survey_filling, &s);
        w->possible[c * n_templates(w) + ti] = s.possible;
        add_count(&g->counts[ti], &s, &count);
    }
    return AVQA_OK;
}

/* ---- second: which answers are wanted ---------------------------------------------
 */

static uint64_t pair_hash(const struct work *w, size_t c, size_t ti)
{
    uint64_t h = avqa_hash_str(w->g->opts.seed, w->g->scenes[c]->clip);
    return avqa_hash_str(h, w->g->templates->items[ti].code);
}

static double unit(uint64_t hash)
{
    return (double)(hash >> 11) * 0x1p-53;
}

/* Draws one of the possible answers, the rarer the likelier. */
static uint8_t draw_answer(const struct work *w, size_t c, size_t ti)
{
    avqa_answer_mask possible = w->possible[c * n_templates(w) + ti];
    const struct avqa_generator_count *count = &w->g->counts[ti];
    double total = 0;
    for (uint8_t b = 0; b < 64; b++)
        total += possible >> b & 1 ? 1.0 / (double)count->before[b] : 0;
    double x = unit(pair_hash(w, c, ti)) * total;
    uint8_t last = NONE;
    for (uint8_t b = 0; b < 64; b++) {
        if (!(possible >> b & 1))
            continue;
        last = b;
        x -= 1.0 / (double)count->before[b];
        if (x < 0)
            break;
    }
    return last;
}

struct ranked {
    double key;
    uint64_t hash;
    size_t index;
};

static int by_key(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;
    if (x->key < y->key || x->key > y->key)
        return x->key < y->key ? -1 : 1;
    return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/* Keeps the clip's n templates with the smallest keys: an exponential draw whose rate
 * is how rare the template is (Efraimidis and Spirakis, 2006). */
static void choose_templates(struct work *w, size_t c, struct ranked *list)
{
    size_t n = 0;
    for (size_t ti = 0; ti < n_templates(w); ti++) {
        uint8_t *wanted = &w->wanted[c * n_templates(w) + ti];
        if (*wanted == NONE)
            continue;
        uint64_t h = avqa_hash64(pair_hash(w, c, ti), "choose", 6);
        double rate = 1.0 / (double)w->g->counts[ti].clips;
        list[n++] = (struct ranked){-log(1 - unit(h)) / rate, h, ti};
    }
    qsort(list, n, sizeof *list, by_key);
    for (size_t i = w->g->opts.per_clip; i < n; i++)
        w->wanted[c * n_templates(w) + list[i].index] = NONE;
}

/* Drops the surplus of a template's commonest answer, as long as there is any. */
static void trim_template(struct work *w, size_t ti, struct ranked *list)
{
    double r = w->g->opts.max_share;
    uint64_t n[64] = {0};
    uint64_t sum = 0;
    uint8_t top = 0;
    for (size_t c = 0; c < w->g->n_scenes; c++) {
        uint8_t b = w->wanted[c * n_templates(w) + ti];
        if (b != NONE) {
            n[b]++;
            sum++;
        }
    }
    for (uint8_t b = 1; b < 64; b++)
        top = n[b] > n[top] ? b : top;
    uint64_t others = sum - n[top];
    uint64_t keep = (uint64_t)floor((double)others * r / (1 - r) + 1e-9);
    size_t m = 0;
    if (others == 0 || n[top] <= keep)
        return; /* balanced, or nothing to balance with */
    for (size_t c = 0; c < w->g->n_scenes; c++) {
        if (w->wanted[c * n_templates(w) + ti] == top)
            list[m++] = (struct ranked){0, pair_hash(w, c, ti), c};
    }
    qsort(list, m, sizeof *list, by_key);
    for (size_t i = keep; i < m; i++)
        w->wanted[list[i].index * n_templates(w) + ti] = NONE;
}

/* Quotas twice: before clips choose, so that they choose among what is balanced, and
 * after, because choosing shifts it again. */
static enum avqa_status choose(struct work *w)
{
    size_t most = w->g->n_scenes > n_templates(w) ? w->g->n_scenes : n_templates(w);
    struct ranked *list = calloc(most + 1, sizeof *list);
    if (!list)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu clips", w->g->n_scenes);
    for (size_t c = 0; c < w->g->n_scenes; c++) {
        for (size_t ti = 0; ti < n_templates(w); ti++) {
            size_t at = c * n_templates(w) + ti;
            w->wanted[at] = w->possible[at] ? draw_answer(w, c, ti) : NONE;
        }
    }
    for (size_t ti = 0; ti < n_templates(w); ti++)
        trim_template(w, ti, list);
    for (size_t c = 0; c < w->g->n_scenes; c++)
        choose_templates(w, c, list);
    for (size_t ti = 0; ti < n_templates(w); ti++)
        trim_template(w, ti, list);
    free(list);
    return AVQA_OK;
}

/* ---- third: the questions ---------------------------------------------------------
 */

/* The filling with the wanted answer and the smallest hash. */
struct pick {
    const struct avqa_generator *g;
    const struct avqa_template *t;
    const struct avqa_scene *scene;
    uint8_t wanted;
    uint64_t best;
    bool found;
    struct avqa_generated *out;
};

static bool pick_filling(void *user, const char *const *values)
{
    struct pick *p = user;
    struct avqa_evaluation e =
        avqa_question_pose(p->t, values, p->scene, &p->g->opts.margins);
    if (e.reason != AVQA_WELL_POSED || answer_bit(p->t, e.answer) != p->wanted)
        return true;
    uint64_t h = avqa_hash_str(p->g->opts.seed, p->scene->clip);
    for (size_t s = 0; s < p->t->n_slots; s++)
        h = avqa_hash_str(h, values[s]);
    if (p->found && h >= p->best)
        return true;
    p->found = true;
    p->best = h;
    p->out->evaluation = e;
    memcpy(p->out->values, values, p->t->n_slots * sizeof *values);
    return true;
}

static enum avqa_status pick_clip(void *user, size_t c)
{
    struct work *w = user;
    size_t at = w->chosen_at[c];
    for (size_t ti = 0; ti < n_templates(w); ti++) {
        uint8_t wanted = w->wanted[c * n_templates(w) + ti];
        if (wanted == NONE)
            continue;
        struct avqa_generated *q = &w->g->questions[at++];
        q->clip = (uint32_t)c;
        q->template = (uint16_t)ti;
        struct pick p = {.g = w->g,
                         .t = &w->g->templates->items[ti],
                         .scene = w->g->scenes[c],
                         .wanted = wanted,
                         .out = q};
        each_filling(p.t, p.scene, &w->g->opts, pick_filling, &p);
    }
    return AVQA_OK;
}

static enum avqa_status place_questions(struct work *w)
{
    size_t n = 0;
    for (size_t c = 0; c < w->g->n_scenes; c++) {
        w->chosen_at[c] = (uint32_t)n;
        for (size_t ti = 0; ti < n_templates(w); ti++) {
            uint8_t b = w->wanted[c * n_templates(w) + ti];
            if (b == NONE)
                continue;
            w->g->counts[ti].chosen++;
            w->g->counts[ti].after[b]++;
            n++;
        }
    }
    w->g->n_questions = n;
    w->g->questions = calloc(n + 1, sizeof *w->g->questions);
    return w->g->questions
               ? AVQA_OK
               : avqa_fail(AVQA_ENOMEM, "out of memory for %zu questions", n);
}

/* What counters and patience have room for. */
static enum avqa_status check_room(const struct avqa_templates *templates)
{
    for (size_t i = 0; i < templates->n; i++) {
        const struct avqa_template *t = &templates->items[i];
        size_t answers = 0;
        size_t fillings = 1;
        for (size_t d = 0; d < t->n_answers; d++)
            answers += t->answers[d]->n_values;
        for (size_t s = 0; s < t->n_slots && fillings <= MAX_FILLINGS; s++)
            fillings *=
                t->slots[s]->n_values < MAX_WORDS ? t->slots[s]->n_values : MAX_WORDS;
        if (answers > 64)
            return avqa_fail(AVQA_EINVAL,
                             "template %s has %zu answers; questions are generated for "
                             "at most 64",
                             t->code, answers);
        if (fillings > MAX_FILLINGS)
            return avqa_fail(AVQA_EINVAL,
                             "template %s can be filled in more than %d ways", t->code,
                             (int)MAX_FILLINGS);
    }
    return AVQA_OK;
}

enum avqa_status avqa_generator_run(struct avqa_generator *g)
{
    struct work w = {.g = g};
    size_t cells;
    enum avqa_status rc = check_room(g->templates);
    g->counts = avqa_mem_new((g->templates->n + 1) * sizeof *g->counts);
    if (avqa_mem_product(&cells, g->n_scenes, g->templates->n)) {
        w.possible = calloc(cells + 1, sizeof *w.possible);
        w.wanted = calloc(cells + 1, sizeof *w.wanted);
        w.chosen_at = calloc(g->n_scenes + 1, sizeof *w.chosen_at);
    }
    if (rc == AVQA_OK && (!w.possible || !w.wanted || !w.chosen_at))
        rc = avqa_fail(AVQA_ENOMEM, "out of memory for %zu clips", g->n_scenes);
    if (rc == AVQA_OK)
        rc = avqa_pool_run(g->opts.jobs, g->templates->n, survey_template, &w);
    if (rc == AVQA_OK)
        rc = choose(&w);
    if (rc == AVQA_OK)
        rc = place_questions(&w);
    if (rc == AVQA_OK)
        rc = avqa_pool_run(g->opts.jobs, g->n_scenes, pick_clip, &w);
    free(w.possible);
    free(w.wanted);
    free(w.chosen_at);
    return rc;
}

void avqa_generator_release(struct avqa_generator *g)
{
    free(g->counts);
    free(g->questions);
    g->counts = NULL;
    g->questions = NULL;
    g->n_questions = 0;
}
