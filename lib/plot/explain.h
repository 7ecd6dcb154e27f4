/* What a model attended to when it was asked a question, as Li et al. (CVPR 2022) show
 * it: the pictures it saw with the weights of spatial grounding over them, under each
 * how much of the attention over time went to its second, for sound and for picture;
 * above them the question, the model's answer and the truth.
 *
 * Weights of grounding are close to even, whatever a model has learnt (a softmax over
 * cosines). So a question's maps share one scale, which goes from 0.8 to 1.25 times the
 * even share at least, and further if their weights do; the legend says what its ends
 * are and where on it the weights lie. Nothing is stretched: maps that are nearly even
 * look so, and a second that matters little does. */
#ifndef AVQA_PLOT_EXPLAIN_H
#define AVQA_PLOT_EXPLAIN_H

#include "plot/figure.h"
#include "plot/heat.h"

#include <stdbool.h>

/* Where something is in a picture, as shares of its sides from the upper left corner.
 */
struct avqa_explain_box {
    const char *name;
    double x, y, width, height;
    bool sounds; /* in this second */
};

/* One second that the model was given. */
struct avqa_explain_frame {
    double at_s;                /* which one, of the clip */
    struct avqa_pixels picture; /* .rgb NULL: there is none */
    const float *places;        /* rows x cols weights that sum to 1; NULL: none */
    double heard, seen;         /* attention over time; NaN: none */
    const struct avqa_explain_box *boxes;
    size_t n_boxes;
};

struct avqa_explain_choice {
    const char *answer;
    double probability;
};

/* One question. Texts may be NULL where there is nothing to say. */
struct avqa_explain_panel {
    const char *question, *truth, *type, *clip, *reference, *model;
    struct avqa_explain_choice choices[3]; /* the model's, the best first */
    size_t n_choices;
    bool right;
    const struct avqa_explain_frame *frames;
    size_t n_frames;
    size_t rows, cols; /* of the maps */
    struct avqa_heat_region region;
    const char *note; /* in plain words what is missing and why */
};

struct avqa_explain_figure {
    struct avqa_figure head; /* width 0: AVQA_EXPLAIN_WIDTH_PT */
    const struct avqa_explain_panel *panels;
    size_t n_panels;
    size_t columns; /* pictures in a line; 0: as fits */
};

#define AVQA_EXPLAIN_WIDTH_PT 720.0

/* The scale of colours goes at least so many times up and down from the even share. */
#define AVQA_EXPLAIN_TIMES 1.25

/* Draws all panels below each other. AVQA_ENOMEM if a picture is too large to paint. */
AVQA_CHECK enum avqa_status avqa_explain_draw(struct avqa_canvas *canvas,
                                              const struct avqa_explain_figure *figure);

#endif
