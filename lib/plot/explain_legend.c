/* The legend of explain_strip.h: one line of words, the colour bar and swatches, which
 * goes on below where it is too long. */
#include "plot/explain_strip.h"

#include <math.h>
#include <stdio.h>

#include "plot/scale.h"

#define PITCH_PT 13.0
#define BAR_WIDTH_PT 96.0
#define SWATCH_PT 7.0
#define BETWEEN_PT 16.0

/* Where the line stands. */
struct pen {
    struct avqa_canvas *canvas;
    double left_pt, right_pt;
    double x_pt, y_pt; /* the middle of the line */
    bool is_empty;
};

/* Makes room for something of a width, on a new line if need be. */
static void make_room(struct pen *pen, double width_pt)
{
    if (!pen->is_empty && pen->x_pt + width_pt > pen->right_pt) {
        pen->x_pt = pen->left_pt;
        pen->y_pt += PITCH_PT;
    }
    pen->is_empty = false;
}

static double width_of(const struct pen *pen, const char *words)
{
    struct avqa_text text = avqa_figure_text(words, AVQA_FIGURE_TEXT_PT);

    return avqa_canvas_measure(pen->canvas, &text).width_pt;
}

static void write_words(struct pen *pen, const char *words, double gap_pt)
{
    struct avqa_text text = avqa_figure_text(words, AVQA_FIGURE_TEXT_PT);

    avqa_canvas_text(pen->canvas, (struct avqa_point){pen->x_pt, pen->y_pt}, &text);
    pen->x_pt += width_of(pen, words) + gap_pt;
}

/* How often the even share a weight is, with as many digits as tell the weights apart.
 */
static void write_times(char out[AVQA_SCALE_TEXT_LEN + 4],
                        const struct avqa_explain_strip *s, double weight)
{
    char number[AVQA_SCALE_TEXT_LEN];
    double span = (s->most - s->least) / s->even;
    int decimals = span >= 0.05 ? 2 : span >= 0.005 ? 3 : 4;

    avqa_scale_fixed(number, weight / s->even, decimals);
    snprintf(out, AVQA_SCALE_TEXT_LEN + 4, "%s×", number);
}

/* Where a weight is on the bar. */
static double place_on(const struct avqa_rect *bar, const struct avqa_explain_strip *s,
                       double weight)
{
    return bar->x_pt + bar->width_pt * avqa_heat_position(&s->scale, weight);
}

/* A bracket below the bar, from the least to the most weight that there is. */
static void draw_range(struct avqa_canvas *canvas, const struct avqa_rect *bar,
                       const struct avqa_explain_strip *s)
{
    struct avqa_stroke ink = {avqa_figure_ink(), 0.8, 0};
    double y_pt = bar->y_pt + bar->height_pt + 1.6;
    struct avqa_point from = {place_on(bar, s, s->least), y_pt};
    struct avqa_point to = {place_on(bar, s, s->most), y_pt};

    to.x_pt = fmax(to.x_pt, from.x_pt + 0.8);
    avqa_canvas_line(canvas, from, to, ink);
    avqa_canvas_line(canvas, (struct avqa_point){from.x_pt, bar->y_pt}, from, ink);
    avqa_canvas_line(canvas, (struct avqa_point){to.x_pt, bar->y_pt}, to, ink);
}

