/* Memory for one batch, and the rows it holds; loader.c uses a few in turn. */
#ifndef AVQA_TRAIN_SLOT_H
#define AVQA_TRAIN_SLOT_H

#include "base/status.h"
#include "model/model.h"
#include "train/needs.h"
#include "train/rows.h"

#include <stddef.h>
#include <stdint.h>

/* Zero is valid until _init. */
struct avqa_slot {
    struct avqa_batch batch;
    uint32_t *questions;
    int32_t *words, *answers;
    avqa_real *sound;
    struct avqa_map *maps;
    struct avqa_row **rows; /* in the order of avqa_needs_list */
    size_t n_rows;
    size_t n_missing; /* of these, not read yet */
};

/* For batches of up to `n` questions of the needs' set. */
AVQA_CHECK enum avqa_status avqa_slot_init(struct avqa_slot *slot,
                                           const struct avqa_needs *needs, size_t n);
void avqa_slot_release(struct avqa_slot *slot);

/* Takes up n questions: what of them needs no reading. */
void avqa_slot_ask(struct avqa_slot *slot, const struct avqa_needs *needs,
                   const uint32_t *questions, size_t n);
/* Takes the rows, none of which is missing, into the batch. If any failed, the failure
 * is that of the first one, whoever noticed first. */
AVQA_CHECK enum avqa_status avqa_slot_fill(struct avqa_slot *slot,
                                           const struct avqa_needs *needs);

#endif
