/* Heat maps: numbers between cells as PyTorch interpolates them, colours as numpy mixes
 * them, and nothing of the picture's own colours below or beside a map. */
#include "plot/heat.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "figure_fixture.h"

static const float weights[] = {0.F / 11, 7.F / 11, 3.F / 11, 10.F / 11,
                                6.F / 11, 2.F / 11, 9.F / 11, 5.F / 11,
                                1.F / 11, 8.F / 11, 4.F / 11, 0.F / 11};
static const struct avqa_heat_map map = {3, 4, weights};

/* torch.nn.functional.interpolate(w, size=(6, 9), mode="bilinear", align_corners=False)
 * of the weights above, in float64 (PyTorch 1.13). */
static const double by_torch[6][9] = {
    {0.000000000, 0.106060606, 0.388888889, 0.616161616, 0.454545455, 0.292929293,
     0.520202020, 0.803030303, 0.909090909},
    {0.136363636, 0.200757576, 0.372474747, 0.516414141, 0.465909091, 0.415404040,
     0.559343434, 0.731060606, 0.795454545},
    {0.409090909, 0.390151515, 0.339646465, 0.316919192, 0.488636364, 0.660353535,
     0.637626263, 0.587121212, 0.568181818},
    {0.431818182, 0.412878788, 0.362373737, 0.339646465, 0.511363636, 0.683080808,
     0.563131313, 0.401515152, 0.340909091},
    {0.204545455, 0.268939394, 0.440656566, 0.584595960, 0.534090909, 0.483585859,
     0.335858586, 0.174242424, 0.113636364},
    {0.090909091, 0.196969697, 0.479797980, 0.707070707, 0.545454545, 0.383838384,
     0.222222222, 0.060606061, 0.000000000}};

static void test_between_cells_as_torch_has_it(void **state)
{
    (void)state;
    for (int row = 0; row < 6; row++)
        for (int col = 0; col < 9; col++)
            assert_true(fabs(avqa_heat_at(&map, (col + 0.5) / 9, (row + 0.5) / 6) -
                             by_torch[row][col]) < 1e-7);
}

static void test_midpoints_and_borders(void **state)
{
    (void)state;
    /* Between two middles, and between four. */
    assert_true(fabs(avqa_heat_at(&map, 0.25, 0.5 / 3) - 3.5 / 11) < 1e-7);
    assert_true(fabs(avqa_heat_at(&map, 0.25, 1.0 / 3) - 3.75 / 11) < 1e-7);
    /* Beyond the outer middles nothing changes, outside the map neither. */
    assert_true(fabs(avqa_heat_at(&map, 0, 0)) < 1e-7);
    assert_true(fabs(avqa_heat_at(&map, 1, 0) - 10.0 / 11) < 1e-7);
    assert_true(fabs(avqa_heat_at(&map, -3, 9) - 1.0 / 11) < 1e-7);
}

static void test_positions_on_a_scale(void **state)
{
    const struct avqa_heat_scale scale = {0.004, 0.006}, even = {0.005, 0.005};

    (void)state;
    assert_true(fabs(avqa_heat_position(&scale, 0.0045) - 0.25) < 1e-12);
    assert_true(fabs(avqa_heat_position(&scale, 7) - 1) < 1e-12);
    assert_true(fabs(avqa_heat_position(&scale, -7)) < 1e-12);
    assert_true(fabs(avqa_heat_position(&scale, (double)NAN)) < 1e-12);
    assert_true(fabs(avqa_heat_position(&even, 0.005) - 0.5) < 1e-12);
}

/* 0.55 of Inferno's colour and 0.45 of the grey, by numpy: grey = 0.1 + 0.9 * (0.2126 r
 * + 0.7152 g + 0.0722 b). Thirds of the scale are stops of the published map. */
static void test_known_weights_give_known_colours(void **state)
{
    static const uint8_t picture[4][3] = {
        {0, 0, 0}, {255, 255, 255}, {200, 100, 50}, {128, 128, 128}};
    static const float places[] = {0, 9, 3, 6}; /* ninths of the scale */
    static const uint8_t expected[4][3] = {
        {11, 11, 14}, {253, 255, 205}, {125, 75, 119}, {194, 121, 84}};
    const struct avqa_heat_scale scale = {0, 9};

    (void)state;
    for (int i = 0; i < 4; i++) {
        uint8_t rgb[3] = {0};
        struct avqa_pixels pixel = {1, 1, picture[i]};
        struct avqa_heat_map one = {1, 1, &places[i]};

        avqa_heat_paint(rgb, &pixel, &one, &scale, &AVQA_HEAT_WHOLE);
        for (int k = 0; k < 3; k++)
            assert_true(abs(rgb[k] - expected[i][k]) <= 1);
    }
}

