/* The decoder beside the ffmpeg program, over media of every awkward kind and over real
 * clips: the same number of pictures, the same bytes in them, the times that ffprobe's
 * list of frames gives, the same samples. */
#include "decoded.h"

#include <dirent.h>
#include <math.h>

static char *dir;

/* ---- theirs ---------------------------------------------------------------------- */

static struct avqa_buf read_back(const char *name)
{
    char *path = avqa_io_join(dir, name);
    struct avqa_buf bytes = check_read(path);
    free(path);
    return bytes;
}

static struct avqa_buf their_pictures(const char *path)
{
    char args[2048];
    snprintf(args, sizeof args,
             "-i '%s' -map 0:V:0 -vf fps=1,scale=%d:%d:flags=bilinear+full_chroma_int "
             "-pix_fmt rgb24 -f "
             "rawvideo pictures",
             path, SIDE, SIDE);
    media_run(dir, args);
    return read_back("pictures");
}

/* The mean of the channels, led by silence where the sound begins late. */
static struct avqa_buf their_samples(const char *path, int n_channels)
{
    char args[2048];
    struct avqa_buf mean = AVQA_BUF_INIT;
    for (int i = 0; i < n_channels; i++)
        avqa_buf_addf(&mean, "%s%.9f*c%d", i ? "+" : "", 1.0 / n_channels, i);
    snprintf(
        args, sizeof args,
        "-i '%s' -map 0:a:0 -af 'pan=mono|c0=%s,aresample=16000:async=1:first_pts=0"
        ":min_comp=0.001:min_hard_comp=0.1' -f f32le samples",
        path, avqa_buf_str(&mean));
    media_run(dir, args);
    avqa_buf_release(&mean);
    return read_back("samples");
}

/* ---- comparing ------------------------------------------------------------------- */

struct expectation {
    double picture_difference; /* mean of absolute differences, of 255 */
    bool short_video; /* ffmpeg gives nothing below half a second; we give one */
    bool damaged;
};

static void compare_pictures(const char *name, const struct ours *o,
                             const struct avqa_buf *theirs, double tolerance)
{
    double sum = 0;
    if (o->rgb.len != theirs->len)
        fail_msg("%s: %zu pictures, ffmpeg has %zu", name, o->rgb.len / PICTURE,
                 theirs->len / PICTURE);
    for (size_t i = 0; i < theirs->len; i++)
        sum += abs((uint8_t)o->rgb.data[i] - (uint8_t)theirs->data[i]);
    double mean = sum / (double)theirs->len;
    if (mean > tolerance)
        fail_msg("%s: pictures differ by %.3f of 255 on average", name, mean);
}

/* Tick k is the last picture that begins before k + 0.5 s. */
static void compare_times(const char *name, const char *path, const struct ours *o)
{
    enum { MAX = 8000 };
    int64_t *times = calloc(MAX, sizeof *times);
    assert_non_null(times);
    size_t n = their_times(path, their_zero(path), times, MAX);
    assert_true(n > 0);
    for (size_t i = 0; i < o->n; i++) {
        int64_t expected = times[0];
        for (size_t k = 0; k < n && times[k] < o->ticks[i] * 1000000 + 500000; k++)
            expected = times[k] > expected ? times[k] : expected;
        if (llabs(expected - o->pts[i]) > 1000)
            fail_msg("%s: picture %zu is of %lld us, not of %lld us", name, i,
                     (long long)o->pts[i], (long long)expected);
    }
    free(times);
}

static void compare_samples(const char *name, const struct ours *o,
                            const struct avqa_buf *theirs)
{
    const float *a = (const float *)(const void *)o->mono.data;
    const float *b = (const float *)(const void *)theirs->data;
    double worst = 0;
    double ab = 0;
    double aa = 0;
    double bb = 0;
    if (o->mono.len != theirs->len)
        fail_msg("%s: %zu samples, ffmpeg has %zu", name, o->mono.len / sizeof *a,
                 theirs->len / sizeof *b);
    for (size_t i = 0; i < theirs->len / sizeof *b; i++) {
        worst = fmax(worst, fabs((double)a[i] - (double)b[i]));
        ab += (double)a[i] * (double)b[i];
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[i] * (double)b[i];
    }
    if (worst > 1e-5 || ab < 0.999999 * sqrt(aa * bb))
        fail_msg("%s: samples differ by up to %g, correlation %.6f", name, worst,
                 ab / sqrt(aa * bb));
}

