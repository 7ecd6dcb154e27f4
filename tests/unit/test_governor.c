/* The governor against a clock and a network that are only numbers: limits hold at
 * every moment, hosts get the patience they ask for, a rate limit burns no item, and
 * whatever happens the run ends with every item accounted for once. */
#include "check.h"

#include "base/rng.h"
#include "net/governor.h"

enum { SECOND = 1000000, MAX_ITEMS = 4000 };

static struct avqa_governor_options defaults(void)
{
    return (struct avqa_governor_options)AVQA_GOVERNOR_DEFAULTS;
}

static struct avqa_governor *with_items(const struct avqa_governor_options *o, size_t n,
                                        size_t n_hosts)
{
    struct avqa_governor *g = avqa_governor_new(o);
    for (size_t i = 0; i < n; i++) {
        char name[32];
        char host[32];
        snprintf(name, sizeof name, "item %zu", i);
        snprintf(host, sizeof host, "http://h%zu", i % n_hosts);
        avqa_governor_add(g, i, name, host);
    }
    return g;
}

static size_t expect_start(struct avqa_governor *g, int64_t now)
{
    size_t item = SIZE_MAX;
    int64_t wait;
    assert_int_equal(avqa_governor_next(g, now, &item, &wait), AVQA_GOVERNOR_START);
    return item;
}

static int64_t expect_wait(struct avqa_governor *g, int64_t now)
{
    size_t item;
    int64_t wait;
    assert_int_equal(avqa_governor_next(g, now, &item, &wait), AVQA_GOVERNOR_WAIT);
    return wait;
}

static void expect_idle(struct avqa_governor *g, int64_t now)
{
    size_t item;
    int64_t wait;
    assert_int_equal(avqa_governor_next(g, now, &item, &wait), AVQA_GOVERNOR_IDLE);
}

static void test_concurrency(void **state)
{
    struct avqa_governor_options o = defaults();
    bool busy[2] = {false, false};
    (void)state;
    o.max_active = 5;
    o.max_per_host = 3;
    struct avqa_governor *g = with_items(&o, 20, 2);
    for (size_t i = 0; i < 5; i++)
        busy[expect_start(g, 0) % 2] = true;
    assert_true(busy[0] && busy[1]); /* hosts take turns */
    assert_true(expect_wait(g, 0) == INT64_MAX);
    assert_false(avqa_governor_done(g, 0, 0, AVQA_GOVERNOR_ANSWERED, -1));
    assert_int_equal(expect_start(g, 0) % 2,
                     1); /* host 1 had two, host 0 three, now two */
    assert_true(expect_wait(g, 0) == INT64_MAX);
    avqa_governor_free(g);
    g = with_items(&o, 20, 1);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(expect_start(g, 0), i); /* in order */
    assert_true(expect_wait(g, 0) == INT64_MAX);
    avqa_governor_free(g);
    g = with_items(&o, 0, 1);
    expect_idle(g, 0);
    avqa_governor_free(g);
    avqa_governor_free(NULL);
}

static void test_rate(void **state)
{
    struct avqa_governor_options o = defaults();
    size_t started = 0;
    (void)state;
    o.rate = 10;
    o.burst = 3;
    struct avqa_governor *g = with_items(&o, 100, 1);
    int64_t now = 5 * SECOND;
    while (now < 8 * SECOND) { /* a burst of three, then ten a second */
        size_t item;
        int64_t wait;
        if (avqa_governor_next(g, now, &item, &wait) == AVQA_GOVERNOR_START) {
            started++;
            assert_false(avqa_governor_done(g, item, now, AVQA_GOVERNOR_ANSWERED, -1));
        } else {
            assert_in_range(wait, 1, SECOND / 10 + 1);
            now += wait;
        }
    }
    assert_in_range(started, 32, 33);
    avqa_governor_free(g);
}

static void test_back_off(void **state)
{
    struct avqa_governor_options o = defaults();
    (void)state;
    o.tries = 4;
    o.breaker = 100;
    o.backoff_us = SECOND;
    o.backoff_max_us = 3 * SECOND;
    struct avqa_governor *g = with_items(&o, 1, 1);
    static const int64_t longest[] = {SECOND, 2 * SECOND, 3 * SECOND};
    int64_t now = 0;
    for (size_t i = 0; i < 3; i++) {
        expect_start(g, now);
        assert_true(avqa_governor_done(g, 0, now, AVQA_GOVERNOR_FAILED, -1));
        int64_t wait = expect_wait(g, now);
        assert_in_range(wait, longest[i] / 2, longest[i]);
        assert_int_equal(expect_wait(g, now + wait - 1), 1);
        now += wait;
    }
    expect_start(g, now);
    assert_false(avqa_governor_done(g, 0, now, AVQA_GOVERNOR_FAILED, -1));
    expect_idle(g, now);
    avqa_governor_free(g);
}

