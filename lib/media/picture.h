/* A decoded picture as RGB bytes: scaled to the size asked for, with the shape of its
 * pixels applied and turned as the file says it is shown. For the files of this room.
 */
#ifndef AVQA_MEDIA_PICTURE_H
#define AVQA_MEDIA_PICTURE_H

#include "base/status.h"
#include "media/probe.h"

#include <stdint.h>

struct AVFrame;
struct AVFormatContext;
struct AVStream;

/* Ticks of a second in which the times of the stream are whole numbers, and fine enough
 * for a range that begins between two of them. */
int avqa_picture_ticks(const struct AVStream *stream);

/* A picture of this size to write into, YUV 4:2:0 with 8 bits, as encoders take it.
 * What `frame` held is released: an encoder may still hold it. */
AVQA_CHECK enum avqa_status avqa_picture_renew(struct AVFrame *frame, int width,
                                               int height);

/* What size is wanted, of the picture as shown. Both sides: exactly that, the aspect is
 * given up. One side (or `shorter`): the other follows. None: as shown. */
struct avqa_picture_size {
    int width, height;
    int shorter;
};

enum { AVQA_PICTURE_MAX_SIDE = 16384 };

/* The frame's own turn, or else its stream's. `frame` may be NULL. */
struct avqa_media_turn avqa_picture_turn(const struct AVFrame *frame,
                                         const struct AVStream *stream);
/* Clockwise degrees of a turn that mirrors nothing, else 0. */
int avqa_picture_rotation_deg(struct avqa_media_turn turn);

/* The size that width x height stored pixels of the shape sar_num : sar_den are shown
 * in. */
void avqa_picture_shown(int *shown_width, int *shown_height,
                        const struct avqa_media_video *video);

/* The size to scale a shown size to; AVQA_EINVAL if a side would be beyond the bound.
 */
AVQA_CHECK enum avqa_status avqa_picture_fit(int *width, int *height,
                                             const struct avqa_picture_size *size,
                                             const struct avqa_media_video *video);

/* out (tight, 3 bytes a pixel) becomes the turned picture: width x height after the
 * turn, from rows of `stride` bytes. */
void avqa_picture_apply_turn(uint8_t *out, int width, int height, const uint8_t *in,
                             size_t stride, struct avqa_media_turn turn);

/* Turns frames into RGB, one after the other, in memory of its own. */
struct avqa_painter;
struct avqa_painter *avqa_painter_new(const struct avqa_picture_size *size);
void avqa_painter_free(struct avqa_painter *painter); /* NULL is legal */

struct avqa_painted {
    const uint8_t *rgb; /* borrowed until the next call; width * height * 3 bytes */
    int width, height;
};

/* AVQA_EFORMAT where the frame's format or size cannot be drawn. */
AVQA_CHECK enum avqa_status avqa_painter_paint(struct avqa_painted *out,
                                               struct avqa_painter *painter,
                                               const struct AVFrame *frame,
                                               const struct avqa_media_video *video);

#endif
