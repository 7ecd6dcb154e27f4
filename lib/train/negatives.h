/* Rows of other clips, drawn for a question: each row of each clip but the question's
 * own is as likely as any other (Li et al., CVPR 2022, section 4.2; the published
 * reader draws until the clip is another one, which is the same). What is drawn follows
 * from seed, epoch and question alone. Nothing keeps another clip from showing the same
 * instrument; the published one does not either. */
#ifndef AVQA_TRAIN_NEGATIVES_H
#define AVQA_TRAIN_NEGATIVES_H

#include "base/rng.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* A row: the number of a clip, and of a row of it. */
struct avqa_row_place {
    uint32_t clip, row;
};

/* What there is to draw from. Zero is valid: nothing. */
struct avqa_negative_pool {
    uint64_t *until; /* rows of the clips up to and with the i-th */
    size_t n, cap;
};

void avqa_negatives_release(struct avqa_negative_pool *negatives);
void avqa_negatives_clear(struct avqa_negative_pool *negatives);
/* Adds the next clip, which has this many rows. */
void avqa_negatives_add(struct avqa_negative_pool *negatives, size_t n_rows);

/* How many rows there are beside those of a clip. */
uint64_t avqa_negatives_count(const struct avqa_negative_pool *negatives, size_t own);

/* Draws n of them; the count must not be zero. */
void avqa_negatives_draw(struct avqa_row_place *out, size_t n, struct avqa_rng *rng,
                         const struct avqa_negative_pool *negatives, size_t own);

/* The stream to draw from for a question in an epoch. */
void avqa_negatives_stream(struct avqa_rng *rng, uint64_t seed, uint64_t epoch,
                           uint32_t question);

#endif
