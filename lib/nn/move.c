/* See move.h. Around a dimension a node is [before, its length, after], and what lies
 * after it moves as one row. */
#include "nn/move.h"
#include "nn/rowmath.h"

#include <assert.h>
#include <string.h>

static size_t product(const size_t *shape, size_t from, size_t to)
{
    size_t n = 1;
    for (size_t i = from; i < to; i++)
        n *= shape[i];
    return n;
}

static void *keep(struct avqa_tape *tape, const void *what, size_t len)
{
    return memcpy(avqa_arena_alloc(&tape->nodes, len), what, len);
}

/* ---- a piece: dx[.., from + i, ..] += dy[.., i, ..] ------------------------------ */

struct piece {
    size_t before, x_row, y_row; /* rows, and numbers of one in x and in y */
    size_t at;                   /* where y's begin in x's */
};

static void slice_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    const struct piece *p = y->saved;
    avqa_real *dx = avqa_tape_grad(tape, y->from[0]);
    for (size_t i = 0; dx && i < p->before; i++)
        avqa_row_add(dx + i * p->x_row + p->at, 1, y->grad + i * p->y_row, p->y_row);
}

struct avqa_node *avqa_slice(struct avqa_tape *tape, struct avqa_node *x, size_t dim,
                             size_t from, size_t to)
{
    size_t shape[AVQA_NODE_MAX_RANK];
    if (avqa_tape_failed(tape))
        return NULL;
    assert(dim < x->rank && from <= to && to <= x->shape[dim]);
    if (dim == 0)
        return avqa_rows(tape, x, from, to);
    memcpy(shape, x->shape, sizeof shape);
    shape[dim] = to - from;
    size_t after = product(x->shape, dim + 1, x->rank);
    struct piece p = {.before = product(x->shape, 0, dim),
                      .x_row = x->shape[dim] * after,
                      .y_row = (to - from) * after,
                      .at = from * after};
    struct avqa_node *y =
        avqa_tape_node(tape, x->rank, shape, slice_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){x, NULL, NULL});
    if (!y)
        return NULL;
    y->saved = keep(tape, &p, sizeof p);
    for (size_t i = 0; i < p.before; i++)
        memcpy(y->value + i * p.y_row, x->value + i * p.x_row + p.at,
               p.y_row * sizeof *y->value);
    return y;
}

/* ---- side by side: each part's gradient is its piece of dy ----------------------- */

/* Numbers of a part in one row of the result. */
static size_t part_row(const struct avqa_node *part, size_t dim)
{
    return product(part->shape, dim, part->rank);
}

static void concat_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    size_t dim = *(const size_t *)y->saved;
    size_t row = part_row(y, dim);
    size_t at = 0;
    for (size_t k = 0; k < AVQA_NODE_MAX_FROM && y->from[k]; k++) {
        avqa_real *d = avqa_tape_grad(tape, y->from[k]);
        size_t len = part_row(y->from[k], dim);
        for (size_t i = 0; d && i < product(y->shape, 0, dim); i++)
            avqa_row_add(d + i * len, 1, y->grad + i * row + at, len);
        at += len;
    }
}

struct avqa_node *avqa_concat(struct avqa_tape *tape, size_t dim,
                              struct avqa_node *const *parts, size_t n_parts)
{
    struct avqa_node *from[AVQA_NODE_MAX_FROM] = {0};
    size_t shape[AVQA_NODE_MAX_RANK];
    if (avqa_tape_failed(tape))
        return NULL;
    assert(n_parts > 0 && n_parts <= AVQA_NODE_MAX_FROM && dim < parts[0]->rank);
    memcpy(shape, parts[0]->shape, sizeof shape);
    shape[dim] = 0;
    for (size_t k = 0; k < n_parts; k++) {
        from[k] = parts[k];
        shape[dim] += parts[k]->shape[dim];
        for (size_t i = 0; i < parts[0]->rank; i++)
            assert(parts[k]->rank == parts[0]->rank &&
                   (i == dim || parts[k]->shape[i] == shape[i]));
    }
    struct avqa_node *y =
        avqa_tape_node(tape, parts[0]->rank, shape, concat_backward, from);
    if (!y)
        return NULL;
    y->saved = keep(tape, &dim, sizeof dim);
    size_t row = part_row(y, dim);
    size_t at = 0;
    for (size_t k = 0; k < n_parts; k++) {
        size_t len = part_row(parts[k], dim);
        for (size_t i = 0; i < product(shape, 0, dim); i++)
            memcpy(y->value + i * row + at, parts[k]->value + i * len,
                   len * sizeof *y->value);
        at += len;
    }
    return y;
}

