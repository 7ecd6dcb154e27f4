/* See copy.h. Packets from the last key frame before the range on, up to the last one
 * whose picture begins in the range: so the clip has pictures before it, and perhaps
 * some after it, which those of the range depend on. All of them are shown, and the
 * report counts them. Pictures that would come before the key frame but follow it in
 * the file are left out: what they depend on is not there. */
#include "media/copy.h"
#include "base/mem.h"
#include "media/splice.h"
#include "media/verify.h"

#include <stdio.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#define US_PER_S INT64_C(1000000)

struct copy {
    struct avqa_cutting *c;
    size_t key, end;          /* places in c->packets: [key, end) are copied */
    int64_t start_us, end_us; /* of what is copied, after time 0 */
    struct avqa_splice splice;
    AVPacket *packet;
    int64_t n_sounds, last_sound;
    enum avqa_status rc; /* of what a callback could not return */
};

static bool is_copied(const struct copy *k, size_t i)
{
    const struct avqa_cutting_packet *p = &k->c->packets[i];
    return i >= k->key && i < k->end && !p->dropped && p->at_us >= k->start_us;
}

/* What to copy, and how long it really is. */
static bool plan(struct copy *k)
{
    struct avqa_cutting *c = k->c;
    k->key = (size_t)c->key_packet;
    if (c->n_in_range <= 0 || !c->packets[k->key].key) {
        avqa_cutting_remark(c, "nothing-there",
                            "it has no key frame and picture for that time");
        return false;
    }
    k->start_us = c->packets[k->key].at_us;
    for (size_t i = k->key; i < c->n_listed; i++) {
        if (!c->packets[i].dropped && c->packets[i].at_us >= c->options->start_us &&
            c->packets[i].at_us < c->options->end_us)
            k->end = i + 1;
    }
    for (size_t i = k->key; i < k->end; i++) {
        int64_t end_us = c->packets[i].at_us + c->packets[i].length_us;
        if (is_copied(k, i) && end_us > k->end_us)
            k->end_us = end_us;
    }
    return true;
}

static bool can_hold(struct avqa_cutting *c, const AVStream *stream, const char *what)
{
    char detail[AVQA_VERDICT_REASON];
    const AVOutputFormat *mp4 = av_guess_format("mp4", NULL, NULL);
    if (!stream || (mp4 && avformat_query_codec(mp4, stream->codecpar->codec_id,
                                                FF_COMPLIANCE_NORMAL) == 1))
        return true;
    snprintf(detail, sizeof detail, "MP4 cannot hold its %s ('%s'); cut it exactly",
             what, avcodec_get_name(stream->codecpar->codec_id));
    avqa_cutting_remark(c, "not-copied", detail);
    return false;
}

static bool list_times(struct copy *k)
{
    struct avqa_cutting *c = k->c;
    size_t index = 0;
    c->offset = av_rescale(c->reader.zero_us + k->start_us, c->ticks_per_s, US_PER_S);
    for (size_t i = k->key; i < k->end; i++) {
        if (is_copied(k, i))
            avqa_splice_add(&k->splice, avqa_cutting_ticks(c, c->packets[i].pts));
    }
    k->splice.end = av_rescale(k->end_us - k->start_us, c->ticks_per_s, US_PER_S);
    if (!avqa_splice_sort(&k->splice))
        return false;
    if (k->splice.end <= k->splice.times[k->splice.n_times - 1])
        k->splice.end = k->splice.times[k->splice.n_times - 1] + 1;
    for (size_t i = k->key; i < k->end; i++) {
        if (is_copied(k, i))
            avqa_splice_expect(&k->splice, index++,
                               avqa_cutting_ticks(c, c->packets[i].pts));
    }
    return true;
}

/* ---- packets --------------------------------------------------------------------- */

static enum avqa_status copy_picture(struct copy *k, const AVPacket *packet)
{
    if (av_packet_ref(k->packet, packet) < 0)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a packet");
    k->packet->pts = avqa_cutting_ticks(k->c, packet->pts);
    enum avqa_status rc = avqa_splice_write(&k->splice, k->c->encoder, k->packet);
    av_packet_unref(k->packet);
    return rc;
}

static bool wants_picture(void *user, const AVPacket *packet)
{
    struct avqa_cutting *c = user;
    struct copy *k = c->mode;
    const size_t i = (size_t)c->n_packets++;
    if (i < k->end && is_copied(k, i) && k->rc == AVQA_OK)
        k->rc = copy_picture(k, packet);
    if (i + 1 >= k->end || k->rc != AVQA_OK)
        c->reader.video_done = true;
    return false;
}

static enum avqa_status copy_sound(struct copy *k, const AVPacket *packet)
{
    struct avqa_cutting *c = k->c;
    const AVRational base = c->reader.file->audio->time_base;
    const AVRational ticks = {1, c->ticks_per_s};
    if (av_packet_ref(k->packet, packet) < 0)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a packet");
    k->packet->pts = av_rescale_q(packet->pts, base, ticks) - c->offset;
    if (k->n_sounds && k->packet->pts <= k->last_sound)
        k->packet->pts = k->last_sound + 1;
    k->packet->dts = k->last_sound = k->packet->pts;
    k->packet->duration = av_rescale_q(packet->duration, base, ticks);
    k->n_sounds++;
    enum avqa_status rc = avqa_encoder_copy_sound(c->encoder, k->packet);
    av_packet_unref(k->packet);
    return rc;
}

