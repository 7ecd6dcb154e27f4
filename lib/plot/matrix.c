/* A matrix by colour. The cell size follows from what the labels and the colour bar
 * leave of the width; labels stand above, or below for a triangle, whose upper half is
 * where the colour bar has room. */
#include "plot/matrix.h"

#include <math.h>
#include <stdio.h>

#include "base/mem.h"
#include "plot/scale.h"
#include "plot/slant.h"

#define MAX_ROWS 300
#define MAX_CELL_PT 24.0
#define MAX_CELLS_PT 160.0 /* a small matrix may have larger cells, up to this */
#define LARGEST_CELL_PT 36.0
#define MIN_CELL_PT 5.0
#define MAX_LABEL_PT 90.0
#define BAR_ROOM_PT 52.0
#define BAR_STEPS 48
#define MIN_NUMBER_PT 4.5

struct plan {
    struct avqa_canvas *canvas;
    const struct avqa_matrix_figure *figure;
    const char *const *cols;
    size_t n_rows; /* drawn */
    size_t n_cols;
    double smallest; /* positive value */
    double largest;
    double width_pt;
    double left_pt; /* of the cells */
    double top_pt;
    double cell_pt;
    double row_size_pt;    /* type size of the row labels */
    double number_size_pt; /* 0: no numbers */
    struct avqa_slant slant;
};

static bool is_drawn(const struct plan *plan, size_t row, size_t col)
{
    return !plan->figure->lower_triangle || col <= row;
}

static double value_at(const struct plan *plan, size_t row, size_t col)
{
    return plan->figure->values[row * plan->figure->n_cols + col];
}

static double position_of(const struct plan *plan, double value)
{
    if (!plan->figure->log_scale)
        return value / plan->largest;
    if (plan->largest <= plan->smallest)
        return 1;
    return log(value / plan->smallest) / log(plan->largest / plan->smallest);
}

/* The darkest and the lightest end of the map are left to print well under a label. */
static struct avqa_color color_of(const struct plan *plan, double value)
{
    return avqa_palette_sequential(0.04 + 0.90 * position_of(plan, value));
}

static void find_range(struct plan *plan)
{
    for (size_t r = 0; r < plan->n_rows; r++) {
        for (size_t c = 0; c < plan->n_cols; c++) {
            double value = avqa_figure_clean(value_at(plan, r, c));

            if (value <= 0 || !is_drawn(plan, r, c))
                continue;
            plan->largest = fmax(plan->largest, value);
            plan->smallest = plan->smallest > 0 ? fmin(plan->smallest, value) : value;
        }
    }
}

static double text_width(const struct plan *plan, const char *text, double size_pt,
                         double max_pt)
{
    struct avqa_text style = avqa_figure_text(text, size_pt);

    style.max_width_pt = max_pt;
    return avqa_canvas_measure(plan->canvas, &style).width_pt;
}

/* How far column labels reach past the cells: to the left if they stand below them, to
 * the right if above. */
static double column_overhang(const struct plan *plan)
{
    double over_pt = 0, cells_pt = plan->cell_pt * (double)plan->n_cols;

    for (size_t c = 0; c < plan->n_cols; c++) {
        double at_pt = ((double)c + 0.5) * plan->cell_pt;
        double reach_pt = avqa_slant_reach(
            &plan->slant,
            text_width(plan, plan->cols[c], plan->slant.size_pt, MAX_LABEL_PT));
        double room_pt = plan->figure->lower_triangle ? at_pt : cells_pt - at_pt;
        over_pt = fmax(over_pt, reach_pt - room_pt);
    }
    return over_pt;
}

static double largest_cell(const struct plan *plan)
{
    size_t n = plan->n_rows > plan->n_cols ? plan->n_rows : plan->n_cols;

    return fmin(fmax(MAX_CELLS_PT / (double)n, MAX_CELL_PT), LARGEST_CELL_PT);
}

