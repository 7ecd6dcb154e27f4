/* See norm.h. */
#include "nn/norm.h"
#include "nn/rowmath.h"

#include <assert.h>
#include <tgmath.h>

/* With u = gain dy: dx += (u - mean u - xn mean(u xn)) / deviation;
 * dgain += dy xn; dbias += dy. xn is the normalised row. */
static void layer_norm_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    struct avqa_node *x = y->from[0];
    size_t width = avqa_node_width(y);
    const avqa_real *gain = y->from[1]->value;
    const avqa_real *normed = y->saved;       /* [rows, width] */
    const avqa_real *inverse = normed + y->n; /* [rows], 1 / deviation */
    avqa_real *dx = avqa_tape_grad(tape, x);
    avqa_real *dgain = avqa_tape_grad(tape, y->from[1]);
    avqa_real *dbias = avqa_tape_grad(tape, y->from[2]);
    for (size_t i = 0; i < avqa_node_height(y); i++) {
        const avqa_real *dy = y->grad + i * width;
        const avqa_real *xn = normed + i * width;
        avqa_real mean_u = 0;
        avqa_real mean_ux = 0;
        for (size_t k = 0; k < width; k++) {
            mean_u += gain[k] * dy[k] / (avqa_real)width;
            mean_ux += gain[k] * dy[k] * xn[k] / (avqa_real)width;
            if (dgain)
                dgain[k] += dy[k] * xn[k];
        }
        if (dbias)
            avqa_row_add(dbias, 1, dy, width);
        for (size_t k = 0; dx && k < width; k++)
            dx[i * width + k] +=
                (gain[k] * dy[k] - mean_u - xn[k] * mean_ux) * inverse[i];
    }
}

struct avqa_node *avqa_layer_norm(struct avqa_tape *tape, struct avqa_node *x,
                                  struct avqa_node *gain, struct avqa_node *bias)
{
    if (avqa_tape_failed(tape))
        return NULL;
    size_t width = avqa_node_width(x);
    size_t n = avqa_node_height(x);
    assert(gain->n == width && bias->n == width);
    struct avqa_node *y =
        avqa_tape_node(tape, x->rank, x->shape, layer_norm_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){x, gain, bias});
    avqa_real *normed = avqa_tape_array(tape, x->n + n, sizeof *normed);
    if (!y || !normed)
        return NULL;
    y->saved = normed;
    for (size_t i = 0; i < n; i++) {
        const avqa_real *row = x->value + i * width;
        avqa_real *xn = normed + i * width;
        avqa_real mean = avqa_row_sum(row, width) / (avqa_real)width;
        for (size_t k = 0; k < width; k++)
            xn[k] = row[k] - mean;
        avqa_real variance = avqa_row_dot(xn, xn, width) / (avqa_real)width;
        avqa_real inverse = 1 / sqrt(variance + (avqa_real)1e-5);
        normed[x->n + i] = inverse;
        for (size_t k = 0; k < width; k++) {
            xn[k] *= inverse;
            y->value[i * width + k] = xn[k] * gain->value[k] + bias->value[k];
        }
    }
    return y;
}
