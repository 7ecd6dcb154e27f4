/* Pictures scaled as Pillow's Image.resize(..., BILINEAR) does, which the published
 * features went through: a triangle filter as wide as the reduction, columns first,
 * then rows, weights of 22 bits, rounded to a byte after each pass. The bytes are
 * Pillow's. (FFmpeg's bilinear scaler is on average .1 to .2 of a grey level away from
 * them with its most accurate flags, .2 to 1.2 without, and up to 18 at an edge.) */
#ifndef AVQA_ENCODER_RESIZE_H
#define AVQA_ENCODER_RESIZE_H

#include "base/status.h"

#include <stdint.h>

enum { AVQA_RESIZE_MAX_SIDE = 16384 };

struct avqa_rgb {
    const uint8_t *pixels; /* width * height * 3 bytes, row by row */
    int width, height;
};

/* The picture is scaled to width x height, of which the rectangle at (left, top) is
 * wanted; only that is computed. */
struct avqa_resize {
    int width, height;
    int left, top, crop_width, crop_height;
};

/* To width x height, the aspect given up. */
struct avqa_resize avqa_resize_squash(int width, int height);
/* The shorter side to `shorter`, then side x side out of the middle, rounded as
 * torchvision's Resize and CenterCrop round. */
struct avqa_resize avqa_resize_crop(const struct avqa_rgb *from, int shorter, int side);

/* crop_width * crop_height * 3 bytes into `out`. AVQA_EINVAL if a side is 0 or beyond
 * the bound, or the rectangle not inside. */
AVQA_CHECK enum avqa_status avqa_resize(uint8_t *out, const struct avqa_rgb *from,
                                        const struct avqa_resize *to);

#endif
