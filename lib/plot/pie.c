/* Pies as rings with the total in the middle.
 *
 * Everything about one pie is worked out before anything is drawn, because all pies
 * take the same form: names beside the slices if that works for every pie, else legends
 * below. Shares stand in their slices where they fit. */
#include "plot/pie.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "plot/scale.h"

#define PIES_PER_ROW 4
#define MIN_SHARE 0.02
#define HOLE 0.4
#define LABEL_PITCH_PT 10.0
#define LEGEND_PITCH_PT 11.0

struct slice {
    const char *label;
    char gathered[AVQA_SCALE_TEXT_LEN]; /* the label of the gathered slice */
    double value;
    double share;
    struct avqa_wedge wedge;
    struct avqa_color color;
    double label_y_pt; /* beside the pie */
};

struct pie {
    const char *title;
    struct slice *slices;
    size_t n_slices;
    size_t cap_slices;
    double total;
};

struct plan {
    struct avqa_canvas *canvas;
    struct pie *pies;
    size_t n_pies;
    double cell_pt; /* width of one pie with its labels */
    double r_pt;
    bool beside; /* names beside the slices, no legend */
};

static const char *name_of(const struct slice *slice)
{
    return slice->label ? slice->label : slice->gathered;
}

/* How many slices are to be gathered, and what they hold together. */
static size_t count_small(const struct avqa_pie *pie, double limit, double *sum)
{
    size_t n = 0;

    *sum = 0;
    for (size_t i = 0; i < pie->n_slices; i++) {
        double value = avqa_figure_clean(pie->slices[i].value);
        if (value > 0 && value < limit) {
            *sum += value;
            n++;
        }
    }
    return n;
}

static void place_wedges(struct pie *pie)
{
    double a_rad = 0;

    for (size_t i = 0; i < pie->n_slices; i++) {
        struct slice *slice = &pie->slices[i];

        slice->share = slice->value / pie->total;
        slice->wedge.a0_rad = a_rad;
        a_rad = i + 1 < pie->n_slices ? a_rad + slice->share * 2 * M_PI : 2 * M_PI;
        slice->wedge.a1_rad = a_rad;
    }
}

static enum avqa_status gather(struct pie *pie, const struct avqa_pie *from,
                               double min_share)
{
    double sum;
    enum avqa_status status = avqa_mem_grow(&pie->slices, &pie->cap_slices,
                                            from->n_slices + 1, sizeof *pie->slices);

    if (status != AVQA_OK)
        return status;
    pie->title = from->title;
    for (size_t i = 0; i < from->n_slices; i++)
        pie->total += avqa_figure_clean(from->slices[i].value);

    size_t n_small = count_small(from, min_share * pie->total, &sum);
    bool gathers = n_small > 1;
    for (size_t i = 0; i < from->n_slices; i++) {
        double value = avqa_figure_clean(from->slices[i].value);
        const struct avqa_color *color = from->slices[i].color;

        if (value <= 0 || (gathers && value < min_share * pie->total))
            continue;
        struct slice *slice = &pie->slices[pie->n_slices++];
        slice->label = from->slices[i].label ? from->slices[i].label : "";
        slice->value = value;
        slice->color = color ? *color : avqa_palette_categorical(i);
    }
    if (gathers) {
        struct slice *slice = &pie->slices[pie->n_slices++];
        snprintf(slice->gathered, sizeof slice->gathered, "other (%zu)", n_small);
        slice->value = sum;
        slice->color = avqa_palette_other();
    }
    if (pie->total > 0)
        place_wedges(pie);
    return AVQA_OK;
}

static bool is_right(const struct slice *slice)
{
    return slice->wedge.a0_rad + slice->wedge.a1_rad < 2 * M_PI;
}

/* Slices of one side from top to bottom: with the clock on the right, against it on the
 * left. The i-th in that order, or NULL. */
static struct slice *nth_down(const struct pie *pie, bool right, size_t i)
{
    for (size_t k = 0; k < pie->n_slices; k++) {
        struct slice *slice = &pie->slices[right ? k : pie->n_slices - 1 - k];
        if (is_right(slice) == right && i-- == 0)
            return slice;
    }
    return NULL;
}

/* Moves the labels of one side apart; false if there is no room for all. */
static bool spread(const struct pie *pie, bool right, double r_pt)
{
    double top_pt = -r_pt - 8, bottom_pt = r_pt + 8, y_pt = top_pt;
    size_t n = 0;

    for (struct slice *slice; (slice = nth_down(pie, right, n)); n++) {
        double mid = (slice->wedge.a0_rad + slice->wedge.a1_rad) / 2;

        slice->label_y_pt = fmax(-cos(mid) * (r_pt + 6), y_pt);
        y_pt = slice->label_y_pt + LABEL_PITCH_PT;
    }
    if ((double)n * LABEL_PITCH_PT > bottom_pt - top_pt)
        return false;
    y_pt = bottom_pt;
    for (size_t i = n; i-- > 0;) {
        struct slice *slice = nth_down(pie, right, i);

        slice->label_y_pt = fmin(slice->label_y_pt, y_pt);
        y_pt = slice->label_y_pt - LABEL_PITCH_PT;
    }
    return true;
}

