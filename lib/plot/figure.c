/* What all figures share: one place for greys, type sizes and the legend, so that
 * figures set side by side on a page look as if one hand had drawn them. It knows
 * nothing about any kind of figure. */
#include "plot/figure.h"

#include <math.h>

#define SWATCH_PT 7.0
#define LEGEND_PITCH_PT 11.5
#define LARGEST 1e15

struct avqa_color avqa_figure_ink(void)
{
    return avqa_palette_hex(0x1A1A1A);
}

struct avqa_color avqa_figure_soft(void)
{
    return avqa_palette_hex(0x5F5F5F);
}

struct avqa_color avqa_figure_rule(void)
{
    return avqa_palette_hex(0x4D4D4D);
}

struct avqa_color avqa_figure_grid(void)
{
    return avqa_palette_hex(0xE2E2E2);
}

double avqa_figure_width(const struct avqa_figure *figure)
{
    if (!(figure->width_pt > 0))
        return AVQA_FIGURE_WIDTH_PT;
    return fmin(fmax(figure->width_pt, 120), AVQA_CANVAS_MAX_PT);
}

double avqa_figure_clean(double value)
{
    return isfinite(value) && value > 0 ? fmin(value, LARGEST) : 0;
}

struct avqa_text avqa_figure_text(const char *text, double size_pt)
{
    struct avqa_text style = {
        .text = text, .size_pt = size_pt, .color = avqa_figure_ink()};

    return style;
}

/* One paragraph of the head; returns the y below it. */
static double head_line(struct avqa_canvas *canvas, const struct avqa_text *style,
                        double y_pt)
{
    struct avqa_point at = {AVQA_FIGURE_MARGIN_PT, y_pt};

    if (!style->text || !*style->text)
        return y_pt;
    avqa_canvas_text(canvas, at, style);
    return y_pt + avqa_canvas_measure(canvas, style).height_pt;
}

double avqa_figure_begin(struct avqa_canvas *canvas, const struct avqa_figure *figure)
{
    double width_pt = avqa_figure_width(figure), y_pt = AVQA_FIGURE_MARGIN_PT;
    struct avqa_text style = avqa_figure_text(figure->title, AVQA_FIGURE_TITLE_PT);

    avqa_canvas_clear(canvas);
    style.bold = true;
    style.max_width_pt = width_pt - 2 * AVQA_FIGURE_MARGIN_PT;
    style.max_lines = 3;
    style.valign = AVQA_VALIGN_TOP;
    double title_y = head_line(canvas, &style, y_pt);
    if (title_y > y_pt)
        y_pt = title_y + 3;

    style.text = figure->subtitle;
    style.bold = false;
    style.size_pt = AVQA_FIGURE_TEXT_PT;
    style.color = avqa_figure_soft();
    style.max_lines = 4;
    double subtitle_y = head_line(canvas, &style, y_pt);
    if (subtitle_y > y_pt)
        y_pt = subtitle_y + 3;
    return y_pt > AVQA_FIGURE_MARGIN_PT ? y_pt + 6 : y_pt;
}

void avqa_figure_end(struct avqa_canvas *canvas, double width_pt, double bottom_pt)
{
    avqa_canvas_set_size(canvas, width_pt, ceil(bottom_pt + AVQA_FIGURE_MARGIN_PT));
}

void avqa_figure_no_data(struct avqa_canvas *canvas, const struct avqa_figure *figure)
{
    double width_pt = avqa_figure_width(figure);
    double y_pt = avqa_figure_begin(canvas, figure);
    struct avqa_rect box = {AVQA_FIGURE_MARGIN_PT, y_pt,
                            width_pt - 2 * AVQA_FIGURE_MARGIN_PT, 60};
    struct avqa_stroke edge = {avqa_palette_other(), 0.6, 3};
    struct avqa_text style = avqa_figure_text("no data", AVQA_FIGURE_TEXT_PT);
    struct avqa_point at = {width_pt / 2, y_pt + 30};

    style.align = AVQA_ALIGN_MIDDLE;
    style.color = avqa_figure_soft();
    avqa_canvas_outline(canvas, box, edge);
    avqa_canvas_text(canvas, at, &style);
    avqa_figure_end(canvas, width_pt, y_pt + 60);
}

void avqa_figure_hatched(struct avqa_canvas *canvas, struct avqa_rect rect,
                         struct avqa_color color)
{
    struct avqa_stroke stroke = {avqa_palette_tint(color, 0.25), 0.5, 0};

    avqa_canvas_rect(canvas, rect, avqa_palette_tint(color, 0.65));
    avqa_canvas_hatch(canvas, rect, stroke, 2.4);
}

double avqa_legend_draw(struct avqa_canvas *canvas, struct avqa_rect box,
                        const struct avqa_legend_item *items, size_t n_items)
{
    struct avqa_text style = avqa_figure_text(NULL, AVQA_FIGURE_TEXT_PT);
    double x_pt = box.x_pt, y_pt = box.y_pt, gap_pt = 12;

    for (size_t i = 0; i < n_items; i++) {
        style.text = items[i].label;
        style.max_width_pt = fmax(box.width_pt - SWATCH_PT - 4, 10);
        double need_pt = SWATCH_PT + 4 + avqa_canvas_measure(canvas, &style).width_pt;

        if (x_pt > box.x_pt && x_pt + need_pt > box.x_pt + box.width_pt) {
            x_pt = box.x_pt;
            y_pt += LEGEND_PITCH_PT;
        }
        struct avqa_rect swatch = {x_pt, y_pt, SWATCH_PT, SWATCH_PT};
        struct avqa_point at = {x_pt + SWATCH_PT + 4, y_pt + SWATCH_PT / 2};
        if (items[i].hatched)
            avqa_figure_hatched(canvas, swatch, items[i].color);
        else
            avqa_canvas_rect(canvas, swatch, items[i].color);
        avqa_canvas_text(canvas, at, &style);
        x_pt += need_pt + gap_pt;
    }
    return n_items > 0 ? y_pt - box.y_pt + LEGEND_PITCH_PT : 0;
}
