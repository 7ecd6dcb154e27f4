/* Exact and smart cuts of the real clips, where they are there, beside what ffmpeg
 * decodes of them. Without them the test skips. */
#include "cut_check.h"

#include <glob.h>

static char *dir, *pattern;
static int n_middle; /* smart cuts whose range begins within a group of pictures */

static void compare_clip(const char *source, const char *clip)
{
    static const int64_t ranges[][2] = {
        {500000, 1700000}, {0, 3300000}, {700000, 8000000}, {2345678, 9000000}};
    struct avqa_media_info info;
    assert_ok(avqa_media_probe(&info, source, NULL));
    struct cut_decoded in = cut_decode_source(source);
    for (size_t i = 0; i < N_OF(ranges); i++) {
        if (i && ranges[i][1] > info.duration_us - 900000)
            break;
        for (int mode = AVQA_CUT_EXACT; mode <= AVQA_CUT_SMART; mode++) {
            struct avqa_cut_options o = cut_range(ranges[i][0], ranges[i][1]);
            o.mode = (enum avqa_cut_mode)mode;
            struct avqa_cut_report r = cut_and_compare(source, clip, &in, &o);
            if (r.rate_hz && llabs(r.n_samples - cut_samples(&o, r.rate_hz)) > 1)
                fail_msg("%s: %lld samples", source, (long long)r.n_samples);
            n_middle += i > 1 && r.n_copied > 0;
            if (mode == AVQA_CUT_SMART)
                print_message("%-60s %5lld of %lld pictures copied %s\n", source,
                              (long long)r.n_copied, (long long)r.n_pictures,
                              r.fell_back);
        }
    }
    cut_decoded_release(&in);
}

static void test_real(void **state)
{
    (void)state;
    glob_t g;
    char *clip = avqa_io_join(dir, "clip.mp4");
    assert_int_equal(glob(pattern, 0, NULL, &g), 0);
    for (size_t i = 0; i < g.gl_pathc; i++)
        compare_clip(g.gl_pathv[i], clip);
    assert_true(n_middle >= 4);
    globfree(&g);
    free(clip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_real)};
    const char *shared = getenv("AVQA_SHARED");
    glob_t g;
    if (!media_can_make())
        return media_skip();
    pattern = avqa_io_join(shared ? shared : "../shared", "data/media/*.m*");
    if (glob(pattern, 0, NULL, &g) != 0) {
        puts("skipped: there are no real clips");
        free(pattern);
        return 77;
    }
    globfree(&g);
    dir = check_folder();
    int n = cmocka_run_group_tests(tests, NULL, NULL);
    check_remove(dir);
    free(pattern);
    return n;
}
