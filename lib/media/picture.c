/* See picture.h. Scaling comes before turning: a small picture is turned faster, and
 * bilinear scaling does not care which came first. That holds only with the colours of
 * every pixel computed (FULL_CHR_H_INT): by default swscale computes them for every
 * second column, and pictures then differ by 5 of 255 from those scaled as RGB, and
 * from themselves when turned. The other flags ask for the same bytes on every CPU.
 *
 * swscale writes three planes of colours with the processor's vectors, packed RGB in
 * twice the time. Most pictures are YUV 4:2:0 and keep their height; they are written
 * as planes and interleaved here, and that makes the same bytes. */
#include "media/picture.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/frame.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>

enum { ALIGN = 64, BYTES_A_PIXEL = 3 };
/* Rows that are drawn as those of any higher picture (with a few less, swscale shortens
 * its filters); and where a row of chroma lies, in 256ths of a row of luma. */
enum { TAIL = 16, CHROMA_BELOW = 256 };
enum { TICKS_LEAST = 90000, TICKS_MOST = 1 << 24, TICKS_OTHERWISE = 1000000 };
/* Pixels that are interleaved together. */
enum { TOGETHER = 16 };
typedef uint8_t levels __attribute__((vector_size(TOGETHER)));
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
    struct SwsContext *sws_planes;
    AVFrame *planes;
    AVFrame *scaled; /* before the turn */
    uint8_t *turned; /* after it, if there is one */
    size_t turned_cap;
};

struct avqa_painter *avqa_painter_new(const struct avqa_picture_size *size)
{
    struct avqa_painter *painter = avqa_mem_new(sizeof *painter);
    painter->size = *size;
    painter->planes = av_frame_alloc();
    painter->scaled = av_frame_alloc();
    if (!painter->planes || !painter->scaled)
        avqa_mem_exhausted();
    return painter;
}

void avqa_painter_free(struct avqa_painter *painter)
{
    if (!painter)
        return;
    sws_freeContext(painter->sws);
    sws_freeContext(painter->sws_planes);
    av_frame_free(&painter->planes);
    av_frame_free(&painter->scaled);
    free(painter->turned);
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

/* Memory for a picture, unless it has it. Rows of RGB24 with an `align` of 1 are tight.
 */
static enum avqa_status make_room(AVFrame *f, enum AVPixelFormat format, int width,
                                  int height, int align)
{
    if (f->data[0] && f->width == width && f->height == height)
        return AVQA_OK;
    av_frame_unref(f);
    f->format = format;
    f->width = width;
    f->height = height;
    if (av_frame_get_buffer(f, align) < 0)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a picture of %d x %d", width,
                         height);
    return AVQA_OK;
}

/* The rows of `frame` from `first` on to those of `to`, whose formats and widths may
 * differ; a `first` other than 0 is for 4:2:0 that keeps its height. */
static enum avqa_status draw(AVFrame *to, struct SwsContext **sws, const AVFrame *frame,
                             int first)
{
    const uint8_t *from[AV_NUM_DATA_POINTERS];
    uint8_t *rows[AV_NUM_DATA_POINTERS];
    memcpy(from, frame->data, sizeof from);
    memcpy(rows, to->data, sizeof rows);
    rows[0] += (ptrdiff_t)first * to->linesize[0];
    for (int i = 0; first && i < 3; i++)
        from[i] += (ptrdiff_t)(i ? first / 2 : first) * frame->linesize[i];
    *sws = sws_getCachedContext(*sws, frame->width, frame->height - first,
                                (enum AVPixelFormat)frame->format, to->width,
                                to->height - first, (enum AVPixelFormat)to->format,
                                SCALE_FLAGS, NULL, NULL, NULL);
    if (!*sws)
        return avqa_fail(AVQA_EFORMAT, "pictures of this kind cannot be drawn");
    set_colours(*sws, frame);
    if (sws_scale(*sws, from, frame->linesize, 0, frame->height - first, rows,
                  to->linesize) != to->height - first)
        return avqa_fail(AVQA_EFORMAT, "a picture could not be scaled");
    return AVQA_OK;
}

/* Eight bytes, or four pairs of them, from place `i` on, of `a` and `b` in turn. */
#define ZIP_BYTES(a, b, i)                                                             \
    __builtin_shufflevector(a, b, (i), (i) + 16, (i) + 1, (i) + 17, (i) + 2, (i) + 18, \
                            (i) + 3, (i) + 19, (i) + 4, (i) + 20, (i) + 5, (i) + 21,   \
                            (i) + 6, (i) + 22, (i) + 7, (i) + 23)
#define ZIP_PAIRS(a, b, i)                                                             \
    __builtin_shufflevector(a, b, (i), (i) + 1, (i) + 16, (i) + 17, (i) + 2, (i) + 3,  \
                            (i) + 18, (i) + 19, (i) + 4, (i) + 5, (i) + 20, (i) + 21,  \
                            (i) + 6, (i) + 7, (i) + 22, (i) + 23)

