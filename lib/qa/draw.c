/* From the literals of a symbolic scene to a scene with numbers. A measure becomes a
 * system of differences (clear: at least 1000 apart, otherwise less), solved by
 * relaxing; sounding becomes a clip of several stretches:
 *
 *     onsets | meetings | blocks | alone: blocks, meetings | ends
 *
 * Everyone ticks once at its onset and once at its end; two that sound together meet
 * for a tick, and a block makes up the time that each sounds in all. Whoever sounds all
 * the time has the stretch of blocks for itself and those that may sound with it; who
 * may not is "alone" behind it. What cannot be drawn this way is not drawn; the caller
 * evaluates what is. */
#include "qa/symbolic.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    MAX = AVQA_SYMBOLIC_MAX,
    CLEAR = 1000,    /* the margin */
    CLIP = MAX,      /* the place of the clip's length among durations */
    MAX_RANGES = 64, /* of an instance */
};

static const int64_t second_us = 1000000;

struct levels {
    int64_t of[MAX + 1];
};

/* What is drawn, in numbers of the solver. */
struct drawing {
    struct avqa_symbolic *s;
    bool there[MAX], visible[MAX], sounds[MAX], always[MAX], pauses[MAX];
    struct levels x, measures[AVQA_SYMBOLIC_N_MEASURES];
    int64_t tick_us, length_us;
    int64_t total_us[MAX];
    bool alone[MAX]; /* sounds only where whoever always sounds does not */
    struct avqa_range ranges[MAX][MAX_RANGES];
    size_t n_ranges[MAX];
};

static bool holds(const struct drawing *d, int literal)
{
    return avqa_sat_holds(d->s->sat, literal);
}

static bool together(const struct drawing *d, size_t i, size_t j)
{
    const struct avqa_symbolic *s = d->s;
    return !s->has_apart || !holds(d, i < j ? s->apart[i][j] : s->apart[j][i]);
}

static bool any_always(const struct drawing *d)
{
    bool any = false;
    for (size_t i = 0; i < d->s->n; i++)
        any = any || d->always[i];
    return any;
}

/* ---- differences ----------------------------------------------------------------- */

/* to >= from + by */
struct difference {
    size_t from, to;
    int64_t by;
};

struct differences {
    struct difference items[4 * (MAX + 1) * (MAX + 1)];
    size_t n;
};

static void add(struct differences *all, size_t from, size_t to, int64_t by)
{
    all->items[all->n++] = (struct difference){from, to, by};
}

/* The least levels from 0 on; false if there are none. */
static bool solve(const struct differences *all, struct levels *out)
{
    memset(out, 0, sizeof *out);
    for (int round = 0; round <= MAX + 2; round++) {
        bool changed = false;
        for (size_t i = 0; i < all->n; i++) {
            const struct difference *d = &all->items[i];
            if (out->of[d->to] < out->of[d->from] + d->by) {
                out->of[d->to] = out->of[d->from] + d->by;
                changed = true;
            }
        }
        if (!changed)
            return true;
    }
    return false;
}

static void add_pair(struct differences *all, size_t less, size_t more, bool clear)
{
    add(all, less, more, clear ? CLEAR + 1 : 1);
    if (!clear)
        add(all, more, less, 1 - CLEAR);
}

static bool solve_x(struct drawing *d)
{
    struct differences all = {.n = 0};
    for (size_t i = 0; i < d->s->n; i++) {
        for (size_t j = i + 1; j < d->s->n; j++) {
            if (d->visible[i] && d->visible[j])
                add_pair(&all, i, j,
                         !d->s->has_places || holds(d, d->s->clear_x[i][j]));
        }
    }
    return solve(&all, &d->x);
}

static const double LEAST_MARGIN = 1e-3;

/* Without a margin any difference will do, but there must be one. */
static double relative_margin(const struct drawing *d)
{
    return fmax(d->s->margins->relative, LEAST_MARGIN);
}

