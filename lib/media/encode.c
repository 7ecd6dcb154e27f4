/* See encode.h. One thread of x264 by default and its CPU-independent code: clips are
 * made beside each other, and their bytes shall not depend on the machine. The times of
 * an edit list are in microseconds, since the usual milliseconds would move a clip that
 * begins between two pictures. */
#include "media/encode.h"
#include "base/io.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libavutil/opt.h>

enum { BITS_A_CHANNEL = 96000, BITS_A_SAMPLE = 3, LOSSLESS_BITS = 24 };

struct avqa_encoder {
    char *path, *temp;
    int ticks_per_s;
    AVFormatContext *format;
    AVCodecContext *video, *audio;
    AVPacket *packet;
    AVFrame *held;  /* the last picture: how long it is shown is not known yet */
    int64_t *times; /* of all pictures */
    size_t n_times, cap;
    int64_t end;
    AVFrame *samples; /* being filled */
    int n_filled, lead;
    int64_t next_sample;
    bool finished, published;
};

static enum avqa_status failed(const struct avqa_encoder *enc, const char *what,
                               int code)
{
    char text[AV_ERROR_MAX_STRING_SIZE];
    av_strerror(code, text, sizeof text);
    return avqa_fail(code == AVERROR(ENOMEM) ? AVQA_ENOMEM : AVQA_EIO,
                     "%s: cannot %s: %s", enc->path, what, text);
}

int avqa_encode_rate_hz(int rate_hz)
{
    static const int rates[] = {8000,  11025, 12000, 16000, 22050, 24000,
                                32000, 44100, 48000, 64000, 88200, 96000};
    const size_t n = sizeof rates / sizeof *rates;
    for (size_t i = 0; i < n; i++) {
        if (rates[i] >= rate_hz)
            return rates[i];
    }
    return rates[n - 1];
}

/* ---- opening --------------------------------------------------------------------- */

static enum avqa_status open_codec(AVCodecContext *ctx, struct avqa_encoder *enc)
{
    AVStream *stream = avformat_new_stream(enc->format, NULL);
    ctx->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    if (!stream)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a stream");
    int code = avcodec_open2(ctx, ctx->codec, NULL);
    if (code < 0)
        return failed(enc, "start the encoder", code);
    code = avcodec_parameters_from_context(stream->codecpar, ctx);
    stream->time_base = ctx->time_base;
    if (ctx->codec_type == AVMEDIA_TYPE_VIDEO)
        stream->avg_frame_rate = ctx->framerate;
    return code < 0 ? failed(enc, "describe a stream", code) : AVQA_OK;
}

/* A stream of packets that are copied. */
static enum avqa_status add_stream(struct avqa_encoder *enc,
                                   const AVCodecParameters *par, int ticks_per_s)
{
    AVStream *stream = avformat_new_stream(enc->format, NULL);
    if (!stream || avcodec_parameters_copy(stream->codecpar, par) < 0)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a stream");
    stream->codecpar->codec_tag = 0; /* that of the other container */
    stream->time_base = (AVRational){1, ticks_per_s};
    return AVQA_OK;
}

/* What the container says of how pictures are shown. */
static enum avqa_status copy_shape(AVStream *to, const AVStream *from)
{
    size_t size = 0;
    const uint8_t *matrix =
        av_stream_get_side_data(from, AV_PKT_DATA_DISPLAYMATRIX, &size);
    uint8_t *copied =
        matrix ? av_stream_new_side_data(to, AV_PKT_DATA_DISPLAYMATRIX, size) : NULL;
    to->sample_aspect_ratio = from->sample_aspect_ratio;
    if (from->sample_aspect_ratio.num > 0)
        to->codecpar->sample_aspect_ratio = from->sample_aspect_ratio;
    if (matrix && !copied)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a stream");
    if (copied)
        memcpy(copied, matrix, size);
    return AVQA_OK;
}

static AVCodecContext *new_codec(const char *name)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(name);
    return codec ? avcodec_alloc_context3(codec) : NULL;
}

