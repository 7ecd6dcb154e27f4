/* A table set like one in a paper: three rules, no boxes, cells that wrap. Columns get
 * what their text needs, and share what is left; a table that would pass the longest
 * page is cut and says so. */
#ifndef AVQA_PLOT_TABLEFIG_H
#define AVQA_PLOT_TABLEFIG_H

#include "plot/figure.h"

struct avqa_tablefig_column {
    const char *title;
    enum avqa_align align;
    double weight; /* share of the width left over by narrow columns; 0: 1 */
};

struct avqa_tablefig_figure {
    struct avqa_figure head;
    const struct avqa_tablefig_column *columns;
    size_t n_columns;
    const char *const *cells; /* n_rows times n_columns, row by row; NULL is empty */
    size_t n_rows;
    int max_lines; /* per cell, then cut with "…"; 0: 12 */
};

AVQA_CHECK enum avqa_status
avqa_tablefig_draw(struct avqa_canvas *canvas,
                   const struct avqa_tablefig_figure *figure);

#endif
