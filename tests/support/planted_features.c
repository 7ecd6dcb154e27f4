/* Planted scenes as numbers; see planted.h. */
#include "planted.h"

#include "base/rng.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MARK = 6 };

/* What a thing is recognised by: some numbers of a vector, 0.5 to 1.5 each. */
struct mark {
    size_t at[MARK];
    float value[MARK];
};

/* A sum of marks that is laid over many places. */
struct marks {
    struct mark items[5];
    float weight[5];
    size_t n;
};

static struct mark mark_of(size_t width, const char *sense, const char *name,
                           const char *more)
{
    char text[80];
    struct avqa_rng rng;
    struct mark m;
    snprintf(text, sizeof text, "%s %s %s", sense, name, more);
    avqa_rng_init(&rng, 0, text); /* whatever the seed: the world is one */
    for (size_t i = 0; i < MARK; i++) {
        m.at[i] = avqa_rng_below(&rng, width);
        m.value[i] = 0.5F + (float)avqa_rng_unit(&rng);
    }
    return m;
}

static void add_mark(struct marks *marks, struct mark mark, double weight)
{
    marks->items[marks->n] = mark;
    marks->weight[marks->n++] = (float)weight;
}

/* Irwin and Hall's sum of twelve, deviation 1. */
static float normal(struct avqa_rng *rng)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += avqa_rng_unit(rng);
    return (float)sum;
}

/* A stream of noise of its own for each clip and sense. */
static struct avqa_rng noise_of(const struct planted_scene *scene,
                                const struct planted_options *options,
                                const char *sense)
{
    char text[48];
    struct avqa_rng rng;
    snprintf(text, sizeof text, "%s %s", scene->name, sense);
    avqa_rng_init(&rng, options->seed, text);
    return rng;
}

/* ---- sound ----------------------------------------------------------------------- */

static void hear(float *out, struct mark mark, double weight)
{
    for (size_t i = 0; i < MARK; i++)
        out[mark.at[i]] += (float)weight * mark.value[i];
}

/* That it sounds, how loud and how rhythmic it is: 0 to about 1.2 each. */
static void hear_player(float *out, const struct planted_player *p, int second,
                        double volume)
{
    if (second < p->from || second >= p->to)
        return;
    double loud = 1.25 + p->loudness_db / 13;
    hear(out, mark_of(PLANTED_SOUND, "sound", p->kind, ""), 0.8 * volume);
    hear(out, mark_of(PLANTED_SOUND, "loud", p->kind, ""), loud * volume);
    hear(out, mark_of(PLANTED_SOUND, "beat", p->kind, ""), 1.7 * p->rhythm * volume);
}

/* Which second's mark of time each second has. */
static void find_times(int when[PLANTED_SECONDS], const struct planted_scene *scene,
                       const struct planted_options *options)
{
    struct avqa_rng rng = noise_of(scene, options, "times");
    for (int t = 0; t < PLANTED_SECONDS; t++)
        when[t] = t;
    for (int t = PLANTED_SECONDS; options->shuffled != 0 && t > 1; t--) {
        size_t k = avqa_rng_below(&rng, (uint64_t)t);
        int other = when[k];
        when[k] = when[t - 1];
        when[t - 1] = other;
    }
}

/* Twice as clear as who sounds: what is there once in a clip is learnt last. */
static void hear_time(float *out, int when, double clock)
{
    char name[] = "second 0";
    name[sizeof name - 2] = (char)('0' + when);
    hear(out, mark_of(PLANTED_SOUND, "sound", name, ""), 2 * clock);
}

void planted_sound(float *out, const struct planted_scene *scene,
                   const struct planted_options *options)
{
    int when[PLANTED_SECONDS];
    struct avqa_rng rng = noise_of(scene, options, "sound");
    find_times(when, scene, options);
    memset(out, 0, sizeof(float) * PLANTED_SECONDS * PLANTED_SOUND);
    for (int t = 0; t < PLANTED_SECONDS; t++, out += PLANTED_SOUND) {
        for (size_t i = 0; i < scene->n_players; i++)
            hear_player(out, &scene->players[i], t, options->volume);
        if (t >= scene->voice_from && t < scene->voice_to)
            hear(out, mark_of(PLANTED_SOUND, "sound", "voice", ""),
                 0.8 * options->volume);
        hear_time(out, when[t], options->clock * options->volume);
        for (size_t k = 0; k < PLANTED_SOUND; k++) {
            out[k] += (float)options->noise * normal(&rng);
            out[k] = out[k] > 0 ? out[k] : 0; /* as VGGish's last layer has it */
        }
    }
}

/* ---- picture --------------------------------------------------------------------- */

bool planted_in_box(const double box[4], size_t place)
{
    double x = ((double)(place % PLANTED_SIDE) + 0.5) / PLANTED_SIDE;
    double y = ((double)(place / PLANTED_SIDE) + 0.5) / PLANTED_SIDE;
    return x >= box[0] && x < box[0] + box[2] && y >= box[1] && y < box[1] + box[3];
}

/* Lays marks over a place, each number with noise of its own, and noise into as many
 * numbers that mean nothing. */
