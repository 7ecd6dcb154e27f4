/* See decode.h. Two tracks side by side: packets go to the one they belong to. Pictures
 * go through a lookahead, because a picture that nothing depends on (a B-picture, as a
 * rule) need not be decoded if it is not shown at any moment asked for; the next one's
 * time tells. No more need those behind the last one asked for before a sequence begins
 * anew (H.264). The pictures handed over from an undamaged file are the same as after a
 * full decode. */
#include "media/decode.h"
#include "base/mem.h"
#include "media/container.h"
#include "media/describe.h"
#include "media/h264.h"
#include "media/lookahead.h"
#include "media/pick.h"
#include "media/picture.h"
#include "media/seek.h"
#include "media/sound.h"

#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

struct track {
    AVCodecContext *ctx; /* NULL: not asked for, or no decoder */
    AVStream *stream;
    struct avqa_stream_tally tally;
    bool done; /* the stretch is over */
};

struct pass {
    const struct avqa_decode_options *options;
    struct avqa_decode_report *report;
    struct avqa_container *file;
    int64_t zero_us;   /* time 0 on the file's own clock */
    int64_t length_us; /* of the stretch; INT64_MAX: to the end */
    int64_t samples_left;
    AVFrame *frame;
    struct track video, audio;
    /* pictures */
    struct avqa_lookahead ahead;
    struct avqa_pick pick;
    struct avqa_painter *painter;
    AVFrame *held;         /* the picture shown now, until the next one comes */
    int64_t held_us;       /* since when; meaningless before the first */
    int64_t held_until_us; /* as far as it says itself */
    struct avqa_painted painted;
    bool is_painted; /* `painted` is of the held picture */
    /* sound */
    struct avqa_sound *sound;
    bool enough; /* a limit or an unusable stream: read no further */
};

/* ---- pictures -------------------------------------------------------------------- */

static enum avqa_status paint_held(struct pass *p)
{
    struct avqa_media_video *video = &p->report->info.video;
    if (p->is_painted)
        return AVQA_OK;
    avqa_describe_picture(video, p->held, p->video.stream);
    enum avqa_status rc = avqa_painter_paint(&p->painted, p->painter, p->held, video);
    p->is_painted = rc == AVQA_OK;
    return rc;
}

/* Hands the held picture over as the answer to the next target. */
static enum avqa_status give(struct pass *p)
{
    enum avqa_status rc = paint_held(p);
    if (rc == AVQA_EFORMAT) {
        avqa_verdict_set(&p->report->info.verdict, AVQA_MEDIA_UNSUPPORTED, "%s",
                         avqa_message());
        p->enough = true;
        return AVQA_OK;
    }
    if (rc != AVQA_OK)
        return rc;
    struct avqa_decoded d = {.index = p->pick.next,
                             .time_us = avqa_pick_time_us(&p->pick),
                             .pts_us = p->held_us,
                             .width = p->painted.width,
                             .height = p->painted.height,
                             .rgb = p->painted.rgb};
    p->report->n_given++;
    p->pick.next++;
    return p->options->picture(p->options->user, &d);
}

static bool too_long(struct pass *p, int64_t us)
{
    const int64_t limit_us = p->file->limits.max_duration_us;
    if (us <= limit_us)
        return false;
    avqa_verdict_set(&p->report->info.verdict, AVQA_MEDIA_TOO_LONG,
                     "it goes on after %.0f s, which is the limit",
                     (double)limit_us / 1e6);
    p->enough = true;
    return true;
}

/* When a decoded picture begins, and how long it says it lasts. */
static int64_t begin_of(const struct pass *p, const AVFrame *frame)
{
    int64_t pts = frame->best_effort_timestamp;
    if (pts == AV_NOPTS_VALUE)
        return p->held ? p->held_until_us : 0;
    return avqa_container_us(p->video.stream, pts) - p->zero_us;
}

static int64_t length_of(const struct pass *p, const AVFrame *frame)
{
    AVRational rate = p->video.stream->avg_frame_rate;
    int64_t us = avqa_container_us(p->video.stream, frame->pkt_duration);
    if (us <= 0 && rate.num > 0 && rate.den > 0)
        us = av_rescale(AV_TIME_BASE, rate.den, rate.num);
    return us < 0 ? 0 : us < p->file->limits.max_duration_us ? us : 0;
}

/* A picture was decoded: it ends the one before it, which may be the answer to some
 * targets, and is held in its place. */
