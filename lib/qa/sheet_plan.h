/* What a sheet has to know of a template before any clip: where its programs find their
 * arguments, and what it says of words, turned into comparisons of their numbers. A
 * template for which that would not be the same (a word that stands twice in a domain)
 * is not for sheets. Private to qa/sheet*.c. */
#ifndef AVQA_QA_SHEET_PLAN_H
#define AVQA_QA_SHEET_PLAN_H

#include "qa/sheet.h"
#include "qa/sheet_column.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A slot whose word is always number 0, for what depends on fewer than two. */
enum { AVQA_SHEET_NO_SLOT = AVQA_TEMPLATE_MAX_SLOTS };

/* Where the cell of an argument is found: at[far] * stride + at[near]. */
struct avqa_sheet_argument {
    uint32_t column;
    uint8_t far, near;
    size_t stride;
    const struct avqa_sheet_cell *cells; /* of the clip in hand */
};

/* A program that is computed for each filling. */
struct avqa_sheet_root {
    const struct avqa_program_node *node;
    struct avqa_sheet_argument args[AVQA_PROGRAM_MAX_ARGS];
    uint32_t round; /* the clip that its arguments are of */
};

/* Slots that must not all have the same words as others. */
struct avqa_sheet_rivals {
    uint8_t n;
    uint8_t a[AVQA_TEMPLATE_MAX_SLOTS], b[AVQA_TEMPLATE_MAX_SLOTS];
};

/* A template as a sheet asks it. */
struct avqa_sheet_plan {
    const struct avqa_template *t;
    struct avqa_program_scope scope;
    struct avqa_sheet_order order;
    struct avqa_sheet_argument first; /* that part; it is a column */
    struct avqa_sheet_root answer, needed[AVQA_TEMPLATE_MAX_SLOTS];
    const struct avqa_domain *answers; /* of the program's type */
    size_t base;                       /* of these among all answers */
    struct avqa_sheet_rivals same[AVQA_TEMPLATE_MAX_SLOTS * AVQA_TEMPLATE_MAX_SLOTS /
                                  2]; /* two names of one thing */
    size_t n_same;
    struct avqa_sheet_rivals places[AVQA_TEMPLATE_MAX_SLOTS * AVQA_TEMPLATE_MAX_SLOTS /
                                    2]; /* of things told apart by them */
    size_t n_places;
    uint16_t senseless[AVQA_TEMPLATE_MAX_SLOTS]; /* word of the template's
                                                    senseless[i].slot */
    bool may_repeat;                             /* an answer may be a word of a slot */
    bool fits;
};

/* Plans for a template, and adds the columns that it needs. `*out` is zeroed; the
 * template stays borrowed. */
void avqa_sheet_plan(struct avqa_sheet_plan *out, struct avqa_sheet_columns *columns,
                     const struct avqa_template *t);

#endif
