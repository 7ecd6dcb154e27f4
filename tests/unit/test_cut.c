/* Cuts compared with what the ffmpeg programs decode from the source: the same pictures
 * at the same times, the samples that were asked for. Generated sources of every
 * awkward kind, and the real clips where they are there. */
#include "media.h"
#include "media/cut.h"
#include "media/decode.h"

#include <glob.h>

enum { MAX_PICTURES = 40000 };

static char *dir;

/* The numbers that a command prints, one a line. */
static size_t numbers(double *out, size_t max, const char *fmt, const char *path)
{
    char line[1024];
    size_t n = 0;
    snprintf(line, sizeof line, fmt, path);
    FILE *pipe = popen(line, "r");
    assert_non_null(pipe);
    while (fgets(line, sizeof line, pipe)) { /* to the end, or it dies of a signal */
        char *end;
        double x = strtod(line, &end);
        if (end != line && n < max)
            out[n++] = x;
    }
    assert_int_equal(pclose(pipe), 0);
    return n;
}

static const char PICTURES[] =
    "ffprobe -v quiet -select_streams v:0 -read_intervals %%+7 -show_entries "
    "frame=best_effort_timestamp_time -of csv=p=0 '%s'";
static const char SAMPLES[] =
    "ffprobe -v quiet -select_streams a:0 -show_entries frame=nb_samples -of csv=p=0 "
    "'%s' | awk '{n += $1} END {print n + 0}'";
static const char START[] = "ffprobe -v quiet -select_streams v:0 -show_entries "
                            "stream=start_time -of csv=p=0 '%s'";
static const char WIDTH[] = "ffprobe -v quiet -select_streams v:0 -show_entries "
                            "stream=width -of csv=p=0 '%s'";
static const char HEIGHT[] = "ffprobe -v quiet -select_streams v:0 -show_entries "
                             "stream=height -of csv=p=0 '%s'";

static struct avqa_cut_options range(int64_t start_us, int64_t end_us)
{
    struct avqa_cut_options o = AVQA_CUT_DEFAULTS;
    o.preset = "ultrafast";
    o.start_us = start_us;
    o.end_us = end_us;
    return o;
}

static int64_t samples_until(int64_t us, int rate_hz)
{
    return (int64_t)llround((double)us * rate_hz / 1e6);
}

/* Cuts and compares with the source as ffprobe decodes it. */
static struct avqa_cut_report cut_and_compare(const char *source,
                                              const struct avqa_cut_options *o)
{
    static double in[MAX_PICTURES], out[MAX_PICTURES];
    struct avqa_media_info info;
    struct avqa_cut_report r;
    double n_samples = 0;
    double zero;
    char *clip = avqa_io_join(dir, "clip.mp4");
    assert_ok(avqa_media_probe(&info, source, NULL));
    assert_int_equal(numbers(&zero, 1, START, source), 1);
    zero -= (double)info.video.start_us / 1e6;
    size_t n_in = numbers(in, MAX_PICTURES, PICTURES, source);
    assert_ok(avqa_cut(&r, clip, source, o));
    if (!r.written)
        fail_msg("%s: %s: %s", source, r.reason, r.detail);
    size_t n_out = numbers(out, MAX_PICTURES, PICTURES, clip);
    size_t n = 0;
    for (size_t i = 0; i < n_in; i++) {
        double at = in[i] - zero;
        if (llround(at * 1e6) < o->start_us || llround(at * 1e6) >= o->end_us)
            continue;
        if (n >= n_out || fabs(at - (double)o->start_us / 1e6 - out[n]) > 12e-6)
            fail_msg("%s: picture %zu is at %.6f, not %.6f", source, n,
                     n < n_out ? out[n] : -1, at - (double)o->start_us / 1e6);
        n++;
    }
    assert_int_equal(n, n_out);
    assert_int_equal(r.n_pictures, n_out);
    numbers(&n_samples, 1, SAMPLES, clip);
    assert_true(fabs(n_samples - (double)r.n_samples) <= 1);
    free(clip);
    return r;
}

/* Several ranges of a source of at least 5.5 s, whose sound (if any) is as long. */
static void compare_ranges(const char *name, int rate_hz, int n_channels)
{
    static const int64_t ranges[][2] = {
        {0, 1000000}, {1234567, 3000001}, {2000000, 2033333}, {3999999, 5400000}};
    char *source = avqa_io_join(dir, name);
    for (size_t i = 0; i < N_OF(ranges); i++) {
        struct avqa_cut_options o = range(ranges[i][0], ranges[i][1]);
        struct avqa_cut_report r = cut_and_compare(source, &o);
        assert_int_equal(r.rate_hz, rate_hz);
        assert_int_equal(r.n_channels, n_channels);
        int64_t asked =
            samples_until(ranges[i][1], rate_hz) - samples_until(ranges[i][0], rate_hz);
        assert_true(llabs(r.n_samples - asked) <= 1);
        assert_string_equal(r.reason, rate_hz ? "" : "no-audio");
    }
    free(source);
}

