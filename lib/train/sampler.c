/* See sampler.h. The permutation is Fisher and Yates's with the stream of (seed,
 * "epoch N"), so epochs can be made in any order. */
#include "train/sampler.h"
#include "base/rng.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

/* Questions of a step, of all ranks. */
static size_t step_size(const struct avqa_sampler *s)
{
    assert(s->batch > 0 && s->rank < s->world && s->batch <= SIZE_MAX / s->world);
    return s->batch * s->world;
}

size_t avqa_sampler_steps(const struct avqa_sampler *sampler)
{
    const size_t size = step_size(sampler);
    return sampler->n / size + (sampler->n % size != 0);
}

void avqa_sampler_order(uint32_t *order, const struct avqa_sampler *sampler,
                        uint64_t epoch)
{
    struct avqa_rng rng;
    char item[40];
    assert(sampler->n <= UINT32_MAX);
    for (size_t i = 0; i < sampler->n; i++)
        order[i] = (uint32_t)i;
    if (!sampler->shuffle)
        return;
    snprintf(item, sizeof item, "epoch %" PRIu64, epoch);
    avqa_rng_init(&rng, sampler->seed, item);
    for (size_t i = sampler->n; i > 1; i--) {
        const size_t k = (size_t)avqa_rng_below(&rng, i);
        const uint32_t last = order[i - 1];
        order[i - 1] = order[k];
        order[k] = last;
    }
}

void avqa_sampler_share(size_t *from, size_t *to, const struct avqa_sampler *sampler,
                        size_t step)
{
    const size_t n = sampler->n;
    assert(step < avqa_sampler_steps(sampler));
    const size_t left = n - step * step_size(sampler);
    const size_t before = sampler->rank * sampler->batch;
    const size_t first = before < left ? before : left;
    const size_t rest = left - first;
    *from = n - left + first;
    *to = *from + (rest < sampler->batch ? rest : sampler->batch);
}
