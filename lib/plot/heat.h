/* Heat maps over pictures: weights on a coarse grid, drawn over what they weigh.
 *
 * Between the middles of its cells a map is bilinear, beyond the outer ones constant.
 * The picture below becomes grey and loses contrast, so that colour means weight and
 * nothing else; the map covers it with the same strength everywhere, so one legend
 * holds for all of it. */
#ifndef AVQA_PLOT_HEAT_H
#define AVQA_PLOT_HEAT_H

#include "plot/canvas.h"

#include <stdint.h>

/* rows x cols weights from the top left. Borrows them. */
struct avqa_heat_map {
    size_t rows, cols;
    const float *weights;
};

/* What is the darkest colour and what the lightest; equal ends give the middle. */
struct avqa_heat_scale {
    double low, high;
};

/* How much of a pixel is the map's colour, and how the grey below is squeezed: from 0
 * and 1 to these. */
#define AVQA_HEAT_STRENGTH 0.55
#define AVQA_HEAT_BLACK 0.1
#define AVQA_HEAT_WHITE 1.0

/* A place on the map: x and y from 0 to 1. */
double avqa_heat_at(const struct avqa_heat_map *map, double x, double y);

/* Where a weight is on a scale, from 0 to 1. What is not finite counts as the low end.
 */
double avqa_heat_position(const struct avqa_heat_scale *scale, double weight);

/* The colour over a grey from 0 to 1. */
struct avqa_color avqa_heat_color(double position, double grey);

/* The part of a picture that a map covers, as shares of its sides. */
struct avqa_heat_region {
    double x, y, width, height;
};
#define AVQA_HEAT_WHOLE ((struct avqa_heat_region){0, 0, 1, 1})

/* Writes `picture` with the map over a region of it into `rgb`, of the same size;
 * beside the region it is grey. */
void avqa_heat_paint(uint8_t *rgb, const struct avqa_pixels *picture,
                     const struct avqa_heat_map *map,
                     const struct avqa_heat_scale *scale,
                     const struct avqa_heat_region *region);

/* The legend: a bar with the colours over middle grey. */
void avqa_heat_bar(struct avqa_canvas *canvas, struct avqa_rect bar);

#endif