static void plan_cells(struct plan *plan)
{
    double widest_row_pt = 0, widest_col_pt = 0, bar_pt = BAR_ROOM_PT, over_pt = 0,
           need_pt = 0;
    bool lower = plan->figure->lower_triangle;

    plan->width_pt = avqa_figure_width(&plan->figure->head);
    for (size_t r = 0; r < plan->n_rows; r++)
        widest_row_pt =
            fmax(widest_row_pt, text_width(plan, plan->figure->rows[r],
                                           AVQA_FIGURE_TEXT_PT, MAX_LABEL_PT));
    for (size_t c = 0; c < plan->n_cols; c++)
        widest_col_pt = fmax(widest_col_pt,
                             text_width(plan, plan->cols[c], AVQA_FIGURE_TEXT_PT, 0));
    for (int round = 0; round < 3; round++) {
        double left_pt = fmax(widest_row_pt + 5, lower ? over_pt : 0);
        double right_pt =
            lower ? (plan->n_rows < 8 ? bar_pt : 4) : fmax(bar_pt, over_pt);
        double room_pt =
            plan->width_pt - 2 * AVQA_FIGURE_MARGIN_PT - left_pt - right_pt;

        plan->left_pt = AVQA_FIGURE_MARGIN_PT + left_pt;
        plan->cell_pt =
            fmin(fmax(room_pt / (double)plan->n_cols, MIN_CELL_PT), largest_cell(plan));
        struct avqa_slant_want want = {widest_col_pt, plan->cell_pt,
                                       AVQA_FIGURE_TEXT_PT, MAX_LABEL_PT};
        plan->slant = avqa_slant_choose(&want);
        over_pt = column_overhang(plan);
        need_pt = plan->left_pt + plan->cell_pt * (double)plan->n_cols + right_pt +
                  AVQA_FIGURE_MARGIN_PT;
        plan->width_pt = fmax(plan->width_pt, need_pt);
    }
    plan->left_pt += (plan->width_pt - need_pt) / 2;
    plan->row_size_pt = fmin(AVQA_FIGURE_TEXT_PT, plan->cell_pt / 1.1);
}

/* Numbers are drawn if the widest fits its cell at a size that can be read. */
static void plan_numbers(struct plan *plan)
{
    char text[AVQA_SCALE_TEXT_LEN];
    double widest_pt = 0;

    if (plan->figure->no_numbers || plan->cell_pt < 8)
        return;
    for (size_t r = 0; r < plan->n_rows; r++) {
        for (size_t c = 0; c < plan->n_cols; c++) {
            double value = avqa_figure_clean(value_at(plan, r, c));

            if (value <= 0 || !is_drawn(plan, r, c))
                continue;
            avqa_scale_number(text, value);
            widest_pt = fmax(widest_pt, text_width(plan, text, 10, 0));
        }
    }
    double size_pt = fmin(7, 10 * (plan->cell_pt - 3.5) / fmax(widest_pt, 1));
    if (size_pt >= MIN_NUMBER_PT)
        plan->number_size_pt = floor(size_pt * 4) / 4;
}

static void draw_cell(const struct plan *plan, size_t row, size_t col)
{
    double value = value_at(plan, row, col), cell = plan->cell_pt;
    double x = plan->left_pt + (double)col * cell,
           y = plan->top_pt + (double)row * cell;
    struct avqa_rect rect = {x, y, cell, cell};
    struct avqa_stroke grey = {avqa_palette_other(), 0.5, 0};
    char text[AVQA_SCALE_TEXT_LEN];

    if (isnan(value)) {
        avqa_canvas_line(plan->canvas, (struct avqa_point){x + 1, y + 1},
                         (struct avqa_point){x + cell - 1, y + cell - 1}, grey);
        avqa_canvas_line(plan->canvas, (struct avqa_point){x + cell - 1, y + 1},
                         (struct avqa_point){x + 1, y + cell - 1}, grey);
        return;
    }
    value = avqa_figure_clean(value);
    if (value <= 0)
        return;
    avqa_canvas_rect(plan->canvas, rect, color_of(plan, value));
    if (plan->number_size_pt <= 0)
        return;
    struct avqa_text style = avqa_figure_text(text, plan->number_size_pt);
    avqa_scale_number(text, value);
    style.align = AVQA_ALIGN_MIDDLE;
    style.color = avqa_palette_label_on(color_of(plan, value));
    avqa_canvas_text(plan->canvas, (struct avqa_point){x + cell / 2, y + cell / 2},
                     &style);
}

