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

/* How often the even share a weight is, with as many digits as tell the ends apart. */
static void write_times(char out[AVQA_SCALE_TEXT_LEN + 4],
                        const struct avqa_explain_strip *s, double weight)
{
    char number[AVQA_SCALE_TEXT_LEN];
    double span = (s->scale.high - s->scale.low) / s->even;
    int decimals = span >= 1 ? 1 : span >= 0.05 ? 2 : span >= 0.005 ? 3 : 4;

    avqa_scale_fixed(number, weight / s->even, decimals);
    snprintf(out, AVQA_SCALE_TEXT_LEN + 4, "%s×", number);
}

static void draw_scale(struct pen *pen, const struct avqa_explain_strip *s)
{
    char low[AVQA_SCALE_TEXT_LEN + 4], high[AVQA_SCALE_TEXT_LEN + 4], of[64];
    static const char what[] = "grounding";
    struct avqa_rect bar = {0, pen->y_pt - SWATCH_PT / 2, BAR_WIDTH_PT, SWATCH_PT};

    write_times(low, s, s->scale.low);
    write_times(high, s, s->scale.high);
    snprintf(of, sizeof of, "the even share of a place (1/%zu)",
             s->panel->rows * s->panel->cols);
    make_room(pen, width_of(pen, what) + width_of(pen, low) + width_of(pen, high) +
                       width_of(pen, of) + BAR_WIDTH_PT + 20);
    write_words(pen, what, 6);
    write_words(pen, low, 4);
    bar.x_pt = pen->x_pt;
    bar.y_pt = pen->y_pt - SWATCH_PT / 2;
    avqa_heat_bar(pen->canvas, bar);
    pen->x_pt += BAR_WIDTH_PT + 4;
    write_words(pen, high, 5);
    write_words(pen, of, BETWEEN_PT);
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
    return pen.is_empty ? y_pt : pen.y_pt + PITCH_PT / 2;
}
