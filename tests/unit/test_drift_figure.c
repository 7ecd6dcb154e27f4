/* Drift: the distance is that of the definition, rows are sorted by difference, and the
 * largest differences are the ones shown. Shares in the examples are chosen so that the
 * results are round. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "figure_fixture.h"
#include "plot/drift.h"

static void draw(const struct avqa_drift_value *values, size_t n_values,
                 size_t max_rows)
{
    struct avqa_drift_figure figure = {
        .head = {.title = "Drift", .subtitle = "answers"},
        .a_name = "train",
        .b_name = "test",
        .values = values,
        .n_values = n_values,
        .max_rows = max_rows};

    assert_int_equal(avqa_drift_draw(canvas, &figure), AVQA_OK);
}

static const struct avqa_drift_value answers[] = {
    {"yes", 60, 150}, {"no", 30, 120}, {"two", 10, 30}};

static void test_tvd(void **state)
{
    const struct avqa_drift_value apart[] = {{"a", 5, 0}, {"b", 0, 9}};
    const struct avqa_drift_value same[] = {{"a", 1, 10}, {"b", 3, 30}};

    (void)state;
    assert_true(fabs(avqa_drift_tvd(answers, 3) - 0.1) < 1e-12);
    assert_true(fabs(avqa_drift_tvd(apart, 2) - 1) < 1e-12);
    assert_true(avqa_drift_tvd(same, 2) < 1e-12);
    assert_true(isnan(avqa_drift_tvd(apart, 1)));
    assert_true(isnan(avqa_drift_tvd(NULL, 0)));
}

static double y_of(const char *wanted)
{
    const char *text;
    struct avqa_quad quad;

    for (size_t i = 0; avqa_canvas_text_at(canvas, i, &text, &quad); i++)
        if (strcmp(text, wanted) == 0)
            return quad.corner[0].y_pt;
    return -1;
}

static void test_sorted_by_difference(void **state)
{
    (void)state;
    draw(answers, 3, 0);
    assert_true(is_drawn("answers · total variation distance 0.100"));
    assert_true(is_drawn("train (n = 100)") && is_drawn("test (n = 300)"));
    assert_true(is_drawn("+10.0") && is_drawn("−10.0") && is_drawn("0.0"));
    assert_true(y_of("no") > 0);
    assert_true(y_of("no") < y_of("two") && y_of("two") < y_of("yes"));
    assert_int_equal(avqa_canvas_clashes(canvas, 0.3), 0);
    assert_written();
}

static void test_the_largest_differences_are_kept(void **state)
{
    (void)state;
    draw(answers, 3, 2);
    assert_true(is_drawn("yes") && is_drawn("no"));
    assert_false(is_drawn("two"));
    assert_true(is_drawn("1 more with a difference of at most 0.00 points"));
    assert_true(is_drawn("answers · total variation distance 0.100")); /* over all */
}

static void test_empty_and_hostile_data(void **state)
{
    struct avqa_drift_value values[70];
    const struct avqa_drift_value half[] = {{"a", 4, 0}, {"b", 6, (double)NAN}};

    (void)state;
    draw(NULL, 0, 0);
    assert_true(is_drawn("no data"));
    draw(half, 2, 0);
    assert_true(is_drawn("answers · one of the splits is empty"));
    for (size_t i = 0; i < 70; i++)
        values[i] = (struct avqa_drift_value){hostile_label(i), hostile_value(i),
                                              hostile_value(i * 3 + 1)};
    draw(values, 70, 0);
    assert_int_equal(avqa_canvas_clashes(canvas, 0.3), 0);
    draw(values, 70, 99999);
    assert_written();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tvd),
        cmocka_unit_test(test_sorted_by_difference),
        cmocka_unit_test(test_the_largest_differences_are_kept),
        cmocka_unit_test(test_empty_and_hostile_data),
    };

    return cmocka_run_group_tests(tests, open_canvas, close_canvas);
}
