/* Whether grounding's loops give, at some width, what they should: unpacking the bytes
 * of the plain path, sums those of plain loops in double within what rounding allows,
 * and AVX-512 the bits of AVX2. Every array ends where memory ends, so that what reads
 * or writes too far does not live to tell. Needs nothing of the C library but memcpy
 * and memset: tests/emulated runs it on a bare machine. */
#ifndef AVQA_TESTS_WIDTHS_H
#define AVQA_TESTS_WIDTHS_H

#include "base/half.h"
#include "nn/map.h"
#include "nn/sweep.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    WIDTHS_AREAS = 8,
    WIDTHS_AREA = 96 * 1024, /* bytes of an area, before its end */
    WIDTHS_MOST_PLACES = 200,
    WIDTHS_MOST_CHANNELS = 37, /* odd, and more than four times eight */
    WIDTHS_MOST_NUMBERS = 8 * WIDTHS_MOST_PLACES + 7,
};

/* The loops under test, which need not be the library's own. */
struct widths_loops {
    enum avqa_width width;
    bool (*unpack)(struct avqa_map_cursor *cursor, avqa_real *out, size_t n);
    void (*gather)(const struct avqa_gathering *g, enum avqa_width width);
    void (*weigh)(const struct avqa_weighing *w, enum avqa_width width);
};

struct widths {
    char *ends[WIDTHS_AREAS]; /* behind each area is memory that nobody may touch */
    const struct widths_loops *loops;
    const struct widths_loops *twin; /* gives the same bits; may be NULL */
    size_t step; /* from one size to the next: 1 for all, 3 for a third of them */
    uint64_t random;
    size_t n_checks;
    const char *wrong; /* NULL, or what went wrong first */
    size_t wrong_places, wrong_channels;
};

/* Knuth's multiplier; the upper bits are the random ones. */
static inline uint32_t widths_draw(struct widths *w)
{
    w->random = w->random * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(w->random >> 33);
}

/* `bytes` that end where area `i` ends. */
static inline void *widths_room(const struct widths *w, size_t i, size_t bytes)
{
    return w->ends[i] - bytes;
}

static inline void widths_say(struct widths *w, const char *wrong, size_t channels,
                              size_t places)
{
    if (w->wrong)
        return;
    w->wrong = wrong;
    w->wrong_channels = channels;
    w->wrong_places = places;
}

/* ---- unpacking ------------------------------------------------------------------- */

/* A map of `n` numbers with any bits, of which `zeros` in a hundred are zero. */
static inline struct avqa_map widths_map(struct widths *w, enum avqa_map_kind kind,
                                         size_t n, unsigned zeros)
{
    static uint16_t halves[WIDTHS_MOST_NUMBERS];
    uint8_t *mask = widths_room(w, 0, (n + 7) / 8);
    size_t n_values = 0;
    memset(mask, 0, (n + 7) / 8);
    for (size_t i = 0; i < n; i++) {
        bool there = widths_draw(w) % 100 >= zeros;
        uint16_t half = (uint16_t)widths_draw(w);
        if (kind == AVQA_MAP_F16 || there)
            halves[n_values++] = half;
        if (there)
            mask[i / 8] = (uint8_t)(mask[i / 8] | 1U << i % 8);
    }
    uint16_t *values = widths_room(w, 1, n_values * sizeof *values);
    memcpy(values, halves, n_values * sizeof *values);
    return (struct avqa_map){kind, values, mask, n_values};
}