/* How many levels lie between all of a clip and this share of it. */
static int64_t levels_of_share(const struct drawing *d, double share)
{
    return (int64_t)(CLEAR * log(share) / log(1 - relative_margin(d)));
}

/* Durations beside the clip's own: what sounds all the time, what clearly does not, and
 * what sounds where that is silent. */
static void add_lengths(struct drawing *d, struct differences *all)
{
    double leaves = d->s->margins->always;
    for (size_t i = 0; i < d->s->n; i++) {
        if (!d->sounds[i])
            continue;
        add(all, i, CLIP, levels_of_share(d, 0.996));
        if (d->always[i])
            add(all, CLIP, i, 5 - levels_of_share(d, 1 - leaves));
        if (d->pauses[i])
            add(all, i, CLIP, levels_of_share(d, 1 - 2 * leaves) + 5);
        if (d->alone[i])
            add(all, i, CLIP, levels_of_share(d, 0.0005));
    }
}

static bool solve_measure(struct drawing *d, enum avqa_symbolic_measure m)
{
    struct differences all = {.n = 0};
    const struct avqa_symbolic_order *o = &d->s->orders[m];
    for (size_t i = 0; i < d->s->n; i++) {
        for (size_t j = 0; j < d->s->n; j++) {
            if (i == j || !d->sounds[i] || !d->sounds[j])
                continue;
            if (!o->used && i < j && m != AVQA_SYMBOLIC_DURATION)
                add(&all, i, j, 2 * CLEAR);
            if (o->used && holds(d, o->before[i][j]))
                add_pair(&all, i, j, holds(d, o->clear[i][j]));
        }
    }
    if (m == AVQA_SYMBOLIC_DURATION && any_always(d))
        add_lengths(d, &all);
    return solve(&all, &d->measures[m]);
}

/* ---- who is there ---------------------------------------------------------------- */

static bool read_instances(struct drawing *d)
{
    struct avqa_symbolic *s = d->s;
    for (size_t i = 0; i < s->n; i++) {
        d->there[i] = holds(d, s->there[i]);
        d->visible[i] = holds(d, s->visible[i]);
        d->sounds[i] = holds(d, s->sounds[i]);
        d->always[i] = s->has_covers && d->sounds[i] && holds(d, s->always[i]);
        d->pauses[i] = s->has_covers && d->sounds[i] && holds(d, s->pauses[i]);
    }
    for (size_t i = 0; i < s->n; i++) {
        size_t with = 0;
        size_t without = 0;
        for (size_t j = 0; j < s->n; j++) {
            with += j != i && d->sounds[i] && d->always[j] && together(d, i, j);
            without += j != i && d->sounds[i] && d->always[j] && !together(d, i, j);
        }
        if (with && without)
            return false; /* it would have to sound where only some are silent */
        d->alone[i] = without > 0;
    }
    return true;
}

/* ---- sounding -------------------------------------------------------------------- */

static bool sound(struct drawing *d, size_t i, int64_t start_us, int64_t len_us)
{
    if (d->n_ranges[i] == MAX_RANGES || len_us <= 0)
        return false;
    d->ranges[i][d->n_ranges[i]++] = (struct avqa_range){start_us, start_us + len_us};
    d->total_us[i] -= len_us;
    return true;
}

/* What each is to sound in all. */
static void set_totals(struct drawing *d)
{
    const struct levels *v = &d->measures[AVQA_SYMBOLIC_DURATION];
    double step = -log(1 - relative_margin(d)) / CLEAR;
    d->length_us = 10000 * second_us;
    for (size_t i = 0; i < d->s->n; i++) {
        double level = (double)v->of[i];
        d->total_us[i] = any_always(d)
                             ? llround((double)d->length_us *
                                       exp(step * (level - (double)v->of[CLIP])))
                             : llround(10.0 * (double)second_us * exp(step * level));
    }
}

/* Pairs that sound together, of those alone or of the others, meet one after the other.
 */
