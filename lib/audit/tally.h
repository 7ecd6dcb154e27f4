/* How often each answer stands in each group of questions: the one count from which
 * priors, entropies, dominant answers, head and tail all follow. */
#ifndef AVQA_AUDIT_TALLY_H
#define AVQA_AUDIT_TALLY_H

#include "audit/table.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* What makes a group. */
enum avqa_grouping {
    AVQA_GROUP_ALL,
    AVQA_GROUP_TYPE, /* modality and type: "Audio/Counting" */
    AVQA_GROUP_TEMPLATE,
    AVQA_GROUP_SLOTS, /* template and slot values */
};

struct avqa_tally_cell {
    uint64_t group;
    uint32_t answer;
    uint32_t n;
};

/* Cells in order of group, and within it from the most frequent answer down; equal ones
 * in lexicographic order. */
struct avqa_tally {
    struct avqa_tally_cell *cells;
    size_t n, cap;
    uint32_t *slots; /* while counting, or once indexed: cell + 1 by hash */
    size_t n_slots;
    size_t total; /* rows counted */
};

/* The group of a row. Types are numbered by the first template that has them. */
uint64_t avqa_grouping_of(const struct avqa_audit_table *t,
                          const struct avqa_audit_row *row, enum avqa_grouping by);

/* Counts the rows of a range. `*tally` starts zero; release it in any case. */
AVQA_CHECK enum avqa_status avqa_tally_rows(struct avqa_tally *tally,
                                            const struct avqa_audit_table *t,
                                            struct avqa_audit_range range,
                                            enum avqa_grouping by);
/* Adds n to one cell; the cells are then in no order. */
AVQA_CHECK enum avqa_status avqa_tally_add(struct avqa_tally *tally, uint64_t group,
                                           uint32_t answer, uint32_t n);
void avqa_tally_release(struct avqa_tally *tally);

/* The cells of the group that begins at cell `i`: index behind its last one, and the
 * number of its rows into *n. */
size_t avqa_tally_group_end(const struct avqa_tally *tally, size_t i, uint64_t *n);

/* First cell (the most frequent answer) of a group, or NULL if it was never met. */
const struct avqa_tally_cell *avqa_tally_find(const struct avqa_tally *tally,
                                              uint64_t group);

/* Where the cell of an answer stands, once avqa_tally_index was called for the sorted
 * cells; it must have been counted. */
void avqa_tally_index(struct avqa_tally *tally);
size_t avqa_tally_place(const struct avqa_tally *tally, uint64_t group,
                        uint32_t answer);

/* Conditional entropy H(answer | group) in bits. */
double avqa_tally_entropy(const struct avqa_tally *tally);

#endif
