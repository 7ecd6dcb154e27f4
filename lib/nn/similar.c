/* See similar.h. Where a length is below its bound, the bound is what is divided by and
 * the length has no gradient. */
#include "nn/similar.h"
#include "nn/rowmath.h"

#include <assert.h>
#include <tgmath.h>

static avqa_real length(const avqa_real *row, size_t width)
{
    return sqrt(avqa_row_dot(row, row, width));
}

/* With s = 1 / max(|x|, 1e-12): dx += s (dy - y (y dy)), without the second part where
 * |x| is below the bound. */
static void unit_rows_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    const avqa_real least = (avqa_real)1e-12;
    size_t width = avqa_node_width(y);
    avqa_real *dx = avqa_tape_grad(tape, y->from[0]);
    for (size_t i = 0; dx && i < avqa_node_height(y); i++) {
        const avqa_real *row = y->value + i * width;
        const avqa_real *dy = y->grad + i * width;
        avqa_real len = length(y->from[0]->value + i * width, width);
        avqa_real scale = 1 / (len > least ? len : least);
        if (len > least)
            avqa_row_add(dx + i * width, -scale * avqa_row_dot(row, dy, width), row,
                         width);
        avqa_row_add(dx + i * width, scale, dy, width);
    }
}

struct avqa_node *avqa_unit_rows(struct avqa_tape *tape, struct avqa_node *x)
{
    const avqa_real least = (avqa_real)1e-12;
    if (avqa_tape_failed(tape))
        return NULL;
    size_t width = avqa_node_width(x);
    struct avqa_node *y =
        avqa_tape_node(tape, x->rank, x->shape, unit_rows_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){x, NULL, NULL});
    for (size_t i = 0; y && i < avqa_node_height(x); i++) {
        const avqa_real *row = x->value + i * width;
        avqa_real len = length(row, width);
        for (size_t k = 0; k < width; k++)
            y->value[i * width + k] = row[k] / (len > least ? len : least);
    }
    return y;
}

/* d += scale (other / (|x| |other|) - y x / |x|^2), of one of the two rows */
static void cosine_back(avqa_real *d, const avqa_real *x, const avqa_real *other,
                        avqa_real y_and_dy[2], size_t width)
{
    const avqa_real least = (avqa_real)1e-8;
    avqa_real len = length(x, width);
    avqa_real other_len = length(other, width);
    avqa_real bound = len > least ? len : least;
    avqa_real other_bound = other_len > least ? other_len : least;
    avqa_row_add(d, y_and_dy[1] / (bound * other_bound), other, width);
    if (len > least)
        avqa_row_add(d, -y_and_dy[1] * y_and_dy[0] / (len * len), x, width);
}

/* da += dy (b / (|a| |b|) - y a / |a|^2); db the other way round */
static void cosine_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    struct avqa_node *a = y->from[0];
    struct avqa_node *b = y->from[1];
    size_t width = avqa_node_width(a);
    avqa_real *da = avqa_tape_grad(tape, a);
    avqa_real *db = avqa_tape_grad(tape, b);
    for (size_t i = 0; i < y->n; i++) {
        avqa_real both[] = {y->value[i], y->grad[i]};
        const avqa_real *row_a = a->value + i * width;
        const avqa_real *row_b = b->value + i * width;
        if (da)
            cosine_back(da + i * width, row_a, row_b, both, width);
        if (db)
            cosine_back(db + i * width, row_b, row_a, both, width);
    }
}

struct avqa_node *avqa_cosine(struct avqa_tape *tape, struct avqa_node *a,
                              struct avqa_node *b)
{
    const avqa_real least = (avqa_real)1e-8;
    if (avqa_tape_failed(tape))
        return NULL;
    assert(a->rank > 0 && a->n == b->n && avqa_node_width(a) == avqa_node_width(b));
    size_t width = avqa_node_width(a);
    struct avqa_node *y =
        avqa_tape_node(tape, a->rank - 1, a->shape, cosine_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){a, b, NULL});
    for (size_t i = 0; y && i < y->n; i++) {
        const avqa_real *row_a = a->value + i * width;
        const avqa_real *row_b = b->value + i * width;
        avqa_real len_a = length(row_a, width);
        avqa_real len_b = length(row_b, width);
        y->value[i] =
            avqa_row_dot(row_a, row_b, width) /
            ((len_a > least ? len_a : least) * (len_b > least ? len_b : least));
    }
    return y;
}
