/* The convolution of the double build: the definition, each product by itself. */
#include "nn/convolve.h"

#include <stdbool.h>

/* Called for each y, w and x that belong together, by their places in memory. */
typedef void product_fn(avqa_real *const p[3], size_t y, size_t w, size_t x);

/* Where x is that place i of y sees through place k of the kernel; false: outside. */
static bool seen(size_t *at, const struct avqa_convolution *c, size_t dim, size_t i,
                 size_t k)
{
    size_t place = i * c->stride[dim] + k * c->dilation[dim];
    *at = place - c->pad[dim];
    return place >= c->pad[dim] && *at < c->side[dim];
}

/* One plane of y with one plane of x: where they and their kernel begin. */
static void each_of_planes(const struct avqa_convolution *c, const size_t begin[3],
                           product_fn *fn, avqa_real *const p[3])
{
    size_t x[2];
    for (size_t i = 0; i < c->after[0] * c->after[1]; i++)
        for (size_t k = 0; k < c->kernel[0] * c->kernel[1]; k++)
            if (seen(&x[0], c, 0, i / c->after[1], k / c->kernel[1]) &&
                seen(&x[1], c, 1, i % c->after[1], k % c->kernel[1]))
                fn(p, begin[0] + i, begin[1] + k, begin[2] + x[0] * c->side[1] + x[1]);
}

static void each(const struct avqa_convolution *c, product_fn *fn,
                 avqa_real *const p[3])
{
    size_t from = c->in / c->groups;
    for (size_t plane = 0; plane < c->n * c->out; plane++)
        for (size_t j = 0; j < from; j++) {
            size_t o = plane % c->out;
            size_t in = o / (c->out / c->groups) * from + j;
            each_of_planes(
                c,
                (size_t[]){plane * c->after[0] * c->after[1],
                           (o * from + j) * c->kernel[0] * c->kernel[1],
                           (plane / c->out * c->in + in) * c->side[0] * c->side[1]},
                fn, p);
        }
}

static void add_to_y(avqa_real *const p[3], size_t y, size_t w, size_t x)
{
    p[0][y] += p[1][w] * p[2][x];
}

static void add_to_w(avqa_real *const p[3], size_t y, size_t w, size_t x)
{
    p[1][w] += p[0][y] * p[2][x];
}

static void add_to_x(avqa_real *const p[3], size_t y, size_t w, size_t x)
{
    p[2][x] += p[0][y] * p[1][w];
}

/* None of the three writes what it only reads. */
static avqa_real *only_read(const avqa_real *p)
{
    return (avqa_real *)(size_t)p;
}

enum avqa_status avqa_convolve(avqa_real *y, const avqa_real *x, const avqa_real *w,
                               const struct avqa_convolution *c, size_t n_threads)
{
    (void)n_threads;
    for (size_t i = 0; i < c->n * c->out * c->after[0] * c->after[1]; i++)
        y[i] = 0;
    each(c, add_to_y, (avqa_real *[]){y, only_read(w), only_read(x)});
    return AVQA_OK;
}

enum avqa_status avqa_convolve_input(avqa_real *dx, const avqa_real *dy,
                                     const avqa_real *w,
                                     const struct avqa_convolution *c, size_t n_threads)
{
    (void)n_threads;
    each(c, add_to_x, (avqa_real *[]){only_read(dy), only_read(w), dx});
    return AVQA_OK;
}

enum avqa_status avqa_convolve_weights(avqa_real *dw, const avqa_real *x,
                                       const avqa_real *dy,
                                       const struct avqa_convolution *c,
                                       size_t n_threads)
{
    (void)n_threads;
    each(c, add_to_w, (avqa_real *[]){only_read(dy), dw, only_read(x)});
    return AVQA_OK;
}
