/* How labels under (or over) a row of bars or cells are turned so that none touches its
 * neighbour: level if they are short, else slanted, else upright and smaller. It only
 * calculates; the figures draw. */
#ifndef AVQA_PLOT_SLANT_H
#define AVQA_PLOT_SLANT_H

#include "plot/canvas.h"

struct avqa_slant_want {
    double widest_pt; /* of the labels, set level at size_pt and not cut */
    double pitch_pt;  /* from one label to the next */
    double size_pt;
    double max_pt; /* longer labels are cut */
};

struct avqa_slant {
    double angle_deg; /* 0 to 90: how far the text rises to the right */
    double size_pt;
    double max_pt;
    double depth_pt; /* room the labels take across the axis */
};

struct avqa_slant avqa_slant_choose(const struct avqa_slant_want *want);

/* How far a label of this level width reaches to the side of its anchor. */
double avqa_slant_reach(const struct avqa_slant *slant, double width_pt);

/* The style of a label below the axis (it ends at its anchor) or above it (it starts
 * there). Level labels are centred. */
struct avqa_text avqa_slant_text(const struct avqa_slant *slant, const char *text,
                                 bool above);

#endif
