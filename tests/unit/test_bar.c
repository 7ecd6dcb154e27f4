/* Bars: labels never touch, heights follow the values, and any number of bars from one
 * to a hundred can be read. What is checked is what was recorded on the canvas, so the
 * tests hold for every kind of document. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "figure_fixture.h"
#include "plot/bar.h"
#include "plot/slant.h"

static const struct avqa_bar_kind kinds[] = {{"Counting", NULL}, {"Location", NULL}};

static void draw(const struct avqa_bar *bars, size_t n_bars)
{
    struct avqa_bar_figure figure = {.head = {.title = "Bars"},
                                     .bars = bars,
                                     .n_bars = n_bars,
                                     .kinds = kinds,
                                     .n_kinds = 2,
                                     .value_label = "real",
                                     .extra_label = "synthetic",
                                     .y_label = "questions"};

    assert_int_equal(avqa_bar_draw(canvas, &figure), AVQA_OK);
}

static void fill(struct avqa_bar *bars, size_t n_bars, const char *label)
{
    for (size_t i = 0; i < n_bars; i++)
        bars[i] = (struct avqa_bar){.label = label,
                                    .group = i < n_bars / 3 ? "Audio" : "Audio-Visual",
                                    .kind = i % 2,
                                    .value = 100 + (double)(i * 37 % 1000),
                                    .extra = (double)(i % 3 * 200)};
}

static void test_labels_never_touch(void **state)
{
    static struct avqa_bar bars[120];
    const char *const labels[] = {
        "A", "AV_NBR_FL", "Is the <Object> on the <LR> louder than the <Object>?",
        "小提琴比钢琴更响吗"};

    (void)state;
    for (size_t k = 0; k < 4; k++) {
        for (size_t n = 1; n <= 120; n += n < 40 ? 1 : 16) {
            fill(bars, n, labels[k]);
            draw(bars, n);
            assert_int_equal(avqa_canvas_clashes(canvas, 0.3), 0);
        }
    }
}

/* The bars come first among rectangles of their colour below the legend. */
static void test_heights_follow_values(void **state)
{
    const struct avqa_bar bars[] = {{"a", NULL, 0, 100, 50}, {"b", NULL, 1, 200, 0}};
    struct avqa_rect rect, full[2], extra = {0, 0, 0, 0};
    struct avqa_color color;
    size_t n_full = 0;

    (void)state;
    draw(bars, 2);
    for (size_t i = 0; avqa_canvas_rect_at(canvas, i, &rect, &color); i++) {
        if (rect.height_pt < 10)
            continue; /* legend */
        if (n_full == 1 && extra.height_pt <= 0)
            extra = rect;
        else
            full[n_full++] = rect;
        assert_true(n_full <= 2);
    }
    assert_int_equal(n_full, 2);
    assert_true(fabs(full[1].height_pt / full[0].height_pt - 2) < 1e-6);
    assert_true(fabs(full[0].height_pt / extra.height_pt - 2) < 1e-6);
    assert_true(fabs(extra.y_pt + extra.height_pt - full[0].y_pt) < 1e-6);
    assert_true(is_drawn("150")); /* on top: both parts */
    assert_true(is_drawn("synthetic"));
}

static void test_legend_names_only_what_is_there(void **state)
{
    const struct avqa_bar bars[] = {{"a", "Audio", 1, 100, 0}};

    (void)state;
    draw(bars, 1);
    assert_true(is_drawn("Location") && is_drawn("Audio"));
    assert_false(is_drawn("Counting"));
    assert_false(is_drawn("synthetic"));
}

static void test_too_many_bars_grow_the_figure(void **state)
{
    static struct avqa_bar bars[700];

    (void)state;
    fill(bars, 700, "AV_NBR_FL");
    draw(bars, 100);
    assert_true(avqa_canvas_width(canvas) > 700);
    draw(bars, 700);
    assert_true(is_drawn("200 more bars are not shown"));
    assert_written();
}

static void test_empty_data(void **state)
{
    const struct avqa_bar zero[] = {{"a", NULL, 0, 0, 0},
                                    {"b", NULL, 9, (double)NAN, -1}};
    const struct avqa_bar one[] = {{NULL, NULL, 9, 1, 0}};

    (void)state;
    draw(NULL, 0);
    assert_true(is_drawn("no data"));
    draw(zero, 2);
    assert_true(is_drawn("no data"));
    draw(one, 1);
    assert_true(is_drawn("1"));
    assert_written();
}

static void test_hostile_data(void **state)
{
    struct avqa_bar bars[50];

    (void)state;
    for (size_t i = 0; i < 50; i++)
        bars[i] = (struct avqa_bar){hostile_label(i), hostile_label(i / 7), i,
                                    hostile_value(i), hostile_value(i + 3)};
    draw(bars, 50);
    assert_int_equal(avqa_canvas_clashes(canvas, 0.3), 0);
    assert_written();
}

static void test_slant_is_as_little_as_needed(void **state)
{
    double last = 0;

    (void)state;
    for (double pitch = 60; pitch >= 5; pitch -= 0.5) {
        struct avqa_slant_want want = {40, pitch, 7.5, 110};
        struct avqa_slant slant = avqa_slant_choose(&want);
        double apart = pitch * sin(slant.angle_deg * M_PI / 180);

        assert_true(slant.angle_deg >= last); /* never less for less room */
        if (slant.angle_deg > 0)
            assert_true(apart >= slant.size_pt);
        else
            assert_true(pitch > 40);
        last = slant.angle_deg;
    }
    assert_true(last > 89);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_labels_never_touch),
        cmocka_unit_test(test_heights_follow_values),
        cmocka_unit_test(test_legend_names_only_what_is_there),
        cmocka_unit_test(test_too_many_bars_grow_the_figure),
        cmocka_unit_test(test_empty_data),
        cmocka_unit_test(test_hostile_data),
        cmocka_unit_test(test_slant_is_as_little_as_needed),
    };

    return cmocka_run_group_tests(tests, open_canvas, close_canvas);
}
