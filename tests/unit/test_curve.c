/* Curves: text never touches, lines and dots are where the values are, gaps stay gaps,
 * and any values can be drawn. */
#include "figure_fixture.h"
#include "plot/curve.h"

enum { MOST = 400 };

static double falling[MOST], rising[MOST], broken[MOST];

static void fill(void)
{
    for (size_t i = 0; i < MOST; i++) {
        falling[i] = 1.2 + 3 / (1 + 0.1 * (double)i);
        rising[i] = 0.55 - 0.4 / (1 + 0.2 * (double)i);
        broken[i] = i % 3 == 1 ? (double)NAN : falling[i] / 2;
    }
}

static void draw(size_t n, size_t marked, const char *label, double width_pt)
{
    const struct avqa_curve losses[] = {{label, falling, 0, false},
                                        {"validation", broken, 1, true}};
    const struct avqa_curve shares[] = {{"training", rising, 0, false}};
    const struct avqa_curve_panel panels[] = {
        {.title = label, .curves = losses, .n_curves = 2},
        {.title = "right answers, %",
         .curves = shares,
         .n_curves = 1,
         .percent = true,
         .marked_text = "best: 54.31 %, epoch 12"}};
    const struct avqa_curve_figure figure = {.head = {.width_pt = width_pt},
                                             .panels = panels,
                                             .n_panels = 2,
                                             .n = n,
                                             .x_label = "epoch",
                                             .marked = marked};
    assert_int_equal(avqa_curve_draw(canvas, &figure), AVQA_OK);
}

static void test_text_never_touches(void **state)
{
    (void)state;
    fill();
    for (size_t n = 1; n <= MOST; n += n < 34 ? 1 : 61) {
        for (size_t marked = 0; marked <= n; marked += 1 + n / 5) {
            draw(n, marked, "training", 0);
            assert_int_equal(avqa_canvas_clashes(canvas, 0.3), 0);
        }
        draw(n, n, hostile_label(n), 300);
        assert_int_equal(avqa_canvas_clashes(canvas, 0.3), 0);
    }
    assert_written();
}

/* Ticks of what lies between 15 % and 55 %, and the words of the mark. */
static void test_ticks(void **state)
{
    (void)state;
    fill();
    draw(30, 12, "training", 0);
    assert_true(is_drawn("10"));
    assert_true(is_drawn("50"));
    assert_true(is_drawn("5"));
    assert_true(is_drawn("30"));
    assert_true(is_drawn("epoch"));
    assert_true(is_drawn("best: 54.31 %, epoch 12"));
    for (size_t i = 0; i < MOST; i++)
        broken[i] = 2; /* so that losses lie between 1.9 and 4.2: no axis from zero */
    draw(30, 0, "training", 0);
    assert_false(is_drawn("0"));
    assert_true(is_drawn("1.5") || is_drawn("1"));
    assert_true(is_drawn("validation"));
}

static size_t count(const struct avqa_buf *svg, const char *what)
{
    size_t n = 0;
    for (size_t i = 0; i + strlen(what) <= svg->len; i++)
        n += memcmp(svg->data + i, what, strlen(what)) == 0;
    return n;
}

/* Lines and dots of a curve: as many as a whole one has, less those at its gaps. */
static void test_gaps(void **state)
{
    static double whole[30], gaps[30];
    size_t n_paths[2], n_dots[2];
    (void)state;
    for (size_t i = 0; i < 30; i++) {
        whole[i] = gaps[i] = (double)(i % 7);
        if (i == 9 || i == 20)
            gaps[i] = (double)NAN;
    }
    for (size_t k = 0; k < 2; k++) {
        const struct avqa_curve curve = {"loss", k ? gaps : whole, 0, false};
        const struct avqa_curve_panel panel = {.curves = &curve, .n_curves = 1};
        const struct avqa_curve_figure figure = {
            .panels = &panel, .n_panels = 1, .n = 30, .x_label = "epoch"};
        const struct avqa_canvas_target svg = {.kind = AVQA_CANVAS_SVG};
        struct avqa_buf text = AVQA_BUF_INIT;
        assert_int_equal(avqa_curve_draw(canvas, &figure), AVQA_OK);
        assert_int_equal(avqa_canvas_write(canvas, &svg, &text), AVQA_OK);
        n_paths[k] = count(&text, "<path");
        n_dots[k] = count(&text, "<circle");
        avqa_buf_release(&text);
    }
    assert_int_equal(n_paths[0] - n_paths[1], 4); /* lines to and from two points */
    assert_int_equal(n_dots[0] - n_dots[1], 2);
}

static void test_any_values(void **state)
{
    static const double hostile[] = {NAN,  INFINITY, -INFINITY, 0,    -3,
                                     1e15, 1e-300,   -1e11,     1e11, 4};
    static double same[] = {2, 2, 2};
    static double none[] = {NAN, INFINITY};
    const struct avqa_curve curves[] = {
        {"a", hostile, 0, false}, {NULL, same, 99, true}, {"c", none, 1, false}};
    const size_t n[] = {10, 3, 2};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const struct avqa_curve_panel panel = {.curves = &curves[i], .n_curves = 1};
        for (size_t k = 0; k <= n[i]; k++) {
            const struct avqa_curve_figure figure = {
                .panels = &panel, .n_panels = 1, .n = k, .marked = k * 2};
            assert_int_equal(avqa_curve_draw(canvas, &figure), AVQA_OK);
            assert_int_equal(avqa_canvas_clashes(canvas, 0.3), 0);
            assert_written();
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_text_never_touches, open_canvas,
                                        close_canvas),
        cmocka_unit_test_setup_teardown(test_ticks, open_canvas, close_canvas),
        cmocka_unit_test_setup_teardown(test_gaps, open_canvas, close_canvas),
        cmocka_unit_test_setup_teardown(test_any_values, open_canvas, close_canvas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
