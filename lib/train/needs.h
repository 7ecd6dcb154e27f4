/* Which rows a batch needs: those of its questions' clips and, for a model that
 * compares, as many of other clips. Pure: nothing is read, and what is needed follows
 * from seed, epoch and questions. */
#ifndef AVQA_TRAIN_NEEDS_H
#define AVQA_TRAIN_NEEDS_H

#include "model/model.h"
#include "train/negatives.h"
#include "train/set.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum avqa_negatives {
    AVQA_NEGATIVES_CORPUS, /* any row of any other clip of the set, as published */
    AVQA_NEGATIVES_BATCH, /* rows of other clips of the same batch of this rank: nothing
                           * is read. A batch of one clip has none */
    AVQA_NEGATIVES_NONE,  /* answers do not depend on them: evaluation does without */
};

/* In a place's row: all that is wanted of the clip's sound, which is one row here. */
#define AVQA_NEEDS_SOUND UINT32_MAX

/* Zero is valid until _init. */
struct avqa_needs {
    const struct avqa_train_set *set;
    const struct avqa_model *model;
    enum avqa_negatives negatives;
    uint64_t seed;
    size_t stride, n_seconds;
    struct avqa_negative_pool corpus, mates; /* mates: clips of the batch in hand */
    uint32_t *mate_clips;
    size_t *mate_of; /* for each question of the batch, which of the mates */
};

/* Makes what the five fields before the pools ask for, for batches of up to `batch`. */
AVQA_CHECK enum avqa_status avqa_needs_init(struct avqa_needs *needs, size_t batch);
void avqa_needs_release(struct avqa_needs *needs);

/* Room for the rows of a batch of n. */
size_t avqa_needs_room(const struct avqa_needs *needs, size_t n);
/* The rows of a batch of n questions, into out: for each question its sound, then its
 * seconds, then (if *has_others) as many rows of other clips. Returns how many. */
size_t avqa_needs_list(struct avqa_row_place *out, bool *has_others,
                       struct avqa_needs *needs, uint64_t epoch,
                       const uint32_t *questions, size_t n);

#endif
