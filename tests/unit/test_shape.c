/* Sets of questions share a verdict if they have one shape, so nothing may have one
 * that does not deserve it: every two sets that are named alike here are solved each.
 */
#include "templates.h"

#include "qa/shape.h"
#include "qa/solver.h"

static struct avqa_templates *templates;

static struct avqa_answered asked(const char *code, const char *const *values,
                                  const char *answer)
{
    size_t i = avqa_templates_find(templates, code);
    assert_true(i != AVQA_TEMPLATE_NONE);
    return (struct avqa_answered){&templates->items[i], values, answer};
}

/* Whether the two sets have the same shape. */
static bool alike(const struct avqa_answered *a, const struct avqa_answered *b,
                  size_t n)
{
    const struct avqa_answered *sets[] = {a, b};
    struct avqa_buf keys[2] = {AVQA_BUF_INIT, AVQA_BUF_INIT};
    for (size_t s = 0; s < 2; s++) {
        struct avqa_intern kinds = AVQA_INTERN_INIT;
        for (size_t i = 0; i < n; i++)
            avqa_shape_add(&keys[s], &kinds, &sets[s][i]);
        avqa_intern_release(&kinds);
    }
    bool same = keys[0].len == keys[1].len &&
                memcmp(keys[0].data, keys[1].data, keys[0].len) == 0;
    avqa_buf_release(&keys[0]);
    avqa_buf_release(&keys[1]);
    return same;
}

static void test_instruments_are_renamed(void **state)
{
    (void)state;
    static const char *const cello[] = {"cello"};
    static const char *const drum[] = {"drum"};
    struct avqa_answered a[] = {asked("many", cello, "two"),
                                asked("sounds", drum, "yes")};
    struct avqa_answered b[] = {asked("many", drum, "two"),
                                asked("sounds", cello, "yes")};
    struct avqa_answered same_thing[] = {asked("many", drum, "two"),
                                         asked("sounds", drum, "yes")};
    struct avqa_answered other_answer[] = {asked("many", cello, "two"),
                                           asked("sounds", drum, "no")};
    assert_true(alike(a, b, 2));
    assert_false(alike(a, same_thing, 2));
    assert_false(alike(a, other_answer, 2));
}

/* A program that answers with the name of a kind does not treat kinds alike. */
static void test_answers_that_name_a_kind(void **state)
{
    (void)state;
    struct avqa_answered a[] = {asked("silent", NULL, "one"),
                                asked("first", NULL, "cello")};
    struct avqa_answered b[] = {asked("silent", NULL, "one"),
                                asked("first", NULL, "drum")};
    struct avqa_arena arena = AVQA_ARENA_INIT;
    struct avqa_margins margins = AVQA_MARGINS_DEFAULTS;
    assert_int_equal(avqa_solve(&arena, a, 2, &margins).verdict, AVQA_CONSISTENT);
    assert_int_equal(avqa_solve(&arena, b, 2, &margins).verdict, AVQA_CONTRADICTORY);
    assert_false(alike(a, b, 2));
    avqa_arena_release(&arena);
}

/* Where one word ends and the next begins is part of the shape. */
static void test_words_with_bars(void **state)
{
    (void)state;
    static const char *const different[] = {"loud", "calm|calm"};
    static const char *const others[] = {"loud|calm", "calm"};
    struct avqa_answered a = asked("moods", different, "no");
    struct avqa_answered b = asked("moods", others, "no");
    assert_false(alike(&a, &b, 1));
}

static int load(void **state)
{
    (void)state;
    templates = templates_of("tests/data/templates-odd.json");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    avqa_templates_free(templates);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_instruments_are_renamed),
        cmocka_unit_test(test_answers_that_name_a_kind),
        cmocka_unit_test(test_words_with_bars),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
