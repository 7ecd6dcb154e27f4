/* One question of one clip has one answer, where a clip is picture and sound; a
 * mirrored video's answers mirror the original's; against a naive search over random
 * rows. */
#include "random_set.h"

#include "audit/consistency.h"

static bool same_key(const struct tiny *t, size_t a, size_t b, bool sound_too)
{
    const struct avqa_audit_row *x = &t->table.rows[a];
    const struct avqa_audit_row *y = &t->table.rows[b];
    const struct avqa_audit_clip *c = &t->table.clips[x->clip];
    const struct avqa_audit_clip *d = &t->table.clips[y->clip];
    return c->video == d->video && (!sound_too || c->sound == d->sound) &&
           random_same_group(t, a, b, AVQA_GROUP_SLOTS);
}

/* Questions and those of them with two answers, each counted at its first row. */
static void naive_c00(const struct tiny *t, bool sound_too, int64_t out[2])
{
    out[0] = out[1] = 0;
    for (size_t i = t->audit.on.from; i < t->audit.on.to; i++) {
        bool first = true;
        bool differ = false;
        for (size_t k = t->audit.on.from; k < t->audit.on.to; k++) {
            if (!same_key(t, i, k, sound_too))
                continue;
            first = first && k >= i;
            differ = differ || strcmp(random_answer(t, i), random_answer(t, k)) != 0;
        }
        out[0] += first && differ;
        out[1] += first;
    }
}

static void test_against_naive(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < RANDOM_ROUNDS; seed++) {
        struct tiny t = tiny_new();
        random_fill(&t, seed);
        const struct avqa_json *c00 =
            check_at(t.audit.report, "consistency", "C00", NULL);
        int64_t n[2];
        naive_c00(&t, true, n);
        assert_int_equal(check_int(c00, "violations", NULL), n[0]);
        assert_int_equal(check_int(c00, "checkable", NULL), n[1]);
        for (int64_t i = 0; i < n[0]; i++)
            assert_non_null(tiny_finding(&t, "C00", AVQA_ERROR, (size_t)i));
        assert_null(tiny_finding(&t, "C00", AVQA_ERROR, (size_t)n[0]));
        naive_c00(&t, false, n);
        assert_int_equal(check_int(c00, "violations_ignoring_sound", NULL), n[0]);
        assert_int_equal(check_int(c00, "checkable_ignoring_sound", NULL), n[1]);
        tiny_free(&t);
    }
}

static void test_contradiction(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    static const char *const answers[] = {"two", "one", "two", "zero"};
    for (size_t i = 0; i < N_OF(answers); i++)
        tiny_add(&t, "v", "X07", "saxophone", answers[i]);
    tiny_add(&t, "v", "X07", "erhu", "one"); /* another question */
    tiny_add(&t, "w", "X07", "saxophone", "ten");
    tiny_import(&t, "s");
    const struct avqa_json *r = tiny_audit(&t, "s", NULL);
    assert_int_equal(check_int(r, "consistency", "C00", "violations", NULL), 1);
    assert_int_equal(check_int(r, "consistency", "C00", "checkable", NULL), 3);
    const struct avqa_finding *f = tiny_finding(&t, "C00", AVQA_ERROR, 0);
    assert_string_equal(f->message,
                        "v: \"How many sounding saxophone in the video？\" is answered "
                        "both \"two\" and \"one\" and \"zero\"");
    assert_int_equal(f->n_rows, 4);
    assert_int_equal(f->n_videos, 1);
    tiny_free(&t);
}

static void test_sounds(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_put(&t, &(struct tiny_row){"v", "X11", "", "yes", NULL, 0, NULL});
    tiny_put(&t, &(struct tiny_row){"v", "X11", "", "no", "w", 0, NULL});
    tiny_put(&t, &(struct tiny_row){"v", "X11", "", "yes", "u", 0, NULL});
    tiny_import(&t, "s");
    const struct avqa_json *c =
        check_at(tiny_audit(&t, "s", NULL), "consistency", "C00", NULL);
    assert_int_equal(check_int(c, "violations", NULL), 0);
    assert_int_equal(check_int(c, "checkable", NULL), 3);
    assert_int_equal(check_int(c, "violations_ignoring_sound", NULL), 1);
    assert_int_equal(check_int(c, "checkable_ignoring_sound", NULL), 1);
    assert_has(tiny_finding(&t, "C00", AVQA_NOTE, 0)->message,
               "1 contradiction is only apparent");
    tiny_put(&t, &(struct tiny_row){"v", "X11", "", "yes", "w", 5, NULL});
    tiny_import(&t, "s");
    tiny_audit(&t, "s", NULL);
    assert_has(tiny_finding(&t, "C00", AVQA_ERROR, 0)->message, "v with sound w: ");
    tiny_free(&t);
}

/* A row of the flip, what the original says, and what should come of it. */
static const struct {
    const char *code, *flip_slots, *flip_answer, *slots, *answer;
    int checkable, violations;
} flips[] = {{"X14", "loudest", "left", "loudest", "right", 1, 0},
             {"X14", "loudest", "left", "loudest", "left", 1, 1},
             {"X14", "loudest", "middle", "loudest", "middle", 1, 0},
             {"V06", "leftest", "erhu", "rightest", "erhu", 1, 0},
             {"V06", "leftest", "erhu", "rightest", "cello", 1, 1},
             {"V06", "leftest", "erhu", "leftest", "erhu", 0, 0},
             {"X03", "left,right", "yes", "right,left", "yes", 1, 0},
             {"X03", "left,right", "yes", "left,right", "no", 0, 0},
             {"V05", "left,violin", "erhu", "right,violin", "erhu", 1, 0},
             {"V05", "left,violin", "erhu", "right,piano", "erhu", 0, 0},
             {"X10", "", "no", "", "no", 1, 0},
             {"X10", "", "no", "", "yes", 1, 1}};

