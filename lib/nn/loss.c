/* See loss.h. */
#include "nn/loss.h"
#include "nn/rowmath.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>
#include <tgmath.h>

/* log of the sum of exp, without overflow */
static avqa_real log_sum_exp(const avqa_real *x, size_t n)
{
    avqa_real max = x[0];
    avqa_real sum = 0;
    for (size_t k = 1; k < n; k++)
        max = x[k] > max ? x[k] : max;
    for (size_t k = 0; k < n; k++)
        sum += exp(x[k] - max);
    return max + log(sum);
}

/* Whether it is known what is wanted of a row. */
static bool is_known(const avqa_real *wanted, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (wanted[k] > 0)
            return true;
    return false;
}

static size_t count_known(const avqa_real *wanted, size_t n, size_t width)
{
    size_t known = 0;
    for (size_t i = 0; i < n; i++)
        known += is_known(wanted + i * width, width);
    return known ? known : 1; /* all that it divides is 0 then */
}

/* dx += (softmax x - wanted) / known rows, `wanted` being one class or shares */
static void cross_entropy_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    struct avqa_node *x = y->from[0];
    size_t width = avqa_node_width(x);
    size_t n = avqa_node_height(x);
    const avqa_real *wanted = y->saved;
    avqa_real *dx = avqa_tape_grad(tape, x);
    avqa_real *p = avqa_tape_array(tape, width, sizeof *p);
    avqa_real known = (avqa_real)count_known(wanted, n, width);
    for (size_t i = 0; dx && p && i < n; i++) {
        if (!is_known(wanted + i * width, width))
            continue;
        avqa_row_softmax(p, x->value + i * width, width);
        for (size_t k = 0; k < width; k++)
            dx[i * width + k] += *y->grad * (p[k] - wanted[i * width + k]) / known;
    }
}

struct avqa_node *avqa_cross_entropy_soft(struct avqa_tape *tape,
                                          struct avqa_node *logits,
                                          const avqa_real *wanted)
{
    if (avqa_tape_failed(tape))
        return NULL;
    size_t width = avqa_node_width(logits);
    size_t n = avqa_node_height(logits);
    struct avqa_node *y =
        avqa_tape_node(tape, 0, NULL, cross_entropy_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){logits, NULL, NULL});
    if (!y)
        return NULL;
    y->saved = (void *)(uintptr_t)wanted;
    avqa_real sum = 0;
    for (size_t i = 0; i < n; i++) {
        const avqa_real *x = logits->value + i * width;
        avqa_real log_sum = log_sum_exp(x, width);
        for (size_t k = 0; k < width; k++)
            if (wanted[i * width + k] > 0)
                sum += wanted[i * width + k] * (log_sum - x[k]);
    }
    *y->value = sum / (avqa_real)count_known(wanted, n, width);
    return y;
}

struct avqa_node *avqa_cross_entropy(struct avqa_tape *tape, struct avqa_node *logits,
                                     const int32_t *classes)
{
    if (avqa_tape_failed(tape))
        return NULL;
    size_t width = avqa_node_width(logits);
    avqa_real *wanted = avqa_tape_array(tape, logits->n, sizeof *wanted);
    if (!wanted)
        return NULL;
    memset(wanted, 0, logits->n * sizeof *wanted);
    for (size_t i = 0; i < avqa_node_height(logits); i++) {
        assert(classes[i] < 0 || (size_t)classes[i] < width);
        if (classes[i] >= 0)
            wanted[i * width + (size_t)classes[i]] = 1;
    }
    return avqa_cross_entropy_soft(tape, logits, wanted);
}

/* dx += (s - wanted) / numbers */
static void binary_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    struct avqa_node *x = y->from[0];
    const avqa_real *wanted = y->saved;
    avqa_real *dx = avqa_tape_grad(tape, x);
    for (size_t i = 0; dx && i < x->n; i++)
        dx[i] += *y->grad * (1 / (1 + exp(-x->value[i])) - wanted[i]) / (avqa_real)x->n;
}

/* max(x, 0) - x w + log(1 + exp(-|x|)), which does not overflow. */
struct avqa_node *avqa_binary_cross_entropy(struct avqa_tape *tape,
                                            struct avqa_node *logits,
                                            const avqa_real *wanted)
{
    if (avqa_tape_failed(tape))
        return NULL;
    struct avqa_node *y =
        avqa_tape_node(tape, 0, NULL, binary_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){logits, NULL, NULL});
    if (!y)
        return NULL;
    y->saved = (void *)(uintptr_t)wanted;
    avqa_real sum = 0;
    for (size_t i = 0; i < logits->n; i++) {
        avqa_real x = logits->value[i];
        sum += (x > 0 ? x : 0) - x * wanted[i] + log1p(exp(-fabs(x)));
    }
    *y->value = sum / (avqa_real)logits->n;
    return y;
}
