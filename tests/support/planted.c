/* See planted.h. */
#include "planted.h"

#include "base/rng.h"

#include <stdio.h>
#include <string.h>

static const char *const kinds[PLANTED_MAX_KINDS] = {
    "violin",    "piano",   "drum",          "flute",          "cello", "trumpet",
    "accordion", "guzheng", "saxophone",     "banjo",          "erhu",  "clarinet",
    "ukulele",   "congas",  "electric_bass", "xylophone",      "pipa",  "bassoon",
    "tuba",      "suona",   "bagpipe",       "acoustic_guitar"};

static bool chance(struct avqa_rng *rng, unsigned percent)
{
    return avqa_rng_below(rng, 100) < percent;
}

static double between(struct avqa_rng *rng, double from, double to)
{
    return from + (to - from) * avqa_rng_unit(rng);
}

static void shuffle(struct avqa_rng *rng, size_t *items, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = avqa_rng_below(rng, i);
        size_t item = items[k];
        items[k] = items[i - 1];
        items[i - 1] = item;
    }
}

/* ---- who stands where ------------------------------------------------------------ */

/* The first n players side by side. One alone stands in any third of the picture; two
 * stand at its sides, so that left of each other and left in the picture are the same.
 */
static void stand(struct avqa_rng *rng, struct planted_scene *s, size_t n)
{
    static const char *const places[] = {"left", "middle", "right"};
    static const double width = 0.28;
    size_t alone = avqa_rng_below(rng, 3);
    for (size_t i = 0; i < n; i++) {
        struct planted_player *p = &s->players[i];
        size_t third = n == 1 ? alone : n == 2 ? 2 * i : i;
        double x = 0.17 + 0.33 * (double)third + between(rng, -0.02, 0.02);
        double height = between(rng, 0.5, 0.7);
        p->visible = true;
        p->place = places[third];
        p->box[0] = x - width / 2;
        p->box[1] = between(rng, 0.1, 0.95 - height);
        p->box[2] = width;
        p->box[3] = height;
    }
}

static void choose_kinds(struct avqa_rng *rng, struct planted_scene *s, size_t n_kinds)
{
    size_t order[PLANTED_MAX_KINDS];
    for (size_t i = 0; i < n_kinds; i++)
        order[i] = i;
    shuffle(rng, order, n_kinds);
    for (size_t i = 0; i < s->n_players; i++)
        s->players[i].kind = kinds[order[i % n_kinds]];
    if (s->n_players > 1 && chance(rng, 25)) { /* two of a kind */
        size_t one = avqa_rng_below(rng, s->n_players - 1);
        s->players[one + 1].kind = s->players[one].kind;
    }
}

/* ---- who sounds when ------------------------------------------------------------- */

/* One after the other, equally long, in any order. */
static void take_turns(struct avqa_rng *rng, struct planted_scene *s)
{
    size_t order[PLANTED_MAX_PLAYERS];
    size_t n = 0;
    for (size_t i = 0; i < s->n_players; i++)
        if (s->players[i].to > s->players[i].from)
            order[n++] = i;
    shuffle(rng, order, n);
    int length = n ? PLANTED_SECONDS / (int)n : 0;
    int rest = PLANTED_SECONDS - length * (int)n;
    int at = (int)avqa_rng_below(rng, (uint64_t)rest + 1);
    for (size_t i = 0; i < n; i++, at += length) {
        s->players[order[i]].from = at;
        s->players[order[i]].to = at + length;
    }
}

/* Nobody comes in and nobody ends together with another one. */
static void overlap(struct avqa_rng *rng, struct planted_scene *s)
{
    size_t from[] = {0, 1, 2, 3};
    size_t to[] = {3, 4, 5, 6};
    bool all_sound;
    do {
        shuffle(rng, from, PLANTED_MAX_PLAYERS);
        shuffle(rng, to, PLANTED_MAX_PLAYERS);
        all_sound = true;
        for (size_t i = 0; i < s->n_players; i++)
            all_sound &= from[i] < to[i];
    } while (!all_sound);
    for (size_t i = 0; i < s->n_players; i++) {
        struct planted_player *p = &s->players[i];
        if (p->to > p->from) {
            p->from = (int)from[i];
            p->to = (int)to[i];
        }
    }
}

