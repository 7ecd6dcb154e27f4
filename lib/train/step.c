/* See step.h. Random numbers of a step follow from seed, epoch and step, and the place
 * of a question in the step; so ranks that share it drop what one rank would. */
#include "train/step.h"
#include "base/hash.h"

#include <math.h>
#include <stdbool.h>

enum avqa_status avqa_ranks_sum(const struct avqa_ranks *ranks, double *numbers,
                                size_t n)
{
    return ranks->add_sums ? ranks->add_sums(ranks->user, numbers, n) : AVQA_OK;
}

void avqa_step_release(struct avqa_step *step)
{
    avqa_tape_release(&step->tape);
    avqa_metrics_release(&step->sums);
}

static enum avqa_status run_model(struct avqa_step *s, const struct avqa_batch *batch,
                                  const uint32_t *questions, const uint64_t at[2])
{
    const struct avqa_forward forward = {&s->tape, s->weights, s->size};
    struct avqa_answer answer;
    size_t from, to;
    avqa_tape_reset(&s->tape);
    avqa_sampler_share(&from, &to, &s->sampler, (size_t)at[1]);
    s->tape.training = true;
    s->tape.n_threads = s->n_threads;
    s->tape.seed = avqa_hash64(s->sampler.seed, at, 2 * sizeof *at);
    s->tape.n_items = batch->n;
    s->tape.first_item = from - (size_t)at[1] * s->sampler.batch * s->sampler.world;
    enum avqa_status rc = avqa_model_run(&answer, s->model, &forward, batch);
    if (rc != AVQA_OK)
        return rc;
    avqa_metrics_add(&s->sums, s->groups, questions, batch, &answer);
    return answer.loss ? avqa_tape_backward(&s->tape, answer.loss) : AVQA_OK;
}

/* Gradients of the mean over a rank's questions become those of the mean over all. */
static enum avqa_status add_grads(struct avqa_step *s, double n_mine)
{
    double n_all = s->sums.numbers[AVQA_METRIC_N];
    enum avqa_status rc = AVQA_OK;
    if (!s->ranks.add_grads)
        return AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < s->weights->n; i++) {
        struct avqa_weight *w = &s->weights->items[i];
        for (size_t k = 0; k < w->n; k++)
            w->grad[k] *= (avqa_real)(n_mine / n_all);
        rc = s->ranks.add_grads(s->ranks.user, w->grad, w->n);
    }
    return rc;
}

static enum avqa_status check(const char *what, double value, double max)
{
    if (value <= max && isfinite(value))
        return AVQA_OK;
    return avqa_fail(AVQA_EFORMAT,
                     "the %s is %g; the state that was saved last stays. A lower rate "
                     "or clipped gradients may help",
                     what, value);
}

/* A step has no loss if none of its questions has an answer that is known, or none has
 * another clip to be compared with. */
static bool has_loss(const struct avqa_step *s)
{
    return s->sums.numbers[AVQA_METRIC_N] > 0;
}

static enum avqa_status check_loss(const struct avqa_step *s)
{
    double loss = avqa_metrics_mean(&s->sums, AVQA_METRIC_LOSS);
    return check("loss", loss, AVQA_STEP_MAX_LOSS);
}

enum avqa_status avqa_step_take(struct avqa_step *s, const struct avqa_batch *batch,
                                const uint32_t *questions, const uint64_t at[2],
                                double rate)
{
    enum avqa_status rc = AVQA_OK;
    avqa_metrics_clear(&s->sums);
    avqa_weights_clear_grads(s->weights);
    if (batch->n)
        rc = run_model(s, batch, questions, at);
    double n_mine = s->sums.numbers[AVQA_METRIC_N];
    if (rc == AVQA_OK)
        rc = avqa_ranks_sum(&s->ranks, s->sums.numbers, s->sums.n);
    if (rc != AVQA_OK || !has_loss(s))
        return rc;
    rc = check_loss(s);
    if (rc == AVQA_OK)
        rc = add_grads(s, n_mine);
    if (rc == AVQA_OK && s->clip_norm > 0)
        rc = check("gradient", avqa_weights_clip(s->weights, s->clip_norm), INFINITY);
    if (rc == AVQA_OK)
        avqa_optimiser_step(&s->optimiser, s->weights, rate, s->n_threads);
    return rc;
}
