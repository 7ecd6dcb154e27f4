/* A tile is 4 x 4 results, made of 6 x 6 inputs. With the matrices B, G, A of the
 * paper: Y = A' [sum over channels of (G g G') * (B' d B)] A, where * is place by
 * place; so for each of the 36 places there is one matrix product, tiles x n_in by n_in
 * x n_out.
 *
 * Tiles are worked on in groups: small ones where the weights are small, so that all
 * stays near; large ones where weights are large, so that these are read seldom. This
 * file is compiled for AVX2 with fused multiplication and addition (CMakeLists.txt). */
#include "nn/winograd.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = AVQA_WINOGRAD_BLOCK,
    SIDE = 4,
    AROUND = 6,
    PLACES = AROUND * AROUND,
    ROWS = 6,     /* tiles multiplied at once */
    COLUMNS = 16, /* results multiplied at once */
    ALIGNMENT = 64,
    SKEW = 16, /* floats between the places' matrices, against equal cache sets */
    LEAST_GROUP = 48,
    MOST_GROUP = 192,
};

typedef float vec __attribute__((vector_size(BLOCK * sizeof(float)), may_alias));

typedef int bits __attribute__((vector_size(BLOCK * sizeof(int))));

struct avqa_winograd {
    struct avqa_winograd_form form;
    size_t rows, columns; /* of tiles in a picture */
    size_t group;         /* tiles, a multiple of ROWS */
    float *weights;       /* [PLACES, n_out / COLUMNS, n_in, COLUMNS] */
    float *bias;
};

bool avqa_winograd_fits(size_t n_in, size_t n_out)
{
    return n_in > 0 && n_out > 0 && n_in % BLOCK == 0 && n_out % COLUMNS == 0;
}

/* ---- weights --------------------------------------------------------------------- */

/* G g G' of one 3 x 3 filter. */
static void transform_filter(double out[PLACES], const float g[9])
{
    static const double G[AROUND][3] = {
        {1.0 / 4, 0, 0},
        {-1.0 / 6, -1.0 / 6, -1.0 / 6},
        {-1.0 / 6, 1.0 / 6, -1.0 / 6},
        {1.0 / 24, 1.0 / 12, 1.0 / 6},
        {1.0 / 24, -1.0 / 12, 1.0 / 6},
        {0, 0, 1},
    };
    for (int i = 0; i < AROUND; i++) {
        for (int j = 0; j < AROUND; j++) {
            double sum = 0;
            for (int k = 0; k < 9; k++)
                sum += G[i][k / 3] * (double)g[k] * G[j][k % 3];
            out[i * AROUND + j] = sum;
        }
    }
}

static void transform_weights(struct avqa_winograd *w, const float *weights)
{
    size_t n_in = w->form.n_in;
    size_t n_out = w->form.n_out;
    for (size_t i = 0; i < n_out * n_in; i++) {
        size_t o = i / n_in;
        size_t c = i % n_in;
        double places[PLACES];
        transform_filter(places, weights + i * 9);
        for (size_t p = 0; p < PLACES; p++) {
            size_t panel = p * (n_out / COLUMNS) + o / COLUMNS;
            w->weights[(panel * n_in + c) * COLUMNS + o % COLUMNS] = (float)places[p];
        }
    }
}

/* ---- one tile -------------------------------------------------------------------- */

/* B' d: six values, `stride` apart, become six. */
static inline void transform_six_in(vec *out, size_t stride, const vec *d)
{
    vec d0 = d[0];
    vec d1 = d[stride];
    vec d2 = d[2 * stride];
    vec d3 = d[3 * stride];
    vec d4 = d[4 * stride];
    vec d5 = d[5 * stride];
    vec even = d4 - 4 * d2;
    vec odd = d3 - 4 * d1;
    vec even2 = d4 - d2;
    vec odd2 = 2 * (d3 - d1);
    out[0] = 4 * d0 - 5 * d2 + d4;
    out[stride] = even + odd;
    out[2 * stride] = even - odd;
    out[3 * stride] = even2 + odd2;
    out[4 * stride] = even2 - odd2;
    out[5 * stride] = 4 * d1 - 5 * d3 + d5;
}

/* A' m: six values, `stride` apart, become four. */
static inline void transform_six_out(vec *out, size_t out_stride, const vec *m,
                                     size_t stride)
{
    vec sum = m[stride] + m[2 * stride];
    vec difference = m[stride] - m[2 * stride];
    vec sum2 = m[3 * stride] + m[4 * stride];
    vec difference2 = m[3 * stride] - m[4 * stride];
    out[0] = m[0] + sum + sum2;
    out[out_stride] = difference + 2 * difference2;
    out[2 * out_stride] = sum + 4 * sum2;
    out[3 * out_stride] = difference + 8 * difference2 + m[5 * stride];
}

