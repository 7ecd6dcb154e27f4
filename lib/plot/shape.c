/* Hatching: rising lines x + y = const through the rectangle, cut at its borders by
 * calculation, since a clip would cost a group and an id per rectangle. Both writers
 * draw the same lines. */
#include "plot/shape.h"

#include <math.h>

void avqa_shape_hatch(const struct avqa_shape *shape, avqa_shape_line_fn *line,
                      void *closure)
{
    const struct avqa_rect *r = &shape->rect;
    double gap = fmax(shape->gap_pt, 0.5);

    for (double d = gap / 2; d < r->width_pt + r->height_pt; d += gap) {
        double x0 = fmax(0, d - r->height_pt), x1 = fmin(d, r->width_pt);
        struct avqa_point from = {r->x_pt + x0, r->y_pt + (d - x0)};
        struct avqa_point to = {r->x_pt + x1, r->y_pt + (d - x1)};

        line(closure, from, to);
    }
}
