/* Planted scenes: clips that nobody filmed, of which everything is known, and features
 * that show exactly that. Facts go into questions by the program's own commands, so
 * whoever answers them well has found the scene in the features.
 *
 * Everything that there is has a mark: a few numbers of the vector, by a hash of its
 * name. A second of sound is the sum of the marks of who sounds, of how loud and how
 * rhythmic each is; a map has at each place of a player's box the marks of the
 * instrument, of where it stands, and of both together. The networks know neither which
 * place of a map is which nor which second: what the published features must say by
 * accident (borders of the picture, the course of a piece) is planted too. Each second
 * of sound has a mark of its own, and light grows from dark to bright (`clock`).
 *
 * Without these marks the seconds of a clip are a set, and other scenes have the same
 * set: of overlapping players the one that is played backwards, of players who take
 * turns that in any other order. All of them are equally likely, so who came in first
 * is not to be known from the set (planted_order.h).
 *
 * A clip is a pure function of the options and its number. */
#ifndef AVQA_TESTS_PLANTED_H
#define AVQA_TESTS_PLANTED_H

#include "base/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PLANTED_SECONDS = 6, /* of a clip, and rows of its features */
    PLANTED_SOUND = 128,
    PLANTED_CHANNELS = 512,
    PLANTED_SIDE = 14,
    PLANTED_PLACES = PLANTED_SIDE * PLANTED_SIDE,
    PLANTED_MAX_PLAYERS = 4,
    PLANTED_MAX_KINDS = 22,
};

struct planted_options {
    size_t seed;
    size_t n_clips;
    size_t n_kinds;  /* of instruments that occur, 2 to 22 */
    double noise;    /* deviation of what is added to marks of about 1 */
    double clock;    /* how clearly a second says when it is; 0: not at all */
    double turns;    /* part of the clips, of those where not all play all the time, in
                      * which one plays after the other; in the others they overlap */
    double shuffled; /* not 0: each clip's marks of time are on its seconds in an order
                      * of chance */
    double light;    /* how bright pictures are, */
    double volume;   /* and how loud sound is: what all marks are multiplied with */
    size_t inserts;  /* seconds of a clip in which the picture shows other people, who
                      * have nothing to do with it, over a band that says so */
};

#define PLANTED_DEFAULTS                                                               \
    {                                                                                  \
        .seed = 1, .n_clips = 1000, .n_kinds = 6, .noise = 0.2, .clock = 1,            \
        .turns = 0.5, .light = 1, .volume = 1                                          \
    }

enum planted_times {
    PLANTED_TOGETHER, /* 15 % of the clips: all play all the time */
    PLANTED_TURNS,    /* one after the other, equally long */
    PLANTED_OVERLAP,  /* nobody comes in, and nobody ends, together with another one */
};

struct planted_player {
    const char *kind;
    bool visible;
    const char *place; /* left, middle, right; NULL if not visible */
    double box[4];     /* x, y, width, height; parts of the picture */
    int from, to;      /* seconds in which it sounds; equal: never */
    double loudness_db, rhythm;
};

struct planted_scene {
    char name[24];
    bool indoor;
    enum planted_times times;
    int voice_from, voice_to;
    struct planted_player players[PLANTED_MAX_PLAYERS];
    size_t n_players;
};

/* Clip `i`. */
void planted_make(struct planted_scene *out, const struct planted_options *options,
                  size_t i);
/* Its facts, as `avqa import facts` reads them; yours. */
struct avqa_json *planted_facts(const struct planted_scene *scene);
/* Its features: [PLANTED_SECONDS, PLANTED_SOUND] and [PLANTED_SECONDS,
 * PLANTED_CHANNELS, PLANTED_PLACES]. */
void planted_sound(float *out, const struct planted_scene *scene,
                   const struct planted_options *options);
void planted_maps(float *out, const struct planted_scene *scene,
                  const struct planted_options *options);
/* Whether the middle of a place of the map lies in the box. */
bool planted_in_box(const double box[4], size_t place);

#endif
