/* Bars in groups, each of two parts, e.g. questions per template: colour says the kind,
 * a bracket over the bars says the group, the lighter hatched part on top says how much
 * of the bar is of the second sort (MUSIC-AVQA, CVPR 2022, figure 3f: synthetic
 * videos).
 *
 * Labels under the axis are slanted as little as keeps them apart. A figure with more
 * bars than its width can hold grows wider instead of becoming unreadable. */
#ifndef AVQA_PLOT_BAR_H
#define AVQA_PLOT_BAR_H

#include "plot/figure.h"

struct avqa_bar {
    const char *label;
    const char
        *group;   /* neighbours with the same group stand under one bracket; NULL */
    size_t kind;  /* index into kinds; anything else is drawn grey */
    double value; /* the full part, below */
    double extra; /* the light part, on top */
};

struct avqa_bar_kind {
    const char *label;
    const struct avqa_color *color; /* NULL: the categorical colour of its position */
};

struct avqa_bar_figure {
    struct avqa_figure head;
    const struct avqa_bar *bars;
    size_t n_bars;
    const struct avqa_bar_kind *kinds; /* the legend; may be empty */
    size_t n_kinds;
    const char *value_label; /* legend of the full part, e.g. "real videos"; NULL */
    const char *extra_label; /* legend of the light part; used if any extra is there */
    const char *y_label;     /* e.g. "questions"; NULL */
    double plot_height_pt;   /* of the axis; 0: 150 */
    double label_max_pt;     /* longer labels are cut; 0: 120 */
};

AVQA_CHECK enum avqa_status avqa_bar_draw(struct avqa_canvas *canvas,
                                          const struct avqa_bar_figure *figure);

#endif
