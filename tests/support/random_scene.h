/* Random scenes of a few instances, around the margins of what can be told apart, and
 * random words to ask about them. */
#ifndef AVQA_TESTS_RANDOM_SCENE_H
#define AVQA_TESTS_RANDOM_SCENE_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "qa/facts.h"
#include "qa/template.h"

enum { MAX_INSTANCES = 16, MAX_RANGES = 4 };

struct world {
    struct avqa_scene scene;
    struct avqa_instance instances[MAX_INSTANCES];
    struct avqa_range ranges[MAX_INSTANCES][MAX_RANGES];
    struct avqa_range voice;
    char ids[MAX_INSTANCES][24];
    int unknown_percent;
};

static inline bool chance(struct avqa_rng *rng, int percent)
{
    return avqa_rng_below(rng, 100) < (uint64_t)percent;
}

static inline int64_t below(struct avqa_rng *rng, int64_t n)
{
    return (int64_t)avqa_rng_below(rng, (uint64_t)n);
}

/* Times lie on a grid of 0.1 s, so that margins are met exactly, too. */
static inline size_t random_ranges(struct avqa_rng *rng, struct avqa_range *out)
{
    int64_t t = chance(rng, 30) ? 0 : below(rng, 60);
    size_t n = 0;
    if (chance(rng, 20))
        return 0;
    if (chance(rng, 20)) { /* nearly always, around the margins of that */
        out[0] = (struct avqa_range){0, (100 - below(rng, 14)) * 100000};
        return 1;
    }
    while (n < 3 && t < 100) {
        int64_t end = t + 1 + below(rng, 100 - t);
        out[n++] = (struct avqa_range){t * 100000, end * 100000};
        t = end + 1 + below(rng, 30);
        if (chance(rng, 50))
            break;
    }
    return n;
}

static inline void random_instance(struct avqa_rng *rng, struct world *w, size_t i,
                                   const char *const *kinds, size_t n_kinds)
{
    struct avqa_instance *in = &w->instances[i];
    int unknown = w->unknown_percent;
    snprintf(w->ids[i], sizeof w->ids[i], "i%zu", i);
    *in = (struct avqa_instance){.id = w->ids[i]};
    in->instrument = chance(rng, unknown) ? NULL : kinds[below(rng, (int64_t)n_kinds)];
    in->visible = chance(rng, unknown) ? AVQA_UNKNOWN
                  : chance(rng, 80)    ? AVQA_YES
                                       : AVQA_NO;
    in->x = chance(rng, unknown) ? (double)NAN : (double)below(rng, 101) / 100;
    if (i && chance(rng, 10)) /* beside the one before, or at the margin */
        in->x = fmin(w->instances[i - 1].x + (double)below(rng, 4) / 100, 1);
    for (int k = 0; k < 4; k++)
        in->box[k] = (double)NAN;
    in->sounding.known = !chance(rng, unknown);
    in->sounding.items = w->ranges[i];
    in->sounding.n = in->sounding.known ? random_ranges(rng, w->ranges[i]) : 0;
    in->loudness_db =
        chance(rng, unknown) ? (double)NAN : -40 + (double)below(rng, 60) / 4;
    in->rhythmicity =
        chance(rng, unknown) ? (double)NAN : (double)below(rng, 101) / 100;
}

/* Up to six instances, seldom more, of up to four kinds out of a domain. How many facts
 * of a hundred are unknown is drawn, too, if it is below zero. */
static inline void random_world(struct avqa_rng *rng, struct world *w,
                                const struct avqa_domain *all, int unknown_percent)
{
    static const char *const places[] = {"indoor", "outdoor", NULL};
    const char *kinds[4];
    size_t n_kinds = 1 + (size_t)below(rng, 4);
    memset(w, 0, sizeof *w);
    for (size_t i = 0; i < n_kinds; i++)
        kinds[i] = all->values[below(rng, (int64_t)all->n_values)];
    w->unknown_percent = unknown_percent >= 0 ? unknown_percent
                         : chance(rng, 60)    ? 0
                         : chance(rng, 70)    ? 4
                                              : 25;
    w->voice = (struct avqa_range){1000000, 2500000};
    w->scene = (struct avqa_scene){.clip = "clip", .instances = w->instances};
    w->scene.place = places[below(rng, 3)];
    w->scene.duration_us =
        chance(rng, w->unknown_percent) ? AVQA_FACTS_UNKNOWN : 10000000;
    w->scene.voiceover.known = !chance(rng, w->unknown_percent);
    w->scene.voiceover.items = &w->voice;
    w->scene.voiceover.n = w->scene.voiceover.known && chance(rng, 30);
    w->scene.instances_known = !chance(rng, w->unknown_percent / 4);
    size_t n = (size_t)below(rng, 7);
    if (chance(rng, 1))
        n = 10 + (size_t)below(rng, 6);
    w->scene.n_instances = w->scene.instances_known ? n : 0;
    for (size_t i = 0; i < w->scene.n_instances; i++)
        random_instance(rng, w, i, kinds, n_kinds);
}

/* Words for the slots; objects are mostly some that are there, and mostly another than
 * the slot before has. */
static inline void random_values(struct avqa_rng *rng, const struct avqa_template *t,
                                 const struct avqa_scene *s, const char **values)
{
    for (size_t i = 0; i < t->n_slots; i++) {
        const struct avqa_domain *d = t->slots[i];
        values[i] = d->values[below(rng, (int64_t)d->n_values)];
        if (d->kind != AVQA_DOMAIN_OBJECT || s->n_instances == 0 || chance(rng, 10))
            continue;
        for (int draw = 0; draw < 3; draw++) {
            const struct avqa_instance *in =
                &s->instances[below(rng, (int64_t)s->n_instances)];
            if (in->instrument)
                values[i] = in->instrument;
            if (i == 0 || strcmp(values[i], values[0]) != 0)
                break;
        }
    }
}

#endif
