/* A table. Columns that need less than their share of the width get what they need; the
 * rest is divided among the others by weight, and their cells wrap. Only the first rows
 * of a very long table are asked for their width. */
#include "plot/tablefig.h"

#include <math.h>
#include <stdio.h>

#include "base/mem.h"

#define MAX_COLUMNS 24
#define MAX_PAGE_PT 12000.0
#define GAP_PT 12.0
#define ROW_PAD_PT 4.0
#define MAX_LINES 12
#define MAX_MEASURED 2000 /* rows looked at for the widths */

struct plan {
    struct avqa_canvas *canvas;
    const struct avqa_tablefig_figure *figure;
    size_t n_columns;
    double width_pt[MAX_COLUMNS];
    double x_pt[MAX_COLUMNS];
    double page_pt;
    int max_lines;
};

static struct avqa_text cell_text(const struct plan *plan, const char *text,
                                  size_t column)
{
    struct avqa_text style = avqa_figure_text(text, AVQA_FIGURE_TEXT_PT);

    style.valign = AVQA_VALIGN_TOP;
    style.align = plan->figure->columns[column].align;
    style.max_width_pt = plan->width_pt[column];
    style.max_lines = plan->max_lines;
    return style;
}

static const char *cell_at(const struct plan *plan, size_t row, size_t column)
{
    return plan->figure->cells[row * plan->figure->n_columns + column];
}

static double natural_width(const struct plan *plan, size_t column)
{
    struct avqa_text style =
        avqa_figure_text(plan->figure->columns[column].title, AVQA_FIGURE_TEXT_PT);

    style.bold = true;
    double widest_pt = avqa_canvas_measure(plan->canvas, &style).width_pt;
    style.bold = false;
    for (size_t r = 0; r < plan->figure->n_rows && r < MAX_MEASURED; r++) {
        style.text = cell_at(plan, r, column);
        widest_pt = fmax(widest_pt, avqa_canvas_measure(plan->canvas, &style).width_pt);
    }
    return ceil(widest_pt + 0.5);
}

static double weight_of(const struct plan *plan, size_t column)
{
    double weight = plan->figure->columns[column].weight;

    return isfinite(weight) && weight > 0 ? weight : 1;
}

/* Hands out `room_pt`: first what narrow columns need, as long as any needs less than
 * its share, then shares by weight. */
static void share_width(struct plan *plan, double room_pt)
{
    double natural_pt[MAX_COLUMNS], weights = 0;
    bool settled[MAX_COLUMNS] = {false}, changed = true;

    for (size_t c = 0; c < plan->n_columns; c++) {
        natural_pt[c] = natural_width(plan, c);
        weights += weight_of(plan, c);
    }
    while (changed) {
        changed = false;
        for (size_t c = 0; c < plan->n_columns; c++) {
            double share_pt = room_pt * weight_of(plan, c) / fmax(weights, 1e-9);

            if (settled[c] || natural_pt[c] > share_pt)
                continue;
            plan->width_pt[c] = natural_pt[c];
            room_pt -= natural_pt[c];
            weights -= weight_of(plan, c);
            settled[c] = changed = true;
        }
    }
    for (size_t c = 0; c < plan->n_columns; c++)
        if (!settled[c])
            plan->width_pt[c] = fmax(room_pt * weight_of(plan, c) / weights, 8);
}

/* What is left over goes between the columns, within reason. */
static void plan_columns(struct plan *plan)
{
    double inside_pt = plan->page_pt - 2 * AVQA_FIGURE_MARGIN_PT - 4;
    double gaps_pt = GAP_PT * (double)(plan->n_columns - 1), used_pt = 0;

    share_width(plan, fmax(inside_pt - gaps_pt, 8 * (double)plan->n_columns));
    for (size_t c = 0; c < plan->n_columns; c++)
        used_pt += plan->width_pt[c];
    double spare_pt = inside_pt - used_pt - gaps_pt, gap_pt = GAP_PT;
    if (spare_pt > 0 && plan->n_columns > 1)
        gap_pt += fmin(spare_pt / (double)(plan->n_columns - 1), 40);

    double x_pt = AVQA_FIGURE_MARGIN_PT + 2;
    for (size_t c = 0; c < plan->n_columns; c++) {
        plan->x_pt[c] = x_pt;
        x_pt += plan->width_pt[c] + gap_pt;
    }
}

