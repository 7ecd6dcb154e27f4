/* Near duplicates among many sequences: copies with noise, shifted and cut, are found;
 * strangers are not; the result is that of comparing every pair. */
#include "audit/near.h"
#include "base/rng.h"
#include "check.h"

static const struct avqa_near_options pictures = {64, 10, 80, 3, 1 << 20};

enum { N = 200, LEN = 60 };
static uint64_t items[N][LEN];
static struct avqa_near_sequence sequences[N];

static void fill(const char *seed)
{
    struct avqa_rng rng;
    avqa_rng_init(&rng, 1, seed);
    for (int s = 0; s < N; s++) {
        for (int i = 0; i < LEN; i++)
            items[s][i] = avqa_rng_next(&rng);
        sequences[s] = (struct avqa_near_sequence){items[s], LEN};
    }
}

/* b becomes a from item `shift` on, with `noise` bits of each item turned over. */
static void copy(int a, int b, int shift, int noise)
{
    struct avqa_rng rng;
    avqa_rng_init(&rng, 2, "noise");
    for (int i = 0; i + shift < LEN; i++) {
        items[b][i] = items[a][i + shift];
        for (int k = 0; k < noise; k++)
            items[b][i] ^= UINT64_C(1) << avqa_rng_below(&rng, 64);
    }
}

static void test_copies(void **state)
{
    (void)state;
    struct avqa_near_pair *pairs;
    size_t n;
    fill("copies");
    copy(3, 77, 0, 0);
    copy(10, 5, 12, 4);  /* noise, and cut at its beginning */
    copy(50, 51, 29, 3); /* just more than half of it */
    copy(60, 61, 45, 0); /* a quarter: too little */
    copy(90, 91, 0, 24); /* too much noise */
    assert_ok(avqa_near_find(&pairs, &n, sequences, N, &pictures));
    assert_int_equal(n, 3);
    static const struct avqa_near_pair expected[] = {
        {3, 77, 0, 100}, {5, 10, 12, 100}, {50, 51, -29, 100}};
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(pairs[i].a, expected[i].a);
        assert_int_equal(pairs[i].b, expected[i].b);
        assert_int_equal(pairs[i].shift, expected[i].shift);
        assert_true(pairs[i].percent >= 90);
    }
    free(pairs);
}

/* A minute out of ten, wherever it begins. */
static void test_excerpt(void **state)
{
    (void)state;
    enum { LONG = 600 };
    static uint64_t whole[LONG];
    struct avqa_rng rng;
    avqa_rng_init(&rng, 4, "excerpt");
    for (int i = 0; i < LONG; i++)
        whole[i] = avqa_rng_next(&rng);
    static const int starts[] = {0, 1, 271, LONG - LEN};
    for (size_t k = 0; k < N_OF(starts); k++) {
        struct avqa_near_pair *pairs;
        size_t n;
        fill("excerpt");
        for (int i = 0; i < LEN; i++)
            items[8][i] = whole[starts[k] + i] ^ UINT64_C(1) << i;
        sequences[7] = (struct avqa_near_sequence){whole, LONG};
        assert_ok(avqa_near_find(&pairs, &n, sequences, N, &pictures));
        assert_int_equal(n, 1);
        assert_int_equal(pairs[0].a, 7);
        assert_int_equal(pairs[0].b, 8);
        assert_int_equal(pairs[0].shift, -starts[k]);
        assert_int_equal(pairs[0].percent, 100);
        free(pairs);
    }
}

/* A sample still finds copies that are exact in many places. */
static void test_sample(void **state)
{
    (void)state;
    struct avqa_near_pair *pairs;
    struct avqa_near_options few = pictures;
    size_t n;
    fill("sample");
    copy(3, 77, 0, 0);
    copy(10, 5, 12, 1);
    few.max_parts = 2 * N * LEN / 8;
    assert_ok(avqa_near_find(&pairs, &n, sequences, N, &few));
    assert_int_equal(n, 2);
    free(pairs);
}

/* Many that share a title card of flat or common items are no copies of each other. */
static void test_common_items(void **state)
{
    (void)state;
    struct avqa_near_pair *pairs;
    size_t n;
    fill("common");
    for (int s = 0; s < N; s++) {
        for (int i = 0; i < LEN; i++)
            items[s][i] = i < 20   ? 0
                          : i < 40 ? UINT64_C(0x123456789abcdef0)
                                   : items[s][i];
    }
    assert_ok(avqa_near_find(&pairs, &n, sequences, N, &pictures));
    assert_int_equal(n, 0);
    free(pairs);
    assert_ok(avqa_near_find(&pairs, &n, sequences, 0, &pictures));
    assert_int_equal(n, 0);
    free(pairs);
}

/* Against all pairs at all shifts: nothing is found that is not so, and with noise of
 * up to 4 bits everything is found. */
static void test_against_all_pairs(void **state)
{
    (void)state;
    struct avqa_near_pair *pairs;
    size_t n;
    size_t at = 0;
    fill("all");
    for (int s = 0; s < 100; s += 4)
        copy(s, s + 1 + s % 3, s % 20, 1 + s % 4);
    assert_ok(avqa_near_find(&pairs, &n, sequences, N, &pictures));
    assert_int_equal(n, 25);
    for (uint32_t a = 0; a < N; a++) {
        for (uint32_t b = a + 1; b < N; b++) {
            int best = 0;
            for (int shift = -30; shift <= 30; shift++) {
                int alike = 0;
                int from = shift < 0 ? -shift : 0;
                int to = shift < 0 ? LEN : LEN - shift;
                for (int i = from; i < to; i++)
                    alike +=
                        __builtin_popcountll(items[a][i] ^ items[b][i + shift]) <= 10;
                best =
                    100 * alike / (to - from) > best ? 100 * alike / (to - from) : best;
            }
            if (best < 80)
                continue;
            assert_true(at < n && pairs[at].a == a && pairs[at].b == b);
            assert_int_equal(pairs[at++].percent, best);
        }
    }
    assert_int_equal(at, n);
    free(pairs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copies), cmocka_unit_test(test_excerpt),
        cmocka_unit_test(test_sample), cmocka_unit_test(test_common_items),
        cmocka_unit_test(test_against_all_pairs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
