/* See cutting.h. The first pass decodes only the sound: it finds how many samples there
 * are to be had and which key frame the pictures can be decoded from. Packets before
 * that are dropped; if a seek went somewhere else than a key frame before the range,
 * the pass begins anew without one. */
#include "media/cutting.h"
#include "media/picture.h"
#include "base/mem.h"
#include "media/h264.h"
#include "media/seek.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>

#define US_PER_S INT64_C(1000000)
enum { MAX_CHANNELS = 6 };
enum { LEAD_MOST = 1024, SHORT_US = 100000 };

void avqa_cutting_remark(struct avqa_cutting *c, const char *reason, const char *detail)
{
    if (*c->report->reason)
        return;
    snprintf(c->report->reason, sizeof c->report->reason, "%s", reason);
    snprintf(c->report->detail, sizeof c->report->detail, "%s", detail);
}

enum avqa_status avqa_cutting_publish(struct avqa_cutting *c, const char *difference)
{
    if (*difference) {
        *c->report->reason = '\0';
        avqa_cutting_remark(c, "not-verified", difference);
        return AVQA_OK;
    }
    enum avqa_status rc = avqa_encoder_publish(c->encoder);
    c->report->written = rc == AVQA_OK;
    return rc;
}

/* Forgets what a pass has done. */
static void rewind_pass(struct avqa_cutting *c)
{
    if (c->reader.file)
        c->report->n_read += c->reader.file->n_packets;
    avqa_reader_close(&c->reader);
    avqa_encoder_free(c->encoder);
    avqa_upright_free(c->upright);
    avqa_sound_free(c->sound);
    c->encoder = NULL;
    c->upright = NULL;
    c->sound = NULL;
    c->n_packets = c->n_heard = 0;
    c->n_waiting = 0;
    c->last_us = c->last_end_us = INT64_MIN / 4;
}

static enum avqa_status open_source(struct avqa_cutting *c,
                                    const struct avqa_reader *reader)
{
    rewind_pass(c);
    c->reader = *reader;
    c->reader.user = c;
    enum avqa_status rc =
        avqa_reader_open(&c->reader, &c->report->info, c->source, &c->options->limits);
    c->sought = rc == AVQA_OK && c->reader.file && !c->linear &&
                avqa_seek(c->reader.file, c->reader.zero_us + c->options->start_us);
    return rc;
}

/* How long a picture is shown; 0 if nobody knows. */
static int64_t length_in(const struct avqa_cutting *c, int64_t duration)
{
    const AVStream *stream = c->reader.file->video;
    AVRational rate = stream->avg_frame_rate;
    int64_t us = avqa_container_us(stream, duration);
    if (us <= 0 && rate.num > 0 && rate.den > 0)
        us = av_rescale(AV_TIME_BASE, rate.den, rate.num);
    return us > 0 && us < 60 * US_PER_S ? us : 0;
}

/* ---- the first pass -------------------------------------------------------------- */

/* The seek went wrong: this pass is in vain. */
static void stray(struct avqa_cutting *c)
{
    c->strayed = true;
    c->reader.video_done = c->reader.audio_done = true;
}

static void list_packet(struct avqa_cutting *c, const AVPacket *packet, int64_t at_us)
{
    const AVCodecParameters *par = c->reader.file->video->codecpar;
    avqa_mem_need(&c->packets, &c->listed_cap, c->n_listed + 1, sizeof *c->packets);
    c->packets[c->n_listed++] = (struct avqa_cutting_packet){
        .at_us = at_us,
        .pts = packet->pts,
        .key = (packet->flags & AV_PKT_FLAG_KEY) != 0,
        .idr = par->codec_id == AV_CODEC_ID_H264 &&
               avqa_h264_is_idr(packet->data, (size_t)packet->size, par->extradata,
                                (size_t)par->extradata_size),
        .length_us = length_in(c, packet->duration),
        .dropped = (packet->flags & (AV_PKT_FLAG_DISCARD | AV_PKT_FLAG_CORRUPT)) != 0};
}

static bool note_packet(void *user, const AVPacket *packet)
{
    struct avqa_cutting *c = user;
    const struct avqa_cut_options *o = c->options;
    const AVStream *stream = c->reader.file->video;
    const int64_t index = c->n_packets++;
    int64_t zero_us = c->reader.zero_us;
    if (packet->pts == AV_NOPTS_VALUE) {
        c->n_in_range = -1;
        c->key_packet = 0;
        if (c->sought)
            stray(c);
        return false;
    }
    int64_t at_us = avqa_container_us(stream, packet->pts) - zero_us;
    if (c->sought && index == 0 &&
        (!(packet->flags & AV_PKT_FLAG_KEY) || at_us > o->start_us))
        stray(c);
    if (index == 0)
        c->first_us = at_us;
    if (c->n_in_range >= 0) {
        if (packet->flags & AV_PKT_FLAG_KEY && at_us <= o->start_us)
            c->key_packet = index;
        c->n_in_range += at_us >= o->start_us && at_us < o->end_us &&
                         !(packet->flags & AV_PKT_FLAG_DISCARD);
        if (c->lists_packets)
            list_packet(c, packet, at_us);
    }
    if (packet->dts != AV_NOPTS_VALUE &&
        avqa_container_us(stream, packet->dts) - zero_us >= o->end_us)
        c->reader.video_done = true;
    return false;
}

