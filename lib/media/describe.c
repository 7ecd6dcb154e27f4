/* See describe.h. Times are as presented: relative to time 0, the earlier start of the
 * two streams. */
#include "media/describe.h"
#include "media/picture.h"

#include <stdio.h>

#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>

static int64_t stated_us(int64_t value, AVRational unit)
{
    return value == AV_NOPTS_VALUE || value <= 0
               ? 0
               : av_rescale_q(value, unit, AV_TIME_BASE_Q);
}

static void word(char out[AVQA_MEDIA_WORD], const char *text)
{
    char raw[AVQA_MEDIA_WORD];
    snprintf(raw, sizeof raw, "%s", text ? text : "");
    avqa_status_escape(out, AVQA_MEDIA_WORD, raw);
}

/* "stereo", also where a file states only how many channels there are. */
static void describe_layout(struct avqa_media_audio *audio,
                            const AVChannelLayout *layout)
{
    AVChannelLayout usual = {0};
    audio->n_channels = layout->nb_channels;
    if (layout->order == AV_CHANNEL_ORDER_UNSPEC) {
        av_channel_layout_default(&usual, layout->nb_channels);
        layout = &usual;
    }
    av_channel_layout_describe(layout, audio->layout, sizeof audio->layout);
    av_channel_layout_uninit(&usual);
}

static void set_shape(struct avqa_media_video *video, AVRational sar)
{
    bool stated = sar.num > 0 && sar.den > 0;
    video->sar_num = stated ? sar.num : 1;
    video->sar_den = stated ? sar.den : 1;
    avqa_picture_shown(&video->shown_width, &video->shown_height, video);
}

static void describe_video(struct avqa_media_video *video,
                           const struct avqa_container *c)
{
    AVStream *stream = c->video;
    const AVCodecParameters *par = stream->codecpar;
    AVRational rate =
        stream->avg_frame_rate.num ? stream->avg_frame_rate : stream->r_frame_rate;
    video->stream = stream->index;
    word(video->codec, avcodec_get_name(par->codec_id));
    word(video->pixels, av_get_pix_fmt_name((enum AVPixelFormat)par->format));
    video->width = par->width;
    video->height = par->height;
    video->rate_num = rate.num > 0 && rate.den > 0 ? rate.num : 0;
    video->rate_den = rate.num > 0 && rate.den > 0 ? rate.den : 1;
    video->turn = avqa_picture_turn(NULL, stream);
    video->rotation_deg = avqa_picture_rotation_deg(video->turn);
    set_shape(video, av_guess_sample_aspect_ratio(c->format, stream, NULL));
    video->start_us = avqa_container_start_us(stream) - avqa_container_zero_us(c);
    video->duration_us = stated_us(stream->duration, stream->time_base);
    video->n_frames = stream->nb_frames > 0 ? stream->nb_frames : 0;
}

static void describe_audio(struct avqa_media_audio *audio,
                           const struct avqa_container *c)
{
    const AVStream *stream = c->audio;
    const AVCodecParameters *par = stream->codecpar;
    audio->stream = stream->index;
    word(audio->codec, avcodec_get_name(par->codec_id));
    audio->rate_hz = par->sample_rate;
    describe_layout(audio, &par->ch_layout);
    audio->start_us = avqa_container_start_us(stream) - avqa_container_zero_us(c);
    audio->duration_us = stated_us(stream->duration, stream->time_base);
}

void avqa_describe_container(struct avqa_media_info *info,
                             const struct avqa_container *c)
{
    info->size_bytes = c->size_bytes;
    word(info->container, c->format->iformat->name);
    info->duration_us = stated_us(c->format->duration, AV_TIME_BASE_Q);
    info->n_streams = (int)c->format->nb_streams;
    info->n_pictures = c->n_pictures;
    if (c->video)
        describe_video(&info->video, c);
    if (c->audio)
        describe_audio(&info->audio, c);
}

void avqa_describe_picture(struct avqa_media_video *video, const AVFrame *frame,
                           const AVStream *stream)
{
    AVRational sar = stream->sample_aspect_ratio;
    if (sar.num <= 0 || sar.den <= 0) /* the container's word goes first */
        sar = frame->sample_aspect_ratio;
    video->width = frame->width;
    video->height = frame->height;
    word(video->pixels, av_get_pix_fmt_name((enum AVPixelFormat)frame->format));
    video->turn = avqa_picture_turn(frame, stream);
    video->rotation_deg = avqa_picture_rotation_deg(video->turn);
    set_shape(video, sar);
}

void avqa_describe_sound(struct avqa_media_audio *audio, const AVFrame *frame)
{
    audio->rate_hz = frame->sample_rate;
    describe_layout(audio, &frame->ch_layout);
}

/* ---- the verdict ----------------------------------------------------------------- */

static void judge_stream(struct avqa_verdict *v, const struct avqa_stream_tally *t,
                         const char *what, enum avqa_media_outcome without)
{
    if (!t->decoded)
        return;
    if (t->n_packets == 0)
        avqa_verdict_set(v, without, "its %s stream is empty", what);
    else if (t->n_frames == 0)
        avqa_verdict_set(v, AVQA_MEDIA_DAMAGED, "none of its %lld %s packets decodes",
                         (long long)t->n_packets, what);
    else if (t->n_bad)
        avqa_verdict_set(v, AVQA_MEDIA_DAMAGED,
                         "%lld of its %lld %s packets %s damaged", (long long)t->n_bad,
                         (long long)t->n_packets, what, t->n_bad == 1 ? "is" : "are");
}

void avqa_describe_outcome(struct avqa_media_info *info,
                           const struct avqa_stream_tally *video,
                           const struct avqa_stream_tally *audio)
{
    struct avqa_verdict *v = &info->verdict;
    info->has_video = video->n_frames > 0;
    info->has_audio = audio->n_frames > 0;
    judge_stream(v, video, "video", AVQA_MEDIA_NO_VIDEO);
    judge_stream(v, audio, "audio", AVQA_MEDIA_NO_AUDIO);
    if (info->has_video || info->has_audio || (!video->decoded && !audio->decoded))
        return;
    if (video->n_packets + audio->n_packets)
        avqa_verdict_set(v, AVQA_MEDIA_CORRUPT, "nothing in it decodes%s%s",
                         *avqa_container_complaint() ? ": " : "",
                         avqa_container_complaint());
    else if (v->outcome < AVQA_MEDIA_TRUNCATED)
        avqa_verdict_set(v, AVQA_MEDIA_NO_PACKETS,
                         "it announces streams, but there is nothing in them");
}
