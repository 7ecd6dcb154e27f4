/* The level at which answers are cut: small cases by hand, and random ones against the
 * definition, tried level by level. */
#include "qa/share.h"

#include "base/rng.h"
#include "check.h"

#include <math.h>

#define LEVEL(share, ratio, ...)                                                       \
    avqa_share_level((const uint64_t[]){__VA_ARGS__},                                  \
                     sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t),       \
                     &(struct avqa_share_bounds){share, ratio, 0})

static void test_by_hand(void **state)
{
    (void)state;
    assert_int_equal(LEVEL(0.6, 0, 90, 8, 2), 15);
    assert_int_equal(LEVEL(0.6, 0, 6, 4), 6);
    assert_int_equal(LEVEL(0.4, 0, 50, 45, 5), 10); /* 10 10 5 */
    assert_int_equal(LEVEL(0.4, 0, 50, 45, 5, 20), 46);
    assert_int_equal(LEVEL(0.3, 0, 7, 0, 3), 3); /* two cannot have less than half */
    assert_true(LEVEL(0.5, 0, 7, 0, 0) == UINT64_MAX);
    assert_true(LEVEL(0.5, 0, 0, 0) == UINT64_MAX);
    assert_int_equal(LEVEL(0.9, 2, 50, 45, 5), 10);
    assert_int_equal(LEVEL(0.5, 1, 50, 45, 5), 5);
    /* 30 of 40 have 0.8113 bits of one; 29 of 39 have 0.8213 */
    const uint64_t two[] = {90, 10};
    struct avqa_share_bounds bounds = {0.99, 0, 0.8112};
    assert_int_equal(avqa_share_level(two, 2, &bounds), 30);
    bounds.min_entropy = 0.8114;
    assert_int_equal(avqa_share_level(two, 2, &bounds), 29);
    bounds.min_entropy = 1;
    assert_int_equal(avqa_share_level(two, 2, &bounds), 10);
}

static bool holds(const uint64_t *n, size_t k, uint64_t level, double share,
                  double min_entropy)
{
    double bits = 0;
    uint64_t top = 0;
    uint64_t sum = 0;
    for (size_t i = 0; i < k; i++) {
        uint64_t left = n[i] < level ? n[i] : level;
        top = left > top ? left : top;
        sum += left;
    }
    for (size_t i = 0; i < k; i++) {
        double p = (double)(n[i] < level ? n[i] : level) / (double)sum;
        bits -= p * log2(p);
    }
    return (double)top / (double)sum <= share + 1e-12 &&
           bits / log2((double)k) >= min_entropy - 1e-12;
}

static void test_is_the_largest(void **state)
{
    struct avqa_rng rng;
    size_t cut = 0;
    (void)state;
    avqa_rng_init(&rng, 1, "levels");
    for (int round = 0; round < 2000; round++) {
        uint64_t n[8];
        uint64_t most = 0;
        uint64_t least = UINT64_MAX;
        size_t k = 2 + (size_t)avqa_rng_below(&rng, 7);
        double share = 0.1 + 0.8 * avqa_rng_unit(&rng);
        for (size_t i = 0; i < k; i++) {
            n[i] = 1 + avqa_rng_below(&rng, 60);
            most = n[i] > most ? n[i] : most;
            least = n[i] < least ? n[i] : least;
        }
        double entropy = round % 2 ? 0.5 + 0.5 * avqa_rng_unit(&rng) : 0;
        const struct avqa_share_bounds bounds = {share, 0, entropy};
        uint64_t level = avqa_share_level(n, k, &bounds);
        uint64_t wanted = most;
        while (wanted > least && !holds(n, k, wanted, share, entropy))
            wanted--;
        assert_int_equal(level, wanted);
        cut += level < most;
    }
    assert_true(cut > 200);
}

static void test_entropy(void **state)
{
    (void)state;
    assert_true(avqa_share_entropy((const uint64_t[]){5, 0, 5}, 3) > 1 - 1e-12);
    assert_true(avqa_share_entropy((const uint64_t[]){5, 0, 0}, 3) <= 0);
    /* H(1/4) = 0.8113 bits */
    double h = avqa_share_entropy((const uint64_t[]){1, 3}, 2);
    assert_true(h > 0.81127 && h < 0.81129);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_is_the_largest),
        cmocka_unit_test(test_entropy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
