/* See curve.h. From the back to the front: grid, mark, lines, dots. Text stands outside
 * of the axes, so that nothing can run into a curve. */
#include "plot/curve.h"

#include "plot/scale.h"

#include <math.h>
#include <stdio.h>

#define LARGEST 1e12
#define GAP_PT 22.0
#define MARK_PT 12.0
#define TITLE_PT 14.0
enum { MAX_PANELS = 8, MAX_CURVES = 12, MAX_DOTS = 40 };

/* A panel as it is drawn. */
struct axes {
    struct avqa_canvas *canvas;
    const struct avqa_curve_figure *figure;
    const struct avqa_curve_panel *panel;
    double low, high, step; /* y, between ticks */
    int decimals;
    struct avqa_rect box; /* what curves are drawn in */
};

static bool is_drawable(double v)
{
    return isfinite(v) && fabs(v) <= LARGEST;
}

static double value_at(const struct axes *a, size_t curve, size_t i)
{
    double v = a->panel->curves[curve].values[i];
    return a->panel->percent ? 100 * v : v;
}

static size_t count_curves(const struct avqa_curve_panel *panel)
{
    return panel->n_curves < MAX_CURVES ? panel->n_curves : MAX_CURVES;
}

/* The ticks' decimals: as many as their step needs. */
static int decimals_of(double step)
{
    int n = 0;
    while (n < 6 && fabs(step - nearbyint(step)) > 1e-6 * step) {
        step *= 10;
        n++;
    }
    return n;
}

/* Round ticks below and above all values; false if there is none. */
static bool find_range(struct axes *a)
{
    double low = INFINITY;
    double high = -INFINITY;
    for (size_t c = 0; c < count_curves(a->panel); c++)
        for (size_t i = 0; i < a->figure->n; i++) {
            double v = value_at(a, c, i);
            low = is_drawable(v) ? fmin(low, v) : low;
            high = is_drawable(v) ? fmax(high, v) : high;
        }
    if (!(low <= high))
        return false;
    if (high - low <= 1e-9 * fmax(fabs(high), 1)) { /* as good as constant */
        double around = fabs(high) > 0 ? 0.1 * fabs(high) : 1;
        low -= around;
        high += around;
    }
    a->step = avqa_scale_nice(high - low, 5, false).step;
    a->low = a->step * floor(low / a->step + 1e-9);
    a->high = a->step * ceil(high / a->step - 1e-9);
    a->decimals = decimals_of(a->step);
    return true;
}

static double x_of(const struct axes *a, double x)
{
    double n = (double)a->figure->n;
    return a->box.x_pt + a->box.width_pt * (x - 0.5) / n;
}

static double y_of(const struct axes *a, double y)
{
    double share = (y - a->low) / (a->high - a->low);
    return a->box.y_pt + a->box.height_pt * (1 - share);
}

static void tick_text(char text[AVQA_SCALE_TEXT_LEN], const struct axes *a, double v)
{
    if (fabs(v) >= 1e6)
        avqa_scale_number(text, v);
    else
        avqa_scale_fixed(text, fabs(v) < 1e-9 * a->step ? 0 : v, a->decimals);
}

static size_t count_ticks(const struct axes *a)
{
    return (size_t)nearbyint((a->high - a->low) / a->step) + 1;
}

/* The room that numbers need left of the axis. */
static double tick_room(const struct axes *a)
{
    double room_pt = 0;
    for (size_t k = 0; k < count_ticks(a); k++) {
        char text[AVQA_SCALE_TEXT_LEN] = "";
        struct avqa_text style = avqa_figure_text(text, AVQA_FIGURE_SMALL_PT);
        tick_text(text, a, a->low + (double)k * a->step);
        room_pt = fmax(room_pt, avqa_canvas_measure(a->canvas, &style).width_pt);
    }
    return room_pt + 4;
}