/* Lines between cells; a triangle's stop at its diagonal. */
static void draw_grid(const struct plan *plan)
{
    bool lower = plan->figure->lower_triangle;
    double cell = plan->cell_pt, left = plan->left_pt, top = plan->top_pt;
    double bottom = top + (double)plan->n_rows * cell;
    struct avqa_stroke stroke = {avqa_figure_grid(), cell < 10 ? 0.3 : 0.5, 0};

    for (size_t r = 0; r <= plan->n_rows; r++) {
        size_t n = lower && r + 1 < plan->n_cols ? r + 1 : plan->n_cols;
        double y = top + (double)r * cell;
        avqa_canvas_line(plan->canvas, (struct avqa_point){left, y},
                         (struct avqa_point){left + (double)n * cell, y}, stroke);
    }
    for (size_t c = 0; c <= plan->n_cols; c++) {
        double x = left + (double)c * cell;
        double from = lower && c > 0 ? top + (double)(c - 1) * cell : top;
        avqa_canvas_line(plan->canvas, (struct avqa_point){x, fmin(from, bottom)},
                         (struct avqa_point){x, bottom}, stroke);
    }
}

static void draw_labels(const struct plan *plan)
{
    bool above = !plan->figure->lower_triangle;
    double bottom_pt = plan->top_pt + (double)plan->n_rows * plan->cell_pt;
    double y_pt = above ? plan->top_pt - 4 : bottom_pt + 4;

    for (size_t r = 0; r < plan->n_rows; r++) {
        struct avqa_text style =
            avqa_figure_text(plan->figure->rows[r], plan->row_size_pt);
        struct avqa_point at = {plan->left_pt - 4,
                                plan->top_pt + ((double)r + 0.5) * plan->cell_pt};

        style.align = AVQA_ALIGN_END;
        style.max_width_pt = MAX_LABEL_PT;
        avqa_canvas_text(plan->canvas, at, &style);
    }
    for (size_t c = 0; c < plan->n_cols; c++) {
        struct avqa_text style = avqa_slant_text(&plan->slant, plan->cols[c], above);
        struct avqa_point at = {plan->left_pt + ((double)c + 0.5) * plan->cell_pt,
                                y_pt};

        avqa_canvas_text(plan->canvas, at, &style);
    }
}

static void draw_bar_tick(const struct plan *plan, struct avqa_rect bar, double value)
{
    char text[AVQA_SCALE_TEXT_LEN];
    double y_pt = bar.y_pt + bar.height_pt * (1 - position_of(plan, value));
    double x_pt = bar.x_pt + bar.width_pt;
    struct avqa_stroke stroke = {avqa_figure_rule(), 0.5, 0};
    struct avqa_text style = avqa_figure_text(text, AVQA_FIGURE_SMALL_PT);

    avqa_scale_number(text, value);
    double width_pt = avqa_canvas_measure(plan->canvas, &style).width_pt;
    style.size_pt *= fmin(1, (BAR_ROOM_PT - 26) / fmax(width_pt, 1));
    avqa_canvas_line(plan->canvas, (struct avqa_point){x_pt, y_pt},
                     (struct avqa_point){x_pt + 2.5, y_pt}, stroke);
    avqa_canvas_text(plan->canvas, (struct avqa_point){x_pt + 5, y_pt}, &style);
}

/* Powers of ten, or some of them if there are many; without any, the two ends. */
static void draw_log_ticks(const struct plan *plan, struct avqa_rect bar)
{
    int first = (int)ceil(log10(plan->smallest) - 1e-9);
    int last = (int)floor(log10(plan->largest) + 1e-9);
    int stride = (last - first) / 6 + 1;

    for (int power = first; power <= last; power += stride)
        draw_bar_tick(plan, bar, pow(10, power));
    if (last >= first)
        return;
    draw_bar_tick(plan, bar, plan->largest);
    if (plan->largest > plan->smallest)
        draw_bar_tick(plan, bar, plan->smallest);
}

