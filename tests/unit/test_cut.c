/* What is in an exact cut: straight pictures, the samples that were there; and what
 * cannot be cut. Every kind of source is in golden/test_cut_kinds, test_cut_others and
 * test_cut_real. */
#include "cut_check.h"
#include "media/decode.h"

#include <glob.h>

static char *dir;

static const char WIDTH[] = "ffprobe -v quiet -select_streams v:0 -show_entries "
                            "stream=width,height -of csv=p=0 '%s'";

/* Cuts and compares with the source as ffmpeg decodes it. */
static struct avqa_cut_report cut_one(const char *source,
                                      const struct avqa_cut_options *o)
{
    char *clip = avqa_io_join(dir, "clip.mp4");
    struct cut_decoded in = cut_decode_source(source);
    struct avqa_cut_report r = cut_and_compare(source, clip, &in, o);
    cut_decoded_release(&in);
    free(clip);
    return r;
}

static void test_plain(void **state)
{
    (void)state;
    char *source = avqa_io_join(dir, "plain.mp4");
    media_run(dir, MEDIA_VIDEO MEDIA_AUDIO CUT_B_PICTURES " -c:a aac plain.mp4");
    struct avqa_cut_options o = cut_range(1234567, 3000001);
    struct avqa_cut_report r = cut_one(source, &o);
    assert_int_equal(r.rate_hz, 44100);
    assert_int_equal(r.n_copied, 0);
    assert_string_equal(r.reason, "");
    free(source);
}

/* The size that ffprobe sees. */
static void check_size(const char *clip, int width, int height)
{
    char line[512];
    int w, h;
    snprintf(line, sizeof line, WIDTH, clip);
    FILE *pipe = popen(line, "r");
    assert_non_null(pipe);
    assert_int_equal(fscanf(pipe, "%d,%d", &w, &h), 2);
    assert_int_equal(pclose(pipe), 0);
    assert_int_equal(w, width);
    assert_int_equal(h, height);
}

/* What was turned, wide or odd is written straight, square and even. */
static void test_upright(void **state)
{
    (void)state;
    static const struct {
        const char *name, *args;
        int width, height;
    } kinds[] = {
        {"wide.mp4", MEDIA_VIDEO MEDIA_AUDIO " -vf setsar=4/3" CUT_FAST, 426, 240},
        {"turned.mp4", " -i wide.mp4 -c copy -metadata:s:v rotate=90", 240, 426},
        {"odd.avi", " -f lavfi -i testsrc2=s=161x121:r=25:d=6 -c:v mpeg4 -q:v 4", 160,
         120},
    };
    char *clip = avqa_io_join(dir, "clip.mp4");
    for (size_t i = 0; i < N_OF(kinds); i++) {
        char args[1024];
        snprintf(args, sizeof args, "%s %s", kinds[i].args, kinds[i].name);
        media_run(dir, args);
        char *source = avqa_io_join(dir, kinds[i].name);
        struct avqa_cut_options o = cut_range(500000, 1500000);
        cut_one(source, &o);
        check_size(clip, kinds[i].width, kinds[i].height);
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
              " -vf drawbox=0:0:60:60:red:fill -c:v libx264 -preset ultrafast -pix_fmt "
              "yuv420p -c:a pcm_s16le chirp.mov");
    char *source = avqa_io_join(dir, "chirp.mov");
    char *clip = avqa_io_join(dir, "clip.mp4");
    for (int mirror = 0; mirror < 2; mirror++) {
        struct avqa_cut_options o = cut_range(2100000, 4000000);
        o.mirror = mirror;
        cut_one(source, &o);
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
        struct avqa_cut_options o = cut_range(100000, 2000000);
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
        struct avqa_cut_options o = cut_range(cases[i].start_us, cases[i].end_us);
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
    struct avqa_cut_options o = cut_range(0, 1000000);
    struct avqa_log log = {.stopped = always};
    assert_int_equal(avqa_cut(&r, clip, source, &o), AVQA_EIO);
    o.log = &log;
    assert_int_equal(avqa_cut(&r, clip, source, &o), AVQA_ESTOPPED);
    o = cut_range(5, 5);
    assert_fails(avqa_cut(&r, clip, source, &o), AVQA_EINVAL, "a cut from");
    o = cut_range(-1, 5);
    assert_fails(avqa_cut(&r, clip, source, &o), AVQA_EINVAL, "a cut from");
    o = cut_range(0, 5);
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
    struct avqa_cut_options o = cut_range(0, 5000000);
    o.limits.max_packets = 200;
    assert_ok(avqa_cut(&r, clip, source, &o));
    assert_false(r.written);
    assert_string_equal(r.reason, "too-slow");
    assert_false(avqa_io_exists(clip));
    free(source);
    free(clip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),    cmocka_unit_test(test_upright),
        cmocka_unit_test(test_content),  cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_outcomes), cmocka_unit_test(test_fails),
        cmocka_unit_test(test_limits)};
    if (!media_can_make())
        return media_skip();
    dir = check_folder();
    int n = cmocka_run_group_tests(tests, NULL, NULL);
    check_remove(dir);
    return n;
}