static void test_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *name, *args;
        int rate_hz, n_channels;
    } kinds[] = {
        {"plain.mp4", MEDIA_VIDEO MEDIA_AUDIO MEDIA_H264 " -c:a aac", 44100, 1},
        {"pyramid.mp4",
         MEDIA_VIDEO MEDIA_AUDIO MEDIA_H264
         " -bf 8 -x264-params b-pyramid=normal:open-gop=1:keyint=20 -c:a aac -ac 2",
         44100, 2},
        {"film.mkv",
         " -f lavfi -i testsrc2=s=160x120:r=24000/1001:d=6" MEDIA_AUDIO MEDIA_H264
         " -c:a aac -ar 48000",
         48000, 1},
        {"drop.mp4",
         " -f lavfi -i testsrc2=s=160x120:r=60000/1001:d=6" MEDIA_AUDIO MEDIA_H264
         " -c:a aac -ar 22050",
         22050, 1},
        {"varied.mp4",
         MEDIA_VIDEO MEDIA_AUDIO
         " -vf select='not(mod(n\\,3))+lt(mod(n\\,50)\\,20)' -vsync vfr" MEDIA_H264
         " -c:a aac",
         44100, 1},
        {"opus.webm",
         MEDIA_VIDEO MEDIA_AUDIO
         " -c:v libvpx -deadline realtime -cpu-used 8 -c:a libopus",
         48000, 1},
        {"round.mp4",
         MEDIA_VIDEO " -f lavfi -i anoisesrc=r=48000:d=6:a=0.1 -af "
                     "pan=5.1\\|c0=c0\\|c3=c0" MEDIA_H264 " -c:a aac",
         48000, 6},
        {"odd.avi",
         " -f lavfi -i testsrc2=s=161x121:r=25:d=6" MEDIA_AUDIO
         " -c:v mpeg4 -q:v 4 -c:a pcm_s16le",
         44100, 1},
        {"deep.mkv",
         MEDIA_VIDEO MEDIA_AUDIO
         " -c:v libx264 -pix_fmt yuv422p10le -preset ultrafast -c:a flac -ar 96000",
         96000, 1},
        {"mute.mp4", MEDIA_VIDEO MEDIA_H264, 0, 0},
        {"stream.ts", MEDIA_VIDEO MEDIA_AUDIO MEDIA_H264 " -c:a aac", 44100, 1},
    };
    for (size_t i = 0; i < N_OF(kinds); i++) {
        char args[1024];
        snprintf(args, sizeof args, "%s %s", kinds[i].args, kinds[i].name);
        media_run(dir, args);
        compare_ranges(kinds[i].name, kinds[i].rate_hz, kinds[i].n_channels);
    }
}

/* What was turned, wide or odd is written straight, square and even. */
static void test_upright(void **state)
{
    (void)state;
    static const struct {
        const char *name, *args;
        double width, height;
    } kinds[] = {
        {"wide.mp4", MEDIA_VIDEO MEDIA_AUDIO " -vf setsar=4/3" MEDIA_H264, 426, 240},
        {"turned.mp4", " -i wide.mp4 -c copy -metadata:s:v rotate=90", 240, 426},
        {"odd.avi", NULL, 160, 120},
    };
    char *clip = avqa_io_join(dir, "clip.mp4");
    for (size_t i = 0; i < N_OF(kinds); i++) {
        char args[1024];
        double size[2];
        snprintf(args, sizeof args, "%s %s", kinds[i].args ? kinds[i].args : "",
                 kinds[i].name);
        if (kinds[i].args)
            media_run(dir, args);
        char *source = avqa_io_join(dir, kinds[i].name);
        struct avqa_cut_options o = range(500000, 1500000);
        cut_and_compare(source, &o);
        assert_int_equal(numbers(size, 1, WIDTH, clip), 1);
        assert_int_equal(numbers(size + 1, 1, HEIGHT, clip), 1);
        assert_close(size[0], kinds[i].width, 0);
        assert_close(size[1], kinds[i].height, 0);
        free(source);
    }
    free(clip);
}

/* ---- what is in it --------------------------------------------------------------- */

struct content {
    uint8_t *rgb; /* of one picture */
    int width, height;
    float *samples;
    size_t n, cap;
};

static enum avqa_status keep_picture(void *user, const struct avqa_decoded *d)
{
    struct content *c = user;
    size_t bytes = (size_t)d->width * (size_t)d->height * 3;
    if (!c->rgb) {
        c->rgb = malloc(bytes);
        assert_non_null(c->rgb);
        memcpy(c->rgb, d->rgb, bytes);
        c->width = d->width;
        c->height = d->height;
    }
    return AVQA_OK;
}

