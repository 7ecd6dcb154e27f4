/* The figure of a question: everything it says is there, nothing runs into anything
 * else whatever the texts and numbers are, and bars are as high as their values. */
#include "plot/explain.h"

#include <stdlib.h>

#include "figure_fixture.h"
#include "plot/explain_strip.h"

enum { MOST = 60, ROWS = 14, COLS = 14, PLACES = ROWS * COLS };

static float places[MOST][PLACES];
static struct avqa_explain_frame frames[MOST];
static uint8_t pixels[48 * 36 * 3];
static const struct avqa_pixels none;

static struct avqa_explain_panel make_panel(size_t n, int width, int height)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < PLACES; k++)
            places[i][k] = (1 + 0.3F * (float)((k * 7 + i) % 13) / 13) / PLACES;
        frames[i] =
            (struct avqa_explain_frame){.at_s = (double)i * 6,
                                        .picture = {width, height, pixels},
                                        .places = places[i],
                                        .heard = 0.8 / (double)n,
                                        .seen = (i % 2 ? 1.5 : 0.5) / (double)n};
    }
    return (struct avqa_explain_panel){
        .question = "How many instruments are sounding in the video?",
        .truth = "three",
        .type = "Audio-Visual / Counting",
        .clip = "00003491",
        .reference = "test#17",
        .model = "avst",
        .choices = {{"two", 0.625}, {"three", 0.25}, {"one", 0.1}},
        .n_choices = 3,
        .frames = frames,
        .n_frames = n,
        .rows = ROWS,
        .cols = COLS,
        .region = AVQA_HEAT_WHOLE};
}

static void draw(const struct avqa_explain_panel *panel)
{
    struct avqa_explain_figure figure = {.panels = panel, .n_panels = 1};

    assert_int_equal(avqa_explain_draw(canvas, &figure), AVQA_OK);
    assert_int_equal(avqa_canvas_clashes(canvas, 0.3), 0);
}

static size_t count_pictures(void)
{
    struct avqa_rect rect;
    struct avqa_pixels p;
    size_t n = 0;

    while (avqa_canvas_picture_at(canvas, n, &rect, &p))
        n++;
    return n;
}

static void test_it_says_all(void **state)
{
    static const char *const said[] = {
        "How many instruments are sounding in the video?",
        "answer of avst",
        "two (62.5%)",
        "wrong",
        "three",
        "three (25.0%), one (10.0%)",
        "Audio-Visual / Counting",
        "test#17",
        "00003491",
        "0 s",
        "54 s",
        "8.0%",
        "5.0%",
        "15.0%",
        "even (10.0%)",
        "the even share of a place (1/196);",
        "0.80×",
        "1.28×",
        "in these maps 1.00× to 1.28×"};
    struct avqa_explain_panel panel = make_panel(10, 48, 36);

    (void)state;
    draw(&panel);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        assert_true(is_drawn(said[i]));
    assert_false(is_drawn("right"));
    assert_int_equal(count_pictures(), 11); /* and the bar of the legend */
    assert_written();
    panel.right = true;
    draw(&panel);
    assert_true(is_drawn("right"));
    assert_false(is_drawn("wrong"));
    panel.truth = NULL;
    draw(&panel);
    assert_true(is_drawn("not known"));
    assert_false(is_drawn("right"));
}

/* The tallest bar stands for the largest value of both senses, none is higher. */
static void test_bars_are_as_high_as_their_values(void **state)
{
    struct avqa_explain_panel panel = make_panel(4, 48, 36);
    struct avqa_rect rect;
    struct avqa_color fill;
    double high[8];
    size_t n = 0;

    (void)state;
    draw(&panel);
    for (size_t i = 0; n < 8 && avqa_canvas_rect_at(canvas, i, &rect, &fill); i++)
        high[n++] = rect.height_pt;
    assert_int_equal(n, 8);
    for (size_t i = 0; i < 4; i++) { /* heard, seen, second by second */
        assert_true(fabs(high[2 * i] / high[3] - 0.8 / 1.5) < 1e-9);
        assert_true(fabs(high[2 * i + 1] / high[3] - (i % 2 ? 1 : 0.5 / 1.5)) < 1e-9);
    }
}