enum avqa_status avqa_encode_x264(AVCodecContext **out,
                                  const struct avqa_encode_form *form,
                                  const char *params)
{
    char all[128];
    AVCodecContext *ctx = *out = new_codec("libx264");
    if (!ctx)
        return avqa_fail(AVQA_ENOENT, "FFmpeg was built without the encoder libx264");
    ctx->width = form->like->width;
    ctx->height = form->like->height;
    ctx->pix_fmt = AV_PIX_FMT_YUV420P;
    ctx->color_range = form->like->color_range;
    ctx->colorspace = form->like->colorspace;
    ctx->color_primaries = form->like->color_primaries;
    ctx->color_trc = form->like->color_trc;
    ctx->sample_aspect_ratio = (AVRational){1, 1};
    ctx->time_base = (AVRational){1, form->ticks_per_s};
    if (form->rate_num > 0 && form->rate_den > 0)
        ctx->framerate = (AVRational){form->rate_num, form->rate_den};
    ctx->thread_count = form->n_threads;
    snprintf(all, sizeof all, "cpu-independent=1%s%s", params ? ":" : "",
             params ? params : "");
    av_opt_set(ctx->priv_data, "preset", form->preset, 0);
    av_opt_set_double(ctx->priv_data, "crf", form->crf, 0);
    av_opt_set(ctx->priv_data, "x264-params", all, 0);
    return AVQA_OK;
}

static enum avqa_status open_video(struct avqa_encoder *enc,
                                   const struct avqa_encode_form *form)
{
    enum avqa_status rc = AVQA_OK;
    if (form->copied_pictures) {
        rc = add_stream(enc, form->copied_pictures, form->ticks_per_s);
        return rc == AVQA_OK && form->copied_from
                   ? copy_shape(enc->format->streams[0], form->copied_from)
                   : rc;
    }
    rc = avqa_encode_x264(&enc->video, form, NULL);
    return rc == AVQA_OK ? open_codec(enc->video, enc) : rc;
}

/* The frame that samples are collected in. */
static enum avqa_status make_frame(struct avqa_encoder *enc)
{
    AVFrame *f = enc->samples;
    f->format = enc->audio->sample_fmt;
    f->nb_samples = enc->audio->frame_size;
    f->sample_rate = enc->audio->sample_rate;
    if (av_channel_layout_copy(&f->ch_layout, &enc->audio->ch_layout) < 0 ||
        av_frame_get_buffer(f, 0) < 0)
        return avqa_fail(AVQA_ENOMEM, "out of memory for samples");
    return AVQA_OK;
}

static enum avqa_status open_audio(struct avqa_encoder *enc,
                                   const struct avqa_encode_form *form)
{
    const char *codec = form->lossless ? "flac" : "aac";
    AVCodecContext *ctx = enc->audio = new_codec(codec);
    int most = form->rate_hz * BITS_A_SAMPLE;
    if (!ctx)
        return avqa_fail(AVQA_ENOENT, "FFmpeg was built without the encoder %s", codec);
    ctx->sample_fmt = form->lossless ? AV_SAMPLE_FMT_S32 : AV_SAMPLE_FMT_FLTP;
    ctx->bits_per_raw_sample = form->lossless ? LOSSLESS_BITS : 0;
    ctx->sample_rate = form->rate_hz;
    if (av_channel_layout_copy(&ctx->ch_layout, form->layout) < 0)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a channel layout");
    ctx->bit_rate = (int64_t)(most < BITS_A_CHANNEL ? most : BITS_A_CHANNEL) *
                    form->layout->nb_channels;
    ctx->time_base = (AVRational){1, form->rate_hz};
    if (form->quick_sound)
        av_opt_set(ctx->priv_data, "aac_coder", "fast", 0);
    enum avqa_status rc = open_codec(ctx, enc);
    if (rc != AVQA_OK)
        return rc;
    int over = (int)(form->n_samples % ctx->frame_size);
    enc->lead = over && !form->lossless ? ctx->frame_size - over : 0;
    enc->next_sample = -enc->lead;
    return make_frame(enc);
}

static enum avqa_status open_file(struct avqa_encoder *enc)
{
    size_t len = strlen(enc->path) + 32;
    AVDictionary *options = NULL;
    enc->temp = avqa_mem_new(len);
    snprintf(enc->temp, len, "%s.%ld.tmp", enc->path, (long)getpid());
    enc->format->url = av_asprintf("file:%s", enc->temp); /* read again at the end */
    if (!enc->format->url)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a path");
    int code = avio_open(&enc->format->pb, enc->format->url, AVIO_FLAG_WRITE);
    if (code < 0)
        return failed(enc, "write", code);
    enc->format->flags |= AVFMT_FLAG_BITEXACT;
    enc->format->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL; /* FLAC in MP4 */
    av_dict_set(&options, "movflags", "+faststart", 0);
    av_dict_set_int(&options, "movie_timescale", AV_TIME_BASE, 0);
    code = avformat_write_header(enc->format, &options);
    av_dict_free(&options);
    return code < 0 ? failed(enc, "write a header", code) : AVQA_OK;
}

