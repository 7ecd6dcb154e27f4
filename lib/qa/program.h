/* The answer language: a template names its answer as an expression over the facts,
 * such as count(sounding(visible(all))), so that a new template needs no C.
 *
 *     expr := name [ "(" expr { "," expr } ")" ] | "$" digits | number | string
 *
 * A program is parsed and type-checked once, when its template file is loaded; a
 * mistake names its column. qa/evaluate.h runs it over the facts of a clip. Every
 * function is described in docs/templates.md. */
#ifndef AVQA_QA_PROGRAM_H
#define AVQA_QA_PROGRAM_H

#include "base/arena.h"
#include "base/intern.h"
#include "base/status.h"
#include "qa/domain.h"

#include <stddef.h>
#include <stdint.h>

#define AVQA_PROGRAM_MAX_DEPTH 32
#define AVQA_PROGRAM_MAX_ARGS 3
#define AVQA_PROGRAM_MAX_SLOTS 8

/* What an expression is worth. Bits, so that a parameter can accept several. */
enum avqa_program_type {
    AVQA_TYPE_SET = 1,     /* instances */
    AVQA_TYPE_THING = 2,   /* one instance */
    AVQA_TYPE_COUNT = 4,   /* a whole number */
    AVQA_TYPE_MEASURE = 8, /* loudness, rhythm, duration: compared with a margin */
    AVQA_TYPE_KIND = 16,   /* what an instance is: "violin" */
    AVQA_TYPE_PLACE = 32,  /* left, right, middle */
    AVQA_TYPE_SCENE = 64,  /* indoor, outdoor */
    AVQA_TYPE_TRUTH = 128,
    AVQA_TYPE_WORD = 256, /* a string, or a slot that only says an order */
};

enum avqa_program_op {
    AVQA_OP_ALL,
    AVQA_OP_VISIBLE,
    AVQA_OP_SOUNDING,
    AVQA_OP_SILENT,
    AVQA_OP_OFFSCREEN,
    AVQA_OP_IS,
    AVQA_OP_AT,
    AVQA_OP_FIRST,
    AVQA_OP_LAST,
    AVQA_OP_NTH,
    AVQA_OP_LOUDEST,
    AVQA_OP_QUIETEST,
    AVQA_OP_LEFTMOST,
    AVQA_OP_RIGHTMOST,
    AVQA_OP_NEIGHBOUR,
    AVQA_OP_OVERLAPPING,
    AVQA_OP_PRECEDING,
    AVQA_OP_FOLLOWING,
    AVQA_OP_UNION,
    AVQA_OP_INTERSECT,
    AVQA_OP_MINUS,
    AVQA_OP_UNIQUE,
    AVQA_OP_COUNT,
    AVQA_OP_TYPES,
    AVQA_OP_KIND,
    AVQA_OP_PLACE,
    AVQA_OP_SCENE,
    AVQA_OP_VOICEOVER,
    AVQA_OP_LOUDNESS,
    AVQA_OP_RHYTHM,
    AVQA_OP_DURATION,
    AVQA_OP_COVERS,
    AVQA_OP_ONSET,
    AVQA_OP_EXISTS,
    AVQA_OP_GREATER,
    AVQA_OP_EQUAL,
    AVQA_OP_AND,
    AVQA_OP_OR,
    AVQA_OP_NOT,
    AVQA_OP_IF,
    AVQA_OP_GIVEN,
    AVQA_OP_SLOT,
    AVQA_OP_NUMBER,
    AVQA_OP_STRING,
};

/* A node of a program. Arguments come before their function in evaluation. */
struct avqa_program_node {
    enum avqa_program_op op;
    enum avqa_program_type type;
    size_t column; /* from 1 */
    const struct avqa_program_node *args[AVQA_PROGRAM_MAX_ARGS];
    size_t n_args;
    size_t slot;      /* AVQA_OP_SLOT */
    int64_t number;   /* AVQA_OP_NUMBER */
    const char *text; /* AVQA_OP_STRING */
    /* Nodes of one shape are worth the same for the same words in their slots, whatever
     * program they stand in. AVQA_INTERN_NONE without scope->shapes. */
    uint32_t shape;
    uint8_t slots[AVQA_PROGRAM_MAX_SLOTS]; /* it depends on, in order of appearance */
    size_t n_slots;
};

/* What a program may refer to: the template's slots and the words it may answer with.
 */
struct avqa_program_scope {
    const struct avqa_domain *const *slots;
    size_t n_slots;
    const struct avqa_domain *const *answers;
    size_t n_answers;
    struct avqa_intern *shapes; /* of all programs that may share; or NULL */
};

/* Parses and checks `text`; the nodes live in `arena`. AVQA_EFORMAT begins with the
 * column. */
AVQA_CHECK enum avqa_status avqa_program_parse(const struct avqa_program_node **out,
                                               struct avqa_arena *arena,
                                               const char *text,
                                               const struct avqa_program_scope *scope);

/* What a function is called; NULL for what is none: slots, numbers, strings. */
const char *avqa_program_name(enum avqa_program_op op);

/* The part of a program that is looked at first and depends on fewer of its slots:
 * where it is ill-posed, the whole is, for the same reason. NULL if there is none. */
const struct avqa_program_node *
avqa_program_first(const struct avqa_program_node *program);

/* The program without what a slot narrows: every is(s, $slot) and at(s, $slot) becomes
 * s. AVQA_EFORMAT if the slot narrows nothing, or does more than that. */
AVQA_CHECK enum avqa_status
avqa_program_without(const struct avqa_program_node **out, struct avqa_arena *arena,
                     const struct avqa_program_node *program, size_t slot,
                     const struct avqa_program_scope *scope);

/* The domain of the template's answers whose words stand for this type, or NULL. */
const struct avqa_domain *avqa_program_answers(const struct avqa_program_scope *scope,
                                               enum avqa_program_type type);

#endif
