/* Shares: rows add up to the whole bar, rows over the threshold are marked, the rest is
 * gathered. Bars are told from the legend by their height, which is the only thing
 * known here about the layout. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "figure_fixture.h"
#include "plot/shares.h"

static void draw_with(const struct avqa_shares_row *rows, size_t n_rows,
                      double threshold)
{
    struct avqa_shares_figure figure = {.head = {.title = "Answers"},
                                        .rows = rows,
                                        .n_rows = n_rows,
                                        .threshold = threshold};

    assert_int_equal(avqa_shares_draw(canvas, &figure), AVQA_OK);
}

static void draw(const struct avqa_shares_row *rows, size_t n_rows)
{
    draw_with(rows, n_rows, 0.6);
}

/* Rectangles as high as a bar, after the legend's squares; their widths added up. */
static double sum_of_pieces(size_t *n)
{
    struct avqa_rect rect;
    struct avqa_color fill;
    double sum = 0;

    *n = 0;
    for (size_t i = 0; avqa_canvas_rect_at(canvas, i, &rect, &fill); i++) {
        if (rect.height_pt < 9)
            continue;
        sum += rect.width_pt;
        ++*n;
    }
    return sum;
}

static const struct avqa_share even[] = {{"no", 50}, {"yes", 50}};
static const struct avqa_share skewed[] = {{"no", 20}, {"yes", 80}};
static const struct avqa_share many[] = {{"a", 30}, {"b", 20}, {"c", 10}, {"d", 9},
                                         {"e", 8},  {"f", 7},  {"g", 6},  {"h", 5},
                                         {"i", 3},  {"j", 2}};

static void test_rows_over_the_threshold_are_marked(void **state)
{
    const struct avqa_shares_row rows[] = {{"even", "A", even, 2},
                                           {"skewed", "A", skewed, 2}};

    (void)state;
    draw(rows, 2);
    assert_true(is_drawn("80.0%") && is_drawn("50.0%"));
    assert_true(is_drawn("yes 80.0%"));
    struct avqa_buf buf = AVQA_BUF_INIT;
    struct avqa_canvas_target target = {.kind = AVQA_CANVAS_SVG};
    assert_int_equal(avqa_canvas_write(canvas, &target, &buf), AVQA_OK);
    assert_non_null(
        strstr(buf.data, "Z\" fill=\"#b3261e\"")); /* the mark: a triangle */
    avqa_buf_clear(&buf);
    draw(rows, 1);
    assert_int_equal(avqa_canvas_write(canvas, &target, &buf), AVQA_OK);
    assert_null(strstr(buf.data, "Z\" fill=\"#b3261e\""));
    avqa_buf_release(&buf);
}

/* How often a text stands there; the axis says 60% once by itself. */
static size_t n_drawn(const char *wanted)
{
    const char *text;
    struct avqa_quad quad;
    size_t n = 0;

    for (size_t i = 0; avqa_canvas_text_at(canvas, i, &text, &quad); i++)
        n += strcmp(text, wanted) == 0;
    return n;
}

/* --dominant 0 calls every template lopsided; a line at 60 % would be a lie. */
static void test_no_threshold_no_line(void **state)
{
    const struct avqa_shares_row row = {"skewed", "A", skewed, 2};

    (void)state;
    draw_with(&row, 1, 0);
    assert_int_equal(n_drawn("60%"), 1);
    draw(&row, 1);
    assert_int_equal(n_drawn("60%"), 2);
}

static void test_pieces_fill_the_bar(void **state)
{
    const struct avqa_shares_row rows[] = {{"one", NULL, even, 1},
                                           {"one", NULL, many, 10}};
    size_t n;

    (void)state;
    draw(rows, 1);
    double bar_pt = sum_of_pieces(&n);
    assert_int_equal(n, 1);
    draw(rows, 2);
    double sum = sum_of_pieces(&n);
    assert_int_equal(n, 1 + 7); /* six and the gathered rest */
    double gaps = 6 * 0.6;
    assert_true(is_drawn("4 others 16.0%"));
    assert_true(fabs(sum + gaps - 2 * bar_pt) < 1e-6);
}

static void test_the_largest_comes_first(void **state)
{
    const struct avqa_shares_row row = {"skewed", NULL, skewed, 2};
    struct avqa_rect rect, first = {0, 0, 0, 0};
    struct avqa_color fill;

    (void)state;
    draw(&row, 1);
    for (size_t i = 0; avqa_canvas_rect_at(canvas, i, &rect, &fill); i++)
        if (rect.height_pt > 9 && first.width_pt <= 0)
            first = rect;
    assert_true(avqa_canvas_rect_at(canvas, 3, &rect, &fill));
    assert_true(first.width_pt > 3.5 * rect.width_pt && first.x_pt < rect.x_pt);
}

static void test_labels_never_touch(void **state)
{
    static struct avqa_shares_row rows[40];

    (void)state;
    for (size_t i = 0; i < 40; i++)
        rows[i] = (struct avqa_shares_row){
            i % 2 ? "Is the <Object> on the <LR> more rhythmic than the <Object>?"
                  : "short",
            i < 10 ? "Audio" : "Visual", i % 3 ? many : even, i % 3 ? 10 : 2};
    draw(rows, 40);
    assert_int_equal(avqa_canvas_clashes(canvas, 0.3), 0);
}

static void test_empty_and_hostile_data(void **state)
{
    static struct avqa_share shares[50];
    static struct avqa_shares_row rows[700];

    (void)state;
    draw(NULL, 0);
    assert_true(is_drawn("no data"));
    rows[0] = (struct avqa_shares_row){"nothing", NULL, NULL, 0};
    draw(rows, 1);
    assert_true(is_drawn("no data"));
    for (size_t i = 0; i < 50; i++)
        shares[i] = (struct avqa_share){hostile_label(i), hostile_value(i * 3)};
    for (size_t i = 1; i < 700; i++)
        rows[i] = (struct avqa_shares_row){hostile_label(i), hostile_label(i / 9),
                                           shares + i % 9, i % 40};
    draw(rows, 60);
    assert_true(is_drawn("no answers"));
    assert_int_equal(avqa_canvas_clashes(canvas, 0.3), 0);
    assert_written();
    draw(rows, 700);
    assert_true(is_drawn("100 more rows are not shown"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_over_the_threshold_are_marked),
        cmocka_unit_test(test_no_threshold_no_line),
        cmocka_unit_test(test_pieces_fill_the_bar),
        cmocka_unit_test(test_the_largest_comes_first),
        cmocka_unit_test(test_labels_never_touch),
        cmocka_unit_test(test_empty_and_hostile_data),
    };

    return cmocka_run_group_tests(tests, open_canvas, close_canvas);
}