static void compare(const char *name, const char *path, const struct expectation *e)
{
    struct ours o = decode_stretch(path, 0, 0, false);
    struct ours all = decode_stretch(path, 0, 0, true);
    const struct avqa_media_info *info = &o.report.info;
    assert_int_equal(o.report.n_samples * (int64_t)sizeof(float), o.mono.len);
    assert_int_equal(o.report.n_given, o.n);
    if (!e->damaged) { /* what was left out was never asked for */
        assert_int_equal(o.rgb.len, all.rgb.len);
        assert_true(o.rgb.len == 0 || memcmp(o.rgb.data, all.rgb.data, o.rgb.len) == 0);
        assert_int_equal(info->verdict.outcome,
                         info->has_video && info->has_audio ? AVQA_MEDIA_OK
                         : info->has_video                  ? AVQA_MEDIA_NO_AUDIO
                                                            : AVQA_MEDIA_NO_VIDEO);
    }
    if (info->has_video && !e->short_video) {
        struct avqa_buf theirs = their_pictures(path);
        compare_pictures(name, &all, &theirs, e->picture_difference);
        compare_times(name, path, &all);
        avqa_buf_release(&theirs);
    }
    if (e->short_video)
        assert_int_equal(o.n, 1);
    if (info->has_audio) {
        struct avqa_buf theirs = their_samples(path, info->audio.n_channels);
        compare_samples(name, &o, &theirs);
        avqa_buf_release(&theirs);
    }
    release(&o);
    release(&all);
}

/* ---- generated media ------------------------------------------------------------- */

#define BOTH MEDIA_VIDEO MEDIA_AUDIO MEDIA_H264
#define SHORT_VIDEO "-f lavfi -i testsrc2=s=320x240:r=30:d=3"

/* Turning after scaling rounds a little differently; a wrong turn differs by 40 and
 * more.
 */
