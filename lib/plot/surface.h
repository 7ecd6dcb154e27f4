/* Replays recorded shapes as an SVG, PDF or PNG document in memory. It appends to a
 * buffer and touches no file: where a document goes, and that it appears there whole,
 * is the caller's business. */
#ifndef AVQA_PLOT_SURFACE_H
#define AVQA_PLOT_SURFACE_H

#include "plot/shape.h"

struct avqa_surface_page {
    double width_pt;
    double height_pt;
    const struct avqa_shape *shapes;
    size_t n_shapes;
};

/* Appends the document to `out`. Equal pages and targets give equal bytes. */
AVQA_CHECK enum avqa_status avqa_surface_write(const struct avqa_surface_page *page,
                                               const struct avqa_canvas_target *target,
                                               struct avqa_buf *out);

#endif
