/* McNemar's test against scipy 1.10: binomtest(b, b + c, 0.5) and chi2.sf of the
 * corrected statistic, as R's mcnemar.test has it. */
#include "check.h"

#include "audit/mcnemar.h"

static const struct {
    uint64_t one, other;
    double p_exact, chi_squared, p_chi_squared;
} cases[] = {
    {0, 0, 1, 0, 1},
    {1, 0, 1, 0, 1},
    {5, 5, 1, 0, 1},
    {7, 6, 1, 0, 1},
    {3, 9, 0.14599609375, 2.08333333333333, 0.148914673178762},
    {9, 3, 0.14599609375, 2.08333333333333, 0.148914673178762},
    {10, 2, 0.03857421875, 4.08333333333333, 0.0433081428107921},
    {121, 59, 4.43444926375516e-06, 20.6722222222222, 5.45009482542712e-06},
    {500, 400, 0.000956444136918937, 10.89, 0.000966848284767555},
    {40123, 39211, 0.00121900860536186, 10.4611011672171, 0.00121914582885564},
    {0, 40, 1.81898940354586e-12, 38.025, 6.98439306152214e-10},
    {1000000, 1001000, 0.480049390990039, 0.498751124437781, 0.48004938182348}};

static void test_against_scipy(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_mcnemar m = avqa_mcnemar(cases[i].one, cases[i].other);
        assert_int_equal(m.only_one, cases[i].one);
        assert_int_equal(m.only_other, cases[i].other);
        assert_close(m.p_exact, cases[i].p_exact, 1e-8 * cases[i].p_exact);
        assert_close(m.chi_squared, cases[i].chi_squared, 1e-13 * m.chi_squared);
        assert_close(m.p_chi_squared, cases[i].p_chi_squared, 1e-12 * m.p_chi_squared);
    }
}

/* Small tables by hand: twice the sum of the tail's binomial coefficients over 2^n. */
static void test_by_hand(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 30; n++) {
        double tail = 0;
        double choose = 1;
        for (uint64_t k = 0; 2 * k < n; k++) {
            tail += choose;
            choose = choose * (double)(n - k) / (double)(k + 1);
            assert_close(avqa_mcnemar(k, n - k).p_exact,
                         fmin(1, 2 * tail / exp2((double)n)), 1e-12);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_scipy),
                                       cmocka_unit_test(test_by_hand)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
