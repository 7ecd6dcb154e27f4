/* Matrix: readable from 1 to 60 rows, darker for more, nothing drawn for zero. Sizes
 * are run through with short, long, Chinese and absurd labels, as a triangle and as a
 * whole, with both scales. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "figure_fixture.h"
#include "plot/matrix.h"

static const char *labels[60];
static double values[3600];

static void draw(size_t n, bool lower, bool log_scale)
{
    struct avqa_matrix_figure figure = {.head = {.title = "Matrix"},
                                        .rows = labels,
                                        .n_rows = n,
                                        .n_cols = n,
                                        .values = values,
                                        .bar_label = "videos",
                                        .lower_triangle = lower,
                                        .log_scale = log_scale};

    assert_int_equal(avqa_matrix_draw(canvas, &figure), AVQA_OK);
}

static void fill(const char *label)
{
    for (size_t i = 0; i < 60; i++)
        labels[i] = label;
    for (size_t i = 0; i < 3600; i++)
        values[i] = (double)(i * 7919 % 1013);
}

static void test_labels_never_touch(void **state)
{
    const char *const names[] = {
        "erhu", "acoustic guitar", "小提琴",
        "a name that is much longer than any matrix could bear"};

    (void)state;
    for (size_t k = 0; k < 4; k++) {
        fill(names[k]);
        for (size_t n = 1; n <= 60; n += n < 12 ? 1 : 6) {
            draw(n, false, false);
            assert_int_equal(avqa_canvas_clashes(canvas, 0.3), 0);
            draw(n, true, true);
            assert_int_equal(avqa_canvas_clashes(canvas, 0.3), 0);
        }
    }
}

static void test_more_is_darker_and_zero_is_blank(void **state)
{
    const char *const names[] = {"a", "b"};
    const double few[] = {0, 10, 20, 40};
    struct avqa_matrix_figure figure = {
        .rows = names, .n_rows = 2, .n_cols = 2, .values = few};
    struct avqa_rect rect;
    struct avqa_color color;
    double last = 2, cell_pt = 0;

    (void)state;
    for (int log_scale = 0; log_scale < 2; log_scale++) {
        figure.log_scale = log_scale;
        last = 2;
        assert_int_equal(avqa_matrix_draw(canvas, &figure), AVQA_OK);
        for (size_t i = 0; i < 3; i++) { /* the colour bar comes after the three */
            assert_true(avqa_canvas_rect_at(canvas, i, &rect, &color));
            assert_true(avqa_palette_luminance(color) < last);
            assert_true(cell_pt <= 0 || fabs(rect.width_pt - cell_pt) < 1e-9);
            last = avqa_palette_luminance(color);
            cell_pt = rect.width_pt;
        }
        assert_true(avqa_canvas_rect_at(canvas, 3, &rect, &color));
        assert_true(rect.height_pt < cell_pt / 2);
        assert_true(is_drawn("40"));
    }
}

static void test_triangle_draws_each_pair_once(void **state)
{
    struct avqa_rect rect;
    struct avqa_color color;
    size_t n_cells = 0;

    (void)state;
    fill("x");
    for (size_t i = 0; i < 3600; i++)
        values[i] = 1;
    draw(10, true, false);
    for (size_t i = 0; avqa_canvas_rect_at(canvas, i, &rect, &color); i++)
        n_cells += fabs(rect.width_pt - rect.height_pt) < 1e-9;
    assert_int_equal(n_cells, 55);
}

static void test_large_matrices(void **state)
{
    static const char *many[301];
    struct avqa_matrix_figure figure = {
        .rows = many, .n_rows = 301, .n_cols = 301, .values = values};

    (void)state;
    assert_int_equal(avqa_matrix_draw(canvas, &figure), AVQA_EINVAL);
    figure.n_rows = 2;
    figure.n_cols = 3; /* column labels are missing */
    assert_int_equal(avqa_matrix_draw(canvas, &figure), AVQA_EINVAL);
    figure.cols = many;
    assert_int_equal(avqa_matrix_draw(canvas, &figure), AVQA_OK);
}

static void test_empty_and_hostile_data(void **state)
{
    (void)state;
    draw(0, false, false);
    assert_true(is_drawn("no data"));
    for (size_t i = 0; i < 3600; i++)
        values[i] = i % 2 ? (double)NAN : 0;
    draw(5, false, true);
    assert_true(is_drawn("no data"));
    for (size_t i = 0; i < 60; i++)
        labels[i] = hostile_label(i);
    for (size_t i = 0; i < 3600; i++)
        values[i] = hostile_value(i + i / 60);
    for (size_t n = 1; n <= 60; n += 7) {
        draw(n, n % 2, n % 3);
        assert_int_equal(avqa_canvas_clashes(canvas, 0.3), 0);
    }
    assert_written();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_labels_never_touch),
        cmocka_unit_test(test_more_is_darker_and_zero_is_blank),
        cmocka_unit_test(test_triangle_draws_each_pair_once),
        cmocka_unit_test(test_large_matrices),
        cmocka_unit_test(test_empty_and_hostile_data),
    };

    return cmocka_run_group_tests(tests, open_canvas, close_canvas);
}