static enum avqa_status keep_samples(void *user, const float *mono, size_t n)
{
    struct content *c = user;
    assert_ok(avqa_mem_grow(&c->samples, &c->cap, c->n + n, sizeof *c->samples));
    memcpy(c->samples + c->n, mono, n * sizeof *mono);
    c->n += n;
    return AVQA_OK;
}

static struct content content_of(const char *path, int64_t at_us)
{
    struct content c = {0};
    struct avqa_decode_report report;
    struct avqa_decode_options o = AVQA_DECODE_DEFAULTS;
    o.rate_num = 0;
    o.times_us = &at_us;
    o.n_times = 1;
    o.rate_hz = 44100;
    o.picture = keep_picture;
    o.samples = keep_samples;
    o.user = &c;
    assert_ok(avqa_decode(&report, path, &o));
    assert_non_null(c.rgb);
    return c;
}

static void release(struct content *c)
{
    free(c->rgb);
    free(c->samples);
}

/* Mean square difference of two pictures, the second mirrored if asked. */
static double difference(const struct content *a, const struct content *b, bool mirror)
{
    double sum = 0;
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    for (int y = 0; y < a->height; y++) {
        for (int x = 0; x < a->width; x++) {
            int from = mirror ? a->width - 1 - x : x;
            for (int k = 0; k < 3; k++) {
                double d = a->rgb[(y * a->width + x) * 3 + k] -
                           b->rgb[(y * a->width + from) * 3 + k];
                sum += d * d;
            }
        }
    }
    return sum / (3.0 * a->width * a->height);
}

/* Energy of what is wrong, against the energy of what there is. */
static double noise(const float *a, const float *b, size_t n)
{
    double wrong = 0;
    double all = 0;
    for (size_t i = 0; i < n; i++) {
        wrong += (double)(a[i] - b[i]) * (double)(a[i] - b[i]);
        all += (double)a[i] * (double)a[i];
    }
    return wrong / all;
}

static void test_content(void **state)
{
    (void)state;
    media_run(dir, MEDIA_VIDEO
              " -f lavfi -i \"aevalsrc='0.5*sin(2*PI*(200+150*t)*t)':s=44100:d=6\""
              " -vf drawbox=0:0:60:60:red:fill -c:v libx264 -pix_fmt yuv420p -c:a "
              "pcm_s16le chirp.mov");
    char *source = avqa_io_join(dir, "chirp.mov");
    char *clip = avqa_io_join(dir, "clip.mp4");
    for (int mirror = 0; mirror < 2; mirror++) {
        struct avqa_cut_options o = range(2100000, 4000000);
        o.mirror = mirror;
        cut_and_compare(source, &o);
        struct content in = content_of(source, 3000000);
        struct content out = content_of(clip, 900000);
        assert_true(difference(&in, &out, mirror) < 30); /* 33 dB */
        assert_true(difference(&in, &out, !mirror) >
                    500); /* a test picture has sides */
        const float *from = in.samples + 92610;
        assert_true(noise(from, out.samples, out.n) < 0.001);
        assert_true(noise(from, out.samples, 2000) < 0.01); /* from the first on */
        assert_true(noise(from + 1, out.samples, out.n) >
                    4 * noise(from, out.samples, out.n));
        release(&in);
        release(&out);
    }
    free(source);
    free(clip);
}

static void test_same_bytes(void **state)
{
    (void)state;
    char *source = avqa_io_join(dir, "plain.mp4");
    char *clip[2] = {avqa_io_join(dir, "one.mp4"), avqa_io_join(dir, "two.mp4")};
    struct avqa_buf bytes[2];
    for (int i = 0; i < 2; i++) {
        struct avqa_cut_report r;
        struct avqa_cut_options o = range(100000, 2000000);
        assert_ok(avqa_cut(&r, clip[i], source, &o));
        assert_true(r.written);
        bytes[i] = check_read(clip[i]);
        free(clip[i]);
    }
    assert_int_equal(bytes[0].len, bytes[1].len);
    assert_memory_equal(bytes[0].data, bytes[1].data, bytes[0].len);
    avqa_buf_release(&bytes[0]);
    avqa_buf_release(&bytes[1]);
    free(source);
}

/* ---- what cannot be cut ---------------------------------------------------------- */

static bool left_over(void)
{
    glob_t g;
    char *pattern = avqa_io_join(dir, "*.tmp");
    bool found = glob(pattern, 0, NULL, &g) == 0;
    globfree(&g);
    free(pattern);
    return found;
}

