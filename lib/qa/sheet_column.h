/* Columns: parts of programs with a cell for each way to fill their slots over the clip
 * in hand. Programs of one template file share columns by their shape (qa/program.h).
 * Private to qa/sheet*.c. */
#ifndef AVQA_QA_SHEET_COLUMN_H
#define AVQA_QA_SHEET_COLUMN_H

#include "qa/sheet.h"
#include "qa/sheet_cell.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AVQA_SHEET_MAX_DIMS = 2, AVQA_SHEET_MAX_SHAPES = 4096 };

/* An argument's place in the cells of its own column: how far apart neighbours are, by
 * slot of the node that it is an argument of. */
struct avqa_sheet_stride {
    bool depends;       /* on that slot */
    bool by_other_slot; /* cells lie as far apart as the argument's second slot is wide
                         */
    uint16_t other;     /* domain of that slot */
};

struct avqa_sheet_column {
    const struct avqa_program_node *node;   /* that it was made for; others are alike */
    const struct avqa_domain *const *slots; /* of that node's template */
    uint16_t domains[AVQA_SHEET_MAX_DIMS];  /* of the node's slots */
    uint32_t args[AVQA_PROGRAM_MAX_ARGS];   /* columns */
    struct avqa_sheet_stride strides[AVQA_PROGRAM_MAX_ARGS][AVQA_SHEET_MAX_DIMS];
    bool is_constant; /* it depends on words alone, and they are those of every clip */
    uint32_t round;   /* the clip that the cells are of */
    size_t cap;
    struct avqa_sheet_cell *cells;
};

struct avqa_sheet_columns {
    const struct avqa_domain *domains;    /* of the template file */
    const struct avqa_sheet_words *words; /* by domain, of the clip in hand */
    struct avqa_sheet_room room;
    struct avqa_sheet_column *items;
    size_t n, cap;
    uint32_t by_shape[AVQA_SHEET_MAX_SHAPES]; /* column + 1, or 0 */
    uint32_t round;
};

/* The column of a node of a template and those of its arguments, made if there are
 * none. False if it, or one of them, depends on more than two slots. */
bool avqa_sheet_column_add(uint32_t *out, struct avqa_sheet_columns *columns,
                           const struct avqa_template *t,
                           const struct avqa_program_node *n);

/* Another clip, whose sight was taken. */
void avqa_sheet_columns_turn(struct avqa_sheet_columns *columns);

/* The cells of a column, by the first slot and then by the second. They stay until the
 * next clip. */
const struct avqa_sheet_cell *
avqa_sheet_column_cells(struct avqa_sheet_columns *columns, uint32_t number);

void avqa_sheet_columns_release(struct avqa_sheet_columns *columns);

#endif
