/* See verify.h. Everything is decoded; nothing that a header says is taken for true. */
#include "media/verify.h"
#include "media/reader.h"

#include <stdio.h>
#include <stdlib.h>

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
