/* See dropout.h. The random numbers are SplitMix64's, numbered. */
#include "nn/dropout.h"

#include <assert.h>

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

const avqa_real *avqa_dropout_mask(struct avqa_tape *tape, size_t n, avqa_real p)
{
    static const uint64_t golden = 0x9e3779b97f4a7c15U;
    if (!tape->training || !(p > 0))
        return NULL;
    avqa_real *mask = avqa_tape_array(tape, n, sizeof *mask);
    if (!mask)
        return NULL;
    assert(!tape->n_items || n % tape->n_items == 0);
    uint64_t key = mix(tape->seed + mix(++tape->n_dropped * golden));
    uint64_t bound = (uint64_t)((double)p * 0x1p53);
    size_t before = tape->n_items ? n / tape->n_items * tape->first_item : 0;
    for (size_t i = 0; i < n; i++)
        mask[i] = mix(key + (before + i + 1) * golden) >> 11 < bound ? 0 : 1 / (1 - p);
    return mask;
}

/* dx += mask dy */
static void dropout_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    const avqa_real *mask = y->saved;
    avqa_real *dx = avqa_tape_grad(tape, y->from[0]);
    for (size_t i = 0; dx && i < y->n; i++)
        dx[i] += mask[i] * y->grad[i];
}

struct avqa_node *avqa_dropout(struct avqa_tape *tape, struct avqa_node *x, avqa_real p)
{
    if (avqa_tape_failed(tape) || !tape->training || !(p > 0))
        return x;
    struct avqa_node *y =
        avqa_tape_node(tape, x->rank, x->shape, dropout_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){x, NULL, NULL});
    const avqa_real *mask = avqa_dropout_mask(tape, x->n, p);
    if (!y || !mask)
        return NULL;
    y->saved = (void *)(uintptr_t)mask;
    for (size_t i = 0; i < x->n; i++)
        y->value[i] = mask[i] * x->value[i];
    return y;
}