/* ---- dimensions exchanged: dx[.., i, .., j, ..] += dy[.., j, .., i, ..] ---------- */

/* x is [before, a, between, b, after], y [before, b, between, a, after]. */
struct swap {
    size_t before, a, between, b, after;
};

static size_t n_rows(const struct swap *s)
{
    return s->before * s->a * s->between * s->b;
}

/* Where in x the row of y lies that is number `row` of its rows of `after`. */
static size_t swapped(const struct swap *s, size_t row)
{
    size_t i = row % s->a;
    size_t m = row / s->a % s->between;
    size_t j = row / s->a / s->between % s->b;
    size_t k = row / s->a / s->between / s->b;
    return (((k * s->a + i) * s->between + m) * s->b + j) * s->after;
}

static void swap_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    const struct swap *s = y->saved;
    avqa_real *dx = avqa_tape_grad(tape, y->from[0]);
    for (size_t row = 0; dx && row < n_rows(s); row++) {
        avqa_real *to = dx + swapped(s, row);
        for (size_t k = 0; k < s->after; k++)
            to[k] += y->grad[row * s->after + k];
    }
}

struct avqa_node *avqa_swap(struct avqa_tape *tape, struct avqa_node *x, size_t a,
                            size_t b)
{
    size_t shape[AVQA_NODE_MAX_RANK];
    if (avqa_tape_failed(tape) || a == b)
        return x;
    assert(a < x->rank && b < x->rank);
    size_t low = a < b ? a : b;
    size_t high = a < b ? b : a;
    memcpy(shape, x->shape, sizeof shape);
    shape[low] = x->shape[high];
    shape[high] = x->shape[low];
    struct swap s = {.before = product(x->shape, 0, low),
                     .a = x->shape[low],
                     .between = product(x->shape, low + 1, high),
                     .b = x->shape[high],
                     .after = product(x->shape, high + 1, x->rank)};
    struct avqa_node *y =
        avqa_tape_node(tape, x->rank, shape, swap_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){x, NULL, NULL});
    if (!y)
        return NULL;
    y->saved = keep(tape, &s, sizeof s);
    for (size_t row = 0; row < n_rows(&s); row++) {
        const avqa_real *from = x->value + swapped(&s, row);
        for (size_t k = 0; k < s.after; k++)
            y->value[row * s.after + k] = from[k];
    }
    return y;
}

/* ---- steps in the other order: dx[len - 1 - s] += dy[s] -------------------------- */

/* The step of x that is step s of y in row i; lengths may be NULL. */
static size_t flipped(const int32_t *lengths, size_t steps, size_t i, size_t s)
{
    size_t len = lengths ? (size_t)lengths[i] : steps;
    return s < len ? len - 1 - s : s;
}

static void flip_steps_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    size_t steps = y->shape[0];
    size_t n = y->shape[1];
    size_t width = product(y->shape, 2, y->rank);
    avqa_real *dx = avqa_tape_grad(tape, y->from[0]);
    for (size_t s = 0; dx && s < steps; s++)
        for (size_t i = 0; i < n; i++)
            avqa_row_add(dx + (flipped(y->saved, steps, i, s) * n + i) * width, 1,
                         y->grad + (s * n + i) * width, width);
}

struct avqa_node *avqa_flip_steps(struct avqa_tape *tape, struct avqa_node *x,
                                  const int32_t *lengths)
{
    if (avqa_tape_failed(tape))
        return NULL;
    assert(x->rank >= 2);
    size_t steps = x->shape[0];
    size_t n = x->shape[1];
    size_t width = product(x->shape, 2, x->rank);
    struct avqa_node *y =
        avqa_tape_node(tape, x->rank, x->shape, flip_steps_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){x, NULL, NULL});
    if (!y)
        return NULL;
    for (size_t i = 0; lengths && i < n; i++)
        assert(lengths[i] >= 0 && (size_t)lengths[i] <= steps);
    y->saved = lengths ? keep(tape, lengths, n * sizeof *lengths) : NULL;
    for (size_t s = 0; s < steps; s++)
        for (size_t i = 0; i < n; i++)
            memcpy(y->value + (s * n + i) * width,
                   x->value + (flipped(lengths, steps, i, s) * n + i) * width,
                   width * sizeof *y->value);
    return y;
}
