/* See ground.h. Forwards and backwards have one shape: over the channels, sum up a
 * number for each place; make weights of these; over the channels again, weigh the
 * places. What the first sweep unpacks, the second finds in the cache. */
#include "nn/ground.h"
#include "nn/ranges.h"
#include "nn/rowmath.h"
#include "nn/sweep.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>
#include <tgmath.h>

enum { GROUP = AVQA_GATHER_AT_MOST }; /* channels unpacked at a time */
enum { AT_A_TIME = 8 };               /* rows of f that a thread takes */

static const avqa_real SHORTEST = (avqa_real)1e-12;

struct ground {
    struct avqa_ground options;
    size_t n, n_rooms;  /* rows of f; threads */
    atomic_flag *taken; /* of each room */
    avqa_real *weights; /* [n_maps, places] */
    avqa_real *inverse; /* [n_maps, places], 1 / length of V_p */
    avqa_real *rooms;   /* for each room: a map, then three rows of places */
    avqa_real *wanted;  /* for each room: one row of channels */
    const avqa_real *f;
    avqa_real *y;
    const avqa_real *dy;
    avqa_real *df;
};

/* What a thread has for itself. */
struct room {
    avqa_real *map, *dot, *square, *scaled;
    avqa_real *row; /* of channels */
};

static size_t room_size(const struct avqa_ground *o)
{
    return o->channels * o->places + 3 * o->places;
}

static struct room room_of(const struct ground *g, size_t at_room)
{
    size_t map = g->options.channels * g->options.places;
    avqa_real *at = g->rooms + at_room * room_size(&g->options);
    return (struct room){
        .map = at,
        .dot = at + map,
        .square = at + map + g->options.places,
        .scaled = at + map + 2 * g->options.places,
        .row = g->wanted + at_room * g->options.channels,
    };
}

/* Sums of f_c V_c and, on the way there, of squares for each place. Returns the
 * unpacked map. */
static const avqa_real *gather(const struct ground *g, size_t i, const struct room *r,
                               const avqa_real *f)
{
    const struct avqa_ground *o = &g->options;
    struct avqa_map_cursor cursor = {.map = &o->maps[i], .width = o->width};
    const avqa_real *map = r->map;
    memset(r->dot, 0, o->places * sizeof *r->dot);
    memset(r->square, 0, o->places * sizeof *r->square);
    for (size_t c = 0; c < o->channels; c += GROUP) {
        size_t n = o->channels - c < GROUP ? o->channels - c : GROUP;
        const avqa_real *x =
            avqa_map_next(&cursor, r->map + c * o->places, n * o->places);
        map = c == 0 ? x : map;
        avqa_sweep_gather(&(struct avqa_gathering){r->dot, r->square, x, f + c, n,
                                                   o->places, g->dy == NULL},
                          o->width);
    }
    return map;
}

static avqa_real length_of(const avqa_real *f, size_t n)
{
    avqa_real length = sqrt(avqa_row_dot(f, f, n));
    return length > SHORTEST ? length : SHORTEST;
}

static void ground_one(const struct ground *g, size_t i, const struct room *r)
{
    const struct avqa_ground *o = &g->options;
    const avqa_real *f = g->f + i % g->n * o->channels;
    avqa_real *w = g->weights + i * o->places;
    avqa_real *inverse = g->inverse + i * o->places;
    avqa_real *y = g->y + i * 2 * o->channels;
    const avqa_real *map = gather(g, i, r, f);
    avqa_real scale = 1 / length_of(f, o->channels);
    for (size_t p = 0; p < o->places; p++) {
        avqa_real length = sqrt(r->square[p]);
        inverse[p] = 1 / (length > SHORTEST ? length : SHORTEST);
        r->dot[p] *= inverse[p] * scale;
    }
    avqa_row_softmax(w, r->dot, o->places);
    for (size_t p = 0; p < o->places; p++)
        r->scaled[p] = w[p] * inverse[p];
    avqa_sweep_weigh(&(struct avqa_weighing){y + o->channels, y, map, r->scaled,
                                             o->channels, o->places},
                     o->width);
    for (size_t c = 0; c < o->channels; c++)
        y[c] /= (avqa_real)o->places;
}

/* dw_p = V^_p dl; ds = w (dw - sum w dw); df^ = sum ds_p V^_p;
 * df += (df^ - f^ (f^ df^)) / |f| */
