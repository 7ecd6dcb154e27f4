/* See cut.h. Two passes over the source. The first decodes only the sound: it finds how
 * many samples there are to be had and which key frame the pictures can be decoded
 * from. The second decodes from there on and encodes. Packets before the key frame are
 * read and dropped, never sought over, so an index that lies does no harm; and if fewer
 * pictures decode than there are packets for them, all is decoded from the beginning.
 */
#include "media/cut.h"
#include "base/mem.h"
#include "media/describe.h"
#include "media/encode.h"
#include "media/reader.h"
#include "media/sound.h"
#include "media/upright.h"
#include "media/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#define US_PER_S INT64_C(1000000)
enum { TICKS_LEAST = 90000, TICKS_MOST = 1 << 24, MAX_CHANNELS = 6 };
enum { LEAD_MOST = 1024, SHORT_US = 100000 };

struct cut {
    const struct avqa_cut_options *options;
    struct avqa_cut_report *report;
    const char *out, *source;
    struct avqa_reader reader;
    /* found by the first pass */
    int64_t key_packet; /* video packets before it are not needed */
    int64_t n_in_range; /* packets whose picture begins in the range; -1: unknown */
    int rate_hz;        /* 0: no sound */
    AVChannelLayout layout;
    int64_t first_sample, n_samples; /* wanted ones that are there */
    /* both passes */
    int64_t n_packets; /* of video, so far */
    struct avqa_sound *sound;
    int64_t n_heard; /* samples since time 0 */
    /* the second pass */
    int ticks_per_s;
    int64_t offset; /* ticks, of the range's start on the file's clock */
    struct avqa_upright *upright;
    struct avqa_encoder *encoder;
    float *waiting; /* samples that came before the first picture */
    size_t n_waiting, waiting_cap;
    int64_t last_us, last_end_us; /* of the last picture seen */
};

static void remark(struct cut *c, const char *reason, const char *detail)
{
    if (*c->report->reason)
        return;
    snprintf(c->report->reason, sizeof c->report->reason, "%s", reason);
    snprintf(c->report->detail, sizeof c->report->detail, "%s", detail);
}

static void remark_verdict(struct cut *c)
{
    const struct avqa_verdict *v = &c->report->info.verdict;
    remark(c, avqa_media_outcome_name(v->outcome), v->reason);
}

/* ---- the first pass -------------------------------------------------------------- */

static bool note_packet(void *user, const AVPacket *packet)
{
    struct cut *c = user;
    const AVStream *stream = c->reader.file->video;
    const int64_t index = c->n_packets++;
    int64_t zero_us = c->reader.zero_us;
    if (packet->pts == AV_NOPTS_VALUE || packet->dts == AV_NOPTS_VALUE) {
        c->n_in_range = -1;
        c->key_packet = 0;
        return false;
    }
    int64_t at_us = avqa_container_us(stream, packet->pts) - zero_us;
    if (c->n_in_range >= 0) {
        if (packet->flags & AV_PKT_FLAG_KEY && at_us <= c->options->start_us)
            c->key_packet = index;
        c->n_in_range += at_us >= c->options->start_us && at_us < c->options->end_us &&
                         !(packet->flags & AV_PKT_FLAG_DISCARD);
    }
    if (avqa_container_us(stream, packet->dts) - zero_us >= c->options->end_us)
        c->reader.video_done = true;
    return false;
}

/* What AAC can have of it. */
static enum avqa_status choose_layout(struct cut *c, const AVFrame *frame)
{
    const AVChannelLayout three = AV_CHANNEL_LAYOUT_SURROUND;
    int n = frame->ch_layout.nb_channels;
    int code = 0;
    if (n == 3)
        code = av_channel_layout_copy(&c->layout, &three);
    else
        av_channel_layout_default(&c->layout, n < MAX_CHANNELS ? n : MAX_CHANNELS);
    return code < 0 ? avqa_fail(AVQA_ENOMEM, "out of memory for a layout") : AVQA_OK;
}

static enum avqa_status count_samples(void *user, const float *samples, size_t n)
{
    struct cut *c = user;
    (void)samples;
    c->n_heard += (int64_t)n;
    return AVQA_OK;
}

static enum avqa_status add_sound(struct cut *c, const AVFrame *frame)
{
    int64_t at_us = AVQA_SOUND_FOLLOWS;
    if (frame->best_effort_timestamp != AV_NOPTS_VALUE)
        at_us = avqa_container_us(c->reader.file->audio, frame->best_effort_timestamp) -
                c->reader.zero_us;
    enum avqa_status rc = avqa_sound_add(c->sound, frame, at_us);
    if (rc != AVQA_EFORMAT)
        return rc;
    c->reader.n_audio_bad++;
    return AVQA_OK;
}

