/* See pictures.h. */
#include "media/pictures.h"
#include "media/picture.h"
#include "base/mem.h"
#include "media/container.h"
#include "media/describe.h"
#include "media/upright.h"

#include <stdbool.h>
#include <stdlib.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#define US_PER_S INT64_C(1000000)

struct avqa_pictures {
    struct avqa_media_info info;
    struct avqa_container *file;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *frame;
    struct avqa_upright *upright;
    int ticks_per_s;
    int64_t zero; /* ticks */
    int64_t last; /* time of the last picture */
    int64_t n_bad;
    bool flushing;
};

enum avqa_status avqa_pictures_open(struct avqa_pictures **out, const char *path,
                                    const struct avqa_media_limits *limits)
{
    struct avqa_media_limits l = avqa_media_limits_or_default(limits);
    struct avqa_pictures *p = avqa_mem_new(sizeof *p);
    *out = NULL;
    p->packet = av_packet_alloc();
    p->frame = av_frame_alloc();
    if (!p->packet || !p->frame)
        avqa_mem_exhausted();
    enum avqa_status rc = avqa_container_open(&p->file, path, &l, &p->info.verdict);
    if (rc == AVQA_OK && p->file && p->file->video)
        rc = avqa_container_decoder(&p->decoder, p->file, p->file->video, 1);
    if (rc == AVQA_OK && !p->decoder)
        rc = avqa_fail(AVQA_EFORMAT, "it has no pictures that decode here");
    if (rc != AVQA_OK) {
        avqa_pictures_close(p);
        return rc;
    }
    avqa_describe_container(&p->info, p->file);
    p->ticks_per_s = avqa_picture_ticks(p->file->video);
    p->zero = av_rescale(avqa_container_zero_us(p->file), p->ticks_per_s, US_PER_S);
    *out = p;
    return AVQA_OK;
}

void avqa_pictures_close(struct avqa_pictures *pictures)
{
    if (!pictures)
        return;
    avcodec_free_context(&pictures->decoder);
    avqa_container_close(pictures->file);
    avqa_upright_free(pictures->upright);
    av_packet_free(&pictures->packet);
    av_frame_free(&pictures->frame);
    free(pictures);
}

int avqa_pictures_ticks_per_s(const struct avqa_pictures *pictures)
{
    return pictures->ticks_per_s;
}

int64_t avqa_pictures_n_bad(const struct avqa_pictures *pictures)
{
    return pictures->n_bad;
}

const struct avqa_verdict *avqa_pictures_verdict(const struct avqa_pictures *pictures)
{
    return &pictures->info.verdict;
}

/* Feeds the decoder; behind the last packet it is told so. */
static void feed(struct avqa_pictures *p)
{
    while (avqa_container_read(p->file, p->packet)) {
        bool ours = p->packet->stream_index == p->file->video->index;
        int code = ours ? avcodec_send_packet(p->decoder, p->packet) : 0;
        av_packet_unref(p->packet);
        p->n_bad += code < 0;
        if (ours && code >= 0)
            return;
    }
    p->flushing = true;
    p->n_bad += avcodec_send_packet(p->decoder, NULL) < 0;
}

/* The next decoded frame into p->frame; false at the end. */
static bool decode(struct avqa_pictures *p)
{
    for (;;) {
        int code = avcodec_receive_frame(p->decoder, p->frame);
        if (code >= 0)
            return true;
        if (code != AVERROR(EAGAIN) && code != AVERROR_EOF)
            p->n_bad++;
        if (p->flushing)
            return false;
        feed(p);
    }
}

/* When it begins; one that does not say, or says an earlier time than the last one,
 * begins with that. */
static int64_t begin_of(struct avqa_pictures *p)
{
    const AVRational base = p->file->video->time_base;
    int64_t pts = p->frame->best_effort_timestamp;
    int64_t at = p->last;
    if (pts != AV_NOPTS_VALUE)
        at = av_rescale(pts, (int64_t)base.num * p->ticks_per_s, base.den) - p->zero;
    p->last = at > p->last ? at : p->last;
    return p->last;
}

enum avqa_status avqa_pictures_next(struct avqa_pictures *pictures,
                                    const AVFrame **picture, int64_t *at)
{
    struct avqa_pictures *p = pictures;
    *picture = NULL;
    av_frame_unref(p->frame);
    if (!decode(p))
        return AVQA_OK;
    p->n_bad +=
        p->frame->decode_error_flags != 0 || p->frame->flags & AV_FRAME_FLAG_CORRUPT;
    if (!p->upright) {
        avqa_describe_picture(&p->info.video, p->frame, p->file->video);
        p->upright = avqa_upright_new(&p->info.video, false);
    }
    *at = begin_of(p);
    return avqa_upright_picture(picture, p->upright, p->frame);
}
