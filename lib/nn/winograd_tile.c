/* See winograd_tile.h. This file is compiled for AVX2 with fused multiplication and
 * addition (CMakeLists.txt). */
#include "nn/winograd_tile.h"
#include "base/mem.h"

#include <assert.h>
#include <string.h>

enum {
    BLOCK = AVQA_WINOGRAD_BLOCK,
    LINE = AVQA_WINOGRAD_LINE,
    MAX_SIDE = AVQA_WINOGRAD_MAX_SIDE,
    MAX_AROUND = AVQA_WINOGRAD_MAX_AROUND,
    MAX_PLACES = MAX_AROUND * MAX_AROUND,
    MAX_PAIRS = AVQA_WINOGRAD_MAX_PAIRS,
    VECS_A_LINE = 2, /* of the cache */
};

typedef float vec __attribute__((vector_size(BLOCK * sizeof(float)), may_alias));

typedef int bits __attribute__((vector_size(BLOCK * sizeof(int))));

/* Made anew for each kind of tile, so that their sides are numbers to the compiler. */
#define ALWAYS __attribute__((always_inline)) inline

struct sides {
    size_t down, across, taps;
};

/* ---- one direction --------------------------------------------------------------- */

/* B' d: all values around a side, `stride` apart, become as many, `apart` apart. A
 * place's row of B is the product of x - p over the other points. */
ALWAYS static void transform_values_in(float *out, size_t apart, const vec *d,
                                       size_t stride,
                                       const struct avqa_winograd_matrix *t,
                                       size_t around)
{
    const size_t n_pairs = (around - 1) / 2;
    const size_t z = around % 2 == 0;
    vec last = d[(2 * n_pairs + z) * stride];
    if (z) {
        vec sum = d[2 * n_pairs * stride];
#pragma GCC unroll 4
        for (size_t k = 0; k < n_pairs; k++)
            sum += t->all[k] * d[2 * k * stride];
        *(vec *)out = sum;
        out += apart;
    }
#pragma GCC unroll 4
    for (size_t s = 0; s < n_pairs; s++, out += 2 * apart) {
        vec odd = d[(2 * n_pairs - 1 + z) * stride];
        vec even = d[(2 * n_pairs - 2 + z) * stride];
#pragma GCC unroll 4
        for (size_t k = 0; k + 1 < n_pairs; k++) {
            odd += t->others[s][k] * d[(2 * k + 1 + z) * stride];
            even += t->others[s][k] * d[(2 * k + z) * stride];
        }
        *(vec *)out = odd + t->points[s] * even;
        *(vec *)(out + apart) = odd - t->points[s] * even;
    }
#pragma GCC unroll 4
    for (size_t k = 0; k < n_pairs; k++)
        last += t->all[k] * d[(2 * k + z) * stride];
    *(vec *)out = last;
}

/* A' m: all values around a side, `apart` apart, become `side`. */
ALWAYS static void transform_values_out(vec *out, size_t out_stride, const float *m,
                                        size_t apart,
                                        const struct avqa_winograd_matrix *t,
                                        size_t side, size_t taps)
{
    const size_t around = side + taps - 1;
    const size_t n_pairs = (around - 1) / 2;
    const size_t z = around % 2 == 0;
    vec sums[2][MAX_PAIRS]; /* even, odd */
#pragma GCC unroll 4
    for (size_t s = 0; s < n_pairs; s++) {
        vec plus = *(const vec *)(m + (z + 2 * s) * apart);
        vec minus = *(const vec *)(m + (z + 2 * s + 1) * apart);
        sums[0][s] = plus + minus;
        sums[1][s] = plus - minus;
    }
#pragma GCC unroll 7
    for (size_t k = 0; k < side; k++) {
        vec y = {0};
        if (k + 1 == side)
            y = *(const vec *)(m + (z + 2 * n_pairs) * apart);
        if (k == 0 && z)
            y = *(const vec *)m;
#pragma GCC unroll 4
        for (size_t s = 0; s < n_pairs; s++)
            y += t->powers[s][k] * sums[k % 2][s];
        out[k * out_stride] = y;
    }
}

/* ---- one tile -------------------------------------------------------------------- */

/* Where a tile lies. */
struct tile {
    size_t picture;
    ptrdiff_t y, x; /* of its first result */
};

