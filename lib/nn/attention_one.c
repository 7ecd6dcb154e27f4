/* See attention_one.h. u is the query projected back, s the sum of the keys by their
 * weights; both are [heads, n, width], so that a head's products are one call. */
#include "nn/attention_one.h"
#include "nn/dropout.h"
#include "nn/ranges.h"
#include "nn/rowmath.h"

#include <assert.h>
#include <string.h>
#include <tgmath.h>

struct one {
    size_t n, heads, keys, width, len; /* len: numbers of a head */
    avqa_real scale;
    avqa_real *u, *s;      /* [heads, n, width] */
    avqa_real *du, *ds;    /* the same */
    avqa_real *weights;    /* [n, heads, keys] */
    const avqa_real *mask; /* of dropout, the same shape; or NULL */
    avqa_real *dweights;   /* the same shape */
    const avqa_real *x, *dy, *bias;
    avqa_real *y, *dx, *dbias;
};

static avqa_real factor(const struct one *o, size_t at)
{
    return o->mask ? o->mask[at] : 1;
}

static avqa_real *of_head(const struct one *o, avqa_real *rows, size_t head, size_t i)
{
    return rows + (head * o->n + i) * o->width;
}

/* w = softmax(u x / sqrt(len)); s = sum w x */
static void look(const struct one *o, size_t i, size_t head)
{
    avqa_real *w = o->weights + (i * o->heads + head) * o->keys;
    const avqa_real *x = o->x + i * o->keys * o->width;
    avqa_real *s = of_head(o, o->s, head, i);
    size_t at = (i * o->heads + head) * o->keys;
    for (size_t j = 0; j < o->keys; j++)
        w[j] = o->scale *
               avqa_row_dot(of_head(o, o->u, head, i), x + j * o->width, o->width);
    avqa_row_softmax(w, w, o->keys);
    memset(s, 0, o->width * sizeof *s);
    for (size_t j = 0; j < o->keys; j++)
        avqa_row_add(s, w[j] * factor(o, at + j), x + j * o->width, o->width);
}

static void look_rows(void *user, size_t from, size_t to)
{
    const struct one *o = user;
    for (size_t i = from; i < to; i++)
        for (size_t head = 0; head < o->heads; head++)
            look(o, i, head);
}

/* dw = ds x + dy b_v; dx += w ds; dscore = w (dw - sum w dw); du = sum dscore x;
 * dx += dscore u */
static void look_back(const struct one *o, size_t i, size_t head)
{
    size_t at = (i * o->heads + head) * o->keys;
    const avqa_real *w = o->weights + at;
    const avqa_real *dy = o->dy + i * o->width + head * o->len;
    const avqa_real *ds = of_head(o, o->ds, head, i);
    const avqa_real *u = of_head(o, o->u, head, i);
    avqa_real *du = of_head(o, o->du, head, i);
    avqa_real *dw = o->dweights + at;
    avqa_real by_bias = avqa_row_dot(dy, o->bias + head * o->len, o->len);
    avqa_real sum = 0;
    memset(du, 0, o->width * sizeof *du);
    for (size_t j = 0; j < o->keys; j++) {
        size_t key = (i * o->keys + j) * o->width;
        dw[j] = factor(o, at + j) * (avqa_row_dot(ds, o->x + key, o->width) + by_bias);
        sum += w[j] * dw[j];
    }
    for (size_t j = 0; j < o->keys; j++) {
        size_t key = (i * o->keys + j) * o->width;
        avqa_real dscore = o->scale * w[j] * (dw[j] - sum);
        avqa_row_add(du, dscore, o->x + key, o->width);
        if (o->dx) {
            avqa_row_add(o->dx + key, w[j] * factor(o, at + j), ds, o->width);
            avqa_row_add(o->dx + key, dscore, u, o->width);
        }
    }
}

static void look_rows_back(void *user, size_t from, size_t to)
{
    const struct one *o = user;
    for (size_t i = from; i < to; i++)
        for (size_t head = 0; head < o->heads; head++)
            look_back(o, i, head);
}

/* The share of the weights that dropout left: 1 without it. */
static avqa_real share(const struct one *o, size_t i, size_t head)
{
    size_t at = (i * o->heads + head) * o->keys;
    avqa_real sum = 0;
    if (!o->mask)
        return 1;
    for (size_t j = 0; j < o->keys; j++)
        sum += o->weights[at + j] * o->mask[at + j];
    return sum;
}

/* Each row's y, or its gradient, and the bias of the values. */
static void add_bias(const struct one *o)
{
    for (size_t i = 0; i < o->n; i++)
        for (size_t head = 0; head < o->heads; head++) {
            size_t at = i * o->width + head * o->len;
            avqa_row_add(o->y + at, share(o, i, head), o->bias + head * o->len, o->len);
        }
}

static void add_bias_back(const struct one *o)
{
    for (size_t i = 0; o->dbias && i < o->n; i++)
        for (size_t head = 0; head < o->heads; head++) {
            size_t at = i * o->width + head * o->len;
            avqa_row_add(o->dbias + head * o->len, share(o, i, head), o->dy + at,
                         o->len);
        }
}

/* Of each head, with W of its rows: ds = dy W_v; dW_v += dy^T s; then, after the keys,
 * dq += du W_k^T; dW_k += q^T du. */