/* All pictures of a question share one scale, so equal weights have equal colours. */
static void test_one_scale_for_all_pictures(void **state)
{
    struct avqa_explain_panel panel = make_panel(3, 48, 36);
    struct avqa_rect rect;
    struct avqa_pixels first, last;

    (void)state;
    for (size_t k = 0; k < PLACES; k++) {
        places[0][k] = 0.004F;
        places[1][k] = k < 98 ? 0.003F : 0.008F;
        places[2][k] = 0.008F;
    }
    memset(pixels, 128, sizeof pixels);
    draw(&panel);
    assert_true(avqa_canvas_picture_at(canvas, 0, &rect, &first));
    assert_true(avqa_canvas_picture_at(canvas, 2, &rect, &last));
    struct avqa_color fifth = avqa_heat_color(0.2, 128 / 255.0);
    struct avqa_color most = avqa_heat_color(1, 128 / 255.0);
    assert_true(fabs(first.rgb[0] / 255.0 - fifth.r) < 0.01);
    assert_true(fabs(first.rgb[2] / 255.0 - fifth.b) < 0.01);
    assert_true(fabs(last.rgb[0] / 255.0 - most.r) < 0.01);
    assert_true(fabs(last.rgb[2] / 255.0 - most.b) < 0.01);
}

/* Nearly even maps look so: their colours are a small part of the scale, which grows
 * only where weights go beyond it. */
static void test_nearly_even_maps_look_even(void **state)
{
    struct avqa_explain_panel panel = make_panel(2, 48, 36);
    struct avqa_explain_strip strip;
    const struct avqa_rect room = {0, 0, 500, 0};

    (void)state;
    for (size_t k = 0; k < PLACES; k++) {
        places[0][k] = (k % 2 ? 1.05F : 0.95F) / PLACES;
        places[1][k] = 1.F / PLACES;
    }
    avqa_explain_strip_plan(&strip, &panel, room, 0);
    double low = avqa_heat_position(&strip.scale, 0.95 / PLACES);
    double high = avqa_heat_position(&strip.scale, 1.05 / PLACES);
    assert_true(high > low && high - low < 0.25);
    assert_true(low > 0.3 && high < 0.6);
    draw(&panel);
    assert_true(is_drawn("in these maps 0.95× to 1.05×"));
    places[0][0] = 3.F / PLACES;
    avqa_explain_strip_plan(&strip, &panel, room, 0);
    assert_true(fabs(strip.scale.high * PLACES - 3) < 1e-6);
    assert_true(fabs(strip.scale.low * PLACES * AVQA_EXPLAIN_TIMES - 1) < 1e-9);
    draw(&panel);
    assert_true(is_drawn("3.00×"));
}

static void test_boxes_of_facts(void **state)
{
    struct avqa_explain_panel panel = make_panel(10, 48, 36);
    struct avqa_explain_box boxes[40] = {
        {"acoustic guitar", 0.1, 0.1, 0.3, 0.6, true},
        {"piano", 0.12, 0.12, 0.5, 0.5, false},
        {NULL, 0.9, 0.9, 0.1, 0.1, true},
        {"a name that is longer than any picture is wide", 0.8, 0.95, 0.2, 0.05, true}};

    (void)state;
    for (size_t i = 0; i < 10; i++) {
        frames[i].boxes = boxes;
        frames[i].n_boxes = 4;
    }
    draw(&panel);
    assert_true(is_drawn("acoustic guitar"));
    assert_true(is_drawn("piano"));
    assert_true(is_drawn("facts: sounds in that second"));
    assert_true(is_drawn("does not, or nobody knows"));
    assert_written();
    for (size_t k = 4; k < 40; k++) /* what finds no room is left out */
        boxes[k] = boxes[k % 4];
    for (size_t i = 0; i < 10; i++)
        frames[i].n_boxes = 40;
    draw(&panel);
    for (size_t k = 0; k < 40; k++)
        boxes[k] = (struct avqa_explain_box){hostile_label(k),     hostile_value(k),
                                             hostile_value(k + 3), hostile_value(k + 5),
                                             hostile_value(k + 7), k % 2};
    draw(&panel);
    for (size_t i = 0; i < 10; i++)
        frames[i].picture = none, frames[i].places = NULL;
    draw(&panel);
    assert_false(is_drawn("acoustic guitar"));
}

static void test_pictures_keep_their_shape(void **state)
{
    static const int sides[][2] = {{48, 36}, {36, 48}, {48, 3}, {3, 48}, {1, 1}};
    struct avqa_rect rect;
    struct avqa_pixels p;

    (void)state;
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        for (size_t n = 1; n <= MOST; n += n < 12 ? 1 : 8) {
            struct avqa_explain_panel panel = make_panel(n, sides[i][0], sides[i][1]);

            draw(&panel);
            assert_true(avqa_canvas_picture_at(canvas, 0, &rect, &p));
            assert_true(
                fabs(rect.width_pt / rect.height_pt * sides[i][1] / sides[i][0] - 1) <
                    1e-6 ||
                sides[i][0] == 3);
            assert_true(rect.height_pt <= 141);
        }
    }
}

