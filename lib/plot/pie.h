/* Pies in a row: what share each category has, one pie per question asked of the data.
 *
 * Slices run clockwise from twelve o'clock in the order given; slices below a share are
 * gathered into one that says how many it holds. If the names of all pies fit beside
 * their slices they stand there; otherwise every pie gets a legend below it. */
#ifndef AVQA_PLOT_PIE_H
#define AVQA_PLOT_PIE_H

#include "plot/figure.h"

struct avqa_pie_slice {
    const char *label;
    double value;
    const struct avqa_color *color; /* NULL: the next categorical colour */
};

struct avqa_pie {
    const char *title; /* e.g. "(a) Kinds of video"; NULL: none */
    const struct avqa_pie_slice *slices;
    size_t n_slices;
};

struct avqa_pie_figure {
    struct avqa_figure head;
    const struct avqa_pie *pies;
    size_t n_pies;
    double min_share; /* smaller slices are gathered; 0: 0.02; negative: never */
};

AVQA_CHECK enum avqa_status avqa_pie_draw(struct avqa_canvas *canvas,
                                          const struct avqa_pie_figure *figure);

#endif