static void draw_y(const struct axes *a)
{
    char text[AVQA_SCALE_TEXT_LEN] = "";
    struct avqa_text style = avqa_figure_text(text, AVQA_FIGURE_SMALL_PT);
    style.align = AVQA_ALIGN_END;
    style.color = avqa_figure_soft();
    for (size_t k = 0; k < count_ticks(a); k++) {
        double v = a->low + (double)k * a->step;
        double y_pt = y_of(a, v);
        struct avqa_stroke stroke = {k ? avqa_figure_grid() : avqa_figure_rule(),
                                     k ? 0.5 : 0.8, 0};
        tick_text(text, a, v);
        avqa_canvas_line(a->canvas, (struct avqa_point){a->box.x_pt, y_pt},
                         (struct avqa_point){a->box.x_pt + a->box.width_pt, y_pt},
                         stroke);
        avqa_canvas_text(a->canvas, (struct avqa_point){a->box.x_pt - 4, y_pt}, &style);
    }
}

/* Whole numbers below the axis, with room between them. Returns where that ends. */
static double draw_x(const struct axes *a)
{
    char text[AVQA_SCALE_TEXT_LEN] = "";
    struct avqa_text style = avqa_figure_text(text, AVQA_FIGURE_SMALL_PT);
    double base_pt = a->box.y_pt + a->box.height_pt;
    avqa_scale_number(text, (double)a->figure->n);
    double pitch_pt = 2 * avqa_canvas_measure(a->canvas, &style).width_pt + 4;
    size_t n_wanted = (size_t)fmax(fmin(a->box.width_pt / pitch_pt, 8), 1);
    struct avqa_scale scale = avqa_scale_nice((double)a->figure->n, n_wanted, true);
    struct avqa_stroke stroke = {avqa_figure_rule(), 0.8, 0};
    style.align = AVQA_ALIGN_MIDDLE;
    style.valign = AVQA_VALIGN_TOP;
    style.color = avqa_figure_soft();
    for (double v = scale.step; v <= (double)a->figure->n; v += scale.step) {
        double x_pt = x_of(a, v);
        avqa_scale_number(text, v);
        avqa_canvas_line(a->canvas, (struct avqa_point){x_pt, base_pt},
                         (struct avqa_point){x_pt, base_pt + 3}, stroke);
        avqa_canvas_text(a->canvas, (struct avqa_point){x_pt, base_pt + 4}, &style);
    }
    style = avqa_figure_text(a->figure->x_label, AVQA_FIGURE_TEXT_PT);
    style.align = AVQA_ALIGN_MIDDLE;
    style.valign = AVQA_VALIGN_TOP;
    style.max_width_pt = a->box.width_pt;
    avqa_canvas_text(
        a->canvas, (struct avqa_point){a->box.x_pt + a->box.width_pt / 2, base_pt + 15},
        &style);
    return base_pt + 25;
}

/* A line through all of the panel, and its words above the axes, on the side that has
 * the room. */
static void draw_mark(const struct axes *a)
{
    if (a->figure->marked == 0 || a->figure->marked > a->figure->n)
        return;
    double x_pt = x_of(a, (double)a->figure->marked);
    double middle_pt = a->box.x_pt + a->box.width_pt / 2;
    struct avqa_stroke stroke = {avqa_figure_soft(), 0.8, 2.5};
    struct avqa_text style =
        avqa_figure_text(a->panel->marked_text, AVQA_FIGURE_SMALL_PT);
    avqa_canvas_line(a->canvas, (struct avqa_point){x_pt, a->box.y_pt - 4},
                     (struct avqa_point){x_pt, a->box.y_pt + a->box.height_pt}, stroke);
    style.align = x_pt > middle_pt ? AVQA_ALIGN_END : AVQA_ALIGN_START;
    style.valign = AVQA_VALIGN_BASELINE;
    style.color = avqa_figure_soft();
    style.max_width_pt = a->box.width_pt / 2;
    avqa_canvas_text(a->canvas, (struct avqa_point){x_pt, a->box.y_pt - 6}, &style);
}

