/* See elementwise.h. */
#include "nn/elementwise.h"
#include "nn/ranges.h"
#include "nn/rowexp.h"
#include "nn/rowmath.h"

#include <assert.h>
#include <string.h>

enum { LEAST = 1 << 14 }; /* numbers that are worth a thread */

struct each {
    avqa_real *out;
    const avqa_real *a, *b;
    avqa_real by;
};

static struct avqa_node *same_shape(struct avqa_tape *tape, struct avqa_node *a,
                                    struct avqa_node *b, avqa_backward_fn *backward)
{
    if (avqa_tape_failed(tape))
        return NULL;
    assert(!b || a->n == b->n);
    return avqa_tape_node(tape, a->rank, a->shape, backward,
                          (struct avqa_node *[AVQA_NODE_MAX_FROM]){a, b, NULL});
}

static void run(struct avqa_tape *tape, size_t n, avqa_range_fn *fn, struct each *each)
{
    avqa_ranges_run(avqa_tape_threads(tape), n, LEAST, fn, each);
}

/* ---- tanh: dx += (1 - y^2) dy ---------------------------------------------------- */

static void tanh_each(void *user, size_t from, size_t to)
{
    const struct each *e = user;
    avqa_row_tanh(e->out + from, e->a + from, to - from);
}

static void tanh_each_back(void *user, size_t from, size_t to)
{
    const struct each *e = user;
    for (size_t i = from; i < to; i++)
        e->out[i] += (1 - e->a[i] * e->a[i]) * e->b[i];
}

static void tanh_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    struct each e = {
        .out = avqa_tape_grad(tape, y->from[0]), .a = y->value, .b = y->grad};
    if (e.out)
        run(tape, y->n, tanh_each_back, &e);
}

struct avqa_node *avqa_tanh(struct avqa_tape *tape, struct avqa_node *x)
{
    struct avqa_node *y = same_shape(tape, x, NULL, tanh_backward);
    if (!y)
        return NULL;
    y->n_still = x->n_still;
    run(tape, y->n, tanh_each, &(struct each){.out = y->value, .a = x->value});
    return y;
}

/* ---- relu: dx += dy where y > 0 -------------------------------------------------- */

static void relu_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    avqa_real *dx = avqa_tape_grad(tape, y->from[0]);
    for (size_t i = 0; dx && i < y->n; i++)
        dx[i] += y->value[i] > 0 ? y->grad[i] : 0;
}

struct avqa_node *avqa_relu(struct avqa_tape *tape, struct avqa_node *x)
{
    struct avqa_node *y = same_shape(tape, x, NULL, relu_backward);
    for (size_t i = 0; y && i < y->n; i++)
        y->value[i] = x->value[i] < 0 ? 0 : x->value[i];
    return y;
}

/* ---- the logistic function: dx += y (1 - y) dy ----------------------------------- */

static void sigmoid_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    avqa_real *dx = avqa_tape_grad(tape, y->from[0]);
    for (size_t i = 0; dx && i < y->n; i++)
        dx[i] += y->value[i] * (1 - y->value[i]) * y->grad[i];
}

struct avqa_node *avqa_sigmoid(struct avqa_tape *tape, struct avqa_node *x)
{
    struct avqa_node *y = same_shape(tape, x, NULL, sigmoid_backward);
    if (y)
        avqa_row_sigmoid(y->value, x->value, y->n);
    return y;
}

/* ---- a + b ----------------------------------------------------------------------- */

static void add_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    for (size_t k = 0; k < 2; k++) {
        avqa_real *d = avqa_tape_grad(tape, y->from[k]);
        if (d)
            avqa_row_add(d, 1, y->grad, y->n);
    }
}

struct avqa_node *avqa_add(struct avqa_tape *tape, struct avqa_node *a,
                           struct avqa_node *b)
{
    struct avqa_node *y = same_shape(tape, a, b, add_backward);
    for (size_t i = 0; y && i < y->n; i++)
        y->value[i] = a->value[i] + b->value[i];
    return y;
}

/* ---- a * b: da += b dy, db += a dy ----------------------------------------------- */

