/* Two distributions side by side, one row per value. Shares and not counts are
 * compared, since splits differ in size; which rows are drawn is decided by the size of
 * the difference, their order by its sign, so that gains stand above and losses below.
 */
#include "plot/drift.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "plot/scale.h"

#define MAX_ROWS 40
#define MOST_ROWS 1000
#define PITCH_PT 11.5
#define DOT_PT 2.9
#define DELTA_ROOM_PT 40.0
#define A_COLOR 0x8A8A8A
#define B_COLOR 0x225588

struct row {
    const char *label;
    double a; /* shares */
    double b;
    size_t index;
};

struct plan {
    struct avqa_canvas *canvas;
    const struct avqa_drift_figure *figure;
    struct row *rows;
    size_t n_rows;       /* drawn */
    size_t n_left;       /* not drawn */
    double largest_left; /* difference among them */
    double a_total;
    double b_total;
    struct avqa_scale scale;
    double left_pt;
    double axis_pt; /* length of the axis */
    double width_pt;
};

static int by_size(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    double dx = fabs(x->b - x->a), dy = fabs(y->b - y->a);

    if (dx > dy || dx < dy)
        return dx > dy ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static int by_difference(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    double dx = x->b - x->a, dy = y->b - y->a;

    if (dx > dy || dx < dy)
        return dx > dy ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static void add_totals(const struct avqa_drift_value *values, size_t n_values,
                       double *a, double *b)
{
    *a = *b = 0;
    for (size_t i = 0; i < n_values; i++) {
        *a += avqa_figure_clean(values[i].a);
        *b += avqa_figure_clean(values[i].b);
    }
}

double avqa_drift_tvd(const struct avqa_drift_value *values, size_t n_values)
{
    double a_total, b_total, sum = 0;

    add_totals(values, n_values, &a_total, &b_total);
    if (!(a_total > 0) || !(b_total > 0))
        return nan("");
    for (size_t i = 0; i < n_values; i++)
        sum += fabs(avqa_figure_clean(values[i].a) / a_total -
                    avqa_figure_clean(values[i].b) / b_total);
    return sum / 2;
}

/* The rows with the largest differences, sorted by signed difference. */
static enum avqa_status pick_rows(struct plan *plan)
{
    const struct avqa_drift_figure *figure = plan->figure;
    size_t cap = 0, max_rows = figure->max_rows > 0 ? figure->max_rows : MAX_ROWS;
    enum avqa_status status =
        avqa_mem_grow(&plan->rows, &cap, figure->n_values, sizeof *plan->rows);

    if (status != AVQA_OK)
        return status;
    for (size_t i = 0; i < figure->n_values; i++) {
        const struct avqa_drift_value *value = &figure->values[i];
        double a = avqa_figure_clean(value->a), b = avqa_figure_clean(value->b);

        plan->rows[i] = (struct row){.label = value->label,
                                     .a = plan->a_total > 0 ? a / plan->a_total : 0,
                                     .b = plan->b_total > 0 ? b / plan->b_total : 0,
                                     .index = i};
    }
    max_rows = max_rows < MOST_ROWS ? max_rows : MOST_ROWS;
    qsort(plan->rows, figure->n_values, sizeof *plan->rows, by_size);
    plan->n_rows = figure->n_values < max_rows ? figure->n_values : max_rows;
    plan->n_left = figure->n_values - plan->n_rows;
    if (plan->n_left > 0)
        plan->largest_left =
            fabs(plan->rows[plan->n_rows].b - plan->rows[plan->n_rows].a);
    qsort(plan->rows, plan->n_rows, sizeof *plan->rows, by_difference);
    return AVQA_OK;
}

static double x_of(const struct plan *plan, double share)
{
    return plan->left_pt + share * 100 / plan->scale.max * plan->axis_pt;
}

static void plan_columns(struct plan *plan)
{
    double widest_pt = 0, largest = 0;

    plan->width_pt = avqa_figure_width(&plan->figure->head);
    for (size_t i = 0; i < plan->n_rows; i++) {
        struct avqa_text style =
            avqa_figure_text(plan->rows[i].label, AVQA_FIGURE_TEXT_PT);
        widest_pt = fmax(widest_pt, avqa_canvas_measure(plan->canvas, &style).width_pt);
        largest = fmax(largest, fmax(plan->rows[i].a, plan->rows[i].b));
    }
    plan->left_pt =
        AVQA_FIGURE_MARGIN_PT + fmin(widest_pt + 0.5, plan->width_pt * 0.4) + 9;
    plan->axis_pt = fmax(
        plan->width_pt - plan->left_pt - AVQA_FIGURE_MARGIN_PT - DELTA_ROOM_PT, 20);
    plan->scale = avqa_scale_nice(largest * 100, plan->axis_pt < 150 ? 3 : 6, false);
}

static void draw_axis(const struct plan *plan, double top_pt, double bottom_pt)
{
    for (size_t k = 0; k < plan->scale.n_ticks; k++) {
        char number[AVQA_SCALE_TEXT_LEN], text[AVQA_SCALE_TEXT_LEN + 2];
        double x_pt = plan->left_pt +
                      plan->axis_pt * (double)k / (double)(plan->scale.n_ticks - 1);
        struct avqa_stroke stroke = {k ? avqa_figure_grid() : avqa_figure_rule(),
                                     k ? 0.5 : 0.8, 0};
        struct avqa_text style = avqa_figure_text(text, AVQA_FIGURE_SMALL_PT);

        avqa_scale_number(number, (double)k * plan->scale.step);
        snprintf(text, sizeof text, "%s%%", number);
        style.align = AVQA_ALIGN_MIDDLE;
        style.color = avqa_figure_soft();
        avqa_canvas_line(plan->canvas, (struct avqa_point){x_pt, top_pt},
                         (struct avqa_point){x_pt, bottom_pt}, stroke);
        avqa_canvas_text(plan->canvas, (struct avqa_point){x_pt, bottom_pt + 7},
                         &style);
    }
}

/* A ring for a, a full dot for b: they differ without colour too. */
static void draw_dots(struct avqa_canvas *canvas, struct avqa_point a,
                      struct avqa_point b)
{
    avqa_canvas_disc(canvas, a, DOT_PT, avqa_palette_hex(A_COLOR));
    avqa_canvas_disc(canvas, a, DOT_PT - 1.1, avqa_palette_hex(0xFFFFFF));
    avqa_canvas_disc(canvas, b, DOT_PT, avqa_palette_hex(B_COLOR));
}

static void draw_row(const struct plan *plan, const struct row *row, double y_pt)
{
    struct avqa_point a = {x_of(plan, row->a), y_pt}, b = {x_of(plan, row->b), y_pt};
    struct avqa_stroke stroke = {
        avqa_palette_tint(avqa_palette_hex(row->b >= row->a ? B_COLOR : A_COLOR), 0.45),
        1.8, 0};
    struct avqa_stroke guide = {avqa_palette_hex(0xEFEFEF), 0.5, 0};
    struct avqa_text style = avqa_figure_text(row->label, AVQA_FIGURE_TEXT_PT);
    double points = (row->b - row->a) * 100;
    char number[AVQA_SCALE_TEXT_LEN], text[AVQA_SCALE_TEXT_LEN + 4];

    style.align = AVQA_ALIGN_END;
    style.max_width_pt = plan->left_pt - 9 - AVQA_FIGURE_MARGIN_PT;
    avqa_canvas_line(plan->canvas, (struct avqa_point){plan->left_pt, y_pt},
                     (struct avqa_point){plan->left_pt + plan->axis_pt, y_pt}, guide);
    avqa_canvas_text(plan->canvas, (struct avqa_point){plan->left_pt - 7, y_pt},
                     &style);
    avqa_canvas_line(plan->canvas, a, b, stroke);
    draw_dots(plan->canvas, a, b);

    avqa_scale_fixed(number, fabs(points), 1);
    snprintf(text, sizeof text, "%s%s",
             fabs(points) < 0.05 ? ""
             : points > 0        ? "+"
                                 : "−",
             number);
    style = avqa_figure_text(text, AVQA_FIGURE_SMALL_PT);
    style.align = AVQA_ALIGN_END;
    avqa_canvas_text(plan->canvas,
                     (struct avqa_point){plan->width_pt - AVQA_FIGURE_MARGIN_PT, y_pt},
                     &style);
}

/* One legend entry at x; returns the x behind it. */
static double draw_key(const struct plan *plan, const char *name, double total,
                       bool is_b, struct avqa_point at)
{
    char number[AVQA_SCALE_TEXT_LEN];
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_point off = {-100, -100}, dot = {at.x_pt + DOT_PT, at.y_pt};
    struct avqa_text style = avqa_figure_text(NULL, AVQA_FIGURE_TEXT_PT);

    avqa_scale_number(number, total);
    avqa_text_clean(&text, name);
    avqa_buf_addf(&text, "%s(n = %s)", text.len ? " " : "", number);
    if (is_b) {
        avqa_canvas_disc(plan->canvas, dot, DOT_PT, avqa_palette_hex(B_COLOR));
    } else {
        draw_dots(plan->canvas, dot, off);
    }
    at.x_pt += 2 * DOT_PT + 4;
    style.text = avqa_buf_str(&text);
    style.max_width_pt = plan->width_pt * 0.4;
    avqa_canvas_text(plan->canvas, at, &style);
    double end_pt = at.x_pt + avqa_canvas_measure(plan->canvas, &style).width_pt;
    avqa_buf_release(&text);
    return end_pt;
}

static void draw_rows(struct plan *plan, const struct avqa_figure *head)
{
    double y_pt = avqa_figure_begin(plan->canvas, head) + 4;
    struct avqa_text style = avqa_figure_text("points", AVQA_FIGURE_SMALL_PT);
    struct avqa_point key = {AVQA_FIGURE_MARGIN_PT, y_pt};

    key.x_pt = draw_key(plan, plan->figure->a_name, plan->a_total, false, key) + 14;
    draw_key(plan, plan->figure->b_name, plan->b_total, true, key);
    style.align = AVQA_ALIGN_END;
    style.color = avqa_figure_soft();
    y_pt += 10;
    avqa_canvas_text(
        plan->canvas,
        (struct avqa_point){plan->width_pt - AVQA_FIGURE_MARGIN_PT, y_pt - 1}, &style);
    y_pt += 4;
    double bottom_pt = y_pt + PITCH_PT * (double)plan->n_rows + 3;
    draw_axis(plan, y_pt, bottom_pt);
    for (size_t i = 0; i < plan->n_rows; i++)
        draw_row(plan, &plan->rows[i], y_pt + 1.5 + PITCH_PT * ((double)i + 0.5));
    bottom_pt += 12;
    if (plan->n_left > 0) {
        char number[AVQA_SCALE_TEXT_LEN], text[128];

        avqa_scale_fixed(number, plan->largest_left * 100, 2);
        snprintf(text, sizeof text, "%zu more with a difference of at most %s points",
                 plan->n_left, number);
        style = avqa_figure_text(text, AVQA_FIGURE_SMALL_PT);
        style.color = avqa_figure_soft();
        avqa_canvas_text(plan->canvas,
                         (struct avqa_point){AVQA_FIGURE_MARGIN_PT, bottom_pt + 6},
                         &style);
        bottom_pt += 11;
    }
    avqa_figure_end(plan->canvas, plan->width_pt, bottom_pt);
}

enum avqa_status avqa_drift_draw(struct avqa_canvas *canvas,
                                 const struct avqa_drift_figure *figure)
{
    struct plan plan = {.canvas = canvas, .figure = figure};
    struct avqa_figure head = figure->head;
    struct avqa_buf subtitle = AVQA_BUF_INIT;
    char number[AVQA_SCALE_TEXT_LEN];
    double tvd = avqa_drift_tvd(figure->values, figure->n_values);
    enum avqa_status status = AVQA_OK;

    add_totals(figure->values, figure->n_values, &plan.a_total, &plan.b_total);
    if (!(plan.a_total + plan.b_total > 0)) {
        avqa_figure_no_data(canvas, &figure->head);
        return AVQA_OK;
    }
    status = pick_rows(&plan);
    if (status != AVQA_OK)
        goto out;
    plan_columns(&plan);
    avqa_text_clean(&subtitle, figure->head.subtitle);
    avqa_buf_adds(&subtitle, subtitle.len > 0 ? " · " : "");
    avqa_scale_fixed(number, tvd, 3);
    if (isnan(tvd))
        avqa_buf_adds(&subtitle, "one of the splits is empty");
    else
        avqa_buf_addf(&subtitle, "total variation distance %s", number);
    head.subtitle = avqa_buf_str(&subtitle);
    draw_rows(&plan, &head);
out:
    avqa_buf_release(&subtitle);
    free(plan.rows);
    return status;
}
