/* Seconds that are black, frozen, silent or clipped by construction are found to be. */
#include "media.h"
#include "media/measure.h"

static char *dir;

static void assert_letters(const char *name, const char *make, const char *picture,
                           const char *sound)
{
    struct avqa_media_measures m;
    char args[1024];
    char *path = avqa_io_join(dir, name);
    snprintf(args, sizeof args, "%s %s", make, name);
    media_run(dir, args);
    assert_ok(avqa_media_measure(&m, path, NULL, NULL));
    if (strcmp(avqa_buf_str(&m.picture), picture) != 0 ||
        strcmp(avqa_buf_str(&m.sound), sound) != 0)
        fail_msg("%s: '%s' '%s', not '%s' '%s'", name, avqa_buf_str(&m.picture),
                 avqa_buf_str(&m.sound), picture, sound);
    avqa_media_measures_release(&m);
    free(path);
}

#define MOVES "-f lavfi -i testsrc2=s=128x96:r=10:d=6"
#define TONE "-f lavfi -i sine=sample_rate=16000:d=6"
#define FAST " -c:v libx264 -pix_fmt yuv420p -c:a pcm_s16le"

static void test_letters(void **state)
{
    (void)state;
    assert_letters("good.mkv", MOVES " " TONE FAST, "......", "......");
    assert_letters("black.mkv",
                   MOVES " " TONE FAST
                         " -vf \"drawbox=c=black:t=fill:enable='between(t,2,4)'\"",
                   "..bb..", "......");
    assert_letters("frozen.mkv",
                   "-f lavfi -i testsrc2=s=128x96:r=10:d=3 " TONE FAST
                   " -vf tpad=stop_mode=clone:stop_duration=3",
                   "....ff",
                   "......"); /* second 2 is that of its middle, which moves */
    assert_letters("silent.mkv",
                   MOVES " " TONE FAST " -af \"volume=0:enable='between(t,0.9,2.95)'\"",
                   "......", ".ss...");
    assert_letters("quiet.mkv", MOVES " " TONE FAST " -af volume=-30dB", "......",
                   "......");
    assert_letters("clipped.mkv",
                   MOVES " " TONE FAST " -af \"volume=30dB:enable='gte(t,4)'\"",
                   "......", "....cc");
    assert_letters("mute.mkv", MOVES FAST, "......", "");
    assert_letters("sound.mkv", TONE " -c:a pcm_s16le", "", "......");
    assert_letters(
        "late.mkv",
        "-itsoffset 2 -i good.mkv -i good.mkv -map 0:v -map 1:a -c copy -t 5", "--...",
        ".....");
}

static void test_no_media(void **state)
{
    (void)state;
    struct avqa_media_measures m;
    char *path = check_write_text(dir, "page.mp4", "<html>");
    assert_ok(avqa_media_measure(&m, path, NULL, NULL));
    assert_int_equal(m.report.info.verdict.outcome, AVQA_MEDIA_NOT_MEDIA);
    assert_int_equal(m.picture.len + m.sound.len, 0);
    avqa_media_measures_release(&m);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_letters),
                                       cmocka_unit_test(test_no_media)};
    return media_can_make() ? cmocka_run_group_tests(tests, setup, teardown)
                            : media_skip();
}