static double room_beside(const struct plan *plan)
{
    return plan->cell_pt / 2 - plan->r_pt - 16;
}

static bool names_fit_beside(const struct plan *plan)
{
    for (size_t p = 0; p < plan->n_pies; p++) {
        const struct pie *pie = &plan->pies[p];

        if (!spread(pie, true, plan->r_pt) || !spread(pie, false, plan->r_pt))
            return false;
        for (size_t i = 0; i < pie->n_slices; i++) {
            struct avqa_text style =
                avqa_figure_text(name_of(&pie->slices[i]), AVQA_FIGURE_TEXT_PT);
            if (avqa_canvas_measure(plan->canvas, &style).width_pt > room_beside(plan))
                return false;
        }
    }
    return true;
}

/* The share inside the slice, if it fits; else just outside, if `outside` and it does
 * not touch the one before. */
static void draw_share(const struct plan *plan, const struct slice *slice,
                       struct avqa_quad *last)
{
    char text[AVQA_SCALE_TEXT_LEN] = "";
    double mid = (slice->wedge.a0_rad + slice->wedge.a1_rad) / 2;
    double r_mid = (slice->wedge.r0_pt + slice->wedge.r1_pt) / 2 + 1;
    struct avqa_point at = avqa_wedge_point(slice->wedge.center, r_mid, mid);
    struct avqa_text style = avqa_figure_text(text, AVQA_FIGURE_SMALL_PT);

    avqa_scale_percent(text, slice->share);
    style.align = AVQA_ALIGN_MIDDLE;
    style.color = avqa_palette_label_on(slice->color);
    struct avqa_quad quad = avqa_canvas_quad(plan->canvas, at, &style);
    if (avqa_wedge_holds(&slice->wedge, &quad, 0.5)) {
        avqa_canvas_text(plan->canvas, at, &style);
        return;
    }
    if (plan->beside)
        return;

    double half_pt = avqa_canvas_measure(plan->canvas, &style).width_pt / 2;
    at = avqa_wedge_point(slice->wedge.center, plan->r_pt + 6, mid);
    at.x_pt += sin(mid) * (half_pt - 1);
    style.color = avqa_figure_soft();
    quad = avqa_canvas_quad(plan->canvas, at, &style);
    if (avqa_quad_overlap(&quad, last, -1))
        return;
    *last = quad;
    avqa_canvas_text(plan->canvas, at, &style);
}

static void draw_beside(const struct plan *plan, const struct slice *slice)
{
    double mid = (slice->wedge.a0_rad + slice->wedge.a1_rad) / 2;
    double side = is_right(slice) ? 1 : -1;
    struct avqa_point center = slice->wedge.center;
    struct avqa_point edge = avqa_wedge_point(center, plan->r_pt + 1, mid);
    double reach_pt = plan->r_pt + 12, y_pt = slice->label_y_pt;
    double out_pt = sqrt(fmax(reach_pt * reach_pt - y_pt * y_pt, 64));
    struct avqa_point at = {center.x_pt + side * out_pt, center.y_pt + y_pt};
    struct avqa_point knee = {at.x_pt - side * 4, at.y_pt};
    struct avqa_stroke stroke = {avqa_figure_rule(), 0.5, 0};
    struct avqa_text style = avqa_figure_text(name_of(slice), AVQA_FIGURE_TEXT_PT);

    style.align = side > 0 ? AVQA_ALIGN_START : AVQA_ALIGN_END;
    style.max_width_pt = room_beside(plan);
    avqa_canvas_line(plan->canvas, edge, knee, stroke);
    avqa_canvas_line(plan->canvas, knee,
                     (struct avqa_point){at.x_pt - side * 1.5, at.y_pt}, stroke);
    avqa_canvas_text(plan->canvas, at, &style);
}

static void draw_total(const struct plan *plan, const struct pie *pie,
                       struct avqa_point center)
{
    char text[AVQA_SCALE_TEXT_LEN] = "";
    struct avqa_text style = avqa_figure_text(text, AVQA_FIGURE_TEXT_PT);

    avqa_scale_number(text, pie->total);
    style.align = AVQA_ALIGN_MIDDLE;
    style.bold = true;
    style.max_width_pt = plan->r_pt * HOLE * 1.8;
    avqa_canvas_text(plan->canvas, center, &style);
}