static void draw_bar_ticks(const struct plan *plan, struct avqa_rect bar)
{
    if (plan->figure->log_scale) {
        draw_log_ticks(plan, bar);
        return;
    }
    struct avqa_scale scale =
        avqa_scale_nice(plan->largest, bar.height_pt < 60 ? 2 : 4, false);
    for (size_t k = 0; k < scale.n_ticks; k++)
        if ((double)k * scale.step <= plan->largest * (1 + 1e-9))
            draw_bar_tick(plan, bar, (double)k * scale.step);
}

static void draw_bar(const struct plan *plan)
{
    double cells_pt = plan->cell_pt * (double)plan->n_rows;
    double right_pt = plan->left_pt + plan->cell_pt * (double)plan->n_cols;
    bool inside = plan->figure->lower_triangle && plan->n_rows >= 8;
    struct avqa_rect bar = {inside ? right_pt - 34 : right_pt + 10, plan->top_pt + 16,
                            9,
                            fmin(fmax(cells_pt * (inside ? 0.45 : 1) - 16, 40), 180)};
    struct avqa_text style =
        avqa_figure_text(plan->figure->bar_label, AVQA_FIGURE_TEXT_PT);
    struct avqa_stroke edge = {avqa_figure_rule(), 0.4, 0};
    double step_pt = bar.height_pt / BAR_STEPS;

    for (int i = 0; i < BAR_STEPS; i++) {
        double t = (BAR_STEPS - 0.5 - i) / BAR_STEPS;
        double overlap_pt = i + 1 < BAR_STEPS ? 0.3 : 0; /* no seams */
        struct avqa_rect rect = {bar.x_pt, bar.y_pt + i * step_pt, bar.width_pt,
                                 step_pt + overlap_pt};

        avqa_canvas_rect(plan->canvas, rect, avqa_palette_sequential(0.04 + 0.90 * t));
    }
    avqa_canvas_outline(plan->canvas, bar, edge);
    draw_bar_ticks(plan, bar);
    style.max_width_pt = BAR_ROOM_PT - 8;
    avqa_canvas_text(plan->canvas, (struct avqa_point){bar.x_pt, plan->top_pt + 5},
                     &style);
}

static void draw_all(struct plan *plan)
{
    struct avqa_figure head = plan->figure->head;
    bool lower = plan->figure->lower_triangle;

    head.width_pt = plan->width_pt;
    double y_pt = avqa_figure_begin(plan->canvas, &head);
    plan->top_pt = y_pt + (lower ? 0 : plan->slant.depth_pt + 6);
    for (size_t r = 0; r < plan->n_rows; r++)
        for (size_t c = 0; c < plan->n_cols; c++)
            if (is_drawn(plan, r, c))
                draw_cell(plan, r, c);
    draw_grid(plan);
    draw_labels(plan);
    draw_bar(plan);
    double cells_pt = plan->cell_pt * (double)plan->n_rows;
    double below_pt = plan->top_pt + fmax(cells_pt, 60);
    if (lower)
        below_pt = fmax(below_pt, plan->top_pt + cells_pt + 6 + plan->slant.depth_pt);
    avqa_figure_end(plan->canvas, plan->width_pt, below_pt);
}

enum avqa_status avqa_matrix_draw(struct avqa_canvas *canvas,
                                  const struct avqa_matrix_figure *figure)
{
    struct plan plan = {.canvas = canvas, .figure = figure};

    plan.cols = figure->cols ? figure->cols : figure->rows;
    if (!figure->cols && figure->n_cols != figure->n_rows)
        return avqa_fail(AVQA_EINVAL, "a matrix of %zu x %zu needs column labels",
                         figure->n_rows, figure->n_cols);
    if (figure->n_rows > MAX_ROWS || figure->n_cols > MAX_ROWS)
        return avqa_fail(AVQA_EINVAL, "a matrix of %zu x %zu is too large to draw",
                         figure->n_rows, figure->n_cols);
    plan.n_rows = figure->n_rows;
    plan.n_cols = figure->n_cols;
    if (plan.n_rows > 0 && plan.n_cols > 0)
        find_range(&plan);
    if (!(plan.largest > 0)) {
        avqa_figure_no_data(canvas, &figure->head);
        return AVQA_OK;
    }
    plan_cells(&plan);
    plan_numbers(&plan);
    draw_all(&plan);
    return AVQA_OK;
}