static struct tile find_tile(const struct avqa_winograd_tiling *w, size_t i)
{
    return (struct tile){.picture = i / (w->rows * w->columns),
                         .y = (ptrdiff_t)(i / w->columns % w->rows * w->down.side),
                         .x = (ptrdiff_t)(i % w->columns * w->across.side)};
}

/* The part [begin, end) of what is around a tile at `at` that lies in [0, n). */
struct span {
    ptrdiff_t begin, end;
};

static struct span inside(ptrdiff_t at, const struct avqa_winograd_matrix *t, size_t n)
{
    const ptrdiff_t first = at - (ptrdiff_t)(t->taps / 2);
    const ptrdiff_t left = (ptrdiff_t)n - first;
    const ptrdiff_t around = (ptrdiff_t)t->around;
    return (struct span){first < 0 ? -first : 0, left < around ? left : around};
}

/* Eight channels of one phase. */
struct source {
    const float *at;
    ptrdiff_t right, down; /* floats to the next input */
    size_t next;           /* and to the next eight channels */
};

static inline struct source find_source(const struct avqa_winograd_tiling *w,
                                        const float *from, size_t picture, size_t c)
{
    const size_t n_in =
        w->from_planes ? avqa_mem_rounded(w->n_channels, BLOCK) : w->form.n_in;
    const size_t stride = w->from_planes ? 1 : w->form.stride;
    const size_t width = stride * w->width;
    const size_t plane = stride * w->height * width * BLOCK;
    const size_t first = c / n_in / stride * width + c / n_in % stride;
    return (struct source){.at = from + (picture * n_in + c % n_in) / BLOCK * plane +
                                 first * BLOCK,
                           .right = (ptrdiff_t)(stride * BLOCK),
                           .down = (ptrdiff_t)(stride * width * BLOCK),
                           .next = plane};
}

/* Reads what of the inputs around a tile lies in the picture, and asks for the same of
 * the next channels. */
static inline void load_inputs(vec *d, const struct source *in, const struct tile *t,
                               const struct avqa_winograd_tiling *w)
{
    const struct span ys = inside(t->y, &w->down, w->height);
    const struct span xs = inside(t->x, &w->across, w->width);
    const ptrdiff_t top = t->y - (ptrdiff_t)(w->down.taps / 2);
    const ptrdiff_t left = t->x - (ptrdiff_t)(w->across.taps / 2);
    const ptrdiff_t n = xs.end - xs.begin;
    const ptrdiff_t a_line = VECS_A_LINE * BLOCK / in->right;
    for (ptrdiff_t i = ys.begin; i < ys.end; i++) {
        const float *line =
            in->at + (top + i) * in->down + (left + xs.begin) * in->right;
        vec *to = d + i * (ptrdiff_t)w->across.around + xs.begin;
        for (ptrdiff_t j = 0; j < n; j++)
            to[j] = *(const vec *)(line + j * in->right);
        for (ptrdiff_t j = 0; j < n; j += a_line)
            __builtin_prefetch(line + in->next + j * in->right, 0, 3);
        __builtin_prefetch(line + in->next + (n - 1) * in->right, 0, 3);
    }
}

/* Where eight channels lie at the first place. */
static inline float *channels(const struct avqa_winograd_places *places, size_t c)
{
    return places->at + c / LINE * places->channels_apart + c % LINE;
}

ALWAYS static void transform_inputs(const struct avqa_winograd_places *places,
                                    const float *from,
                                    const struct avqa_winograd_tiling *w,
                                    const struct tile *t, struct sides sides)
{
    const size_t rows = sides.down + sides.taps - 1;
    const size_t columns = sides.across + sides.taps - 1;
    const size_t apart = places->apart;
    vec d[MAX_PLACES] = {0}; /* zeros beyond the picture */
    for (size_t c = 0; c < w->n_channels; c += BLOCK) {
        const struct source in = find_source(w, from, t->picture, c);
        vec half[MAX_PLACES];
        float *row = channels(places, c);
        load_inputs(d, &in, t, w);
        for (size_t j = 0; j < columns; j++)
            transform_values_in((float *)(half + j), columns * BLOCK, d + j, columns,
                                &w->down, rows);
        for (size_t i = 0; i < rows; i++)
            transform_values_in(row + i * columns * apart, apart, half + i * columns, 1,
                                &w->across, columns);
    }
}

