/* See edge.h. Without B pictures: packets come in the order of their pictures, so they
 * need no delay of their own. */
#include "media/edge.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>

enum { BASELINE = 66, MAIN = 77, HIGH = 100 }; /* profile_idc */

struct avqa_edge {
    AVCodecContext *ctx;
    AVPacket *packet;
};

static const char *profile_name(int profile)
{
    return profile == BASELINE ? "baseline"
           : profile == MAIN   ? "main"
           : profile == HIGH   ? "high"
                               : NULL;
}

static enum avqa_status failed(const char *what, int code)
{
    char text[AV_ERROR_MAX_STRING_SIZE];
    av_strerror(code, text, sizeof text);
    return avqa_fail(code == AVERROR(ENOMEM) ? AVQA_ENOMEM : AVQA_EFORMAT,
                     "its edges cannot be %s: %s", what, text);
}

static enum avqa_status open_x264(struct avqa_edge *edge,
                                  const struct avqa_encode_form *form,
                                  const struct avqa_h264_sets *sets)
{
    char params[32];
    const char *profile = profile_name(sets->profile);
    int id = avqa_h264_free_id(sets);
    if (!profile || id < 0)
        return avqa_fail(AVQA_EFORMAT, "its profile of H.264 is %d", sets->profile);
    snprintf(params, sizeof params, "sps-id=%d", id);
    enum avqa_status rc = avqa_encode_x264(&edge->ctx, form, params);
    if (rc != AVQA_OK)
        return rc;
    edge->ctx->max_b_frames = 0;
    edge->ctx->level = sets->level;
    edge->ctx->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    av_opt_set(edge->ctx->priv_data, "profile", profile, 0);
    int code = avcodec_open2(edge->ctx, edge->ctx->codec, NULL);
    return code < 0 ? failed("encoded", code) : AVQA_OK;
}

enum avqa_status avqa_edge_open(struct avqa_edge **out,
                                const struct avqa_encode_form *form,
                                const AVCodecParameters *stream,
                                const struct avqa_h264_sets *sets)
{
    struct avqa_edge *edge = avqa_mem_new(sizeof *edge);
    struct avqa_encode_form with = *form;
    AVFrame *like = av_frame_alloc();
    edge->packet = av_packet_alloc();
    if (!like || !edge->packet)
        avqa_mem_exhausted();
    like->width = stream->width;
    like->height = stream->height;
    like->color_range = stream->color_range;
    like->colorspace = stream->color_space;
    like->color_primaries = stream->color_primaries;
    like->color_trc = stream->color_trc;
    with.like = like;
    enum avqa_status rc = open_x264(edge, &with, sets);
    av_frame_free(&like);
    *out = rc == AVQA_OK ? edge : NULL;
    if (rc != AVQA_OK)
        avqa_edge_close(edge);
    return rc;
}

void avqa_edge_close(struct avqa_edge *edge)
{
    if (!edge)
        return;
    avcodec_free_context(&edge->ctx);
    av_packet_free(&edge->packet);
    free(edge);
}

const uint8_t *avqa_edge_sets(const struct avqa_edge *edge, size_t *size)
{
    *size = (size_t)edge->ctx->extradata_size;
    return edge->ctx->extradata;
}

enum avqa_status avqa_edge_picture(struct avqa_edge *edge, const AVFrame *picture,
                                   int64_t at, struct avqa_splice *splice,
                                   struct avqa_encoder *encoder)
{
    AVFrame *own = picture ? av_frame_clone(picture) : NULL;
    enum avqa_status rc = AVQA_OK;
    if (picture && !own)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a picture");
    if (own) {
        own->pts = at;
        own->pict_type = AV_PICTURE_TYPE_NONE;
    }
    int code = avcodec_send_frame(edge->ctx, own);
    av_frame_free(&own);
    if (code < 0)
        return failed("encoded", code);
    while (rc == AVQA_OK &&
           (code = avcodec_receive_packet(edge->ctx, edge->packet)) >= 0) {
        rc = avqa_splice_write(splice, encoder, edge->packet);
        av_packet_unref(edge->packet);
    }
    if (rc == AVQA_OK && code != AVERROR(EAGAIN) && code != AVERROR_EOF)
        rc = failed("encoded", code);
    return rc;
}
