/* See linear.h. */
#include "nn/linear.h"
#include "nn/ranges.h"
#include "nn/rowexp.h"
#include "nn/rowmath.h"

#include <assert.h>
#include <string.h>

enum { LEAST = 1 << 14 }; /* numbers that are worth a thread */

struct rows {
    avqa_real *y;
    const avqa_real *value; /* of the result, on the way back */
    const avqa_real *bias;
    size_t n_bias; /* rows */
    enum avqa_activation act;
    size_t width;
};

struct linear {
    enum avqa_activation act;
    size_t column;
};

static size_t least_rows(size_t width)
{
    return LEAST / (width + 1) + 1;
}

static void activate_rows(void *user, size_t from, size_t to)
{
    const struct rows *r = user;
    for (size_t i = from; i < to; i++) {
        avqa_real *y = r->y + i * r->width;
        if (r->bias)
            avqa_row_add(y, 1, r->bias + i % r->n_bias * r->width, r->width);
        if (r->act == AVQA_TANH)
            avqa_row_tanh(y, y, r->width);
        for (size_t k = 0; r->act == AVQA_RELU && k < r->width; k++)
            y[k] = y[k] < 0 ? 0 : y[k];
    }
}

struct column_sums {
    avqa_real *out;
    const avqa_real *x;
    size_t n, width;
};

static void sum_columns(void *user, size_t from, size_t to)
{
    const struct column_sums *s = user;
    for (size_t i = 0; i < s->n; i++)
        avqa_row_add(s->out + from, 1, s->x + i * s->width + from, to - from);
}

void avqa_add_column_sums(struct avqa_tape *tape, avqa_real *out, const avqa_real *x,
                          size_t n, size_t width)
{
    struct column_sums s = {.out = out, .x = x, .n = n, .width = width};
    avqa_ranges_run(avqa_tape_threads(tape), width, LEAST / (n + 1) + 1, sum_columns,
                    &s);
}

static void deactivate_rows(void *user, size_t from, size_t to)
{
    const struct rows *r = user;
    for (size_t i = from * r->width; i < to * r->width; i++) {
        avqa_real y = r->value[i];
        if (r->act == AVQA_TANH)
            r->y[i] *= 1 - y * y;
        else
            r->y[i] = y > 0 ? r->y[i] : 0;
    }
}

/* db += dz, row by row */
static void add_to_bias(struct avqa_tape *tape, struct avqa_node *b,
                        const avqa_real *dz, size_t n)
{
    avqa_real *db = b ? avqa_tape_grad(tape, b) : NULL;
    size_t out = b ? avqa_node_width(b) : 0;
    if (db && b->n == out)
        avqa_add_column_sums(tape, db, dz, n, out);
    else if (db)
        for (size_t i = 0; i < n; i += b->n / out)
            avqa_row_add(db, 1, dz + i * out, b->n);
}

/* dz = act'(y) dy; dx += dz w; dw += dz^T x; db += dz */
static void linear_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    struct avqa_node *x = y->from[0];
    struct avqa_node *w = y->from[1];
    size_t n = avqa_node_height(y);
    size_t out = avqa_node_width(y);
    size_t in = avqa_node_width(x);
    size_t stride = w->shape[1];
    const struct linear *l = y->saved;
    struct rows r = {.y = y->grad, .value = y->value, .act = l->act, .width = out};
    if (l->act != AVQA_NO_ACTIVATION)
        avqa_ranges_run(avqa_tape_threads(tape), n, least_rows(out), deactivate_rows,
                        &r);
    avqa_real *dx = avqa_tape_grad(tape, x);
    avqa_real *dw = avqa_tape_grad(tape, w);
    if (dx)
        avqa_tape_gemm(
            tape, (struct avqa_matrix_out){dx + x->n_still, in, true},
            (struct avqa_matrix){y->grad, out, false},
            (struct avqa_matrix){w->value + l->column + x->n_still, stride, false},
            (size_t[]){n, in - x->n_still, out});
    if (dw)
        avqa_tape_gemm(tape, (struct avqa_matrix_out){dw + l->column, stride, true},
                       (struct avqa_matrix){y->grad, out, true},
                       (struct avqa_matrix){x->value, in, false},
                       (size_t[]){out, in, n});
    add_to_bias(tape, y->from[2], y->grad, n);
}

struct avqa_node *avqa_linear_onto(struct avqa_tape *tape, struct avqa_node *x,
                                   struct avqa_node *w, size_t column,
                                   struct avqa_node *b, enum avqa_activation act)
{
    size_t shape[AVQA_NODE_MAX_RANK];
    if (avqa_tape_failed(tape))
        return NULL;
    size_t n = avqa_node_height(x);
    size_t in = avqa_node_width(x);
    size_t out = w->shape[0];
    assert(w->rank == 2 && column + in <= w->shape[1]);
    assert(!b || (b->n % out == 0 && n % (b->n / out) == 0));
    memcpy(shape, x->shape, sizeof shape);
    shape[x->rank - 1] = out;
    struct avqa_node *y =
        avqa_tape_node(tape, x->rank, shape, linear_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){x, w, b});
    if (!y)
        return NULL;
    struct linear *saved = avqa_arena_alloc(&tape->nodes, sizeof *saved);
    *saved = (struct linear){act, column};
    y->saved = saved;
    avqa_tape_gemm(tape, (struct avqa_matrix_out){y->value, out, false},
                   (struct avqa_matrix){x->value, in, false},
                   (struct avqa_matrix){w->value + column, w->shape[1], true},
                   (size_t[]){n, out, in});
    struct rows r = {.y = y->value, .act = act, .width = out};
    r.bias = b ? b->value : NULL;
    r.n_bias = b ? b->n / out : 0;
    avqa_ranges_run(avqa_tape_threads(tape), n, least_rows(out), activate_rows, &r);
    return y;
}

struct avqa_node *avqa_linear(struct avqa_tape *tape, struct avqa_node *x,
                              struct avqa_node *w, struct avqa_node *b,
                              enum avqa_activation act)
{
    if (avqa_tape_failed(tape))
        return NULL;
    assert(avqa_node_width(x) == w->shape[1] && (!b || b->n == w->shape[0]));
    return avqa_linear_onto(tape, x, w, 0, b, act);
}
