/* Cuts compared with what the ffmpeg program decodes: the same pictures at the same
 * times, the samples that were asked for, and of a smart cut the very pictures that
 * were copied. A source is decoded once. */
#ifndef AVQA_TESTS_CUT_CHECK_H
#define AVQA_TESTS_CUT_CHECK_H

#include "media.h"
#include "media/cut.h"

#define CUT_FAST MEDIA_H264 " -preset ultrafast"
#define CUT_B_PICTURES MEDIA_H264 " -preset superfast -bf 3"

enum { CUT_MAX_PICTURES = 12000 };

struct cut_picture {
    double at; /* seconds, on the file's own clock */
    char md5[33];
};

/* What ffmpeg decodes a file to. */
struct cut_decoded {
    struct cut_picture *pictures;
    size_t n;
    int64_t n_samples;
    double zero; /* time 0 of a source */
};

static inline void cut_decoded_release(struct cut_decoded *d)
{
    free(d->pictures);
    memset(d, 0, sizeof *d);
}

/* A line of framemd5: stream, dts, pts, duration, size, hash. */
static inline void cut_read_line(struct cut_decoded *d, const char *line,
                                 const double tick[2], int n_channels)
{
    long long stream, dts, pts, duration, size;
    char md5[33];
    if (sscanf(line, "%lld, %lld, %lld, %lld, %lld, %32s", &stream, &dts, &pts,
               &duration, &size, md5) != 6)
        return;
    if (stream == 1) {
        d->n_samples += size / (2 * (n_channels ? n_channels : 1));
    } else if (d->n < CUT_MAX_PICTURES) {
        d->pictures[d->n].at = (double)pts * tick[0];
        snprintf(d->pictures[d->n++].md5, sizeof md5, "%s", md5);
    }
}

/* Decodes with "ffmpeg ARGS"; what it complains of fails the test if `clean`. */
static inline struct cut_decoded cut_decode(const char *path, bool has_sound,
                                            int n_channels, bool clean)
{
    struct cut_decoded d = {calloc(CUT_MAX_PICTURES, sizeof *d.pictures), 0, 0, 0};
    double tick[2] = {0, 0};
    char line[1024];
    snprintf(
        line, sizeof line,
        "ffmpeg -v %s -nostdin -noautorotate -copyts -i '%s' -map 0:v:0 %s -fps_mode "
        "passthrough -enc_time_base -1 -c:v rawvideo -c:a pcm_s16le -f framemd5 - "
        "%s",
        clean ? "warning" : "fatal", path, has_sound ? "-map 0:a:0" : "",
        clean ? "2>&1" : "");
    FILE *pipe = popen(line, "r");
    assert_non_null(pipe);
    while (fgets(line, sizeof line, pipe)) {
        int stream;
        double num, den;
        if (sscanf(line, "#tb %d: %lf/%lf", &stream, &num, &den) == 3 && stream < 2)
            tick[stream] = num / den;
        else if (*line == '#' || (*line >= '0' && *line <= '9'))
            cut_read_line(&d, line, tick, n_channels);
        else if (clean)
            fail_msg("%s: ffmpeg says: %s", path, line);
    }
    assert_int_equal(pclose(pipe), 0);
    return d;
}

/* A source, with its time 0 as ffprobe's start of the pictures gives it. */
static inline struct cut_decoded cut_decode_source(const char *path)
{
    struct avqa_media_info info;
    char line[1024];
    assert_ok(avqa_media_probe(&info, path, NULL));
    struct cut_decoded d =
        cut_decode(path, info.has_audio, info.audio.n_channels, false);
    snprintf(line, sizeof line,
             "ffprobe -v quiet -select_streams %d -show_entries stream=start_time -of "
             "csv=p=0 '%s'",
             info.video.stream, path);
    FILE *pipe = popen(line, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(line, sizeof line, pipe));
    char rest[256];
    while (fgets(rest, sizeof rest, pipe)) /* to the end, or it dies of a signal */
        continue;
    assert_int_equal(pclose(pipe), 0);
    d.zero = strtod(line, NULL) - (double)info.video.start_us / 1e6;
    return d;
}

static inline struct avqa_cut_options cut_range(int64_t start_us, int64_t end_us)
{
    struct avqa_cut_options o = AVQA_CUT_DEFAULTS;
    o.preset = "ultrafast";
    o.start_us = start_us;
    o.end_us = end_us;
    return o;
}

static inline int64_t cut_samples(const struct avqa_cut_options *o, int rate_hz)
{
    return llround((double)o->end_us * rate_hz / 1e6) -
           llround((double)o->start_us * rate_hz / 1e6);
}

/* Compares a clip with the pictures of its source; returns how many are the same to
 * the bit. */
static inline size_t cut_compare(const char *name, const struct cut_decoded *in,
                                 const struct cut_decoded *out,
                                 const struct avqa_cut_options *o)
{
    const double start = (double)o->start_us / 1e6;
    size_t n = 0;
    size_t n_same = 0;
    for (size_t i = 0; i < in->n; i++) {
        double at = in->pictures[i].at - in->zero;
        if (llround(at * 1e6) < o->start_us || llround(at * 1e6) >= o->end_us)
            continue;
        if (n >= out->n || fabs(at - start - out->pictures[n].at) > 12e-6)
            fail_msg("%s: picture %zu of %s cut from %.6f is at %.6f, not %.6f", name,
                     n, avqa_cut_mode_name(o->mode), start,
                     n < out->n ? out->pictures[n].at : -1, at - start);
        n_same += strcmp(in->pictures[i].md5, out->pictures[n].md5) == 0;
        n++;
    }
    if (n != out->n)
        fail_msg("%s: %zu pictures, not %zu", name, out->n, n);
    return n_same;
}