/* Two items do not come back at the same moment, and the same seed gives the same. */
static void test_jitter(void **state)
{
    struct avqa_governor_options o = defaults();
    int64_t waits[3];
    (void)state;
    o.breaker = 100;
    for (size_t round = 0; round < 3; round++) {
        struct avqa_governor *g = avqa_governor_new(&o);
        avqa_governor_add(g, 0, round == 2 ? "other" : "name", "h");
        expect_start(g, 0);
        assert_true(avqa_governor_done(g, 0, 0, AVQA_GOVERNOR_FAILED, -1));
        waits[round] = expect_wait(g, 0);
        avqa_governor_free(g);
    }
    assert_int_equal(waits[0], waits[1]);
    assert_int_not_equal(waits[0], waits[2]);
}

/* A host that asks for patience gets it, for all its items, and no item loses a try. */
static void test_throttle(void **state)
{
    struct avqa_governor_options o = defaults();
    (void)state;
    o.tries = 1;
    o.max_active = 2;
    struct avqa_governor *g = with_items(&o, 6, 1);
    size_t a = expect_start(g, 0);
    size_t b = expect_start(g, 0);
    assert_true(avqa_governor_done(g, a, 100, AVQA_GOVERNOR_THROTTLED, 30 * SECOND));
    assert_true(avqa_governor_done(g, b, 200, AVQA_GOVERNOR_THROTTLED, 30 * SECOND));
    assert_int_equal(avqa_governor_pauses(g), 1); /* one storm, one pause */
    assert_int_equal(expect_wait(g, 200), 30 * SECOND);
    int64_t now = 200 + 30 * SECOND;
    size_t c = expect_start(g, now);
    assert_true(expect_wait(g, now) ==
                INT64_MAX); /* one to see whether it will have us */
    assert_false(avqa_governor_done(g, c, now, AVQA_GOVERNOR_ANSWERED, -1));
    size_t answered = 1;
    size_t item;
    int64_t wait;
    while (avqa_governor_next(g, now, &item, &wait) == AVQA_GOVERNOR_START) {
        assert_false(avqa_governor_done(g, item, now, AVQA_GOVERNOR_ANSWERED, -1));
        answered++;
    }
    assert_int_equal(answered, 6);
    avqa_governor_free(g);
}

/* A longer wait than anybody would sit through: its items come out unasked. */
static void test_too_long(void **state)
{
    struct avqa_governor_options o = defaults();
    size_t item;
    int64_t wait;
    (void)state;
    struct avqa_governor *g = with_items(&o, 4, 2);
    size_t first = expect_start(g, 0);
    assert_true(avqa_governor_done(g, first, 0, AVQA_GOVERNOR_THROTTLED,
                                   o.pause_max_us + SECOND));
    size_t given_up = 0;
    for (size_t i = 0; i < 4; i++) {
        enum avqa_governor_turn turn = avqa_governor_next(g, 0, &item, &wait);
        if (turn == AVQA_GOVERNOR_GIVE_UP) {
            assert_int_equal(item % 2, first % 2);
            given_up++;
        } else {
            assert_int_equal(turn, AVQA_GOVERNOR_START);
            assert_int_equal(item % 2, 1 - first % 2);
            assert_false(avqa_governor_done(g, item, 0, AVQA_GOVERNOR_ANSWERED, -1));
        }
    }
    assert_int_equal(given_up, 2);
    expect_idle(g, 0);
    avqa_governor_free(g);
}

static void test_breaker(void **state)
{
    struct avqa_governor_options o = defaults();
    int64_t now = 0;
    size_t pause = 0;
    (void)state;
    o.breaker = 3;
    o.max_per_host = 1;
    o.tries = 100;
    o.backoff_us = o.backoff_max_us = 0;
    o.pause_us = 10 * SECOND;
    o.host_patience = 3;
    struct avqa_governor *g = with_items(&o, 9, 1);
    for (size_t i = 0; i < 3; i++)
        assert_true(
            avqa_governor_done(g, expect_start(g, now), now, AVQA_GOVERNOR_FAILED, -1));
    for (pause = 0; pause < 3; pause++) { /* doubling pauses, one question after each */
        assert_int_equal(avqa_governor_pauses(g), pause + 1);
        int64_t wait = expect_wait(g, now);
        assert_in_range(wait, (5 * SECOND) << pause, (10 * SECOND) << pause);
        now += wait;
        assert_true(
            avqa_governor_done(g, expect_start(g, now), now, AVQA_GOVERNOR_FAILED, -1));
    }
    for (size_t i = 0; i < 9; i++) {
        size_t item;
        int64_t wait;
        assert_int_equal(avqa_governor_next(g, now, &item, &wait),
                         AVQA_GOVERNOR_GIVE_UP);
    }
    expect_idle(g, now);
    avqa_governor_free(g);
}

