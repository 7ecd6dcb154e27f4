/* Bars in groups. The order of work: how wide a bar may be, how its labels are turned,
 * what margins that takes; then drawing from the back (grid) to the front (labels). The
 * margins depend on the labels and the labels on the room left, so it goes round. */
#include "plot/bar.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "plot/scale.h"
#include "plot/slant.h"

#define MAX_BARS 500
#define MAX_KINDS 24
#define MIN_PITCH_PT 7.0
#define MAX_PITCH_PT 90.0

#define HEADING_PT 16.0

struct plan {
    struct avqa_canvas *canvas;
    const struct avqa_bar_figure *figure;
    size_t n_bars; /* drawn */
    double width_pt;
    double left_pt; /* the y axis */
    double pitch_pt;
    double top_pt;  /* of the plot: the largest tick */
    double base_pt; /* the x axis */
    struct avqa_scale scale;
    struct avqa_slant slant;
    double value_angle_deg;
    bool any_extra;
};

static bool same_group(const struct avqa_bar *a, const struct avqa_bar *b)
{
    return strcmp(a->group ? a->group : "", b->group ? b->group : "") == 0;
}

static bool starts_group(const struct plan *plan, size_t i)
{
    return i > 0 && !same_group(&plan->figure->bars[i - 1], &plan->figure->bars[i]);
}

/* The room between two groups, in pitches. */
static double gap_before(const struct plan *plan, size_t i)
{
    if (!starts_group(plan, i))
        return 0;
    return plan->n_bars > 12 ? 0.9 : 0.3;
}

static bool has_groups(const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_bars; i++)
        if (plan->figure->bars[i].group && *plan->figure->bars[i].group)
            return true;
    return false;
}

static double total_of(const struct avqa_bar *bar)
{
    return avqa_figure_clean(bar->value) + avqa_figure_clean(bar->extra);
}

/* The width of the plot in pitches. */
static double count_pitches(const struct plan *plan)
{
    double n = (double)plan->n_bars + 0.4;

    for (size_t i = 0; i < plan->n_bars; i++)
        n += gap_before(plan, i);
    return n;
}

/* The middle of bar i, from the left end of the plot, in pitches. */
static double place_of(const struct plan *plan, size_t i)
{
    double at = (double)i + 0.7;

    for (size_t k = 0; k <= i; k++)
        at += gap_before(plan, k);
    return at;
}

static double bar_x(const struct plan *plan, size_t i)
{
    return plan->left_pt + place_of(plan, i) * plan->pitch_pt;
}

static struct avqa_color color_of(const struct plan *plan, size_t kind)
{
    if (plan->figure->n_kinds == 0)
        return avqa_palette_categorical(0);
    if (kind >= plan->figure->n_kinds)
        return avqa_palette_other();
    if (plan->figure->kinds[kind].color)
        return *plan->figure->kinds[kind].color;
    return avqa_palette_categorical(kind);
}

static double label_width(const struct plan *plan, size_t i, double size_pt,
                          double max_pt)
{
    struct avqa_text style = avqa_figure_text(plan->figure->bars[i].label, size_pt);

    style.max_width_pt = max_pt;
    return avqa_canvas_measure(plan->canvas, &style).width_pt;
}

/* The room for tick numbers and the name of the y axis. */
static double axis_room(const struct plan *plan)
{
    char text[AVQA_SCALE_TEXT_LEN] = "";
    struct avqa_text style = avqa_figure_text(text, AVQA_FIGURE_SMALL_PT);

    avqa_scale_number(text, plan->scale.max);
    double room_pt = avqa_canvas_measure(plan->canvas, &style).width_pt + 6;
    return plan->figure->y_label && *plan->figure->y_label ? room_pt + 13 : room_pt;
}