/* Cuts, decodes the clip with ffmpeg, which may not complain, and compares. */
static inline struct avqa_cut_report cut_and_compare(const char *source,
                                                     const char *clip,
                                                     const struct cut_decoded *in,
                                                     const struct avqa_cut_options *o)
{
    struct avqa_cut_report r;
    assert_ok(avqa_cut(&r, clip, source, o));
    if (!r.written)
        fail_msg("%s: %s: %s", source, r.reason, r.detail);
    struct cut_decoded out = cut_decode(clip, r.rate_hz > 0, r.n_channels, true);
    size_t n_same = cut_compare(source, in, &out, o);
    if (r.n_copied > (int64_t)n_same)
        fail_msg("%s: %lld pictures copied, %zu are the source's", source,
                 (long long)r.n_copied, n_same);
    assert_int_equal(r.n_pictures, out.n);
    if (llabs(out.n_samples - r.n_samples) > 1)
        fail_msg("%s: %lld samples decode, not %lld", source, (long long)out.n_samples,
                 (long long)r.n_samples);
    cut_decoded_release(&out);
    return r;
}

/* ---- kinds of sources ---- */

enum cut_how { CUT_EXACT, CUT_SMART };

struct cut_kind {
    const char *name, *args;
    int rate_hz, n_channels;
    enum cut_how how; /* a smart cut of [1.23, 5.4) s is made in the end */
};

static const int64_t cut_ranges[][2] = {{0, 1000000},
                                        {1234567, 3000001},
                                        {2000000, 2033333},
                                        {1230000, 5400000},
                                        {3999999, 5400000}};
enum { CUT_LONG = 3 }; /* the one with whole groups of pictures in it */

static inline void cut_check_report(const struct cut_kind *k,
                                    const struct avqa_cut_report *r,
                                    const struct avqa_cut_options *o)
{
    assert_int_equal(r->rate_hz, k->rate_hz);
    assert_int_equal(r->n_channels, k->n_channels);
    if (llabs(r->n_samples - cut_samples(o, r->rate_hz)) > 1)
        fail_msg("%s: %lld samples", k->name, (long long)r->n_samples);
    assert_string_equal(r->reason, k->rate_hz ? "" : "no-audio");
    assert_true(r->mode == AVQA_CUT_SMART ? r->n_copied > 0 : r->n_copied == 0);
    assert_true(r->mode == o->mode ? !*r->fell_back : *r->fell_back);
}

static inline void cut_compare_kind(const char *dir, const struct cut_kind *k)
{
    char *source = avqa_io_join(dir, k->name);
    char *clip = avqa_io_join(dir, "clip.mp4");
    struct cut_decoded in = cut_decode_source(source);
    for (size_t i = 0; i < N_OF(cut_ranges); i++) {
        for (int mode = AVQA_CUT_EXACT; mode <= AVQA_CUT_SMART; mode++) {
            struct avqa_cut_options o = cut_range(cut_ranges[i][0], cut_ranges[i][1]);
            o.mode = (enum avqa_cut_mode)mode;
            struct avqa_cut_report r = cut_and_compare(source, clip, &in, &o);
            cut_check_report(k, &r, &o);
            if (i == CUT_LONG && mode == AVQA_CUT_SMART &&
                (r.mode == AVQA_CUT_SMART) != (k->how == CUT_SMART))
                fail_msg("%s: %s", k->name, r.fell_back);
        }
    }
    cut_decoded_release(&in);
    free(source);
    free(clip);
}

/* The same range with and without a seek: the same file, to the byte. */
static inline void cut_compare_seek(const char *dir, const struct cut_kind *k)
{
    char *source = avqa_io_join(dir, k->name);
    char *clip[2] = {avqa_io_join(dir, "sought.mp4"), avqa_io_join(dir, "linear.mp4")};
    for (int mode = AVQA_CUT_EXACT; mode <= AVQA_CUT_COPY; mode++) {
        struct avqa_buf bytes[2];
        bool written[2];
        for (int i = 0; i < 2; i++) {
            struct avqa_cut_report r;
            struct avqa_cut_options o = cut_range(3999999, 5400000);
            o.mode = (enum avqa_cut_mode)mode;
            o.linear = i;
            assert_ok(avqa_cut(&r, clip[i], source, &o));
            written[i] = r.written;
            bytes[i] = check_read(clip[i]);
        }
        assert_int_equal(written[0], written[1]);
        if (bytes[0].len != bytes[1].len ||
            memcmp(bytes[0].data, bytes[1].data, bytes[0].len) != 0)
            fail_msg("%s: the %s cut differs after a seek", k->name,
                     avqa_cut_mode_name((enum avqa_cut_mode)mode));
        avqa_buf_release(&bytes[0]);
        avqa_buf_release(&bytes[1]);
    }
    free(source);
    free(clip[0]);
    free(clip[1]);
}

static inline void cut_compare_kinds(const char *dir, const struct cut_kind *kinds,
                                     size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char args[1024];
        snprintf(args, sizeof args, "%s %s", kinds[i].args, kinds[i].name);
        media_run(dir, args);
        cut_compare_kind(dir, &kinds[i]);
        cut_compare_seek(dir, &kinds[i]);
    }
}

#endif