/* The same of a packet of sound that is not decoded. */
static bool note_sound(void *user, const AVPacket *packet)
{
    struct avqa_cutting *c = user;
    if (packet->pts == AV_NOPTS_VALUE)
        return false;
    int64_t at_us =
        avqa_container_us(c->reader.file->audio, packet->pts) - c->reader.zero_us;
    if (c->first_sound_us == INT64_MAX)
        c->first_sound_us = at_us;
    if (at_us >= c->options->end_us)
        c->reader.audio_done = true;
    else
        c->n_sounds += at_us >= c->options->start_us;
    return false;
}

/* What AAC can have of it. */
static enum avqa_status choose_layout(struct avqa_cutting *c, const AVFrame *frame)
{
    const AVChannelLayout three = AV_CHANNEL_LAYOUT_SURROUND;
    int n = frame->ch_layout.nb_channels;
    int code = 0;
    av_channel_layout_uninit(c->layout);
    if (n == 3)
        code = av_channel_layout_copy(c->layout, &three);
    else
        av_channel_layout_default(c->layout, n < MAX_CHANNELS ? n : MAX_CHANNELS);
    return code < 0 ? avqa_fail(AVQA_ENOMEM, "out of memory for a layout") : AVQA_OK;
}

static enum avqa_status count_samples(void *user, const float *samples, size_t n)
{
    struct avqa_cutting *c = user;
    (void)samples;
    c->n_heard += (int64_t)n;
    return AVQA_OK;
}

/* The first frame after a seek: which sample it begins with follows from the index. */
static bool find_place(struct avqa_cutting *c, const AVFrame *frame)
{
    int64_t at = -1;
    if (frame->best_effort_timestamp != AV_NOPTS_VALUE &&
        frame->sample_rate == c->rate_hz)
        at = avqa_seek_sample(c->reader.file, frame->best_effort_timestamp);
    if (at < 0 || at > av_rescale(c->options->start_us - AVQA_SEEK_PREROLL_US,
                                  c->rate_hz, US_PER_S))
        return false;
    avqa_sound_begin_at(c->sound, av_rescale(at, US_PER_S, c->rate_hz));
    c->n_heard = at;
    return true;
}

static enum avqa_status add_sound(struct avqa_cutting *c, const AVFrame *frame)
{
    int64_t at_us = AVQA_SOUND_FOLLOWS;
    if (c->sought && c->n_heard == 0) {
        if (!find_place(c, frame)) {
            stray(c);
            return AVQA_OK;
        }
    } else if (frame->best_effort_timestamp != AV_NOPTS_VALUE) {
        at_us = avqa_container_us(c->reader.file->audio, frame->best_effort_timestamp) -
                c->reader.zero_us;
    }
    enum avqa_status rc = avqa_sound_add(c->sound, frame, at_us);
    if (rc != AVQA_EFORMAT)
        return rc;
    c->reader.n_audio_bad++;
    return AVQA_OK;
}

static enum avqa_status measure_sound(void *user, AVFrame *frame)
{
    struct avqa_cutting *c = user;
    enum avqa_status rc = AVQA_OK;
    if (!c->sound && frame->sample_rate > 0 && frame->ch_layout.nb_channels > 0) {
        c->rate_hz = avqa_encode_rate_hz(frame->sample_rate);
        rc = choose_layout(c, frame);
        c->sound = avqa_sound_new_laid_out(c->rate_hz, c->layout, count_samples, c);
        c->n_samples = av_rescale(c->options->end_us, c->rate_hz, US_PER_S);
    }
    if (rc == AVQA_OK && c->sound)
        rc = add_sound(c, frame);
    if (c->n_heard >= c->n_samples && c->sound)
        c->reader.audio_done = true;
    return rc;
}

static enum avqa_status end_sound(struct avqa_cutting *c)
{
    enum avqa_status rc = c->sound ? avqa_sound_end(c->sound) : AVQA_OK;
    avqa_sound_free(c->sound);
    c->sound = NULL;
    return rc == AVQA_EFORMAT ? AVQA_OK : rc;
}

