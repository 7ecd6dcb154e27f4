/* In which order questions are met: a pure function of seed and epoch, so that a run
 * can go on at any step, and of rank and world, so that every rank knows its part.
 *
 * An epoch is one permutation of all questions. Step k takes the k-th stretch of batch
 * times world of it, and a rank its share of that, so the questions of a step are the
 * same for world ranks with batch each and for one with world times as many. The last
 * step may have fewer; nothing is left out. */
#ifndef AVQA_TRAIN_SAMPLER_H
#define AVQA_TRAIN_SAMPLER_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_sampler {
    uint64_t seed;
    size_t n;           /* questions */
    size_t batch;       /* of a rank, > 0 */
    size_t rank, world; /* rank < world */
    bool shuffle;       /* else in their order, for evaluation */
};

/* Steps of an epoch, the same for all ranks. */
size_t avqa_sampler_steps(const struct avqa_sampler *sampler);
/* The permutation of an epoch into order[n]. */
void avqa_sampler_order(uint32_t *order, const struct avqa_sampler *sampler,
                        uint64_t epoch);
/* Which stretch of it this rank has at a step; it may be empty at the last one. */
void avqa_sampler_share(size_t *from, size_t *to, const struct avqa_sampler *sampler,
                        size_t step);

#endif
