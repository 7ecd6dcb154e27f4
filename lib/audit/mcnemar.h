/* Which of two models is better, asked the same questions (McNemar, Psychometrika
 * 1947): questions that both have right or both wrong say nothing; of the others, each
 * model would win half if they were equally good.
 *
 * It takes questions for independent. Those about one clip are not quite; the interval
 * of a difference (bootstrap.h) takes clips together, so both are shown. */
#ifndef AVQA_AUDIT_MCNEMAR_H
#define AVQA_AUDIT_MCNEMAR_H

#include <stdint.h>

struct avqa_mcnemar {
    uint64_t only_one, only_other; /* questions that only one of them has right */
    double p_exact;                /* two-sided, of the binomial distribution */
    /* The usual approximation, with Edwards' correction: (|b - c| - 1)^2 / (b + c), 0
     * where b = c, and its p by chi-squared of one degree of freedom. */
    double chi_squared, p_chi_squared;
};

struct avqa_mcnemar avqa_mcnemar(uint64_t only_one, uint64_t only_other);

#endif