static enum avqa_status take_picture(struct pass *p, AVFrame *frame)
{
    int64_t begin_us = begin_of(p, frame);
    enum avqa_status rc = AVQA_OK;
    if (p->held && begin_us < p->held_us)
        begin_us = p->held_us; /* time does not run backwards */
    if (begin_us >= p->length_us) {
        p->video.done = true;
        return AVQA_OK;
    }
    if (too_long(p, begin_us))
        return AVQA_OK;
    if (!p->held) {
        avqa_pick_start(&p->pick, begin_us);
        if (p->options->start_us && p->pick.next < 0)
            p->pick.next = 0;
        p->held = av_frame_alloc();
        if (!p->held)
            avqa_mem_exhausted();
    } else {
        while (rc == AVQA_OK && !p->enough && avqa_pick_pending(&p->pick) &&
               !avqa_pick_reaches(&p->pick, begin_us))
            rc = give(p);
    }
    av_frame_unref(p->held);
    av_frame_move_ref(p->held, frame);
    p->held_us = begin_us;
    p->held_until_us = begin_us + length_of(p, p->held);
    p->is_painted = false;
    return rc;
}

/* The last picture answers what is left before its end. */
static enum avqa_status end_pictures(struct pass *p)
{
    struct avqa_decode_report *report = p->report;
    enum avqa_status rc = AVQA_OK;
    if (p->video.done || p->held_until_us > p->length_us)
        p->held_until_us = p->length_us;
    if (p->held && !(p->options->start_us && p->held_until_us <= 0)) {
        if (report->n_given == 0 && !p->is_painted)
            avqa_describe_picture(&report->info.video, p->held, p->video.stream);
        while (rc == AVQA_OK && !p->enough && avqa_pick_pending(&p->pick) &&
               avqa_pick_before_end(&p->pick, p->held_until_us, report->n_given > 0))
            rc = give(p);
        report->picture_end_us = p->held_until_us;
    }
    if (!p->pick.rate_num)
        report->n_missed = p->pick.n_missed + (int64_t)p->pick.n_times - p->pick.next;
    return rc;
}

/* ---- sound ----------------------------------------------------------------------- */

/* The samples of the stretch, no more. */
static enum avqa_status give_samples(void *user, const float *mono, size_t n)
{
    struct pass *p = user;
    if ((int64_t)n >= p->samples_left) {
        n = (size_t)p->samples_left;
        p->audio.done = true;
    }
    p->samples_left -= (int64_t)n;
    p->report->n_samples += (int64_t)n;
    return n ? p->options->samples(p->options->user, mono, n) : AVQA_OK;
}

static enum avqa_status take_sound(struct pass *p, const AVFrame *frame)
{
    int64_t at_us = AVQA_SOUND_FOLLOWS;
    if (p->audio.tally.n_frames == 1)
        avqa_describe_sound(&p->report->info.audio, frame);
    if (frame->best_effort_timestamp != AV_NOPTS_VALUE)
        at_us = avqa_container_us(p->audio.stream, frame->best_effort_timestamp) -
                p->zero_us;
    if (at_us != AVQA_SOUND_FOLLOWS && too_long(p, at_us))
        return AVQA_OK;
    enum avqa_status rc = avqa_sound_add(p->sound, frame, at_us);
    if (rc != AVQA_EFORMAT)
        return rc;
    p->audio.tally.n_bad++;
    return AVQA_OK;
}

static enum avqa_status end_sound(struct pass *p)
{
    if (!p->sound)
        return AVQA_OK;
    enum avqa_status rc = avqa_sound_end(p->sound);
    p->report->sound_end_us = avqa_sound_end_us(p->sound);
    if (p->report->sound_end_us > p->length_us)
        p->report->sound_end_us = p->length_us;
    p->report->sound_filled_us = avqa_sound_filled_us(p->sound);
    return rc == AVQA_EFORMAT ? AVQA_OK : rc;
}

/* ---- packets --------------------------------------------------------------------- */

