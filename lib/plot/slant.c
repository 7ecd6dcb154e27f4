/* Labels at angle a, p apart along the axis, are p sin(a) apart across their own
 * direction: that has to hold a line of text. Three angles are tried and nothing in
 * between, so that figures of one paper look alike. */
#include "plot/slant.h"

#include <math.h>

#include "plot/figure.h"

#define LINE 1.12        /* of the type size, so that lines do not touch */
#define LEVEL_GAP_PT 5.0 /* between level labels */
#define SMALLEST_PT 4.0

static double sine(double angle_deg)
{
    return sin(angle_deg * M_PI / 180);
}

static double cosine(double angle_deg)
{
    return angle_deg < 90 ? cos(angle_deg * M_PI / 180) : 0;
}

struct avqa_slant avqa_slant_choose(const struct avqa_slant_want *want)
{
    static const double angles[] = {40, 60, 90};
    struct avqa_slant slant = {.size_pt = want->size_pt, .max_pt = want->max_pt};
    double longest_pt = fmin(want->widest_pt, want->max_pt);

    if (longest_pt + LEVEL_GAP_PT <= want->pitch_pt) {
        slant.depth_pt = want->size_pt;
        return slant;
    }
    for (size_t i = 0; i < sizeof angles / sizeof *angles; i++) {
        slant.angle_deg = angles[i];
        if (want->pitch_pt * sine(angles[i]) >= want->size_pt * LINE)
            break;
    }
    slant.size_pt = fmin(want->size_pt, want->pitch_pt * sine(slant.angle_deg) / LINE);
    slant.size_pt = fmax(floor(slant.size_pt * 4) / 4, SMALLEST_PT);
    longest_pt = fmin(want->widest_pt * slant.size_pt / want->size_pt, want->max_pt);
    slant.depth_pt =
        longest_pt * sine(slant.angle_deg) + slant.size_pt * cosine(slant.angle_deg);
    return slant;
}

double avqa_slant_reach(const struct avqa_slant *slant, double width_pt)
{
    if (slant->angle_deg <= 0)
        return width_pt / 2;
    return width_pt * cosine(slant->angle_deg) +
           slant->size_pt / 2 * sine(slant->angle_deg);
}

struct avqa_text avqa_slant_text(const struct avqa_slant *slant, const char *text,
                                 bool above)
{
    struct avqa_text style = avqa_figure_text(text, slant->size_pt);

    style.max_width_pt = slant->max_pt;
    style.angle_deg = -slant->angle_deg;
    if (slant->angle_deg <= 0) {
        style.align = AVQA_ALIGN_MIDDLE;
        style.valign = above ? AVQA_VALIGN_BASELINE : AVQA_VALIGN_TOP;
    } else {
        style.align = above ? AVQA_ALIGN_START : AVQA_ALIGN_END;
    }
    return style;
}
