/* See upright.h. The planes are turned and mirrored as they are: a mirrored picture has
 * the very pixels of the straight one. Odd sizes are cut by a pixel, since scaling by
 * so little would only blur. */
#include "media/upright.h"
#include "base/mem.h"
#include "media/picture.h"

#include <stdlib.h>

#include <libavutil/frame.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

static const int SCALE_FLAGS =
    SWS_BILINEAR | SWS_FULL_CHR_H_INT | SWS_ACCURATE_RND | SWS_BITEXACT;

struct avqa_upright {
    struct avqa_media_turn turn;
    int width, height; /* before the turn, even */
    bool square;       /* the stored pixels are */
    struct SwsContext *sws;
    AVFrame *scaled, *turned;
};

struct avqa_upright *avqa_upright_new(const struct avqa_media_video *video, bool mirror)
{
    struct avqa_upright *u = avqa_mem_new(sizeof *u);
    int shown_w;
    int shown_h;
    avqa_picture_shown(&shown_w, &shown_h, video);
    u->turn = video->turn;
    u->turn.flip_x = video->turn.flip_x != mirror;
    u->width = video->turn.transpose ? shown_h : shown_w;
    u->height = video->turn.transpose ? shown_w : shown_h;
    u->width = u->width > 2 ? u->width & ~1 : 2;
    u->height = u->height > 2 ? u->height & ~1 : 2;
    u->square = video->sar_num == video->sar_den || video->sar_num <= 0;
    u->scaled = av_frame_alloc();
    u->turned = av_frame_alloc();
    if (!u->scaled || !u->turned)
        avqa_mem_exhausted();
    return u;
}

void avqa_upright_free(struct avqa_upright *u)
{
    if (!u)
        return;
    sws_freeContext(u->sws);
    av_frame_free(&u->scaled);
    av_frame_free(&u->turned);
    free(u);
}

static bool is_rgb(const AVFrame *frame)
{
    const AVPixFmtDescriptor *d =
        av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
    return !d || d->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL);
}

static void copy_colours(AVFrame *to, const AVFrame *from)
{
    bool rgb = is_rgb(from);
    to->colorspace = rgb ? AVCOL_SPC_SMPTE170M : from->colorspace;
    to->color_primaries = rgb ? AVCOL_PRI_UNSPECIFIED : from->color_primaries;
    to->color_trc = rgb ? AVCOL_TRC_UNSPECIFIED : from->color_trc;
}

/* The matrix stays the source's; full range becomes the usual one. */
static void set_colours(struct SwsContext *sws, const AVFrame *frame)
{
    bool full = frame->color_range == AVCOL_RANGE_JPEG ||
                frame->format == AV_PIX_FMT_YUVJ420P ||
                frame->format == AV_PIX_FMT_YUVJ422P ||
                frame->format == AV_PIX_FMT_YUVJ444P || is_rgb(frame);
    int space = (int)frame->colorspace;
    if (space < 1 || space > 10 || space == 8 || is_rgb(frame))
        space = SWS_CS_DEFAULT;
    const int *matrix = sws_getCoefficients(space);
    sws_setColorspaceDetails(sws, matrix, full, matrix, 0, 0, 1 << 16, 1 << 16);
}

static enum avqa_status scale(struct avqa_upright *u, const AVFrame *frame)
{
    enum avqa_status rc = avqa_picture_renew(u->scaled, u->width, u->height);
    if (rc != AVQA_OK)
        return rc;
    int width = u->square ? frame->width & ~1 : frame->width;
    int height = u->square ? frame->height & ~1 : frame->height;
    if (width < 2 || height < 2) {
        width = frame->width;
        height = frame->height;
    }
    u->sws = sws_getCachedContext(
        u->sws, width, height, (enum AVPixelFormat)frame->format, u->width, u->height,
        AV_PIX_FMT_YUV420P, SCALE_FLAGS, NULL, NULL, NULL);
    if (!u->sws)
        return avqa_fail(AVQA_EFORMAT, "pictures of this kind cannot be converted");
    set_colours(u->sws, frame);
    if (sws_scale(u->sws, (const uint8_t *const *)frame->data, frame->linesize, 0,
                  height, u->scaled->data, u->scaled->linesize) != u->height)
        return avqa_fail(AVQA_EFORMAT, "a picture could not be scaled");
    return AVQA_OK;
}

/* out becomes the turned plane of width x height, as avqa_picture_apply_turn has it. */
static void turn_plane(uint8_t *out, ptrdiff_t out_stride, int width, int height,
                       const uint8_t *in, ptrdiff_t stride, struct avqa_media_turn turn)
{
    const ptrdiff_t step_x = turn.transpose ? stride : 1;
    const ptrdiff_t step_y = turn.transpose ? 1 : stride;
    for (int y = 0; y < height; y++, out += out_stride) {
        const uint8_t *line = in + step_y * (turn.flip_y ? height - 1 - y : y);
        for (int x = 0; x < width; x++)
            out[x] = line[step_x * (turn.flip_x ? width - 1 - x : x)];
    }
}

static enum avqa_status turn(struct avqa_upright *u, const AVFrame *frame)
{
    int width = u->turn.transpose ? u->height : u->width;
    int height = u->turn.transpose ? u->width : u->height;
    enum avqa_status rc = avqa_picture_renew(u->turned, width, height);
    for (int i = 0; rc == AVQA_OK && i < 3; i++)
        turn_plane(u->turned->data[i], u->turned->linesize[i], i ? width / 2 : width,
                   i ? height / 2 : height, frame->data[i], frame->linesize[i],
                   u->turn);
    return rc;
}

enum avqa_status avqa_upright_picture(const AVFrame **out, struct avqa_upright *u,
                                      const AVFrame *frame)
{
    bool as_it_is = frame->format == AV_PIX_FMT_YUV420P && frame->width == u->width &&
                    frame->height == u->height &&
                    frame->color_range != AVCOL_RANGE_JPEG;
    const AVFrame *at = frame;
    enum avqa_status rc = AVQA_OK;
    if (!as_it_is) {
        rc = scale(u, frame);
        at = u->scaled;
    }
    if (rc == AVQA_OK && (u->turn.transpose || u->turn.flip_x || u->turn.flip_y)) {
        rc = turn(u, at);
        at = u->turned;
    }
    if (rc == AVQA_OK && at != frame)
        copy_colours((AVFrame *)(at == u->turned ? u->turned : u->scaled), frame);
    *out = at;
    return rc;
}
