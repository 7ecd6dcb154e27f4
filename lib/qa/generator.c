/* See generator.h.
 *
 * Clips are looked at one after the other, each by all templates, because programs
 * share most of what they ask of a clip (qa/memo.h).
 *
 * A clip wants, of every template, the answer that is rarest in the set; then the
 * templates that are rarest. Where an answer still has more than its share of a
 * template, the surplus goes, in the order of a hash. */
#include "qa/generator.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/pool.h"
#include "qa/fillings.h"
#include "qa/share.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_ANSWERS = AVQA_GENERATOR_MAX_ANSWERS,
    MAX_FILLINGS = AVQA_GENERATOR_MAX_FILLINGS,
    CHUNK = 256, /* clips of a work item */
};

typedef uint64_t refusals[AVQA_N_ILL_POSED];

struct work {
    struct avqa_generator *g;
    uint64_t *clip_hashes;      /* by clip */
    avqa_answer_mask *possible; /* by clip and template */
    uint8_t *wanted;            /* by clip and template: answer bit, or NONE */
    uint32_t *chosen_at;        /* by clip: where its questions begin */
    refusals *refused;          /* by chunk of clips and template */
};

#define NONE UINT8_MAX

static size_t n_templates(const struct work *w)
{
    return w->g->templates->n;
}

static size_t n_chunks(const struct work *w)
{
    return (w->g->n_scenes + CHUNK - 1) / CHUNK;
}

static const char *sound_of(const struct avqa_scene *scene)
{
    return scene->audio ? scene->audio : scene->clip;
}

int avqa_generator_order(const void *a, const void *b)
{
    const struct avqa_scene *x = *(const struct avqa_scene *const *)a;
    const struct avqa_scene *y = *(const struct avqa_scene *const *)b;
    int order = strcmp(x->clip, y->clip);
    return order ? order : strcmp(sound_of(x), sound_of(y));
}

/* A clip is what is seen and what is heard. */
static uint64_t clip_hash(uint64_t seed, const struct avqa_scene *scene)
{
    uint64_t h = avqa_hash_str(seed, scene->clip);
    return strcmp(sound_of(scene), scene->clip) == 0
               ? h
               : avqa_hash_str(h, sound_of(scene));
}

/* ---- first: what could be asked ---------------------------------------------------
 */

static avqa_answer_mask survey(struct avqa_fillings *fillings, size_t ti,
                               uint64_t *refused)
{
    avqa_answer_mask possible = 0;
    size_t n;
    const struct avqa_outcome *outcomes = avqa_fillings_outcomes(fillings, ti, &n);
    for (size_t i = 0; i < n; i++) {
        refused[outcomes[i].reason] += outcomes[i].n;
        if (outcomes[i].reason == AVQA_WELL_POSED)
            possible |= (avqa_answer_mask)1 << outcomes[i].position;
    }
    return possible;
}

/* Some clips by all templates. */
static enum avqa_status survey_chunk(void *user, size_t chunk)
{
    struct work *w = user;
    const struct avqa_generator *g = w->g;
    if (avqa_log_stopped(g->opts.log))
        return avqa_fail(AVQA_ESTOPPED, "stopped; nothing was generated");
    avqa_log_progress(g->opts.log, "clips", (int64_t)(chunk * CHUNK),
                      (int64_t)g->n_scenes);
    struct avqa_fillings *fillings =
        avqa_fillings_new(g->templates, g->opts.absent, &g->opts.margins);
    for (size_t c = chunk * CHUNK; c < g->n_scenes && c < (chunk + 1) * CHUNK; c++) {
        avqa_fillings_take(fillings, g->scenes[c], w->clip_hashes[c]);
        for (size_t ti = 0; ti < n_templates(w); ti++)
            w->possible[c * n_templates(w) + ti] =
                survey(fillings, ti, w->refused[chunk * n_templates(w) + ti]);
    }
    avqa_fillings_free(fillings);
    return AVQA_OK;
}

static void count_survey(struct work *w)
{
    for (size_t i = 0; i < n_chunks(w) * n_templates(w); i++) {
        struct avqa_generator_count *count = &w->g->counts[i % n_templates(w)];
        for (size_t r = 0; r < AVQA_N_ILL_POSED; r++)
            count->refused[r] += w->refused[i][r];
    }
    for (size_t i = 0; i < w->g->n_scenes * n_templates(w); i++) {
        struct avqa_generator_count *count = &w->g->counts[i % n_templates(w)];
        count->clips += w->possible[i] != 0;
        for (avqa_answer_mask m = w->possible[i]; m; m &= m - 1)
            count->before[__builtin_ctzll(m)]++;
    }
}

/* Facts that a template asks for, by clips that do not have them. */
static void count_missing(struct work *w)
{
    uint64_t counts[1 << AVQA_N_FACTS] = {0};
    for (size_t c = 0; c < w->g->n_scenes; c++)
        counts[avqa_facts_missing(w->g->scenes[c])]++;
    for (size_t ti = 0; ti < n_templates(w); ti++) {
        const struct avqa_program_node *program = w->g->templates->items[ti].answer;
        avqa_facts_mask asked = program ? avqa_facts_asked(program) : 0;
        for (size_t mask = 1; asked && mask < 1 << AVQA_N_FACTS; mask++) {
            for (size_t f = 0; counts[mask] && f < AVQA_N_FACTS; f++) {
                if (asked & mask & (1U << f))
                    w->g->counts[ti].missing[f] += counts[mask];
            }
        }
    }
}

