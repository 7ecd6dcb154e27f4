/* See rng.h. */
#include "base/rng.h"
#include "base/hash.h"

#include <assert.h>

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

void avqa_rng_init(struct avqa_rng *rng, uint64_t seed, const char *item)
{
    uint64_t state = avqa_hash_str(seed, item);
    for (int i = 0; i < 4; i++)
        rng->s[i] = splitmix64(&state);
}

uint64_t avqa_rng_next(struct avqa_rng *rng)
{
    uint64_t *s = rng->s;
    uint64_t result = rotl(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

uint64_t avqa_rng_below(struct avqa_rng *rng, uint64_t n)
{
    assert(n > 0);
    uint64_t reject = (UINT64_MAX - n + 1) % n; /* 2^64 mod n low values are dropped */
    uint64_t x;
    do {
        x = avqa_rng_next(rng);
    } while (x < reject);
    return x % n;
}

double avqa_rng_unit(struct avqa_rng *rng)
{
    return (double)(avqa_rng_next(rng) >> 11) * 0x1p-53;
}
