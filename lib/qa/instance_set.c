/* See instance_set.h. Places are not checked: they come from walks over a scene, which
 * has no more than AVQA_FACTS_MAX_INSTANCES. */
#include "qa/instance_set.h"

bool avqa_instance_set_has(const struct avqa_instance_set *set, size_t i)
{
    return set->bits[i / 64] >> (i % 64) & 1;
}

void avqa_instance_set_add(struct avqa_instance_set *set, size_t i)
{
    set->bits[i / 64] |= (uint64_t)1 << (i % 64);
}

size_t avqa_instance_set_size(const struct avqa_instance_set *set)
{
    size_t n = 0;
    for (size_t w = 0; w < AVQA_INSTANCE_SET_WORDS; w++)
        n += (size_t)__builtin_popcountll(set->bits[w]);
    return n;
}

struct avqa_instance_set avqa_instance_set_join(const struct avqa_instance_set *a,
                                                const struct avqa_instance_set *b)
{
    struct avqa_instance_set out;
    for (size_t w = 0; w < AVQA_INSTANCE_SET_WORDS; w++)
        out.bits[w] = a->bits[w] | b->bits[w];
    return out;
}

struct avqa_instance_set avqa_instance_set_without(const struct avqa_instance_set *a,
                                                   const struct avqa_instance_set *b)
{
    struct avqa_instance_set out;
    for (size_t w = 0; w < AVQA_INSTANCE_SET_WORDS; w++)
        out.bits[w] = a->bits[w] & ~b->bits[w];
    return out;
}

bool avqa_instance_set_is_empty(const struct avqa_instance_set *set)
{
    uint64_t any = 0;
    for (size_t w = 0; w < AVQA_INSTANCE_SET_WORDS; w++)
        any |= set->bits[w];
    return any == 0;
}
