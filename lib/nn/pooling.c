/* See pooling.h. Plain loops: pooling reads each number a few times and is nothing
 * beside the convolutions around it. A plane is computed by one thread. */
#include "nn/pooling.h"
#include "nn/ranges.h"

#include <assert.h>
#include <string.h>

enum { LEAST = 1 << 14 }; /* numbers that are worth a thread */

struct pooling {
    struct avqa_window window; /* without a kernel: adaptive */
    size_t side[2], after[2];
    size_t n_planes;
    uint32_t *largest; /* of max pooling: where in its plane each number was */
    const avqa_real *x, *dy;
    avqa_real *y, *dx;
};

/* The numbers from <= i < to of a side. */
struct reach {
    size_t from, to;
};

static struct reach reach_of(const struct pooling *p, size_t dim, size_t i)
{
    const struct avqa_window *w = &p->window;
    size_t side = p->side[dim];
    if (w->kernel[dim] == 0)
        return (struct reach){i * side / p->after[dim],
                              ((i + 1) * side + p->after[dim] - 1) / p->after[dim]};
    size_t from = i * w->stride[dim];
    size_t to = from + w->kernel[dim];
    return (struct reach){from > w->pad[dim] ? from - w->pad[dim] : 0,
                          to - w->pad[dim] < side ? to - w->pad[dim] : side};
}

/* What a mean divides by: a whole kernel, since no window goes beyond the padding. */
static avqa_real counted(const struct pooling *p, size_t row, size_t column)
{
    struct reach rows = reach_of(p, 0, row);
    struct reach columns = reach_of(p, 1, column);
    const size_t *kernel = p->window.kernel;
    return (avqa_real)(kernel[0] ? kernel[0] * kernel[1]
                                 : (rows.to - rows.from) * (columns.to - columns.from));
}

static size_t least_planes(const struct pooling *p)
{
    return LEAST / (p->side[0] * p->side[1] + 1) + 1;
}

static struct reach planes_of(const struct pooling *p, size_t plane)
{
    size_t size = p->after[0] * p->after[1];
    return (struct reach){plane * size, (plane + 1) * size};
}

/* ---- the largest: dx[where it was] += dy ----------------------------------------- */

static uint32_t find_largest(const struct pooling *p, const avqa_real *x, size_t i)
{
    struct reach rows = reach_of(p, 0, i / p->after[1]);
    struct reach columns = reach_of(p, 1, i % p->after[1]);
    size_t best = rows.from * p->side[1] + columns.from;
    for (size_t h = rows.from; h < rows.to; h++)
        for (size_t w = columns.from; w < columns.to; w++) {
            size_t at = h * p->side[1] + w;
            if (x[at] > x[best] || (x[at] != x[at] && x[best] == x[best]))
                best = at;
        }
    return (uint32_t)best;
}

static void max_planes(void *user, size_t from, size_t to)
{
    const struct pooling *p = user;
    for (size_t plane = from; plane < to; plane++) {
        const avqa_real *x = p->x + plane * p->side[0] * p->side[1];
        struct reach out = planes_of(p, plane);
        for (size_t i = out.from; i < out.to; i++) {
            p->largest[i] = find_largest(p, x, i - out.from);
            p->y[i] = x[p->largest[i]];
        }
    }
}

static void max_planes_back(void *user, size_t from, size_t to)
{
    const struct pooling *p = user;
    for (size_t plane = from; plane < to; plane++) {
        avqa_real *dx = p->dx + plane * p->side[0] * p->side[1];
        struct reach out = planes_of(p, plane);
        for (size_t i = out.from; i < out.to; i++)
            dx[p->largest[i]] += p->dy[i];
    }
}

/* ---- the mean: dx[each of the window] += dy / how many --------------------------- */

static void mean_planes(void *user, size_t from, size_t to)
{
    const struct pooling *p = user;
    for (size_t plane = from; plane < to; plane++) {
        const avqa_real *x = p->x + plane * p->side[0] * p->side[1];
        struct reach out = planes_of(p, plane);
        for (size_t i = out.from; i < out.to; i++) {
            size_t row = (i - out.from) / p->after[1];
            size_t column = (i - out.from) % p->after[1];
            struct reach rows = reach_of(p, 0, row);
            struct reach columns = reach_of(p, 1, column);
            avqa_real sum = 0;
            for (size_t h = rows.from; h < rows.to; h++)
                for (size_t w = columns.from; w < columns.to; w++)
                    sum += x[h * p->side[1] + w];
            p->y[i] = sum / counted(p, row, column);
        }
    }
}