static const struct {
    const char *name, *make;
    struct expectation e;
} generated[] = {
    {"plain.mp4", BOTH " -bf 3 -c:a aac", {.picture_difference = 0.01}},
    {"vfr.mp4",
     BOTH
     " -vf 'select=not(mod(n\\,3))+gt(mod(n\\,50)\\,30)' -vsync vfr -bf 3 -c:a aac",
     {.picture_difference = 0.01}},
    {"r90.mp4",
     "-i plain.mp4 -c copy -metadata:s:v:0 rotate=90",
     {.picture_difference = 6}},
    {"r180.mp4",
     "-i plain.mp4 -c copy -metadata:s:v:0 rotate=180",
     {.picture_difference = 0.1}},
    {"r270.mp4",
     "-i plain.mp4 -c copy -metadata:s:v:0 rotate=270",
     {.picture_difference = 6}},
    {"sar.mp4", BOTH " -vf setsar=4/3 -c:a aac", {.picture_difference = 0.01}},
    {"film.mp4",
     "-f lavfi -i testsrc2=s=320x240:r=24000/1001:d=6" MEDIA_H264,
     {.picture_difference = 0.01}},
    {"ntsc.mp4",
     "-f lavfi -i testsrc2=s=320x240:r=60000/1001:d=6" MEDIA_H264,
     {.picture_difference = 0.01}},
    {"opengop.mp4",
     BOTH
     " -bf 8 -b_strategy 2 -x264-params b-pyramid=normal:keyint=40:open-gop=1 -c:a aac",
     {.picture_difference = 0.01}},
    {"sequences.mp4",
     BOTH " -bf 3 -x264-params b-pyramid=normal:keyint=40:min-keyint=40 -c:a aac",
     {.picture_difference = 0.01}},
    {"inband.ts",
     BOTH " -bf 3 -x264-params keyint=25:min-keyint=25:repeat-headers=1 -c:a aac",
     {.picture_difference = 0.01}},
    {"cutopen.mp4", "-ss 1.3 -i opengop.mp4 -c copy", {.picture_difference = 0.01}},
    {"cutedit.mp4", "-ss 2.2 -i plain.mp4 -c copy", {.picture_difference = 0.01}},
    {"opus.mp4", BOTH " -c:a libopus", {.picture_difference = 0.01}},
    {"mono.mp4", BOTH " -c:a aac -ar 22050", {.picture_difference = 0.01}},
    {"surround.mp4",
     MEDIA_VIDEO " -f lavfi -i 'aevalsrc=0.1*sin(2*PI*200*t)|0.2*sin(2*PI*300*t)|"
                 "0.3*sin(2*PI*400*t)|0.1*sin(2*PI*50*t)|0.1*sin(2*PI*600*t)|"
                 "0.2*sin(2*PI*700*t):c=5.1:s=48000:d=6'" MEDIA_H264 " -c:a aac",
     {.picture_difference = 0.01}},
    {"sound.m4a", MEDIA_AUDIO " -c:a aac", {.picture_difference = 0}},
    {"sound.mp3", MEDIA_AUDIO " -c:a libmp3lame", {.picture_difference = 0}},
    {"sound.wav", MEDIA_AUDIO, {.picture_difference = 0}},
    {"cover.png",
     "-f lavfi -i color=red:s=600x600:d=0.04 -frames:v 1",
     {.picture_difference = 0}},
    {"covered.mp4",
     "-i plain.mp4 -i cover.png -map 0 -map 1 -c copy -c:v:1 png "
     "-disposition:v:1 attached_pic",
     {.picture_difference = 0.01}},
    {"plain.mkv", "-i plain.mp4 -c copy", {.picture_difference = 0.01}},
    {"plain.ts", "-i plain.mp4 -c copy", {.picture_difference = 0.01}},
    {"plain.flv", "-i plain.mp4 -c copy", {.picture_difference = 0.01}},
    {"plain.avi",
     "-i plain.mp4 -c:v mpeg4 -c:a libmp3lame",
     {.picture_difference = 0.01}},
    {"frag.mp4",
     "-i plain.mp4 -c copy -movflags frag_keyframe+empty_moov",
     {.picture_difference = 0.01}},
    {"latevideo.mp4",
     "-itsoffset 0.4 -i plain.mp4 -i plain.mp4 -map 0:v -map 1:a -c copy",
     {.picture_difference = 0.01}},
    {"latesound.mp4",
     "-itsoffset 1.3 -i plain.mp4 -i plain.mp4 -map 1:v -map 0:a -c copy",
     {.picture_difference = 0.01}},
    {"interlaced.mp4",
     SHORT_VIDEO MEDIA_H264 " -vf interlace -flags +ildct+ilme",
     {.picture_difference = 0.01}},
    {"full-range.avi", SHORT_VIDEO " -c:v mjpeg", {.picture_difference = 0.01}},
    {"bt709.mp4",
     SHORT_VIDEO MEDIA_H264 " -colorspace bt709 -color_range tv",
     {.picture_difference = 0.01}},
    {"short.mp4",
     "-f lavfi -i testsrc2=s=320x240:r=30:d=0.3" MEDIA_H264,
     {.short_video = true}},
};

static void test_generated(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(generated); i++) {
        char args[1024];
        snprintf(args, sizeof args, "%s %s", generated[i].make, generated[i].name);
        media_run(dir, args);
        char *path = avqa_io_join(dir, generated[i].name);
        if (!strstr(generated[i].name, ".png"))
            compare(generated[i].name, path, &generated[i].e);
        free(path);
    }
}

/* Matroska keeps times in milliseconds and Opus begins before time 0: ffmpeg leads the
 * sound by those milliseconds of silence, we cut them. So only the samples themselves
 * are compared, and where the first one lies. */