/* What came was wrong: the item's trouble, not the host's. */
static void test_spoiled(void **state)
{
    struct avqa_governor_options o = defaults();
    (void)state;
    o.breaker = 1;
    o.tries = 3;
    o.backoff_us = 0;
    struct avqa_governor *g = with_items(&o, 1, 1);
    assert_true(
        avqa_governor_done(g, expect_start(g, 0), 0, AVQA_GOVERNOR_SPOILED, -1));
    assert_true(
        avqa_governor_done(g, expect_start(g, 0), 0, AVQA_GOVERNOR_SPOILED, -1));
    assert_false(
        avqa_governor_done(g, expect_start(g, 0), 0, AVQA_GOVERNOR_SPOILED, -1));
    assert_int_equal(avqa_governor_pauses(g), 0);
    expect_idle(g, 0);
    avqa_governor_free(g);
}

/* Ten thousand seconds of a bad network with any options: limits hold, and every item
 * ends exactly once. */
static void run_storm(uint64_t seed)
{
    struct avqa_rng rng;
    struct avqa_governor_options o = defaults();
    struct active {
        size_t item;
        int64_t until;
    } active[64];
    size_t n_active = 0;
    size_t n_host[8] = {0};
    char *ended = avqa_mem_new(MAX_ITEMS);
    avqa_rng_init(&rng, seed, "storm");
    o.max_active = 1 + avqa_rng_below(&rng, 64);
    o.max_per_host = 1 + avqa_rng_below(&rng, 16);
    o.tries = 1 + avqa_rng_below(&rng, 5);
    o.breaker = 1 + avqa_rng_below(&rng, 6);
    o.rate = avqa_rng_below(&rng, 2) ? 0 : 5;
    size_t n_hosts = 1 + avqa_rng_below(&rng, 8);
    size_t n = avqa_rng_below(&rng, MAX_ITEMS);
    uint64_t trouble = avqa_rng_below(&rng, 101);
    struct avqa_governor *g = with_items(&o, n, n_hosts);
    int64_t now = 0;
    for (size_t steps = 0;; steps++) {
        size_t item;
        int64_t wait;
        assert_true(steps < 200 * MAX_ITEMS);
        enum avqa_governor_turn turn = avqa_governor_next(g, now, &item, &wait);
        if (turn == AVQA_GOVERNOR_IDLE)
            break;
        if (turn == AVQA_GOVERNOR_START) {
            assert_true(n_active < o.max_active);
            assert_true(++n_host[item % n_hosts] <= o.max_per_host);
            active[n_active++] = (struct active){
                item, now + 1 + (int64_t)avqa_rng_below(&rng, 3 * SECOND)};
            continue;
        }
        if (turn == AVQA_GOVERNOR_GIVE_UP) {
            assert_int_equal(ended[item]++, 0);
            continue;
        }
        size_t first = 0;
        for (size_t i = 1; i < n_active; i++)
            first = active[i].until < active[first].until ? i : first;
        if (n_active == 0 || (wait < INT64_MAX && now + wait < active[first].until)) {
            assert_true(wait > 0 && wait < INT64_MAX);
            now += wait;
            continue;
        }
        now = active[first].until > now ? active[first].until : now;
        item = active[first].item;
        active[first] = active[--n_active];
        n_host[item % n_hosts]--;
        enum avqa_governor_result result =
            avqa_rng_below(&rng, 100) >= trouble ? AVQA_GOVERNOR_ANSWERED
            : avqa_rng_below(&rng, 3)            ? AVQA_GOVERNOR_FAILED
            : avqa_rng_below(&rng, 4) == 0       ? AVQA_GOVERNOR_SPOILED
            : avqa_rng_below(&rng, 4) == 0       ? AVQA_GOVERNOR_SPOILED
            : avqa_rng_below(&rng, 3)            ? AVQA_GOVERNOR_THROTTLED
                                                 : AVQA_GOVERNOR_DROPPED;
        int64_t after =
            avqa_rng_below(&rng, 2) ? -1 : (int64_t)avqa_rng_below(&rng, 9e7);
        if (!avqa_governor_done(g, item, now, result, after))
            assert_int_equal(ended[item]++, 0);
    }
    assert_int_equal(n_active, 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(ended[i], 1);
    avqa_governor_free(g);
    free(ended);
}

static void test_storms(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++)
        run_storm(seed);
}

static void test_hosts(void **state)
{
    static const char *const cases[][2] = {
        {"https://Example.COM/a/b?c", "https://example.com"},
        {"http://h:80", "http://h:80"},
        {"http://user:p%40ss@h:81/x@y", "http://h:81"},
        {"http://u@v@h?x", "http://h"},
        {"file:///a/b", "file://"},
        {"s3://bucket/key", "s3://bucket"},
        {"dQw4w9WgXcQ", ""},
        {"", ""}};
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        char *host = avqa_governor_host(cases[i][0]);
        assert_string_equal(host, cases[i][1]);
        free(host);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_concurrency), cmocka_unit_test(test_rate),
        cmocka_unit_test(test_back_off),    cmocka_unit_test(test_jitter),
        cmocka_unit_test(test_throttle),    cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_breaker),     cmocka_unit_test(test_spoiled),
        cmocka_unit_test(test_storms),      cmocka_unit_test(test_hosts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
