/* The expressions of rules: conditions over the answers and slots of one, two or three
 * questions about the same clip, in the style of the answer language.
 *
 *     expr := name [ "(" expr { "," expr } ")" ] | row [ "$" digit ] | digits | string
 *     row  := "a" | "b" | "c"                        the answer; with $ a slot
 *
 * Names, types, slots and words are looked up once, when the text is read, so that
 * evaluating allocates nothing and cannot fail. A comparison that could never be true
 * (words of different domains, a word that its domain lacks) is an error. */
#ifndef AVQA_QA_CONDITION_H
#define AVQA_QA_CONDITION_H

#include "base/arena.h"
#include "base/intern.h"
#include "base/status.h"
#include "qa/template.h"

#include <stddef.h>
#include <stdint.h>

#define AVQA_RULE_MAX_ROWS 3
#define AVQA_WITNESSES_MAX 16
#define AVQA_CONDITION_MAX_DEPTH 16
#define AVQA_CONDITION_MAX_ARGS 8

enum avqa_condition_type {
    AVQA_CONDITION_TYPE_WORD,
    AVQA_CONDITION_TYPE_NUMBER,
    AVQA_CONDITION_TYPE_TRUTH,
    AVQA_CONDITION_TYPE_SET,
    AVQA_CONDITION_TYPE_ANY, /* asked for only */
};

enum avqa_condition_op {
    AVQA_CONDITION_OP_ANSWER,  /* word: the answer of `row` */
    AVQA_CONDITION_OP_SLOT,    /* word: a slot of `row` */
    AVQA_CONDITION_OP_STRING,  /* word: `symbol` */
    AVQA_CONDITION_OP_IF,      /* word: the second or the third argument */
    AVQA_CONDITION_OP_FORM,    /* word: its form for that many */
    AVQA_CONDITION_OP_INTEGER, /* number: `number` */
    AVQA_CONDITION_OP_VALUE, /* number: what an answer or slot of a number domain counts
                              */
    AVQA_CONDITION_OP_MINUS, /* number */
    AVQA_CONDITION_OP_COUNT, /* number: words of a set, as far as numbers have words */
    AVQA_CONDITION_OP_FALSE, /* truth */
    AVQA_CONDITION_OP_TRUE, /* truth: an answer is the first word of its truth domain */
    AVQA_CONDITION_OP_NOT,  /* truth */
    AVQA_CONDITION_OP_AND,  /* truth */
    AVQA_CONDITION_OP_OR,   /* truth */
    AVQA_CONDITION_OP_GREATER,     /* truth */
    AVQA_CONDITION_OP_SAME_WORD,   /* truth: equal, by the type of its arguments */
    AVQA_CONDITION_OP_SAME_NUMBER, /* truth */
    AVQA_CONDITION_OP_SAME_TRUTH,  /* truth */
    AVQA_CONDITION_OP_AMONG,       /* truth: the first word is one of the others */
    AVQA_CONDITION_OP_HAS,         /* truth: a set has a word */
    AVQA_CONDITION_OP_SET,         /* set: `set` */
    AVQA_CONDITION_OP_WITHOUT,     /* set: but for a word */
};

struct avqa_condition {
    enum avqa_condition_op op;
    enum avqa_condition_type type;
    uint32_t symbol;
    uint32_t row, slot, set;
    int64_t number;
    size_t n_args;
    const struct avqa_condition *const *args;
    /* What a word, or the words of a set, may be; none for text made for a sentence. */
    const struct avqa_domain *const *domains;
    size_t n_domains;
    size_t at; /* where it stands in the text, from 0 */
};

/* A set of words that rows attest, and the domains they come from. */
struct avqa_witness {
    const char *name;
    const struct avqa_domain *domains[AVQA_TEMPLATE_MAX_SLOTS];
    size_t n_domains;
};

/* What an expression may speak of. */
struct avqa_condition_scope {
    struct avqa_arena *arena;    /* expressions live here */
    struct avqa_intern *symbols; /* words become numbers here */
    const struct avqa_template *rows[AVQA_RULE_MAX_ROWS];
    size_t n_rows;
    const struct avqa_witness *witnesses;
    size_t n_witnesses;
    uint32_t used; /* out: bit i is set once witness i was spoken of */
};

/* Reads one expression of this type from text + *at on; *at ends behind it and the
 * space that follows. The message of AVQA_EFORMAT begins with the column, from 1. */
AVQA_CHECK enum avqa_status avqa_condition_read(const struct avqa_condition **out,
                                                struct avqa_condition_scope *scope,
                                                const char *text, size_t *at,
                                                enum avqa_condition_type type);

/* Likewise, where nothing may follow the expression. */
AVQA_CHECK enum avqa_status avqa_condition_parse(const struct avqa_condition **out,
                                                 struct avqa_condition_scope *scope,
                                                 const char *text,
                                                 enum avqa_condition_type type);

#endif