enum avqa_status avqa_encoder_open(struct avqa_encoder **out, const char *path,
                                   const struct avqa_encode_form *form)
{
    struct avqa_encoder *enc = avqa_mem_new(sizeof *enc);
    enum avqa_status rc = AVQA_OK;
    *out = NULL;
    enc->path = avqa_mem_strdup(path);
    enc->packet = av_packet_alloc();
    enc->samples = av_frame_alloc();
    if (!enc->packet || !enc->samples ||
        avformat_alloc_output_context2(&enc->format, NULL, "mp4", NULL) < 0)
        rc = avqa_fail(AVQA_ENOMEM, "out of memory for a media file");
    if (rc == AVQA_OK)
        rc = open_video(enc, form);
    if (rc == AVQA_OK && form->rate_hz)
        rc = open_audio(enc, form);
    else if (rc == AVQA_OK && form->copied_sound)
        rc = add_stream(enc, form->copied_sound, form->ticks_per_s);
    enc->ticks_per_s = form->ticks_per_s;
    if (rc == AVQA_OK)
        rc = open_file(enc);
    if (rc == AVQA_OK)
        *out = enc;
    else
        avqa_encoder_free(enc);
    return rc;
}

/* ---- packets --------------------------------------------------------------------- */

/* How long the picture of this time is shown. */
static int64_t length_of(const struct avqa_encoder *enc, int64_t pts)
{
    size_t low = 0;
    size_t high = enc->n_times;
    while (low < high) { /* to the first that is later */
        size_t middle = low + (high - low) / 2;
        if (enc->times[middle] > pts)
            high = middle;
        else
            low = middle + 1;
    }
    return (low < enc->n_times ? enc->times[low] : enc->end) - pts;
}

/* Everything the encoder has ready goes into the file. */
static enum avqa_status drain(struct avqa_encoder *enc, AVCodecContext *ctx)
{
    const int index = ctx == enc->video ? 0 : 1;
    int code;
    while ((code = avcodec_receive_packet(ctx, enc->packet)) >= 0) {
        enc->packet->stream_index = index;
        if (ctx == enc->video)
            enc->packet->duration = length_of(enc, enc->packet->pts);
        av_packet_rescale_ts(enc->packet, ctx->time_base,
                             enc->format->streams[index]->time_base);
        code = av_interleaved_write_frame(enc->format, enc->packet);
        if (code < 0)
            return failed(enc, "write", code);
    }
    return code == AVERROR(EAGAIN) || code == AVERROR_EOF ? AVQA_OK
                                                          : failed(enc, "encode", code);
}

/* A frame (NULL: no more come) through its encoder. */
static enum avqa_status send(struct avqa_encoder *enc, AVCodecContext *ctx,
                             const AVFrame *frame)
{
    int code = avcodec_send_frame(ctx, frame);
    return code < 0 ? failed(enc, "encode", code) : drain(enc, ctx);
}

static enum avqa_status send_held(struct avqa_encoder *enc)
{
    if (!enc->held)
        return AVQA_OK;
    enum avqa_status rc = send(enc, enc->video, enc->held);
    av_frame_free(&enc->held);
    return rc;
}

enum avqa_status avqa_encoder_picture(struct avqa_encoder *enc, const AVFrame *picture,
                                      int64_t at)
{
    enum avqa_status rc =
        avqa_mem_grow(&enc->times, &enc->cap, enc->n_times + 1, sizeof *enc->times);
    if (rc != AVQA_OK)
        return rc;
    if (enc->n_times && at <= enc->times[enc->n_times - 1])
        at = enc->times[enc->n_times - 1] + 1;
    enc->times[enc->n_times++] = at;
    rc = send_held(enc);
    if (rc != AVQA_OK)
        return rc;
    enc->held = av_frame_clone(picture);
    if (!enc->held)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a picture");
    enc->held->pts = at;
    enc->held->pict_type = AV_PICTURE_TYPE_NONE; /* ours to choose, not the source's */
    return AVQA_OK;
}

static enum avqa_status copy_packet(struct avqa_encoder *enc, AVPacket *packet,
                                    int index)
{
    packet->stream_index = index;
    packet->pos = -1;
    av_packet_rescale_ts(packet, (AVRational){1, enc->ticks_per_s},
                         enc->format->streams[index]->time_base);
    int code = av_interleaved_write_frame(enc->format, packet);
    return code < 0 ? failed(enc, "write", code) : AVQA_OK;
}

