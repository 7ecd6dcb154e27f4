/* See lstm.h. Steps lie one behind the other, so the h of all steps but the last are
 * one matrix, and the gradient of w_hh is one product. */
#include "nn/lstm.h"
#include "nn/linear.h"
#include "nn/ranges.h"
#include "nn/rowexp.h"
#include "nn/rowmath.h"

#include <assert.h>
#include <string.h>

struct lstm {
    avqa_real *gates; /* [steps, n, 4 width], after their functions */
    avqa_real *tanhs; /* [steps, n, width], tanh of the cell state */
};

/* One step over some of its rows. */
struct cell {
    avqa_real *gates;      /* [n, 4 width] */
    avqa_real *tanhs;      /* [n, width] */
    avqa_real *y;          /* [n, 2 width] */
    const avqa_real *last; /* y of the step before, or NULL */
    const avqa_real *bias;
    avqa_real *dy;    /* [n, 2 width] */
    avqa_real *dlast; /* of the step before, or NULL */
    size_t width;
};

static void run_cell(void *user, size_t from, size_t to)
{
    const struct cell *s = user;
    size_t w = s->width;
    for (size_t i = from; i < to; i++) {
        avqa_real *g = s->gates + i * 4 * w;
        avqa_real *h = s->y + i * 2 * w;
        avqa_real *c = h + w;
        avqa_real *t = s->tanhs + i * w;
        avqa_row_add(g, 1, s->bias, 4 * w);
        avqa_row_sigmoid(g, g, 2 * w);
        avqa_row_tanh(g + 2 * w, g + 2 * w, w);
        avqa_row_sigmoid(g + 3 * w, g + 3 * w, w);
        for (size_t k = 0; k < w; k++)
            c[k] = g[k] * g[2 * w + k] +
                   (s->last ? g[w + k] * s->last[i * 2 * w + w + k] : 0);
        avqa_row_tanh(t, c, w);
        for (size_t k = 0; k < w; k++)
            h[k] = g[3 * w + k] * t[k];
    }
}

/* dc += o (1 - tanh^2 c) dh; then the gates' gradients before their functions, written
 * over the gates; the step before gets f dc. */
static void run_cell_back(void *user, size_t from, size_t to)
{
    const struct cell *s = user;
    size_t w = s->width;
    for (size_t i = from; i < to; i++) {
        avqa_real *g = s->gates + i * 4 * w;
        const avqa_real *dh = s->dy + i * 2 * w;
        const avqa_real *t = s->tanhs + i * w;
        for (size_t k = 0; k < w; k++) {
            avqa_real in = g[k];
            avqa_real forget = g[w + k];
            avqa_real cell = g[2 * w + k];
            avqa_real out = g[3 * w + k];
            avqa_real before = s->last ? s->last[i * 2 * w + w + k] : 0;
            avqa_real dc = dh[w + k] + dh[k] * out * (1 - t[k] * t[k]);
            g[k] = dc * cell * in * (1 - in);
            g[w + k] = dc * before * forget * (1 - forget);
            g[2 * w + k] = dc * in * (1 - cell * cell);
            g[3 * w + k] = dh[k] * t[k] * out * (1 - out);
            if (s->dlast)
                s->dlast[i * 2 * w + w + k] += dc * forget;
        }
    }
}

static struct cell cell_at(struct avqa_node *y, const struct lstm *lstm, size_t step)
{
    size_t n = y->shape[1];
    size_t width = y->shape[2] / 2;
    size_t at = step * n * width;
    bool first = step == 0;
    return (struct cell){
        .gates = lstm->gates + 4 * at,
        .tanhs = lstm->tanhs + at,
        .y = y->value + 2 * at,
        .last = first ? NULL : y->value + 2 * (at - n * width),
        .bias = y->from[2]->value,
        .dy = y->grad ? y->grad + 2 * at : NULL,
        .dlast = first || !y->grad ? NULL : y->grad + 2 * (at - n * width),
        .width = width,
    };
}

/* From the last step to the first; a step's dh and dc gather in y's gradient. */
static void lstm_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    const struct lstm *lstm = y->saved;
    size_t steps = y->shape[0];
    size_t n = y->shape[1];
    size_t width = y->shape[2] / 2;
    struct avqa_node *w_hh = y->from[1];
    avqa_real *dgates = avqa_tape_grad(tape, y->from[0]);
    avqa_real *dw = avqa_tape_grad(tape, w_hh);
    avqa_real *db = avqa_tape_grad(tape, y->from[2]);
    for (size_t s = steps; s-- > 0;) {
        struct cell cell = cell_at(y, lstm, s);
        avqa_ranges_run(avqa_tape_threads(tape), n, 8, run_cell_back, &cell);
        if (s > 0)
            avqa_tape_gemm(tape, (struct avqa_matrix_out){cell.dlast, 2 * width, true},
                           (struct avqa_matrix){cell.gates, 4 * width, false},
                           (struct avqa_matrix){w_hh->value, width, false},
                           (size_t[]){n, width, 4 * width});
    }
    if (dgates)
        avqa_row_add(dgates, 1, lstm->gates, steps * n * 4 * width);
    if (dw && steps > 1)
        avqa_tape_gemm(
            tape, (struct avqa_matrix_out){dw, width, true},
            (struct avqa_matrix){lstm->gates + n * 4 * width, 4 * width, true},
            (struct avqa_matrix){y->value, 2 * width, false},
            (size_t[]){4 * width, width, (steps - 1) * n});
    if (db)
        avqa_add_column_sums(tape, db, lstm->gates, steps * n, 4 * width);
}

struct avqa_node *avqa_lstm(struct avqa_tape *tape, struct avqa_node *gates,
                            struct avqa_node *w_hh, struct avqa_node *b_hh)
{
    if (avqa_tape_failed(tape))
        return NULL;
    size_t steps = gates->shape[0];
    size_t n = gates->shape[1];
    size_t width = w_hh->shape[1];
    assert(gates->rank == 3 && gates->shape[2] == 4 * width &&
           w_hh->shape[0] == 4 * width && b_hh->n == 4 * width);
    struct avqa_node *y =
        avqa_tape_node(tape, 3, (size_t[]){steps, n, 2 * width}, lstm_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){gates, w_hh, b_hh});
    struct lstm *lstm = avqa_arena_alloc(&tape->nodes, sizeof *lstm);
    lstm->gates = avqa_tape_array(tape, gates->n, sizeof *lstm->gates);
    lstm->tanhs = avqa_tape_array(tape, steps * n * width, sizeof *lstm->tanhs);
    if (avqa_tape_failed(tape))
        return NULL;
    y->saved = lstm;
    memcpy(lstm->gates, gates->value, gates->n * sizeof *lstm->gates);
    for (size_t s = 0; s < steps; s++) {
        struct cell cell = cell_at(y, lstm, s);
        if (s > 0)
            avqa_tape_gemm(tape, (struct avqa_matrix_out){cell.gates, 4 * width, true},
                           (struct avqa_matrix){cell.last, 2 * width, false},
                           (struct avqa_matrix){w_hh->value, width, true},
                           (size_t[]){n, 4 * width, width});
        avqa_ranges_run(avqa_tape_threads(tape), n, 8, run_cell, &cell);
    }
    return y;
}
