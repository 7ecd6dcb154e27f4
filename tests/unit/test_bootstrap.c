/* Intervals by drawing clusters. Five clusters can be drawn in 3,125 ways; the
 * quantiles of all of them were listed by numpy (itertools.product, numpy.quantile),
 * and thousands of draws must find them. A large set is held to the formula for the
 * variance of a ratio. */
#include "check.h"

#include "audit/bootstrap.h"
#include "base/rng.h"

enum { ROWS = 9, ALL = 0, EVEN = 1, ODD = 2, LONELY = 3, EMPTY = 4, N_GROUPS = 5 };

static const uint32_t clusters[ROWS] = {0, 0, 1, 2, 2, 2, 3, 4, 4};
static const double values[ROWS] = {1, 0, 1, 0, 0, 1, 1, 0, 1};
/* Rows in turn are even and odd; the group LONELY has two rows of one cluster. */
static const uint32_t groups[ROWS * 3] = {
    ALL, EVEN, AVQA_INTERN_NONE, ALL, ODD, AVQA_INTERN_NONE,
    ALL, EVEN, AVQA_INTERN_NONE, ALL, ODD, LONELY,
    ALL, EVEN, LONELY,           ALL, ODD, AVQA_INTERN_NONE,
    ALL, EVEN, AVQA_INTERN_NONE, ALL, ODD, AVQA_INTERN_NONE,
    ALL, EVEN, AVQA_INTERN_NONE};

static struct avqa_bootstrap small(double level)
{
    return (struct avqa_bootstrap){.n_rows = ROWS,
                                   .clusters = clusters,
                                   .n_clusters = 5,
                                   .groups = groups,
                                   .n_kinds = 3,
                                   .n_groups = N_GROUPS,
                                   .n_draws = 20000,
                                   .level = level,
                                   .seed = 1,
                                   .jobs = 1};
}

static void test_all_draws(void **state)
{
    (void)state;
    static const struct {
        double level;
        double bounds[3][2]; /* of ALL, EVEN, ODD */
    } cases[] = {{0.95, {{0.416666667, 0.833333333}, {0.4, 1}, {0, 0.5}}},
                 {0.9, {{0.416666667, 0.833333333}, {0.4, 1}, {0, 0.5}}},
                 {0.5, {{0.5, 0.625}, {0.6, 1}, {0, 0.333333333}}}};
    static const size_t n_clusters[] = {5, 5, 3, 1, 0};
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_interval found[N_GROUPS];
        struct avqa_bootstrap b = small(cases[i].level);
        assert_ok(avqa_bootstrap_means(found, &b, values));
        for (size_t g = 0; g < 3; g++) {
            assert_close(found[g].lo, cases[i].bounds[g][0], 1e-8);
            assert_close(found[g].hi, cases[i].bounds[g][1], 1e-8);
        }
        for (size_t g = 0; g < N_GROUPS; g++)
            assert_int_equal(found[g].n_clusters, n_clusters[g]);
        assert_true(isnan(found[LONELY].lo) && isnan(found[LONELY].hi));
        assert_true(isnan(found[EMPTY].lo) && isnan(found[EMPTY].hi));
    }
}

enum { MANY = 4000, N_CLUSTERS = 900 };

struct large {
    uint32_t clusters[MANY], groups[MANY];
    double values[MANY];
};

/* Rows of one cluster agree more than others. */
static void fill(struct large *l)
{
    struct avqa_rng rng;
    avqa_rng_init(&rng, 7, "large");
    for (size_t i = 0; i < MANY; i++) {
        l->clusters[i] = (uint32_t)avqa_rng_below(&rng, N_CLUSTERS);
        l->groups[i] = 0;
        bool lean = l->clusters[i] % 3 == 0;
        l->values[i] = avqa_rng_unit(&rng) < (lean ? 0.9 : 0.55);
    }
}

/* The standard error of a ratio of sums over clusters, by linearisation. */
static double ratio_error(const struct large *l)
{
    double sums[N_CLUSTERS] = {0};
    double counts[N_CLUSTERS] = {0};
    double mean = 0;
    double squares = 0;
    for (size_t i = 0; i < MANY; i++) {
        sums[l->clusters[i]] += l->values[i];
        counts[l->clusters[i]]++;
        mean += l->values[i] / MANY;
    }
    for (size_t c = 0; c < N_CLUSTERS; c++)
        squares += pow(sums[c] - mean * counts[c], 2);
    return sqrt(squares) / MANY;
}

static void test_large(void **state)
{
    (void)state;
    static struct large l;
    fill(&l);
    struct avqa_bootstrap b = {.n_rows = MANY,
                               .clusters = l.clusters,
                               .n_clusters = N_CLUSTERS,
                               .groups = l.groups,
                               .n_kinds = 1,
                               .n_groups = 1,
                               .n_draws = 4000,
                               .level = 0.95,
                               .seed = 3,
                               .jobs = 1};
    struct avqa_interval one;
    struct avqa_interval two;
    assert_ok(avqa_bootstrap_means(&one, &b, l.values));
    double mean = 0;
    for (size_t i = 0; i < MANY; i++)
        mean += l.values[i] / MANY;
    double error = ratio_error(&l);
    /* By question it would be smaller: clusters must have been drawn. */
    assert_true(error > 1.1 * sqrt(mean * (1 - mean) / MANY));
    assert_close((one.hi - one.lo) / (2 * 1.959964 * error), 1, 0.05);
    assert_close((one.hi + one.lo) / 2, mean, 0.1 * error);
    b.jobs = 3; /* threads make no difference, the seed does */
    assert_ok(avqa_bootstrap_means(&two, &b, l.values));
    assert_true(one.lo == two.lo && one.hi == two.hi);
    b.seed = 4;
    assert_ok(avqa_bootstrap_means(&two, &b, l.values));
    assert_true(one.lo != two.lo || one.hi != two.hi);
}

/* numpy.quantile([1, 2, 4, 8], q) */
static void test_quantile(void **state)
{
    (void)state;
    static const double sorted[] = {1, 2, 4, 8};
    static const double wanted[][2] = {{0, 1},   {0.1, 1.3}, {0.25, 1.75},
                                       {0.5, 3}, {0.9, 6.8}, {1, 8}};
    for (size_t i = 0; i < N_OF(wanted); i++)
        assert_close(avqa_quantile(sorted, 4, wanted[i][0]), wanted[i][1], 1e-12);
    assert_close(avqa_quantile(sorted, 1, 0.975), 1, 0);
}

static void test_nothing(void **state)
{
    (void)state;
    struct avqa_bootstrap b = small(0.95);
    struct avqa_interval found[N_GROUPS];
    b.n_rows = b.n_clusters = 0;
    assert_ok(avqa_bootstrap_means(found, &b, values));
    for (size_t g = 0; g < N_GROUPS; g++)
        assert_true(isnan(found[g].lo));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_draws), cmocka_unit_test(test_large),
        cmocka_unit_test(test_quantile), cmocka_unit_test(test_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
