/* What leaks between splits, directly or through derived media and sounds, is what a
 * naive comparison of every row with every other finds. */
#include "random_set.h"

#include "audit/leakage.h"

/* The video that a name was made from, by its spelling alone. */
static const char *naive_root(const char *name, char root[64])
{
    size_t n = strlen(name);
    snprintf(root, 64, "%s", name);
    if (n > 5 && strcmp(name + n - 5, "_flip") == 0)
        root[n - 5] = '\0';
    if (n == 11 && name[0] == 'e')
        memmove(root, root + 3, 9);
    return root;
}

static bool naive_related(const char *a, const char *b)
{
    char x[64];
    char y[64];
    return strcmp(naive_root(a, x), naive_root(b, y)) == 0;
}

static const char *sound_of(const struct tiny *t, size_t row)
{
    return avqa_audit_video(&t->table, t->table.clips[t->table.rows[row].clip].sound);
}

/* Whether row i has a relative among the rows of the other split: another picture of
 * its root, or any of its picture and sound made from the same as any of theirs. */
static bool naive_derived(const struct tiny *t, size_t i, struct avqa_audit_range other)
{
    const char *mine[] = {random_video(t, i), sound_of(t, i)};
    for (size_t k = other.from; k < other.to; k++) {
        const char *theirs[] = {random_video(t, k), sound_of(t, k)};
        if (strcmp(mine[0], theirs[0]) == 0)
            continue;
        for (int m = 0; m < 2; m++) {
            for (int n = 0; n < 2; n++) {
                if (naive_related(mine[m], theirs[n]))
                    return true;
            }
        }
    }
    return false;
}

static bool naive_shared(const struct tiny *t, size_t i, struct avqa_audit_range other)
{
    for (size_t k = other.from; k < other.to; k++) {
        if (strcmp(random_video(t, i), random_video(t, k)) == 0)
            return true;
    }
    return false;
}

static void assert_leak(const struct tiny *t, const char *kind,
                        bool (*leaks)(const struct tiny *, size_t,
                                      struct avqa_audit_range))
{
    struct avqa_intern videos = AVQA_INTERN_INIT;
    size_t rows = 0;
    for (size_t i = t->audit.on.from; i < t->audit.on.to; i++) {
        const char *video = random_video(t, i);
        if (!leaks(t, i, t->audit.against))
            continue;
        rows++;
        avqa_intern_add(&videos, video, strlen(video), NULL);
    }
    const struct avqa_json *r = avqa_json_get(t->audit.report, "leakage");
    assert_int_equal(check_int(r, kind, "questions", NULL), rows);
    assert_int_equal(check_int(r, kind, "clips", NULL), videos.n);
    avqa_intern_release(&videos);
}

static void test_against_naive(void **state)
{
    (void)state;
    for (uint64_t seed = 10; seed < 20; seed++) {
        struct tiny t = tiny_new();
        random_split(&t, "on", 25, seed);
        random_split(&t, "fit", 4, seed);
        tiny_audit(&t, "on", "fit");
        assert_leak(&t, "video", naive_shared);
        assert_leak(&t, "derived", naive_derived);
        tiny_free(&t);
    }
}

static void add_one(struct tiny *t, const char *split, const char *video,
                    const char *sound)
{
    tiny_put(t, &(struct tiny_row){video, "X10", "", "no", sound, 0, NULL});
    tiny_import(t, split);
}

