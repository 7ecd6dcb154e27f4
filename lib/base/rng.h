/* Seeded streams of random numbers. The stream of an item is made from the run's seed
 * and the item's name, so a result never depends on order or on the number of workers.
 * Generator: xoshiro256** (Blackman and Vigna, 2018), seeded through SplitMix64. */
#ifndef AVQA_BASE_RNG_H
#define AVQA_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct avqa_rng {
    uint64_t s[4];
};

/* The stream of `item` under `seed`. */
void avqa_rng_init(struct avqa_rng *rng, uint64_t seed, const char *item);

uint64_t avqa_rng_next(struct avqa_rng *rng);

/* Uniform in [0, n) without modulo bias; n > 0. */
uint64_t avqa_rng_below(struct avqa_rng *rng, uint64_t n);

/* Uniform in [0, 1), 53 bits. */
double avqa_rng_unit(struct avqa_rng *rng);

#endif
