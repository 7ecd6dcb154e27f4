/* Colours: labels can be read on any fill, categories stay apart, maps run one way.
 * The whole colour cube is sampled for the contrast of labels, since tints may fall
 * anywhere in it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plot/palette.h"

static void test_labels_read_on_any_fill(void **state)
{
    (void)state;
    for (unsigned rgb = 0; rgb <= 0xFFFFFF; rgb += 0x010307) {
        struct avqa_color fill = avqa_palette_hex(rgb);
        double contrast = avqa_palette_contrast(avqa_palette_label_on(fill), fill);

        assert_true(contrast >= 4.5);
    }
}

static void test_contrast_is_that_of_wcag(void **state)
{
    struct avqa_color black = avqa_palette_hex(0), white = avqa_palette_hex(0xFFFFFF);
    struct avqa_color grey = avqa_palette_hex(0x777777);

    (void)state;
    assert_true(fabs(avqa_palette_contrast(black, white) - 21) < 1e-9);
    assert_true(fabs(avqa_palette_contrast(white, grey) - 4.478) < 1e-3);
}

static double distance(struct avqa_color a, struct avqa_color b)
{
    return fabs(a.r - b.r) + fabs(a.g - b.g) + fabs(a.b - b.b);
}

static void test_categories_stay_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < 16; i++)
        for (size_t k = 0; k < i; k++)
            assert_true(distance(avqa_palette_categorical(i),
                                 avqa_palette_categorical(k)) > 0.1);
    for (size_t i = 1; i < 5; i++) {
        double before = avqa_palette_luminance(avqa_palette_categorical(i - 1));
        double here = avqa_palette_luminance(avqa_palette_categorical(i));

        assert_true(fabs(before - here) > 0.15); /* in a grey print too */
    }
}

static void test_categories_are_colours_for_any_number(void **state)
{
    (void)state;
    for (size_t i = 0; i < 500; i++) {
        struct avqa_color c = avqa_palette_categorical(i);

        assert_true(c.r >= 0 && c.r <= 1 && c.g >= 0 && c.g <= 1 && c.b >= 0 &&
                    c.b <= 1);
    }
}

static void test_sequential_gets_darker(void **state)
{
    double last = 2;

    (void)state;
    for (int i = 0; i <= 100; i++) {
        double here = avqa_palette_luminance(avqa_palette_sequential(i / 100.0));

        assert_true(here < last);
        last = here;
    }
}

static void test_maps_take_any_number(void **state)
{
    struct avqa_color low = avqa_palette_sequential(0), nan_color;

    (void)state;
    nan_color = avqa_palette_sequential(nan(""));
    assert_true(distance(low, nan_color) < 1e-9);
    assert_true(distance(avqa_palette_sequential(7), avqa_palette_sequential(1)) <
                1e-9);
}

static void test_tint_ends_at_white(void **state)
{
    struct avqa_color blue = avqa_palette_categorical(0);

    (void)state;
    assert_true(distance(avqa_palette_tint(blue, 0), blue) < 1e-9);
    assert_true(distance(avqa_palette_tint(blue, 1), avqa_palette_hex(0xFFFFFF)) <
                1e-3);
    assert_true(avqa_palette_luminance(avqa_palette_tint(blue, 0.5)) >
                avqa_palette_luminance(blue));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_labels_read_on_any_fill),
        cmocka_unit_test(test_contrast_is_that_of_wcag),
        cmocka_unit_test(test_categories_stay_apart),
        cmocka_unit_test(test_categories_are_colours_for_any_number),
        cmocka_unit_test(test_sequential_gets_darker),
        cmocka_unit_test(test_maps_take_any_number),
        cmocka_unit_test(test_tint_ends_at_white),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
