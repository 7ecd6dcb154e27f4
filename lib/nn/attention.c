/* See attention.h. */
#include "nn/attention.h"
#include "nn/dropout.h"
#include "nn/ranges.h"
#include "nn/rowmath.h"

#include <assert.h>
#include <tgmath.h>

struct attention {
    size_t heads, queries, keys, width;
    avqa_real scale;
    avqa_real *weights;       /* [n, heads, queries, keys], before dropout */
    const avqa_real *mask;    /* of dropout, the same shape; or NULL */
    avqa_real *room;          /* [n, keys], for the way back */
    const unsigned char *pad; /* [n, keys] */
    const avqa_real *q, *k, *v;
    avqa_real *y;
    const avqa_real *dy;
    avqa_real *dq, *dk, *dv;
};

/* One query of one head: where things begin. */
struct spot {
    size_t q;       /* of q and y */
    size_t k;       /* of the first key; `width` numbers between keys */
    size_t weights; /* of the first weight */
    size_t len;     /* numbers of a head */
};

static struct spot spot_at(const struct attention *a, size_t i, size_t head, size_t q)
{
    size_t len = a->width / a->heads;
    return (struct spot){
        .q = (i * a->queries + q) * a->width + head * len,
        .k = i * a->keys * a->width + head * len,
        .weights = ((i * a->heads + head) * a->queries + q) * a->keys,
        .len = len,
    };
}

static void attend(const struct attention *a, struct spot s, const unsigned char *pad)
{
    avqa_real *w = a->weights + s.weights;
    for (size_t j = 0; j < a->keys; j++)
        w[j] =
            pad && pad[j]
                ? -(avqa_real)1e30
                : a->scale * avqa_row_dot(a->q + s.q, a->k + s.k + j * a->width, s.len);
    avqa_row_softmax(w, w, a->keys);
    for (size_t c = 0; c < s.len; c++)
        a->y[s.q + c] = 0;
    for (size_t j = 0; j < a->keys; j++)
        avqa_row_add(a->y + s.q, w[j] * (a->mask ? a->mask[s.weights + j] : 1),
                     a->v + s.k + j * a->width, s.len);
}

/* dv += w dy; dw = v dy; dscore = w (dw - sum w dw); dq += dscore k, dk += dscore q */
static void attend_back(const struct attention *a, struct spot s, avqa_real *dw)
{
    const avqa_real *w = a->weights + s.weights;
    avqa_real sum = 0;
    for (size_t j = 0; j < a->keys; j++) {
        avqa_real factor = a->mask ? a->mask[s.weights + j] : 1;
        size_t key = s.k + j * a->width;
        dw[j] = factor * avqa_row_dot(a->dy + s.q, a->v + key, s.len);
        sum += w[j] * dw[j];
        if (a->dv)
            avqa_row_add(a->dv + key, w[j] * factor, a->dy + s.q, s.len);
    }
    for (size_t j = 0; j < a->keys; j++) {
        avqa_real dscore = a->scale * w[j] * (dw[j] - sum);
        size_t key = s.k + j * a->width;
        if (a->dq)
            avqa_row_add(a->dq + s.q, dscore, a->k + key, s.len);
        if (a->dk)
            avqa_row_add(a->dk + key, dscore, a->q + s.q, s.len);
    }
}

static void attend_rows(void *user, size_t from, size_t to)
{
    const struct attention *a = user;
    for (size_t i = from; i < to; i++)
        for (size_t head = 0; head < a->heads; head++)
            for (size_t q = 0; q < a->queries; q++)
                attend(a, spot_at(a, i, head, q), a->pad ? a->pad + i * a->keys : NULL);
}

static void attend_rows_back(void *user, size_t from, size_t to)
{
    const struct attention *a = user;
    for (size_t i = from; i < to; i++)
        for (size_t head = 0; head < a->heads; head++)
            for (size_t q = 0; q < a->queries; q++)
                attend_back(a, spot_at(a, i, head, q), a->room + i * a->keys);
}

static void attention_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    struct attention *a = y->saved;
    size_t n = y->shape[0];
    a->dy = y->grad;
    a->dq = avqa_tape_grad(tape, y->from[0]);
    a->dk = avqa_tape_grad(tape, y->from[1]);
    a->dv = avqa_tape_grad(tape, y->from[2]);
    a->room = avqa_tape_array(tape, n * a->keys, sizeof *a->room);
    if (!avqa_tape_failed(tape))
        avqa_ranges_run(avqa_tape_threads(tape), n, 4, attend_rows_back, a);
}

struct avqa_node *avqa_attention(struct avqa_tape *tape, struct avqa_node *const qkv[3],
                                 const struct avqa_attention *options)
{
    if (avqa_tape_failed(tape))
        return NULL;
    const struct avqa_node *q = qkv[0];
    const struct avqa_node *k = qkv[1];
    size_t n = q->shape[0];
    assert(q->rank == 3 && k->rank == 3 && k->shape[0] == n &&
           k->shape[2] == q->shape[2] && qkv[2]->n == k->n &&
           q->shape[2] % options->heads == 0);
    struct avqa_node *y = avqa_tape_node(
        tape, 3, q->shape, attention_backward,
        (struct avqa_node *[AVQA_NODE_MAX_FROM]){qkv[0], qkv[1], qkv[2]});
    struct attention *a = avqa_arena_alloc(&tape->nodes, sizeof *a);
    a->heads = options->heads;
    a->queries = q->shape[1];
    a->keys = k->shape[1];
    a->width = q->shape[2];
    a->scale = 1 / sqrt((avqa_real)(a->width / a->heads));
    size_t n_weights = n * a->heads * a->queries * a->keys;
    a->weights = avqa_tape_array(tape, n_weights, sizeof *a->weights);
    a->mask = avqa_dropout_mask(tape, n_weights, options->dropout);
    if (avqa_tape_failed(tape))
        return NULL;
    a->pad = options->pad;
    a->q = q->value;
    a->k = k->value;
    a->v = qkv[2]->value;
    a->y = y->value;
    y->saved = a;
    avqa_ranges_run(avqa_tape_threads(tape), n, 4, attend_rows, a);
    if (options->weights)
        *options->weights = a->weights;
    return y;
}
