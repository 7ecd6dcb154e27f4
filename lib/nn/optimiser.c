/* See optimiser.h. */
#include "nn/optimiser.h"
#include "nn/ranges.h"
#include "nn/wide.h"

#include <tgmath.h>

enum { LEAST = 1 << 14 };

struct update {
    const struct avqa_optimiser *optimiser;
    struct avqa_weight *weight;
    avqa_real rate, decay, momentum;
    avqa_real beta1, beta2, epsilon;
    avqa_real correct1, correct2; /* rate / (1 - beta1^t), 1 / sqrt(1 - beta2^t) */
};

/* torch.optim.SGD without dampening: the first step's velocity is the gradient, which
 * a velocity of zero gives, too. */
AVQA_INLINE void sgd(const struct update *u, size_t from, size_t to)
{
    avqa_real *restrict p = u->weight->value;
    const avqa_real *restrict grad = u->weight->grad;
    avqa_real *restrict velocity = u->weight->state[0];
    for (size_t i = from; i < to; i++) {
        velocity[i] = u->momentum * velocity[i] + (grad[i] + u->decay * p[i]);
        p[i] -= u->rate * velocity[i];
    }
}

/* torch.optim.Adam: decay is part of the gradient; AdamW shrinks the parameter first.
 */
AVQA_INLINE void adam(const struct update *u, size_t from, size_t to)
{
    avqa_real *restrict p = u->weight->value;
    const avqa_real *restrict grad = u->weight->grad;
    avqa_real *restrict mean = u->weight->state[0];
    avqa_real *restrict square = u->weight->state[1];
    bool apart = u->optimiser->kind == AVQA_ADAMW;
    avqa_real shrink = apart ? 1 - u->rate * u->decay : 1;
    avqa_real decay = apart ? 0 : u->decay;
    for (size_t i = from; i < to; i++) {
        avqa_real x = p[i] * shrink;
        avqa_real g = grad[i] + decay * x;
        mean[i] = u->beta1 * mean[i] + (1 - u->beta1) * g;
        square[i] = u->beta2 * square[i] + (1 - u->beta2) * g * g;
        p[i] = x - u->correct1 * mean[i] / (sqrt(square[i]) * u->correct2 + u->epsilon);
    }
}

AVQA_INLINE void update_some(const struct update *u, size_t from, size_t to)
{
    if (u->optimiser->kind == AVQA_SGD)
        sgd(u, from, to);
    else
        adam(u, from, to);
}

AVQA_WIDE static void update_wide(const struct update *u, size_t from, size_t to)
{
    update_some(u, from, to);
}

static void update(void *user, size_t from, size_t to)
{
    if (avqa_is_wide())
        update_wide(user, from, to);
    else
        update_some(user, from, to);
}

size_t avqa_optimiser_states(const struct avqa_optimiser *optimiser)
{
    return optimiser->kind == AVQA_SGD ? 1 : 2;
}

void avqa_optimiser_step(struct avqa_optimiser *o, struct avqa_weights *weights,
                         double rate, size_t n_threads)
{
    double t = (double)++o->n_steps;
    struct update u = {
        .optimiser = o,
        .rate = (avqa_real)rate,
        .decay = (avqa_real)o->weight_decay,
        .momentum = (avqa_real)o->momentum,
        .beta1 = (avqa_real)o->beta1,
        .beta2 = (avqa_real)o->beta2,
        .epsilon = (avqa_real)o->epsilon,
        .correct1 = (avqa_real)(rate / (1 - pow(o->beta1, t))),
        .correct2 = (avqa_real)(1 / sqrt(1 - pow(o->beta2, t))),
    };
    for (size_t i = 0; i < weights->n; i++) {
        u.weight = &weights->items[i];
        if (!u.weight->fixed)
            avqa_ranges_run(n_threads, u.weight->n, LEAST, update, &u);
    }
}
