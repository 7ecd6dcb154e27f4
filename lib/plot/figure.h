/* What all figures share: the head (title, subtitle), type sizes, greys, the legend,
 * the page that says there is nothing to show, and the cleaning of numbers.
 *
 * A figure function draws on a canvas and sets the size of the page; the width is
 * given, the height follows from the content. Numbers that are not finite or are
 * negative count as zero: a figure never fails over data. */
#ifndef AVQA_PLOT_FIGURE_H
#define AVQA_PLOT_FIGURE_H

#include "plot/canvas.h"

/* The head of a figure. Zero-initialised is valid: no title, default width. */
struct avqa_figure {
    const char *title;    /* NULL: none, as in a paper with its own caption */
    const char *subtitle; /* NULL: none */
    double width_pt;      /* 0: AVQA_FIGURE_WIDTH_PT (two columns of a paper) */
};

#define AVQA_FIGURE_WIDTH_PT 504.0
#define AVQA_FIGURE_MARGIN_PT 8.0

/* Type sizes. */
#define AVQA_FIGURE_TITLE_PT 10.0
#define AVQA_FIGURE_TEXT_PT 7.5
#define AVQA_FIGURE_SMALL_PT 6.5
#define AVQA_FIGURE_TINY_PT 5.0

struct avqa_color avqa_figure_ink(void);  /* text */
struct avqa_color avqa_figure_soft(void); /* secondary text */
struct avqa_color avqa_figure_rule(void); /* axes */
struct avqa_color avqa_figure_grid(void); /* grid lines */

/* The width in use, at least 120 and at most AVQA_CANVAS_MAX_PT. */
double avqa_figure_width(const struct avqa_figure *figure);

/* Clears the canvas, draws the head and returns the y where the figure may begin. */
double avqa_figure_begin(struct avqa_canvas *canvas, const struct avqa_figure *figure);

/* Sets the page so that it ends a margin below `bottom_pt`. */
void avqa_figure_end(struct avqa_canvas *canvas, double width_pt, double bottom_pt);

/* The whole page of a figure without data. */
void avqa_figure_no_data(struct avqa_canvas *canvas, const struct avqa_figure *figure);

/* A number as it may be drawn: finite, not negative, not absurd. */
double avqa_figure_clean(double value);

/* Plain text of one line in the common colours; the caller changes what differs. */
struct avqa_text avqa_figure_text(const char *text, double size_pt);

/* One legend entry. */
struct avqa_legend_item {
    const char *label;
    struct avqa_color color;
    bool hatched; /* the lighter, hatched version of the colour */
};

/* Draws entries in rows from `box.x_pt`, `box.y_pt`, at most `box.width_pt` wide, and
 * returns the height used. `box.height_pt` is not looked at. */
double avqa_legend_draw(struct avqa_canvas *canvas, struct avqa_rect box,
                        const struct avqa_legend_item *items, size_t n_items);

/* A rectangle in the lighter, hatched version of a colour. */
void avqa_figure_hatched(struct avqa_canvas *canvas, struct avqa_rect rect,
                         struct avqa_color color);

#endif
