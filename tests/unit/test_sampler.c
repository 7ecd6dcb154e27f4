/* The order of questions: a permutation that follows from seed and epoch alone, whose
 * steps are the same questions however many ranks share them. */
#include "check.h"

#include "train/sampler.h"

enum { MOST = 1000 };

static void assert_permutation(const uint32_t *order, size_t n)
{
    bool seen[MOST] = {false};
    for (size_t i = 0; i < n; i++) {
        assert_true(order[i] < n);
        assert_false(seen[order[i]]);
        seen[order[i]] = true;
    }
}

static size_t n_same(const uint32_t *a, const uint32_t *b, size_t n)
{
    size_t same = 0;
    for (size_t i = 0; i < n; i++)
        same += a[i] == b[i];
    return same;
}

static void test_permutation(void **state)
{
    (void)state;
    const size_t sizes[] = {0, 1, 2, 3, 64, 999, MOST};
    uint32_t order[MOST];
    for (size_t i = 0; i < N_OF(sizes); i++) {
        struct avqa_sampler s = {
            .seed = 3, .n = sizes[i], .batch = 4, .world = 1, .shuffle = true};
        avqa_sampler_order(order, &s, 7);
        assert_permutation(order, s.n);
        s.shuffle = false;
        avqa_sampler_order(order, &s, 7);
        for (size_t k = 0; k < s.n; k++)
            assert_int_equal(order[k], k);
    }
}

static void test_pure(void **state)
{
    (void)state;
    struct avqa_sampler s = {
        .seed = 3, .n = MOST, .batch = 64, .world = 1, .shuffle = true};
    struct avqa_sampler other = {
        .seed = 3, .n = MOST, .batch = 8, .rank = 2, .world = 5, .shuffle = true};
    uint32_t a[MOST];
    uint32_t b[MOST];
    avqa_sampler_order(a, &s, 4);
    avqa_sampler_order(b, &s, 5);
    assert_true(n_same(a, b, MOST) < 20); /* epochs differ: 1 in the mean */
    avqa_sampler_order(b, &s, 4);
    assert_int_equal(n_same(a, b, MOST), MOST); /* whatever was asked before */
    avqa_sampler_order(b, &other, 4);
    assert_int_equal(n_same(a, b, MOST), MOST); /* neither rank nor batch has a say */
    s.seed = 4;
    avqa_sampler_order(b, &s, 4);
    assert_true(n_same(a, b, MOST) < 20);
}

/* Every place equally often: each of 5 questions 1/5 of 5,000 epochs at each place; a
 * deviation beyond 6 standard deviations (28) is a defect. */
static void test_uniform(void **state)
{
    (void)state;
    struct avqa_sampler s = {
        .seed = 1, .n = 5, .batch = 5, .world = 1, .shuffle = true};
    size_t counts[5][5] = {{0}};
    uint32_t order[5];
    for (uint64_t epoch = 0; epoch < 5000; epoch++) {
        avqa_sampler_order(order, &s, epoch);
        for (size_t i = 0; i < 5; i++)
            counts[i][order[i]]++;
    }
    for (size_t i = 0; i < 25; i++)
        assert_in_range(counts[i / 5][i % 5], 1000 - 170, 1000 + 170);
}

/* The shares of all ranks at a step, one after the other, are the step of one rank with
 * world times the batch; together the steps are the epoch. */
static void check_shares(size_t n, size_t batch, size_t world)
{
    struct avqa_sampler one = {.n = n, .batch = batch * world, .world = 1};
    const size_t steps = avqa_sampler_steps(&one);
    size_t at = 0;
    assert_int_equal(steps, (n + batch * world - 1) / (batch * world));
    for (size_t step = 0; step < steps; step++) {
        size_t from;
        size_t to;
        avqa_sampler_share(&from, &to, &one, step);
        assert_int_equal(from, at);
        assert_true(to > from && to <= n);
        for (size_t rank = 0; rank < world; rank++) {
            struct avqa_sampler s = {
                .n = n, .batch = batch, .rank = rank, .world = world};
            size_t a;
            size_t b;
            assert_int_equal(avqa_sampler_steps(&s), steps);
            avqa_sampler_share(&a, &b, &s, step);
            assert_int_equal(a, at);
            assert_true(b >= a && b - a <= batch);
            assert_true(b - a == batch || step + 1 == steps);
            at = b;
        }
        assert_int_equal(at, to);
    }
    assert_int_equal(at, n);
}

static void test_shares(void **state)
{
    (void)state;
    for (size_t n = 0; n < 50; n++) {
        for (size_t batch = 1; batch < 8; batch++) {
            for (size_t world = 1; world < 5; world++)
                check_shares(n, batch, world);
        }
    }
    check_shares(32087, 64, 1); /* as published: 501 of 64 and one of 23 */
    check_shares(32087, 16, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_permutation),
        cmocka_unit_test(test_pure),
        cmocka_unit_test(test_uniform),
        cmocka_unit_test(test_shares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