static bool meet(struct drawing *d, bool alone, int64_t *at_us)
{
    for (size_t i = 0; i < d->s->n; i++) {
        for (size_t j = i + 1; j < d->s->n; j++) {
            if (!d->sounds[i] || !d->sounds[j] || !together(d, i, j) ||
                (d->alone[i] || d->alone[j]) != alone)
                continue;
            if (!sound(d, i, *at_us, d->tick_us) || !sound(d, j, *at_us, d->tick_us))
                return false;
            *at_us += d->tick_us;
        }
    }
    return true;
}

/* The rest of what each of one group sounds, each behind those it does not sound
 * together with. */
static bool place_blocks(struct drawing *d, bool alone, int64_t *at_us)
{
    int64_t from_us = *at_us;
    int64_t ends_us[MAX] = {0};
    for (size_t i = 0; i < d->s->n; i++) {
        int64_t start_us = from_us;
        int64_t len_us = d->total_us[i] - d->tick_us; /* the last tick comes later */
        if (!d->sounds[i] || d->alone[i] != alone)
            continue;
        for (size_t j = 0; j < i; j++) {
            if (ends_us[j] > start_us && (!d->s->has_apart || !together(d, i, j)))
                start_us = ends_us[j];
        }
        if (!sound(d, i, start_us, len_us))
            return false;
        ends_us[i] = start_us + len_us;
        if (ends_us[i] > *at_us)
            *at_us = ends_us[i];
    }
    return true;
}

static bool place_sounds(struct drawing *d)
{
    const struct levels *on = &d->measures[AVQA_SYMBOLIC_ONSET];
    const struct levels *off = &d->measures[AVQA_SYMBOLIC_END];
    int64_t margin_us = d->s->margins->onset_us;
    int64_t at_us = 0;
    d->tick_us = margin_us / CLEAR / 2;
    set_totals(d);
    for (size_t i = 0; i < d->s->n; i++) {
        int64_t onset_us = on->of[i] * margin_us / CLEAR;
        if (d->sounds[i] && !sound(d, i, onset_us, d->tick_us))
            return false;
        if (onset_us + d->tick_us > at_us)
            at_us = onset_us + d->tick_us;
    }
    if (!meet(d, false, &at_us) || !place_blocks(d, false, &at_us) ||
        !meet(d, true, &at_us) || !place_blocks(d, true, &at_us))
        return false;
    int64_t ends_us = at_us;
    for (size_t i = 0; i < d->s->n; i++) {
        int64_t tick_us = ends_us + off->of[i] * margin_us / CLEAR;
        if (d->sounds[i] && !sound(d, i, tick_us, d->tick_us))
            return false;
        if (tick_us + d->tick_us > at_us)
            at_us = tick_us + d->tick_us;
    }
    if (any_always(d))
        return at_us <= d->length_us;
    d->length_us = 20 * at_us + second_us; /* whoever sounds, pauses most of the time */
    return true;
}

/* ---- the scene ------------------------------------------------------------------- */

static bool is_named(const struct avqa_symbolic_words *words, const char *word)
{
    size_t k = 0;
    while (k < words->n_kinds && strcmp(words->kinds[k], word) != 0)
        k++;
    return k < words->n_kinds;
}

/* The n-th word that no question speaks of, or NULL. */
static const char *spare_word(const struct avqa_symbolic_words *words, size_t n)
{
    for (size_t v = 0; words->objects && v < words->objects->n_values; v++) {
        if (!is_named(words, words->objects->values[v]) && n-- == 0)
            return words->objects->values[v];
    }
    return NULL;
}

static const char *kind_name(const struct drawing *d, struct avqa_arena *arena,
                             size_t i)
{
    const struct avqa_symbolic_words *words = d->s->words;
    char name[48];
    size_t k = 0;
    while (k + 1 < d->s->n_kinds && !holds(d, d->s->kind[i][k]))
        k++;
    if (k < words->n_kinds)
        return words->kinds[k];
    const char *spare = spare_word(words, k - words->n_kinds);
    if (spare)
        return spare;
    snprintf(name, sizeof name, "another kind (%zu)", k - words->n_kinds + 1);
    return avqa_arena_strdup(arena, name);
}