/* ---- second: which answers are wanted ---------------------------------------------
 */

static uint64_t pair_hash(const struct work *w, size_t c, size_t ti)
{
    return avqa_hash_str(w->clip_hashes[c], w->g->templates->items[ti].code);
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
    for (avqa_answer_mask m = possible; m; m &= m - 1)
        total += 1.0 / (double)count->before[__builtin_ctzll(m)];
    double x = unit(pair_hash(w, c, ti)) * total;
    uint8_t last = NONE;
    for (avqa_answer_mask m = possible; m && x >= 0; m &= m - 1) {
        last = (uint8_t)__builtin_ctzll(m);
        x -= 1.0 / (double)count->before[last];
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

/* Sorts a few, as a clip's templates are, without calling anything. */
static void sort_ranked(struct ranked *list, size_t n)
{
    if (n > 64) {
        qsort(list, n, sizeof *list, by_key);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        struct ranked in_hand = list[i];
        size_t at = i;
        for (; at > 0 && by_key(&in_hand, &list[at - 1]) < 0; at--)
            list[at] = list[at - 1];
        list[at] = in_hand;
    }
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
    if (n <= w->g->opts.per_clip)
        return;
    sort_ranked(list, n);
    for (size_t i = w->g->opts.per_clip; i < n; i++) {
        w->wanted[c * n_templates(w) + list[i].index] = NONE;
        w->g->counts[list[i].index].crowded++;
    }
}

/* Cuts one answer of a template to a level. */
static void cut_answer(struct work *w, size_t ti, uint8_t answer, uint64_t level,
                       struct ranked *list)
{
    size_t m = 0;
    for (size_t c = 0; c < w->g->n_scenes; c++) {
        if (w->wanted[c * n_templates(w) + ti] == answer)
            list[m++] = (struct ranked){0, pair_hash(w, c, ti), c};
    }
    qsort(list, m, sizeof *list, by_key);
    for (size_t i = (size_t)level; i < m; i++)
        w->wanted[list[i].index * n_templates(w) + ti] = NONE;
}

/* Drops what a template's answers have above the common level. */
static void trim_template(struct work *w, size_t ti, struct ranked *list)
{
    uint64_t n[MAX_ANSWERS] = {0};
    for (size_t c = 0; c < w->g->n_scenes; c++) {
        uint8_t b = w->wanted[c * n_templates(w) + ti];
        if (b != NONE)
            n[b]++;
    }
    const struct avqa_share_bounds bounds = {w->g->opts.max_share, w->g->opts.max_ratio,
                                             w->g->opts.min_entropy};
    uint64_t level = avqa_share_level(n, MAX_ANSWERS, &bounds);
    for (uint8_t b = 0; b < MAX_ANSWERS; b++) {
        if (n[b] > level)
            cut_answer(w, ti, b, level, list);
    }
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

static uint64_t filling_hash(uint64_t clip_hash, const struct avqa_template *t,
                             const char *const *values)
{
    uint64_t h = clip_hash;
    for (size_t s = 0; s < t->n_slots; s++)
        h = avqa_hash_str(h, values[s]);
    return h;
}

/* The filling with the wanted answer and the smallest hash. */
static void pick(struct work *w, struct avqa_fillings *fillings, uint8_t wanted,
                 struct avqa_generated *out)
{
    const struct avqa_template *t = &w->g->templates->items[out->template];
    size_t n;
    size_t found = 0;
    size_t at = 0;
    size_t place = 0;
    uint64_t best = 0;
    const struct avqa_outcome *outcomes =
        avqa_fillings_outcomes(fillings, out->template, &n);
    for (size_t i = 0; i < n; at += outcomes[i++].n) {
        const char *values[AVQA_TEMPLATE_MAX_SLOTS];
        out->refused[outcomes[i].reason] += outcomes[i].n;
        if (outcomes[i].reason != AVQA_WELL_POSED || outcomes[i].position != wanted)
            continue;
        avqa_fillings_values(fillings, out->template, at, values);
        uint64_t h = filling_hash(w->clip_hashes[out->clip], t, values);
        if (found++ && h >= best)
            continue;
        best = h;
        place = at;
        memcpy(out->values, values, t->n_slots * sizeof *values);
    }
    out->refused[AVQA_WELL_POSED] = 0;
    out->evaluation = avqa_fillings_evaluate(fillings, out->template, place);
}

static void pick_clip(struct work *w, struct avqa_fillings *fillings, size_t c)
{
    size_t at = w->chosen_at[c];
    avqa_fillings_take(fillings, w->g->scenes[c], w->clip_hashes[c]);
    for (size_t ti = 0; ti < n_templates(w); ti++) {
        uint8_t wanted = w->wanted[c * n_templates(w) + ti];
        if (wanted == NONE)
            continue;
        struct avqa_generated *q = &w->g->questions[at++];
        q->clip = (uint32_t)c;
        q->template = (uint16_t)ti;
        pick(w, fillings, wanted, q);
    }
}

static enum avqa_status pick_chunk(void *user, size_t chunk)
{
    struct work *w = user;
    if (avqa_log_stopped(w->g->opts.log))
        return avqa_fail(AVQA_ESTOPPED, "stopped; nothing was generated");
    struct avqa_fillings *fillings =
        avqa_fillings_new(w->g->templates, w->g->opts.absent, &w->g->opts.margins);
    for (size_t c = chunk * CHUNK; c < w->g->n_scenes && c < (chunk + 1) * CHUNK; c++)
        pick_clip(w, fillings, c);
    avqa_fillings_free(fillings);
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

/* ---- the whole --------------------------------------------------------------------
 */

/* How many words a slot of the domain can have to try. */
static size_t most_words(const struct avqa_domain *d)
{
    return d->kind == AVQA_DOMAIN_OBJECT && d->n_values > AVQA_FILLINGS_MAX_WORDS
               ? AVQA_FILLINGS_MAX_WORDS
               : d->n_values;
}

static enum avqa_status check_slots(const struct avqa_template *t)
{
    size_t fillings = 1;
    for (size_t s = 0; s < t->n_slots && fillings <= MAX_FILLINGS; s++) {
        fillings *= most_words(t->slots[s]);
        if (most_words(t->slots[s]) > AVQA_FILLINGS_MAX_WORDS)
            return avqa_fail(AVQA_EINVAL,
                             "template %s: slot %zu has %zu words; at most %d are "
                             "tried",
                             t->code, s, t->slots[s]->n_values,
                             (int)AVQA_FILLINGS_MAX_WORDS);
    }
    if (fillings > MAX_FILLINGS)
        return avqa_fail(AVQA_EINVAL, "template %s can be filled in more than %d ways",
                         t->code, (int)MAX_FILLINGS);
    return AVQA_OK;
}

/* What counters and patience have room for. */
static enum avqa_status check_room(const struct avqa_generator *g)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < g->templates->n; i++) {
        const struct avqa_template *t = &g->templates->items[i];
        size_t answers = 0;
        for (size_t d = 0; d < t->n_answers; d++)
            answers += t->answers[d]->n_values;
        if (answers > MAX_ANSWERS)
            return avqa_fail(AVQA_EINVAL,
                             "template %s has %zu answers; questions are generated for "
                             "at most %d",
                             t->code, answers, (int)MAX_ANSWERS);
        rc = check_slots(t);
    }
    return rc;
}

static enum avqa_status make_room(struct work *w)
{
    struct avqa_generator *g = w->g;
    size_t cells;
    g->counts = avqa_mem_new((g->templates->n + 1) * sizeof *g->counts);
    if (avqa_mem_product(&cells, g->n_scenes, g->templates->n)) {
        w->possible = calloc(cells + 1, sizeof *w->possible);
        w->wanted = calloc(cells + 1, sizeof *w->wanted);
        w->chosen_at = calloc(g->n_scenes + 1, sizeof *w->chosen_at);
        w->clip_hashes = calloc(g->n_scenes + 1, sizeof *w->clip_hashes);
        w->refused = calloc(n_chunks(w) * n_templates(w) + 1, sizeof *w->refused);
    }
    if (!w->possible || !w->wanted || !w->chosen_at || !w->clip_hashes || !w->refused)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu clips", g->n_scenes);
    for (size_t c = 0; c < g->n_scenes; c++)
        w->clip_hashes[c] = clip_hash(g->opts.seed, g->scenes[c]);
    return AVQA_OK;
}

enum avqa_status avqa_generator_run(struct avqa_generator *g)
{
    struct work w = {.g = g};
    enum avqa_status rc = check_room(g);
    if (rc == AVQA_OK)
        rc = make_room(&w);
    if (rc == AVQA_OK)
        rc = avqa_pool_run(g->opts.jobs, n_chunks(&w), survey_chunk, &w);
    if (rc == AVQA_OK) {
        count_survey(&w);
        count_missing(&w);
        rc = choose(&w);
    }
    if (rc == AVQA_OK)
        rc = place_questions(&w);
    if (rc == AVQA_OK)
        rc = avqa_pool_run(g->opts.jobs, n_chunks(&w), pick_chunk, &w);
    free(w.possible);
    free(w.wanted);
    free(w.chosen_at);
    free(w.clip_hashes);
    free(w.refused);
    return rc;
}

uint64_t avqa_generator_hash(const struct avqa_generator *g, size_t question,
                             const char *what)
{
    const struct avqa_generated *q = &g->questions[question];
    uint64_t h = clip_hash(g->opts.seed, g->scenes[q->clip]);
    return avqa_hash_str(avqa_hash_str(h, g->templates->items[q->template].code), what);
}

void avqa_generator_release(struct avqa_generator *g)
{
    free(g->counts);
    free(g->questions);
    g->counts = NULL;
    g->questions = NULL;
    g->n_questions = 0;
}
