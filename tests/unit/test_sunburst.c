/* Sunburst: a child's angle is its part of its parent's, thin slices are gathered and
 * counted, labels stay inside their slices. A tree that is not one (a loop, a parent
 * that comes later) is refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "figure_fixture.h"
#include "plot/sunburst.h"

static enum avqa_status draw(const struct avqa_sunburst_node *nodes, size_t n_nodes)
{
    struct avqa_sunburst_figure figure = {.head = {.title = "Words"},
                                          .nodes = nodes,
                                          .n_nodes = n_nodes,
                                          .unit = "questions"};

    return avqa_sunburst_draw(canvas, &figure);
}

static double ring_sum(double r0_pt)
{
    struct avqa_wedge wedge;
    struct avqa_color fill;
    double sum = 0;

    for (size_t i = 0; avqa_canvas_wedge_at(canvas, i, &wedge, &fill); i++)
        if (fabs(wedge.r0_pt - r0_pt) < 1e-6)
            sum += wedge.a1_rad - wedge.a0_rad;
    return sum;
}

static const struct avqa_sunburst_node words[] = {{"How", 60, AVQA_SUNBURST_ROOT},
                                                  {"Is", 40, AVQA_SUNBURST_ROOT},
                                                  {"many", 50, 0},
                                                  {"the", 30, 1},
                                                  {"there", 10, 1},
                                                  {"types", 50, 2}};

static void test_angles_follow_counts(void **state)
{
    struct avqa_wedge first, child;
    struct avqa_color fill;

    (void)state;
    assert_int_equal(draw(words, 6), AVQA_OK);
    assert_true(avqa_canvas_wedge_at(canvas, 0, &first, &fill));
    assert_true(fabs(first.a1_rad - 0.6 * 2 * M_PI) < 1e-9);
    assert_true(fabs(ring_sum(first.r0_pt) - 2 * M_PI) < 1e-9);
    assert_true(avqa_canvas_wedge_at(canvas, 1, &child, &fill));
    assert_true(fabs(child.r0_pt - first.r1_pt) < 1e-9);
    assert_true(fabs(child.a1_rad - 0.5 * 2 * M_PI) < 1e-9); /* ten end after "How" */
    assert_true(fabs(ring_sum(child.r0_pt) - 0.9 * 2 * M_PI) < 1e-9);
    assert_true(is_drawn("100") && is_drawn("questions") && is_drawn("types"));
    assert_written();
}

static void test_colours_get_lighter_outwards(void **state)
{
    struct avqa_wedge wedge;
    struct avqa_color a, b, c;

    (void)state;
    assert_int_equal(draw(words, 6), AVQA_OK);
    assert_true(avqa_canvas_wedge_at(canvas, 0, &wedge, &a));
    assert_true(avqa_canvas_wedge_at(canvas, 1, &wedge, &b));
    assert_true(avqa_canvas_wedge_at(canvas, 2, &wedge, &c));
    assert_true(avqa_palette_luminance(a) < avqa_palette_luminance(b));
    assert_true(avqa_palette_luminance(b) < avqa_palette_luminance(c));
}

static void test_thin_slices_are_gathered(void **state)
{
    struct avqa_sunburst_node nodes[401] = {{"big", 600, AVQA_SUNBURST_ROOT}};
    struct avqa_wedge wedge;
    struct avqa_color fill;

    (void)state;
    for (size_t i = 1; i < 401; i++)
        nodes[i] = (struct avqa_sunburst_node){"tiny", 1, AVQA_SUNBURST_ROOT};
    assert_int_equal(draw(nodes, 401), AVQA_OK);
    assert_true(avqa_canvas_wedge_at(canvas, 1, &wedge, &fill));
    assert_false(avqa_canvas_wedge_at(canvas, 2, &wedge, &fill));
    assert_true(fabs(wedge.a1_rad - wedge.a0_rad - 0.4 * 2 * M_PI) < 1e-9);
    assert_true(is_drawn("… 400 more"));
}

static void test_labels_stay_inside_slices(void **state)
{
    static struct avqa_sunburst_node nodes[800];
    const char *text;
    struct avqa_quad quad;

    (void)state;
    for (size_t i = 0; i < 800; i++)
        nodes[i] = (struct avqa_sunburst_node){.label = i % 3 ? "instrument" : "the",
                                               .value = (double)(i * 7919 % 101),
                                               .parent = i < 7 ? AVQA_SUNBURST_ROOT
                                                               : (i - 7) / 3};
    assert_int_equal(draw(nodes, 800), AVQA_OK);
    assert_int_equal(avqa_canvas_clashes(canvas, 0.3), 0);
    size_t n_inside = 0, n_texts = 0;
    for (; avqa_canvas_text_at(canvas, n_texts, &text, &quad); n_texts++) {
        struct avqa_wedge wedge;
        struct avqa_color fill;

        for (size_t k = 0; avqa_canvas_wedge_at(canvas, k, &wedge, &fill); k++)
            n_inside += avqa_wedge_holds(&wedge, &quad, 0);
    }
    assert_true(n_texts > 30);
    assert_int_equal(n_inside, n_texts - 3); /* title and the two in the middle */
}

static void test_a_chain_is_full_rings(void **state)
{
    const struct avqa_sunburst_node chain[] = {{"a", 5, AVQA_SUNBURST_ROOT},
                                               {"b", 5, 0},
                                               {"c", 5, 1},
                                               {"d", 5, 2},
                                               {"e", 5, 3}};
    struct avqa_wedge wedge;
    struct avqa_color fill;

    (void)state;
    assert_int_equal(draw(chain, 5), AVQA_OK);
    assert_true(avqa_canvas_wedge_at(canvas, 3, &wedge, &fill));
    assert_false(
        avqa_canvas_wedge_at(canvas, 4, &wedge, &fill)); /* four rings at most */
    assert_true(is_drawn("d"));
    assert_written();
}

static void test_wrong_parents_are_refused(void **state)
{
    const struct avqa_sunburst_node loop[] = {{"a", 1, 1}, {"b", 1, 0}};
    const struct avqa_sunburst_node self[] = {{"a", 1, 0}};

    (void)state;
    assert_int_equal(draw(loop, 2), AVQA_EINVAL);
    assert_int_equal(draw(self, 1), AVQA_EINVAL);
}

static void test_empty_and_hostile_data(void **state)
{
    struct avqa_sunburst_node nodes[200];

    (void)state;
    assert_int_equal(draw(NULL, 0), AVQA_OK);
    assert_true(is_drawn("no data"));
    for (size_t i = 0; i < 200; i++)
        nodes[i] =
            (struct avqa_sunburst_node){hostile_label(i), hostile_value(i + i / 10),
                                        i < 9 ? AVQA_SUNBURST_ROOT : i / 4};
    assert_int_equal(draw(nodes, 200), AVQA_OK);
    assert_written();
    assert_int_equal(avqa_canvas_clashes(canvas, 0.3), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_angles_follow_counts),
        cmocka_unit_test(test_colours_get_lighter_outwards),
        cmocka_unit_test(test_thin_slices_are_gathered),
        cmocka_unit_test(test_labels_stay_inside_slices),
        cmocka_unit_test(test_a_chain_is_full_rings),
        cmocka_unit_test(test_wrong_parents_are_refused),
        cmocka_unit_test(test_empty_and_hostile_data),
    };

    return cmocka_run_group_tests(tests, open_canvas, close_canvas);
}
