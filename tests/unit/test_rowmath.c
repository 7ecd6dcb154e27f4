/* Rows of numbers: exp, tanh and the logistic function within 4 units in the last place
 * of the C library's double, sums as in double, at lengths that fill no lane. */
#include "check.h"

#include "base/rng.h"
#include "nn/rowexp.h"
#include "nn/rowmath.h"

#include <float.h>

enum { N = 4099 };

static double units_off(float is, double wanted)
{
    double unit = fmax(fabs(wanted) * (double)FLT_EPSILON, (double)FLT_MIN);
    return fabs((double)is - wanted) / unit;
}

/* From -reach to reach, evenly, and near zero. */
static void arguments(float *x, double reach)
{
    for (size_t i = 0; i < N; i++)
        x[i] = (float)(reach * (2.0 * (double)i / (N - 1) - 1));
    for (size_t i = 0; i < 100; i++)
        x[i] = (float)ldexp(i % 2 ? 1.3 : -1.7, -(int)i);
}

static double exp_of(double x)
{
    return exp(x);
}

static double tanh_of(double x)
{
    return tanh(x);
}

static double sigmoid_of(double x)
{
    return 1 / (1 + exp(-x));
}

static void exp_row(float *out, const float *a, size_t n)
{
    avqa_row_exp(out, a, 0, n);
}

static void check(void (*row)(float *, const float *, size_t), double (*one)(double),
                  double reach)
{
    static float x[N];
    static float y[N];
    double worst = 0;
    arguments(x, reach);
    row(y, x, N);
    for (size_t i = 0; i < N; i++)
        worst = fmax(worst, units_off(y[i], one((double)x[i])));
    if (worst > 4)
        fail_msg("%g units in the last place", worst);
    row(x, x, N); /* in place */
    assert_memory_equal(x, y, sizeof x);
}

static void test_functions(void **state)
{
    (void)state;
    check(exp_row, exp_of, 86);
    check(avqa_row_tanh, tanh_of, 20);
    check(avqa_row_sigmoid, sigmoid_of, 80);
}

static void test_ends(void **state)
{
    (void)state;
    float x[] = {1e30F, -1e30F, INFINITY, -INFINITY, NAN, 0, -0.0F};
    float y[7];
    avqa_row_tanh(y, x, 7);
    assert_true(y[0] == 1 && y[1] == -1 && y[2] == 1 && y[3] == -1 && isnan(y[4]));
    assert_true(y[5] == 0 && y[6] == 0);
    avqa_row_sigmoid(y, x, 7);
    assert_true(y[0] == 1 && y[2] == 1 && isnan(y[4]) && y[5] == 0.5F);
    assert_true(y[1] >= 0 && y[1] < 1e-36F && y[3] < 1e-36F);
    avqa_row_exp(y, x, 0, 7);
    assert_true(y[1] < 1e-36F && isnan(y[4]) && y[5] == 1);
}

static void test_sums(void **state)
{
    (void)state;
    struct avqa_rng rng;
    float a[70];
    float b[70];
    avqa_rng_init(&rng, 1, "sums");
    for (size_t i = 0; i < 70; i++) {
        a[i] = (float)avqa_rng_unit(&rng);
        b[i] = (float)avqa_rng_unit(&rng) - 0.5F;
    }
    for (size_t n = 0; n <= 70; n++) {
        double dot = 0;
        double sum = 0;
        float c[71];
        memcpy(c, a, sizeof a);
        c[n] = 7;
        avqa_row_add(c, 0.5F, b, n);
        assert_true(c[n] == 7);
        for (size_t i = 0; i < n; i++) {
            dot += (double)a[i] * (double)b[i];
            sum += (double)a[i];
            assert_close((double)c[i], (double)a[i] + 0.5 * (double)b[i], 1e-7);
        }
        assert_close((double)avqa_row_dot(a, b, n), dot, 1e-5);
        assert_close((double)avqa_row_sum(a, n), sum, 1e-5);
    }
}

static void test_softmax_of_large_numbers(void **state)
{
    (void)state;
    float x[] = {1000, 1001, -1000};
    avqa_row_softmax(x, x, 3);
    assert_close((double)x[0], 1 / (1 + exp(1)), 1e-7);
    assert_close((double)x[1], 1 / (1 + exp(-1)), 1e-7);
    assert_close((double)x[2], 0, 1e-30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_softmax_of_large_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