/* Every pixel has the colour of the weight at its middle. */
static void test_a_map_is_stretched_over_its_picture(void **state)
{
    uint8_t grey[6 * 9 * 3], rgb[6 * 9 * 3];
    const struct avqa_pixels picture = {9, 6, grey};
    const struct avqa_heat_scale scale = {0, 1};

    (void)state;
    memset(grey, 60, sizeof grey);
    avqa_heat_paint(rgb, &picture, &map, &scale, &AVQA_HEAT_WHOLE);
    for (size_t i = 0; i < 54; i++) {
        struct avqa_color want = avqa_heat_color(by_torch[i / 9][i % 9], 60 / 255.0);

        assert_true(fabs(rgb[i * 3] / 255.0 - want.r) < 0.012);
        assert_true(fabs(rgb[i * 3 + 1] / 255.0 - want.g) < 0.012);
        assert_true(fabs(rgb[i * 3 + 2] / 255.0 - want.b) < 0.012);
    }
}

static void test_beside_the_region_it_is_grey(void **state)
{
    uint8_t green[4 * 4 * 3], rgb[4 * 4 * 3];
    const struct avqa_pixels picture = {4, 4, green};
    const struct avqa_heat_scale scale = {0, 1};
    const struct avqa_heat_region middle = {0.25, 0.25, 0.5, 0.5};

    (void)state;
    for (size_t i = 0; i < 16; i++)
        memcpy(green + i * 3, (uint8_t[]){10, 200, 90}, 3);
    avqa_heat_paint(rgb, &picture, &map, &scale, &middle);
    for (size_t i = 0; i < 16; i++) {
        bool inside = i == 5 || i == 6 || i == 9 || i == 10;
        bool is_grey =
            rgb[i * 3] == 162 && rgb[i * 3 + 1] == 162 && rgb[i * 3 + 2] == 162;

        assert_int_equal(inside, !is_grey);
    }
    /* The first pixel inside has the map's first quarter in its middle. */
    struct avqa_color want =
        avqa_heat_color(avqa_heat_at(&map, 0.25, 0.25), 155.8 / 255);
    assert_true(fabs(rgb[5 * 3] / 255.0 - want.r) < 0.012);
    assert_true(fabs(rgb[5 * 3 + 2] / 255.0 - want.b) < 0.012);
}

/* CIE 1976 lightness. */
static double lightness(struct avqa_color color)
{
    double y = avqa_palette_luminance(color);

    return y > 0.008856 ? 116 * cbrt(y) - 16 : 903.3 * y;
}

static void test_steps_look_equal(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        double step = lightness(avqa_palette_heat((i + 1) / 10.0)) -
                      lightness(avqa_palette_heat(i / 10.0));

        assert_true(step > 6 && step < 14);
    }
    assert_true(lightness(avqa_palette_heat((double)NAN)) < 1);
    assert_true(lightness(avqa_palette_heat(9)) > 95);
}

static void test_the_bar_has_the_colours_of_the_maps(void **state)
{
    struct avqa_rect rect;
    struct avqa_pixels pixels;

    (void)state;
    avqa_canvas_clear(canvas);
    avqa_canvas_set_size(canvas, 100, 20);
    avqa_heat_bar(canvas, (struct avqa_rect){10, 5, 80, 8});
    assert_true(avqa_canvas_picture_at(canvas, 0, &rect, &pixels));
    assert_true(fabs(rect.width_pt - 80) < 1e-9);
    for (int i = 0; i < pixels.width; i++) {
        struct avqa_color want = avqa_heat_color((i + 0.5) / pixels.width, 0.5);

        assert_true(fabs(pixels.rgb[i * 3] / 255.0 - want.r) < 0.003);
        assert_true(fabs(pixels.rgb[i * 3 + 1] / 255.0 - want.g) < 0.003);
    }
    assert_written();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_between_cells_as_torch_has_it),
        cmocka_unit_test(test_midpoints_and_borders),
        cmocka_unit_test(test_positions_on_a_scale),
        cmocka_unit_test(test_known_weights_give_known_colours),
        cmocka_unit_test(test_a_map_is_stretched_over_its_picture),
        cmocka_unit_test(test_beside_the_region_it_is_grey),
        cmocka_unit_test(test_steps_look_equal),
        cmocka_unit_test(test_the_bar_has_the_colours_of_the_maps),
    };

    return cmocka_run_group_tests(tests, open_canvas, close_canvas);
}