static void attention_one_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    struct one *o = y->saved;
    size_t d = o->width;
    size_t n_rows = o->heads * o->n;
    const struct avqa_node *q = y->from[0];
    const struct avqa_node *w = y->from[2];
    avqa_real *dq = avqa_tape_grad(tape, y->from[0]);
    avqa_real *dw = avqa_tape_grad(tape, y->from[2]);
    avqa_real *db = avqa_tape_grad(tape, y->from[3]);
    o->dx = avqa_tape_grad(tape, y->from[1]);
    o->dbias = db ? db + d : NULL;
    o->dy = y->grad;
    o->du = avqa_tape_array(tape, n_rows * d, sizeof *o->du);
    o->ds = avqa_tape_array(tape, n_rows * d, sizeof *o->ds);
    o->dweights = avqa_tape_array(tape, n_rows * o->keys, sizeof *o->dweights);
    if (avqa_tape_failed(tape))
        return;
    for (size_t h = 0; h < o->heads; h++) {
        struct avqa_matrix dy = {y->grad + h * o->len, d, false};
        struct avqa_matrix dy_t = {y->grad + h * o->len, d, true};
        size_t rows = (d + h * o->len) * d;
        avqa_tape_gemm(tape,
                       (struct avqa_matrix_out){of_head(o, o->ds, h, 0), d, false}, dy,
                       (struct avqa_matrix){w->value + rows, d, false},
                       (size_t[]){o->n, d, o->len});
        if (dw)
            avqa_tape_gemm(tape, (struct avqa_matrix_out){dw + rows, d, true}, dy_t,
                           (struct avqa_matrix){of_head(o, o->s, h, 0), d, false},
                           (size_t[]){o->len, d, o->n});
    }
    add_bias_back(o);
    avqa_ranges_run(avqa_tape_threads(tape), o->n, 4, look_rows_back, o);
    for (size_t h = 0; h < o->heads; h++) {
        struct avqa_matrix du = {of_head(o, o->du, h, 0), d, false};
        size_t rows = h * o->len * d;
        if (dq)
            avqa_tape_gemm(tape, (struct avqa_matrix_out){dq + h * o->len, d, true}, du,
                           (struct avqa_matrix){w->value + rows, d, true},
                           (size_t[]){o->n, o->len, d});
        if (dw)
            avqa_tape_gemm(tape, (struct avqa_matrix_out){dw + rows, d, true},
                           (struct avqa_matrix){q->value + h * o->len, d, true}, du,
                           (size_t[]){o->len, d, o->n});
    }
}

/* Memory and sizes; NULL if there is none. */
static struct one *prepare(struct avqa_tape *tape, struct avqa_node *const qxwb[4],
                           const struct avqa_attention_one *options)
{
    const struct avqa_node *x = qxwb[1];
    struct one *o = avqa_arena_alloc(&tape->nodes, sizeof *o);
    o->n = x->shape[0];
    o->heads = options->heads;
    o->keys = x->shape[1];
    o->width = x->shape[2];
    o->len = o->width / o->heads;
    o->scale = 1 / sqrt((avqa_real)o->len);
    size_t n_rows = o->n * o->heads;
    o->u = avqa_tape_array(tape, n_rows * o->width, sizeof *o->u);
    o->s = avqa_tape_array(tape, n_rows * o->width, sizeof *o->s);
    o->weights = avqa_tape_array(tape, n_rows * o->keys, sizeof *o->weights);
    o->mask = avqa_dropout_mask(tape, n_rows * o->keys, options->dropout);
    o->x = x->value;
    o->bias = qxwb[3]->value + o->width;
    return avqa_tape_failed(tape) ? NULL : o;
}

/* u = q W_k of each head; w and s of each row; y = s W_v^T + b_v */
struct avqa_node *avqa_attention_one(struct avqa_tape *tape,
                                     struct avqa_node *const qxwb[4],
                                     const struct avqa_attention_one *options)
{
    if (avqa_tape_failed(tape))
        return NULL;
    const struct avqa_node *q = qxwb[0];
    const struct avqa_node *w = qxwb[2];
    size_t d = q->shape[1];
    assert(q->rank == 2 && qxwb[1]->rank == 3 && qxwb[1]->shape[0] == q->shape[0] &&
           qxwb[1]->shape[2] == d && w->shape[0] == 2 * d && qxwb[3]->n == 2 * d &&
           d % options->heads == 0);
    struct avqa_node *y =
        avqa_tape_node(tape, 2, q->shape, attention_one_backward, qxwb);
    struct one *o = prepare(tape, qxwb, options);
    if (!y || !o)
        return NULL;
    o->y = y->value;
    y->saved = o;
    for (size_t h = 0; h < o->heads; h++)
        avqa_tape_gemm(tape, (struct avqa_matrix_out){of_head(o, o->u, h, 0), d, false},
                       (struct avqa_matrix){q->value + h * o->len, d, false},
                       (struct avqa_matrix){w->value + h * o->len * d, d, false},
                       (size_t[]){o->n, d, o->len});
    avqa_ranges_run(avqa_tape_threads(tape), o->n, 4, look_rows, o);
    for (size_t h = 0; h < o->heads; h++)
        avqa_tape_gemm(tape, (struct avqa_matrix_out){y->value + h * o->len, d, false},
                       (struct avqa_matrix){of_head(o, o->s, h, 0), d, false},
                       (struct avqa_matrix){w->value + (d + h * o->len) * d, d, true},
                       (size_t[]){o->n, o->len, d});
    add_bias(o);
    if (options->weights)
        *options->weights = o->weights;
    return y;
}
