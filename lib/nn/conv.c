/* See conv.h. One dimension is two, the first of which is one long. */
#include "nn/conv.h"
#include "nn/convolve.h"
#include "nn/ranges.h"
#include "nn/rowmath.h"

#include <assert.h>
#include <string.h>

enum { LEAST = 1 << 14 }; /* numbers that are worth a thread */

/* The bias, or its gradient, and the planes of y or dy. */
struct biased {
    size_t n, channels, places;
    avqa_real *planes;
    const avqa_real *dplanes, *bias;
    avqa_real *dbias;
};

static void add_bias(void *user, size_t from, size_t to)
{
    const struct biased *b = user;
    for (size_t plane = from; plane < to; plane++)
        for (size_t k = 0; k < b->places; k++)
            b->planes[plane * b->places + k] += b->bias[plane % b->channels];
}

/* db += sum dy over rows and places */
static void add_bias_back(void *user, size_t from, size_t to)
{
    const struct biased *b = user;
    for (size_t c = from; c < to; c++)
        for (size_t i = 0; i < b->n; i++)
            b->dbias[c] +=
                avqa_row_sum(b->dplanes + (i * b->channels + c) * b->places, b->places);
}

static struct biased biased_of(const struct avqa_node *y,
                               const struct avqa_convolution *c)
{
    return (struct biased){.n = c->n,
                           .channels = c->out,
                           .places = c->after[0] * c->after[1],
                           .planes = y->value,
                           .dplanes = y->grad};
}

/* dx += w^T dy, dw += dy x, db += sum dy */
static void conv_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    const struct avqa_convolution *c = y->saved;
    const struct avqa_node *x = y->from[0];
    const struct avqa_node *w = y->from[1];
    size_t n_threads = avqa_tape_threads(tape);
    avqa_real *dx = avqa_tape_grad(tape, y->from[0]);
    avqa_real *dw = avqa_tape_grad(tape, y->from[1]);
    struct biased b = biased_of(y, c);
    b.dbias = y->from[2] ? avqa_tape_grad(tape, y->from[2]) : NULL;
    if (dx)
        avqa_tape_fail(tape, avqa_convolve_input(dx, y->grad, w->value, c, n_threads));
    if (dw)
        avqa_tape_fail(tape,
                       avqa_convolve_weights(dw, x->value, y->grad, c, n_threads));
    if (b.dbias)
        avqa_ranges_run(n_threads, b.channels, LEAST / (b.n * b.places + 1) + 1,
                        add_bias_back, &b);
}

static size_t or_one(size_t n)
{
    return n ? n : 1;
}

static struct avqa_convolution *describe(struct avqa_tape *tape,
                                         const struct avqa_node *x,
                                         const struct avqa_node *w,
                                         const struct avqa_conv *options)
{
    struct avqa_convolution *c = avqa_arena_alloc(&tape->nodes, sizeof *c);
    assert((x->rank == 3 || x->rank == 4) && w->rank == x->rank);
    c->n = x->shape[0];
    c->in = x->shape[1];
    c->out = w->shape[0];
    c->groups = or_one(options->groups);
    assert(c->in % c->groups == 0 && c->out % c->groups == 0 &&
           w->shape[1] == c->in / c->groups);
    for (size_t dim = 0; dim < 2; dim++) {
        bool is_there = dim == 1 || x->rank == 4;
        size_t at = x->rank - 2 + dim;
        c->side[dim] = is_there ? x->shape[at] : 1;
        c->kernel[dim] = is_there ? w->shape[at] : 1;
        c->stride[dim] = is_there ? or_one(options->stride[dim]) : 1;
        c->dilation[dim] = is_there ? or_one(options->dilation[dim]) : 1;
        c->pad[dim] = is_there ? options->pad[dim] : 0;
        size_t reach = c->dilation[dim] * (c->kernel[dim] - 1) + 1;
        assert(c->kernel[dim] > 0 && c->side[dim] + 2 * c->pad[dim] >= reach);
        c->after[dim] = (c->side[dim] + 2 * c->pad[dim] - reach) / c->stride[dim] + 1;
    }
    return c;
}

struct avqa_node *avqa_conv(struct avqa_tape *tape, struct avqa_node *x,
                            struct avqa_node *w, struct avqa_node *b,
                            const struct avqa_conv *options)
{
    size_t shape[AVQA_NODE_MAX_RANK];
    if (avqa_tape_failed(tape))
        return NULL;
    struct avqa_convolution *c = describe(tape, x, w, options);
    assert(!b || b->n == c->out);
    memcpy(shape, x->shape, sizeof shape);
    shape[1] = c->out;
    shape[x->rank - 1] = c->after[1];
    if (x->rank == 4)
        shape[2] = c->after[0];
    struct avqa_node *y =
        avqa_tape_node(tape, x->rank, shape, conv_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){x, w, b});
    if (!y)
        return NULL;
    y->saved = c;
    avqa_tape_fail(
        tape, avqa_convolve(y->value, x->value, w->value, c, avqa_tape_threads(tape)));
    struct biased biased = biased_of(y, c);
    biased.bias = b ? b->value : NULL;
    if (b)
        avqa_ranges_run(avqa_tape_threads(tape), c->n * c->out,
                        LEAST / (biased.places + 1) + 1, add_bias, &biased);
    return y;
}
