/* See gru.h. With u = h w_hh^T + b_hh of the step before:
 *     r = sigmoid(g_r + u_r), z = sigmoid(g_z + u_z), c = tanh(g_c + r u_c),
 *     h = (1 - z) c + z h_before. */
#include "nn/gru.h"
#include "nn/linear.h"
#include "nn/ranges.h"
#include "nn/rowexp.h"
#include "nn/rowmath.h"

#include <assert.h>
#include <string.h>

struct gru {
    avqa_real *gates; /* [steps, n, 3 width]: r, z, c; then their gradients */
    avqa_real *past;  /* [steps, n, 3 width]: u, of which u_c is needed; then du */
};

/* One step over some of its rows. */
struct cell {
    avqa_real *gates, *past; /* [n, 3 width] */
    avqa_real *y;            /* [n, width] */
    const avqa_real *last;   /* y of the step before, or NULL */
    const avqa_real *bias;
    const avqa_real *dy; /* [n, width] */
    avqa_real *dlast;    /* of the step before, or NULL */
    size_t width;
};

static void run_cell(void *user, size_t from, size_t to)
{
    const struct cell *s = user;
    size_t w = s->width;
    for (size_t i = from; i < to; i++) {
        avqa_real *g = s->gates + i * 3 * w;
        avqa_real *u = s->past + i * 3 * w;
        const avqa_real *c = g + 2 * w;
        const avqa_real *z = g + w;
        avqa_real *h = s->y + i * w;
        if (!s->last)
            memset(u, 0, 3 * w * sizeof *u);
        avqa_row_add(u, 1, s->bias, 3 * w);
        avqa_row_add(g, 1, u, 2 * w);
        avqa_row_sigmoid(g, g, 2 * w);
        for (size_t k = 0; k < w; k++)
            g[2 * w + k] += g[k] * u[2 * w + k];
        avqa_row_tanh(g + 2 * w, g + 2 * w, w);
        for (size_t k = 0; k < w; k++)
            h[k] = (1 - z[k]) * c[k] + (s->last ? z[k] * s->last[i * w + k] : 0);
    }
}

/* dc = (1 - z) dh (1 - c^2); dz = (h_before - c) dh z (1 - z); dr = u_c dc r (1 - r);
 * du = [dr ; dz ; r dc]; the step before gets z dh. */
static void run_cell_back(void *user, size_t from, size_t to)
{
    const struct cell *s = user;
    size_t w = s->width;
    for (size_t i = from; i < to; i++) {
        avqa_real *g = s->gates + i * 3 * w;
        avqa_real *u = s->past + i * 3 * w;
        const avqa_real *dh = s->dy + i * w;
        for (size_t k = 0; k < w; k++) {
            avqa_real r = g[k];
            avqa_real z = g[w + k];
            avqa_real c = g[2 * w + k];
            avqa_real before = s->last ? s->last[i * w + k] : 0;
            avqa_real dc = (1 - z) * dh[k] * (1 - c * c);
            g[k] = u[2 * w + k] * dc * r * (1 - r);
            g[w + k] = (before - c) * dh[k] * z * (1 - z);
            g[2 * w + k] = dc;
            u[k] = g[k];
            u[w + k] = g[w + k];
            u[2 * w + k] = r * dc;
            if (s->dlast)
                s->dlast[i * w + k] += z * dh[k];
        }
    }
}

static struct cell cell_at(struct avqa_node *y, const struct gru *gru, size_t step)
{
    size_t n = y->shape[1];
    size_t width = y->shape[2];
    size_t at = step * n * width;
    bool first = step == 0;
    return (struct cell){
        .gates = gru->gates + 3 * at,
        .past = gru->past + 3 * at,
        .y = y->value + at,
        .last = first ? NULL : y->value + at - n * width,
        .bias = y->from[2]->value,
        .dy = y->grad ? y->grad + at : NULL,
        .dlast = first || !y->grad ? NULL : y->grad + at - n * width,
        .width = width,
    };
}

/* From the last step to the first; a step's dh gathers in y's gradient. */
static void gru_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    const struct gru *gru = y->saved;
    size_t steps = y->shape[0];
    size_t n = y->shape[1];
    size_t width = y->shape[2];
    const struct avqa_node *w_hh = y->from[1];
    avqa_real *dgates = avqa_tape_grad(tape, y->from[0]);
    avqa_real *dw = avqa_tape_grad(tape, y->from[1]);
    avqa_real *db = avqa_tape_grad(tape, y->from[2]);
    for (size_t s = steps; s-- > 0;) {
        struct cell cell = cell_at(y, gru, s);
        avqa_ranges_run(avqa_tape_threads(tape), n, 8, run_cell_back, &cell);
        if (s > 0)
            avqa_tape_gemm(tape, (struct avqa_matrix_out){cell.dlast, width, true},
                           (struct avqa_matrix){cell.past, 3 * width, false},
                           (struct avqa_matrix){w_hh->value, width, false},
                           (size_t[]){n, width, 3 * width});
    }
    if (dgates)
        avqa_row_add(dgates, 1, gru->gates, steps * n * 3 * width);
    if (dw && steps > 1)
        avqa_tape_gemm(tape, (struct avqa_matrix_out){dw, width, true},
                       (struct avqa_matrix){gru->past + n * 3 * width, 3 * width, true},
                       (struct avqa_matrix){y->value, width, false},
                       (size_t[]){3 * width, width, (steps - 1) * n});
    if (db)
        avqa_add_column_sums(tape, db, gru->past, steps * n, 3 * width);
}

struct avqa_node *avqa_gru(struct avqa_tape *tape, struct avqa_node *gates,
                           struct avqa_node *w_hh, struct avqa_node *b_hh)
{
    if (avqa_tape_failed(tape))
        return NULL;
    size_t steps = gates->shape[0];
    size_t n = gates->shape[1];
    size_t width = w_hh->shape[1];
    assert(gates->rank == 3 && gates->shape[2] == 3 * width &&
           w_hh->shape[0] == 3 * width && b_hh->n == 3 * width);
    struct avqa_node *y =
        avqa_tape_node(tape, 3, (size_t[]){steps, n, width}, gru_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){gates, w_hh, b_hh});
    struct gru *gru = avqa_arena_alloc(&tape->nodes, sizeof *gru);
    gru->gates = avqa_tape_array(tape, gates->n, sizeof *gru->gates);
    gru->past = avqa_tape_array(tape, gates->n, sizeof *gru->past);
    if (avqa_tape_failed(tape))
        return NULL;
    y->saved = gru;
    memcpy(gru->gates, gates->value, gates->n * sizeof *gru->gates);
    for (size_t s = 0; s < steps; s++) {
        struct cell cell = cell_at(y, gru, s);
        if (s > 0)
            avqa_tape_gemm(tape, (struct avqa_matrix_out){cell.past, 3 * width, false},
                           (struct avqa_matrix){cell.last, width, false},
                           (struct avqa_matrix){w_hh->value, width, true},
                           (size_t[]){n, 3 * width, width});
        avqa_ranges_run(avqa_tape_threads(tape), n, 8, run_cell, &cell);
    }
    return y;
}