/* In pieces of `piece`, a multiple of 8. */
static inline void widths_unpack(struct widths *w, const struct avqa_map *map, size_t n,
                                 size_t piece)
{
    struct avqa_map_cursor plain = {.map = map};
    struct avqa_map_cursor wide = {.map = map, .width = w->loops->width};
    for (size_t at = 0; at < n; at += piece) {
        size_t some = n - at < piece ? n - at : piece;
        float *wanted = widths_room(w, 2, some * sizeof *wanted);
        float *out = widths_room(w, 3, some * sizeof *out);
        memset(out, 0xff, some * sizeof *out);
        avqa_map_unpack_plain(&plain, wanted, some);
        bool done = w->loops->unpack(&wide, out, some);
        if (!done && w->loops->width != AVQA_WIDTH_PLAIN)
            widths_say(w, "unpacking: not done", some, n);
        if (done && memcmp(out, wanted, some * sizeof *out) != 0)
            widths_say(w, "unpacking: other bytes", some, n);
        if (done && (wide.at != plain.at || wide.at_value != plain.at_value))
            widths_say(w, "unpacking: the cursor", some, n);
        w->n_checks++;
    }
}

static inline void widths_check_unpacking(struct widths *w)
{
    static const unsigned zeros[] = {0, 30, 60, 97, 100};
    for (size_t n = 1; n <= WIDTHS_MOST_NUMBERS; n += n < 150 ? w->step : 97)
        for (size_t z = 0; z < sizeof zeros / sizeof *zeros; z++)
            for (int sparse = 0; sparse < 2; sparse++) {
                struct avqa_map map = widths_map(
                    w, sparse ? AVQA_MAP_SPARSE16 : AVQA_MAP_F16, n, zeros[z]);
                size_t piece = 8 * (1 + widths_draw(w) % 13);
                widths_unpack(w, &map, n, n);
                widths_unpack(w, &map, n, piece);
            }
}

/* ---- sweeps ---------------------------------------------------------------------- */

static inline float widths_number(struct widths *w)
{
    return (float)((int)(widths_draw(w) >> 8) - (1 << 22)) / (float)(1 << 22);
}

/* What may differ: `n` roundings of sums of numbers that are, together, `size`. */
static inline bool widths_near(double is, double wanted, double size, size_t n)
{
    double off = is > wanted ? is - wanted : wanted - is;
    return off <= (double)(n + 1) * 6e-8 * size;
}

/* A scene: numbers x [channels, places], of which half are zero, f and `by`. */
struct widths_scene {
    size_t channels, places;
    float *x, *f, *by;
};

static inline struct widths_scene widths_scene(struct widths *w, size_t channels,
                                               size_t places)
{
    struct widths_scene s = {
        .channels = channels,
        .places = places,
        .x = widths_room(w, 0, channels * places * sizeof *s.x),
        .f = widths_room(w, 1, channels * sizeof *s.f),
        .by = widths_room(w, 2, places * sizeof *s.by),
    };
    for (size_t i = 0; i < channels * places; i++)
        s.x[i] = widths_draw(w) % 2 ? widths_number(w) : 0;
    for (size_t c = 0; c < channels; c++)
        s.f[c] = widths_number(w);
    for (size_t p = 0; p < places; p++)
        s.by[p] = widths_number(w);
    return s;
}

/* All channels, in groups; the sums end where areas `at` and `at` + 1 end. */
static inline void widths_gather(const struct widths *w, const struct widths_loops *l,
                                 const struct widths_scene *s, size_t at, bool squares)
{
    float *dot = widths_room(w, at, s->places * sizeof *dot);
    float *square = widths_room(w, at + 1, s->places * sizeof *square);
    memset(dot, 0, s->places * sizeof *dot);
    memset(square, 0, s->places * sizeof *square);
    for (size_t c = 0; c < s->channels; c += AVQA_GATHER_AT_MOST) {
        size_t n = s->channels - c;
        n = n < AVQA_GATHER_AT_MOST ? n : AVQA_GATHER_AT_MOST;
        l->gather(&(struct avqa_gathering){dot, square, s->x + c * s->places, s->f + c,
                                           n, s->places, squares},
                  l->width);
    }
}

