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
#define MOVES30 "-f lavfi -i testsrc2=s=128x96:r=30:d=6 -c:v libx264 -pix_fmt yuv420p"
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

static uint64_t item_of(const struct avqa_buf *hex, size_t i, size_t digits)
{
    char word[17] = {0};
    memcpy(word, hex->data + i * digits, digits);
    return strtoull(word, NULL, 16);
}

/* How many of 100 items differ in at most 10 bits. */
static int alike(const struct avqa_buf *a, const struct avqa_buf *b, size_t digits)
{
    size_t n = (a->len < b->len ? a->len : b->len) / digits;
    int same = 0;
    for (size_t i = 0; i < n; i++)
        same +=
            __builtin_popcountll(item_of(a, i, digits) ^ item_of(b, i, digits)) <= 10;
    return n ? (int)(100 * (size_t)same / n) : 0;
}

static struct avqa_media_measures measured(const char *name)
{
    struct avqa_media_measures m;
    char *path = avqa_io_join(dir, name);
    assert_ok(avqa_media_measure(&m, path, NULL, NULL));
    free(path);
    return m;
}

/* Fingerprints stay through another size, codec, rate and loudness, and differ between
 * strangers. */
static void test_prints(void **state)
{
    (void)state;
    media_run(dir,
              "-f lavfi -i mandelbrot=s=320x240:r=10 -f lavfi -i "
              "'aevalsrc=0.3*sin(2*PI*t*(300+90*t))+0.2*sin(2*PI*t*900):s=44100' -t 8 "
              "-c:v libx264 -pix_fmt yuv420p -c:a pcm_s16le one.mkv");
    media_run(dir,
              "-i one.mkv -vf scale=160:90 -c:v mpeg4 -q:v 12 -af volume=-12dB -c:a "
              "libmp3lame -b:a 64k -ar 32000 again.avi");
    media_run(dir, "-f lavfi -i testsrc2=s=320x240:r=10 -f lavfi -i "
                   "'aevalsrc=0.3*sin(2*PI*t*(2000-120*t)):s=44100' -t 8 -c:v libx264 "
                   "-pix_fmt yuv420p -c:a pcm_s16le other.mkv");
    struct avqa_media_measures one = measured("one.mkv");
    struct avqa_media_measures again = measured("again.avi");
    struct avqa_media_measures other = measured("other.mkv");
    assert_int_equal(one.picture_print.len, 8 * 16);
    assert_true(one.sound_print.len >= 30 * 8);
    assert_true(alike(&one.picture_print, &again.picture_print, 16) >= 80);
    assert_true(alike(&one.sound_print, &again.sound_print, 8) >= 70);
    assert_true(alike(&one.picture_print, &other.picture_print, 16) <= 20);
    assert_true(alike(&one.sound_print, &other.sound_print, 8) <= 30);
    avqa_media_measures_release(&one);
    avqa_media_measures_release(&again);
    avqa_media_measures_release(&other);
}

/* Every second sequence of half a second is damaged. Some of them show nothing in the
 * moments that are measured, but whether a file is whole is asked of all of it: leaving
 * those out finds 6 packets. */
static void test_damage(void **state)
{
    (void)state;
    media_run(dir, MOVES30 " -g 15 -keyint_min 15 -sc_threshold 0 -bsf:v noise=amount="
                           "'if(eq(mod(floor(n/15)\\,2)\\,1)\\,40\\,0)' holes.mkv");
    struct avqa_media_measures m = measured("holes.mkv");
    assert_true(m.report.n_video_bad >= 15);
    avqa_media_measures_release(&m);
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_letters), cmocka_unit_test(test_prints),
        cmocka_unit_test(test_damage), cmocka_unit_test(test_no_media)};
    return media_can_make() ? cmocka_run_group_tests(tests, setup, teardown)
                            : media_skip();
}