static void draw_scale(struct pen *pen, const struct avqa_explain_strip *s)
{
    char low[AVQA_SCALE_TEXT_LEN + 4], high[AVQA_SCALE_TEXT_LEN + 4], of[64];
    char least[AVQA_SCALE_TEXT_LEN + 4], most[AVQA_SCALE_TEXT_LEN + 4];
    char here[2 * AVQA_SCALE_TEXT_LEN + 32];
    static const char what[] = "grounding";
    struct avqa_rect bar = {0, pen->y_pt - SWATCH_PT / 2, BAR_WIDTH_PT, SWATCH_PT};

    write_times(low, s, s->scale.low);
    write_times(high, s, s->scale.high);
    write_times(least, s, s->least);
    write_times(most, s, s->most);
    snprintf(of, sizeof of, "the even share of a place (1/%zu);",
             s->panel->rows * s->panel->cols);
    snprintf(here, sizeof here, "in these maps %s to %s", least, most);
    make_room(pen, width_of(pen, what) + width_of(pen, low) + width_of(pen, high) +
                       width_of(pen, of) + BAR_WIDTH_PT + 20);
    write_words(pen, what, 6);
    write_words(pen, low, 4);
    bar.x_pt = pen->x_pt;
    bar.y_pt = pen->y_pt - SWATCH_PT / 2;
    avqa_heat_bar(pen->canvas, bar);
    draw_range(pen->canvas, &bar, s);
    pen->x_pt += BAR_WIDTH_PT + 4;
    write_words(pen, high, 5);
    write_words(pen, of, 5);
    make_room(pen, width_of(pen, here));
    write_words(pen, here, BETWEEN_PT);
}

/* A small box, solid or dashed, and what it says. */
static void draw_box(struct pen *pen, const char *words, bool sounds)
{
    make_room(pen, 14 + width_of(pen, words));
    avqa_explain_box_outline(pen->canvas,
                             (struct avqa_rect){pen->x_pt, pen->y_pt - SWATCH_PT / 2,
                                                SWATCH_PT + 3, SWATCH_PT},
                             sounds);
    pen->x_pt += 14;
    write_words(pen, words, BETWEEN_PT);
}

static void draw_swatch(struct pen *pen, const char *words, struct avqa_color color)
{
    make_room(pen, SWATCH_PT + 4 + width_of(pen, words));
    avqa_canvas_rect(
        pen->canvas,
        (struct avqa_rect){pen->x_pt, pen->y_pt - SWATCH_PT / 2, SWATCH_PT, SWATCH_PT},
        color);
    pen->x_pt += SWATCH_PT + 4;
    write_words(pen, words, BETWEEN_PT);
}

static void draw_even(struct pen *pen, const struct avqa_explain_strip *s)
{
    char share[AVQA_SCALE_TEXT_LEN], words[AVQA_SCALE_TEXT_LEN + 32];
    struct avqa_stroke dashes = {avqa_figure_soft(), 0.6, 2};

    avqa_scale_percent(share, s->even_time);
    snprintf(words, sizeof words, "even (%s)", share);
    make_room(pen, 18 + width_of(pen, words));
    avqa_canvas_line(pen->canvas, (struct avqa_point){pen->x_pt, pen->y_pt},
                     (struct avqa_point){pen->x_pt + 14, pen->y_pt}, dashes);
    pen->x_pt += 18;
    write_words(pen, words, BETWEEN_PT);
}

double avqa_explain_legend_draw(struct avqa_canvas *canvas,
                                const struct avqa_explain_strip *strip, double y_pt)
{
    struct pen pen = {.canvas = canvas,
                      .left_pt = strip->left_pt,
                      .right_pt = strip->left_pt + strip->width_pt,
                      .x_pt = strip->left_pt,
                      .y_pt = y_pt + PITCH_PT / 2,
                      .is_empty = true};

    if (strip->has_maps)
        draw_scale(&pen, strip);
    if (strip->has_heard)
        draw_swatch(&pen, "attention to the second's sound", avqa_explain_heard());
    if (strip->has_seen)
        draw_swatch(&pen, "to its picture", avqa_explain_seen());
    if (strip->has_heard || strip->has_seen)
        draw_even(&pen, strip);
    if (strip->has_boxes) {
        draw_box(&pen, "facts: sounds in that second", true);
        draw_box(&pen, "does not, or nobody knows", false);
    }
    return pen.is_empty ? y_pt : pen.y_pt + PITCH_PT / 2;
}
