/* See sat.h. Gates are written as equivalences, so that a literal may be used either
 * way round. */
#include "qa/sat.h"
#include "base/mem.h"

#include <stdlib.h>

#include <ccadical.h>

struct avqa_sat {
    CCaDiCaL *solver;
    int n_literals;
};

/* Asked now and then while a search goes on, always at the same points of it. */
static int is_over(void *steps)
{
    return --*(int64_t *)steps < 0;
}

struct avqa_sat *avqa_sat_new(int64_t *steps)
{
    struct avqa_sat *sat = avqa_mem_new(sizeof *sat);
    sat->solver = ccadical_init();
    sat->n_literals = AVQA_SAT_TRUE;
    ccadical_set_terminate(sat->solver, steps, is_over);
    ccadical_set_option(sat->solver, "quiet", 1);
    ccadical_set_option(sat->solver, "phase", 0); /* nothing is there unasked */
    avqa_sat_clause(sat, &(int){AVQA_SAT_TRUE}, 1);
    return sat;
}

void avqa_sat_free(struct avqa_sat *sat)
{
    if (sat)
        ccadical_release(sat->solver);
    free(sat);
}

int avqa_sat_literal(struct avqa_sat *sat)
{
    return ++sat->n_literals;
}

void avqa_sat_clause(struct avqa_sat *sat, const int *literals, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ccadical_add(sat->solver, literals[i]);
    ccadical_add(sat->solver, 0);
}

void avqa_sat_imply(struct avqa_sat *sat, int a, int b)
{
    if (a != AVQA_SAT_FALSE && b != AVQA_SAT_TRUE)
        avqa_sat_clause(sat, (int[]){-a, b}, 2);
}

int avqa_sat_and(struct avqa_sat *sat, const int *literals, size_t n)
{
    int last = AVQA_SAT_TRUE;
    size_t open = 0;
    for (size_t i = 0; i < n; i++) {
        if (literals[i] == AVQA_SAT_FALSE)
            return AVQA_SAT_FALSE;
        if (literals[i] != AVQA_SAT_TRUE) {
            last = literals[i];
            open++;
        }
    }
    if (open < 2)
        return last;
    int all = avqa_sat_literal(sat);
    for (size_t i = 0; i < n; i++)
        avqa_sat_imply(sat, all, literals[i]);
    ccadical_add(sat->solver, all);
    for (size_t i = 0; i < n; i++) {
        if (literals[i] != AVQA_SAT_TRUE)
            ccadical_add(sat->solver, -literals[i]);
    }
    ccadical_add(sat->solver, 0);
    return all;
}

int avqa_sat_or(struct avqa_sat *sat, const int *literals, size_t n)
{
    int last = AVQA_SAT_FALSE;
    size_t open = 0;
    for (size_t i = 0; i < n; i++) {
        if (literals[i] == AVQA_SAT_TRUE)
            return AVQA_SAT_TRUE;
        if (literals[i] != AVQA_SAT_FALSE) {
            last = literals[i];
            open++;
        }
    }
    if (open < 2)
        return last;
    int any = avqa_sat_literal(sat);
    for (size_t i = 0; i < n; i++)
        avqa_sat_imply(sat, literals[i], any);
    ccadical_add(sat->solver, -any);
    for (size_t i = 0; i < n; i++) {
        if (literals[i] != AVQA_SAT_FALSE)
            ccadical_add(sat->solver, literals[i]);
    }
    ccadical_add(sat->solver, 0);
    return any;
}

int avqa_sat_and2(struct avqa_sat *sat, int a, int b)
{
    return avqa_sat_and(sat, (int[]){a, b}, 2);
}

int avqa_sat_or2(struct avqa_sat *sat, int a, int b)
{
    return avqa_sat_or(sat, (int[]){a, b}, 2);
}

int avqa_sat_if(struct avqa_sat *sat, int c, int a, int b)
{
    if (a == b)
        return a;
    return avqa_sat_or2(sat, avqa_sat_and2(sat, c, a), avqa_sat_and2(sat, -c, b));
}

void avqa_sat_count(struct avqa_sat *sat, const int *literals, size_t n, int *more,
                    size_t n_more)
{
    for (size_t k = 0; k < n_more; k++)
        more[k] = AVQA_SAT_FALSE;
    for (size_t i = 0; i < n; i++) {
        if (literals[i] == AVQA_SAT_FALSE)
            continue;
        for (size_t k = i < n_more ? i + 1 : n_more; k-- > 1;)
            more[k] = avqa_sat_or2(sat, more[k],
                                   avqa_sat_and2(sat, more[k - 1], literals[i]));
        more[0] = avqa_sat_or2(sat, more[0], literals[i]);
    }
}

enum avqa_sat_outcome avqa_sat_solve(struct avqa_sat *sat, const int *assumptions,
                                     size_t n, int max_conflicts)
{
    for (size_t i = 0; i < n; i++)
        ccadical_assume(sat->solver, assumptions[i]);
    ccadical_limit(sat->solver, "conflicts", max_conflicts);
    switch (ccadical_solve(sat->solver)) {
    case 10:
        return AVQA_SAT_FOUND;
    case 20:
        return AVQA_SAT_NONE;
    default:
        return AVQA_SAT_UNDECIDED;
    }
}

bool avqa_sat_holds(struct avqa_sat *sat, int literal)
{
    int value = ccadical_val(sat->solver, literal < 0 ? -literal : literal);
    return literal < 0 ? value < 0 : value > 0;
}

bool avqa_sat_blames(struct avqa_sat *sat, int assumption)
{
    return ccadical_failed(sat->solver, assumption);
}