static void test_what_is_missing_is_left_out(void **state)
{
    struct avqa_explain_panel panel = make_panel(10, 48, 36);

    (void)state;
    for (size_t i = 0; i < 10; i++)
        frames[i].places = NULL;
    panel.note = "it has no grounding";
    draw(&panel);
    assert_int_equal(count_pictures(), 10); /* no legend */
    assert_true(is_drawn("it has no grounding"));
    assert_false(is_drawn("grounding"));
    frames[3].picture = none;
    draw(&panel);
    assert_true(is_drawn("no picture"));
    panel = make_panel(10, 48, 36);
    for (size_t i = 0; i < 10; i++)
        frames[i].picture = none; /* maps alone */
    draw(&panel);
    assert_int_equal(count_pictures(), 11);
    for (size_t i = 0; i < 10; i++)
        frames[i].places = NULL; /* bars alone */
    draw(&panel);
    assert_int_equal(count_pictures(), 0);
    assert_true(is_drawn("8.0%"));
    for (size_t i = 0; i < 10; i++)
        frames[i].heard = frames[i].seen = (double)NAN;
    draw(&panel);
    assert_false(is_drawn("0 s"));
    assert_written();
    panel.n_frames = 0;
    draw(&panel);
    assert_true(is_drawn("two (62.5%)"));
}

static void test_a_picture_that_was_cropped(void **state)
{
    struct avqa_explain_panel panel = make_panel(5, 48, 36);
    struct avqa_rect rect;
    struct avqa_pixels p;

    (void)state;
    panel.region = (struct avqa_heat_region){0.25, 0.1, 0.5, 0.8};
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i % 3 * 80);
    draw(&panel);
    assert_true(avqa_canvas_picture_at(canvas, 0, &rect, &p));
    assert_int_equal(p.rgb[0], p.rgb[1]); /* beside it: grey */
    const uint8_t *middle = p.rgb + (18 * 48 + 24) * 3;
    assert_true(middle[0] != middle[2]);
}

static void test_hostile_texts_and_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < 10; i++) {
        struct avqa_explain_panel panel = make_panel(6, 48, 36);

        panel.question = hostile_label(i);
        panel.truth = hostile_label(i + 1);
        panel.type = hostile_label(i + 2);
        panel.clip = hostile_label(i + 3);
        panel.reference = hostile_label(i + 4);
        panel.model = hostile_label(i + 5);
        panel.note = hostile_label(i + 6);
        for (size_t k = 0; k < 3; k++) {
            const char *answer = hostile_label(i + 7 + k);
            panel.choices[k] = (struct avqa_explain_choice){answer ? answer : "",
                                                            hostile_value(i + k)};
        }
        for (size_t k = 0; k < 6; k++) {
            frames[k].heard = hostile_value(i + k);
            frames[k].seen = hostile_value(i + k + 3);
            frames[k].at_s = hostile_value(i + k + 5);
            for (size_t p = 0; p < PLACES; p += 5)
                places[k][p] = (float)hostile_value(i + k + p);
        }
        draw(&panel);
        assert_written();
    }
}

static void test_a_sheet_has_all_questions(void **state)
{
    struct avqa_explain_panel panel = make_panel(10, 48, 36);
    struct avqa_explain_panel all[5] = {panel, panel, panel, panel, panel};
    struct avqa_explain_figure figure = {.panels = all, .n_panels = 5};

    (void)state;
    all[4].question = "小提琴比钢琴更响吗？";
    assert_int_equal(avqa_explain_draw(canvas, &figure), AVQA_OK);
    assert_int_equal(avqa_canvas_clashes(canvas, 0.3), 0);
    assert_int_equal(count_pictures(), 55);
    assert_true(is_drawn("小提琴比钢琴更响吗？"));
    for (size_t columns = 1; columns <= 12; columns++) {
        figure.columns = columns;
        assert_int_equal(avqa_explain_draw(canvas, &figure), AVQA_OK);
        assert_int_equal(avqa_canvas_clashes(canvas, 0.3), 0);
    }
    figure.n_panels = 0;
    assert_int_equal(avqa_explain_draw(canvas, &figure), AVQA_OK);
    assert_true(is_drawn("no data"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_says_all),
        cmocka_unit_test(test_bars_are_as_high_as_their_values),
        cmocka_unit_test(test_one_scale_for_all_pictures),
        cmocka_unit_test(test_nearly_even_maps_look_even),
        cmocka_unit_test(test_boxes_of_facts),
        cmocka_unit_test(test_pictures_keep_their_shape),
        cmocka_unit_test(test_what_is_missing_is_left_out),
        cmocka_unit_test(test_a_picture_that_was_cropped),
        cmocka_unit_test(test_hostile_texts_and_numbers),
        cmocka_unit_test(test_a_sheet_has_all_questions),
    };

    return cmocka_run_group_tests(tests, open_canvas, close_canvas);
}