enum avqa_status avqa_encoder_copy_picture(struct avqa_encoder *enc, AVPacket *packet)
{
    return copy_packet(enc, packet, 0);
}

enum avqa_status avqa_encoder_copy_sound(struct avqa_encoder *enc, AVPacket *packet)
{
    return copy_packet(enc, packet, 1);
}

/* ---- samples --------------------------------------------------------------------- */

int avqa_encoder_lead(const struct avqa_encoder *enc)
{
    return enc->lead;
}

static enum avqa_status send_samples(struct avqa_encoder *enc)
{
    AVFrame *f = enc->samples;
    f->nb_samples = enc->n_filled;
    f->pts = enc->next_sample;
    enc->next_sample += enc->n_filled;
    enc->n_filled = 0;
    enum avqa_status rc = send(enc, enc->audio, f);
    f->nb_samples = enc->audio->frame_size;
    if (rc == AVQA_OK && av_frame_make_writable(f) < 0)
        rc = avqa_fail(AVQA_ENOMEM, "out of memory for samples");
    return rc;
}

/* One sample of all channels into the frame. */
static void put_sample(struct avqa_encoder *enc, const float *values, int n_channels)
{
    const float most = (float)((1 << (LOSSLESS_BITS - 1)) - 1);
    AVFrame *f = enc->samples;
    for (int k = 0; k < n_channels; k++) {
        if (f->format == AV_SAMPLE_FMT_FLTP) {
            ((float *)(void *)f->extended_data[k])[enc->n_filled] = values[k];
            continue;
        }
        float v = values[k] * (most + 1);
        v = v > most ? most : v < -most ? -most : v;
        ((int32_t *)(void *)f->data[0])[enc->n_filled * n_channels + k] =
            (int32_t)lrintf(v) * (1 << (32 - LOSSLESS_BITS));
    }
}

enum avqa_status avqa_encoder_samples(struct avqa_encoder *enc, const float *samples,
                                      size_t n)
{
    const int n_channels = enc->audio->ch_layout.nb_channels;
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        put_sample(enc, samples, n_channels);
        samples += n_channels;
        if (++enc->n_filled == enc->audio->frame_size)
            rc = send_samples(enc);
    }
    return rc;
}

/* ---- the end --------------------------------------------------------------------- */

enum avqa_status avqa_encoder_finish(struct avqa_encoder *enc, int64_t end)
{
    enc->end = end;
    if (enc->n_times && end <= enc->times[enc->n_times - 1])
        enc->end = enc->times[enc->n_times - 1] + 1;
    enum avqa_status rc = send_held(enc);
    if (rc == AVQA_OK && enc->video)
        rc = send(enc, enc->video, NULL);
    if (rc == AVQA_OK && enc->n_filled)
        rc = send_samples(enc);
    if (rc == AVQA_OK && enc->audio)
        rc = send(enc, enc->audio, NULL);
    if (rc != AVQA_OK)
        return rc;
    int code = av_write_trailer(enc->format);
    int closed = avio_closep(&enc->format->pb);
    if (code < 0 || closed < 0)
        return failed(enc, "write", code < 0 ? code : closed);
    enc->finished = true;
    return AVQA_OK;
}

const char *avqa_encoder_temp(const struct avqa_encoder *enc)
{
    return enc->temp;
}

const int64_t *avqa_encoder_times(const struct avqa_encoder *enc, size_t *n)
{
    *n = enc->n_times;
    return enc->times;
}

enum avqa_status avqa_encoder_publish(struct avqa_encoder *enc)
{
    enum avqa_status rc = avqa_io_replace(enc->temp, enc->path);
    enc->published = rc == AVQA_OK;
    return rc;
}

void avqa_encoder_free(struct avqa_encoder *enc)
{
    if (!enc)
        return;
    avcodec_free_context(&enc->video);
    avcodec_free_context(&enc->audio);
    if (enc->format)
        avio_closep(&enc->format->pb);
    avformat_free_context(enc->format);
    if (enc->temp && !enc->published)
        unlink(enc->temp);
    av_packet_free(&enc->packet);
    av_frame_free(&enc->held);
    av_frame_free(&enc->samples);
    free(enc->times);
    free(enc->path);
    free(enc->temp);
    free(enc);
}
