/* Changes of scene beside those that the ffmpeg program finds with its filter scdet. */
#include "media.h"
#include "media/scene.h"

static char *dir;

/* What ffmpeg prints as lavfi.scd.time, one a line. */
static size_t ffmpeg_changes(double *out, size_t max, const char *name,
                             double threshold)
{
    char line[512];
    size_t n = 0;
    snprintf(line, sizeof line,
             "cd '%s' && ffmpeg -v fatal -nostdin -i %s -map 0:v:0 -vf "
             "scdet=t=%g,metadata=print:key=lavfi.scd.time:file=- -f null -",
             dir, name, threshold);
    FILE *pipe = popen(line, "r");
    assert_non_null(pipe);
    while (fgets(line, sizeof line, pipe)) {
        double at;
        if (sscanf(line, "lavfi.scd.time=%lf", &at) == 1 && n < max)
            out[n++] = at;
    }
    assert_int_equal(pclose(pipe), 0);
    return n;
}

static struct avqa_scenes scenes_of(const char *name, double threshold,
                                    int64_t least_us)
{
    struct avqa_scenes s;
    char *path = avqa_io_join(dir, name);
    struct avqa_scene_options o = {.threshold = threshold, .least_us = least_us};
    assert_ok(avqa_scenes_find(&s, path, &o));
    free(path);
    return s;
}

/* Six scenes of 0.7 to 2.4 s; in one of them everything moves. */
static const char MAKE[] =
    "-f lavfi -i \"color=navy:s=160x120:r=25:d=1.5,noise=alls=20:allf=t\" "
    "-f lavfi -i testsrc2=s=160x120:r=25:d=2.4 -f lavfi -i "
    "color=white:s=160x120:r=25:d=0.7 "
    "-f lavfi -i mandelbrot=s=160x120:r=25 -f lavfi -i smptebars=s=160x120:r=25:d=1.2 "
    "-filter_complex \"[3]trim=duration=1[m];[0][1][2][m][4]concat=n=5\" -pix_fmt ";

static void test_like_ffmpeg(void **state)
{
    (void)state;
    static const char *const kinds[] = {
        "yuv420p -c:v libx264 -preset ultrafast a.mp4", "yuv444p -c:v ffv1 b.mkv",
        "bgr0 -c:v ffv1 c.mkv", "yuv422p10le -c:v ffv1 d.mkv"};
    static const double thresholds[] = {2, 10, 30};
    size_t n_most = 0;
    for (size_t k = 0; k < N_OF(kinds); k++) {
        char args[1024];
        const char *name = strrchr(kinds[k], ' ') + 1;
        snprintf(args, sizeof args, "%s%s", MAKE, kinds[k]);
        media_run(dir, args);
        for (size_t i = 0; i < N_OF(thresholds); i++) {
            double at[256];
            size_t n = ffmpeg_changes(at, N_OF(at), name, thresholds[i]);
            struct avqa_scenes s = scenes_of(name, thresholds[i], 0);
            assert_int_equal(s.n, n + 1);
            assert_int_equal(s.begin_us[0], 0);
            for (size_t j = 0; j < n; j++)
                assert_close((double)s.begin_us[j + 1] / 1e6, at[j], 1e-5);
            n_most = n > n_most ? n : n_most;
            avqa_scenes_release(&s);
        }
    }
    assert_true(n_most >= 4);
}

static void test_least(void **state)
{
    (void)state;
    struct avqa_scenes all = scenes_of("b.mkv", 10, 0);
    struct avqa_scenes some = scenes_of("b.mkv", 10, 1000000);
    size_t j = 0;
    assert_true(some.n < all.n);
    for (size_t i = 0; i < all.n; i++) { /* taken one after the other */
        bool far = j == 0 || all.begin_us[i] - some.begin_us[j - 1] >= 1000000;
        if (far)
            assert_int_equal(all.begin_us[i], some.begin_us[j++]);
    }
    assert_int_equal(j, some.n);
    assert_true(llabs(some.end_us - all.end_us) == 0 && some.end_us > 6000000);
    avqa_scenes_release(&all);
    avqa_scenes_release(&some);
}

static void test_none(void **state)
{
    (void)state;
    free(check_write_text(dir, "page.mp4", "<!DOCTYPE html>"));
    media_run(dir, MEDIA_AUDIO " -c:a aac loud.m4a");
    struct avqa_scenes s = scenes_of("page.mp4", 10, 0);
    assert_int_equal(s.n, 0);
    assert_int_equal(s.info.verdict.outcome, AVQA_MEDIA_NOT_MEDIA);
    avqa_scenes_release(&s);
    s = scenes_of("loud.m4a", 10, 0);
    assert_int_equal(s.n, 0);
    avqa_scenes_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_like_ffmpeg),
                                       cmocka_unit_test(test_least),
                                       cmocka_unit_test(test_none)};
    if (!media_can_make())
        return media_skip();
    dir = check_folder();
    int n = cmocka_run_group_tests(tests, NULL, NULL);
    check_remove(dir);
    return n;
}