static void mean_planes_back(void *user, size_t from, size_t to)
{
    const struct pooling *p = user;
    for (size_t plane = from; plane < to; plane++) {
        avqa_real *dx = p->dx + plane * p->side[0] * p->side[1];
        struct reach out = planes_of(p, plane);
        for (size_t i = out.from; i < out.to; i++) {
            size_t row = (i - out.from) / p->after[1];
            size_t column = (i - out.from) % p->after[1];
            struct reach rows = reach_of(p, 0, row);
            struct reach columns = reach_of(p, 1, column);
            avqa_real share = p->dy[i] / counted(p, row, column);
            for (size_t h = rows.from; h < rows.to; h++)
                for (size_t w = columns.from; w < columns.to; w++)
                    dx[h * p->side[1] + w] += share;
        }
    }
}

/* ---- both ------------------------------------------------------------------------ */

static void pool_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    struct pooling *p = y->saved;
    p->dy = y->grad;
    p->dx = avqa_tape_grad(tape, y->from[0]);
    if (p->dx)
        avqa_ranges_run(avqa_tape_threads(tape), p->n_planes, least_planes(p),
                        p->largest ? max_planes_back : mean_planes_back, p);
}

static struct avqa_node *pool(struct avqa_tape *tape, struct avqa_node *x,
                              struct pooling *p, bool finds_largest)
{
    size_t shape[AVQA_NODE_MAX_RANK];
    memcpy(shape, x->shape, sizeof shape);
    shape[x->rank - 1] = p->after[1];
    if (x->rank == 4)
        shape[2] = p->after[0];
    p->n_planes = x->shape[0] * x->shape[1];
    struct avqa_node *y =
        avqa_tape_node(tape, x->rank, shape, pool_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){x, NULL, NULL});
    if (y && finds_largest)
        p->largest = avqa_tape_array(tape, y->n, sizeof *p->largest);
    if (avqa_tape_failed(tape))
        return NULL;
    y->saved = p;
    p->x = x->value;
    p->y = y->value;
    avqa_ranges_run(avqa_tape_threads(tape), p->n_planes, least_planes(p),
                    finds_largest ? max_planes : mean_planes, p);
    return y;
}

static struct pooling *sides_of(struct avqa_tape *tape, const struct avqa_node *x)
{
    struct pooling *p = avqa_arena_alloc(&tape->nodes, sizeof *p);
    assert(x->rank == 3 || x->rank == 4);
    p->side[0] = x->rank == 4 ? x->shape[2] : 1;
    p->side[1] = x->shape[x->rank - 1];
    assert(p->side[0] * p->side[1] <= UINT32_MAX);
    return p;
}

static struct pooling *windows(struct avqa_tape *tape, const struct avqa_node *x,
                               const struct avqa_window *window)
{
    struct pooling *p = sides_of(tape, x);
    p->window = *window;
    if (x->rank == 3) {
        p->window.kernel[0] = p->window.stride[0] = 1;
        p->window.pad[0] = 0;
    }
    for (size_t dim = 0; dim < 2; dim++) {
        const struct avqa_window *w = &p->window;
        size_t around = p->side[dim] + 2 * w->pad[dim];
        assert(w->kernel[dim] > 0 && w->stride[dim] > 0 &&
               2 * w->pad[dim] <= w->kernel[dim] && w->kernel[dim] <= around);
        p->after[dim] = (around - w->kernel[dim]) / w->stride[dim] + 1;
    }
    return p;
}

struct avqa_node *avqa_max_pool(struct avqa_tape *tape, struct avqa_node *x,
                                const struct avqa_window *window)
{
    return avqa_tape_failed(tape) ? NULL
                                  : pool(tape, x, windows(tape, x, window), true);
}

struct avqa_node *avqa_mean_pool(struct avqa_tape *tape, struct avqa_node *x,
                                 const struct avqa_window *window)
{
    return avqa_tape_failed(tape) ? NULL
                                  : pool(tape, x, windows(tape, x, window), false);
}

struct avqa_node *avqa_adaptive_mean_pool(struct avqa_tape *tape, struct avqa_node *x,
                                          const size_t sides[2])
{
    if (avqa_tape_failed(tape))
        return NULL;
    struct pooling *p = sides_of(tape, x);
    p->after[0] = x->rank == 4 ? sides[0] : 1;
    p->after[1] = sides[1];
    assert(p->after[0] > 0 && p->after[1] > 0);
    return pool(tape, x, p, false);
}
