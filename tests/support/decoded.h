/* A file decoded for a test at one picture a second, and what ffprobe says of its
 * times.
 */
#ifndef AVQA_TESTS_DECODED_H
#define AVQA_TESTS_DECODED_H

#include "media.h"
#include "media/decode.h"

#include <math.h>

enum { SIDE = 112, PICTURE = SIDE * SIDE * 3, MAX_PICTURES = 100 };

struct ours {
    struct avqa_buf rgb, mono;
    int64_t pts[MAX_PICTURES], ticks[MAX_PICTURES];
    size_t n;
    struct avqa_decode_report report;
};

static inline enum avqa_status add_picture(void *user, const struct avqa_decoded *d)
{
    struct ours *o = user;
    assert_true(o->n < MAX_PICTURES);
    assert_int_equal(d->width * d->height * 3, PICTURE);
    o->pts[o->n] = d->pts_us;
    o->ticks[o->n++] = d->index;
    avqa_buf_add(&o->rgb, d->rgb, PICTURE);
    return AVQA_OK;
}

static inline enum avqa_status add_samples(void *user, const float *mono, size_t n)
{
    struct ours *o = user;
    avqa_buf_add(&o->mono, mono, n * sizeof *mono);
    return AVQA_OK;
}

static inline struct ours decode_stretch(const char *path, int64_t start_us,
                                         int64_t end_us, bool decode_all)
{
    struct ours o = {0};
    struct avqa_decode_options options = AVQA_DECODE_DEFAULTS;
    options.start_us = start_us;
    options.end_us = end_us;
    options.width = options.height = SIDE;
    options.decode_all = decode_all;
    options.picture = add_picture;
    options.samples = add_samples;
    options.user = &o;
    assert_ok(avqa_decode(&o.report, path, &options));
    return o;
}

static inline void release(struct ours *o)
{
    avqa_buf_release(&o->rgb);
    avqa_buf_release(&o->mono);
}

/* Times of all pictures in order, from ffprobe; in microseconds after `zero`. */
static inline size_t their_times(const char *path, double zero_s, int64_t *times,
                                 size_t max)
{
    char line[2048];
    size_t n = 0;
    snprintf(line, sizeof line,
             "ffprobe -v fatal -select_streams V:0 -show_entries "
             "frame=best_effort_timestamp_time -of csv=p=0 '%s'",
             path);
    FILE *f = popen(line, "r");
    assert_non_null(f);
    while (n < max && fgets(line, sizeof line, f)) {
        char *end;
        double s = strtod(line, &end);
        if (end != line)
            times[n++] = (int64_t)llround((s - zero_s) * 1e6);
    }
    pclose(f);
    return n;
}

/* What the file calls its start: the earlier of picture and sound. */
static inline double their_zero(const char *path)
{
    char line[2048];
    snprintf(line, sizeof line,
             "ffprobe -v fatal -show_entries format=start_time -of csv=p=0 '%s'", path);
    FILE *f = popen(line, "r");
    assert_non_null(f);
    double s = fgets(line, sizeof line, f) ? strtod(line, NULL) : 0;
    pclose(f);
    return s;
}

#endif
