/* What the sub-expressions of programs are worth for one clip, so that each is looked
 * at once for the words it depends on: "the violin on the left" stands in many
 * questions. Programs of one template file share them by their shape (qa/program.h).
 *
 * The memory is fixed: what does not fit is evaluated anew each time. */
#ifndef AVQA_QA_MEMO_H
#define AVQA_QA_MEMO_H

#include "qa/program.h"

#include <stddef.h>
#include <stdint.h>

/* The words in a template's slots, and which of the words tried for a slot's domain
 * each is. Slots of one domain try the same words. */
struct avqa_filling {
    const char *const *values;
    const uint16_t *at;      /* or NULL: nothing is remembered */
    const uint16_t *n_words; /* words tried, by slot */
};

struct avqa_memo;

/* Cells of `size` bytes. */
struct avqa_memo *avqa_memo_new(size_t size);
void avqa_memo_free(struct avqa_memo *memo); /* NULL is legal */

/* Forgets everything: another clip, or other words. */
void avqa_memo_clear(struct avqa_memo *memo);

/* The cell of a node for the words in its slots, zeroed when it is new; NULL if there
 * is none for it. It stays until the next clear. */
void *avqa_memo_cell(struct avqa_memo *memo, const struct avqa_program_node *node,
                     const struct avqa_filling *filling);

#endif
