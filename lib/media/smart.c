/* See smart.h. The pictures of a clip are three parts: a head before the first IDR
 * picture of the range, encoded; then packets as they are in the source; and a tail,
 * encoded again. The copied part ends not at a key frame but at the last packet up to
 * which all pictures are shown before all others: the rest are the few pictures that
 * depend on one after the range. Head and tail begin with IDR pictures, too, so each
 * part brings its own parameter sets into force; those of all parts stand in the file's
 * header, under different ids. What this refuses, an exact cut makes. */
#include "media/smart.h"
#include "base/mem.h"
#include "media/edge.h"
#include "media/h264.h"
#include "media/splice.h"
#include "media/verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#define US_PER_S INT64_C(1000000)

struct smart {
    struct avqa_cutting *c;
    /* places in c->packets: copied are [first, end) */
    size_t first, end;
    size_t tail_key; /* the tail is decoded from here on */
    size_t n_head, n_tail;
    int64_t tail_us; /* when the tail begins */
    struct avqa_splice splice;
    struct avqa_h264_sets sets;
    struct avqa_edge *edge; /* of head or tail */
    AVCodecParameters *params;
    AVPacket *packet;
    struct avqa_buf bytes;
    uint64_t *hashes; /* of the copied packets */
    size_t n_hashes, hashes_cap;
    enum avqa_status rc; /* of what a callback could not return */
};

static AVQA_PRINTF(2, 3) void unfit(struct avqa_cutting *c, const char *fmt, ...)
{
    va_list args;
    if (*c->report->fell_back)
        return;
    va_start(args, fmt);
    vsnprintf(c->report->fell_back, sizeof c->report->fell_back, fmt, args);
    va_end(args);
}

/* ---- whether it can be done ------------------------------------------------------ */

static bool is_fit(struct avqa_cutting *c)
{
    const struct avqa_media_video *v = &c->report->info.video;
    if (c->options->mirror)
        unfit(c, "a mirrored picture must be encoded");
    else if (strcmp(v->codec, "h264") != 0)
        unfit(c, "its codec is '%s', not H.264", v->codec);
    else if (strcmp(v->pixels, "yuv420p") != 0)
        unfit(c, "its pixels are '%s', not yuv420p", v->pixels);
    else if (v->turn.transpose || v->turn.flip_x || v->turn.flip_y)
        unfit(c, "it is shown turned by %d degrees", v->rotation_deg);
    else if (v->sar_num != v->sar_den)
        unfit(c, "its pixels are %d : %d, not square", v->sar_num, v->sar_den);
    else if (v->width % 2 || v->height % 2)
        unfit(c, "its size of %d x %d is odd", v->width, v->height);
    else if (c->report->info.verdict.outcome > AVQA_MEDIA_NO_AUDIO)
        unfit(c, "it is %s", avqa_media_outcome_name(c->report->info.verdict.outcome));
    else if (c->n_in_range <= 0 || !c->n_listed)
        unfit(c, "its packets do not say when their pictures are shown");
    return !*c->report->fell_back;
}

