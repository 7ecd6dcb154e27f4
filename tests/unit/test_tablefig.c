/* Tables: cells wrap and never touch, numbers end on one line, long tables are cut and
 * say so. Columns are not checked for exact widths: those depend on the fonts of the
 * machine. */
#include "figure_fixture.h"
#include "plot/tablefig.h"

static const struct avqa_tablefig_column columns[] = {{"slot", AVQA_ALIGN_START, 1},
                                                      {"uses", AVQA_ALIGN_END, 1},
                                                      {"values", AVQA_ALIGN_START, 3}};

static void draw(const char *const *cells, size_t n_rows)
{
    struct avqa_tablefig_figure figure = {.head = {.title = "Table"},
                                          .columns = columns,
                                          .n_columns = 3,
                                          .cells = cells,
                                          .n_rows = n_rows};

    assert_int_equal(avqa_tablefig_draw(canvas, &figure), AVQA_OK);
}

#define LONG                                                                           \
    "violin 813, piano 722, cello 424, guitar 403, flute 342, saxophone 333, "         \
    "accordion "                                                                       \
    "314, ukulele 268, erhu 267, clarinet 266, trumpet 227, bassoon 218, tuba 209"

static void test_cells_wrap(void **state)
{
    const char *const cells[] = {"<Object>", "6,063", LONG,
                                 "<BA>",     "100",   "after, before"};
    const char *text;
    struct avqa_quad quad;
    bool found = false;

    (void)state;
    draw(cells, 2);
    assert_int_equal(avqa_canvas_clashes(canvas, 0), 0);
    for (size_t i = 0; avqa_canvas_text_at(canvas, i, &text, &quad); i++) {
        if (strcmp(text, LONG) != 0)
            continue;
        found = true;
        assert_true(quad.corner[3].y_pt - quad.corner[0].y_pt > 15); /* two lines */
        assert_true(quad.corner[1].x_pt < AVQA_FIGURE_WIDTH_PT);
    }
    assert_true(found);
    assert_written();
}

static void test_numbers_end_on_one_line(void **state)
{
    const char *const cells[] = {"a", "6,063", "x", "b", "1", "y"};
    const char *text;
    struct avqa_quad quad;
    double right[2] = {0, 0};

    (void)state;
    draw(cells, 2);
    for (size_t i = 0; avqa_canvas_text_at(canvas, i, &text, &quad); i++) {
        if (strcmp(text, "6,063") == 0)
            right[0] = quad.corner[1].x_pt;
        if (strcmp(text, "1") == 0)
            right[1] = quad.corner[1].x_pt;
    }
    assert_true(right[0] > 0 && fabs(right[0] - right[1]) < 1e-6);
}

static void test_long_tables_are_cut(void **state)
{
    static const char *cells[3 * 3000];

    (void)state;
    for (size_t i = 0; i < 9000; i++)
        cells[i] = "x";
    draw(cells, 3000);
    assert_true(avqa_canvas_height(canvas) < AVQA_CANVAS_MAX_PT);
    const char *text;
    struct avqa_quad quad;
    bool said = false;
    for (size_t i = 0; avqa_canvas_text_at(canvas, i, &text, &quad); i++)
        said = said || strstr(text, "more rows are not shown");
    assert_true(said);
}

static void test_empty_and_hostile_data(void **state)
{
    const char *cells[60];
    struct avqa_tablefig_figure wide = {
        .columns = columns, .n_columns = 99, .n_rows = 1};

    (void)state;
    draw(NULL, 0);
    assert_true(is_drawn("no data"));
    for (size_t i = 0; i < 60; i++)
        cells[i] = hostile_label(i * 3);
    draw(cells, 20);
    assert_int_equal(avqa_canvas_clashes(canvas, 0), 0);
    assert_written();
    assert_int_equal(avqa_tablefig_draw(canvas, &wide), AVQA_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells_wrap),
        cmocka_unit_test(test_numbers_end_on_one_line),
        cmocka_unit_test(test_long_tables_are_cut),
        cmocka_unit_test(test_empty_and_hostile_data),
    };

    return cmocka_run_group_tests(tests, open_canvas, close_canvas);
}
