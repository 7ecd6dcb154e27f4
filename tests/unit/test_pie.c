/* Pies: slices close the circle, what is gathered keeps its sum, labels stay apart. The
 * numbers are small enough to check by head; the last test throws everything a careless
 * dataset may hold at one to six pies. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "figure_fixture.h"
#include "plot/pie.h"
#include "plot/scale.h"

static void draw(const struct avqa_pie *pies, size_t n_pies, double min_share)
{
    struct avqa_pie_figure figure = {.head = {.title = "Pies"},
                                     .pies = pies,
                                     .n_pies = n_pies,
                                     .min_share = min_share};

    assert_int_equal(avqa_pie_draw(canvas, &figure), AVQA_OK);
    assert_written();
}

static double sum_of_angles(size_t *n)
{
    struct avqa_wedge wedge;
    struct avqa_color fill;
    double sum = 0;

    for (*n = 0; avqa_canvas_wedge_at(canvas, *n, &wedge, &fill); ++*n)
        sum += wedge.a1_rad - wedge.a0_rad;
    return sum;
}

static const struct avqa_pie_slice slices[] = {
    {"yes", 500, NULL},  {"no", 300, NULL},  {"two", 100, NULL}, {"one", 80, NULL},
    {"violin", 9, NULL}, {"cello", 6, NULL}, {"erhu", 5, NULL}};

static void test_angles_close_the_circle(void **state)
{
    struct avqa_pie pies[] = {{"(a)", slices, 7}, {"(b)", slices, 3}};
    size_t n;

    (void)state;
    draw(pies, 2, 0);
    assert_true(fabs(sum_of_angles(&n) - 4 * M_PI) < 1e-9);
    assert_int_equal(n, 5 + 3);
    assert_int_equal(avqa_canvas_clashes(canvas, 0.5), 0);
}

static void test_gathered_slices_keep_the_sum(void **state)
{
    struct avqa_pie pie = {"pie", slices, 7};
    struct avqa_wedge wedge;
    struct avqa_color fill;

    (void)state;
    draw(&pie, 1, 0);
    assert_true(is_drawn("other (3)"));
    assert_false(is_drawn("violin"));
    assert_true(avqa_canvas_wedge_at(canvas, 4, &wedge, &fill));
    assert_true(fabs(wedge.a1_rad - wedge.a0_rad - 20.0 / 1000 * 2 * M_PI) < 1e-9);
    draw(&pie, 1, -1);
    assert_true(is_drawn("violin"));
    assert_true(is_drawn("1,000")); /* the total, in the middle */
}

static void test_a_single_small_slice_is_left_alone(void **state)
{
    const struct avqa_pie_slice two[] = {{"most", 999, NULL}, {"rare", 1, NULL}};
    struct avqa_pie pie = {NULL, two, 2};

    (void)state;
    draw(&pie, 1, 0);
    assert_true(is_drawn("rare"));
}

static void test_four_pies_get_legends(void **state)
{
    struct avqa_pie pies[] = {
        {"a", slices, 7}, {"b", slices, 5}, {"c", slices, 3}, {"d", slices, 2}};
    struct avqa_rect swatch;
    struct avqa_color fill;

    (void)state;
    draw(pies, 4, 0);
    assert_true(avqa_canvas_rect_at(canvas, 14, &swatch, &fill)); /* 5 + 5 + 3 + 2 */
    assert_false(avqa_canvas_rect_at(canvas, 15, &swatch, &fill));
    assert_true(is_drawn("20")); /* what "other" holds */
    assert_int_equal(avqa_canvas_clashes(canvas, 0.5), 0);
}

static void test_empty_data(void **state)
{
    const struct avqa_pie_slice nothing[] = {{"x", 0, NULL}, {"y", (double)NAN, NULL}};
    struct avqa_pie pies[] = {{"a", nothing, 2}, {"b", NULL, 0}, {"c", slices, 1}};

    (void)state;
    draw(NULL, 0, 0);
    assert_true(is_drawn("no data"));
    draw(pies, 2, 0);
    assert_true(is_drawn("no data"));
    draw(pies, 3, 0); /* one pie with something in it */
    assert_true(is_drawn("500"));
}

static void test_hostile_data(void **state)
{
    struct avqa_pie_slice hostile[60];
    struct avqa_pie pies[6];

    (void)state;
    for (size_t i = 0; i < 60; i++)
        hostile[i] = (struct avqa_pie_slice){hostile_label(i),
                                             hostile_value(i * 7 + i / 10), NULL};
    for (size_t n = 1; n <= 6; n++) {
        pies[n - 1] = (struct avqa_pie){hostile_label(n), hostile + n, 50};
        draw(pies, n, -1);
        draw(pies, n, 0);
        assert_int_equal(avqa_canvas_clashes(canvas, 1), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_angles_close_the_circle),
        cmocka_unit_test(test_gathered_slices_keep_the_sum),
        cmocka_unit_test(test_a_single_small_slice_is_left_alone),
        cmocka_unit_test(test_four_pies_get_legends),
        cmocka_unit_test(test_empty_data),
        cmocka_unit_test(test_hostile_data),
    };

    return cmocka_run_group_tests(tests, open_canvas, close_canvas);
}
