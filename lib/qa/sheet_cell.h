/* What an expression is worth for the words in its slots, and how that is computed of
 * what its arguments are worth: the functions of evaluate_set.c and evaluate_value.c
 * for scenes whose sets are one number. Private to qa/sheet*.c. */
#ifndef AVQA_QA_SHEET_CELL_H
#define AVQA_QA_SHEET_CELL_H

#include "qa/ill_posed.h"
#include "qa/measure.h"
#include "qa/program.h"
#include "qa/sight.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_sheet_cell {
    union {
        struct {
            uint64_t sure, maybe;
        } set;
        struct {
            union {
                size_t thing;
                int64_t count; /* of a slot that is a word: its place in its domain */
                double measure;
                enum avqa_place place;
                bool truth;
            };
            const char *word; /* of kinds, scenes, words, and of every slot */
        };
    };
    uint64_t evidence;
    uint8_t reason; /* an enum avqa_ill_posed; nothing else counts if it is one */
    uint8_t unit;   /* of a measure: the operation that asked for it */
    bool by_sound;
    bool is_text; /* a string of the program */
};

/* The clip in hand, and what is too close to tell apart. */
struct avqa_sheet_room {
    struct avqa_sight sight;
    const struct avqa_margins *margins;
    double louder_db; /* the margin of loudness, as avqa_measure_louder_db has it */
};

/* A slot with a word of its domain in it. */
void avqa_sheet_slot(struct avqa_sheet_cell *out, const struct avqa_sheet_room *room,
                     const struct avqa_program_node *n, const struct avqa_domain *d,
                     const char *word);

/* A node without arguments that is no slot. */
void avqa_sheet_leaf(struct avqa_sheet_cell *out, const struct avqa_sheet_room *room,
                     const struct avqa_program_node *n);

/* Where the arguments of cells that follow each other are, and how far apart. */
struct avqa_sheet_arguments {
    const struct avqa_sheet_cell *cells[AVQA_PROGRAM_MAX_ARGS];
    size_t steps[AVQA_PROGRAM_MAX_ARGS];
};

/* Any other node, `n` times, at least once; `slots` are its template's. Of arguments
 * that it does not have it does not matter where they are. */
void avqa_sheet_compute(struct avqa_sheet_cell *out, size_t n,
                        struct avqa_sheet_room *room,
                        const struct avqa_program_node *node,
                        const struct avqa_domain *const *slots,
                        const struct avqa_sheet_arguments *args);

/* One whose result is a set, by name and arguments (sheet_set.c). `out` has the
 * evidence of the arguments, which are well-posed. */
void avqa_sheet_set(struct avqa_sheet_cell *out, struct avqa_sheet_room *room,
                    const struct avqa_program_node *n, const struct avqa_sheet_cell *a,
                    const struct avqa_sheet_cell *b);

/* The first reason counts. */
static inline void avqa_sheet_ill(struct avqa_sheet_cell *cell,
                                  enum avqa_ill_posed reason)
{
    if (cell->reason == AVQA_WELL_POSED)
        cell->reason = (uint8_t)reason;
}

/* What a cell rests on and why it cannot be had goes on to what is made of it. */
static inline void avqa_sheet_pass_on(struct avqa_sheet_cell *out,
                                      const struct avqa_sheet_cell *cell)
{
    out->evidence |= cell->evidence;
    out->by_sound = out->by_sound || cell->by_sound;
    avqa_sheet_ill(out, (enum avqa_ill_posed)cell->reason);
}

/* Whether two measures are too close to tell apart; logarithms are not taken again. */
static inline bool avqa_sheet_alike(const struct avqa_sheet_room *room,
                                    enum avqa_program_op op, double a, double b)
{
    if (op == AVQA_OP_LOUDNESS || op == AVQA_OP_LOUDEST || op == AVQA_OP_QUIETEST)
        return (a > b ? a - b : b - a) < room->louder_db;
    return avqa_measure_alike(room->margins, op, a, b);
}

/* A number of an instance out of those that the operation compares, as far as it has
 * one. */
static inline double avqa_sheet_number(struct avqa_sheet_cell *out,
                                       const struct avqa_sight_number *numbers,
                                       enum avqa_program_op op, size_t i)
{
    out->by_sound = out->by_sound || !avqa_measure_is_place(op);
    if (numbers[i].reason != AVQA_WELL_POSED)
        avqa_sheet_ill(out, numbers[i].reason);
    return numbers[i].value;
}

static inline double avqa_sheet_measure(struct avqa_sheet_cell *out,
                                        struct avqa_sheet_room *room,
                                        enum avqa_program_op op, size_t i)
{
    return avqa_sheet_number(out, avqa_sight_numbers(&room->sight, op), op, i);
}

#endif