static void test_flips(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(flips); i++) {
        struct tiny t = tiny_new();
        tiny_add(&t, "x_flip", flips[i].code, flips[i].flip_slots,
                 flips[i].flip_answer);
        tiny_add(&t, "other", flips[i].code, flips[i].slots, flips[i].answer);
        tiny_add(&t, "x", flips[i].code, flips[i].slots, flips[i].answer);
        tiny_import(&t, "s");
        const struct avqa_json *f =
            check_at(tiny_audit(&t, "s", NULL), "consistency", "flip", NULL);
        if (check_int(f, "checkable", NULL) != flips[i].checkable ||
            check_int(f, "violations", NULL) != flips[i].violations)
            fail_msg("case %zu: %d of %d", i, (int)check_int(f, "violations", NULL),
                     (int)check_int(f, "checkable", NULL));
        assert_int_equal(check_int(f, "unpaired", NULL), 1 - flips[i].checkable);
        const struct avqa_finding *found = tiny_finding(&t, "flip", AVQA_ERROR, 0);
        assert_int_equal(found != NULL, flips[i].violations);
        if (found)
            assert_int_equal(found->n_rows, 2);
        tiny_free(&t);
    }
}

/* A flip whose sound was exchanged is still the flip of its picture. */
static void test_flip_with_another_sound(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_put(&t, &(struct tiny_row){"x_flip", "V06", "leftest", "erhu", "a", 0, NULL});
    tiny_add(&t, "x", "V06", "rightest", "erhu");
    tiny_add(&t, "a", "V06", "rightest", "cello");
    tiny_import(&t, "s");
    const struct avqa_json *f =
        check_at(tiny_audit(&t, "s", NULL), "consistency", "flip", NULL);
    assert_int_equal(check_int(f, "checkable", NULL), 1);
    assert_int_equal(check_int(f, "violations", NULL), 0);
    tiny_free(&t);
}

/* All rows of a group are counted, though not all are named. */
static void test_many_answers(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    static const char *const answers[] = {"one", "two", "three"};
    for (size_t i = 0; i < 3000; i++)
        tiny_put(&t,
                 &(struct tiny_row){"v", "X07", "saxophone", answers[i % N_OF(answers)],
                                    NULL, (int)i + 1, NULL});
    tiny_import(&t, "s");
    tiny_audit(&t, "s", NULL);
    const struct avqa_finding *f = tiny_finding(&t, "C00", AVQA_ERROR, 0);
    assert_has(f->message, "is answered both \"one\" and \"two\" and \"three\"");
    assert_int_equal(f->n_rows_total, 3000);
    assert_int_equal(f->n_rows, AVQA_FINDING_MAX_ROWS);
    tiny_free(&t);
}

/* Originals under several sounds: all are looked through, the last is named. */
static void test_flip_of_many_sounds(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    static const char *const sounds[] = {"a", "b", "c"};
    static const char *const answers[] = {"cello", "erhu", "piano"};
    for (size_t i = 0; i < N_OF(sounds); i++)
        tiny_put(&t, &(struct tiny_row){"x", "V06", "rightest", answers[i], sounds[i],
                                        0, NULL});
    tiny_add(&t, "x_flip", "V06", "leftest", "erhu");
    tiny_add(&t, "x_flip", "V06", "leftest", "tuba");
    tiny_import(&t, "s");
    const struct avqa_json *f =
        check_at(tiny_audit(&t, "s", NULL), "consistency", "flip", NULL);
    assert_int_equal(check_int(f, "checkable", NULL), 2);
    assert_int_equal(check_int(f, "violations", NULL), 1);
    const struct avqa_finding *found = tiny_finding(&t, "flip", AVQA_ERROR, 0);
    assert_has(found->message, "should be \"piano\"");
    assert_has(found->message, "not \"tuba\"");
    tiny_free(&t);
}

/* Each of 15,000 rows of a flip finds its own among as many of its original. */
static void test_many_flips(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    for (int i = 1; i <= 15000; i++) {
        tiny_put(&t, &(struct tiny_row){"x", "V06", "rightest", "erhu", NULL, i, NULL});
        tiny_put(&t, &(struct tiny_row){"x_flip", "V06", "leftest",
                                        i % 2 ? "erhu" : "cello", NULL, i, NULL});
    }
    tiny_import(&t, "s");
    const struct avqa_json *f =
        check_at(tiny_audit(&t, "s", NULL), "consistency", "flip", NULL);
    assert_int_equal(check_int(f, "checkable", NULL), 15000);
    assert_int_equal(check_int(f, "violations", NULL), 7500);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_naive),
                                       cmocka_unit_test(test_contradiction),
                                       cmocka_unit_test(test_sounds),
                                       cmocka_unit_test(test_flips),
                                       cmocka_unit_test(test_flip_with_another_sound),
                                       cmocka_unit_test(test_many_answers),
                                       cmocka_unit_test(test_flip_of_many_sounds),
                                       cmocka_unit_test(test_many_flips)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
