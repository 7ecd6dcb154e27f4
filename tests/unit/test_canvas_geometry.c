/* Turned rectangles and sectors: who overlaps whom, what lies inside. All other figure
 * tests count clashes with these functions, so they are checked here against cases
 * worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plot/geometry.h"

static struct avqa_quad box(double x, double y, double half_w, double half_h,
                            double angle_deg)
{
    double c = cos(angle_deg * M_PI / 180), s = sin(angle_deg * M_PI / 180);
    const double sx[4] = {-1, 1, 1, -1}, sy[4] = {-1, -1, 1, 1};
    struct avqa_quad quad;

    for (size_t i = 0; i < 4; i++) {
        quad.corner[i].x_pt = x + sx[i] * half_w * c - sy[i] * half_h * s;
        quad.corner[i].y_pt = y + sx[i] * half_w * s + sy[i] * half_h * c;
    }
    return quad;
}

static void assert_overlap(struct avqa_quad a, struct avqa_quad b, bool wanted)
{
    assert_int_equal(avqa_quad_overlap(&a, &b, 0), wanted);
    assert_int_equal(avqa_quad_overlap(&b, &a, 0), wanted);
}

static void test_overlap(void **state)
{
    (void)state;
    assert_overlap(box(0, 0, 2, 1, 0), box(3.9, 0, 2, 1, 0), true);
    assert_overlap(box(0, 0, 2, 1, 0), box(4.1, 0, 2, 1, 0), false);
    /* Slanted labels: their upright frames overlap, they do not. */
    assert_overlap(box(0, 0, 20, 2, 45), box(8, 0, 20, 2, 45), false);
    assert_overlap(box(0, 0, 20, 2, 45), box(4, 0, 20, 2, 45), true);
    assert_overlap(box(0, 0, 9, 9, 0), box(1, 1, 1, 1, 30), true); /* inside */
}

static void test_wedge_holds(void **state)
{
    struct avqa_wedge right = {{0, 0}, 10, 30, M_PI / 4, M_PI * 3 / 4};
    struct avqa_wedge ring = {{0, 0}, 10, 30, 1, 1 + 2 * M_PI};
    struct avqa_wedge wrapped = {{0, 0}, 10, 30, 7.5 * M_PI / 4, 2 * M_PI + 0.4};
    struct avqa_quad good = box(20, 0, 6, 3, 0), wide = box(20, 0, 11, 3, 0);
    struct avqa_quad left = box(-20, 0, 6, 3, 0), top = box(0, -20, 3, 3, 0);
    struct avqa_quad middle = box(0, 0, 8, 8, 0);

    (void)state;
    assert_true(avqa_wedge_holds(&right, &good, 1));
    assert_false(avqa_wedge_holds(&right, &wide, 1));
    assert_false(avqa_wedge_holds(&right, &left, 1));
    assert_true(avqa_wedge_holds(&ring, &left, 1));
    assert_true(avqa_wedge_holds(&wrapped, &top, 0.5)); /* over twelve o'clock */
    assert_false(avqa_wedge_holds(&wrapped, &good, 0.5));
    assert_false(avqa_wedge_holds(&ring, &middle, 0)); /* sides cross the hole */
}

static void test_wedge_point(void **state)
{
    struct avqa_point center = {5, 5};
    struct avqa_point top = avqa_wedge_point(center, 2, 0);
    struct avqa_point right = avqa_wedge_point(center, 2, M_PI / 2);

    (void)state;
    assert_true(fabs(top.x_pt - 5) < 1e-9 && fabs(top.y_pt - 3) < 1e-9);
    assert_true(fabs(right.x_pt - 7) < 1e-9 && fabs(right.y_pt - 5) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_wedge_holds),
        cmocka_unit_test(test_wedge_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
