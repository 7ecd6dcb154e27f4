/* Power spectra against the sum that defines them. */
#include "check.h"

#include "media/dft.h"
#include "nn/params.h"

static void check_length(size_t n)
{
    struct avqa_dft *dft = NULL;
    float *x = avqa_mem_new(n * sizeof *x);
    double *power = avqa_mem_new((n / 2 + 1) * sizeof *power);
    avqa_params_units(x, 1, "signal", 0, n);
    assert_ok(avqa_dft_new(&dft, n));
    for (int round = 0; round < 2; round++) { /* the input is used up */
        for (size_t i = 0; i < n; i++)
            avqa_dft_in(dft)[i] = (double)x[i];
        avqa_dft_power(dft, power);
        for (size_t k = 0; k <= n / 2; k++) {
            double re = 0;
            double im = 0;
            for (size_t t = 0; t < n; t++) {
                double angle = 2 * M_PI * (double)(k * t % n) / (double)n;
                re += (double)x[t] * cos(angle);
                im -= (double)x[t] * sin(angle);
            }
            assert_close(power[k], re * re + im * im, 1e-12 * (double)(n * n));
        }
    }
    avqa_dft_free(dft);
    free(x);
    free(power);
}

static void test_sum(void **state)
{
    (void)state;
    for (size_t n = 4; n <= 1024; n *= 2)
        check_length(n);
}

static void test_lengths(void **state)
{
    (void)state;
    struct avqa_dft *dft = NULL;
    static const size_t wrong[] = {0, 1, 2, 3, 400, (size_t)1 << 17, SIZE_MAX};
    for (size_t i = 0; i < N_OF(wrong); i++)
        assert_fails(avqa_dft_new(&dft, wrong[i]), AVQA_EINVAL, "not a power of two");
    avqa_dft_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sum),
                                       cmocka_unit_test(test_lengths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
