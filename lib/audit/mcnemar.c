/* See mcnemar.h. The tail of the binomial distribution is summed from its largest term
 * downwards, by the ratio of neighbours, until nothing changes. */
#include "audit/mcnemar.h"

#include <math.h>

/* ln C(n, k). The reentrant form, because the other writes a global sign. */
static double log_choose(double n, double k)
{
    int sign;
    return lgamma_r(n + 1, &sign) - lgamma_r(k + 1, &sign) - lgamma_r(n - k + 1, &sign);
}

/* Twice P(X <= k) of n fair coins, at most 1. */
static double exact(uint64_t n, uint64_t k)
{
    double term = 1;
    double sum = 0;
    double size = (double)n;
    if (k * 2 == n) /* both tails meet */
        return 1;
    for (double i = (double)k; term > sum * 1e-17; i--) {
        sum += term;
        term *= i / (size - i + 1);
    }
    return fmin(1, 2 * exp(log_choose(size, (double)k) - size * log(2) + log(sum)));
}

struct avqa_mcnemar avqa_mcnemar(uint64_t only_one, uint64_t only_other)
{
    uint64_t n = only_one + only_other;
    uint64_t less = only_one < only_other ? only_one : only_other;
    struct avqa_mcnemar m = {only_one, only_other, 1, 0, 1};
    if (n == 0)
        return m;
    m.p_exact = exact(n, less);
    double apart = fmax(0, (double)(n - 2 * less) - 1);
    m.chi_squared = apart * apart / (double)n;
    m.p_chi_squared = erfc(sqrt(m.chi_squared / 2));
    return m;
}
