/* Some of the instances of a scene, as bits by their place in it, so that sets cost no
 * memory. Places are not checked: they come from walks over a scene, which has no more
 * than AVQA_FACTS_MAX_INSTANCES. Inline, because generating asks millions of times. */
#ifndef AVQA_QA_INSTANCE_SET_H
#define AVQA_QA_INSTANCE_SET_H

#include "qa/facts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AVQA_INSTANCE_SET_WORDS = AVQA_FACTS_MAX_INSTANCES / 64 };

/* Zero is the empty set. */
struct avqa_instance_set {
    uint64_t bits[AVQA_INSTANCE_SET_WORDS];
};

static inline bool avqa_instance_set_has(const struct avqa_instance_set *set, size_t i)
{
    return set->bits[i / 64] >> (i % 64) & 1;
}

static inline void avqa_instance_set_add(struct avqa_instance_set *set, size_t i)
{
    set->bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static inline bool avqa_instance_set_is_empty(const struct avqa_instance_set *set)
{
    uint64_t any = 0;
    for (size_t w = 0; w < AVQA_INSTANCE_SET_WORDS; w++)
        any |= set->bits[w];
    return any == 0;
}

/* How many there are. */
static inline size_t avqa_instance_set_size(const struct avqa_instance_set *set)
{
    size_t n = 0;
    for (size_t w = 0; w < AVQA_INSTANCE_SET_WORDS; w++) {
        for (uint64_t bits = set->bits[w]; bits; bits &= bits - 1)
            n++;
    }
    return n;
}

/* `set` with those of `more`. */
static inline void avqa_instance_set_join(struct avqa_instance_set *set,
                                          const struct avqa_instance_set *more)
{
    for (size_t w = 0; w < AVQA_INSTANCE_SET_WORDS; w++)
        set->bits[w] |= more->bits[w];
}

/* Those of `a` but not of `b`. */
static inline struct avqa_instance_set
avqa_instance_set_without(const struct avqa_instance_set *a,
                          const struct avqa_instance_set *b)
{
    struct avqa_instance_set out;
    for (size_t w = 0; w < AVQA_INSTANCE_SET_WORDS; w++)
        out.bits[w] = a->bits[w] & ~b->bits[w];
    return out;
}

#endif
