/* What a file is said to be: streams, turns, shapes and lengths of media made for it,
 * and each outcome with its sentence. */
#include "media.h"
#include "media/probe.h"

#include <sys/stat.h>

static char *dir; /* with all the media, made once */

static const char *const makes[] = {
    MEDIA_VIDEO MEDIA_AUDIO MEDIA_H264 " -c:a aac -movflags +faststart plain.mp4",
    "-i plain.mp4 -c copy -metadata:s:v:0 rotate=90 r90.mp4",
    "-i plain.mp4 -c copy -metadata:s:v:0 rotate=180 r180.mp4",
    "-i plain.mp4 -c copy -metadata:s:v:0 rotate=270 r270.mp4",
    MEDIA_VIDEO MEDIA_H264 " -vf setsar=4/3 sar.mp4",
    "-f lavfi -i testsrc2=s=320x240:r=24000/1001:d=2" MEDIA_H264 " film.mp4",
    MEDIA_AUDIO " -ac 6 -c:a aac sound.m4a",
    "-f lavfi -i color=red:s=600x600:d=0.04 -frames:v 1 cover.png",
    "-i sound.m4a -i cover.png -map 0 -map 1 -c copy -disposition:v attached_pic "
    "covered.m4a",
    "-i plain.mp4 -i cover.png -map 1 -map 0 -c copy -c:v:0 mjpeg first-cover.mp4",
    "-i plain.mp4 -c copy plain.mkv",
    MEDIA_VIDEO MEDIA_AUDIO " -c:v mpeg4 -c:a libmp3lame plain.avi",
    "-i plain.mp4 -c copy -movflags frag_keyframe+empty_moov frag.mp4",
};

static int setup(void **state)
{
    (void)state;
    dir = check_folder();
    for (size_t i = 0; i < N_OF(makes); i++)
        media_run(dir, makes[i]);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    check_remove(dir);
    return 0;
}

static struct avqa_media_info probe(const char *name)
{
    struct avqa_media_info info;
    char *path = avqa_io_join(dir, name);
    assert_ok(avqa_media_probe(&info, path, NULL));
    free(path);
    return info;
}

static void assert_outcome(const char *name, enum avqa_media_outcome outcome,
                           const char *reason)
{
    struct avqa_media_info info = probe(name);
    if (info.verdict.outcome != outcome)
        fail_msg("%s: %s, not %s: %s", name,
                 avqa_media_outcome_name(info.verdict.outcome),
                 avqa_media_outcome_name(outcome), info.verdict.reason);
    assert_has(info.verdict.reason, reason);
}

static void test_plain(void **state)
{
    (void)state;
    struct avqa_media_info info = probe("plain.mp4");
    assert_int_equal(info.verdict.outcome, AVQA_MEDIA_OK);
    assert_string_equal(info.verdict.reason, "");
    assert_true(info.has_video && info.has_audio);
    assert_int_equal(info.n_streams, 2);
    assert_string_equal(info.video.codec, "h264");
    assert_string_equal(info.video.pixels, "yuv420p");
    assert_int_equal(info.video.shown_width, 320);
    assert_int_equal(info.video.shown_height, 240);
    assert_int_equal(info.video.rate_num, 30 * info.video.rate_den);
    assert_int_equal(info.video.n_frames, 180);
    assert_int_equal(info.video.duration_us, 6000000);
    assert_int_equal(info.video.start_us, 0);
    assert_string_equal(info.audio.codec, "aac");
    assert_string_equal(info.audio.layout, "mono");
    assert_int_equal(info.audio.rate_hz, 44100);
    assert_int_equal(info.audio.n_channels, 1);
    assert_int_equal(info.audio.start_us, 0); /* priming is not heard */
}

static void test_shown(void **state)
{
    (void)state;
    /* The container stores the angle counterclockwise of the tag. */
    static const struct {
        const char *name;
        int rotation, width, height;
    } cases[] = {{"r90.mp4", 270, 240, 320},
                 {"r180.mp4", 180, 320, 240},
                 {"r270.mp4", 90, 240, 320},
                 {"sar.mp4", 0, 427, 240}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_media_info info = probe(cases[i].name);
        assert_int_equal(info.video.width, 320);
        assert_int_equal(info.video.rotation_deg, cases[i].rotation);
        assert_int_equal(info.video.shown_width, cases[i].width);
        assert_int_equal(info.video.shown_height, cases[i].height);
    }
    struct avqa_media_info film = probe("film.mp4");
    assert_int_equal(film.video.rate_num, 24000);
    assert_int_equal(film.video.rate_den, 1001);
}

static void test_containers(void **state)
{
    (void)state;
    static const char *const names[] = {"plain.mkv", "plain.avi", "frag.mp4"};
    for (size_t i = 0; i < N_OF(names); i++) {
        struct avqa_media_info info = probe(names[i]);
        assert_int_equal(info.verdict.outcome, AVQA_MEDIA_OK);
        assert_true(info.duration_us > 5900000 && info.duration_us < 6200000);
    }
}

