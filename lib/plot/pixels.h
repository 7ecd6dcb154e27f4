/* Pictures of pixels on a page: photographs, which no shape can be. They are kept as
 * RGB bytes and stay bytes in every kind of document (an image of an SVG is a PNG in
 * base64), without loss: a figure of measurements must not gain blocks or rings. */
#ifndef AVQA_PLOT_PIXELS_H
#define AVQA_PLOT_PIXELS_H

#include "base/buf.h"
#include "base/status.h"
#include "plot/geometry.h"

#include <stdint.h>

enum { AVQA_PIXELS_MAX_SIDE = 16384 };

/* Rows from the top without gaps, 3 bytes a pixel. Zero is valid: none. */
struct avqa_pixels {
    int width, height;
    const uint8_t *rgb;
};

/* A copy that avqa_pixels_free releases; AVQA_EINVAL for a picture without pixels or
 * with a side beyond the bound. */
AVQA_CHECK enum avqa_status avqa_pixels_copy(struct avqa_pixels **out,
                                             const struct avqa_pixels *pixels);
void avqa_pixels_free(struct avqa_pixels *pixels); /* NULL is legal */

/* Draws it so that it fills `rect`, on a cairo_t. What cairo could not do shows in its
 * status. */
void avqa_pixels_show(const struct avqa_pixels *pixels, void *cairo,
                      const struct avqa_rect *rect);

/* Appends "data:image/png;base64,...". AVQA_ENOMEM if it could not be written. */
AVQA_CHECK enum avqa_status avqa_pixels_data_url(struct avqa_buf *out,
                                                 const struct avqa_pixels *pixels);

#endif
