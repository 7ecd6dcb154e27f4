/* Ticks are round and cover the data; numbers read the same in every locale. The last
 * test needs a locale with a decimal comma and is skipped where there is none; the
 * others do not depend on the machine. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plot/scale.h"

static bool is_nice(double step)
{
    double mantissa = step / pow(10, floor(log10(step) + 1e-9));
    const double nice[] = {1, 2, 2.5, 5};

    for (size_t i = 0; i < 4; i++)
        if (fabs(mantissa - nice[i]) < 1e-6)
            return true;
    return false;
}

static void test_ticks_are_nice_and_cover(void **state)
{
    (void)state;
    for (double largest = 1e-5; largest < 1e12; largest *= 1.37) {
        for (size_t wanted = 2; wanted <= 8; wanted++) {
            struct avqa_scale scale = avqa_scale_nice(largest, wanted, false);

            assert_true(is_nice(scale.step));
            assert_true(scale.max >= largest * (1 - 1e-9));
            assert_true(scale.max - scale.step < largest); /* none too many */
            assert_true(scale.n_ticks >= 2 && scale.n_ticks <= wanted + 1);
            assert_true(fabs(scale.step * (double)(scale.n_ticks - 1) / scale.max - 1) <
                        1e-9);
        }
    }
}

static void test_ticks_for_counts_are_whole(void **state)
{
    (void)state;
    for (double largest = 1; largest < 500; largest++) {
        struct avqa_scale scale = avqa_scale_nice(largest, 5, true);

        assert_true(fabs(scale.step - nearbyint(scale.step)) < 1e-9);
        assert_true(scale.max >= largest);
    }
}

static void test_ticks_for_nonsense(void **state)
{
    const double nonsense[] = {0, -3, (double)NAN, (double)INFINITY, 1e300};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct avqa_scale scale = avqa_scale_nice(nonsense[i], 0, false);

        assert_true(isfinite(scale.max) && scale.max > 0 && scale.n_ticks < 20);
    }
}

static void assert_number(double value, const char *wanted)
{
    char text[AVQA_SCALE_TEXT_LEN];

    avqa_scale_number(text, value);
    assert_string_equal(text, wanted);
}

static void assert_percent(double share, const char *wanted)
{
    char text[AVQA_SCALE_TEXT_LEN];

    avqa_scale_percent(text, share);
    assert_string_equal(text, wanted);
}

static void test_numbers(void **state)
{
    (void)state;
    assert_number(0, "0");
    assert_number(999, "999");
    assert_number(1000, "1,000");
    assert_number(45867123, "45,867,123");
    assert_number(-1234, "-1,234");
    assert_number(1.25e9, "1.3e9");
    assert_number(1e15, "1.0e15");
    assert_number(0.25, "0.25");
    assert_number(2.5, "2.5");
    assert_number((double)NAN, "n/a");
    assert_percent(0.123, "12.3%");
    assert_percent(1, "100%");
    assert_percent(0, "0.0%");
    assert_percent(0.0001, "<0.1%");
    assert_percent((double)NAN, "n/a");
}

static void test_fixed(void **state)
{
    char text[AVQA_SCALE_TEXT_LEN];

    (void)state;
    avqa_scale_fixed(text, -0.5, 2);
    assert_string_equal(text, "-0.50");
    avqa_scale_fixed(text, -0.001, 1);
    assert_string_equal(text, "0.0");
    avqa_scale_fixed(text, 12.3456, 3);
    assert_string_equal(text, "12.346");
    avqa_scale_fixed(text, 7.6, 0);
    assert_string_equal(text, "8");
}

static void test_locale_does_not_matter(void **state)
{
    (void)state;
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8"))
        skip();
    assert_number(0.25, "0.25");
    assert_percent(0.5, "50.0%");
    setlocale(LC_NUMERIC, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ticks_are_nice_and_cover),
        cmocka_unit_test(test_ticks_for_counts_are_whole),
        cmocka_unit_test(test_ticks_for_nonsense),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_locale_does_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