/* Whole packets that begin in the time of the pictures. */
static bool wants_sound(void *user, const AVPacket *packet)
{
    struct avqa_cutting *c = user;
    struct copy *k = c->mode;
    if (packet->pts == AV_NOPTS_VALUE || k->rc != AVQA_OK)
        return false;
    int64_t at_us =
        avqa_container_us(c->reader.file->audio, packet->pts) - c->reader.zero_us;
    if (at_us >= k->end_us)
        c->reader.audio_done = true;
    else if (at_us >= k->start_us && !(packet->flags & AV_PKT_FLAG_DISCARD))
        k->rc = copy_sound(k, packet);
    return false;
}

/* ---- the clip -------------------------------------------------------------------- */

/* Times differ from a microsecond on that is not rounding, or from a sample on. */
static bool is_apart(const struct copy *k, int64_t a_us, int64_t b_us)
{
    int64_t least_us = k->c->rate_hz ? 1000000 / k->c->rate_hz : 1;
    int64_t off_us = a_us > b_us ? a_us - b_us : b_us - a_us;
    return off_us > (least_us > 1 ? least_us : 1);
}

static void say_what_it_holds(struct copy *k)
{
    struct avqa_cutting *c = k->c;
    const struct avqa_cut_options *o = c->options;
    char detail[AVQA_VERDICT_REASON];
    struct avqa_cut_report *r = c->report;
    c->last_end_us = k->end_us;
    c->rate_hz = k->n_sounds ? c->reader.file->audio->codecpar->sample_rate : 0;
    r->start_us = k->start_us;
    r->n_copied = (int64_t)k->splice.n_times;
    if (is_apart(k, k->start_us, o->start_us) || is_apart(k, k->end_us, o->end_us)) {
        snprintf(detail, sizeof detail,
                 "it is from %.6f to %.6f s of its source, asked for was %.6f to %.6f",
                 (double)k->start_us / 1e6, (double)k->end_us / 1e6,
                 (double)o->start_us / 1e6, (double)o->end_us / 1e6);
        avqa_cutting_remark(c, "other-times", detail);
    }
    avqa_cutting_report(c, k->splice.n_times);
    r->end_us = k->end_us;
    r->n_samples = 0; /* they were not decoded */
}

static enum avqa_status finish(struct copy *k)
{
    struct avqa_cutting *c = k->c;
    char difference[AVQA_VERDICT_REASON];
    const struct avqa_verify_spliced expected = {.all = {.times = k->splice.times,
                                                         .n_times = k->splice.n_times,
                                                         .ticks_per_s = c->ticks_per_s},
                                                 .n_copied = k->splice.n_times};
    say_what_it_holds(k);
    enum avqa_status rc = avqa_encoder_finish(c->encoder, k->splice.end);
    if (rc == AVQA_OK)
        rc = avqa_verify_spliced(difference, sizeof difference,
                                 avqa_encoder_temp(c->encoder), &expected,
                                 c->options->log);
    return rc == AVQA_OK ? avqa_cutting_publish(c, difference) : rc;
}

static enum avqa_status make(struct copy *k)
{
    struct avqa_cutting *c = k->c;
    const struct avqa_reader reader = {.wants = wants_picture,
                                       .wants_sound = wants_sound};
    enum avqa_status rc = avqa_cutting_start(c, &reader);
    if (rc != AVQA_OK || !c->reader.file ||
        !can_hold(c, c->reader.file->video, "video") ||
        !can_hold(c, c->reader.file->audio, "sound"))
        return rc;
    if (!list_times(k))
        return avqa_fail(AVQA_EFORMAT, "two of its pictures are shown at one time");
    struct avqa_encode_form form = avqa_cutting_form(c);
    form.rate_hz = 0;
    form.copied_pictures = c->reader.file->video->codecpar;
    form.copied_sound = c->n_sounds ? c->reader.file->audio->codecpar : NULL;
    form.copied_from = c->reader.file->video;
    rc = avqa_cutting_open_encoder(c, &form);
    if (rc == AVQA_OK)
        rc = avqa_cutting_run(c);
    if (rc == AVQA_OK)
        rc = k->rc;
    return rc == AVQA_OK ? finish(k) : rc;
}

enum avqa_status avqa_copy(struct avqa_cutting *c)
{
    struct copy k = {.c = c};
    enum avqa_status rc = AVQA_OK;
    c->report->mode = AVQA_CUT_COPY;
    if (c->options->mirror) {
        avqa_cutting_remark(c, "not-copied", "a mirrored picture must be encoded");
        return AVQA_OK;
    }
    k.packet = av_packet_alloc();
    if (!k.packet)
        avqa_mem_exhausted();
    c->mode = &k;
    if (plan(&k))
        rc = make(&k);
    if (rc == AVQA_EFORMAT) {
        *c->report->reason = '\0';
        avqa_cutting_remark(c, "not-copied", avqa_message());
        rc = AVQA_OK;
    }
    c->mode = NULL;
    avqa_splice_release(&k.splice);
    av_packet_free(&k.packet);
    return rc;
}