static bool in_range(const struct avqa_cutting *c, size_t i)
{
    const struct avqa_cutting_packet *p = &c->packets[i];
    return !p->dropped && p->at_us >= c->options->start_us &&
           p->at_us < c->options->end_us;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* least_after[i] becomes the earliest picture of the range among the packets from i on.
 */
static int64_t *find_least_after(const struct avqa_cutting *c)
{
    int64_t *least_after = NULL;
    size_t cap = 0;
    avqa_mem_need(&least_after, &cap, c->n_listed + 1, sizeof *least_after);
    least_after[c->n_listed] = INT64_MAX;
    for (size_t i = c->n_listed; i-- > 0;)
        least_after[i] = in_range(c, i) ? least(least_after[i + 1], c->packets[i].at_us)
                                        : least_after[i + 1];
    return least_after;
}

static bool find_first(struct smart *s, const int64_t *least_after)
{
    const struct avqa_cutting *c = s->c;
    int64_t most_before = INT64_MIN;
    for (size_t i = (size_t)c->key_packet; i < c->n_listed; i++) {
        const struct avqa_cutting_packet *p = &c->packets[i];
        if (in_range(c, i) && p->idr && p->key && most_before < p->at_us &&
            least_after[i] == p->at_us) {
            s->first = i;
            return true;
        }
        if (in_range(c, i)) {
            s->n_head++;
            most_before = most(most_before, p->at_us);
        }
    }
    return false;
}

/* Where copying ends, see above. */
static void find_end(struct smart *s, const int64_t *least_after)
{
    const struct avqa_cutting *c = s->c;
    int64_t most_before = INT64_MIN;
    s->end = s->first;
    for (size_t i = s->first; i < c->n_listed && in_range(c, i); i++) {
        most_before = most(most_before, c->packets[i].at_us);
        if (most_before < least_after[i + 1])
            s->end = i + 1;
    }
    s->tail_us = least_after[s->end];
    for (size_t i = s->first; i < s->end; i++)
        s->tail_key = c->packets[i].idr ? i : s->tail_key;
    for (size_t i = s->end; i < c->n_listed; i++)
        s->n_tail += in_range(c, i);
}

static bool plan(struct smart *s)
{
    struct avqa_cutting *c = s->c;
    if (!is_fit(c))
        return false;
    int64_t *least_after = find_least_after(c);
    bool found = find_first(s, least_after);
    if (found)
        find_end(s, least_after);
    free(least_after);
    if (!found || s->end == s->first)
        unfit(c, "there is no group of pictures in it that begins with an IDR picture");
    return !*c->report->fell_back;
}

/* ---- opening --------------------------------------------------------------------- */

/* All times of the clip, on its own clock. */
static bool list_times(struct smart *s)
{
    struct avqa_cutting *c = s->c;
    const struct avqa_cutting_packet *last = NULL;
    for (size_t i = 0; i < c->n_listed; i++) {
        if (!in_range(c, i))
            continue;
        if (!last || c->packets[i].at_us > last->at_us)
            last = &c->packets[i];
        int64_t at = avqa_cutting_ticks(c, c->packets[i].pts);
        avqa_splice_add(&s->splice, at > 0 ? at : 0);
    }
    c->last_end_us = last->at_us + last->length_us;
    int64_t end_us = least(c->last_end_us, c->options->end_us);
    s->splice.end = av_rescale(end_us - c->options->start_us, c->ticks_per_s, US_PER_S);
    if (!avqa_splice_sort(&s->splice))
        return false;
    if (s->splice.end <= s->splice.times[s->splice.n_times - 1])
        s->splice.end = s->splice.times[s->splice.n_times - 1] + 1;
    for (size_t i = s->first; i < s->end; i++)
        avqa_splice_expect(&s->splice, s->n_head + i - s->first,
                           avqa_cutting_ticks(c, c->packets[i].pts));
    return true;
}

static enum avqa_status open_edge(struct smart *s)
{
    struct avqa_encode_form form = avqa_cutting_form(s->c);
    return avqa_edge_open(&s->edge, &form, s->c->reader.file->video->codecpar,
                          &s->sets);
}

/* The file's header: the parameter sets of the source, then those of the edges. */
static enum avqa_status describe(struct smart *s)
{
    const AVCodecParameters *par = s->c->reader.file->video->codecpar;
    size_t n_edge = 0;
    const uint8_t *edge = s->edge ? avqa_edge_sets(s->edge, &n_edge) : NULL;
    size_t n = s->sets.bytes.len;
    s->params = avcodec_parameters_alloc();
    if (!s->params || avcodec_parameters_copy(s->params, par) < 0)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a stream");
    av_freep(&s->params->extradata);
    s->params->extradata_size = (int)(n + n_edge);
    s->params->extradata = av_mallocz(n + n_edge + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!s->params->extradata)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a stream");
    memcpy(s->params->extradata, s->sets.bytes.data, n);
    if (edge)
        memcpy(s->params->extradata + n, edge, n_edge);
    return AVQA_OK;
}

static enum avqa_status open_clip(struct smart *s)
{
    struct avqa_cutting *c = s->c;
    const AVCodecParameters *par = c->reader.file->video->codecpar;
    enum avqa_status rc =
        avqa_h264_read_sets(&s->sets, par->extradata, (size_t)par->extradata_size);
    if (rc == AVQA_OK && (s->n_head || s->n_tail))
        rc = open_edge(s);
    if (rc == AVQA_OK)
        rc = describe(s);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_encode_form form = avqa_cutting_form(c);
    form.copied_pictures = s->params;
    return avqa_cutting_open_encoder(c, &form);
}

/* ---- pictures -------------------------------------------------------------------- */

static enum avqa_status copy_packet(struct smart *s, const AVPacket *packet)
{
    struct avqa_cutting *c = s->c;
    const AVCodecParameters *par = c->reader.file->video->codecpar;
    avqa_mem_need(&s->hashes, &s->hashes_cap, s->n_hashes + 1, sizeof *s->hashes);
    avqa_buf_clear(&s->bytes);
    if (av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, NULL))
        return avqa_fail(AVQA_EFORMAT, "its header changes");
    enum avqa_status rc = avqa_h264_rewrite(
        &s->bytes, &s->hashes[s->n_hashes++], packet->data, (size_t)packet->size,
        par->extradata, (size_t)par->extradata_size, &s->sets);
    if (rc == AVQA_OK)
        rc = avqa_buf_status(&s->bytes);
    if (rc != AVQA_OK)
        return rc;
    if (av_new_packet(s->packet, (int)s->bytes.len) < 0)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a packet");
    memcpy(s->packet->data, s->bytes.data, s->bytes.len);
    s->packet->flags = packet->flags & AV_PKT_FLAG_KEY;
    s->packet->pts = avqa_cutting_ticks(c, packet->pts);
    rc = avqa_splice_write(&s->splice, c->encoder, s->packet);
    av_packet_unref(s->packet);
    return rc;
}