/* Returns the y below it. */
static double draw_legend(const struct plan *plan, const struct pie *pie, double x_pt,
                          double y_pt)
{
    double width_pt = fmin(plan->cell_pt - 14, 170);
    double left_pt = x_pt + (plan->cell_pt - width_pt) / 2;

    for (size_t i = 0; i < pie->n_slices; i++) {
        char count[AVQA_SCALE_TEXT_LEN];
        struct avqa_rect swatch = {left_pt, y_pt, 7, 7};
        struct avqa_point at = {left_pt + 11, y_pt + 0.3};
        struct avqa_point end = {left_pt + width_pt, y_pt + 3.5};
        struct avqa_text style = avqa_figure_text(count, AVQA_FIGURE_TEXT_PT);

        avqa_scale_number(count, pie->slices[i].value);
        avqa_canvas_rect(plan->canvas, swatch, pie->slices[i].color);
        style.align = AVQA_ALIGN_END;
        style.color = avqa_figure_soft();
        avqa_canvas_text(plan->canvas, end, &style);
        double count_pt = avqa_canvas_measure(plan->canvas, &style).width_pt;

        style = avqa_figure_text(name_of(&pie->slices[i]), AVQA_FIGURE_TEXT_PT);
        style.max_width_pt = fmax(width_pt - 11 - count_pt - 6, 8);
        style.max_lines = 2;
        style.valign = AVQA_VALIGN_TOP;
        avqa_canvas_text(plan->canvas, at, &style);
        y_pt += LEGEND_PITCH_PT - AVQA_FIGURE_TEXT_PT +
                avqa_canvas_measure(plan->canvas, &style).height_pt;
    }
    return y_pt;
}

/* One pie with its title and labels in the cell at (x, y); returns the y below it. */
static double draw_pie(const struct plan *plan, struct pie *pie, double x_pt,
                       double y_pt)
{
    double head_pt = pie->title && *pie->title ? 14 : 0;
    struct avqa_point center = {x_pt + plan->cell_pt / 2,
                                y_pt + head_pt + 12 + plan->r_pt};
    struct avqa_text title = avqa_figure_text(pie->title, 8);
    struct avqa_stroke edge = {avqa_palette_hex(0xFFFFFF), 0.8, 0};
    struct avqa_quad last = {0};

    title.bold = true;
    title.align = AVQA_ALIGN_MIDDLE;
    title.max_width_pt = plan->cell_pt - 6;
    avqa_canvas_text(plan->canvas, (struct avqa_point){center.x_pt, y_pt + 6}, &title);
    for (size_t i = 0; i < pie->n_slices; i++) {
        struct slice *slice = &pie->slices[i];

        slice->wedge.center = center;
        slice->wedge.r0_pt = plan->r_pt * HOLE;
        slice->wedge.r1_pt = plan->r_pt;
        if (pie->n_slices == 1)
            edge.width_pt = 0;
        avqa_canvas_wedge(plan->canvas, &slice->wedge, slice->color, edge);
    }
    for (size_t i = 0; i < pie->n_slices; i++) {
        draw_share(plan, &pie->slices[i], &last);
        if (plan->beside)
            draw_beside(plan, &pie->slices[i]);
    }
    draw_total(plan, pie, center);
    double below_pt = center.y_pt + plan->r_pt + 12;
    return plan->beside ? below_pt : draw_legend(plan, pie, x_pt, below_pt + 4);
}

static void draw_all(const struct plan *plan, const struct avqa_figure *head)
{
    double width_pt = avqa_figure_width(head);
    double y_pt = avqa_figure_begin(plan->canvas, head), below_pt = y_pt;

    for (size_t p = 0; p < plan->n_pies; p++) {
        if (p > 0 && p % PIES_PER_ROW == 0)
            y_pt = below_pt + 10;
        double x_pt =
            AVQA_FIGURE_MARGIN_PT + (double)(p % PIES_PER_ROW) * plan->cell_pt;
        double end_pt = draw_pie(plan, &plan->pies[p], x_pt, y_pt);
        below_pt = fmax(below_pt, end_pt);
    }
    avqa_figure_end(plan->canvas, width_pt, below_pt);
}

enum avqa_status avqa_pie_draw(struct avqa_canvas *canvas,
                               const struct avqa_pie_figure *figure)
{
    struct plan plan = {.canvas = canvas};
    size_t cap = 0, n_columns;
    double min_share =
        figure->min_share < 0 || figure->min_share > 0 ? figure->min_share : MIN_SHARE;
    double grand_total = 0;
    enum avqa_status status =
        avqa_mem_grow(&plan.pies, &cap, figure->n_pies, sizeof *plan.pies);

    for (size_t p = 0; p < figure->n_pies && status == AVQA_OK; p++) {
        plan.n_pies = p + 1;
        status = gather(&plan.pies[p], &figure->pies[p], min_share);
        grand_total += plan.pies[p].total;
    }
    if (status != AVQA_OK)
        goto out;
    if (!(grand_total > 0)) {
        avqa_figure_no_data(canvas, &figure->head);
        goto out;
    }

    n_columns = plan.n_pies < PIES_PER_ROW ? plan.n_pies : PIES_PER_ROW;
    plan.cell_pt = (avqa_figure_width(&figure->head) - 2 * AVQA_FIGURE_MARGIN_PT) /
                   (double)n_columns;
    plan.r_pt = fmin(fmax(plan.cell_pt * 0.25, 34), 80);
    plan.beside = names_fit_beside(&plan);
    if (!plan.beside)
        plan.r_pt = fmin(plan.cell_pt * 0.38, 64);
    draw_all(&plan, &figure->head);
out:
    for (size_t p = 0; p < plan.n_pies; p++)
        free(plan.pies[p].slices);
    free(plan.pies);
    return status;
}
