/* One recorded drawing call: what a canvas keeps and a surface replays. Only the fields
 * that its kind names are set. Kinds are few on purpose: every one has to be drawn by
 * two writers. */
#ifndef AVQA_PLOT_SHAPE_H
#define AVQA_PLOT_SHAPE_H

#include "plot/canvas.h"
#include "plot/pixels.h"

enum avqa_shape_kind {
    AVQA_SHAPE_RECT,     /* rect, fill */
    AVQA_SHAPE_OUTLINE,  /* rect, stroke */
    AVQA_SHAPE_HATCH,    /* rect, stroke, gap_pt */
    AVQA_SHAPE_LINE,     /* points 0 and 1, stroke */
    AVQA_SHAPE_DISC,     /* point 0, gap_pt as radius, fill */
    AVQA_SHAPE_TRIANGLE, /* points, fill */
    AVQA_SHAPE_WEDGE,    /* wedge, fill, stroke */
    AVQA_SHAPE_PICTURE,  /* rect, pixels */
    AVQA_SHAPE_TEXT,     /* point 0, layout, align, rise_pt, angle_deg, fill */
};

struct avqa_shape {
    enum avqa_shape_kind kind;
    struct avqa_point points[3];
    struct avqa_rect rect;
    struct avqa_wedge wedge;
    struct avqa_color fill;
    struct avqa_stroke stroke;
    double gap_pt;
    struct avqa_pixels *pixels; /* the canvas's own */
    struct avqa_layout *layout; /* a reference */
    enum avqa_align align;
    double rise_pt;
    double angle_deg;
};

/* Calls `line` for every line of a hatched rectangle. */
typedef void avqa_shape_line_fn(void *closure, struct avqa_point from,
                                struct avqa_point to);
void avqa_shape_hatch(const struct avqa_shape *shape, avqa_shape_line_fn *line,
                      void *closure);

#endif
