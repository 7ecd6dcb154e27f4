/* Encoding one question: what an expression is worth in literals, and the run that
 * gathers when the question is well-posed. Private to qa/encode*.c, which say what
 * qa/evaluate*.c compute. */
#ifndef AVQA_QA_ENCODE_RUN_H
#define AVQA_QA_ENCODE_RUN_H

#include "qa/encode.h"
#include "qa/program.h"
#include "qa/sat.h"
#include "qa/symbolic.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    AVQA_ENCODE_LEVELS = 24,   /* counts are told apart up to here */
    AVQA_ENCODE_MAX_TEXTS = 4, /* answers in words that one program may give */
};

/* By type: members (set, thing), kinds, places, words of scenes, or for counts whether
 * it is more than 0, 1, ...; a truth is the first. */
struct avqa_encode_value {
    int literals[AVQA_SYMBOLIC_ALL_KINDS];
    /* Of a set: who may be in it, since nobody could say where it stands. */
    int maybe[AVQA_SYMBOLIC_MAX];
    enum avqa_program_op unit;
    const char *word;
    bool is_number; /* a count that does not depend on the scene: */
    int64_t number;
    int at[3];              /* a set of what stands at a place: which */
    bool is_kept;           /* a member of this set is kept already; see width */
    size_t if_true, if_not; /* how many instances keep a truth so; see width */
    size_t if_used;         /* and how many more the branch that it comes from */
    struct {
        int when;
        const char *word;
        size_t if_used;
    } texts[AVQA_ENCODE_MAX_TEXTS]; /* answers in words instead */
    size_t n_texts;
};

struct avqa_encode_run {
    struct avqa_symbolic *s;
    struct avqa_sat *sat;
    const struct avqa_program_scope *scope;
    const char *const *values;
    int path; /* the branch is taken */
    struct avqa_encoded *out;
};

/* ---- values and what they rest on (encode_run.c) ---- */

/* How many literals a value of a type has. */
size_t avqa_encode_size(const struct avqa_encode_run *r, enum avqa_program_type type);

/* All literals false. */
struct avqa_encode_value avqa_encode_nothing(void);

/* A truth. */
struct avqa_encode_value avqa_encode_truth(int literal);

/* Otherwise the question is ill-posed. */
void avqa_encode_must(struct avqa_encode_run *r, int condition);

/* The program does something that has no clauses. */
struct avqa_encode_value avqa_encode_unknown(struct avqa_encode_run *r);

/* Unbounded if one of them is. */
size_t avqa_encode_add_widths(size_t a, size_t b);

/* The larger. */
size_t avqa_encode_more_of(size_t a, size_t b);

/* The question rests on so many instances more. */
void avqa_encode_widen(struct avqa_encode_run *r, size_t by);

/* A truth that this many instances keep. */
struct avqa_encode_value avqa_encode_kept_truth(int literal, size_t if_true,
                                                size_t if_not);

/* To make something else of a set, all its members must be known. */
void avqa_encode_whole(struct avqa_encode_run *r, const struct avqa_encode_value *set);

/* Whether a and b hold for some i. */
int avqa_encode_some_both(struct avqa_encode_run *r, const int *a, const int *b,
                          size_t n);

/* The order that an operation asks for. */
const struct avqa_symbolic_order *avqa_encode_order(struct avqa_encode_run *r,
                                                    enum avqa_program_op op);

/* i has clearly less of what the operation measures. */
int avqa_encode_clear(struct avqa_encode_run *r, enum avqa_program_op op, size_t i,
                      size_t j);

/* All members have what the operation measures. */
void avqa_encode_must_have(struct avqa_encode_run *r, enum avqa_program_op op,
                           const int *set);

/* ---- expressions without arguments (encode_leaf.c) ---- */

/* Where a word stands among `n`; `n` if it does not. */
size_t avqa_encode_find_word(const char *const *words, size_t n, const char *word);

/* The scenes that a word of a domain stands for. */
struct avqa_encode_value avqa_encode_scenes_of(struct avqa_encode_run *r,
                                               const struct avqa_domain *d,
                                               size_t position);

/* An expression without arguments. */
struct avqa_encode_value avqa_encode_leaf(struct avqa_encode_run *r,
                                          const struct avqa_program_node *n);

/* ---- functions, their arguments encoded (encode_set.c, encode_value.c) ---- */

/* A function whose result is a set. */
struct avqa_encode_value avqa_encode_set(struct avqa_encode_run *r,
                                         const struct avqa_program_node *n,
                                         const struct avqa_encode_value *a,
                                         const struct avqa_encode_value *b);

/* A function of one value, no set. */
struct avqa_encode_value avqa_encode_single(struct avqa_encode_run *r,
                                            const struct avqa_program_node *n,
                                            const struct avqa_encode_value *a);

/* A function of two values, no set; both may be capped. */
struct avqa_encode_value avqa_encode_pair(struct avqa_encode_run *r,
                                          const struct avqa_program_node *n,
                                          struct avqa_encode_value *a,
                                          struct avqa_encode_value *b);

#endif
