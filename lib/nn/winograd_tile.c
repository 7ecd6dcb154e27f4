/* See winograd_tile.h. This file is compiled for AVX2 with fused multiplication and
 * addition (CMakeLists.txt). */
#include "nn/winograd_tile.h"

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

/* The sides of a tile. Larger ones lose more, which is no more than sums of many
 * channels lose (docs/results.md); 7 x 7 loses twice as much, a hundredth of what half
 * precision does, and is for as many channels as pay for it. Still larger ones would
 * lose too much. */
struct sides {
    size_t down, across, least_channels;
};

static const struct sides kinds[AVQA_WINOGRAD_KINDS] = {
    {4, 4, 0}, {6, 4, 0}, {5, 5, 0}, {7, 4, 64}, {7, 5, 128}, {7, 7, 256}};

/* ---- one direction --------------------------------------------------------------- */

/* B' d: side + 2 values, `stride` apart, become as many, `apart` apart. A place's row
 * of B is the product of x - p over the other points. */
ALWAYS static void transform_values_in(float *out, size_t apart, const vec *d,
                                       size_t stride,
                                       const struct avqa_winograd_matrix *t,
                                       size_t side)
{
    const size_t n_pairs = (side + 1) / 2;
    const size_t z = side % 2 == 0;
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

/* A' m: side + 2 values, `stride` apart, become `side`. */
ALWAYS static void transform_values_out(vec *out, size_t out_stride, const float *m,
                                        size_t apart,
                                        const struct avqa_winograd_matrix *t,
                                        size_t side)
{
    const size_t n_pairs = (side + 1) / 2;
    const size_t z = side % 2 == 0;
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

static struct span inside(ptrdiff_t at, size_t around, size_t n)
{
    ptrdiff_t left = (ptrdiff_t)n + 1 - at;
    return (struct span){at == 0, left < (ptrdiff_t)around ? left : (ptrdiff_t)around};
}

/* Reads what of the inputs around a tile lies in the picture, and asks for the same of
 * the next channels. */
static inline void load_inputs(vec *d, const float *in, const struct tile *t,
                               const struct avqa_winograd_tiling *w)
{
    const ptrdiff_t columns = (ptrdiff_t)w->across.around;
    const ptrdiff_t width = (ptrdiff_t)w->form.width;
    const size_t plane = w->form.height * w->form.width * BLOCK;
    const struct span ys = inside(t->y, w->down.around, w->form.height);
    const struct span xs = inside(t->x, w->across.around, w->form.width);
    for (ptrdiff_t i = ys.begin; i < ys.end; i++) {
        const float *line = in + ((t->y + i - 1) * width + t->x - 1 + xs.begin) * BLOCK;
        vec *to = d + i * columns + xs.begin;
        for (ptrdiff_t j = 0; j < xs.end - xs.begin; j++)
            to[j] = *(const vec *)(line + j * BLOCK);
        for (ptrdiff_t j = 0; j < xs.end - xs.begin; j += VECS_A_LINE)
            __builtin_prefetch(line + plane + j * BLOCK, 0, 3);
        __builtin_prefetch(line + plane + (xs.end - xs.begin - 1) * BLOCK, 0, 3);
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
    const size_t columns = sides.across + 2;
    const size_t apart = places->apart;
    const size_t n_in = w->form.n_in;
    const size_t plane = w->form.height * w->form.width * BLOCK;
    vec d[MAX_PLACES] = {0}; /* zeros beyond the picture */
    for (size_t c = 0; c < n_in; c += BLOCK) {
        vec half[MAX_PLACES];
        float *row = channels(places, c);
        load_inputs(d, from + (t->picture * n_in + c) / BLOCK * plane, t, w);
        for (size_t j = 0; j < columns; j++)
            transform_values_in((float *)(half + j), columns * BLOCK, d + j, columns,
                                &w->down, sides.down);
        for (size_t i = 0; i < sides.down + 2; i++)
            transform_values_in(row + i * columns * apart, apart, half + i * columns, 1,
                                &w->across, sides.across);
    }
}

static inline void store_results(const struct avqa_winograd_tiling *w, float *plane,
                                 const vec *y, const struct tile *t, vec bias)
{
    const size_t height = w->form.height - (size_t)t->y;
    const size_t next = w->form.height * w->form.width * BLOCK;
    const size_t width = w->form.width - (size_t)t->x;
    for (size_t i = 0; i < w->down.side && i < height; i++, y += w->across.side) {
        float *line =
            plane + (((size_t)t->y + i) * w->form.width + (size_t)t->x) * BLOCK;
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
    const size_t columns = sides.across + 2;
    const size_t apart = places->apart;
    const size_t n_out = w->form.n_out;
    const size_t plane = w->form.height * w->form.width * BLOCK;
    for (size_t o = 0; o < n_out; o += BLOCK) {
        vec half[MAX_SIDE * MAX_AROUND]; /* [down, columns] */
        vec y[MAX_SIDE * MAX_SIDE];
        const float *row = channels(places, o);
        for (size_t j = 0; j < columns; j++)
            transform_values_out(half + j, columns, row + j * apart, columns * apart,
                                 &w->down, sides.down);
        for (size_t i = 0; i < sides.down; i++)
            transform_values_out(y + i * sides.across, 1,
                                 (const float *)(half + i * columns), BLOCK, &w->across,
                                 sides.across);
        store_results(w, to + (t->picture * n_out + o) / BLOCK * plane, y, t,
                      *(const vec *)(w->bias + o));
    }
}

/* ---- all of them ----------------------------------------------------------------- */

static size_t tiles_along(size_t n, size_t side)
{
    return (n + side - 1) / side;
}

/* The kind that takes the fewest multiplications, those of B and A among them. */
static size_t choose_kind(const struct avqa_winograd_form *form)
{
    size_t best = 0;
    double best_cost = 0;
    for (size_t i = 0; i < AVQA_WINOGRAD_KINDS; i++) {
        double rows = (double)kinds[i].down + 2;
        double columns = (double)kinds[i].across + 2;
        double tiles = (double)(tiles_along(form->height, kinds[i].down) *
                                tiles_along(form->width, kinds[i].across));
        double ways = rows * columns * (rows + columns) / 2;
        double cost =
            tiles * (rows * columns * (double)form->n_in * (double)form->n_out +
                     ways * (double)(form->n_in + form->n_out));
        if (i > 0 && (cost >= best_cost || form->n_in < kinds[i].least_channels))
            continue;
        best = i;
        best_cost = cost;
    }
    return best;
}

void avqa_winograd_tiling_init(struct avqa_winograd_tiling *tiling,
                               const struct avqa_winograd_form *form)
{
    *tiling = (struct avqa_winograd_tiling){.form = *form, .kind = choose_kind(form)};
    avqa_winograd_matrix_init(&tiling->down, kinds[tiling->kind].down);
    avqa_winograd_matrix_init(&tiling->across, kinds[tiling->kind].across);
    tiling->rows = tiles_along(form->height, tiling->down.side);
    tiling->columns = tiles_along(form->width, tiling->across.side);
    tiling->n_places = tiling->down.around * tiling->across.around;
}

void avqa_winograd_take(const struct avqa_winograd_places *places, const float *from,
                        const struct avqa_winograd_tiling *tiling, size_t tile)
{
    const struct tile t = find_tile(tiling, tile);
    switch (tiling->kind) {
    case 0:
        transform_inputs(places, from, tiling, &t, kinds[0]);
        break;
    case 1:
        transform_inputs(places, from, tiling, &t, kinds[1]);
        break;
    case 2:
        transform_inputs(places, from, tiling, &t, kinds[2]);
        break;
    case 3:
        transform_inputs(places, from, tiling, &t, kinds[3]);
        break;
    case 4:
        transform_inputs(places, from, tiling, &t, kinds[4]);
        break;
    default:
        transform_inputs(places, from, tiling, &t, kinds[5]);
        break;
    }
}

void avqa_winograd_give(float *to, const struct avqa_winograd_places *places,
                        const struct avqa_winograd_tiling *tiling, size_t tile)
{
    const struct tile t = find_tile(tiling, tile);
    switch (tiling->kind) {
    case 0:
        transform_results(to, places, tiling, &t, kinds[0]);
        break;
    case 1:
        transform_results(to, places, tiling, &t, kinds[1]);
        break;
    case 2:
        transform_results(to, places, tiling, &t, kinds[2]);
        break;
    case 3:
        transform_results(to, places, tiling, &t, kinds[3]);
        break;
    case 4:
        transform_results(to, places, tiling, &t, kinds[4]);
        break;
    default:
        transform_results(to, places, tiling, &t, kinds[5]);
        break;
    }
}
