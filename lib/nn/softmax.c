/* See softmax.h. */
#include "nn/softmax.h"
#include "nn/rowmath.h"

#include <assert.h>

/* dx += y (dy - sum y dy) */
static void softmax_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    size_t width = avqa_node_width(y);
    avqa_real *dx = avqa_tape_grad(tape, y->from[0]);
    for (size_t i = 0; dx && i < avqa_node_height(y); i++) {
        const avqa_real *p = y->value + i * width;
        const avqa_real *dy = y->grad + i * width;
        avqa_real sum = avqa_row_dot(p, dy, width);
        for (size_t k = 0; k < width; k++)
            dx[i * width + k] += p[k] * (dy[k] - sum);
    }
}

struct avqa_node *avqa_softmax(struct avqa_tape *tape, struct avqa_node *x)
{
    if (avqa_tape_failed(tape))
        return NULL;
    size_t width = avqa_node_width(x);
    struct avqa_node *y =
        avqa_tape_node(tape, x->rank, x->shape, softmax_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){x, NULL, NULL});
    for (size_t i = 0; y && i < avqa_node_height(x); i++)
        avqa_row_softmax(y->value + i * width, x->value + i * width, width);
    return y;
}

/* ---- over any dimension ---------------------------------------------------------- */

/* x as [before, len, after]: a column's numbers lie `after` apart. */
struct along {
    size_t before, len, after;
};

static avqa_real *column(const struct along *a, avqa_real *x, size_t i)
{
    return x + i / a->after * a->len * a->after + i % a->after;
}

/* dx += y (dy - sum y dy); padded ones have y = 0 */
static void softmax_along_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    const struct along *a = y->saved;
    avqa_real *dx = avqa_tape_grad(tape, y->from[0]);
    for (size_t i = 0; dx && i < a->before * a->after; i++) {
        const avqa_real *p = column(a, y->value, i);
        const avqa_real *dy = column(a, y->grad, i);
        avqa_real *d = column(a, dx, i);
        avqa_real sum = 0;
        for (size_t k = 0; k < a->len; k++)
            sum += p[k * a->after] * dy[k * a->after];
        for (size_t k = 0; k < a->len; k++)
            d[k * a->after] += p[k * a->after] * (dy[k * a->after] - sum);
    }
}

/* The softmax of what `pad` leaves of a column, through a row of room. */
static void share_out(const struct along *a, avqa_real *y, const avqa_real *x,
                      const unsigned char *pad, avqa_real *room)
{
    size_t n = 0;
    for (size_t k = 0; k < a->len; k++)
        if (!pad || !pad[k])
            room[n++] = x[k * a->after];
    if (n > 0)
        avqa_row_softmax(room, room, n);
    n = 0;
    for (size_t k = 0; k < a->len; k++)
        y[k * a->after] = pad && pad[k] ? 0 : room[n++];
}

struct avqa_node *avqa_softmax_along(struct avqa_tape *tape, struct avqa_node *x,
                                     size_t dim, const unsigned char *pad)
{
    if (avqa_tape_failed(tape))
        return NULL;
    assert(dim < x->rank && (!pad || dim > 0));
    struct avqa_node *y =
        avqa_tape_node(tape, x->rank, x->shape, softmax_along_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){x, NULL, NULL});
    struct along *a = avqa_arena_alloc(&tape->nodes, sizeof *a);
    *a = (struct along){.before = 1, .len = x->shape[dim], .after = 1};
    for (size_t i = 0; i < x->rank; i++) {
        a->before *= i < dim ? x->shape[i] : 1;
        a->after *= i > dim ? x->shape[i] : 1;
    }
    avqa_real *room = avqa_tape_array(tape, a->len, sizeof *room);
    if (!y || !room)
        return NULL;
    y->saved = a;
    for (size_t i = 0; i < a->before * a->after; i++) {
        size_t first = pad ? i / (a->before * a->after / x->shape[0]) : 0;
        share_out(a, column(a, y->value, i), column(a, x->value, i),
                  pad ? pad + first * a->len : NULL, room);
    }
    return y;
}