/* Bars, labels and the left margin depend on each other: two rounds settle it. */
static void plan_across(struct plan *plan)
{
    double margin_pt = AVQA_FIGURE_MARGIN_PT, pitches = count_pitches(plan);
    double widest_pt = 0;
    double max_pt = plan->figure->label_max_pt > 0 ? plan->figure->label_max_pt : 120;

    for (size_t i = 0; i < plan->n_bars; i++)
        widest_pt = fmax(widest_pt, label_width(plan, i, AVQA_FIGURE_TEXT_PT, 0));
    plan->width_pt = avqa_figure_width(&plan->figure->head);
    plan->left_pt = margin_pt + axis_room(plan);
    for (int round = 0; round < 3; round++) {
        double room_pt = plan->width_pt - plan->left_pt - margin_pt;

        plan->pitch_pt = fmin(fmax(room_pt / pitches, MIN_PITCH_PT), MAX_PITCH_PT);
        struct avqa_slant_want want = {widest_pt, plan->pitch_pt, AVQA_FIGURE_TEXT_PT,
                                       max_pt};
        plan->slant = avqa_slant_choose(&want);
        double left_pt = plan->left_pt;
        for (size_t i = 0; i < plan->n_bars; i++) {
            double reach_pt = avqa_slant_reach(
                &plan->slant, label_width(plan, i, plan->slant.size_pt, max_pt));
            double over_pt = margin_pt + reach_pt - bar_x(plan, i);
            left_pt = fmax(left_pt, plan->left_pt + over_pt);
        }
        plan->left_pt = left_pt;
    }
    double need_pt = plan->left_pt + pitches * plan->pitch_pt + margin_pt;
    plan->left_pt +=
        fmax(plan->width_pt - need_pt, 0) / 2; /* few bars: in the middle */
    plan->width_pt = fmax(plan->width_pt, need_pt);
}

static struct avqa_text value_text(const struct plan *plan,
                                   char text[AVQA_SCALE_TEXT_LEN], double value)
{
    struct avqa_text style = avqa_figure_text(text, AVQA_FIGURE_SMALL_PT);

    avqa_scale_number(text, value);
    style.size_pt = fmin(style.size_pt, plan->pitch_pt / 1.1);
    style.angle_deg = plan->value_angle_deg;
    return style;
}

static double value_height(const struct plan *plan, double value)
{
    char text[AVQA_SCALE_TEXT_LEN] = "";
    struct avqa_text style = value_text(plan, text, value);
    struct avqa_extent extent = avqa_canvas_measure(plan->canvas, &style);

    return plan->value_angle_deg < 0 ? extent.width_pt : extent.height_pt;
}

/* Numbers over the bars are turned upright if a level one would be wider than a bar.
 * Returns how far they then reach above the largest tick of a plot of this height. */
static double plan_values(struct plan *plan, double height_pt)
{
    double over_pt = 0;
    for (size_t i = 0; i < plan->n_bars; i++) {
        char text[AVQA_SCALE_TEXT_LEN] = "";
        struct avqa_text style =
            value_text(plan, text, total_of(&plan->figure->bars[i]));

        if (avqa_canvas_measure(plan->canvas, &style).width_pt + 2 > plan->pitch_pt)
            plan->value_angle_deg = -90;
    }
    for (size_t i = 0; i < plan->n_bars; i++) {
        double total = total_of(&plan->figure->bars[i]);
        double need_pt = 3 + value_height(plan, total);

        over_pt = fmax(over_pt, need_pt - (1 - total / plan->scale.max) * height_pt);
    }
    return over_pt;
}

static double y_of(const struct plan *plan, double value)
{
    return plan->base_pt - value / plan->scale.max * (plan->base_pt - plan->top_pt);
}

static void draw_axis(const struct plan *plan)
{
    double right_pt = plan->left_pt + count_pitches(plan) * plan->pitch_pt;
    struct avqa_text style = avqa_figure_text(NULL, AVQA_FIGURE_SMALL_PT);
    char text[AVQA_SCALE_TEXT_LEN] = "";

    style.text = text;
    style.align = AVQA_ALIGN_END;
    style.color = avqa_figure_soft();
    for (size_t k = 0; k < plan->scale.n_ticks; k++) {
        double value = (double)k * plan->scale.step, y_pt = y_of(plan, value);
        struct avqa_stroke stroke = {k ? avqa_figure_grid() : avqa_figure_rule(),
                                     k ? 0.5 : 0.8, 0};

        avqa_scale_number(text, value);
        avqa_canvas_line(plan->canvas, (struct avqa_point){plan->left_pt, y_pt},
                         (struct avqa_point){right_pt, y_pt}, stroke);
        avqa_canvas_text(plan->canvas, (struct avqa_point){plan->left_pt - 4, y_pt},
                         &style);
    }
    double beside_pt = avqa_canvas_measure(plan->canvas, &style).width_pt;
    style = avqa_figure_text(plan->figure->y_label, AVQA_FIGURE_TEXT_PT);
    style.align = AVQA_ALIGN_MIDDLE;
    style.angle_deg = -90;
    style.max_width_pt = plan->base_pt - plan->top_pt;
    avqa_canvas_text(plan->canvas,
                     (struct avqa_point){plan->left_pt - beside_pt - 13,
                                         (plan->top_pt + plan->base_pt) / 2},
                     &style);
}

