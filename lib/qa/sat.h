/* Clauses and gates for a SAT solver (CaDiCaL), and the one place that knows it. A
 * literal is a number, its negation the negative; AVQA_SAT_TRUE is always true, and
 * gates fold constants, so that what is known costs no clause.
 *
 * Solving is bounded by conflicts and by steps, never by time: the outcome is the same
 * everywhere. */
#ifndef AVQA_QA_SAT_H
#define AVQA_QA_SAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AVQA_SAT_TRUE = 1, AVQA_SAT_FALSE = -1 };

enum avqa_sat_outcome {
    AVQA_SAT_UNDECIDED, /* too many conflicts, or no steps left */
    AVQA_SAT_FOUND,     /* the literals have values now */
    AVQA_SAT_NONE,      /* the assumptions cannot all hold */
};

struct avqa_sat;

/* `steps` are shared by all that count them down; borrowed. */
struct avqa_sat *avqa_sat_new(int64_t *steps);
void avqa_sat_free(struct avqa_sat *sat); /* NULL is legal */

/* A literal that is free. */
int avqa_sat_literal(struct avqa_sat *sat);
/* At least one of `n` literals holds. */
void avqa_sat_clause(struct avqa_sat *sat, const int *literals, size_t n);
/* If a holds, b does. */
void avqa_sat_imply(struct avqa_sat *sat, int a, int b);

/* A literal that holds exactly if all (any) of the given ones do. */
int avqa_sat_and(struct avqa_sat *sat, const int *literals, size_t n);
int avqa_sat_or(struct avqa_sat *sat, const int *literals, size_t n);
int avqa_sat_and2(struct avqa_sat *sat, int a, int b);
int avqa_sat_or2(struct avqa_sat *sat, int a, int b);
/* a if c holds, else b. */
int avqa_sat_if(struct avqa_sat *sat, int c, int a, int b);

/* more[k] holds exactly if more than k of the `n` literals do; 0 <= k < n_more. */
void avqa_sat_count(struct avqa_sat *sat, const int *literals, size_t n, int *more,
                    size_t n_more);

/* Looks for values under which all clauses and assumptions hold. */
enum avqa_sat_outcome avqa_sat_solve(struct avqa_sat *sat, const int *assumptions,
                                     size_t n, int max_conflicts);
/* After AVQA_SAT_FOUND: whether a literal holds. */
bool avqa_sat_holds(struct avqa_sat *sat, int literal);
/* After AVQA_SAT_NONE: whether an assumption was needed to see that. */
bool avqa_sat_blames(struct avqa_sat *sat, int assumption);

#endif
