/* The kind of each question of a set ("Audio/Counting"), by which accuracies are told.
 */
#ifndef AVQA_PIPELINE_QUESTION_TYPES_H
#define AVQA_PIPELINE_QUESTION_TYPES_H

#include "base/arena.h"
#include "base/status.h"
#include "catalog/catalog.h"
#include "train/set.h"

#include <stddef.h>
#include <stdint.h>

/* Zero is valid: empty. */
struct avqa_question_types {
    struct avqa_arena arena;
    const char **names; /* in the order of the templates */
    size_t n;
    uint32_t *of; /* [questions of the set] */
};

void avqa_question_types_release(struct avqa_question_types *types);

/* Of a set's questions, all of which belong to `split`. `*out` starts zero; release it
 * in any case. */
AVQA_CHECK enum avqa_status avqa_question_types_load(struct avqa_question_types *out,
                                                     struct avqa_catalog *cat,
                                                     const char *split,
                                                     const struct avqa_train_set *set);

#endif