static void draw_value(const struct plan *plan, size_t i)
{
    char text[AVQA_SCALE_TEXT_LEN] = "";
    double total = total_of(&plan->figure->bars[i]);
    struct avqa_text style = value_text(plan, text, total);
    struct avqa_point at = {bar_x(plan, i), y_of(plan, total) - 2.5};
    if (style.angle_deg < 0) {
        style.align = AVQA_ALIGN_START;
    } else {
        style.align = AVQA_ALIGN_MIDDLE;
        style.valign = AVQA_VALIGN_BASELINE;
    }
    avqa_canvas_text(plan->canvas, at, &style);
}

static void draw_bar(const struct plan *plan, size_t i)
{
    const struct avqa_bar *bar = &plan->figure->bars[i];
    double value = avqa_figure_clean(bar->value), x_pt = bar_x(plan, i);
    double thick_pt = fmin(plan->pitch_pt * 0.74, 34);
    double y_pt = y_of(plan, value), top_pt = y_of(plan, total_of(bar));
    struct avqa_color color = color_of(plan, bar->kind);
    struct avqa_rect full = {x_pt - thick_pt / 2, y_pt, thick_pt, plan->base_pt - y_pt};
    struct avqa_rect extra = {x_pt - thick_pt / 2, top_pt, thick_pt, y_pt - top_pt};
    struct avqa_text label = avqa_slant_text(&plan->slant, bar->label, false);
    struct avqa_point at = {x_pt, plan->base_pt + 5};

    avqa_canvas_rect(plan->canvas, full, color);
    if (extra.height_pt > 0)
        avqa_figure_hatched(plan->canvas, extra, color);
    draw_value(plan, i);
    avqa_canvas_text(plan->canvas, at, &label);
}

/* The bracket over bars [from, to). */
static void draw_bracket(const struct plan *plan, size_t from, size_t to, double y_pt)
{
    double half_pt = plan->pitch_pt * 0.42;
    struct avqa_point left = {bar_x(plan, from) - half_pt, y_pt};
    struct avqa_point right = {bar_x(plan, to - 1) + half_pt, y_pt};
    struct avqa_stroke stroke = {avqa_figure_rule(), 0.8, 0};
    struct avqa_text style =
        avqa_figure_text(plan->figure->bars[from].group, AVQA_FIGURE_TEXT_PT);
    struct avqa_point at = {(left.x_pt + right.x_pt) / 2, y_pt - 4};

    if (!style.text || !*style.text)
        return;
    avqa_canvas_line(plan->canvas, left, right, stroke);
    avqa_canvas_line(plan->canvas, left, (struct avqa_point){left.x_pt, y_pt + 3},
                     stroke);
    avqa_canvas_line(plan->canvas, right, (struct avqa_point){right.x_pt, y_pt + 3},
                     stroke);
    style.bold = true;
    style.align = AVQA_ALIGN_MIDDLE;
    style.valign = AVQA_VALIGN_BASELINE;
    style.max_width_pt = right.x_pt - left.x_pt + plan->pitch_pt * 0.8;
    avqa_canvas_text(plan->canvas, at, &style);
}

static void draw_brackets(const struct plan *plan, double y_pt)
{
    size_t from = 0;

    for (size_t i = 1; i <= plan->n_bars; i++) {
        if (i == plan->n_bars || starts_group(plan, i)) {
            draw_bracket(plan, from, i, y_pt);
            from = i;
        }
    }
}

static bool occurs(const struct plan *plan, size_t kind)
{
    for (size_t i = 0; i < plan->n_bars; i++)
        if (plan->figure->bars[i].kind == kind && total_of(&plan->figure->bars[i]) > 0)
            return true;
    return false;
}

