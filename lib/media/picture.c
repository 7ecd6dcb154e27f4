/* See picture.h. Scaling comes before turning: a small picture is turned faster, and
 * bilinear scaling does not care which came first. That holds only with the colours of
 * every pixel computed (FULL_CHR_H_INT): by default swscale computes them for every
 * second column, and pictures then differ by 5 of 255 from those scaled as RGB, and
 * from themselves when turned. The other flags ask for the same bytes on every CPU. */
#include "media/picture.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/frame.h>
#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>

enum { ALIGN = 64, BYTES_A_PIXEL = 3 };
enum { TICKS_LEAST = 90000, TICKS_MOST = 1 << 24, TICKS_OTHERWISE = 1000000 };
static const int SCALE_FLAGS =
    SWS_BILINEAR | SWS_FULL_CHR_H_INT | SWS_ACCURATE_RND | SWS_BITEXACT;

/* ---- turning --------------------------------------------------------------------- */

/* x' = m0 x + m3 y, y' = m1 x + m4 y (libavutil/display.h); angles in between go to the
 * nearest quarter turn. */
static struct avqa_media_turn turn_of(const int32_t *m)
{
    int64_t straight = llabs((int64_t)m[0]) + llabs((int64_t)m[4]);
    int64_t across = llabs((int64_t)m[1]) + llabs((int64_t)m[3]);
    if (across > straight)
        return (struct avqa_media_turn){true, m[3] < 0, m[1] < 0};
    return (struct avqa_media_turn){false, m[0] < 0, m[4] < 0};
}

struct avqa_media_turn avqa_picture_turn(const AVFrame *frame, const AVStream *stream)
{
    const AVFrameSideData *side =
        frame ? av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX) : NULL;
    size_t n = 0;
    const uint8_t *bytes =
        av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &n);
    int32_t matrix[9];
    if (side) {
        bytes = side->data;
        n = side->size;
    }
    if (!bytes || n < sizeof matrix)
        return (struct avqa_media_turn){0};
    memcpy(matrix, bytes, sizeof matrix);
    return turn_of(matrix);
}

int avqa_picture_rotation_deg(struct avqa_media_turn turn)
{
    if (turn.transpose)
        return turn.flip_x == turn.flip_y ? 0 : turn.flip_x ? 90 : 270;
    return turn.flip_x && turn.flip_y ? 180 : 0;
}

void avqa_picture_apply_turn(uint8_t *out, int width, int height, const uint8_t *in,
                             size_t stride, struct avqa_media_turn turn)
{
    const size_t row = (size_t)width * BYTES_A_PIXEL;
    const ptrdiff_t step_x = turn.transpose ? (ptrdiff_t)stride : BYTES_A_PIXEL;
    const ptrdiff_t step_y = turn.transpose ? BYTES_A_PIXEL : (ptrdiff_t)stride;
    for (int y = 0; y < height; y++) {
        const uint8_t *line = in + step_y * (turn.flip_y ? height - 1 - y : y);
        uint8_t *to = out + row * (size_t)y;
        if (!turn.transpose && !turn.flip_x) {
            memcpy(to, line, row);
            continue;
        }
        for (int x = 0; x < width; x++, to += BYTES_A_PIXEL)
            memcpy(to, line + step_x * (turn.flip_x ? width - 1 - x : x),
                   BYTES_A_PIXEL);
    }
}

/* ---- sizes ----------------------------------------------------------------------- */

static int bounded_side(int64_t n)
{
    return n < 1 ? 1 : n > INT32_MAX ? INT32_MAX : (int)n;
}

void avqa_picture_shown(int *shown_width, int *shown_height,
                        const struct avqa_media_video *video)
{
    int width = video->width;
    if (video->sar_num > 0 && video->sar_den > 0)
        width = bounded_side(av_rescale(video->width, video->sar_num, video->sar_den));
    *shown_width = video->turn.transpose ? video->height : width;
    *shown_height = video->turn.transpose ? width : video->height;
}

enum avqa_status avqa_picture_fit(int *width, int *height,
                                  const struct avqa_picture_size *size,
                                  const struct avqa_media_video *video)
{
    int shown_w = video->shown_width;
    int shown_h = video->shown_height;
    int w = size->width;
    int h = size->height;
    if (size->shorter > 0) {
        w = shown_w <= shown_h ? size->shorter : 0;
        h = shown_w <= shown_h ? 0 : size->shorter;
    }
    if (w <= 0 && h <= 0) {
        w = shown_w;
        h = shown_h;
    } else if (w <= 0) {
        w = bounded_side(av_rescale(h, shown_w, shown_h));
    } else if (h <= 0) {
        h = bounded_side(av_rescale(w, shown_h, shown_w));
    }
    if (w > AVQA_PICTURE_MAX_SIDE || h > AVQA_PICTURE_MAX_SIDE)
        return avqa_fail(AVQA_EINVAL, "a picture of %d x %d pixels is beyond %d", w, h,
                         AVQA_PICTURE_MAX_SIDE);
    *width = w;
    *height = h;
    return AVQA_OK;
}