static void test_outcomes(void **state)
{
    (void)state;
    static const struct {
        const char *name, *reason;
        int64_t start_us, end_us;
        bool written;
    } cases[] = {
        {"plain.mp4", "short", 5000000, 60000000, true},
        {"plain.mp4", "nothing-there", 7000000, 8000000, false},
        {"loud.m4a", "no-video", 0, 1000000, false},
        {"page.mp4", "not-media", 0, 1000000, false},
        {"missing.mp4", "no-file", 0, 1000000, false},
        {"half.mp4", "truncated", 0, 1000000, true},
    };
    media_run(dir, "-i plain.mp4 -vn -c copy loud.m4a");
    media_run(dir, "-i plain.mp4 -c copy -movflags +faststart front.mp4");
    media_cut(dir, "front.mp4", "half.mp4", 60);
    free(check_write_text(dir, "page.mp4", "<!DOCTYPE html><title>404</title>"));
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_cut_report r;
        struct avqa_cut_options o = range(cases[i].start_us, cases[i].end_us);
        char *source = avqa_io_join(dir, cases[i].name);
        char *clip = avqa_io_join(dir, "outcome.mp4");
        assert_ok(avqa_io_remove(clip));
        assert_ok(avqa_cut(&r, clip, source, &o));
        if (strcmp(r.reason, cases[i].reason) != 0)
            fail_msg("%s: '%s' (%s), not '%s'", cases[i].name, r.reason, r.detail,
                     cases[i].reason);
        assert_int_equal(r.written, cases[i].written);
        assert_int_equal(avqa_io_exists(clip), cases[i].written);
        assert_false(left_over());
        free(source);
        free(clip);
    }
}

static bool always(void *user)
{
    (void)user;
    return true;
}

static void test_fails(void **state)
{
    (void)state;
    struct avqa_cut_report r;
    char *source = avqa_io_join(dir, "plain.mp4");
    char *clip = avqa_io_join(dir, "no/such/folder.mp4");
    struct avqa_cut_options o = range(0, 1000000);
    struct avqa_log log = {.stopped = always};
    assert_int_equal(avqa_cut(&r, clip, source, &o), AVQA_EIO);
    o.log = &log;
    assert_int_equal(avqa_cut(&r, clip, source, &o), AVQA_ESTOPPED);
    o = range(5, 5);
    assert_fails(avqa_cut(&r, clip, source, &o), AVQA_EINVAL, "a cut from");
    o = range(-1, 5);
    assert_fails(avqa_cut(&r, clip, source, &o), AVQA_EINVAL, "a cut from");
    o = range(0, 5);
    o.crf = 52;
    assert_fails(avqa_cut(&r, clip, source, &o), AVQA_EINVAL, "quality");
    o.crf = 18;
    o.n_threads = 0;
    assert_fails(avqa_cut(&r, clip, source, &o), AVQA_EINVAL, "threads");
    free(source);
    free(clip);
}

/* A limit ends a cut with a reason, not with a clip that is shorter than asked for. */
static void test_limits(void **state)
{
    (void)state;
    struct avqa_cut_report r;
    char *source = avqa_io_join(dir, "plain.mp4");
    char *clip = avqa_io_join(dir, "limited.mp4");
    struct avqa_cut_options o = range(0, 5000000);
    o.limits.max_packets = 200;
    assert_ok(avqa_cut(&r, clip, source, &o));
    assert_false(r.written);
    assert_string_equal(r.reason, "too-slow");
    assert_false(avqa_io_exists(clip));
    free(source);
    free(clip);
}

static void test_real(void **state)
{
    (void)state;
    const char *shared = getenv("AVQA_SHARED");
    char *pattern = avqa_io_join(shared ? shared : "../shared", "data/media/*.m*");
    glob_t g;
    if (glob(pattern, 0, NULL, &g) != 0) {
        free(pattern);
        skip();
    }
    free(pattern);
    for (size_t i = 0; i < g.gl_pathc; i++) {
        struct avqa_cut_options o = range(500000, 1700000);
        struct avqa_cut_report r = cut_and_compare(g.gl_pathv[i], &o);
        if (!r.rate_hz)
            continue;
        int64_t asked =
            samples_until(o.end_us, r.rate_hz) - samples_until(o.start_us, r.rate_hz);
        if (llabs(r.n_samples - asked) > 1)
            fail_msg("%s: %lld samples, not %lld", g.gl_pathv[i],
                     (long long)r.n_samples, (long long)asked);
    }
    globfree(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),    cmocka_unit_test(test_upright),
        cmocka_unit_test(test_content),  cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_outcomes), cmocka_unit_test(test_fails),
        cmocka_unit_test(test_limits),   cmocka_unit_test(test_real)};
    if (!media_can_make())
        return media_skip();
    dir = check_folder();
    int n = cmocka_run_group_tests(tests, NULL, NULL);
    check_remove(dir);
    return n;
}
