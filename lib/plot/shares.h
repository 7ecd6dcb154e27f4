/* How the answers of each row (a question template) are shared out, one 100 % bar a
 * row.
 *
 * In a row the most frequent answer comes first, so that the dashed threshold shows at
 * once where guessing it is too easy; such rows are marked. Answers that matter in the
 * whole figure have a colour of their own, the others are grey and named in place. */
#ifndef AVQA_PLOT_SHARES_H
#define AVQA_PLOT_SHARES_H

#include "plot/figure.h"

struct avqa_share {
    const char *label;
    double value;
};

struct avqa_shares_row {
    const char *label;
    const char *group; /* a heading where it changes; NULL */
    const struct avqa_share *shares;
    size_t n_shares;
};

struct avqa_shares_figure {
    struct avqa_figure head;
    const struct avqa_shares_row *rows;
    size_t n_rows;
    size_t top_k;          /* answers drawn apart per row; 0: 6 */
    double threshold;      /* share of the dashed line; none if 0 or less */
    double label_width_pt; /* column of row labels at most; 0: 40 % of the width */
};

AVQA_CHECK enum avqa_status avqa_shares_draw(struct avqa_canvas *canvas,
                                             const struct avqa_shares_figure *figure);

#endif