/* ---- painting -------------------------------------------------------------------- */

struct avqa_painter {
    struct avqa_picture_size size;
    struct SwsContext *sws;
    AVFrame *scaled; /* before the turn */
    uint8_t *rgb;    /* after it */
    size_t rgb_cap;
};

struct avqa_painter *avqa_painter_new(const struct avqa_picture_size *size)
{
    struct avqa_painter *painter = avqa_mem_new(sizeof *painter);
    painter->size = *size;
    painter->scaled = av_frame_alloc();
    if (!painter->scaled)
        avqa_mem_exhausted();
    return painter;
}

void avqa_painter_free(struct avqa_painter *painter)
{
    if (!painter)
        return;
    sws_freeContext(painter->sws);
    av_frame_free(&painter->scaled);
    free(painter->rgb);
    free(painter);
}

/* The matrix and range of a frame's colours, as FFmpeg's own scale filter takes them.
 */
static void set_colours(struct SwsContext *sws, const AVFrame *frame)
{
    int *from;
    int *to;
    int from_full;
    int to_full;
    int brightness;
    int contrast;
    int saturation;
    if (sws_getColorspaceDetails(sws, &from, &from_full, &to, &to_full, &brightness,
                                 &contrast, &saturation) < 0)
        return; /* not a conversion between YUV and RGB */
    int space = (int)frame->colorspace;
    if (space < 1 || space > 10 || space == 8)
        space = SWS_CS_DEFAULT;
    if (frame->color_range != AVCOL_RANGE_UNSPECIFIED)
        from_full = frame->color_range == AVCOL_RANGE_JPEG;
    const int *matrix = sws_getCoefficients(space);
    sws_setColorspaceDetails(sws, matrix, from_full, matrix, to_full, brightness,
                             contrast, saturation);
}

/* Gives painter->scaled the size before the turn, and the RGB buffer that after it. */
static enum avqa_status make_room(struct avqa_painter *painter, int width, int height,
                                  bool transpose)
{
    AVFrame *s = painter->scaled;
    int w = transpose ? height : width;
    int h = transpose ? width : height;
    size_t bytes = (size_t)width * (size_t)height * BYTES_A_PIXEL;
    enum avqa_status rc = avqa_mem_grow(&painter->rgb, &painter->rgb_cap, bytes, 1);
    if (rc != AVQA_OK || (s->data[0] && s->width == w && s->height == h))
        return rc;
    av_frame_unref(s);
    s->format = AV_PIX_FMT_RGB24;
    s->width = w;
    s->height = h;
    if (av_frame_get_buffer(s, ALIGN) < 0)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a picture of %d x %d", w, h);
    return AVQA_OK;
}

enum avqa_status avqa_painter_paint(struct avqa_painted *out,
                                    struct avqa_painter *painter, const AVFrame *frame,
                                    const struct avqa_media_video *video)
{
    int width = 0;
    int height = 0;
    enum avqa_status rc = avqa_picture_fit(&width, &height, &painter->size, video);
    if (rc == AVQA_OK)
        rc = make_room(painter, width, height, video->turn.transpose);
    if (rc != AVQA_OK)
        return rc;
    AVFrame *s = painter->scaled;
    painter->sws = sws_getCachedContext(
        painter->sws, frame->width, frame->height, (enum AVPixelFormat)frame->format,
        s->width, s->height, AV_PIX_FMT_RGB24, SCALE_FLAGS, NULL, NULL, NULL);
    if (!painter->sws)
        return avqa_fail(AVQA_EFORMAT, "pictures of this kind cannot be drawn");
    set_colours(painter->sws, frame);
    if (sws_scale(painter->sws, (const uint8_t *const *)frame->data, frame->linesize, 0,
                  frame->height, s->data, s->linesize) != s->height)
        return avqa_fail(AVQA_EFORMAT, "a picture could not be scaled");
    avqa_picture_apply_turn(painter->rgb, width, height, s->data[0],
                            (size_t)s->linesize[0], video->turn);
    *out = (struct avqa_painted){painter->rgb, width, height};
    return AVQA_OK;
}

int avqa_picture_ticks(const struct AVStream *stream)
{
    int den = stream->time_base.den;
    if (den < 1 || den > TICKS_MOST / 2)
        return TICKS_OTHERWISE;
    return den >= TICKS_LEAST ? den : den * ((TICKS_LEAST + den - 1) / den);
}

enum avqa_status avqa_picture_renew(AVFrame *f, int width, int height)
{
    av_frame_unref(f);
    f->format = AV_PIX_FMT_YUV420P;
    f->width = width;
    f->height = height;
    f->color_range = AVCOL_RANGE_MPEG;
    if (av_frame_get_buffer(f, ALIGN) < 0)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a picture of %d x %d", width,
                         height);
    return AVQA_OK;
}