static inline void store_results(const struct avqa_winograd_tiling *w, float *plane,
                                 const vec *y, const struct tile *t, vec bias)
{
    const size_t height = w->height - (size_t)t->y;
    const size_t next = w->height * w->width * BLOCK;
    const size_t width = w->width - (size_t)t->x;
    for (size_t i = 0; i < w->down.side && i < height; i++, y += w->across.side) {
        float *line = plane + (((size_t)t->y + i) * w->width + (size_t)t->x) * BLOCK;
        for (size_t j = 0; j < w->across.side && j < width; j++) {
            vec *at = (vec *)(line + j * BLOCK);
            vec value = y[j] + bias;
            if (w->form.adds)
                value += *at;
            if (w->form.relu)
                value = (vec)((bits)value & (value > 0));
            *at = value;
        }
        for (size_t j = 0; j < w->across.side; j += VECS_A_LINE) /* of what follows */
            __builtin_prefetch(line + next + j * BLOCK, 1, 3);
    }
}

ALWAYS static void transform_results(float *to,
                                     const struct avqa_winograd_places *places,
                                     const struct avqa_winograd_tiling *w,
                                     const struct tile *t, struct sides sides)
{
    const size_t columns = sides.across + sides.taps - 1;
    const size_t apart = places->apart;
    const size_t n_out = w->form.n_out;
    const size_t plane = w->height * w->width * BLOCK;
    for (size_t o = 0; o < n_out; o += BLOCK) {
        vec half[MAX_SIDE * MAX_AROUND]; /* [down, columns] */
        vec y[MAX_SIDE * MAX_SIDE];
        const float *row = channels(places, o);
        for (size_t j = 0; j < columns; j++)
            transform_values_out(half + j, columns, row + j * apart, columns * apart,
                                 &w->down, sides.down, sides.taps);
        for (size_t i = 0; i < sides.down; i++)
            transform_values_out(y + i * sides.across, 1,
                                 (const float *)(half + i * columns), BLOCK, &w->across,
                                 sides.across, sides.taps);
        store_results(w, to + (t->picture * n_out + o) / BLOCK * plane, y, t,
                      *(const vec *)(w->bias + o));
    }
}

/* ---- kinds of tiles -------------------------------------------------------------- */

/* Sides, taps, and the fewest channels. Larger tiles lose more, which is no more than
 * sums of many channels lose (docs/results.md); 7 x 7 with three taps loses twice as
 * much, a hundredth of what half precision does, and is for as many channels as pay for
 * it. Still larger ones would lose too much. */
#define KINDS(KIND)                                                                    \
    KIND(4, 4, 3, 0)                                                                   \
    KIND(6, 4, 3, 0)                                                                   \
    KIND(5, 5, 3, 0)                                                                   \
    KIND(7, 4, 3, 64)                                                                  \
    KIND(7, 5, 3, 128)                                                                 \
    KIND(7, 7, 3, 256)                                                                 \
    KIND(7, 7, 2, 0)                                                                   \
    KIND(4, 4, 4, 0)

typedef void take(const struct avqa_winograd_places *places, const float *from,
                  const struct avqa_winograd_tiling *w, const struct tile *t);
typedef void give(float *to, const struct avqa_winograd_places *places,
                  const struct avqa_winograd_tiling *w, const struct tile *t);

#define TAKE_AND_GIVE(down, across, taps, least)                                       \
    static void take_##down##across##taps(                                             \
        const struct avqa_winograd_places *places, const float *from,                  \
        const struct avqa_winograd_tiling *w, const struct tile *t)                    \
    {                                                                                  \
        transform_inputs(places, from, w, t, (struct sides){down, across, taps});      \
    }                                                                                  \
    static void give_##down##across##taps(                                             \
        float *to, const struct avqa_winograd_places *places,                          \
        const struct avqa_winograd_tiling *w, const struct tile *t)                    \
    {                                                                                  \
        transform_results(to, places, w, t, (struct sides){down, across, taps});       \
    }
KINDS(TAKE_AND_GIVE)

