/* See lstm.h. The h that rows go on from are gathered, so that a step is one product
 * and the gradient of w_hh is one over all steps. */
#include "nn/lstm.h"
#include "nn/linear.h"
#include "nn/ranges.h"
#include "nn/rowexp.h"
#include "nn/rowmath.h"

#include <assert.h>
#include <string.h>

enum { LEAST = 8, APART = 16 };

struct lstm {
    struct avqa_lstm_rows rows;
    size_t width;
    avqa_real *gates; /* [rows, 4 width], after their functions */
    avqa_real *tanhs; /* [rows, width], tanh of the cell state */
    avqa_real
        *befores; /* [rows, width], h of the row before, from the second step on */
};

/* One step over some of its rows, which are numbered from its first one. */
struct cell {
    avqa_real *gates, *tanhs;
    avqa_real *y;           /* [n, 2 width] */
    const avqa_real *all;   /* y of all rows */
    const uint32_t *before; /* NULL in the first step */
    const avqa_real *bias;
    const avqa_real *dy; /* [n, 2 width] */
    avqa_real *dbefore;  /* [n, 2 width], what goes to the rows before, or NULL */
    size_t width;
};

static const avqa_real *state_before(const struct cell *s, size_t i)
{
    return s->before ? s->all + s->before[i] * (2 * s->width) + s->width : NULL;
}

static void run_cell(void *user, size_t from, size_t to)
{
    const struct cell *s = user;
    size_t w = s->width;
    for (size_t i = from; i < to; i++) {
        avqa_real *g = s->gates + i * 4 * w;
        avqa_real *h = s->y + i * 2 * w;
        avqa_real *c = h + w;
        avqa_real *t = s->tanhs + i * w;
        const avqa_real *before = state_before(s, i);
        avqa_row_add(g, 1, s->bias, 4 * w);
        avqa_row_sigmoid(g, g, 2 * w);
        avqa_row_tanh(g + 2 * w, g + 2 * w, w);
        avqa_row_sigmoid(g + 3 * w, g + 3 * w, w);
        for (size_t k = 0; k < w; k++)
            c[k] = g[k] * g[2 * w + k] + (before ? g[w + k] * before[k] : 0);
        avqa_row_tanh(t, c, w);
        for (size_t k = 0; k < w; k++)
            h[k] = g[3 * w + k] * t[k];
    }
}

/* dc += o (1 - tanh^2 c) dh; then the gates' gradients before their functions, written
 * over the gates; the row before gets f dc. */
static void run_cell_back(void *user, size_t from, size_t to)
{
    const struct cell *s = user;
    size_t w = s->width;
    for (size_t i = from; i < to; i++) {
        avqa_real *g = s->gates + i * 4 * w;
        const avqa_real *dh = s->dy + i * 2 * w;
        const avqa_real *t = s->tanhs + i * w;
        const avqa_real *state = state_before(s, i);
        for (size_t k = 0; k < w; k++) {
            avqa_real in = g[k];
            avqa_real forget = g[w + k];
            avqa_real cell = g[2 * w + k];
            avqa_real out = g[3 * w + k];
            avqa_real before = state ? state[k] : 0;
            avqa_real dc = dh[w + k] + dh[k] * out * (1 - t[k] * t[k]);
            g[k] = dc * cell * in * (1 - in);
            g[w + k] = dc * before * forget * (1 - forget);
            g[2 * w + k] = dc * in * (1 - cell * cell);
            g[3 * w + k] = dh[k] * t[k] * out * (1 - out);
            if (s->dbefore)
                s->dbefore[i * 2 * w + w + k] = dc * forget;
        }
    }
}

static struct cell cell_at(struct avqa_node *y, const struct lstm *lstm, size_t step)
{
    size_t from = lstm->rows.begin[step];
    size_t width = lstm->width;
    return (struct cell){
        .gates = lstm->gates + from * 4 * width,
        .tanhs = lstm->tanhs + from * width,
        .y = y->value + from * 2 * width,
        .all = y->value,
        .before = step ? lstm->rows.before + from : NULL,
        .bias = y->from[2]->value,
        .dy = y->grad ? y->grad + from * 2 * width : NULL,
        .width = width,
    };
}

static size_t rows_of(const struct lstm *lstm, size_t step)
{
    return lstm->rows.begin[step + 1] - lstm->rows.begin[step];
}

/* A copy of w_hh that products read faster, down its columns (onednn_gemm.c). */
static struct avqa_matrix loosened(struct avqa_tape *tape, const struct avqa_node *w)
{
    size_t width = w->shape[1];
    size_t stride = width + APART;
    avqa_real *copy = avqa_tape_array(tape, w->shape[0] * stride, sizeof *copy);
    for (size_t i = 0; copy && i < w->shape[0]; i++)
        memcpy(copy + i * stride, w->value + i * width, width * sizeof *copy);
    return (struct avqa_matrix){copy, stride, false};
}