static void draw_curve(const struct axes *a, size_t c)
{
    const struct avqa_curve *curve = &a->panel->curves[c];
    struct avqa_color color = avqa_palette_categorical(curve->color);
    struct avqa_stroke stroke = {color, 1.3, curve->dashed ? 2 : 0};
    for (size_t i = 0; i < a->figure->n; i++) {
        double v = value_at(a, c, i);
        bool marked = i + 1 == a->figure->marked;
        if (!is_drawable(v))
            continue;
        struct avqa_point at = {x_of(a, (double)i + 1), y_of(a, v)};
        double before = i ? value_at(a, c, i - 1) : (double)NAN;
        double after = i + 1 < a->figure->n ? value_at(a, c, i + 1) : (double)NAN;
        if (is_drawable(before))
            avqa_canvas_line(a->canvas,
                             (struct avqa_point){x_of(a, (double)i), y_of(a, before)},
                             at, stroke);
        if (marked)
            avqa_canvas_disc(a->canvas, at, 2.6, color);
        else if (a->figure->n <= MAX_DOTS ||
                 (!is_drawable(before) && !is_drawable(after)))
            avqa_canvas_disc(a->canvas, at, 1.4, color);
    }
}

/* Title and legend; the height used. */
static double draw_head(const struct axes *a, struct avqa_rect box)
{
    struct avqa_legend_item items[MAX_CURVES];
    struct avqa_text title = avqa_figure_text(a->panel->title, AVQA_FIGURE_TEXT_PT);
    size_t n = count_curves(a->panel);
    title.bold = true;
    title.valign = AVQA_VALIGN_TOP;
    title.max_width_pt = box.width_pt;
    avqa_canvas_text(a->canvas, (struct avqa_point){box.x_pt, box.y_pt}, &title);
    for (size_t c = 0; c < n; c++)
        items[c] = (struct avqa_legend_item){
            .label = a->panel->curves[c].label,
            .color = avqa_palette_categorical(a->panel->curves[c].color)};
    box.y_pt += TITLE_PT;
    return TITLE_PT + avqa_legend_draw(a->canvas, box, items, n);
}

/* The panels that have something to show. */
static size_t find_panels(struct axes out[MAX_PANELS], struct avqa_canvas *canvas,
                          const struct avqa_curve_figure *figure)
{
    size_t n = 0;
    for (size_t i = 0; i < figure->n_panels && n < MAX_PANELS; i++) {
        out[n] = (struct axes){
            .canvas = canvas, .figure = figure, .panel = &figure->panels[i]};
        n += find_range(&out[n]);
    }
    return n;
}

enum avqa_status avqa_curve_draw(struct avqa_canvas *canvas,
                                 const struct avqa_curve_figure *figure)
{
    struct axes panels[MAX_PANELS];
    size_t n = figure->n ? find_panels(panels, canvas, figure) : 0;
    if (n == 0) {
        avqa_figure_no_data(canvas, &figure->head);
        return AVQA_OK;
    }
    double width_pt = fmax(avqa_figure_width(&figure->head), 90 * (double)n);
    struct avqa_figure head = figure->head;
    head.width_pt = width_pt;
    double top_pt = avqa_figure_begin(canvas, &head);
    double each_pt =
        (width_pt - 2 * AVQA_FIGURE_MARGIN_PT - GAP_PT * (double)(n - 1)) / (double)n;
    double height_pt =
        figure->plot_height_pt > 0 ? fmin(figure->plot_height_pt, 4000) : 150;
    double head_pt = 0;
    double end_pt = top_pt;
    for (size_t i = 0; i < n; i++) {
        struct avqa_rect box = {AVQA_FIGURE_MARGIN_PT + (double)i * (each_pt + GAP_PT),
                                top_pt, each_pt, 0};
        panels[i].box = box;
        head_pt = fmax(head_pt, draw_head(&panels[i], box));
    }
    for (size_t i = 0; i < n; i++) {
        double room_pt = tick_room(&panels[i]);
        panels[i].box.x_pt += room_pt;
        panels[i].box.width_pt -= room_pt;
        panels[i].box.y_pt += head_pt + MARK_PT + 6;
        panels[i].box.height_pt = height_pt;
        draw_y(&panels[i]);
        end_pt = draw_x(&panels[i]);
        draw_mark(&panels[i]);
        for (size_t c = 0; c < count_curves(panels[i].panel); c++)
            draw_curve(&panels[i], c);
    }
    avqa_figure_end(canvas, width_pt, end_pt);
    return AVQA_OK;
}