/* What is still in decoder and encoder belongs to the part that ends here. */
static enum avqa_status end_part(struct smart *s)
{
    struct avqa_cutting *c = s->c;
    enum avqa_status rc = avqa_reader_drain_video(&c->reader);
    if (rc == AVQA_OK && s->edge)
        rc = avqa_edge_picture(s->edge, NULL, 0, &s->splice, c->encoder);
    avqa_edge_close(s->edge);
    s->edge = NULL;
    return rc;
}

static bool wants_packet(void *user, const AVPacket *packet)
{
    struct avqa_cutting *c = user;
    struct smart *s = c->mode;
    const size_t i = (size_t)c->n_packets++;
    if (i == s->first && s->n_head)
        s->rc = end_part(s);
    if (s->rc == AVQA_OK && i >= s->first && i < s->end)
        s->rc = copy_packet(s, packet);
    if (s->rc != AVQA_OK || (i + 1 >= s->end && !s->n_tail)) {
        c->reader.video_done = true;
        return false;
    }
    bool head = s->n_head && i >= (size_t)c->key_packet && i < s->first;
    return head || (s->n_tail && i >= s->tail_key);
}

static enum avqa_status take_picture(void *user, AVFrame *frame)
{
    struct avqa_cutting *c = user;
    struct smart *s = c->mode;
    const AVCodecParameters *par = c->reader.file->video->codecpar;
    int64_t at;
    int64_t begin_us = avqa_cutting_begin_of(c, frame, &at);
    if (begin_us >= c->options->end_us) {
        c->reader.video_done = true;
        return AVQA_OK;
    }
    bool head =
        begin_us >= c->options->start_us && begin_us < c->packets[s->first].at_us;
    if (!head && !(s->n_tail && begin_us >= s->tail_us))
        return AVQA_OK;
    if (frame->format != AV_PIX_FMT_YUV420P || frame->width != par->width ||
        frame->height != par->height || frame->interlaced_frame ||
        frame->color_range == AVCOL_RANGE_JPEG)
        return avqa_fail(AVQA_EFORMAT, "its pictures are interlaced or change");
    enum avqa_status rc = s->edge ? AVQA_OK : open_edge(s);
    return rc == AVQA_OK ? avqa_edge_picture(s->edge, frame, at, &s->splice, c->encoder)
                         : rc;
}

/* ---- the end --------------------------------------------------------------------- */

