/* See verify.h. Nothing that a header says is taken for true: what was encoded
 * is decoded, what was copied is compared. */
#include "media/verify.h"
#include "base/mem.h"
#include "media/reader.h"

#include <stdio.h>
#include <stdlib.h>

#include <libavcodec/packet.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>

struct check {
    const struct avqa_verify_expected *expected;
    struct avqa_reader reader;
    size_t n_pictures, n_late; /* late: at another time than expected */
    int64_t n_samples;
};

static enum avqa_status see(void *user, AVFrame *frame)
{
    struct check *c = user;
    AVRational base = c->reader.file->video->time_base;
    if (c->n_pictures < c->expected->n_times) {
        int64_t at = av_rescale(frame->best_effort_timestamp,
                                (int64_t)base.num * c->expected->ticks_per_s, base.den);
        c->n_late += at != c->expected->times[c->n_pictures];
    }
    c->n_pictures++;
    return AVQA_OK;
}

static enum avqa_status hear(void *user, AVFrame *frame)
{
    struct check *c = user;
    c->n_samples += frame->nb_samples;
    return AVQA_OK;
}

enum avqa_status avqa_verify(char *difference, size_t size, const char *path,
                             const struct avqa_verify_expected *expected,
                             const struct avqa_log *log)
{
    struct avqa_media_info info = {0};
    struct check c = {.expected = expected, .reader = {.picture = see, .sound = hear}};
    c.reader.user = &c;
    *difference = '\0';
    enum avqa_status rc = avqa_reader_open(&c.reader, &info, path, NULL);
    if (rc == AVQA_OK && c.reader.file)
        rc = avqa_reader_run(&c.reader, log);
    avqa_reader_close(&c.reader);
    if (rc != AVQA_OK)
        return rc;
    if (c.n_pictures != expected->n_times)
        snprintf(difference, size, "it decodes to %zu pictures, not %zu", c.n_pictures,
                 expected->n_times);
    else if (c.n_late)
        snprintf(difference, size, "%zu of its %zu pictures are at another time",
                 c.n_late, c.n_pictures);
    else if (llabs(c.n_samples - expected->n_samples) > 1)
        snprintf(difference, size, "it decodes to %lld samples, not %lld",
                 (long long)c.n_samples, (long long)expected->n_samples);
    return AVQA_OK;
}

/* ---- copied packets -------------------------------------------------------------- */

enum { JOIN = 16 }; /* so many copied pictures are decoded, too */

struct spliced {
    const struct avqa_verify_spliced *expected;
    struct avqa_reader reader;
    int64_t *times; /* of all packets */
    size_t n_times, cap;
    struct avqa_buf bytes;
    size_t n_changed, n_sent, n_pictures, n_odd;
    int64_t n_samples, last;
    enum avqa_status rc;
};

static int64_t in_ticks(const struct spliced *s, int64_t time)
{
    const AVRational base = s->reader.file->video->time_base;
    return av_rescale(time, (int64_t)base.num * s->expected->all.ticks_per_s, base.den);
}

static bool is_same(struct spliced *s, const AVPacket *packet, size_t i)
{
    const AVCodecParameters *par = s->reader.file->video->codecpar;
    uint64_t hash;
    avqa_buf_clear(&s->bytes);
    return avqa_h264_rewrite(&s->bytes, &hash, packet->data, (size_t)packet->size,
                             par->extradata, (size_t)par->extradata_size,
                             s->expected->sets) == AVQA_OK &&
           hash == s->expected->hashes[i];
}

/* Decides of each packet whether it is decoded; between two parts the decoder is
 * emptied. */
static bool take_packet(void *user, const AVPacket *packet)
{
    struct spliced *s = user;
    const struct avqa_verify_spliced *e = s->expected;
    const size_t i = s->n_times;
    const size_t end = e->copied_from + e->n_copied;
    avqa_mem_need(&s->times, &s->cap, i + 1, sizeof *s->times);
    s->times[s->n_times++] = in_ticks(s, packet->pts);
    if (e->hashes && i >= e->copied_from && i < end)
        s->n_changed += !is_same(s, packet, i - e->copied_from);
    if (i == e->copied_from + JOIN && i < end && s->rc == AVQA_OK)
        s->rc = avqa_reader_drain_video(&s->reader);
    bool decoded = i < e->copied_from + JOIN || i >= end;
    s->n_sent += decoded;
    return decoded;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static enum avqa_status see_spliced(void *user, AVFrame *frame)
{
    struct spliced *s = user;
    const struct avqa_verify_expected *all = &s->expected->all;
    int64_t at = in_ticks(s, frame->best_effort_timestamp);
    bool known = bsearch(&at, all->times, all->n_times, sizeof at, by_time) != NULL;
    s->n_odd += !known || (s->n_pictures && at <= s->last);
    s->last = at;
    s->n_pictures++;
    return AVQA_OK;
}

static enum avqa_status hear_spliced(void *user, AVFrame *frame)
{
    struct spliced *s = user;
    s->n_samples += frame->nb_samples;
    return AVQA_OK;
}

static void compare(char *difference, size_t size, struct spliced *s)
{
    const struct avqa_verify_spliced *e = s->expected;
    size_t n_late = 0;
    if (s->n_times)
        qsort(s->times, s->n_times, sizeof *s->times, by_time);
    for (size_t i = 0; i < s->n_times && i < e->all.n_times; i++)
        n_late += s->times[i] != e->all.times[i];
    if (s->n_times != e->all.n_times)
        snprintf(difference, size, "it has %zu pictures, not %zu", s->n_times,
                 e->all.n_times);
    else if (n_late)
        snprintf(difference, size, "%zu of its %zu pictures are at another time",
                 n_late, s->n_times);
    else if (s->n_changed)
        snprintf(difference, size, "%zu of its %zu copied packets differ", s->n_changed,
                 e->n_copied);
    else if (s->n_pictures != s->n_sent || s->n_odd || s->reader.n_video_bad)
        snprintf(difference, size, "%zu of %zu pictures decode, %zu at other times",
                 s->n_pictures, s->n_sent, s->n_odd);
    else if (e->all.n_samples && llabs(s->n_samples - e->all.n_samples) > 1)
        snprintf(difference, size, "it decodes to %lld samples, not %lld",
                 (long long)s->n_samples, (long long)e->all.n_samples);
}

enum avqa_status avqa_verify_spliced(char *difference, size_t size, const char *path,
                                     const struct avqa_verify_spliced *expected,
                                     const struct avqa_log *log)
{
    struct avqa_media_info info = {0};
    struct spliced s = {
        .expected = expected,
        .reader = {.wants = take_packet,
                   .picture = see_spliced,
                   .sound = expected->all.n_samples ? hear_spliced : NULL}};
    s.reader.user = &s;
    *difference = '\0';
    enum avqa_status rc = avqa_reader_open(&s.reader, &info, path, NULL);
    if (rc == AVQA_OK && s.reader.file)
        rc = avqa_reader_run(&s.reader, log);
    if (rc == AVQA_OK)
        rc = s.rc;
    if (rc == AVQA_OK)
        compare(difference, size, &s);
    avqa_reader_close(&s.reader);
    avqa_buf_release(&s.bytes);
    free(s.times);
    return rc;
}
