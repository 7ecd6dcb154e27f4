/* Sums of sounds against sums in double precision, the common gain where a sum would
 * clip, and loudness against what a sine has by definition. */
#include "check.h"

#include "media/loudness.h"
#include "media/mix.h"

enum { N = 48000 };

static float *noise(uint32_t seed, size_t n_values)
{
    float *out = NULL;
    assert_ok(avqa_mem_array(&out, n_values, sizeof *out));
    for (size_t i = 0; i < n_values; i++) {
        seed = seed * 1664525u + 1013904223u;
        out[i] = (float)((double)seed / 4294967296.0 - 0.5);
    }
    return out;
}

/* 20 log10 of the difference between the mix and factor * (a * ga + b * gb), over it.
 */
static double error_db(const struct avqa_mix *mix, const float *a, double ga,
                       const float *b, double gb, size_t n_b, double factor)
{
    double wrong = 0;
    double all = 0;
    for (size_t i = 0; i < mix->n * (size_t)mix->n_channels; i++) {
        double sum = (double)a[i] * ga;
        if (i < n_b * (size_t)mix->n_channels)
            sum += (double)b[i] * gb;
        sum *= factor;
        wrong += (sum - (double)mix->samples[i]) * (sum - (double)mix->samples[i]);
        all += sum * sum;
    }
    return 10 * log10(wrong / all + 1e-300);
}

static void sums(void **state)
{
    struct avqa_mix mix;
    float *a = noise(1, 2 * N);
    float *b = noise(2, 2 * N);
    (void)state;
    assert_ok(avqa_mix_init(&mix, N, 2));
    avqa_mix_add(&mix, a, N, 0);
    avqa_mix_add(&mix, b, N - 1000, -6); /* the shorter one ends, the mix goes on */
    assert_close(avqa_mix_fit(&mix), 0, 0);
    assert_true(error_db(&mix, a, 1, b, 0.50118723362727, N - 1000, 1) < -120);
    /* of a longer one, what is too much is left out */
    mix.n = 10;
    avqa_mix_add(&mix, a, N, 0);
    assert_close((double)mix.samples[20],
                 (double)a[20] + (double)b[20] * 0.50118723362727, 1e-6);
    avqa_mix_release(&mix);
    free(a);
    free(b);
}

/* A sum beyond 1 is lowered as a whole, by what is said. */
static void no_clipping(void **state)
{
    struct avqa_mix mix;
    float *a = noise(3, N);
    float *b = noise(4, N);
    (void)state;
    assert_ok(avqa_mix_init(&mix, N, 1));
    avqa_mix_add(&mix, a, N, 12);
    avqa_mix_add(&mix, b, N, 0);
    double peak = avqa_mix_peak(&mix);
    double gain_db = avqa_mix_fit(&mix);
    assert_true(peak > 2 && peak < 2.6);
    assert_close(gain_db, -20 * log10(peak), 1e-9);
    assert_true(avqa_mix_peak(&mix) <= 1 && avqa_mix_peak(&mix) > 0.999999);
    assert_true(error_db(&mix, a, 3.98107170553497, b, 1, N, pow(10, gain_db / 20)) <
                -120);
    avqa_mix_release(&mix);
    free(a);
    free(b);
}

/* BS.1770: a sine of 997 Hz at full scale in one channel is -3.01 LUFS. */
static void loudness(void **state)
{
    float *sine = NULL;
    double lufs;
    (void)state;
    assert_ok(avqa_mem_array(&sine, 5 * N, sizeof *sine));
    for (int i = 0; i < 5 * N; i++)
        sine[i] = (float)sin(2 * 3.14159265358979 * 997 * i / 48000.0);
    assert_ok(avqa_loudness(&lufs, sine, 5 * N, 1, 48000));
    assert_close(lufs, -3.01, 0.05);
    memset(sine, 0, 5 * N * sizeof *sine);
    assert_ok(avqa_loudness(&lufs, sine, 5 * N, 1, 48000));
    assert_true(isnan(lufs));
    assert_ok(avqa_loudness(&lufs, sine, 10, 1, 48000));
    assert_true(isnan(lufs));
    free(sine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sums),
                                       cmocka_unit_test(no_clipping),
                                       cmocka_unit_test(loudness)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