static void test_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *on, *on_sound, *fit, *fit_sound;
        int video, derived;
    } cases[] = {{"a", NULL, "a", NULL, 1, 0},
                 {"a", NULL, "b", NULL, 0, 0},
                 {"eva00000001", NULL, "00000001", NULL, 0, 1},
                 {"00000001", NULL, "esa00000001", NULL, 0, 1},
                 {"eva00000001", NULL, "evv00000001", NULL, 0, 1},
                 {"va00000001", NULL, "00000001", NULL, 0, 0},
                 {"x_flip", NULL, "x", NULL, 0, 1},
                 {"x_flip", NULL, "x_flip", NULL, 1, 0},
                 {"a", "s", "b", "s", 0, 1},
                 {"a", "s", "s", NULL, 0, 1},
                 {"s", NULL, "a", "s", 0, 1},
                 {"a", "s", "a", "u", 1, 0}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct tiny t = tiny_new();
        add_one(&t, "fit", cases[i].fit, cases[i].fit_sound);
        add_one(&t, "on", cases[i].on, cases[i].on_sound);
        const struct avqa_json *r = tiny_audit(&t, "on", "fit");
        int64_t video = check_int(r, "leakage", "video", "clips", NULL);
        int64_t derived = check_int(r, "leakage", "derived", "clips", NULL);
        if (video != cases[i].video || derived != cases[i].derived)
            fail_msg("case %zu: %d video, %d derived", i, (int)video, (int)derived);
        assert_int_equal(tiny_finding(&t, "leakage_video", AVQA_ERROR, 0) != NULL,
                         video);
        assert_int_equal(tiny_finding(&t, "leakage_derived", AVQA_WARNING, 0) != NULL,
                         derived);
        tiny_free(&t);
    }
}

/* The sound of one clip makes no relation between two other clips. */
static void test_a_sound_is_no_parent(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    add_one(&t, "third", "v", "s");
    add_one(&t, "fit", "s", NULL);
    add_one(&t, "on", "v", NULL);
    const struct avqa_json *r = tiny_audit(&t, "on", "fit");
    assert_int_equal(check_int(r, "leakage", "derived", "clips", NULL), 0);
    tiny_free(&t);
}

/* Without a split to compare with, every other split counts, and every pair of splits
 * has its finding. */
static void test_all_splits(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    add_one(&t, "a", "v", NULL);
    add_one(&t, "b", "v", NULL);
    add_one(&t, "c", "v", NULL);
    add_one(&t, "c", "only", NULL);
    const struct avqa_json *r = tiny_audit(&t, NULL, NULL);
    assert_int_equal(check_int(r, "leakage", "video", "questions", NULL), 3);
    for (size_t i = 0; i < 3; i++)
        assert_non_null(tiny_finding(&t, "leakage_video", AVQA_ERROR, i));
    assert_null(tiny_finding(&t, "leakage_video", AVQA_ERROR, 3));
    assert_has(tiny_finding(&t, "leakage_video", AVQA_ERROR, 0)->message,
               "1 of 1 video of 'a' is in 'b' too: 1 of its 1 question (100.0 %)");
    r = tiny_audit(&t, "c", NULL);
    assert_int_equal(check_int(r, "leakage", "video", "clips", NULL), 1);
    assert_has(tiny_finding(&t, "leakage_video", AVQA_ERROR, 1)->message,
               "1 of 2 videos of 'c' is in 'b' too");
    tiny_free(&t);
}

static void test_splits_that_do_not_exist(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    add_one(&t, "a", "v", NULL);
    tiny_audit(&t, "a", NULL);
    struct avqa_audit audit = {0};
    struct avqa_audit_opts opts = AVQA_AUDIT_DEFAULTS;
    opts.split = "x";
    assert_fails(avqa_audit_run(&audit, &t.table, "d", &opts), AVQA_ENOENT,
                 "no split is called 'x'; there is: a");
    avqa_audit_release(&audit);
    opts.split = "a";
    opts.against = "x";
    assert_fails(avqa_audit_run(&audit, &t.table, "d", &opts), AVQA_ENOENT, "'x'");
    avqa_audit_release(&audit);
    opts.against = "a";
    assert_fails(avqa_audit_run(&audit, &t.table, "d", &opts), AVQA_EINVAL,
                 "'a' cannot be compared with itself");
    avqa_audit_release(&audit);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_naive), cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_a_sound_is_no_parent), cmocka_unit_test(test_all_splits),
        cmocka_unit_test(test_splits_that_do_not_exist)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