/* Four pixels lose their fourth bytes; one byte behind them is written, too. */
static inline void put_four(uint8_t *to, levels four)
{
    for (int i = 0; i < 4; i++)
        memcpy(to + BYTES_A_PIXEL * i, (const char *)&four + 4 * i, 4);
}

static void interleave(uint8_t *to, const uint8_t *red, const uint8_t *green,
                       const uint8_t *blue, int n)
{
    int i = 0;
    for (; i + TOGETHER < n; i += TOGETHER, to += TOGETHER * BYTES_A_PIXEL) {
        levels r;
        levels g;
        levels b;
        memcpy(&r, red + i, sizeof r);
        memcpy(&g, green + i, sizeof g);
        memcpy(&b, blue + i, sizeof b);
        for (int half = 0; half < 2; half++) {
            const levels rg = half ? ZIP_BYTES(r, g, 8) : ZIP_BYTES(r, g, 0);
            const levels bb = half ? ZIP_BYTES(b, b, 8) : ZIP_BYTES(b, b, 0);
            uint8_t *eight = to + 8 * BYTES_A_PIXEL * half;
            put_four(eight, ZIP_PAIRS(rg, bb, 0));
            put_four(eight + 4 * BYTES_A_PIXEL, ZIP_PAIRS(rg, bb, 8));
        }
    }
    for (; i < n; i++, to += BYTES_A_PIXEL) {
        to[0] = red[i];
        to[1] = green[i];
        to[2] = blue[i];
    }
}

static bool suits_planes(const AVFrame *frame, const AVFrame *to)
{
    return (frame->format == AV_PIX_FMT_YUV420P ||
            frame->format == AV_PIX_FMT_YUVJ420P ||
            frame->format == AV_PIX_FMT_YUV420P10) &&
           frame->height == to->height && to->height >= TAIL && to->height % 2 == 0;
}

/* A row of packed RGB of the same height gets the chroma of one row, or the mean of
 * two, as if chroma lay on every second row of luma; planes get the same if it is said
 * to lie there. sws_getCachedContext keeps what is said. */
static enum avqa_status say_where_chroma_is(struct SwsContext **sws)
{
    if (*sws)
        return AVQA_OK;
    *sws = sws_alloc_context();
    if (!*sws || av_opt_set_int(*sws, "src_v_chr_pos", CHROMA_BELOW, 0) < 0)
        return avqa_fail(AVQA_ENOMEM, "out of memory for drawing");
    return AVQA_OK;
}

/* All rows as planes but the last one, whose chroma is another. */
static enum avqa_status draw_planes(struct avqa_painter *painter, const AVFrame *frame)
{
    AVFrame *s = painter->scaled;
    AVFrame *p = painter->planes;
    enum avqa_status rc = make_room(p, AV_PIX_FMT_GBRP, s->width, s->height, ALIGN);
    if (rc == AVQA_OK)
        rc = say_where_chroma_is(&painter->sws_planes);
    if (rc == AVQA_OK)
        rc = draw(s, &painter->sws, frame, s->height - TAIL);
    if (rc == AVQA_OK)
        rc = draw(p, &painter->sws_planes, frame, 0);
    for (int y = 0; rc == AVQA_OK && y < s->height - 1; y++)
        interleave(s->data[0] + (ptrdiff_t)y * s->linesize[0],
                   p->data[2] + (ptrdiff_t)y * p->linesize[2],
                   p->data[0] + (ptrdiff_t)y * p->linesize[0],
                   p->data[1] + (ptrdiff_t)y * p->linesize[1], s->width);
    return rc;
}

/* What is drawn becomes upright. */
static enum avqa_status turn(struct avqa_painted *painted, struct avqa_painter *painter,
                             struct avqa_media_turn how)
{
    const AVFrame *s = painter->scaled;
    size_t bytes = (size_t)s->width * (size_t)s->height * BYTES_A_PIXEL;
    painted->rgb = s->data[0];
    if (!how.transpose && !how.flip_x && !how.flip_y)
        return AVQA_OK;
    enum avqa_status rc =
        avqa_mem_grow(&painter->turned, &painter->turned_cap, bytes, 1);
    if (rc == AVQA_OK)
        avqa_picture_apply_turn(painter->turned, painted->width, painted->height,
                                s->data[0], (size_t)s->linesize[0], how);
    painted->rgb = painter->turned;
    return rc;
}

enum avqa_status avqa_painter_paint(struct avqa_painted *out,
                                    struct avqa_painter *painter, const AVFrame *frame,
                                    const struct avqa_media_video *video)
{
    const bool transpose = video->turn.transpose;
    AVFrame *s = painter->scaled;
    int w = 0;
    int h = 0;
    enum avqa_status rc = avqa_picture_fit(&w, &h, &painter->size, video);
    *out = (struct avqa_painted){.width = w, .height = h};
    if (rc == AVQA_OK)
        rc = make_room(s, AV_PIX_FMT_RGB24, transpose ? h : w, transpose ? w : h, 1);
    if (rc == AVQA_OK)
        rc = suits_planes(frame, s) ? draw_planes(painter, frame)
                                    : draw(s, &painter->sws, frame, 0);
    return rc == AVQA_OK ? turn(out, painter, video->turn) : rc;
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
