/* A matrix of numbers by colour, e.g. which instruments appear together.
 *
 * Zero is left white, so that what never happens is seen at once; NaN is crossed out.
 * Cells shrink as rows are added, and carry their number while it fits. */
#ifndef AVQA_PLOT_MATRIX_H
#define AVQA_PLOT_MATRIX_H

#include "plot/figure.h"

struct avqa_matrix_figure {
    struct avqa_figure head;
    const char *const *rows; /* labels */
    size_t n_rows;
    const char *const *cols; /* labels; NULL: those of the rows (a square matrix) */
    size_t n_cols;
    const double *values;  /* n_rows times n_cols, row by row */
    const char *bar_label; /* what the colour means, e.g. "videos"; NULL */
    bool log_scale;        /* colours by order of magnitude */
    bool lower_triangle;   /* of a symmetric matrix, draw each pair once */
    bool no_numbers;
};

AVQA_CHECK enum avqa_status avqa_matrix_draw(struct avqa_canvas *canvas,
                                             const struct avqa_matrix_figure *figure);

#endif