/* One in seven of those who are seen with others never sounds. */
static void sound(struct avqa_rng *rng, struct planted_scene *s, size_t n_visible,
                  double turns)
{
    size_t loud[] = {0, 1, 2, 3};
    size_t rhythm[] = {0, 1, 2, 3};
    s->times = chance(rng, 15)              ? PLANTED_TOGETHER
               : avqa_rng_unit(rng) < turns ? PLANTED_TURNS
                                            : PLANTED_OVERLAP;
    shuffle(rng, loud, PLANTED_MAX_PLAYERS);
    shuffle(rng, rhythm, PLANTED_MAX_PLAYERS);
    for (size_t i = 0; i < s->n_players; i++) {
        struct planted_player *p = &s->players[i];
        bool silent = i < n_visible && chance(rng, n_visible > 1 ? 15 : 10);
        p->to = silent ? 0 : PLANTED_SECONDS;
        p->loudness_db = -5 * (double)loud[i] + between(rng, -0.8, 0.8);
        p->rhythm = 0.1 + 0.2 * (double)rhythm[i] + between(rng, 0, 0.05);
    }
    if (s->times == PLANTED_TURNS)
        take_turns(rng, s);
    if (s->times == PLANTED_OVERLAP)
        overlap(rng, s);
}

/* In four of ten clips; where players take turns all the time, because otherwise it
 * would tell who is next to whom. */
static void speak(struct avqa_rng *rng, struct planted_scene *s)
{
    if (!chance(rng, 40))
        return;
    s->voice_from = (int)avqa_rng_below(rng, PLANTED_SECONDS - 1);
    s->voice_to = s->voice_from + 2;
    if (s->times == PLANTED_TURNS) {
        s->voice_from = 0;
        s->voice_to = PLANTED_SECONDS;
    }
}

void planted_make(struct planted_scene *out, const struct planted_options *options,
                  size_t i)
{
    struct avqa_rng rng;
    *out = (struct planted_scene){.n_players = 0};
    snprintf(out->name, sizeof out->name, "planted%06zu", i);
    avqa_rng_init(&rng, options->seed, out->name);
    size_t n = chance(&rng, 15) ? 1 : 2 + avqa_rng_below(&rng, 2);
    out->n_players = n + chance(&rng, 20);
    out->indoor = chance(&rng, 50);
    choose_kinds(&rng, out, options->n_kinds);
    stand(&rng, out, n);
    sound(&rng, out, n, options->turns);
    speak(&rng, out);
}

/* ---- facts ----------------------------------------------------------------------- */

static void put_range(struct avqa_json *parent, const char *key, int from, int to)
{
    struct avqa_json *ranges = avqa_json_put_array(parent, key);
    if (from >= to)
        return;
    struct avqa_json *range = avqa_json_put_array(ranges, NULL);
    avqa_json_put_int(range, NULL, from);
    avqa_json_put_int(range, NULL, to);
}

static void put_player(struct avqa_json *players, const struct planted_player *p,
                       size_t i)
{
    char id[24];
    struct avqa_json *out = avqa_json_put_object(players, NULL);
    snprintf(id, sizeof id, "%zu", i + 1);
    avqa_json_put_string(out, "id", id);
    avqa_json_put_string(out, "instrument", p->kind);
    avqa_json_put_bool(out, "visible", p->visible);
    if (p->visible) {
        avqa_json_put_double(out, "x", p->box[0] + p->box[2] / 2);
        struct avqa_json *box = avqa_json_put_array(out, "box");
        for (size_t k = 0; k < 4; k++)
            avqa_json_put_double(box, NULL, p->box[k]);
    }
    put_range(out, "sounding", p->from, p->to);
    if (p->from < p->to) {
        avqa_json_put_double(out, "loudness_db", p->loudness_db);
        avqa_json_put_double(out, "rhythmicity", p->rhythm);
    }
}

struct avqa_json *planted_facts(const struct planted_scene *scene)
{
    struct avqa_json *out = avqa_json_new_object();
    avqa_json_put_string(out, "clip", scene->name);
    avqa_json_put_int(out, "duration", PLANTED_SECONDS);
    avqa_json_put_string(out, "scene", scene->indoor ? "indoor" : "outdoor");
    put_range(out, "voiceover", scene->voice_from, scene->voice_to);
    struct avqa_json *players = avqa_json_put_array(out, "instances");
    for (size_t i = 0; i < scene->n_players; i++)
        put_player(players, &scene->players[i], i);
    avqa_json_put_string(out, "origin", "studio");
    return out;
}
