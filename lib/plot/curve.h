/* Curves over epochs, in panels side by side: how a training went. One x is marked in
 * all panels, the epoch whose weights are kept. The y axis goes from the lowest to the
 * highest value, not from zero, since the end of a curve matters most, where it is
 * flattest; ticks say so.
 *
 * A value that is not finite is a gap. */
#ifndef AVQA_PLOT_CURVE_H
#define AVQA_PLOT_CURVE_H

#include "plot/figure.h"

struct avqa_curve {
    const char *label;    /* legend */
    const double *values; /* [n] of the figure */
    size_t color;         /* categorical */
    bool dashed;
};

struct avqa_curve_panel {
    const char *title;
    const struct avqa_curve *curves;
    size_t n_curves;
    bool percent;            /* values are shares, drawn times 100 */
    const char *marked_text; /* beside the mark; NULL: none */
};

struct avqa_curve_figure {
    struct avqa_figure head;
    const struct avqa_curve_panel *panels; /* those without a value are left out */
    size_t n_panels;
    size_t n;              /* of each curve: x is 1, 2, ... n */
    const char *x_label;   /* e.g. "epoch" */
    size_t marked;         /* this x; 0: none */
    double plot_height_pt; /* of the axes; 0: 150 */
};

AVQA_CHECK enum avqa_status avqa_curve_draw(struct avqa_canvas *canvas,
                                            const struct avqa_curve_figure *figure);

#endif
