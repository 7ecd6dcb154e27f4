/* The generator is xoshiro256** seeded through SplitMix64 (values of an independent
 * program); a stream depends on seed and item alone; draws are uniform. */
#include "check.h"

#include "base/rng.h"

static void test_published_algorithm(void **state)
{
    (void)state;
    static const uint64_t expected[] = {
        0x2d00,           0, 0x5a007080, 0x10e0000000009d80, 0x10e0b61ce1009d80,
        0x870021ce143ad00};
    struct avqa_rng rng = {{1, 2, 3, 4}};
    for (size_t i = 0; i < N_OF(expected); i++)
        assert_true(avqa_rng_next(&rng) == expected[i]);
    avqa_rng_init(&rng, 0, "abc");
    assert_true(avqa_rng_next(&rng) == 0x762d358a440b0d52);
    assert_true(avqa_rng_next(&rng) == 0x0d7a960abb5611b5);
    assert_true(avqa_rng_next(&rng) == 0xf72d2ef45da89355);
}

static void test_streams(void **state)
{
    (void)state;
    struct avqa_rng a;
    struct avqa_rng b;
    struct avqa_rng c;
    struct avqa_rng d;
    avqa_rng_init(&a, 1, "clip 1");
    avqa_rng_init(&c, 2, "clip 1");
    avqa_rng_init(&d, 1, "clip 2");
    size_t same_c = 0;
    size_t same_d = 0;
    avqa_rng_init(&b, 1, "clip 1");
    for (int i = 0; i < 1000; i++) {
        uint64_t x = avqa_rng_next(&a);
        assert_true(x == avqa_rng_next(&b));
        same_c += x == avqa_rng_next(&c);
        same_d += x == avqa_rng_next(&d);
    }
    assert_int_equal(same_c, 0);
    assert_int_equal(same_d, 0);
}

/* Each of n values comes up within five standard deviations of its share. */
static void test_below(void **state)
{
    (void)state;
    enum { DRAWS = 60000 };
    struct avqa_rng rng;
    avqa_rng_init(&rng, 7, "below");
    for (uint64_t n = 1; n <= 12; n++) {
        size_t counts[12] = {0};
        for (int i = 0; i < DRAWS; i++) {
            uint64_t x = avqa_rng_below(&rng, n);
            assert_true(x < n);
            counts[x]++;
        }
        double mean = (double)DRAWS / (double)n;
        double limit = 5 * sqrt(mean * (1 - 1 / (double)n)) + 1e-9;
        for (uint64_t k = 0; k < n; k++)
            assert_close((double)counts[k], mean, limit);
    }
}

/* With n of three quarters of 2^64, a plain remainder would give the lowest third twice
 * as often as the rest. */
static void test_below_has_no_modulo_bias(void **state)
{
    (void)state;
    struct avqa_rng rng;
    uint64_t n = 3 * ((uint64_t)1 << 62);
    size_t low = 0;
    avqa_rng_init(&rng, 7, "bias");
    for (int i = 0; i < 30000; i++)
        low += avqa_rng_below(&rng, n) < n / 3;
    assert_close((double)low, 10000, 5 * sqrt(30000 * 2 / 9.0));
}

static void test_unit(void **state)
{
    (void)state;
    enum { DRAWS = 100000 };
    struct avqa_rng rng;
    double sum = 0;
    double squares = 0;
    size_t bins[10] = {0};
    avqa_rng_init(&rng, 3, "unit");
    for (int i = 0; i < DRAWS; i++) {
        double x = avqa_rng_unit(&rng);
        assert_true(x >= 0 && x < 1);
        bins[(int)(x * 10)]++;
        sum += x;
        squares += x * x;
    }
    assert_close(sum / DRAWS, 0.5, 5 * sqrt(1.0 / 12 / DRAWS));
    assert_close(squares / DRAWS, 1.0 / 3, 0.005);
    for (int b = 0; b < 10; b++)
        assert_close((double)bins[b], DRAWS / 10.0, 5 * sqrt(DRAWS * 0.09));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_algorithm), cmocka_unit_test(test_streams),
        cmocka_unit_test(test_below), cmocka_unit_test(test_below_has_no_modulo_bias),
        cmocka_unit_test(test_unit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
