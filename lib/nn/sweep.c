/* See sweep.h. */
#include "nn/sweep.h"
#include "nn/rowmath.h"

#include <string.h>

enum { GROUP = AVQA_GATHER_AT_MOST };

/* Over GROUP channels. x is an argument, because GCC takes `restrict` seriously in
 * those alone: without, vectors are half as fast. */
AVQA_INLINE void gather_group(const struct avqa_gathering *g,
                              const avqa_real *restrict x, size_t places, bool squares)
{
    avqa_real *restrict dot = g->dot;
    avqa_real *restrict square = g->square;
    avqa_real by[GROUP]; /* a copy, which the stores cannot change */
    for (size_t k = 0; k < GROUP; k++)
        by[k] = g->f[k];
    for (size_t p = 0; p < places; p++) {
        avqa_real d = dot[p];
        for (size_t k = 0; k < GROUP; k++)
            d += by[k] * x[k * places + p];
        dot[p] = d;
        if (!squares)
            continue;
        avqa_real s = square[p];
        for (size_t k = 0; k < GROUP; k++)
            s += x[k * places + p] * x[k * places + p];
        square[p] = s;
    }
}

/* Over any number, which may be fewer than GROUP. */
AVQA_INLINE void gather(const struct avqa_gathering *g)
{
    size_t places = g->places;
    if (g->channels == GROUP && g->squares)
        gather_group(g, g->x, places, true);
    else if (g->channels == GROUP)
        gather_group(g, g->x, places, false);
    for (size_t c = 0; g->channels < GROUP && c < g->channels; c++)
        for (size_t p = 0; p < places; p++) {
            g->dot[p] += g->f[c] * g->x[c * places + p];
            g->square[p] += g->x[c * places + p] * g->x[c * places + p];
        }
}

AVQA_WIDEST static void gather_widest(const struct avqa_gathering *g)
{
    gather(g);
}

AVQA_WIDE static void gather_wide(const struct avqa_gathering *g)
{
    gather(g);
}

static void gather_plain(const struct avqa_gathering *g)
{
    gather(g);
}

void avqa_sweep_gather(const struct avqa_gathering *g, enum avqa_width width)
{
    if (width >= AVQA_WIDTH_AVX512)
        gather_widest(g);
    else if (width == AVQA_WIDTH_AVX2)
        gather_wide(g);
    else
        gather_plain(g);
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

/* A part of what is weighed: eight places each of two channels. */
typedef avqa_real lane_pair __attribute__((vector_size(2 * LANES * sizeof(avqa_real))));

AVQA_INLINE void load_pair(lane_pair *out, const avqa_real *a, const avqa_real *b)
{
    lanes low, high;
    memcpy(&low, a, sizeof low);
    memcpy(&high, b, sizeof high);
    *out = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
                                   13, 14, 15);
}

/* The sums of two pairs' lanes, of AT_ONCE channels. */
AVQA_INLINE void sum_pairs(avqa_real *out, const lane_pair *first,
                           const lane_pair *second)
{
    lanes x[AT_ONCE];
    memcpy(x, first, sizeof *first);
    memcpy(x + 2, second, sizeof *second);
    sum_lanes(out, (const lanes *const[AT_ONCE]){&x[0], &x[1], &x[2], &x[3]});
}

/* Of two times AT_ONCE channels of x, as weigh_some has it of AT_ONCE. */
AVQA_INLINE void weigh_pairs(avqa_real *out, avqa_real *sum, const avqa_real *x,
                             const avqa_real *by, size_t places)
{
    lane_pair wa = {0}, wb = {0}, wc = {0}, wd = {0};
    lane_pair sa = {0}, sb = {0}, sc = {0}, sd = {0};
    size_t p = 0;
    for (; p + LANES <= places; p += LANES) {
        lane_pair w, a, b, c, d;
        load_pair(&w, by + p, by + p);
        load_pair(&a, x + p, x + places + p);
        load_pair(&b, x + 2 * places + p, x + 3 * places + p);
        load_pair(&c, x + 4 * places + p, x + 5 * places + p);
        load_pair(&d, x + 6 * places + p, x + 7 * places + p);
        wa += w * a;
        wb += w * b;
        wc += w * c;
        wd += w * d;
        sa += a;
        sb += b;
        sc += c;
        sd += d;
    }
    sum_pairs(out, &wa, &wb);
    sum_pairs(out + AT_ONCE, &wc, &wd);
    if (sum) {
        sum_pairs(sum, &sa, &sb);
        sum_pairs(sum + AT_ONCE, &sc, &sd);
    }
    for (size_t k = 0; k < 2 * AT_ONCE; k++)
        weigh_rest(out + k, sum ? sum + k : NULL, x + k * places + p, by + p,
                   places - p);
}

/* From channel `c` on. */
AVQA_INLINE void weigh(const struct avqa_weighing *w, size_t c, bool sums)
{
    for (; c + AT_ONCE <= w->channels; c += AT_ONCE)
        weigh_some(w->out + c, sums ? w->sum + c : NULL, w->map + c * w->places, w->by,
                   w->places);
    for (; c < w->channels; c++) {
        w->out[c] = avqa_row_dot(w->map + c * w->places, w->by, w->places);
        if (sums)
            w->sum[c] = avqa_row_sum(w->map + c * w->places, w->places);
    }
}

AVQA_INLINE void weigh_by_pairs(const struct avqa_weighing *w, bool sums)
{
    size_t c = 0;
    for (; c + 2 * AT_ONCE <= w->channels; c += 2 * AT_ONCE)
        weigh_pairs(w->out + c, sums ? w->sum + c : NULL, w->map + c * w->places, w->by,
                    w->places);
    weigh(w, c, sums);
}

AVQA_WIDEST static void weigh_widest(const struct avqa_weighing *w)
{
    if (w->sum)
        weigh_by_pairs(w, true);
    else
        weigh_by_pairs(w, false);
}

AVQA_WIDE static void weigh_wide(const struct avqa_weighing *w)
{
    if (w->sum)
        weigh(w, 0, true);
    else
        weigh(w, 0, false);
}

static void weigh_plain(const struct avqa_weighing *w)
{
    weigh(w, 0, w->sum != NULL);
}

void avqa_sweep_weigh(const struct avqa_weighing *w, enum avqa_width width)
{
    if (width >= AVQA_WIDTH_AVX512)
        weigh_widest(w);
    else if (width == AVQA_WIDTH_AVX2)
        weigh_wide(w);
    else
        weigh_plain(w);
}