#define ROW(down, across, taps, least)                                                 \
    {{down, across, taps}, least, take_##down##across##taps, give_##down##across##taps},
static const struct {
    struct sides sides;
    size_t least_channels;
    take *take;
    give *give;
} kinds[AVQA_WINOGRAD_KINDS] = {KINDS(ROW)};

static size_t tiles_along(size_t n, size_t side)
{
    return (n + side - 1) / side;
}

static double cost_of(const struct avqa_winograd_tiling *w, const struct sides *sides)
{
    double rows = (double)(sides->down + sides->taps - 1);
    double columns = (double)(sides->across + sides->taps - 1);
    double tiles = (double)(tiles_along(w->height, sides->down) *
                            tiles_along(w->width, sides->across));
    double ways = rows * columns * (rows + columns) / 2;
    return tiles * (rows * columns * (double)w->n_channels * (double)w->form.n_out +
                    ways * (double)(w->n_channels + w->form.n_out));
}

/* The kind that takes the fewest multiplications, those of B and A among them. */
static size_t choose_kind(const struct avqa_winograd_tiling *w)
{
    const size_t taps = (w->form.kernel + w->form.stride - 1) / w->form.stride;
    size_t best = AVQA_WINOGRAD_KINDS;
    for (size_t i = 0; i < AVQA_WINOGRAD_KINDS; i++) {
        if (kinds[i].sides.taps != taps || w->form.n_in < kinds[i].least_channels)
            continue;
        if (best == AVQA_WINOGRAD_KINDS ||
            cost_of(w, &kinds[i].sides) < cost_of(w, &kinds[best].sides))
            best = i;
    }
    return best;
}

void avqa_winograd_tiling_init(struct avqa_winograd_tiling *tiling,
                               const struct avqa_winograd_form *form)
{
    struct avqa_winograd_tiling *w = tiling;
    *w = (struct avqa_winograd_tiling){.form = *form,
                                       .height = form->height / form->stride,
                                       .width = form->width / form->stride,
                                       .n_channels =
                                           form->n_in * form->stride * form->stride,
                                       .from_planes = form->n_in < BLOCK};
    w->kind = choose_kind(w);
    assert(w->kind < AVQA_WINOGRAD_KINDS);
    const struct sides *sides = &kinds[w->kind].sides;
    avqa_winograd_matrix_init(&w->down, sides->down, sides->taps);
    avqa_winograd_matrix_init(&w->across, sides->across, sides->taps);
    w->rows = tiles_along(w->height, sides->down);
    w->columns = tiles_along(w->width, sides->across);
    w->n_places = w->down.around * w->across.around;
}

void avqa_winograd_take(const struct avqa_winograd_places *places, const float *from,
                        const struct avqa_winograd_tiling *tiling, size_t tile)
{
    const struct tile t = find_tile(tiling, tile);
    kinds[tiling->kind].take(places, from, tiling, &t);
}

void avqa_winograd_give(float *to, const struct avqa_winograd_places *places,
                        const struct avqa_winograd_tiling *tiling, size_t tile)
{
    const struct tile t = find_tile(tiling, tile);
    kinds[tiling->kind].give(to, places, tiling, &t);
}

/* ---- stride 2 -------------------------------------------------------------------- */

/* Results at y read inputs at 2 y + k - kernel / 2. Even inputs are those of one
 * phase, odd ones those of another, and each phase is for every second tap. */
void avqa_winograd_taps(float *out, const struct avqa_winograd_tiling *tiling,
                        const float *filter, size_t phase)
{
    const size_t kernel = tiling->form.kernel;
    const size_t stride = tiling->form.stride;
    const size_t taps = tiling->down.taps;
    for (size_t i = 0; i < taps * taps; i++) {
        size_t y = stride * (i / taps) + phase / stride - (stride - 1);
        size_t x = stride * (i % taps) + phase % stride - (stride - 1);
        out[i] = y < kernel && x < kernel ? filter[y * kernel + x] : 0; /* -1 wraps */
    }
}

size_t avqa_winograd_depth(const struct avqa_winograd_tiling *tiling)
{
    return tiling->from_planes ? avqa_mem_rounded(tiling->n_channels, BLOCK) *
                                     tiling->height * tiling->width
                               : 0;
}

void avqa_winograd_to_depth(float *to, const float *planes,
                            const struct avqa_winograd_tiling *tiling)
{
    const struct avqa_winograd_tiling *w = tiling;
    const size_t stride = w->form.stride;
    const size_t area = w->height * w->width;
    memset(to, 0, avqa_winograd_depth(w) * sizeof *to);
    for (size_t c = 0; c < w->n_channels; c++) {
        const size_t phase = c / w->form.n_in;
        const float *plane = planes + c % w->form.n_in * stride * stride * area +
                             phase / stride * stride * w->width + phase % stride;
        float *block = to + c / BLOCK * area * BLOCK + c % BLOCK;
        for (size_t y = 0; y < w->height; y++, plane += stride * stride * w->width) {
            for (size_t x = 0; x < w->width; x++, block += BLOCK)
                *block = plane[stride * x];
        }
    }
}
