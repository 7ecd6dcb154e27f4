/* See ground.h. Forwards and backwards have one shape: over the channels, sum up a
 * number for each place; make weights of these; over the channels again, weigh the
 * places. What the first sweep unpacks, the second finds in the cache. */
#include "nn/ground.h"
#include "nn/ranges.h"
#include "nn/rowmath.h"
#include "nn/wide.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>
#include <tgmath.h>

enum { GROUP = 8 };     /* channels unpacked at a time */
enum { AT_A_TIME = 8 }; /* rows of f that a thread takes */

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

/* dot += sum f_c V_c, square += sum V_c^2, over GROUP channels of x */
AVQA_INLINE void gather_group(const struct room *r, const avqa_real *restrict x,
                              const avqa_real *f, size_t places)
{
    avqa_real *restrict dot = r->dot;
    avqa_real *restrict square = r->square;
    avqa_real by[GROUP]; /* a copy, which the stores cannot change */
    for (size_t k = 0; k < GROUP; k++)
        by[k] = f[k];
    for (size_t p = 0; p < places; p++) {
        avqa_real d = dot[p];
        avqa_real s = square[p];
        for (size_t k = 0; k < GROUP; k++) {
            d += by[k] * x[k * places + p];
            s += x[k * places + p] * x[k * places + p];
        }
        dot[p] = d;
        square[p] = s;
    }
}

/* The same over the `n` channels that are left. */
AVQA_INLINE void gather_channels(const struct room *r, const avqa_real *x,
                                 const avqa_real *f, const size_t n_places[2])
{
    size_t n = n_places[0];
    size_t places = n_places[1];
    if (n == GROUP) {
        gather_group(r, x, f, places);
        return;
    }
    for (size_t c = 0; c < n; c++)
        for (size_t p = 0; p < places; p++) {
            r->dot[p] += f[c] * x[c * places + p];
            r->square[p] += x[c * places + p] * x[c * places + p];
        }
}

AVQA_WIDE static void gather_wide(const struct room *r, const avqa_real *x,
                                  const avqa_real *f, const size_t n_places[2])
{
    gather_channels(r, x, f, n_places);
}

static void gather_plain(const struct room *r, const avqa_real *x, const avqa_real *f,
                         const size_t n_places[2])
{
    gather_channels(r, x, f, n_places);
}

/* Sums of f_c V_c and of squares for each place. Returns the unpacked map. */
static const avqa_real *gather(const struct ground *g, size_t i, const struct room *r,
                               const avqa_real *f)
{
    const struct avqa_ground *o = &g->options;
    struct avqa_map_cursor cursor = {.map = &o->maps[i]};
    const avqa_real *map = r->map;
    memset(r->dot, 0, o->places * sizeof *r->dot);
    memset(r->square, 0, o->places * sizeof *r->square);
    for (size_t c = 0; c < o->channels; c += GROUP) {
        size_t n = o->channels - c < GROUP ? o->channels - c : GROUP;
        const avqa_real *x =
            avqa_map_next(&cursor, r->map + c * o->places, n * o->places);
        map = c == 0 ? x : map;
        (avqa_is_wide() ? gather_wide : gather_plain)(r, x, f + c,
                                                      (size_t[]){n, o->places});
    }
    return map;
}

enum { LANES = 8, AT_ONCE = 4 };

typedef avqa_real lanes __attribute__((vector_size(LANES * sizeof(avqa_real))));

typedef avqa_real half_lanes
    __attribute__((vector_size(LANES / 2 * sizeof(avqa_real))));

/* The sums of four channels' lanes: halves first, then columns of a square of four. */
AVQA_INLINE void sum_lanes(avqa_real *out, const lanes *const x[AT_ONCE])
{
    avqa_real square[AT_ONCE][LANES / 2];
    for (size_t k = 0; k < AT_ONCE; k++) {
        half_lanes low, high;
        memcpy(&low, x[k], sizeof low);
        memcpy(&high, (const char *)x[k] + sizeof low, sizeof high);
        low += high;
        memcpy(square[k], &low, sizeof low);
    }
    for (size_t k = 0; k < AT_ONCE; k++)
        out[k] = (square[k][0] + square[k][2]) + (square[k][1] + square[k][3]);
}

/* Of one channel, after its lanes: the places that fill none. */
AVQA_INLINE void weigh_rest(avqa_real *out, avqa_real *sum, const avqa_real *x,
                            const avqa_real *by, size_t n)
{
    for (size_t p = 0; p < n; p++) {
        *out += by[p] * x[p];
        if (sum)
            *sum += x[p];
    }
}

/* Of AT_ONCE channels of x: out = sum by_p x_p, sum = sum x_p, if asked for. Named
 * variables, because compilers keep an array of sums in memory. */
AVQA_INLINE void weigh_some(avqa_real *out, avqa_real *sum, const avqa_real *x,
                            const avqa_real *by, size_t places)
{
    lanes wa = {0}, wb = {0}, wc = {0}, wd = {0};
    lanes sa = {0}, sb = {0}, sc = {0}, sd = {0};
    size_t p = 0;
    for (; p + LANES <= places; p += LANES) {
        lanes w, a, b, c, d;
        memcpy(&w, by + p, sizeof w);
        memcpy(&a, x + p, sizeof a);
        memcpy(&b, x + places + p, sizeof b);
        memcpy(&c, x + 2 * places + p, sizeof c);
        memcpy(&d, x + 3 * places + p, sizeof d);
        wa += w * a;
        wb += w * b;
        wc += w * c;
        wd += w * d;
        sa += a;
        sb += b;
        sc += c;
        sd += d;
    }
    const lanes *const weighed[AT_ONCE] = {&wa, &wb, &wc, &wd};
    const lanes *const plain[AT_ONCE] = {&sa, &sb, &sc, &sd};
    sum_lanes(out, weighed);
    if (sum)
        sum_lanes(sum, plain);
    for (size_t k = 0; k < AT_ONCE; k++)
        weigh_rest(out + k, sum ? sum + k : NULL, x + k * places + p, by + p,
                   places - p);
}

/* What is weighed: out [channels] = map by, sum [channels] the sums of the map. */
struct weighing {
    avqa_real *out, *sum;
    const avqa_real *map, *by;
    size_t channels, places;
};

AVQA_INLINE void weigh(const struct weighing *w, bool sums)
{
    size_t c = 0;
    for (; c + AT_ONCE <= w->channels; c += AT_ONCE)
        weigh_some(w->out + c, sums ? w->sum + c : NULL, w->map + c * w->places, w->by,
                   w->places);
    for (; c < w->channels; c++) {
        w->out[c] = avqa_row_dot(w->map + c * w->places, w->by, w->places);
        if (sums)
            w->sum[c] = avqa_row_sum(w->map + c * w->places, w->places);
    }
}

AVQA_WIDE static void weigh_wide(const struct weighing *w)
{
    if (w->sum)
        weigh(w, true);
    else
        weigh(w, false);
}

static void weigh_plain(const struct weighing *w)
{
    weigh(w, w->sum != NULL);
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
    (avqa_is_wide() ? weigh_wide : weigh_plain)(
        &(struct weighing){y + o->channels, y, map, r->scaled, o->channels, o->places});
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
    (avqa_is_wide() ? weigh_wide : weigh_plain)(
        &(struct weighing){r->row, NULL, map, r->scaled, o->channels, o->places});
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
    ground_all(g);
    if (options->weights)
        *options->weights = g->weights;
    return y;
}
