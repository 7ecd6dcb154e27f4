/* See vary.h. A number is what is turned over in the whole scene, and what happens to
 * one of its instances besides: all turns of the scene come first, then those with the
 * first instance silent, and so on. */
#include "qa/vary.h"

#include <math.h>

enum turn { LOUDNESS = 1, RHYTHM = 2, TIME = 4, SIDES = 8 };
enum change { SILENT, HIDDEN, GONE, N_CHANGES };

/* Low and high of what is known. */
struct span {
    double low, high;
};

static void widen(struct span *s, double value)
{
    s->low = fmin(s->low, value); /* fmin and fmax pass over NaN */
    s->high = fmax(s->high, value);
}

static int64_t end_of(const struct avqa_scene *scene)
{
    int64_t end = 0;
    if (scene->duration_us != AVQA_FACTS_UNKNOWN)
        return scene->duration_us;
    for (size_t i = 0; i < scene->n_instances; i++) {
        int64_t offset = avqa_instance_offset_us(&scene->instances[i]);
        if (offset != AVQA_FACTS_UNKNOWN && offset > end)
            end = offset;
    }
    return end;
}

/* False if there is no room. */
static bool turn_time(struct avqa_variant *v, struct avqa_ranges *sounding,
                      int64_t end_us)
{
    struct avqa_range *items = v->ranges + v->n_ranges;
    size_t n = sounding->n;
    if (n > AVQA_VARIANT_RANGES - v->n_ranges)
        return false;
    for (size_t i = 0; i < n; i++)
        items[i] = (struct avqa_range){end_us - sounding->items[n - 1 - i].end_us,
                                       end_us - sounding->items[n - 1 - i].start_us};
    sounding->items = items;
    v->n_ranges += n;
    return true;
}

static bool turn(struct avqa_variant *v, unsigned turns)
{
    struct span loudness = {(double)INFINITY, -(double)INFINITY};
    struct span rhythm = loudness;
    int64_t end_us = end_of(&v->scene);
    bool room = true;
    for (size_t i = 0; i < v->scene.n_instances; i++) {
        widen(&loudness, v->instances[i].loudness_db);
        widen(&rhythm, v->instances[i].rhythmicity);
    }
    for (size_t i = 0; room && i < v->scene.n_instances; i++) {
        struct avqa_instance *in = &v->instances[i];
        if (turns & LOUDNESS)
            in->loudness_db = loudness.low + loudness.high - in->loudness_db;
        if (turns & RHYTHM)
            in->rhythmicity = rhythm.low + rhythm.high - in->rhythmicity;
        if (turns & SIDES)
            in->x = 1 - in->x;
        if (turns & TIME)
            room = turn_time(v, &in->sounding, end_us);
    }
    return room;
}

static void change(struct avqa_variant *v, size_t i, enum change what)
{
    struct avqa_instance *in = &v->instances[i];
    switch (what) {
    case SILENT:
        in->sounding = (struct avqa_ranges){.known = true};
        break;
    case HIDDEN:
        in->visible = AVQA_NO;
        break;
    default:
        v->instances[i] = v->instances[--v->scene.n_instances];
        break;
    }
}

bool avqa_vary(struct avqa_variant *out, const struct avqa_scene *scene, size_t number)
{
    size_t n = scene->n_instances;
    size_t changed = number / AVQA_VARY_TURNS; /* 0: nobody */
    if (n > AVQA_VARIANT_INSTANCES || changed > n * N_CHANGES)
        return false;
    out->scene = *scene;
    out->scene.instances = out->instances;
    out->n_ranges = 0;
    for (size_t i = 0; i < n; i++)
        out->instances[i] = scene->instances[i];
    if (!turn(out, (unsigned)(number % AVQA_VARY_TURNS)))
        return false;
    if (changed)
        change(out, (changed - 1) / N_CHANGES,
               (enum change)((changed - 1) % N_CHANGES));
    return true;
}