/* Everything the decoder has ready. */
static enum avqa_status receive(struct pass *p, struct track *t)
{
    enum avqa_status rc = AVQA_OK;
    while (rc == AVQA_OK && !p->enough && !t->done) {
        int code = avcodec_receive_frame(t->ctx, p->frame);
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF)
            break;
        if (code == AVERROR(ENOMEM))
            return avqa_fail(AVQA_ENOMEM, "out of memory for a frame");
        if (code < 0) {
            t->tally.n_bad++;
            break;
        }
        t->tally.n_frames++;
        t->tally.n_bad += p->frame->decode_error_flags != 0 ||
                          (p->frame->flags & AV_FRAME_FLAG_CORRUPT) != 0;
        rc = t == &p->video ? take_picture(p, p->frame) : take_sound(p, p->frame);
        av_frame_unref(p->frame);
    }
    return rc;
}

/* One packet through its decoder; NULL asks for what is left in it. */
static enum avqa_status decode(struct pass *p, struct track *t, const AVPacket *packet)
{
    int code = avcodec_send_packet(t->ctx, packet);
    t->tally.n_packets += packet != NULL;
    if (code == AVERROR(ENOMEM))
        return avqa_fail(AVQA_ENOMEM, "out of memory for a frame");
    if (code < 0 && code != AVERROR_EOF)
        t->tally.n_bad++;
    return receive(p, t);
}

/* Whether the picture of the i-th packet of the lookahead can be asked for. Without a
 * time it may be. */
static bool is_wanted(const struct pass *p, int i)
{
    const AVStream *stream = p->video.stream;
    const int64_t pts = avqa_lookahead_at(&p->ahead, i)->pts;
    const int64_t next = avqa_lookahead_next_pts(&p->ahead, i);
    if (p->options->decode_all || pts == AV_NOPTS_VALUE || next == INT64_MAX)
        return true;
    return avqa_pick_wants(&p->pick, avqa_container_us(stream, pts) - p->zero_us,
                           avqa_container_us(stream, next) - p->zero_us);
}

/* Whether the i-th packet of the lookahead begins a sequence that needs nothing before
 * it. */
static bool begins_anew(const struct pass *p, int i)
{
    const AVCodecParameters *par = p->video.stream->codecpar;
    const AVPacket *packet = avqa_lookahead_at(&p->ahead, i);
    return par->codec_id == AV_CODEC_ID_H264 && packet->flags & AV_PKT_FLAG_KEY &&
           avqa_h264_is_idr(packet->data, (size_t)packet->size, par->extradata,
                            (size_t)par->extradata_size);
}

/* Whether it brings nothing but its picture: no parameter sets. */
static bool is_slices(const struct pass *p, int i)
{
    const AVCodecParameters *par = p->video.stream->codecpar;
    const AVPacket *packet = avqa_lookahead_at(&p->ahead, i);
    if (av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, NULL))
        return false;
    return avqa_h264_is_slices(packet->data, (size_t)packet->size, par->extradata,
                               (size_t)par->extradata_size);
}

/* Whether the oldest packet and all up to the beginning of the next sequence show
 * nothing that is asked for: then nothing needs them. */
static bool is_idle(const struct pass *p)
{
    int end = 1;
    if (p->options->decode_all || p->options->all_sequences || !p->held)
        return false;
    while (end < p->ahead.n && !begins_anew(p, end))
        end++;
    if (end >= p->ahead.n)
        return false;
    for (int i = 0; i < end; i++) {
        if (is_wanted(p, i) || !is_slices(p, i))
            return false;
    }
    return true;
}

/* The oldest packet of the lookahead to the decoder, if need be. */
static enum avqa_status decode_oldest(struct pass *p)
{
    const bool idle = is_idle(p);
    p->video.ctx->skip_frame = is_wanted(p, 0) ? AVDISCARD_DEFAULT : AVDISCARD_NONREF;
    AVPacket *packet = avqa_lookahead_pop(&p->ahead);
    enum avqa_status rc = AVQA_OK;
    if (idle)
        p->video.tally.n_packets++;
    else
        rc = decode(p, &p->video, packet);
    av_packet_free(&packet);
    return rc;
}

static bool takes(const struct track *t)
{
    return t->ctx && !t->done;
}

/* Sound long before the stretch; decoders remember a packet or two. */
static bool is_early(const struct pass *p, const AVPacket *packet)
{
    enum { MARGIN_US = 1000000 };
    return p->options->start_us && packet->pts != AV_NOPTS_VALUE &&
           avqa_container_us(p->audio.stream, packet->pts) - p->zero_us < -MARGIN_US;
}

