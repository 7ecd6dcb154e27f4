/* Some of the instances of a scene, as bits by their place in it, so that sets cost no
 * memory. */
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

bool avqa_instance_set_has(const struct avqa_instance_set *set, size_t i);
bool avqa_instance_set_is_empty(const struct avqa_instance_set *set);
/* How many there are. */
size_t avqa_instance_set_size(const struct avqa_instance_set *set);
void avqa_instance_set_add(struct avqa_instance_set *set, size_t i);
/* Those of `a` or of `b`, and those of `a` but not of `b`. */
struct avqa_instance_set avqa_instance_set_join(const struct avqa_instance_set *a,
                                                const struct avqa_instance_set *b);
struct avqa_instance_set avqa_instance_set_without(const struct avqa_instance_set *a,
                                                   const struct avqa_instance_set *b);

#endif