/* Where a tile lies. */
struct tile {
    size_t picture;
    ptrdiff_t y, x; /* of its first result */
};

static struct tile find_tile(const struct avqa_winograd *w, size_t i)
{
    return (struct tile){.picture = i / (w->rows * w->columns),
                         .y = (ptrdiff_t)(i / w->columns % w->rows * SIDE),
                         .x = (ptrdiff_t)(i % w->columns * SIDE)};
}

/* The 6 x 6 inputs around a tile, zeros beyond the picture. */
static inline void load_inputs(vec d[PLACES], const float *plane, const struct tile *t,
                               ptrdiff_t height, ptrdiff_t width)
{
    bool inside = t->y > 0 && t->x > 0 && t->y + SIDE < height && t->x + SIDE < width;
    for (ptrdiff_t i = 0; i < AROUND; i++) {
        ptrdiff_t y = t->y + i - 1;
        for (ptrdiff_t j = 0; j < AROUND; j++) {
            ptrdiff_t x = t->x + j - 1;
            if (inside || (y >= 0 && y < height && x >= 0 && x < width))
                d[i * AROUND + j] = *(const vec *)(plane + (y * width + x) * BLOCK);
            else
                d[i * AROUND + j] = (vec){0};
        }
    }
}

/* Row `row` of the 36 matrices [tiles, n_in], `apart` floats between them. */
static void transform_inputs(const struct avqa_winograd *w, float *inputs, size_t apart,
                             size_t row, const float *from, const struct tile *t)
{
    size_t n_in = w->form.n_in;
    size_t plane = w->form.height * w->form.width * BLOCK;
    for (size_t c = 0; c < n_in; c += BLOCK) {
        vec d[PLACES];
        vec half[PLACES];
        load_inputs(d, from + (t->picture * n_in + c) / BLOCK * plane, t,
                    (ptrdiff_t)w->form.height, (ptrdiff_t)w->form.width);
        for (size_t j = 0; j < AROUND; j++)
            transform_six_in(half + j, AROUND, d + j);
        for (size_t i = 0; i < AROUND; i++)
            transform_six_in(d + i * AROUND, 1, half + i * AROUND);
        for (size_t p = 0; p < PLACES; p++)
            *(vec *)(inputs + p * apart + row * n_in + c) = d[p];
    }
}

static inline void store_results(const struct avqa_winograd *w, float *plane,
                                 const vec y[SIDE * SIDE], const struct tile *t,
                                 vec bias)
{
    size_t height = w->form.height;
    size_t width = w->form.width;
    for (size_t i = 0; i < SIDE && (size_t)t->y + i < height; i++) {
        for (size_t j = 0; j < SIDE && (size_t)t->x + j < width; j++) {
            vec *at = (vec *)(plane +
                              (((size_t)t->y + i) * width + (size_t)t->x + j) * BLOCK);
            vec value = y[i * SIDE + j] + bias;
            if (w->form.adds)
                value += *at;
            if (w->form.relu)
                value = (vec)((bits)value & (value > 0));
            *at = value;
        }
    }
}

static void transform_results(const struct avqa_winograd *w, float *to,
                              const struct tile *t, const float *products, size_t apart,
                              size_t row)
{
    size_t n_out = w->form.n_out;
    size_t plane = w->form.height * w->form.width * BLOCK;
    for (size_t o = 0; o < n_out; o += BLOCK) {
        vec m[PLACES];
        vec half[SIDE * AROUND];
        vec y[SIDE * SIDE];
        for (size_t p = 0; p < PLACES; p++)
            m[p] = *(const vec *)(products + p * apart + row * n_out + o);
        for (size_t j = 0; j < AROUND; j++)
            transform_six_out(half + j, AROUND, m + j, AROUND);
        for (size_t i = 0; i < SIDE; i++)
            transform_six_out(y + i * SIDE, 1, half + i * AROUND, 1);
        store_results(w, to + (t->picture * n_out + o) / BLOCK * plane, y, t,
                      *(const vec *)(w->bias + o));
    }
}

/* ---- products -------------------------------------------------------------------- */

/* ROWS x COLUMNS of a product: twelve sums that stay in registers. */
static inline void multiply(float *out, size_t out_stride, const float *in, size_t n_in,
                            const float *panel)
{
    vec sums[ROWS][2] = {0};
    for (size_t c = 0; c < n_in; c++) {
        vec left = *(const vec *)(panel + c * COLUMNS);
        vec right = *(const vec *)(panel + c * COLUMNS + BLOCK);
#pragma GCC unroll 6
        for (size_t r = 0; r < ROWS; r++) {
            float x = in[r * n_in + c];
            sums[r][0] += x * left;
            sums[r][1] += x * right;
        }
    }
    for (size_t r = 0; r < ROWS; r++) {
        *(vec *)(out + r * out_stride) = sums[r][0];
        *(vec *)(out + r * out_stride + BLOCK) = sums[r][1];
    }
}

