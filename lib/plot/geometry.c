/* Overlap of turned rectangles by the separating axis theorem; containment in a sector
 * by points along the borders of the rectangle, since a label is small against the
 * curve of its ring. */
#include "plot/geometry.h"

#include <math.h>
#include <stddef.h>

/* Points looked at along each side: labels are small against the curve of a ring. */
#define SIDE_STEPS 6

/* How far the projections of both onto the normal of a's k-th side overlap. */
static double shared_along(const struct avqa_quad *a, const struct avqa_quad *b,
                           size_t k)
{
    double dx = a->corner[k + 1].x_pt - a->corner[k].x_pt;
    double dy = a->corner[k + 1].y_pt - a->corner[k].y_pt;
    double len = hypot(dx, dy);
    double lo[2] = {HUGE_VAL, HUGE_VAL}, hi[2] = {-HUGE_VAL, -HUGE_VAL};

    if (len <= 0)
        return 0;
    for (size_t i = 0; i < 4; i++) {
        double pa = (a->corner[i].x_pt * dx + a->corner[i].y_pt * dy) / len;
        double pb = (b->corner[i].x_pt * dx + b->corner[i].y_pt * dy) / len;
        lo[0] = fmin(lo[0], pa);
        hi[0] = fmax(hi[0], pa);
        lo[1] = fmin(lo[1], pb);
        hi[1] = fmax(hi[1], pb);
    }
    return fmin(hi[0], hi[1]) - fmax(lo[0], lo[1]);
}

bool avqa_quad_overlap(const struct avqa_quad *a, const struct avqa_quad *b,
                       double slack_pt)
{
    for (size_t k = 0; k < 2; k++)
        if (shared_along(a, b, k) <= slack_pt || shared_along(b, a, k) <= slack_pt)
            return false;
    return true;
}

struct avqa_point avqa_wedge_point(struct avqa_point center, double r_pt, double a_rad)
{
    struct avqa_point p = {center.x_pt + r_pt * sin(a_rad),
                           center.y_pt - r_pt * cos(a_rad)};

    return p;
}

static bool holds_point(const struct avqa_wedge *wedge, struct avqa_point p, double pad)
{
    double dx = p.x_pt - wedge->center.x_pt, dy = p.y_pt - wedge->center.y_pt;
    double r = hypot(dx, dy);
    double span = wedge->a1_rad - wedge->a0_rad;

    if (r > wedge->r1_pt - pad || (wedge->r0_pt > 0 && r < wedge->r0_pt + pad))
        return false;
    if (span >= 2 * M_PI - 1e-9)
        return true;

    double from = fmod(atan2(dx, -dy) - wedge->a0_rad, 2 * M_PI);
    if (from < 0)
        from += 2 * M_PI;
    double to = span - from;
    return to >= 0 && r * sin(fmin(from, M_PI / 2)) >= pad &&
           r * sin(fmin(to, M_PI / 2)) >= pad;
}

bool avqa_wedge_holds(const struct avqa_wedge *wedge, const struct avqa_quad *quad,
                      double pad_pt)
{
    for (size_t k = 0; k < 4; k++) {
        struct avqa_point from = quad->corner[k], to = quad->corner[(k + 1) % 4];

        for (int i = 0; i < SIDE_STEPS; i++) {
            double t = (double)i / SIDE_STEPS;
            struct avqa_point p = {from.x_pt + (to.x_pt - from.x_pt) * t,
                                   from.y_pt + (to.y_pt - from.y_pt) * t};
            if (!holds_point(wedge, p, pad_pt))
                return false;
        }
    }
    return true;
}