static void mul_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    avqa_real *da = avqa_tape_grad(tape, y->from[0]);
    avqa_real *db = avqa_tape_grad(tape, y->from[1]);
    for (size_t i = 0; da && i < y->n; i++)
        da[i] += y->from[1]->value[i] * y->grad[i];
    for (size_t i = 0; db && i < y->n; i++)
        db[i] += y->from[0]->value[i] * y->grad[i];
}

struct avqa_node *avqa_mul(struct avqa_tape *tape, struct avqa_node *a,
                           struct avqa_node *b)
{
    struct avqa_node *y = same_shape(tape, a, b, mul_backward);
    for (size_t i = 0; y && i < y->n; i++)
        y->value[i] = a->value[i] * b->value[i];
    return y;
}

/* ---- x times a constant ---------------------------------------------------------- */

static void scale_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    const avqa_real *by = y->saved;
    avqa_real *dx = avqa_tape_grad(tape, y->from[0]);
    if (dx)
        avqa_row_add(dx, *by, y->grad, y->n);
}

struct avqa_node *avqa_scale(struct avqa_tape *tape, struct avqa_node *x, avqa_real by)
{
    struct avqa_node *y = same_shape(tape, x, NULL, scale_backward);
    if (!y)
        return NULL;
    avqa_real *saved = avqa_arena_alloc(&tape->nodes, sizeof *saved);
    *saved = by;
    y->saved = saved;
    for (size_t i = 0; i < y->n; i++)
        y->value[i] = by * x->value[i];
    return y;
}

/* ---- [a ; b] --------------------------------------------------------------------- */

static void join_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    struct avqa_node *a = y->from[0];
    struct avqa_node *b = y->from[1];
    size_t wa = avqa_node_width(a);
    size_t wb = avqa_node_width(b);
    size_t ha = avqa_node_height(a);
    avqa_real *da = avqa_tape_grad(tape, a);
    avqa_real *db = avqa_tape_grad(tape, b);
    for (size_t i = 0; i < avqa_node_height(y); i++) {
        const avqa_real *dy = y->grad + i * (wa + wb);
        if (da)
            avqa_row_add(da + i % ha * wa, 1, dy, wa);
        if (db)
            avqa_row_add(db + i * wb, 1, dy + wa, wb);
    }
}

struct avqa_node *avqa_join(struct avqa_tape *tape, struct avqa_node *a,
                            struct avqa_node *b)
{
    size_t shape[AVQA_NODE_MAX_RANK];
    if (avqa_tape_failed(tape))
        return NULL;
    size_t wa = avqa_node_width(a);
    size_t wb = avqa_node_width(b);
    size_t ha = avqa_node_height(a);
    assert(avqa_node_height(b) % ha == 0);
    memcpy(shape, b->shape, sizeof shape);
    shape[b->rank - 1] = wa + wb;
    struct avqa_node *y =
        avqa_tape_node(tape, b->rank, shape, join_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){a, b, NULL});
    for (size_t i = 0; y && i < avqa_node_height(y); i++) {
        avqa_real *row = y->value + i * (wa + wb);
        memcpy(row, a->value + i % ha * wa, wa * sizeof *row);
        memcpy(row + wa, b->value + i * wb, wb * sizeof *row);
    }
    return y;
}

/* ---- the mean over steps --------------------------------------------------------- */

static void mean_steps_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    const struct avqa_node *x = y->from[0];
    size_t steps = x->shape[1];
    size_t width = x->shape[2];
    avqa_real *dx = avqa_tape_grad(tape, y->from[0]);
    for (size_t i = 0; dx && i < x->shape[0] * steps; i++)
        avqa_row_add(dx + i * width, 1 / (avqa_real)steps, y->grad + i / steps * width,
                     width);
}

struct avqa_node *avqa_mean_steps(struct avqa_tape *tape, struct avqa_node *x)
{
    if (avqa_tape_failed(tape))
        return NULL;
    assert(x->rank == 3);
    size_t steps = x->shape[1];
    size_t width = x->shape[2];
    struct avqa_node *y =
        avqa_tape_node(tape, 2, (size_t[]){x->shape[0], width}, mean_steps_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){x, NULL, NULL});
    if (!y)
        return NULL;
    memset(y->value, 0, y->n * sizeof *y->value);
    for (size_t i = 0; i < x->shape[0] * steps; i++)
        avqa_row_add(y->value + i / steps * width, 1 / (avqa_real)steps,
                     x->value + i * width, width);
    return y;
}