static enum avqa_status measure_once(struct avqa_cutting *c)
{
    const bool copies = c->options->mode == AVQA_CUT_COPY;
    const struct avqa_reader reader = {.wants = note_packet,
                                       .wants_sound = copies ? note_sound : NULL,
                                       .sound = copies ? NULL : measure_sound};
    if (!c->layout)
        c->layout = avqa_mem_new(sizeof *c->layout);
    c->n_listed = 0;
    c->key_packet = c->n_in_range = 0;
    c->rate_hz = 0;
    c->n_samples = c->n_sounds = 0;
    c->first_us = c->first_sound_us = INT64_MAX;
    enum avqa_status rc = open_source(c, &reader);
    if (rc == AVQA_OK && c->reader.file && c->reader.file->video)
        rc = avqa_reader_run(&c->reader, c->options->log);
    if (rc == AVQA_OK && c->sought &&
        (c->n_packets == 0 || (c->n_sounds && c->first_sound_us > c->first_us)))
        stray(c);
    enum avqa_status ended = end_sound(c);
    return rc == AVQA_OK ? ended : rc;
}

enum avqa_status avqa_cutting_measure(struct avqa_cutting *c)
{
    enum avqa_status rc = measure_once(c);
    if (rc == AVQA_OK && c->strayed) {
        c->strayed = false;
        c->linear = true;
        rc = measure_once(c);
    }
    if (c->n_heard < c->n_samples)
        c->n_samples = c->n_heard;
    c->first_sample = av_rescale(c->options->start_us, c->rate_hz, US_PER_S);
    c->n_samples -= c->first_sample;
    if (c->n_samples <= 0)
        c->n_samples = c->rate_hz = 0;
    return rc;
}

/* ---- the sound of the second pass ------------------------------------------------ */

struct avqa_encode_form avqa_cutting_form(const struct avqa_cutting *c)
{
    const struct avqa_media_video *video = &c->report->info.video;
    const char *preset = c->options->preset;
    return (struct avqa_encode_form){.quick_sound = true,
                                     .ticks_per_s = c->ticks_per_s,
                                     .rate_num = video->rate_num,
                                     .rate_den = video->rate_den,
                                     .crf = c->options->crf,
                                     .n_threads = c->options->n_threads,
                                     .preset = preset ? preset : AVQA_ENCODE_PRESET,
                                     .rate_hz = c->rate_hz,
                                     .layout = c->layout,
                                     .n_samples = c->n_samples};
}

enum avqa_status avqa_cutting_open_encoder(struct avqa_cutting *c,
                                           const struct avqa_encode_form *form)
{
    enum avqa_status rc = avqa_encoder_open(&c->encoder, c->out, form);
    if (rc != AVQA_OK || !form->rate_hz)
        return rc;
    /* waiting[0] is LEAD_MOST samples before the range */
    const size_t skip = (size_t)(LEAD_MOST - avqa_encoder_lead(c->encoder));
    const size_t n_channels = (size_t)c->layout->nb_channels;
    if (c->n_waiting > skip)
        rc = avqa_encoder_samples(c->encoder, c->waiting + skip * n_channels,
                                  c->n_waiting - skip);
    return rc;
}

/* Samples [from, from + n) of the clip and its lead; the encoder may not be there yet.
 */
static enum avqa_status put_samples(struct avqa_cutting *c, const float *samples,
                                    size_t n)
{
    const size_t n_channels = (size_t)c->layout->nb_channels;
    size_t skip = LEAD_MOST;
    if (c->encoder)
        skip -= (size_t)avqa_encoder_lead(c->encoder);
    else
        skip = SIZE_MAX;
    size_t at = c->n_waiting;
    c->n_waiting += n;
    if (!c->encoder) {
        enum avqa_status rc =
            avqa_mem_grow(&c->waiting, &c->waiting_cap, c->n_waiting * n_channels,
                          sizeof *c->waiting);
        if (rc == AVQA_OK && samples)
            memcpy(c->waiting + at * n_channels, samples,
                   n * n_channels * sizeof *samples);
        return rc;
    }
    if (at + n <= skip)
        return AVQA_OK;
    size_t drop = at < skip ? skip - at : 0;
    return avqa_encoder_samples(c->encoder, samples + drop * n_channels, n - drop);
}

static enum avqa_status take_samples(void *user, const float *samples, size_t n)
{
    struct avqa_cutting *c = user;
    const size_t n_channels = (size_t)c->layout->nb_channels;
    int64_t from = c->first_sample - LEAD_MOST;
    int64_t end = c->first_sample + c->n_samples;
    int64_t at = c->n_heard;
    c->n_heard += (int64_t)n;
    if (at < from) {
        int64_t drop = from - at < (int64_t)n ? from - at : (int64_t)n;
        samples += (size_t)drop * n_channels;
        n -= (size_t)drop;
        at += drop;
    }
    if (at + (int64_t)n > end)
        n = end > at ? (size_t)(end - at) : 0;
    c->reader.audio_done = c->n_heard >= end;
    return n ? put_samples(c, samples, n) : AVQA_OK;
}

