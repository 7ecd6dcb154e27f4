/* Which picture answers which moment, against a search over all pictures; and that what
 * the decoder may leave out is never an answer. */
#include "base/rng.h"
#include "check.h"
#include "media/pick.h"

#include <math.h>

enum { MAX_PICTURES = 400, NONE = -1 };

struct video {
    int64_t pts[MAX_PICTURES];
    int n;
    int64_t end_us;
};

/* As decode.c walks: `answers[target]` becomes a picture. Returns how many targets. */
static int64_t walk(struct avqa_pick *pick, const struct video *v, int *answers,
                    int64_t *first)
{
    avqa_pick_start(pick, v->pts[0]);
    *first = pick->next;
    for (int i = 1; i < v->n; i++) {
        while (avqa_pick_pending(pick) && !avqa_pick_reaches(pick, v->pts[i]))
            answers[pick->next++] = i - 1;
    }
    while (avqa_pick_pending(pick) && avqa_pick_before_end(pick, v->end_us, true))
        answers[pick->next++] = v->n - 1;
    return pick->next;
}

static struct video steady(int n, int num, int den)
{
    struct video v = {.n = n};
    for (int i = 0; i < n; i++)
        v.pts[i] = (int64_t)i * 1000000 * den / num;
    v.end_us = (int64_t)n * 1000000 * den / num;
    return v;
}

static void test_seconds(void **state)
{
    (void)state;
    static const struct {
        int n, num, den, expected;
    } cases[] = {{300, 30, 1, 10}, {250, 25, 1, 10},          {144, 24000, 1001, 6},
                 {360, 60, 1, 6},  {360, 60000, 1001, 6},     {179, 43, 2, 8},
                 {60, 1, 1, 60},   {108, 30, 1, 4 /* 3.6 */}, {104, 30, 1, 3}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        int answers[MAX_PICTURES];
        int64_t first;
        struct video v = steady(cases[i].n, cases[i].num, cases[i].den);
        struct avqa_pick pick = {.rate_num = 1, .rate_den = 1};
        assert_int_equal(walk(&pick, &v, answers, &first), cases[i].expected);
        assert_int_equal(first, 0);
        for (int t = 0; t < cases[i].expected; t++) { /* the last before t + 0.5 s */
            int64_t middle = t * INT64_C(1000000) + 500000;
            int k = answers[t];
            assert_true(v.pts[k] < middle);
            assert_true(k == v.n - 1 || v.pts[k + 1] >= middle);
        }
    }
}

static void test_short(void **state)
{
    (void)state;
    struct avqa_pick pick = {.rate_num = 1, .rate_den = 1};
    avqa_pick_start(&pick, 0);
    assert_false(avqa_pick_before_end(&pick, 300000, true));
    assert_true(
        avqa_pick_before_end(&pick, 300000, false)); /* one is given all the same */
    pick.next = 0;
    avqa_pick_start(&pick, 1600000); /* a video that begins late begins at its tick */
    assert_int_equal(pick.next, 2);
    assert_int_equal(avqa_pick_time_us(&pick), 2000000);
}

static void test_list(void **state)
{
    (void)state;
    static const int64_t times[] = {0, 5, 10, 10, 11, 19, 20, 29, 30, 99};
    int answers[N_OF(times)] = {0};
    int64_t first;
    struct video v = {.pts = {5, 11, 20}, .n = 3, .end_us = 30};
    struct avqa_pick pick = {.rate_den = 1, .times_us = times, .n_times = N_OF(times)};
    assert_int_equal(walk(&pick, &v, answers, &first), 8); /* 30 and 99 come after */
    static const int expected[] = {0, 0, 0, 0, 1, 1, 2, 2};
    assert_int_equal(first, 1);
    assert_int_equal(pick.n_missed, 1);
    for (size_t i = 1; i < N_OF(expected); i++)
        assert_int_equal(answers[i], expected[i]);
}

/* Uneven videos: whatever is an answer must be wanted. */
static void test_wants(void **state)
{
    (void)state;
    struct avqa_rng rng;
    avqa_rng_init(&rng, 1, "pick");
    for (int round = 0; round < 200; round++) {
        struct video v = {.n = 100};
        int answers[MAX_PICTURES * 10] = {0};
        int64_t first;
        int64_t times[40];
        for (int i = 1; i < v.n; i++)
            v.pts[i] = v.pts[i - 1] + (int64_t)avqa_rng_below(&rng, 200000);
        v.end_us = v.pts[v.n - 1] + 100000;
        for (size_t i = 0; i < N_OF(times); i++)
            times[i] = (i ? times[i - 1] : 0) + (int64_t)avqa_rng_below(&rng, 400000);
        struct avqa_pick pick = {.rate_num = 1 + round % 7, .rate_den = 1 + round % 3};
        if (round % 2)
            pick = (struct avqa_pick){
                .rate_den = 1, .times_us = times, .n_times = N_OF(times)};
        int64_t n = walk(&pick, &v, answers, &first);
        assert_true(n > first);
        for (int64_t t = first; t < n; t++) {
            int k = answers[t];
            assert_true(k == v.n - 1 || avqa_pick_wants(&pick, v.pts[k], v.pts[k + 1]));
        }
    }
}

static void test_hostile_times(void **state)
{
    (void)state;
    struct avqa_pick pick = {.rate_num = 1000000, .rate_den = 1};
    assert_false(avqa_pick_wants(&pick, INT64_MIN, INT64_MIN + 1));
    assert_true(avqa_pick_wants(&pick, INT64_MIN, INT64_MAX));
    avqa_pick_start(&pick, INT64_MAX);
    assert_false(avqa_pick_before_end(&pick, INT64_MAX, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seconds), cmocka_unit_test(test_short),
        cmocka_unit_test(test_list), cmocka_unit_test(test_wants),
        cmocka_unit_test(test_hostile_times)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