static enum avqa_status measure_sound(void *user, AVFrame *frame)
{
    struct cut *c = user;
    enum avqa_status rc = AVQA_OK;
    if (!c->sound && frame->sample_rate > 0 && frame->ch_layout.nb_channels > 0) {
        c->rate_hz = avqa_encode_rate_hz(frame->sample_rate);
        rc = choose_layout(c, frame);
        c->sound = avqa_sound_new_laid_out(c->rate_hz, &c->layout, count_samples, c);
        c->n_samples = av_rescale(c->options->end_us, c->rate_hz, US_PER_S);
    }
    if (rc == AVQA_OK && c->sound)
        rc = add_sound(c, frame);
    if (c->n_heard >= c->n_samples && c->sound)
        c->reader.audio_done = true;
    return rc;
}

static enum avqa_status end_sound(struct cut *c)
{
    enum avqa_status rc = c->sound ? avqa_sound_end(c->sound) : AVQA_OK;
    avqa_sound_free(c->sound);
    c->sound = NULL;
    return rc == AVQA_EFORMAT ? AVQA_OK : rc;
}

static enum avqa_status measure(struct cut *c)
{
    c->reader =
        (struct avqa_reader){.user = c, .wants = note_packet, .sound = measure_sound};
    enum avqa_status rc =
        avqa_reader_open(&c->reader, &c->report->info, c->source, &c->options->limits);
    if (rc == AVQA_OK && c->reader.file && c->reader.file->video)
        rc = avqa_reader_run(&c->reader, c->options->log);
    enum avqa_status ended = end_sound(c);
    if (rc == AVQA_OK)
        rc = ended;
    avqa_reader_close(&c->reader);
    if (c->n_heard < c->n_samples)
        c->n_samples = c->n_heard;
    c->first_sample = av_rescale(c->options->start_us, c->rate_hz, US_PER_S);
    c->n_samples -= c->first_sample;
    if (c->n_samples <= 0)
        c->n_samples = c->rate_hz = 0;
    return rc;
}

/* ---- the second pass ------------------------------------------------------------- */

static bool wants_packet(void *user, const AVPacket *packet)
{
    struct cut *c = user;
    (void)packet;
    return c->n_packets++ >= c->key_packet;
}

/* Ticks in which the times of the stream are whole numbers, and fine enough for a range
 * that begins between two of them. */
static int ticks_for(const AVStream *stream)
{
    int den = stream->time_base.den;
    if (den < 1 || den > TICKS_MOST / 2)
        return (int)US_PER_S;
    return den >= TICKS_LEAST ? den : den * ((TICKS_LEAST + den - 1) / den);
}

static enum avqa_status open_encoder(struct cut *c, const AVFrame *picture)
{
    const struct avqa_media_video *video = &c->report->info.video;
    struct avqa_encode_form form = {.like = picture,
                                    .ticks_per_s = c->ticks_per_s,
                                    .rate_num = video->rate_num,
                                    .rate_den = video->rate_den,
                                    .crf = c->options->crf,
                                    .n_threads = c->options->n_threads,
                                    .preset = c->options->preset ? c->options->preset
                                                                 : AVQA_ENCODE_PRESET,
                                    .rate_hz = c->rate_hz,
                                    .layout = &c->layout,
                                    .n_samples = c->n_samples};
    enum avqa_status rc = avqa_encoder_open(&c->encoder, c->out, &form);
    if (rc != AVQA_OK || !c->rate_hz)
        return rc;
    /* waiting[0] is LEAD_MOST samples before the range */
    const size_t skip = (size_t)(LEAD_MOST - avqa_encoder_lead(c->encoder));
    const size_t n_channels = (size_t)c->layout.nb_channels;
    if (c->n_waiting > skip)
        rc = avqa_encoder_samples(c->encoder, c->waiting + skip * n_channels,
                                  c->n_waiting - skip);
    return rc;
}

/* Samples [from, from + n) of the clip and its lead; the encoder may not be there yet.
 */