/* Returns the height used. */
static double draw_legend(const struct plan *plan, double y_pt)
{
    const struct avqa_bar_figure *figure = plan->figure;
    struct avqa_legend_item items[MAX_KINDS + 2];
    struct avqa_rect box = {AVQA_FIGURE_MARGIN_PT, y_pt,
                            plan->width_pt - 2 * AVQA_FIGURE_MARGIN_PT, 0};
    struct avqa_color grey = avqa_palette_hex(0x6B6B6B);
    size_t n = 0;

    for (size_t k = 0; k < figure->n_kinds && n < MAX_KINDS; k++)
        if (occurs(plan, k))
            items[n++] = (struct avqa_legend_item){.label = figure->kinds[k].label,
                                                   .color = color_of(plan, k)};
    if (plan->any_extra && figure->value_label)
        items[n++] =
            (struct avqa_legend_item){.label = figure->value_label, .color = grey};
    if (plan->any_extra && figure->extra_label)
        items[n++] = (struct avqa_legend_item){
            .label = figure->extra_label, .color = grey, .hatched = true};
    return avqa_legend_draw(plan->canvas, box, items, n);
}

static void draw_all(struct plan *plan)
{
    const struct avqa_bar_figure *figure = plan->figure;
    struct avqa_figure head = figure->head;
    double height_pt =
        figure->plot_height_pt > 0 ? fmin(figure->plot_height_pt, 4000) : 150;

    head.width_pt = plan->width_pt;
    double y_pt = avqa_figure_begin(plan->canvas, &head);
    double legend_pt = draw_legend(plan, y_pt);
    y_pt += legend_pt > 0 ? legend_pt + 6 : 0;
    bool groups = has_groups(plan);
    plan->top_pt = y_pt + (groups ? HEADING_PT : 0) + plan_values(plan, height_pt) + 6;
    plan->base_pt = plan->top_pt + height_pt;
    draw_axis(plan);
    for (size_t i = 0; i < plan->n_bars; i++)
        draw_bar(plan, i);
    if (groups)
        draw_brackets(plan, y_pt + 10);

    double below_pt = plan->base_pt + 6 + plan->slant.depth_pt;
    if (plan->n_bars < figure->n_bars) {
        struct avqa_text note = avqa_figure_text(NULL, AVQA_FIGURE_SMALL_PT);
        char text[64];

        snprintf(text, sizeof text, "%zu more bar%s not shown",
                 figure->n_bars - plan->n_bars,
                 figure->n_bars - plan->n_bars == 1 ? " is" : "s are");
        note.text = text;
        avqa_canvas_text(plan->canvas,
                         (struct avqa_point){AVQA_FIGURE_MARGIN_PT, below_pt + 8},
                         &note);
        below_pt += 14;
    }
    avqa_figure_end(plan->canvas, plan->width_pt, below_pt);
}

/* Whether all values are counts, so that the axis needs no fractions. */
static bool all_whole(const struct avqa_bar_figure *figure)
{
    for (size_t i = 0; i < figure->n_bars; i++) {
        double v = figure->bars[i].value + figure->bars[i].extra;
        if (floor(v) < v || floor(v) > v) /* neither for a NaN, which counts as zero */
            return false;
    }
    return true;
}

enum avqa_status avqa_bar_draw(struct avqa_canvas *canvas,
                               const struct avqa_bar_figure *figure)
{
    struct plan plan = {.canvas = canvas, .figure = figure};
    double largest = 0;

    plan.n_bars = figure->n_bars < MAX_BARS ? figure->n_bars : MAX_BARS;
    for (size_t i = 0; i < plan.n_bars; i++) {
        largest = fmax(largest, total_of(&figure->bars[i]));
        plan.any_extra = plan.any_extra || avqa_figure_clean(figure->bars[i].extra) > 0;
    }
    if (!(largest > 0)) {
        avqa_figure_no_data(canvas, &figure->head);
        return AVQA_OK;
    }
    plan.scale = avqa_scale_nice(largest, 5, all_whole(figure));
    plan_across(&plan);

    draw_all(&plan);
    return AVQA_OK;
}