static void test_pictures_are_no_video(void **state)
{
    (void)state;
    assert_outcome("sound.m4a", AVQA_MEDIA_NO_VIDEO, "it has sound, no video");
    assert_string_equal(probe("sound.m4a").audio.layout, "5.1");
    assert_outcome("covered.m4a", AVQA_MEDIA_NO_VIDEO, "a still picture");
    struct avqa_media_info info = probe("first-cover.mp4");
    assert_int_equal(info.verdict.outcome, AVQA_MEDIA_OK);
    assert_int_equal(info.video.width, 320);
    assert_int_equal(info.n_pictures, 1);
    assert_outcome("sar.mp4", AVQA_MEDIA_NO_AUDIO, "it has video, no sound");
}

static void test_cut(void **state)
{
    (void)state;
    static const char *const names[] = {"plain.mp4", "plain.mkv", "plain.avi",
                                        "frag.mp4"};
    for (size_t i = 0; i < N_OF(names); i++) {
        media_cut(dir, names[i], "cut", 40);
        assert_outcome("cut", AVQA_MEDIA_TRUNCATED, "it was cut");
        assert_true(probe("cut").has_video);
    }
    media_cut(dir, "sar.mp4", "cut", 40); /* its index was at the end */
    assert_outcome("cut", AVQA_MEDIA_TRUNCATED, "it was cut");
    assert_false(probe("cut").has_video);
}

/* A file whose index is whole and whose data is zero or noise. */
static void test_damaged(void **state)
{
    (void)state;
    char *path = avqa_io_join(dir, "plain.mp4");
    struct avqa_buf bytes = check_read(path);
    size_t at = 0;
    while (memcmp(bytes.data + at, "mdat", 4) != 0)
        at++;
    memset(bytes.data + at + 4, 0, bytes.len - at - 4);
    free(check_write(dir, "zero.mp4", bytes.data, bytes.len));
    assert_outcome("zero.mp4", AVQA_MEDIA_CORRUPT, "nothing in it decodes");
    bytes.data[at + 3] = 'x'; /* no data box at all: the streams are empty */
    free(check_write(dir, "none.mp4", bytes.data, at - 4));
    struct avqa_media_info info = probe("none.mp4");
    assert_false(info.has_video || info.has_audio);
    assert_int_equal(info.verdict.outcome, AVQA_MEDIA_NO_PACKETS);
    avqa_buf_release(&bytes);
    free(path);
}

static void test_no_media(void **state)
{
    (void)state;
    free(check_write_text(dir, "page.mp4", "<!doctype html><title>404</title>"));
    free(check_write_text(dir, "list.mp4", "#EXTM3U\n#EXTINF:9,\n/etc/passwd\n"));
    free(check_write_text(dir, "empty.mp4", ""));
    free(check_write(dir, "short.mp4", "\0\0\0\1", 4));
    assert_outcome("page.mp4", AVQA_MEDIA_NOT_MEDIA, "HTML page");
    assert_outcome("list.mp4", AVQA_MEDIA_NOT_MEDIA, "a text");
    assert_outcome("short.mp4", AVQA_MEDIA_NOT_MEDIA, "no container");
    assert_outcome("cover.png", AVQA_MEDIA_NOT_MEDIA, "which is not taken");
    assert_outcome("empty.mp4", AVQA_MEDIA_NO_FILE, "it is empty");
    assert_outcome("missing.mp4", AVQA_MEDIA_NO_FILE, "No such file");
    assert_outcome(".", AVQA_MEDIA_NO_FILE, "no regular file");
    char *pipe = avqa_io_join(dir, "pipe.mp4");
    assert_int_equal(mkfifo(pipe, 0600), 0); /* nobody writes: it must not wait */
    assert_outcome("pipe.mp4", AVQA_MEDIA_NO_FILE, "no regular file");
    free(pipe);
}

static void test_limits(void **state)
{
    (void)state;
    struct avqa_media_info info;
    char *path = avqa_io_join(dir, "plain.mp4");
    struct avqa_media_limits limits = {.max_duration_us = 5000000};
    assert_ok(avqa_media_probe(&info, path, &limits));
    assert_int_equal(info.verdict.outcome, AVQA_MEDIA_TOO_LONG);
    assert_has(info.verdict.reason, "the limit is 5 s");
    limits = (struct avqa_media_limits){.max_pixels = 320 * 240 - 1};
    assert_ok(avqa_media_probe(&info, path, &limits));
    assert_int_equal(info.verdict.outcome, AVQA_MEDIA_UNSUPPORTED);
    assert_has(info.verdict.reason, "320 x 240");
    limits = (struct avqa_media_limits){.wall_us = 1};
    assert_ok(avqa_media_probe(&info, path, &limits));
    assert_int_equal(info.verdict.outcome, AVQA_MEDIA_TOO_SLOW);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),      cmocka_unit_test(test_shown),
        cmocka_unit_test(test_containers), cmocka_unit_test(test_pictures_are_no_video),
        cmocka_unit_test(test_cut),        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_no_media),   cmocka_unit_test(test_limits)};
    return media_can_make() ? cmocka_run_group_tests(tests, setup, teardown)
                            : media_skip();
}