static void draw_cell(const struct plan *plan, const struct avqa_text *style,
                      size_t column, double y_pt)
{
    double x_pt = plan->x_pt[column];

    if (style->align == AVQA_ALIGN_MIDDLE)
        x_pt += plan->width_pt[column] / 2;
    else if (style->align == AVQA_ALIGN_END)
        x_pt += plan->width_pt[column];
    avqa_canvas_text(plan->canvas, (struct avqa_point){x_pt, y_pt}, style);
}

/* Returns the y below it. */
static double draw_rule(const struct plan *plan, double y_pt, double thick_pt)
{
    size_t last = plan->n_columns - 1;
    struct avqa_stroke stroke = {avqa_figure_ink(), thick_pt, 0};
    double right_pt = plan->x_pt[last] + plan->width_pt[last] + 2;

    avqa_canvas_line(plan->canvas, (struct avqa_point){AVQA_FIGURE_MARGIN_PT, y_pt},
                     (struct avqa_point){right_pt, y_pt}, stroke);
    return y_pt + ROW_PAD_PT + 1;
}

static double draw_heads(const struct plan *plan, double y_pt)
{
    double height_pt = AVQA_FIGURE_TEXT_PT;

    for (size_t c = 0; c < plan->n_columns; c++) {
        struct avqa_text style = cell_text(plan, plan->figure->columns[c].title, c);

        style.bold = true;
        style.max_lines = 3;
        height_pt =
            fmax(height_pt, avqa_canvas_measure(plan->canvas, &style).height_pt);
        draw_cell(plan, &style, c, y_pt);
    }
    return y_pt + height_pt + ROW_PAD_PT + 1;
}

static double draw_row(const struct plan *plan, size_t row, double y_pt)
{
    double height_pt = AVQA_FIGURE_TEXT_PT;

    for (size_t c = 0; c < plan->n_columns; c++) {
        struct avqa_text style = cell_text(plan, cell_at(plan, row, c), c);

        height_pt =
            fmax(height_pt, avqa_canvas_measure(plan->canvas, &style).height_pt);
        draw_cell(plan, &style, c, y_pt);
    }
    return y_pt + height_pt + ROW_PAD_PT;
}

static void draw_all(const struct plan *plan)
{
    size_t n_rows = plan->figure->n_rows, r = 0;
    double y_pt = avqa_figure_begin(plan->canvas, &plan->figure->head);

    y_pt = draw_rule(plan, y_pt, 1);
    y_pt = draw_heads(plan, y_pt);
    y_pt = draw_rule(plan, y_pt, 0.5);
    for (; r < n_rows && y_pt < MAX_PAGE_PT; r++)
        y_pt = draw_row(plan, r, y_pt);
    y_pt = draw_rule(plan, y_pt + 1, 1);
    if (r < n_rows) {
        char text[64];
        struct avqa_text note = avqa_figure_text(text, AVQA_FIGURE_SMALL_PT);

        snprintf(text, sizeof text, "%zu more row%s not shown", n_rows - r,
                 n_rows - r == 1 ? " is" : "s are");
        avqa_canvas_text(plan->canvas,
                         (struct avqa_point){AVQA_FIGURE_MARGIN_PT + 2, y_pt + 4},
                         &note);
        y_pt += 10;
    }
    avqa_figure_end(plan->canvas, plan->page_pt, y_pt - ROW_PAD_PT);
}

enum avqa_status avqa_tablefig_draw(struct avqa_canvas *canvas,
                                    const struct avqa_tablefig_figure *figure)
{
    struct plan plan = {.canvas = canvas, .figure = figure};

    if (figure->n_columns > MAX_COLUMNS)
        return avqa_fail(AVQA_EINVAL,
                         "a table of %zu columns cannot be drawn (most: %d)",
                         figure->n_columns, MAX_COLUMNS);
    if (figure->n_columns == 0 || figure->n_rows == 0) {
        avqa_figure_no_data(canvas, &figure->head);
        return AVQA_OK;
    }
    plan.n_columns = figure->n_columns;
    plan.page_pt = avqa_figure_width(&figure->head);
    plan.max_lines = figure->max_lines > 0 ? figure->max_lines : MAX_LINES;
    plan_columns(&plan);
    draw_all(&plan);
    return AVQA_OK;
}