/* Where the leftmost stands: anywhere, or in the third that all of them are in. */
static double first_x(const struct drawing *d)
{
    static const double thirds[] = {0.05, 0.75, 0.4};
    double x = 0.05;
    for (size_t i = 0; i < d->s->n; i++) {
        for (int p = 0; p < 3 && d->s->has_places && d->visible[i]; p++) {
            if (holds(d, d->s->place[i][p]))
                x = thirds[p];
        }
    }
    for (size_t i = 0; i < d->s->n; i++) {
        if (d->visible[i] && d->x.of[i] > CLEAR)
            x = 0.05;
    }
    return x;
}

static void draw_instance(const struct drawing *d, struct avqa_arena *arena, size_t i,
                          struct avqa_instance *out)
{
    const struct avqa_symbolic *s = d->s;
    const struct avqa_ranges list = {(struct avqa_range *)d->ranges[i], d->n_ranges[i],
                                     true};
    double loudness = (double)d->measures[AVQA_SYMBOLIC_LOUDNESS].of[i] / CLEAR;
    double rhythm = (double)d->measures[AVQA_SYMBOLIC_RHYTHM].of[i] / CLEAR;
    char id[24];
    snprintf(id, sizeof id, "%zu", i + 1);
    *out = (struct avqa_instance){.id = avqa_arena_strdup(arena, id),
                                  .instrument = kind_name(d, arena, i),
                                  .visible = d->visible[i] ? AVQA_YES : AVQA_NO,
                                  .x = (double)NAN,
                                  .loudness_db = (double)NAN,
                                  .rhythmicity = (double)NAN};
    for (int k = 0; k < 4; k++)
        out->box[k] = (double)NAN;
    if (d->visible[i])
        out->x = first_x(d) + (double)d->x.of[i] / CLEAR * AVQA_FACTS_SAME_X;
    out->sounding.known = true;
    if (!d->sounds[i])
        return;
    out->sounding = avqa_ranges_union(arena, &(const struct avqa_ranges *){&list}, 1);
    if (s->orders[AVQA_SYMBOLIC_LOUDNESS].used)
        out->loudness_db = -40 + loudness * 20 * log10(1 + s->margins->relative);
    if (s->orders[AVQA_SYMBOLIC_RHYTHM].used)
        out->rhythmicity = 0.1 * pow(1 - s->margins->relative, -rhythm);
}

const struct avqa_scene *avqa_symbolic_draw(struct avqa_symbolic *s,
                                            struct avqa_arena *arena)
{
    struct drawing d = {.s = s};
    if (!read_instances(&d) || !solve_x(&d))
        return NULL;
    for (int m = 0; m < AVQA_SYMBOLIC_N_MEASURES; m++) {
        if (!solve_measure(&d, (enum avqa_symbolic_measure)m))
            return NULL;
    }
    if (!place_sounds(&d))
        return NULL;
    struct avqa_scene *scene = avqa_arena_alloc(arena, sizeof *scene);
    *scene = (struct avqa_scene){
        .clip = "", .duration_us = d.length_us, .instances_known = true};
    scene->voiceover.known = true;
    if (avqa_sat_holds(s->sat, s->voiceover)) {
        scene->voiceover.items = avqa_arena_alloc(arena, sizeof(struct avqa_range));
        scene->voiceover.items[0] = (struct avqa_range){0, second_us};
        scene->voiceover.n = 1;
    }
    for (size_t k = 0; k < s->words->n_scenes; k++) {
        if (avqa_sat_holds(s->sat, s->scene[k]))
            scene->place = s->words->scenes[k];
    }
    scene->instances = avqa_arena_alloc(arena, s->n * sizeof *scene->instances);
    for (size_t i = 0; i < s->n; i++) {
        if (d.there[i])
            draw_instance(&d, arena, i, &scene->instances[scene->n_instances++]);
    }
    return scene;
}
