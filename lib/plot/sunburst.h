/* A tree of counts as rings, e.g. the first four words of questions (MUSIC-AVQA, CVPR
 * 2022, figure 3g): a node's angle is its count, its ring is its depth.
 *
 * Siblings are sorted by count. Slices too thin to see are gathered into "… n more".
 * A label is turned along or across its slice and shrunk to fit; one longer than its
 * ring is cut, one thicker than its slice left out. Colour follows the first ring and
 * gets lighter outwards. */
#ifndef AVQA_PLOT_SUNBURST_H
#define AVQA_PLOT_SUNBURST_H

#include "plot/figure.h"

#define AVQA_SUNBURST_ROOT ((size_t)-1)
#define AVQA_SUNBURST_LEVELS 4 /* deeper nodes are not drawn */

struct avqa_sunburst_node {
    const char *label;
    double value;  /* including its children; less than their sum counts as the sum */
    size_t parent; /* index of an earlier node, or AVQA_SUNBURST_ROOT */
};

struct avqa_sunburst_figure {
    struct avqa_figure head; /* width 0: 360 */
    const struct avqa_sunburst_node *nodes;
    size_t n_nodes;
    const char *unit;  /* under the total in the middle, e.g. "questions"; NULL: none */
    double min_arc_pt; /* thinner slices, at their outer edge, are gathered; 0: 4 */
};

/* AVQA_EINVAL if a parent is not an earlier node. */
AVQA_CHECK enum avqa_status
avqa_sunburst_draw(struct avqa_canvas *canvas,
                   const struct avqa_sunburst_figure *figure);

#endif
