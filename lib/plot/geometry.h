/* Points, rectangles, sectors and turned rectangles, and whether they get in each
 * other's way. Points (1/72 inch), x to the right, y down; angles of sectors are
 * radians clockwise from twelve o'clock. */
#ifndef AVQA_PLOT_GEOMETRY_H
#define AVQA_PLOT_GEOMETRY_H

#include <stdbool.h>

struct avqa_point {
    double x_pt;
    double y_pt;
};

struct avqa_rect {
    double x_pt;
    double y_pt;
    double width_pt;
    double height_pt;
};

/* A sector of a ring; r0_pt 0 is a slice of a disc. */
struct avqa_wedge {
    struct avqa_point center;
    double r0_pt;
    double r1_pt;
    double a0_rad;
    double a1_rad;
};

/* A turned rectangle: its corners, one after the other. */
struct avqa_quad {
    struct avqa_point corner[4];
};

/* Whether two turned rectangles share more than `slack_pt` of each other. */
bool avqa_quad_overlap(const struct avqa_quad *a, const struct avqa_quad *b,
                       double slack_pt);

/* Whether the quad lies in the sector, at least `pad_pt` from its borders. */
bool avqa_wedge_holds(const struct avqa_wedge *wedge, const struct avqa_quad *quad,
                      double pad_pt);

/* The point at radius and angle. */
struct avqa_point avqa_wedge_point(struct avqa_point center, double r_pt, double a_rad);

#endif