static enum avqa_status splice(struct smart *s)
{
    struct avqa_cutting *c = s->c;
    enum avqa_status rc = avqa_cutting_run(c);
    if (rc == AVQA_OK)
        rc = s->rc;
    if (rc == AVQA_OK && s->edge)
        rc = avqa_edge_picture(s->edge, NULL, 0, &s->splice, c->encoder);
    if (rc == AVQA_OK && s->splice.n_packets != s->splice.n_times)
        rc = avqa_fail(AVQA_EFORMAT, "%zu pictures came of the %zu that are there",
                       s->splice.n_packets, s->splice.n_times);
    if (rc == AVQA_OK && (c->reader.n_video_bad || c->reader.n_audio_bad))
        rc = avqa_fail(AVQA_EFORMAT, "packets at its edges do not decode");
    return rc;
}

static enum avqa_status check(struct smart *s, char *difference, size_t size)
{
    struct avqa_verify_spliced expected = {
        .all = {.times = s->splice.times,
                .n_times = s->splice.n_times,
                .ticks_per_s = s->c->ticks_per_s,
                .n_samples = s->c->n_samples},
        .sets = &s->sets,
        .copied_from = s->n_head,
        .hashes = s->hashes,
        .n_copied = s->n_hashes,
    };
    return avqa_verify_spliced(difference, size, avqa_encoder_temp(s->c->encoder),
                               &expected, s->c->options->log);
}

static enum avqa_status finish(struct smart *s)
{
    struct avqa_cutting *c = s->c;
    char difference[AVQA_VERDICT_REASON];
    c->last_end_us = c->packets[0].at_us;
    for (size_t i = 0; i < c->n_listed; i++) {
        if (in_range(c, i))
            c->last_end_us =
                most(c->last_end_us, c->packets[i].at_us + c->packets[i].length_us);
    }
    c->report->start_us = INT64_MAX;
    for (size_t i = 0; i < c->n_listed; i++) {
        if (in_range(c, i))
            c->report->start_us = least(c->report->start_us, c->packets[i].at_us);
    }
    avqa_cutting_report(c, s->splice.n_times);
    c->report->mode = AVQA_CUT_SMART;
    c->report->n_copied = (int64_t)s->n_hashes;
    enum avqa_status rc = avqa_encoder_finish(c->encoder, s->splice.end);
    if (rc == AVQA_OK)
        rc = check(s, difference, sizeof difference);
    if (rc != AVQA_OK)
        return rc;
    if (*difference) {
        unfit(c, "when read again, %s", difference);
        return AVQA_OK;
    }
    rc = avqa_encoder_publish(c->encoder);
    c->report->written = rc == AVQA_OK;
    return rc;
}

static enum avqa_status make(struct smart *s)
{
    struct avqa_cutting *c = s->c;
    const struct avqa_reader reader = {.wants = wants_packet,
                                       .picture = take_picture,
                                       .sound =
                                           c->rate_hz ? avqa_cutting_take_sound : NULL};
    enum avqa_status rc = avqa_cutting_start(c, &reader);
    if (rc != AVQA_OK)
        return rc;
    if (!c->reader.video || !list_times(s))
        return avqa_fail(AVQA_EFORMAT, "two of its pictures are shown at one time");
    rc = open_clip(s);
    if (rc == AVQA_OK)
        rc = splice(s);
    return rc == AVQA_OK ? finish(s) : rc;
}

static void release(struct smart *s)
{
    avqa_edge_close(s->edge);
    avqa_splice_release(&s->splice);
    avqa_h264_sets_release(&s->sets);
    avcodec_parameters_free(&s->params);
    av_packet_free(&s->packet);
    avqa_buf_release(&s->bytes);
    free(s->hashes);
}

enum avqa_status avqa_smart(struct avqa_cutting *c)
{
    struct smart s = {.c = c};
    enum avqa_status rc = AVQA_OK;
    s.packet = av_packet_alloc();
    if (!s.packet)
        avqa_mem_exhausted();
    c->mode = &s;
    if (plan(&s))
        rc = make(&s);
    if (rc == AVQA_EFORMAT) { /* nothing of ours */
        unfit(c, "%s", avqa_message());
        rc = AVQA_OK;
    }
    c->mode = NULL;
    release(&s);
    return rc;
}
