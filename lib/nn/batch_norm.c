/* See batch_norm.h. A channel is computed by one thread, its planes one after the
 * other, so that numbers do not depend on how many threads there are. */
#include "nn/batch_norm.h"
#include "nn/ranges.h"
#include "nn/rowmath.h"
#include "nn/wide.h"

#include <assert.h>
#include <tgmath.h>

enum { LEAST = 1 << 14 }; /* numbers that are worth a thread */

struct norm {
    size_t n, channels, places;
    bool training;
    avqa_real *mean, *inverse; /* [channels], that were used; inverse: 1 / deviation */
    const avqa_real *x, *gain, *bias;
    const avqa_real *dy;
    avqa_real *y, *dx, *dgain, *dbias;
    struct avqa_batch_norm running;
};

static size_t least_channels(const struct norm *m)
{
    return LEAST / (m->n * m->places + 1) + 1;
}

static size_t plane(const struct norm *m, size_t i, size_t channel)
{
    return (i * m->channels + channel) * m->places;
}

enum { LANES = 16 };

/* Sum of (x - mean) by, or of (x - mean)^2 without `by`, in lanes as in rowmath.c. */
AVQA_INLINE avqa_real centred(const avqa_real *x, avqa_real mean, const avqa_real *by,
                              size_t n)
{
    avqa_real lanes[LANES] = {0};
    avqa_real rest = 0;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lanes[k] += (x[i + k] - mean) * (by ? by[i + k] : x[i + k] - mean);
    for (; i < n; i++)
        rest += (x[i] - mean) * (by ? by[i] : x[i] - mean);
    for (size_t k = 0; k < LANES; k++)
        rest += lanes[k];
    return rest;
}

AVQA_WIDE static avqa_real centred_wide(const avqa_real *x, avqa_real mean,
                                        const avqa_real *by, size_t n)
{
    return by ? centred(x, mean, by, n) : centred(x, mean, NULL, n);
}

static avqa_real sum_centred(const avqa_real *x, avqa_real mean, const avqa_real *by,
                             size_t n)
{
    return avqa_is_wide() ? centred_wide(x, mean, by, n) : centred(x, mean, by, n);
}

/* Mean, then the mean of what is left squared. */
static void measure(const struct norm *m, size_t c)
{
    avqa_real count = (avqa_real)(m->n * m->places);
    avqa_real mean = 0;
    avqa_real squares = 0;
    for (size_t i = 0; i < m->n; i++)
        mean += avqa_row_sum(m->x + plane(m, i, c), m->places) / count;
    for (size_t i = 0; i < m->n; i++)
        squares += sum_centred(m->x + plane(m, i, c), mean, NULL, m->places);
    m->mean[c] = mean;
    m->inverse[c] = 1 / sqrt(squares / count + (avqa_real)1e-5);
    avqa_real by = m->running.momentum;
    m->running.mean[c] += by * (mean - m->running.mean[c]);
    m->running.variance[c] += by * (squares / (count - 1) - m->running.variance[c]);
}

static void normalise(void *user, size_t from, size_t to)
{
    const struct norm *m = user;
    for (size_t c = from; c < to; c++) {
        if (m->training) {
            measure(m, c);
        } else {
            m->mean[c] = m->running.mean[c];
            m->inverse[c] = 1 / sqrt(m->running.variance[c] + (avqa_real)1e-5);
        }
        avqa_real scale = m->inverse[c] * m->gain[c];
        for (size_t i = 0; i < m->n; i++)
            for (size_t at = plane(m, i, c); at < plane(m, i, c) + m->places; at++)
                m->y[at] = (m->x[at] - m->mean[c]) * scale + m->bias[c];
    }
}

/* dgain += sum dy xn; dbias += sum dy; dx += gain / deviation (dy - mean dy - xn mean
 * (dy xn)), where without training the statistics are constants and the means nothing.
 * xn is the normalised x. */
static void normalise_back(void *user, size_t from, size_t to)
{
    const struct norm *m = user;
    avqa_real count = (avqa_real)(m->n * m->places);
    for (size_t c = from; c < to; c++) {
        avqa_real sum = 0;
        avqa_real sum_x = 0;
        for (size_t i = 0; i < m->n; i++) {
            size_t at = plane(m, i, c);
            sum += avqa_row_sum(m->dy + at, m->places);
            sum_x += m->inverse[c] *
                     sum_centred(m->x + at, m->mean[c], m->dy + at, m->places);
        }
        if (m->dgain)
            m->dgain[c] += sum_x;
        if (m->dbias)
            m->dbias[c] += sum;
        avqa_real scale = m->gain[c] * m->inverse[c];
        avqa_real less = m->training ? sum / count : 0;
        avqa_real less_x = m->training ? m->inverse[c] * sum_x / count : 0;
        for (size_t i = 0; m->dx && i < m->n; i++)
            for (size_t at = plane(m, i, c); at < plane(m, i, c) + m->places; at++)
                m->dx[at] +=
                    scale * (m->dy[at] - less - (m->x[at] - m->mean[c]) * less_x);
    }
}

static void batch_norm_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    struct norm *m = y->saved;
    m->dy = y->grad;
    m->dx = avqa_tape_grad(tape, y->from[0]);
    m->dgain = avqa_tape_grad(tape, y->from[1]);
    m->dbias = avqa_tape_grad(tape, y->from[2]);
    if (!avqa_tape_failed(tape))
        avqa_ranges_run(avqa_tape_threads(tape), m->channels, least_channels(m),
                        normalise_back, m);
}

struct avqa_node *avqa_batch_norm(struct avqa_tape *tape, struct avqa_node *x,
                                  struct avqa_node *gain, struct avqa_node *bias,
                                  const struct avqa_batch_norm *running)
{
    if (avqa_tape_failed(tape))
        return NULL;
    assert(x->rank >= 2 && gain->n == x->shape[1] && bias->n == x->shape[1]);
    struct avqa_node *y =
        avqa_tape_node(tape, x->rank, x->shape, batch_norm_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){x, gain, bias});
    struct norm *m = avqa_arena_alloc(&tape->nodes, sizeof *m);
    *m = (struct norm){.n = x->shape[0],
                       .channels = x->shape[1],
                       .training = tape->training,
                       .gain = gain->value,
                       .bias = bias->value,
                       .x = x->value,
                       .running = *running};
    m->places = m->n && m->channels ? x->n / m->n / m->channels : 0;
    if (m->training && m->n * m->places < 2)
        avqa_tape_fail(tape, avqa_fail(AVQA_EINVAL, "batch normalisation cannot train "
                                                    "on one value a channel"));
    m->mean = avqa_tape_array(tape, m->channels, sizeof *m->mean);
    m->inverse = avqa_tape_array(tape, m->channels, sizeof *m->inverse);
    if (avqa_tape_failed(tape))
        return NULL;
    m->y = y->value;
    y->saved = m;
    avqa_ranges_run(avqa_tape_threads(tape), m->channels, least_channels(m), normalise,
                    m);
    return y;
}
