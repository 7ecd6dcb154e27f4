/* See probe.h. What a header claims of sizes and layouts is replaced by what the first
 * decoded picture and sound have: headers lie, and some say nothing. */
#include "media/probe.h"
#include "media/container.h"
#include "media/describe.h"

#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#define PROBE_WALL_US ((int64_t)10 * 1000000)
enum { PROBE_PACKETS = 3000 };

/* One stream on the way to its first frame. */
struct first {
    AVCodecContext *ctx;
    const AVStream *stream;
    struct avqa_stream_tally tally;
};

static bool is_settled(const struct first *f)
{
    return !f->ctx || f->tally.n_frames;
}

static void feed(struct first *f, const AVPacket *packet, AVFrame *frame,
                 struct avqa_media_info *info)
{
    if (is_settled(f))
        return;
    f->tally.n_packets += packet != NULL;
    avcodec_send_packet(f->ctx, packet); /* what fails here gives no frame below */
    if (avcodec_receive_frame(f->ctx, frame) < 0)
        return;
    f->tally.n_frames++;
    if (f->stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO)
        avqa_describe_picture(&info->video, frame, f->stream);
    else
        avqa_describe_sound(&info->audio, frame);
    av_frame_unref(frame);
}

/* Reads until both streams showed something, or to the end. */
static enum avqa_status find_first(struct avqa_container *c, struct first *video,
                                   struct first *audio, struct avqa_media_info *info)
{
    AVPacket *packet = av_packet_alloc();
    AVFrame *frame = av_frame_alloc();
    enum avqa_status rc = AVQA_OK;
    if (!packet || !frame)
        rc = avqa_fail(AVQA_ENOMEM, "out of memory for a packet");
    while (rc == AVQA_OK && c->n_packets < PROBE_PACKETS &&
           !(is_settled(video) && is_settled(audio)) &&
           avqa_container_read(c, packet)) {
        bool picture = c->video && packet->stream_index == c->video->index;
        feed(picture ? video : audio, packet, frame, info);
        av_packet_unref(packet);
    }
    if (rc == AVQA_OK)
        rc = avqa_container_status(c);
    if (rc == AVQA_OK) {
        feed(video, NULL, frame, info);
        feed(audio, NULL, frame, info);
    }
    av_packet_free(&packet);
    av_frame_free(&frame);
    return rc;
}

static enum avqa_status probe_streams(struct avqa_media_info *info,
                                      struct avqa_container *c)
{
    struct first video = {.stream = c->video};
    struct first audio = {.stream = c->audio};
    enum avqa_status rc = AVQA_OK;
    if (c->video)
        rc = avqa_container_decoder(&video.ctx, c, c->video, 1);
    if (rc == AVQA_OK && c->audio)
        rc = avqa_container_decoder(&audio.ctx, c, c->audio, 1);
    if (rc == AVQA_OK)
        rc = find_first(c, &video, &audio, info);
    video.tally.decoded = video.ctx != NULL;
    audio.tally.decoded = audio.ctx != NULL;
    if (rc == AVQA_OK)
        avqa_describe_outcome(info, &video.tally, &audio.tally);
    avcodec_free_context(&video.ctx);
    avcodec_free_context(&audio.ctx);
    return rc;
}

enum avqa_status avqa_media_probe(struct avqa_media_info *info, const char *path,
                                  const struct avqa_media_limits *limits)
{
    struct avqa_container *c;
    struct avqa_media_limits l = avqa_media_limits_or_default(limits);
    memset(info, 0, sizeof *info);
    if (l.wall_us > PROBE_WALL_US)
        l.wall_us = PROBE_WALL_US;
    enum avqa_status rc = avqa_container_open(&c, path, &l, &info->verdict);
    if (rc != AVQA_OK || !c)
        return rc;
    avqa_describe_container(info, c);
    if (info->duration_us > l.max_duration_us)
        avqa_verdict_set(&info->verdict, AVQA_MEDIA_TOO_LONG,
                         "it says it lasts %.0f s; the limit is %.0f s",
                         (double)info->duration_us / 1e6,
                         (double)l.max_duration_us / 1e6);
    rc = probe_streams(info, c);
    avqa_container_close(c);
    return rc;
}