static void test_opus_in_matroska(void **state)
{
    (void)state;
    media_run(dir, BOTH " -c:a libopus opus.mkv");
    char *path = avqa_io_join(dir, "opus.mkv");
    struct ours o = decode_stretch(path, 0, 0, true);
    media_run(dir, "-i opus.mkv -map 0:a:0 -af aresample=16000 -f f32le samples");
    struct avqa_buf theirs = read_back("samples");
    compare_samples("opus.mkv", &o, &theirs);
    assert_int_equal(o.n, 6);
    assert_int_equal(o.report.info.audio.start_us, 0);
    avqa_buf_release(&theirs);
    release(&o);
    free(path);
}

/* ---- damage ---------------------------------------------------------------------- */

static void test_truncated(void **state)
{
    (void)state;
    static const char *const names[] = {"fast.mp4", "plain.mkv", "plain.flv",
                                        "frag.mp4", "plain.avi"};
    static const struct expectation e = {.picture_difference = 0.01, .damaged = true};
    media_run(dir, "-i plain.mp4 -c copy -movflags +faststart fast.mp4");
    for (size_t i = 0; i < N_OF(names); i++) {
        media_cut(dir, names[i], "cut", 40);
        char *path = avqa_io_join(dir, "cut");
        struct ours o = decode_stretch(path, 0, 0, false);
        assert_int_equal(o.report.info.verdict.outcome, AVQA_MEDIA_TRUNCATED);
        assert_true(o.n > 0);
        release(&o);
        compare(names[i], path, &e);
        free(path);
    }
}

/* Bytes overwritten in the middle: what decodes is the same as ffmpeg's, the sound
 * keeps its time, and the damage is counted. */
static void test_corrupt(void **state)
{
    (void)state;
    char *path = avqa_io_join(dir, "plain.mp4");
    struct avqa_buf bytes = check_read(path);
    free(path);
    uint32_t seed = 7;
    for (int i = 0; i < 40; i++) {
        seed = seed * 1664525 + 1013904223;
        size_t at = 5000 + seed % (bytes.len * 6 / 10);
        memset(bytes.data + at, (int)(seed >> 24), 24);
    }
    path = check_write(dir, "corrupt.mp4", bytes.data, bytes.len);
    struct ours o = decode_stretch(path, 0, 0, true);
    assert_int_equal(o.report.info.verdict.outcome, AVQA_MEDIA_DAMAGED);
    assert_has(o.report.info.verdict.reason, "damaged");
    assert_true(o.report.n_video_bad > 0);
    assert_int_equal(o.n, 6);
    assert_true(llabs(o.report.n_samples - 96224) < 2400); /* 0.15 s */
    release(&o);
    avqa_buf_release(&bytes);
    free(path);
}

/* ---- real clips ------------------------------------------------------------------ */

static void test_real_clips(void **state)
{
    (void)state;
    static const struct expectation e = {.picture_difference = 0.01};
    const char *shared = getenv("AVQA_SHARED");
    char *folder = avqa_io_join(shared ? shared : "../shared", "data/media");
    DIR *list = opendir(folder);
    int n = 0;
    for (struct dirent *entry; list && (entry = readdir(list));) {
        if (!strstr(entry->d_name, ".mp4") && !strstr(entry->d_name, ".mov"))
            continue;
        char *path = avqa_io_join(folder, entry->d_name);
        compare(entry->d_name, path, &e);
        free(path);
        n++;
    }
    if (list)
        closedir(list);
    free(folder);
    if (n == 0) {
        puts("the real clips are not here");
        skip();
    }
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
        cmocka_unit_test(test_generated), cmocka_unit_test(test_opus_in_matroska),
        cmocka_unit_test(test_truncated), cmocka_unit_test(test_corrupt),
        cmocka_unit_test(test_real_clips)};
    return media_can_make() ? cmocka_run_group_tests(tests, setup, teardown)
                            : media_skip();
}