enum avqa_status avqa_cutting_take_sound(void *user, AVFrame *frame)
{
    struct avqa_cutting *c = user;
    return add_sound(c, frame);
}

/* Silence where the lead would begin before time 0. */
static enum avqa_status begin_sound(struct avqa_cutting *c)
{
    if (!c->rate_hz)
        return AVQA_OK;
    c->sound = avqa_sound_new_laid_out(c->rate_hz, c->layout, take_samples, c);
    size_t n = c->first_sample < LEAD_MOST ? (size_t)(LEAD_MOST - c->first_sample) : 0;
    enum avqa_status rc = put_samples(c, NULL, n);
    if (rc == AVQA_OK && n)
        memset(c->waiting, 0, n * (size_t)c->layout->nb_channels * sizeof *c->waiting);
    return rc;
}

/* ---- the second pass ------------------------------------------------------------- */

enum avqa_status avqa_cutting_start(struct avqa_cutting *c,
                                    const struct avqa_reader *reader)
{
    enum avqa_status rc = open_source(c, reader);
    if (rc != AVQA_OK || !c->reader.file || !c->reader.file->video)
        return rc;
    const int64_t start_us = c->reader.zero_us + c->options->start_us;
    c->ticks_per_s = avqa_picture_ticks(c->reader.file->video);
    c->offset = av_rescale(start_us, c->ticks_per_s, US_PER_S);
    return reader->sound ? begin_sound(c) : AVQA_OK;
}

enum avqa_status avqa_cutting_run(struct avqa_cutting *c)
{
    enum avqa_status rc = avqa_reader_run(&c->reader, c->options->log);
    enum avqa_status ended = end_sound(c);
    return rc == AVQA_OK ? ended : rc;
}

int64_t avqa_cutting_ticks(const struct avqa_cutting *c, int64_t pts)
{
    const AVRational base = c->reader.file->video->time_base;
    return av_rescale(pts, (int64_t)base.num * c->ticks_per_s, base.den) - c->offset;
}

int64_t avqa_cutting_begin_of(struct avqa_cutting *c, const AVFrame *frame, int64_t *at)
{
    const AVStream *stream = c->reader.file->video;
    int64_t pts = frame->best_effort_timestamp;
    int64_t us = c->last_end_us;
    if (pts != AV_NOPTS_VALUE)
        us = avqa_container_us(stream, pts) - c->reader.zero_us;
    if (pts == AV_NOPTS_VALUE || us < c->last_us) {
        us = us < c->last_us ? c->last_us : us;
        *at = av_rescale(us - c->options->start_us, c->ticks_per_s, US_PER_S);
    } else {
        *at = avqa_cutting_ticks(c, pts);
    }
    if (*at < 0)
        *at = 0;
    c->last_us = us;
    c->last_end_us = us + length_in(c, frame->pkt_duration);
    return us;
}

/* ---- the end --------------------------------------------------------------------- */

void avqa_cutting_report(struct avqa_cutting *c, size_t n_pictures)
{
    struct avqa_cut_report *r = c->report;
    const struct avqa_cut_options *o = c->options;
    char detail[AVQA_VERDICT_REASON];
    r->n_pictures = (int64_t)n_pictures;
    r->n_samples = c->n_samples;
    r->rate_hz = c->rate_hz;
    r->n_channels = c->rate_hz ? c->layout->nb_channels : 0;
    r->end_us = c->last_end_us < o->end_us ? c->last_end_us : o->end_us;
    if (r->info.verdict.outcome != AVQA_MEDIA_OK)
        avqa_cutting_remark(c, avqa_media_outcome_name(r->info.verdict.outcome),
                            r->info.verdict.reason);
    if (!c->rate_hz)
        avqa_cutting_remark(c, "no-audio", "there is no sound in that time");
    if (c->reader.n_video_bad || c->reader.n_audio_bad) {
        snprintf(detail, sizeof detail,
                 "%lld packets of video and %lld of sound do not decode",
                 (long long)c->reader.n_video_bad, (long long)c->reader.n_audio_bad);
        avqa_cutting_remark(c, "damaged", detail);
    }
    if (r->end_us < o->end_us - SHORT_US) {
        snprintf(detail, sizeof detail, "it ends at %.3f s, before %.3f s",
                 (double)r->end_us / 1e6, (double)o->end_us / 1e6);
        avqa_cutting_remark(c, "short", detail);
    }
}

void avqa_cutting_release(struct avqa_cutting *c)
{
    rewind_pass(c);
    if (c->layout)
        av_channel_layout_uninit(c->layout);
    free(c->layout);
    free(c->waiting);
    free(c->packets);
}