static inline void widths_check_gather(struct widths *w, const struct widths_scene *s,
                                       bool squares)
{
    float *dot = widths_room(w, 3, s->places * sizeof *dot);
    float *square = widths_room(w, 4, s->places * sizeof *square);
    widths_gather(w, w->loops, s, 3, squares);
    for (size_t p = 0; p < s->places; p++) {
        double wanted[3] = {0}; /* dot, its size, square */
        for (size_t c = 0; c < s->channels; c++) {
            double x = (double)s->x[c * s->places + p];
            double product = (double)s->f[c] * x;
            wanted[0] += product;
            wanted[1] += product < 0 ? -product : product;
            wanted[2] += x * x;
        }
        if (!widths_near((double)dot[p], wanted[0], wanted[1], s->channels))
            widths_say(w, "gather: the sum of products", s->channels, s->places);
        if (squares &&
            !widths_near((double)square[p], wanted[2], wanted[2], s->channels))
            widths_say(w, "gather: the sum of squares", s->channels, s->places);
    }
    w->n_checks++;
    if (!w->twin)
        return;
    widths_gather(w, w->twin, s, 5, squares);
    size_t bytes = s->places * sizeof *dot;
    if (memcmp(dot, widths_room(w, 5, bytes), bytes) != 0 ||
        (squares && memcmp(square, widths_room(w, 6, bytes), bytes) != 0))
        widths_say(w, "gather: other bits than its twin", s->channels, s->places);
}

static inline void widths_weigh(const struct widths *w, const struct widths_loops *l,
                                const struct widths_scene *s, size_t at, bool sums)
{
    size_t bytes = s->channels * sizeof(float);
    memset(widths_room(w, at, bytes), 0xff, bytes);
    memset(widths_room(w, at + 1, bytes), 0xff, bytes);
    l->weigh(&(struct avqa_weighing){widths_room(w, at, bytes),
                                     sums ? widths_room(w, at + 1, bytes) : NULL, s->x,
                                     s->by, s->channels, s->places},
             l->width);
}

static inline void widths_check_weigh(struct widths *w, const struct widths_scene *s,
                                      bool sums)
{
    size_t bytes = s->channels * sizeof(float);
    const float *out = widths_room(w, 3, bytes);
    const float *sum = widths_room(w, 4, bytes);
    widths_weigh(w, w->loops, s, 3, sums);
    for (size_t c = 0; c < s->channels; c++) {
        double wanted[4] = {0}; /* the weighed sum, its size, the sum, its size */
        for (size_t p = 0; p < s->places; p++) {
            double x = (double)s->x[c * s->places + p];
            double product = (double)s->by[p] * x;
            wanted[0] += product;
            wanted[1] += product < 0 ? -product : product;
            wanted[2] += x;
            wanted[3] += x < 0 ? -x : x;
        }
        if (!widths_near((double)out[c], wanted[0], wanted[1], s->places))
            widths_say(w, "weigh: the weighed sum", s->channels, s->places);
        if (sums && !widths_near((double)sum[c], wanted[2], wanted[3], s->places))
            widths_say(w, "weigh: the sum", s->channels, s->places);
    }
    w->n_checks++;
    if (!w->twin)
        return;
    widths_weigh(w, w->twin, s, 5, sums);
    if (memcmp(out, widths_room(w, 5, bytes), bytes) != 0 ||
        (sums && memcmp(sum, widths_room(w, 6, bytes), bytes) != 0))
        widths_say(w, "weigh: other bits than its twin", s->channels, s->places);
}

/* Numbers of places, each with a number of channels that goes round. */
static inline void widths_check_sweeps(struct widths *w)
{
    for (size_t places = 1; places <= WIDTHS_MOST_PLACES; places += w->step)
        for (size_t k = 0; k < 2; k++) {
            size_t channels = 1 + (places * 5 + k * 16) % WIDTHS_MOST_CHANNELS;
            struct widths_scene s = widths_scene(w, channels, places);
            widths_check_gather(w, &s, k == 0);
            widths_check_weigh(w, &s, k == 0);
        }
}

static inline void widths_check(struct widths *w)
{
    w->random = 1;
    w->n_checks = 0;
    w->wrong = NULL;
    widths_check_unpacking(w);
    widths_check_sweeps(w);
}

#endif