static enum avqa_status route(struct pass *p, AVPacket *packet)
{
    enum avqa_status rc = AVQA_OK;
    if (takes(&p->video) && packet->stream_index == p->video.stream->index) {
        if (avqa_lookahead_full(&p->ahead))
            rc = decode_oldest(p);
        if (rc == AVQA_OK && !avqa_lookahead_push(&p->ahead, packet))
            rc = avqa_fail(AVQA_ENOMEM, "out of memory for a packet");
    } else if (takes(&p->audio) && packet->stream_index == p->audio.stream->index &&
               !is_early(p, packet)) {
        rc = decode(p, &p->audio, packet);
    }
    av_packet_unref(packet);
    return rc;
}

static enum avqa_status read_all(struct pass *p, AVPacket *packet)
{
    enum avqa_status rc = AVQA_OK;
    while (rc == AVQA_OK && !p->enough && (takes(&p->video) || takes(&p->audio)) &&
           avqa_container_read(p->file, packet)) {
        rc = route(p, packet);
        if (rc == AVQA_OK && avqa_log_stopped(p->options->log))
            rc = avqa_fail(AVQA_ESTOPPED, "stopped");
    }
    if (rc == AVQA_OK)
        rc = avqa_container_status(p->file);
    while (rc == AVQA_OK && !p->enough && takes(&p->video) && p->ahead.n)
        rc = decode_oldest(p);
    if (rc == AVQA_OK && !p->enough && takes(&p->video))
        rc = decode(p, &p->video, NULL);
    if (rc == AVQA_OK && !p->enough && takes(&p->audio))
        rc = decode(p, &p->audio, NULL);
    return rc;
}

/* ---- the pass -------------------------------------------------------------------- */

static enum avqa_status open_tracks(struct pass *p)
{
    const struct avqa_decode_options *o = p->options;
    struct avqa_picture_size size = {o->width, o->height, o->shorter};
    enum avqa_status rc = AVQA_OK;
    p->frame = av_frame_alloc();
    if (!p->frame)
        avqa_mem_exhausted();
    p->zero_us = avqa_container_zero_us(p->file) + o->start_us;
    p->length_us = o->end_us ? o->end_us - o->start_us : INT64_MAX;
    p->samples_left =
        o->end_us ? av_rescale(p->length_us, o->rate_hz, AV_TIME_BASE) : INT64_MAX;
    p->video.stream = p->file->video;
    p->audio.stream = p->file->audio;
    if (p->video.stream && o->picture)
        rc = avqa_container_decoder(&p->video.ctx, p->file, p->video.stream,
                                    o->n_threads);
    if (rc == AVQA_OK && p->audio.stream && o->samples)
        rc = avqa_container_decoder(&p->audio.ctx, p->file, p->audio.stream, 1);
    p->pick = (struct avqa_pick){.rate_num = o->rate_num,
                                 .rate_den = o->rate_den,
                                 .times_us = o->times_us,
                                 .n_times = o->n_times};
    if (p->video.ctx)
        p->painter = avqa_painter_new(&size);
    if (p->audio.ctx)
        p->sound = avqa_sound_new(o->rate_hz, give_samples, p);
    if (o->start_us && p->video.ctx)
        (void)avqa_seek(p->file, p->zero_us); /* or all that is before is read */
    p->video.tally.decoded = p->video.ctx != NULL;
    p->audio.tally.decoded = p->audio.ctx != NULL;
    return rc;
}

/* libav ends without a word where packets are missing: the streams' own lengths tell.
 */
static int64_t stated_us(const struct pass *p)
{
    const struct avqa_media_info *info = &p->report->info;
    int64_t us = 0;
    if (p->video.ctx && info->video.duration_us)
        us = info->video.start_us + info->video.duration_us;
    if (p->audio.ctx && info->audio.duration_us &&
        info->audio.start_us + info->audio.duration_us > us)
        us = info->audio.start_us + info->audio.duration_us;
    if (us == 0 && p->video.ctx && p->audio.ctx)
        us = info->duration_us; /* Matroska states only this */
    return us - p->options->start_us;
}

/* What the stretch was asked to be long, or what the file says of what was decoded. */
static int64_t promised_us(const struct pass *p)
{
    const bool in_part =
        (p->file->video && !p->video.ctx) || (p->file->audio && !p->audio.ctx);
    if (p->length_us == INT64_MAX)
        return stated_us(p);
    return (p->options->may_be_shorter || in_part) && stated_us(p) < p->length_us
               ? stated_us(p)
               : p->length_us;
}

