/* The seconds of one question as lines of pictures with bars under them. For explain.c.
 */
#ifndef AVQA_PLOT_EXPLAIN_STRIP_H
#define AVQA_PLOT_EXPLAIN_STRIP_H

#include "plot/explain.h"

/* Where everything of a panel goes, and what its seconds have. */
struct avqa_explain_strip {
    const struct avqa_explain_panel *panel;
    double left_pt, width_pt;
    size_t columns;
    double pitch_pt; /* from one column to the next */
    double frame_w_pt, frame_h_pt;
    bool has_pictures, has_maps, has_heard, has_seen, has_boxes;
    struct avqa_heat_scale scale;
    double least, most; /* weights of places */
    double even;        /* weight of a place if all had the same */
    double most_time;   /* the highest bar */
    double even_time;   /* a second's share if all had the same */
};

/* Plans it into `width_pt` from `left_pt`; `columns` 0: as fits. */
void avqa_explain_strip_plan(struct avqa_explain_strip *strip,
                             const struct avqa_explain_panel *panel,
                             struct avqa_rect room, size_t columns);

/* Draws it from y_pt on; *bottom_pt is where it ends. */
AVQA_CHECK enum avqa_status
avqa_explain_strip_draw(struct avqa_canvas *canvas, double *bottom_pt,
                        const struct avqa_explain_strip *strip, double y_pt);

/* What facts say of a second, over its picture: thin boxes with names, dashed where
 * nothing sounds. Names that find no room are left out. */
void avqa_explain_boxes_draw(struct avqa_canvas *canvas,
                             const struct avqa_explain_frame *frame,
                             struct avqa_rect picture);
/* Such a box without a name. */
void avqa_explain_box_outline(struct avqa_canvas *canvas, struct avqa_rect rect,
                              bool sounds);

/* What the colours and bars mean; returns where it ends. */
double avqa_explain_legend_draw(struct avqa_canvas *canvas,
                                const struct avqa_explain_strip *strip, double y_pt);

/* The colours of what is heard and seen; they differ for every kind of eye. */
struct avqa_color avqa_explain_heard(void);
struct avqa_color avqa_explain_seen(void);

#endif