static void see(float *map, size_t place, const struct marks *marks,
                struct avqa_rng *rng, double noise)
{
    for (size_t m = 0; m < marks->n; m++) {
        const struct mark *mark = &marks->items[m];
        for (size_t i = 0; i < MARK; i++) {
            float value = mark->value[i] + (float)noise * normal(rng);
            size_t stray = avqa_rng_below(rng, PLANTED_CHANNELS);
            if (value > 0)
                map[mark->at[i] * PLANTED_PLACES + place] += marks->weight[m] * value;
            map[stray * PLANTED_PLACES + place] +=
                marks->weight[m] * (float)noise * fabsf(normal(rng));
        }
    }
}

/* Of instrument, of place, and of both together: what is recognised at the left of a
 * picture looks a little different from the same at its right. The light on it says how
 * late it is; it is no place of its own, or sound would be matched with a clock on the
 * wall. */
static struct marks marks_of_player(const struct planted_player *p, double gain,
                                    double clock, double late)
{
    struct marks marks = {.n = 0};
    add_mark(&marks, mark_of(PLANTED_CHANNELS, "look", p->kind, ""), gain);
    add_mark(&marks, mark_of(PLANTED_CHANNELS, "look", p->kind, p->place), 0.6 * gain);
    add_mark(&marks, mark_of(PLANTED_CHANNELS, "place", p->place, ""), 0.6 * gain);
    add_mark(&marks, mark_of(PLANTED_CHANNELS, "look", "early", ""),
             0.4 * clock * (1 - late) * gain);
    add_mark(&marks, mark_of(PLANTED_CHANNELS, "look", "late", ""),
             0.4 * clock * late * gain);
    return marks;
}

/* A row of the map: the wall behind (indoor or outdoor), the band below an insert. */
static void see_row(float *map, size_t row, const char *name, double light,
                    struct avqa_rng *rng, double noise)
{
    struct marks marks = {.n = 0};
    add_mark(&marks, mark_of(PLANTED_CHANNELS, "look", name, ""), 9 * light);
    for (size_t i = 0; i < PLANTED_SIDE; i++)
        see(map, row * PLANTED_SIDE + i, &marks, rng, noise);
}

static void see_player(float *map, const struct planted_player *p,
                       const struct marks *marks, struct avqa_rng *rng, double noise)
{
    for (size_t place = 0; place < PLANTED_PLACES; place++)
        if (planted_in_box(p->box, place))
            see(map, place, marks, rng, noise);
}

static void see_players(float *map, const struct planted_scene *scene,
                        const double *gains, double clock, double late,
                        struct avqa_rng *rng, double noise)
{
    for (size_t i = 0; i < scene->n_players; i++) {
        const struct planted_player *p = &scene->players[i];
        struct marks marks;
        if (!p->visible)
            continue;
        marks = marks_of_player(p, gains[i], clock, late);
        see_player(map, p, &marks, rng, noise);
    }
}

/* Who is seen instead, and in which seconds. Three clips in twenty have no inserts. */
static void find_inserts(bool inserts[PLANTED_SECONDS], struct planted_scene *other,
                         const struct planted_scene *scene,
                         const struct planted_options *options)
{
    enum { NOBODY_ASKS = 1000000 }; /* about clips from this number on */
    struct avqa_rng rng = noise_of(scene, options, "inserts");
    planted_make(other, options, NOBODY_ASKS + avqa_rng_below(&rng, NOBODY_ASKS));
    size_t n = avqa_rng_below(&rng, 100) < 15 ? 0 : options->inserts;
    for (size_t left = PLANTED_SECONDS; left > 0; left--) {
        inserts[left - 1] = avqa_rng_below(&rng, left) < n;
        n -= inserts[left - 1];
    }
}

void planted_maps(float *out, const struct planted_scene *scene,
                  const struct planted_options *options)
{
    struct avqa_rng rng = noise_of(scene, options, "look");
    struct planted_scene other;
    double gains[PLANTED_MAX_PLAYERS];
    int when[PLANTED_SECONDS];
    bool inserts[PLANTED_SECONDS];
    size_t size = (size_t)PLANTED_CHANNELS * PLANTED_PLACES;
    for (size_t i = 0; i < PLANTED_MAX_PLAYERS; i++)
        gains[i] = options->light * (5 + 2 * avqa_rng_unit(&rng));
    find_times(when, scene, options);
    find_inserts(inserts, &other, scene, options);
    memset(out, 0, sizeof(float) * PLANTED_SECONDS * size);
    for (int t = 0; t < PLANTED_SECONDS; t++, out += size) {
        const struct planted_scene *seen = inserts[t] ? &other : scene;
        see_row(out, 0, seen->indoor ? "indoor" : "outdoor", options->light, &rng,
                options->noise);
        if (inserts[t])
            see_row(out, PLANTED_SIDE - 1, "insert", options->light, &rng,
                    options->noise);
        see_players(out, seen, gains, options->clock, (when[t] + 0.5) / PLANTED_SECONDS,
                    &rng, options->noise);
    }
}
