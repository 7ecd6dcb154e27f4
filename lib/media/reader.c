/* See reader.h. */
#include "media/reader.h"
#include "base/mem.h"
#include "media/describe.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

enum avqa_status avqa_reader_open(struct avqa_reader *reader,
                                  struct avqa_media_info *info, const char *path,
                                  const struct avqa_media_limits *limits)
{
    struct avqa_media_limits l = avqa_media_limits_or_default(limits);
    enum avqa_status rc = avqa_container_open(&reader->file, path, &l, &info->verdict);
    if (rc != AVQA_OK || !reader->file)
        return rc;
    struct avqa_container *file = reader->file;
    avqa_describe_container(info, file);
    reader->zero_us = avqa_container_zero_us(file);
    if (file->video && reader->picture)
        rc = avqa_container_decoder(&reader->video, file, file->video, 1);
    if (rc == AVQA_OK && file->audio && reader->sound)
        rc = avqa_container_decoder(&reader->audio, file, file->audio, 1);
    return rc;
}

void avqa_reader_close(struct avqa_reader *reader)
{
    avcodec_free_context(&reader->video);
    avcodec_free_context(&reader->audio);
    avqa_container_close(reader->file);
    reader->file = NULL;
}

/* One packet (NULL: what is left) through its decoder. */
static enum avqa_status decode(struct avqa_reader *r, AVCodecContext *ctx,
                               const AVPacket *packet, AVFrame *frame)
{
    const bool is_video = ctx == r->video;
    const bool *done = is_video ? &r->video_done : &r->audio_done;
    int64_t *n_bad = is_video ? &r->n_video_bad : &r->n_audio_bad;
    enum avqa_status rc = AVQA_OK;
    int code = avcodec_send_packet(ctx, packet);
    *n_bad += code < 0 && code != AVERROR_EOF;
    while (rc == AVQA_OK && !*done) {
        code = avcodec_receive_frame(ctx, frame);
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF)
            break;
        if (code < 0) {
            ++*n_bad;
            break;
        }
        *n_bad += frame->decode_error_flags != 0 ||
                  (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0;
        rc = is_video ? r->picture(r->user, frame) : r->sound(r->user, frame);
        av_frame_unref(frame);
    }
    return rc;
}

enum avqa_status avqa_reader_drain_video(struct avqa_reader *reader)
{
    AVFrame *frame = av_frame_alloc();
    if (!frame)
        avqa_mem_exhausted();
    enum avqa_status rc = decode(reader, reader->video, NULL, frame);
    avcodec_flush_buffers(reader->video);
    av_frame_free(&frame);
    return rc;
}

static enum avqa_status route(struct avqa_reader *r, const AVPacket *packet,
                              AVFrame *frame)
{
    const struct avqa_container *file = r->file;
    bool is_video = file->video && packet->stream_index == file->video->index;
    if (is_video && !r->video_done && r->wants && !r->wants(r->user, packet))
        return AVQA_OK;
    if (!is_video && !r->audio_done && r->wants_sound &&
        !r->wants_sound(r->user, packet))
        return AVQA_OK;
    if (is_video && r->video && !r->video_done)
        return decode(r, r->video, packet, frame);
    if (!is_video && r->audio && !r->audio_done)
        return decode(r, r->audio, packet, frame);
    return AVQA_OK;
}

enum avqa_status avqa_reader_run(struct avqa_reader *reader, const struct avqa_log *log)
{
    AVPacket *packet = av_packet_alloc();
    AVFrame *frame = av_frame_alloc();
    enum avqa_status rc = AVQA_OK;
    if (!packet || !frame)
        avqa_mem_exhausted();
    reader->video_done = !reader->video && !(reader->wants && reader->file->video);
    reader->audio_done =
        !reader->audio && !(reader->wants_sound && reader->file->audio);
    while (rc == AVQA_OK && !(reader->video_done && reader->audio_done) &&
           avqa_container_read(reader->file, packet)) {
        rc = route(reader, packet, frame);
        av_packet_unref(packet);
        if (rc == AVQA_OK && avqa_log_stopped(log))
            rc = avqa_fail(AVQA_ESTOPPED, "stopped");
    }
    if (rc == AVQA_OK && reader->video && !reader->video_done)
        rc = decode(reader, reader->video, NULL, frame);
    if (rc == AVQA_OK && reader->audio && !reader->audio_done)
        rc = decode(reader, reader->audio, NULL, frame);
    av_packet_free(&packet);
    av_frame_free(&frame);
    return rc;
}
