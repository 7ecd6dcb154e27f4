/* A stretch of a file, as a clip without a file of its own is decoded: its pictures are
 * those that ffprobe's times say, its sound is that of the whole. */
#include "decoded.h"

static char *dir;

#define BOTH MEDIA_VIDEO MEDIA_AUDIO MEDIA_H264

static const struct {
    const char *name, *make;
    bool rough; /* its times are rounded to milliseconds, so its sound is placed so */
} generated[] = {
    {"plain.mp4", BOTH " -bf 3 -c:a aac", false},
    {"vfr.mp4",
     BOTH " -vf 'select=not(mod(n\\,3))+gt(mod(n\\,50)\\,30)' -vsync vfr "
          "-bf 3 -c:a aac",
     false},
    {"opengop.mp4",
     BOTH " -bf 8 -b_strategy 2 -x264-params "
          "b-pyramid=normal:keyint=40:open-gop=1 -c:a aac",
     false},
    {"cutedit.mp4", "-ss 2.2 -i plain.mp4 -c copy", false},
    {"plain.mkv", "-i plain.mp4 -c copy", true},
    {"plain.ts", "-i plain.mp4 -c copy", true},
    {"r90.mp4", "-i plain.mp4 -c copy -metadata:s:v:0 rotate=90", false},
    {"silent.mp4", "-i plain.mp4 -c copy -an", false},
};

/* The picture that ffprobe's list says is shown just before half past each second of
 * the stretch, found in a decode of all pictures at 60 a second. */
static void check_stretch_times(const char *name, const char *path,
                                const struct ours *o, int64_t start_us)
{
    enum { MAX = 8000 };
    int64_t *times = calloc(MAX, sizeof *times);
    assert_non_null(times);
    size_t n = their_times(path, their_zero(path), times, MAX);
    assert_true(n > 0);
    for (size_t i = 0; i < o->n; i++) {
        int64_t expected = times[0];
        int64_t middle_us = start_us + o->ticks[i] * 1000000 + 500000;
        assert_int_equal(o->ticks[i], i);
        for (size_t k = 0; k < n && times[k] < middle_us; k++)
            expected = times[k] > expected ? times[k] : expected;
        if (llabs(expected - start_us - o->pts[i]) > 1000)
            fail_msg("%s: picture %zu is of %lld us, not of %lld us", name, i,
                     (long long)o->pts[i], (long long)(expected - start_us));
    }
    free(times);
}

/* A stretch that begins on a sample of both rates has the very samples of the whole,
 * but for the first milliseconds, where the filter knows nothing of what was before. */
static void check_stretch_samples(const char *name, const struct ours *o,
                                  const struct ours *whole, int64_t start_us)
{
    enum { FILTER = 64 };
    size_t first = (size_t)start_us * 16 / 1000;
    const float *a = (const float *)(const void *)o->mono.data;
    const float *b = (const float *)(const void *)whole->mono.data;
    size_t n = o->mono.len / sizeof *a;
    assert_true(first + n <= whole->mono.len / sizeof *b);
    for (size_t i = FILTER; i + FILTER < n; i++) {
        if (fabsf(a[i] - b[first + i]) > 1e-3F)
            fail_msg("%s: sample %zu is %g, not %g", name, i, (double)a[i],
                     (double)b[first + i]);
    }
}

static void test_stretches(void **state)
{
    (void)state;
    static const int64_t stretches_us[][2] = {
        {1000000, 3000000}, {1300000, 2700000}, {2000000, 0}};
    for (size_t i = 0; i < N_OF(generated); i++) {
        char args[1024];
        snprintf(args, sizeof args, "%s %s", generated[i].make, generated[i].name);
        media_run(dir, args);
        char *path = avqa_io_join(dir, generated[i].name);
        struct ours whole = decode_stretch(path, 0, 0, true);
        for (size_t k = 0; k < N_OF(stretches_us); k++) {
            const int64_t start_us = stretches_us[k][0];
            const int64_t end_us = stretches_us[k][1];
            struct ours o = decode_stretch(path, start_us, end_us, false);
            struct ours all = decode_stretch(path, start_us, end_us, true);
            const struct avqa_media_info *info = &o.report.info;
            if (info->verdict.outcome > AVQA_MEDIA_NO_VIDEO)
                fail_msg("%s from %lld us: %s", generated[i].name, (long long)start_us,
                         info->verdict.reason);
            assert_int_equal(o.rgb.len, all.rgb.len);
            assert_memory_equal(o.rgb.data, all.rgb.data, o.rgb.len);
            check_stretch_times(generated[i].name, path, &o, start_us);
            if (end_us) {
                assert_int_equal(o.n, (end_us - start_us + 500000) / 1000000);
                if (info->has_audio)
                    assert_int_equal(o.report.n_samples,
                                     (end_us - start_us) * 16 / 1000);
            }
            if (info->has_audio && !generated[i].rough)
                check_stretch_samples(generated[i].name, &o, &whole, start_us);
            if (start_us % 1000000 == 0)
                assert_memory_equal(
                    o.rgb.data, whole.rgb.data + start_us / 1000000 * PICTURE, PICTURE);
            release(&o);
            release(&all);
        }
        release(&whole);
        free(path);
    }
}

/* Beyond the end there is nothing, and that is said. */
static void test_stretch_beyond(void **state)
{
    (void)state;
    char *path = avqa_io_join(dir, "plain.mp4");
    struct ours o = decode_stretch(path, 8000000, 10000000, false);
    assert_int_equal(o.n, 0);
    assert_int_equal(o.report.n_samples, 0);
    assert_int_equal(o.report.info.verdict.outcome, AVQA_MEDIA_TRUNCATED);
    release(&o);
    o = decode_stretch(path, 4000000, 10000000, false);
    assert_int_equal(o.n, 2);
    assert_int_equal(o.report.info.verdict.outcome, AVQA_MEDIA_TRUNCATED);
    assert_has(o.report.info.verdict.reason, "ends after 2.");
    release(&o);
    free(path);
}

static int setup(void **state)
{
    (void)state;
    dir = check_folder();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    check_remove(dir);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stretches),
        cmocka_unit_test(test_stretch_beyond),
    };
    return media_can_make() ? cmocka_run_group_tests(tests, setup, teardown)
                            : media_skip();
}