/* For one place: [n_tiles, n_in] by [n_in, n_out]. */
static void multiply_place(const struct avqa_winograd *w, float *products,
                           const float *inputs, const float *weights, size_t n_tiles)
{
    size_t n_in = w->form.n_in;
    size_t n_out = w->form.n_out;
    for (size_t o = 0; o < n_out; o += COLUMNS) {
        for (size_t t = 0; t < n_tiles; t += ROWS)
            multiply(products + t * n_out + o, n_out, inputs + t * n_in, n_in,
                     weights + o * n_in);
    }
}

static size_t inputs_apart(const struct avqa_winograd *w)
{
    return w->group * w->form.n_in + SKEW;
}

static size_t products_apart(const struct avqa_winograd *w)
{
    return w->group * w->form.n_out + SKEW;
}

static size_t n_tiles(const struct avqa_winograd *w)
{
    return w->form.batch * w->rows * w->columns;
}

static void run_group(const struct avqa_winograd *w, size_t first, const float *from,
                      float *to, float *scratch)
{
    size_t n = n_tiles(w) - first < w->group ? n_tiles(w) - first : w->group;
    float *inputs = scratch;
    float *products = scratch + PLACES * inputs_apart(w);
    size_t per_place = w->form.n_in * w->form.n_out;
    for (size_t i = 0; i < n; i++) {
        struct tile t = find_tile(w, first + i);
        transform_inputs(w, inputs, inputs_apart(w), i, from, &t);
    }
    for (size_t p = 0; p < PLACES;
         p++) /* rows behind the last tile: whatever is there */
        multiply_place(w, products + p * products_apart(w),
                       inputs + p * inputs_apart(w), w->weights + p * per_place, n);
    for (size_t i = 0; i < n; i++) {
        struct tile t = find_tile(w, first + i);
        transform_results(w, to, &t, products, products_apart(w), i);
    }
}

/* ---- the whole ------------------------------------------------------------------- */

static size_t rounded_up(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

/* As large as its channels ask for, and no larger than each thread's share. */
static size_t choose_group(const struct avqa_winograd *w)
{
    size_t group = w->form.n_in * LEAST_GROUP / 64;
    size_t share = (n_tiles(w) + w->form.n_threads - 1) / w->form.n_threads;
    group = group < LEAST_GROUP ? LEAST_GROUP : group > MOST_GROUP ? MOST_GROUP : group;
    return rounded_up(group < share ? group : share, ROWS);
}

enum avqa_status avqa_winograd_new(struct avqa_winograd **out,
                                   const struct avqa_winograd_form *form,
                                   const float *weights, const float *bias)
{
    size_t n_weights = form->n_in * form->n_out * PLACES;
    struct avqa_winograd *w = avqa_mem_new(sizeof *w);
    w->form = *form;
    w->rows = (form->height + SIDE - 1) / SIDE;
    w->columns = (form->width + SIDE - 1) / SIDE;
    w->group = choose_group(w);
    w->weights = aligned_alloc(ALIGNMENT, rounded_up(n_weights * 4, ALIGNMENT));
    w->bias = aligned_alloc(ALIGNMENT, rounded_up(form->n_out * 4, ALIGNMENT));
    if (!w->weights || !w->bias) {
        avqa_winograd_free(w);
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu weights", n_weights);
    }
    transform_weights(w, weights);
    memcpy(w->bias, bias, form->n_out * sizeof *bias);
    *out = w;
    return AVQA_OK;
}

void avqa_winograd_free(struct avqa_winograd *winograd)
{
    if (!winograd)
        return;
    free(winograd->weights);
    free(winograd->bias);
    free(winograd);
}

/* Floats of one thread. */
static size_t scratch_floats(const struct avqa_winograd *w)
{
    return PLACES * (inputs_apart(w) + products_apart(w));
}

size_t avqa_winograd_scratch_bytes(const struct avqa_winograd *winograd)
{
    return winograd->form.n_threads * scratch_floats(winograd) * sizeof(float);
}

void avqa_winograd_run(const struct avqa_winograd *winograd, const float *from,
                       float *to, float *scratch)
{
    const struct avqa_winograd *w = winograd;
    size_t n_groups = (n_tiles(w) + w->group - 1) / w->group;
    size_t n_threads = w->form.n_threads;
#pragma omp parallel for num_threads((int)n_threads) schedule(static, 1)
    for (size_t thread = 0; thread < n_threads; thread++) {
        for (size_t g = thread; g < n_groups; g += n_threads)
            run_group(w, g * w->group, from, to, scratch + thread * scratch_floats(w));
    }
}