static enum avqa_status put_samples(struct cut *c, const float *samples, size_t n)
{
    const size_t n_channels = (size_t)c->layout.nb_channels;
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
    struct cut *c = user;
    const size_t n_channels = (size_t)c->layout.nb_channels;
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

static enum avqa_status take_sound(void *user, AVFrame *frame)
{
    struct cut *c = user;
    return add_sound(c, frame);
}

static int64_t length_of(const struct cut *c, const AVFrame *frame)
{
    const AVStream *stream = c->reader.file->video;
    AVRational rate = stream->avg_frame_rate;
    int64_t us = avqa_container_us(stream, frame->pkt_duration);
    if (us <= 0 && rate.num > 0 && rate.den > 0)
        us = av_rescale(AV_TIME_BASE, rate.den, rate.num);
    return us > 0 && us < 60 * US_PER_S ? us : 0;
}

/* When a picture begins, and its ticks in the clip. */
static int64_t begin_of(const struct cut *c, const AVFrame *frame, int64_t *at)
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
        *at = av_rescale(pts, (int64_t)stream->time_base.num * c->ticks_per_s,
                         stream->time_base.den) -
              c->offset;
    }
    if (*at < 0)
        *at = 0;
    return us;
}

static enum avqa_status take_picture(void *user, AVFrame *frame)
{
    struct cut *c = user;
    struct avqa_media_video *video = &c->report->info.video;
    const AVFrame *picture;
    int64_t at;
    int64_t begin_us = begin_of(c, frame, &at);
    if (begin_us >= c->options->end_us) {
        c->last_end_us = c->options->end_us;
        c->reader.video_done = true;
        return AVQA_OK;
    }
    c->last_us = begin_us;
    c->last_end_us = begin_us + length_of(c, frame);
    if (begin_us < c->options->start_us)
        return AVQA_OK;
    if (!c->upright) {
        avqa_describe_picture(video, frame, c->reader.file->video);
        c->upright = avqa_upright_new(video, c->options->mirror);
    }
    enum avqa_status rc = avqa_upright_picture(&picture, c->upright, frame);
    if (rc == AVQA_OK && !c->encoder) {
        c->report->start_us = begin_us;
        rc = open_encoder(c, picture);
    }
    return rc == AVQA_OK ? avqa_encoder_picture(c->encoder, picture, at) : rc;
}

