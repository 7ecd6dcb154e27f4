/* See ground.h. Forwards and backwards have one shape: over the channels, sum up a
 * number for each place; make weights of these; over the channels again, weigh the
 * places. What the first sweep unpacks, the second finds in the cache. */
#include "nn/ground.h"
#include "nn/ranges.h"
#include "nn/rowmath.h"
#include "nn/wide.h"

#include <assert.h>
#include <string.h>
#include <tgmath.h>

enum { GROUP = 8 }; /* channels unpacked at a time */

static const avqa_real SHORTEST = (avqa_real)1e-12;

struct ground {
    struct avqa_ground options;
    size_t n, n_workers; /* rows of f */
    avqa_real *weights;  /* [n_maps, places] */
    avqa_real *inverse;  /* [n_maps, places], 1 / length of V_p */
    avqa_real *rooms;    /* for each worker: a map, then three rows of places */
    avqa_real *wanted;   /* for each worker: one row of channels */
    const avqa_real *f;
    avqa_real *y;
    const avqa_real *dy;
    avqa_real *df;
};

/* What one worker has for itself. */
struct room {
    avqa_real *map, *dot, *square, *scaled;
    avqa_real *row; /* of channels */
};

static size_t room_size(const struct avqa_ground *o)
{
    return o->channels * o->places + 3 * o->places;
}

static struct room room_of(const struct ground *g, size_t worker)
{
    size_t map = g->options.channels * g->options.places;
    avqa_real *at = g->rooms + worker * room_size(&g->options);
    return (struct room){
        .map = at,
        .dot = at + map,
        .square = at + map + g->options.places,
        .scaled = at + map + 2 * g->options.places,
        .row = g->wanted + worker * g->options.channels,
    };
}

/* dot += sum f_c V_c, square += sum V_c^2, over `n` channels of x */
AVQA_INLINE void gather_channels(const struct room *r, const avqa_real *x,
                                 const avqa_real *f, const size_t n_places[2])
{
    avqa_real *restrict dot = r->dot;
    avqa_real *restrict square = r->square;
    size_t n = n_places[0];
    size_t places = n_places[1];
    size_t c = 0;
    for (; c + 4 <= n; c += 4) {
        const avqa_real *restrict a = x + c * places;
        const avqa_real *restrict b = a + places;
        const avqa_real *restrict d = b + places;
        const avqa_real *restrict e = d + places;
        const avqa_real fa = f[c];
        const avqa_real fb = f[c + 1];
        const avqa_real fd = f[c + 2];
        const avqa_real fe = f[c + 3];
        for (size_t p = 0; p < places; p++) {
            dot[p] += (fa * a[p] + fb * b[p]) + (fd * d[p] + fe * e[p]);
            square[p] += (a[p] * a[p] + b[p] * b[p]) + (d[p] * d[p] + e[p] * e[p]);
        }
    }
    for (; c < n; c++)
        for (size_t p = 0; p < places; p++) {
            dot[p] += f[c] * x[c * places + p];
            square[p] += x[c * places + p] * x[c * places + p];
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

/* Sums of f_c V_c and of squares for each place; the mean of each channel, if asked
 * for. Returns the unpacked map. */
static const avqa_real *gather(const struct ground *g, size_t i, const struct room *r,
                               const avqa_real *f, avqa_real *mean)
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
        for (size_t k = 0; mean && k < n; k++)
            mean[c + k] =
                avqa_row_sum(x + k * o->places, o->places) / (avqa_real)o->places;
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
    const avqa_real *map = gather(g, i, r, f, y);
    avqa_real scale = 1 / length_of(f, o->channels);
    for (size_t p = 0; p < o->places; p++) {
        avqa_real length = sqrt(r->square[p]);
        inverse[p] = 1 / (length > SHORTEST ? length : SHORTEST);
        r->dot[p] *= inverse[p] * scale;
    }
    avqa_row_softmax(w, r->dot, o->places);
    for (size_t p = 0; p < o->places; p++)
        r->scaled[p] = w[p] * inverse[p];
    for (size_t c = 0; c < o->channels; c++)
        y[o->channels + c] = avqa_row_dot(map + c * o->places, r->scaled, o->places);
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
    const avqa_real *map = gather(g, i, r, dl, NULL);
    for (size_t p = 0; p < o->places; p++)
        r->dot[p] *= inverse[p];
    avqa_real sum = avqa_row_dot(w, r->dot, o->places);
    for (size_t p = 0; p < o->places; p++)
        r->scaled[p] = w[p] * (r->dot[p] - sum) * inverse[p];
    for (size_t c = 0; c < o->channels; c++)
        r->row[c] = avqa_row_dot(map + c * o->places, r->scaled, o->places);
    avqa_real scale = 1 / length_of(f, o->channels);
    avqa_real along = avqa_row_dot(f, r->row, o->channels) * scale * scale;
    bool too_short = 1 / scale <= SHORTEST; /* f^ = f / 1e-12, a constant */
    avqa_row_add(df, scale, r->row, o->channels);
    if (!too_short)
        avqa_row_add(df, -along * scale, f, o->channels);
}

/* Workers share out the rows of f, because all maps of a row add to its gradient. */
static void ground_workers(void *user, size_t from, size_t to)
{
    const struct ground *g = user;
    for (size_t worker = from; worker < to; worker++) {
        struct room room = room_of(g, worker);
        for (size_t row = worker; row < g->n; row += g->n_workers)
            for (size_t i = row; i < g->options.n_maps; i += g->n) {
                if (g->dy)
                    ground_one_back(g, i, &room);
                else
                    ground_one(g, i, &room);
            }
    }
}

static void ground_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    struct ground *g = y->saved;
    g->df = avqa_tape_grad(tape, y->from[0]);
    g->dy = y->grad;
    if (g->df)
        avqa_ranges_run(g->n_workers, g->n_workers, 1, ground_workers, g);
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
    g->n_workers = avqa_tape_threads(tape);
    g->weights = avqa_tape_array(tape, n_spots, sizeof *g->weights);
    g->inverse = avqa_tape_array(tape, n_spots, sizeof *g->inverse);
    g->rooms =
        avqa_tape_array(tape, g->n_workers, room_size(options) * sizeof *g->rooms);
    g->wanted = avqa_tape_array(tape, g->n_workers, channels * sizeof *g->wanted);
    if (avqa_tape_failed(tape))
        return NULL;
    g->f = f->value;
    g->y = y->value;
    y->saved = g;
    avqa_ranges_run(g->n_workers, g->n_workers, 1, ground_workers, g);
    if (options->weights)
        *options->weights = g->weights;
    return y;
}
