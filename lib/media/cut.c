/* See cut.h. Two passes over the source (cutting.h). The second decodes from the key
 * frame before the range on and encodes. If fewer pictures decode than there are
 * packets for them, all is decoded from the beginning. */
#include "media/cut.h"
#include "media/copy.h"
#include "media/cutting.h"
#include "media/describe.h"
#include "media/smart.h"
#include "media/verify.h"

#include <string.h>

#include <libavcodec/packet.h>
#include <libavutil/frame.h>
#include <libavutil/mathematics.h>

#define US_PER_S INT64_C(1000000)

const char *avqa_cut_mode_name(enum avqa_cut_mode mode)
{
    static const char *const names[AVQA_CUT_MODES] = {"exact", "smart", "copy"};
    return names[mode];
}

static bool is_usable(const struct avqa_cutting *c)
{
    enum avqa_media_outcome outcome = c->report->info.verdict.outcome;
    return outcome < AVQA_MEDIA_TOO_LONG && outcome != AVQA_MEDIA_NO_VIDEO;
}

/* ---- encoding -------------------------------------------------------------------- */

static bool wants_packet(void *user, const AVPacket *packet)
{
    struct avqa_cutting *c = user;
    (void)packet;
    return c->n_packets++ >= c->key_packet;
}

static enum avqa_status open_encoder(struct avqa_cutting *c, const AVFrame *picture)
{
    struct avqa_encode_form form = avqa_cutting_form(c);
    form.like = picture;
    return avqa_cutting_open_encoder(c, &form);
}

static enum avqa_status take_picture(void *user, AVFrame *frame)
{
    struct avqa_cutting *c = user;
    struct avqa_media_video *video = &c->report->info.video;
    const AVFrame *picture;
    int64_t at;
    int64_t begin_us = avqa_cutting_begin_of(c, frame, &at);
    if (begin_us >= c->options->end_us) {
        c->last_end_us = c->options->end_us;
        c->reader.video_done = true;
        return AVQA_OK;
    }
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

static enum avqa_status encode(struct avqa_cutting *c)
{
    const struct avqa_reader reader = {.wants = wants_packet,
                                       .picture = take_picture,
                                       .sound =
                                           c->rate_hz ? avqa_cutting_take_sound : NULL};
    enum avqa_status rc = avqa_cutting_start(c, &reader);
    return rc == AVQA_OK && c->reader.video ? avqa_cutting_run(c) : rc;
}

/* Encodes from the key frame on, or, if that gives too few pictures, from the start. */
static enum avqa_status encode_all(struct avqa_cutting *c)
{
    size_t n = 0;
    enum avqa_status rc = encode(c);
    if (rc == AVQA_OK && c->encoder)
        avqa_encoder_times(c->encoder, &n);
    bool from_start = c->key_packet == 0 && !c->sought;
    if (rc != AVQA_OK || from_start || (int64_t)n == c->n_in_range)
        return rc;
    c->key_packet = 0;
    c->linear = true;
    return encode(c);
}

static enum avqa_status finish(struct avqa_cutting *c)
{
    char difference[AVQA_VERDICT_REASON];
    struct avqa_verify_expected expected = {.ticks_per_s = c->ticks_per_s,
                                            .n_samples = c->n_samples};
    expected.times = avqa_encoder_times(c->encoder, &expected.n_times);
    avqa_cutting_report(c, expected.n_times);
    int64_t end =
        av_rescale(c->report->end_us - c->options->start_us, c->ticks_per_s, US_PER_S);
    enum avqa_status rc = avqa_encoder_finish(c->encoder, end);
    if (rc != AVQA_OK)
        return rc;
    expected.times = avqa_encoder_times(c->encoder, &expected.n_times);
    rc = avqa_verify(difference, sizeof difference, avqa_encoder_temp(c->encoder),
                     &expected, c->options->log);
    return rc == AVQA_OK ? avqa_cutting_publish(c, difference) : rc;
}

/* What the first pass found is encoded. */
static enum avqa_status cut_exactly(struct avqa_cutting *c)
{
    enum avqa_status rc = is_usable(c) ? encode_all(c) : AVQA_OK;
    const struct avqa_verdict *verdict = &c->report->info.verdict;
    c->report->mode = AVQA_CUT_EXACT;
    if (rc == AVQA_EFORMAT) { /* the source's pictures cannot be drawn */
        avqa_cutting_remark(c, avqa_media_outcome_name(AVQA_MEDIA_UNSUPPORTED),
                            avqa_message());
        return AVQA_OK;
    }
    if (rc == AVQA_OK && c->encoder && verdict->outcome < AVQA_MEDIA_TOO_LONG)
        return finish(c); /* a limit that was reached would cut it short */
    if (rc == AVQA_OK && verdict->outcome > AVQA_MEDIA_NO_AUDIO)
        avqa_cutting_remark(c, avqa_media_outcome_name(verdict->outcome),
                            verdict->reason);
    if (rc == AVQA_OK)
        avqa_cutting_remark(c, "nothing-there",
                            "it has no picture that begins in that time");
    return rc;
}

/* ---- any way --------------------------------------------------------------------- */

static enum avqa_status cut(struct avqa_cutting *c)
{
    const enum avqa_cut_mode mode = c->options->mode;
    enum avqa_status rc = avqa_cutting_measure(c);
    if (rc != AVQA_OK || mode == AVQA_CUT_EXACT || !is_usable(c))
        return rc == AVQA_OK ? cut_exactly(c) : rc;
    if (mode == AVQA_CUT_COPY)
        return avqa_copy(c);
    rc = avqa_smart(c);
    if (rc != AVQA_OK || c->report->written)
        return rc;
    *c->report->reason = *c->report->detail = '\0';
    c->report->n_copied = 0;
    return cut_exactly(c);
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
    struct avqa_cutting c = {
        .options = options, .report = report, .out = out, .source = source};
    memset(report, 0, sizeof *report);
    enum avqa_status rc = check_options(options);
    if (rc != AVQA_OK)
        return rc;
    c.lists_packets = options->mode != AVQA_CUT_EXACT;
    c.linear = options->linear;
    rc = cut(&c);
    report->sought = c.sought;
    avqa_cutting_release(&c);
    return rc;
}
