/* A parallel loop does every item once, gives the same result for any number of
 * threads, and fails with the status and message of the lowest failing item. */
#include "check.h"

#include "base/hash.h"
#include "base/pool.h"

enum { N = 500 };

struct work {
    uint64_t out[N];
    int times[N];
    size_t fail_from, fail_every;
    bool first_is_slow; /* to fail, or else the later ones are */
};

static enum avqa_status hash_item(void *user, size_t i)
{
    struct work *w = user;
    w->times[i]++;
    if (i >= w->fail_from && (i - w->fail_from) % w->fail_every == 0) {
        if ((i == w->fail_from) == w->first_is_slow)
            usleep(2000);
        return avqa_fail(i % 2 ? AVQA_EIO : AVQA_EFORMAT, "item %zu\n", i);
    }
    w->out[i] = i;
    for (int k = 0; k < 50; k++)
        w->out[i] = avqa_hash64(w->out[i], &i, sizeof i);
    return AVQA_OK;
}

static void test_same_result(void **state)
{
    (void)state;
    struct work one = {.fail_from = N, .fail_every = 1};
    assert_ok(avqa_pool_run(1, N, hash_item, &one));
    for (size_t jobs = 0; jobs <= 8; jobs++) {
        struct work w = {.fail_from = N, .fail_every = 1};
        assert_ok(avqa_pool_run(jobs, N, hash_item, &w));
        assert_memory_equal(w.out, one.out, sizeof w.out);
        for (size_t i = 0; i < N; i++)
            assert_int_equal(w.times[i], 1);
    }
}

static void test_lowest_failure_wins(void **state)
{
    (void)state;
    for (size_t jobs = 1; jobs <= 8; jobs++) {
        for (size_t from = 17; from <= 18; from++) {
            struct work w = {
                .fail_from = from, .fail_every = 3, .first_is_slow = jobs % 2};
            char text[32];
            snprintf(text, sizeof text, "item %zu\\x0a", from);
            assert_fails(avqa_pool_run(jobs, N, hash_item, &w),
                         from % 2 ? AVQA_EIO : AVQA_EFORMAT, text);
            for (size_t i = 0; i <= from; i++)
                assert_int_equal(w.times[i], 1);
            assert_int_equal(w.times[N - 1], 0);
        }
    }
}

static void test_no_items(void **state)
{
    (void)state;
    struct work w = {.fail_from = 0, .fail_every = 1};
    assert_ok(avqa_pool_run(4, 0, hash_item, &w));
    assert_ok(avqa_pool_run(0, 0, hash_item, &w));
    assert_fails(avqa_pool_run(1000, 1, hash_item, &w), AVQA_EFORMAT, "item 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_result),
                                       cmocka_unit_test(test_lowest_failure_wins),
                                       cmocka_unit_test(test_no_items)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