/* The gradients of a step's gates; from them those of the rows before. */
static void step_back(struct avqa_tape *tape, struct avqa_node *y, size_t step,
                      struct avqa_matrix w_hh, avqa_real *room)
{
    const struct lstm *lstm = y->saved;
    size_t width = lstm->width;
    size_t n = rows_of(lstm, step);
    struct cell cell = cell_at(y, lstm, step);
    cell.dbefore = step ? room : NULL;
    avqa_ranges_run(avqa_tape_threads(tape), n, LEAST, run_cell_back, &cell);
    if (step == 0)
        return;
    avqa_tape_gemm(tape, (struct avqa_matrix_out){room, 2 * width, false},
                   (struct avqa_matrix){cell.gates, 4 * width, false}, w_hh,
                   (size_t[]){n, width, 4 * width});
    for (size_t i = 0; i < n; i++)
        avqa_row_add(y->grad + cell.before[i] * (2 * width), 1, room + i * 2 * width,
                     2 * width);
}

/* From the last step to the first; a row's dh and dc gather in y's gradient. */
static void lstm_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    const struct lstm *lstm = y->saved;
    size_t steps = lstm->rows.n_steps;
    size_t width = lstm->width;
    size_t n = y->shape[0];
    size_t first = lstm->rows.begin[1];
    avqa_real *dgates = avqa_tape_grad(tape, y->from[0]);
    avqa_real *dw = avqa_tape_grad(tape, y->from[1]);
    avqa_real *db = avqa_tape_grad(tape, y->from[2]);
    avqa_real *room = avqa_tape_array(tape, n * 2 * width, sizeof *room);
    struct avqa_matrix w_hh = loosened(tape, y->from[1]);
    for (size_t s = steps; !avqa_tape_failed(tape) && s-- > 0;)
        step_back(tape, y, s, w_hh, room);
    if (dgates)
        avqa_row_add(dgates, 1, lstm->gates, n * 4 * width);
    if (dw && n > first)
        avqa_tape_gemm(
            tape, (struct avqa_matrix_out){dw, width, true},
            (struct avqa_matrix){lstm->gates + first * 4 * width, 4 * width, true},
            (struct avqa_matrix){lstm->befores + first * width, width, false},
            (size_t[]){4 * width, width, n - first});
    if (db)
        avqa_add_column_sums(tape, db, lstm->gates, n, 4 * width);
}

static void run_step(struct avqa_tape *tape, struct avqa_node *y, size_t step)
{
    const struct lstm *lstm = y->saved;
    size_t width = lstm->width;
    size_t n = rows_of(lstm, step);
    struct cell cell = cell_at(y, lstm, step);
    avqa_real *h = lstm->befores + lstm->rows.begin[step] * width;
    for (size_t i = 0; step && i < n; i++)
        memcpy(h + i * width, y->value + cell.before[i] * (2 * width),
               width * sizeof *h);
    if (step)
        avqa_tape_gemm(tape, (struct avqa_matrix_out){cell.gates, 4 * width, true},
                       (struct avqa_matrix){h, width, false},
                       (struct avqa_matrix){y->from[1]->value, width, true},
                       (size_t[]){n, 4 * width, width});
    avqa_ranges_run(avqa_tape_threads(tape), n, LEAST, run_cell, &cell);
}

struct avqa_node *avqa_lstm(struct avqa_tape *tape, struct avqa_node *gates,
                            struct avqa_node *w_hh, struct avqa_node *b_hh,
                            const struct avqa_lstm_rows *rows)
{
    if (avqa_tape_failed(tape))
        return NULL;
    size_t n = avqa_node_height(gates);
    size_t width = w_hh->shape[1];
    assert(avqa_node_width(gates) == 4 * width && w_hh->shape[0] == 4 * width &&
           b_hh->n == 4 * width && rows->n_steps > 0 &&
           rows->begin[rows->n_steps] == n);
    struct avqa_node *y =
        avqa_tape_node(tape, 2, (size_t[]){n, 2 * width}, lstm_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){gates, w_hh, b_hh});
    struct lstm *lstm = avqa_arena_alloc(&tape->nodes, sizeof *lstm);
    lstm->rows = *rows;
    lstm->width = width;
    lstm->gates = avqa_tape_array(tape, gates->n, sizeof *lstm->gates);
    lstm->tanhs = avqa_tape_array(tape, n * width, sizeof *lstm->tanhs);
    lstm->befores = avqa_tape_array(tape, n * width, sizeof *lstm->befores);
    if (avqa_tape_failed(tape))
        return NULL;
    y->saved = lstm;
    memcpy(lstm->gates, gates->value, gates->n * sizeof *lstm->gates);
    for (size_t s = 0; s < rows->n_steps; s++)
        run_step(tape, y, s);
    return y;
}