/* Forgets what a pass has done. */
static void rewind_pass(struct cut *c)
{
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

/* Silence where the lead would begin before time 0. */
static enum avqa_status begin_sound(struct cut *c)
{
    if (!c->rate_hz)
        return AVQA_OK;
    c->sound = avqa_sound_new_laid_out(c->rate_hz, &c->layout, take_samples, c);
    size_t n = c->first_sample < LEAD_MOST ? (size_t)(LEAD_MOST - c->first_sample) : 0;
    enum avqa_status rc = put_samples(c, NULL, n);
    if (rc == AVQA_OK && n)
        memset(c->waiting, 0, n * (size_t)c->layout.nb_channels * sizeof *c->waiting);
    return rc;
}

static enum avqa_status encode(struct cut *c)
{
    rewind_pass(c);
    c->reader = (struct avqa_reader){.user = c,
                                     .wants = wants_packet,
                                     .picture = take_picture,
                                     .sound = c->rate_hz ? take_sound : NULL};
    enum avqa_status rc =
        avqa_reader_open(&c->reader, &c->report->info, c->source, &c->options->limits);
    if (rc != AVQA_OK || !c->reader.file || !c->reader.video)
        return rc;
    const int64_t start_us = c->reader.zero_us + c->options->start_us;
    c->ticks_per_s = ticks_for(c->reader.file->video);
    c->offset = av_rescale(start_us, c->ticks_per_s, US_PER_S);
    rc = begin_sound(c);
    if (rc == AVQA_OK)
        rc = avqa_reader_run(&c->reader, c->options->log);
    enum avqa_status ended = end_sound(c);
    return rc == AVQA_OK ? ended : rc;
}

/* Encodes from the key frame on, or, if that gives too few pictures, from the start. */
static enum avqa_status encode_all(struct cut *c)
{
    size_t n = 0;
    enum avqa_status rc = encode(c);
    if (rc == AVQA_OK && c->encoder)
        avqa_encoder_times(c->encoder, &n);
    if (rc != AVQA_OK || c->key_packet == 0 || (int64_t)n == c->n_in_range)
        return rc;
    c->key_packet = 0;
    avqa_reader_close(&c->reader);
    return encode(c);
}

/* ---- the end --------------------------------------------------------------------- */

static void fill_report(struct cut *c)
{
    struct avqa_cut_report *r = c->report;
    const struct avqa_cut_options *o = c->options;
    char detail[AVQA_VERDICT_REASON];
    size_t n;
    avqa_encoder_times(c->encoder, &n);
    r->n_pictures = (int64_t)n;
    r->n_samples = c->n_samples;
    r->rate_hz = c->rate_hz;
    r->n_channels = c->rate_hz ? c->layout.nb_channels : 0;
    r->end_us = c->last_end_us < o->end_us ? c->last_end_us : o->end_us;
    if (r->info.verdict.outcome != AVQA_MEDIA_OK)
        remark_verdict(c);
    if (!c->rate_hz)
        remark(c, "no-audio", "there is no sound in that time");
    if (c->reader.n_video_bad || c->reader.n_audio_bad) {
        snprintf(detail, sizeof detail,
                 "%lld packets of video and %lld of sound do not decode",
                 (long long)c->reader.n_video_bad, (long long)c->reader.n_audio_bad);
        remark(c, "damaged", detail);
    }
    if (r->end_us < o->end_us - SHORT_US) {
        snprintf(detail, sizeof detail, "it ends at %.3f s, before %.3f s",
                 (double)r->end_us / 1e6, (double)o->end_us / 1e6);
        remark(c, "short", detail);
    }
}

static enum avqa_status finish(struct cut *c)
{
    char difference[AVQA_VERDICT_REASON];
    struct avqa_verify_expected expected = {.ticks_per_s = c->ticks_per_s,
                                            .n_samples = c->n_samples};
    fill_report(c);
    int64_t end =
        av_rescale(c->report->end_us - c->options->start_us, c->ticks_per_s, US_PER_S);
    enum avqa_status rc = avqa_encoder_finish(c->encoder, end);
    if (rc != AVQA_OK)
        return rc;
    expected.times = avqa_encoder_times(c->encoder, &expected.n_times);
    rc = avqa_verify(difference, sizeof difference, avqa_encoder_temp(c->encoder),
                     &expected, c->options->log);
    if (rc != AVQA_OK)
        return rc;
    if (*difference) {
        *c->report->reason = '\0';
        remark(c, "not-verified", difference);
        return AVQA_OK;
    }
    rc = avqa_encoder_publish(c->encoder);
    c->report->written = rc == AVQA_OK;
    return rc;
}

static enum avqa_status cut_exactly(struct cut *c)
{
    enum avqa_status rc = measure(c);
    if (rc == AVQA_OK && c->report->info.verdict.outcome < AVQA_MEDIA_TOO_LONG &&
        c->report->info.verdict.outcome != AVQA_MEDIA_NO_VIDEO)
        rc = encode_all(c);
    if (rc == AVQA_EFORMAT) { /* the source's pictures cannot be drawn */
        remark(c, avqa_media_outcome_name(AVQA_MEDIA_UNSUPPORTED), avqa_message());
        rc = AVQA_OK;
    } else if (rc == AVQA_OK && c->encoder &&
               c->report->info.verdict.outcome < AVQA_MEDIA_TOO_LONG) {
        rc = finish(c); /* a limit that was reached would cut it short */
    } else if (rc == AVQA_OK) {
        if (c->report->info.verdict.outcome > AVQA_MEDIA_NO_AUDIO)
            remark_verdict(c);
        remark(c, "nothing-there", "it has no picture that begins in that time");
    }
    avqa_reader_close(&c->reader);
    rewind_pass(c);
    av_channel_layout_uninit(&c->layout);
    free(c->waiting);
    return rc;
}

static enum avqa_status check_options(const struct avqa_cut_options *o)
{
    if (o->start_us < 0 || o->end_us <= o->start_us ||
        o->end_us > AVQA_MEDIA_DURATION_US_DEFAULT)
        return avqa_fail(AVQA_EINVAL, "a cut from %.6f to %.6f s is asked for",
                         (double)o->start_us / 1e6, (double)o->end_us / 1e6);
    if (o->crf < 0 || o->crf > 51)
        return avqa_fail(AVQA_EINVAL, "a quality of %d is asked for", o->crf);
    if (o->n_threads < 1 || o->n_threads > AVQA_ENCODE_MAX_THREADS)
        return avqa_fail(AVQA_EINVAL, "%d threads are asked for", o->n_threads);
    return AVQA_OK;
}

enum avqa_status avqa_cut(struct avqa_cut_report *report, const char *out,
                          const char *source, const struct avqa_cut_options *options)
{
    struct cut c = {.options = options, .report = report, .out = out, .source = source};
    memset(report, 0, sizeof *report);
    enum avqa_status rc = check_options(options);
    if (rc != AVQA_OK)
        return rc;
    return cut_exactly(&c);
}