static void ground_one_back(const struct ground *g, size_t i, const struct room *r)
{
    const struct avqa_ground *o = &g->options;
    const avqa_real *f = g->f + i % g->n * o->channels;
    avqa_real *df = g->df + i % g->n * o->channels;
    const avqa_real *w = g->weights + i * o->places;
    const avqa_real *inverse = g->inverse + i * o->places;
    const avqa_real *dl = g->dy + i * 2 * o->channels + o->channels;
    const avqa_real *map = gather(g, i, r, dl);
    for (size_t p = 0; p < o->places; p++)
        r->dot[p] *= inverse[p];
    avqa_real sum = avqa_row_dot(w, r->dot, o->places);
    for (size_t p = 0; p < o->places; p++)
        r->scaled[p] = w[p] * (r->dot[p] - sum) * inverse[p];
    avqa_sweep_weigh(
        &(struct avqa_weighing){r->row, NULL, map, r->scaled, o->channels, o->places},
        o->width);
    avqa_real scale = 1 / length_of(f, o->channels);
    avqa_real along = avqa_row_dot(f, r->row, o->channels) * scale * scale;
    bool too_short = 1 / scale <= SHORTEST; /* f^ = f / 1e-12, a constant */
    avqa_row_add(df, scale, r->row, o->channels);
    if (!too_short)
        avqa_row_add(df, -along * scale, f, o->channels);
}

/* A room that no other thread is in; there are as many as threads. */
static size_t enter_room(struct ground *g)
{
    size_t i = 0;
    while (atomic_flag_test_and_set(&g->taken[i]))
        i = (i + 1) % g->n_rooms;
    return i;
}

/* Threads share out the rows of f, because all maps of a row add to its gradient. */
static void ground_rows(void *user, size_t from, size_t to)
{
    struct ground *g = user;
    size_t at = enter_room(g);
    struct room room = room_of(g, at);
    for (size_t row = from; row < to; row++)
        for (size_t i = row; i < g->options.n_maps; i += g->n) {
            if (g->dy)
                ground_one_back(g, i, &room);
            else
                ground_one(g, i, &room);
        }
    atomic_flag_clear(&g->taken[at]);
}

static void ground_some(void *user, size_t from, size_t to)
{
    const struct ground *g = user;
    size_t end = to * AT_A_TIME;
    ground_rows(user, from * AT_A_TIME, end < g->n ? end : g->n);
}

static void ground_all(struct ground *g)
{
    size_t n = (g->n + AT_A_TIME - 1) / AT_A_TIME;
    avqa_ranges_share(g->n_rooms, n, ground_some, g);
}

static void ground_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    struct ground *g = y->saved;
    g->df = avqa_tape_grad(tape, y->from[0]);
    g->dy = y->grad;
    if (g->df)
        ground_all(g);
}

struct avqa_node *avqa_ground(struct avqa_tape *tape, struct avqa_node *f,
                              const struct avqa_ground *options)
{
    if (avqa_tape_failed(tape))
        return NULL;
    size_t channels = options->channels;
    size_t n_spots = options->n_maps * options->places;
    size_t n = avqa_node_height(f);
    assert(avqa_node_width(f) == channels && options->n_maps % n == 0);
    struct avqa_node *y = avqa_tape_node(
        tape, 2, (size_t[]){options->n_maps, 2 * channels}, ground_backward,
        (struct avqa_node *[AVQA_NODE_MAX_FROM]){f, NULL, NULL});
    struct ground *g = avqa_arena_alloc(&tape->nodes, sizeof *g);
    g->options = *options;
    g->options.width = avqa_width_of(options->width);
    g->n = n;
    g->n_rooms = avqa_tape_threads(tape);
    g->weights = avqa_tape_array(tape, n_spots, sizeof *g->weights);
    g->inverse = avqa_tape_array(tape, n_spots, sizeof *g->inverse);
    g->rooms = avqa_tape_array(tape, g->n_rooms, room_size(options) * sizeof *g->rooms);
    g->taken = avqa_arena_alloc(&tape->nodes, g->n_rooms * sizeof *g->taken);
    for (size_t i = 0; i < g->n_rooms; i++)
        atomic_flag_clear(&g->taken[i]);
    g->wanted = avqa_tape_array(tape, g->n_rooms, channels * sizeof *g->wanted);
    if (avqa_tape_failed(tape))
        return NULL;
    g->f = f->value;
    g->y = y->value;
    y->saved = g;
    y->n_still = channels;
    ground_all(g);
    if (options->weights)
        *options->weights = g->weights;
    return y;
}