static void check_length(struct pass *p)
{
    enum { MARGIN_US = 1000000 };
    const bool part = p->options->start_us || p->options->end_us;
    int64_t end_us = p->report->picture_end_us;
    if (p->report->sound_end_us > end_us)
        end_us = p->report->sound_end_us;
    if (!p->enough && !p->file->gave_up && (end_us || part) &&
        promised_us(p) > end_us + MARGIN_US)
        avqa_verdict_set(&p->report->info.verdict, AVQA_MEDIA_TRUNCATED,
                         part ? "the stretch of %.1f s ends after %.1f s"
                              : "it says it lasts %.1f s, but ends after %.1f s",
                         (double)promised_us(p) / 1e6, (double)end_us / 1e6);
}

static enum avqa_status run(struct pass *p)
{
    AVPacket *packet = av_packet_alloc();
    enum avqa_status rc = open_tracks(p);
    if (!packet)
        rc = avqa_fail(AVQA_ENOMEM, "out of memory for a packet");
    if (rc == AVQA_OK)
        rc = read_all(p, packet);
    if (rc == AVQA_OK)
        rc = end_pictures(p);
    if (rc == AVQA_OK)
        rc = end_sound(p);
    if (rc == AVQA_OK) {
        avqa_describe_outcome(&p->report->info, &p->video.tally, &p->audio.tally);
        check_length(p);
    }
    p->report->n_video_packets = p->video.tally.n_packets;
    p->report->n_audio_packets = p->audio.tally.n_packets;
    p->report->n_video_bad = p->video.tally.n_bad;
    p->report->n_decoded = p->video.tally.n_frames;
    p->report->n_audio_bad = p->audio.tally.n_bad;
    av_packet_free(&packet);
    return rc;
}

static void release(struct pass *p)
{
    avqa_lookahead_release(&p->ahead);
    avcodec_free_context(&p->video.ctx);
    avcodec_free_context(&p->audio.ctx);
    avqa_painter_free(p->painter);
    avqa_sound_free(p->sound);
    av_frame_free(&p->frame);
    av_frame_free(&p->held);
    avqa_container_close(p->file);
}

static enum avqa_status check_options(const struct avqa_decode_options *o)
{
    const int most = 1000000;
    if (o->picture && !o->times_us &&
        (o->rate_num < 1 || o->rate_den < 1 || o->rate_num > most ||
         o->rate_den > most || o->rate_num / o->rate_den > AVQA_DECODE_MAX_RATE))
        return avqa_fail(AVQA_EINVAL, "%d/%d pictures a second are asked for",
                         o->rate_num, o->rate_den);
    if (o->times_us && o->rate_num)
        return avqa_fail(AVQA_EINVAL, "a rate and a list of times are asked for");
    for (size_t i = 0; o->times_us && i < o->n_times; i++) {
        if (o->times_us[i] < (i ? o->times_us[i - 1] : 0))
            return avqa_fail(AVQA_EINVAL, "the times asked for do not ascend from 0");
    }
    if (o->samples && (o->rate_hz < 1000 || o->rate_hz > 384000))
        return avqa_fail(AVQA_EINVAL, "sound of %d Hz is asked for", o->rate_hz);
    if (o->start_us < 0 || o->start_us > AVQA_MEDIA_DURATION_US_DEFAULT ||
        (o->end_us && o->end_us <= o->start_us))
        return avqa_fail(AVQA_EINVAL, "a stretch from %.3f to %.3f s is asked for",
                         (double)o->start_us / 1e6, (double)o->end_us / 1e6);
    if (o->n_threads < 0 || o->n_threads > AVQA_DECODE_MAX_THREADS)
        return avqa_fail(AVQA_EINVAL, "%d threads are asked for", o->n_threads);
    return AVQA_OK;
}

enum avqa_status avqa_decode(struct avqa_decode_report *report, const char *path,
                             const struct avqa_decode_options *options)
{
    struct pass p = {.options = options, .report = report};
    struct avqa_media_limits limits = avqa_media_limits_or_default(&options->limits);
    memset(report, 0, sizeof *report);
    enum avqa_status rc = check_options(options);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_container_open(&p.file, path, &limits, &report->info.verdict);
    if (rc != AVQA_OK || !p.file)
        return rc;
    avqa_describe_container(&report->info, p.file);
    rc = run(&p);
    release(&p);
    return rc;
}
