/* Two splits compared value by value: a dot for each split's share, joined by a line,
 * sorted by the difference. The total variation distance, over all values and not only
 * those drawn, is part of the subtitle. */
#ifndef AVQA_PLOT_DRIFT_H
#define AVQA_PLOT_DRIFT_H

#include "plot/figure.h"

struct avqa_drift_value {
    const char *label;
    double a; /* count in split a */
    double b; /* count in split b */
};

struct avqa_drift_figure {
    struct avqa_figure head;
    const char *a_name; /* e.g. "train" */
    const char *b_name; /* e.g. "test" */
    const struct avqa_drift_value *values;
    size_t n_values;
    size_t max_rows; /* the largest differences are drawn; 0: 40 */
};

/* Half the sum of |share in a - share in b|, in [0, 1]; NaN if a split is empty. */
double avqa_drift_tvd(const struct avqa_drift_value *values, size_t n_values);

AVQA_CHECK enum avqa_status avqa_drift_draw(struct avqa_canvas *canvas,
                                            const struct avqa_drift_figure *figure);

#endif
