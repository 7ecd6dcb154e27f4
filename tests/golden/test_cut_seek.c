/* That cuts of a long source do not read what is before them, and that nobody can tell
 * by what they made; and what happens where the index says what is not so. */
#include "boxes.h"
#include "cut_check.h"

static char *dir;

#define LONG " -f lavfi -i testsrc2=s=160x120:r=25:d=180"
#define LONG_SOUND " -f lavfi -i sine=frequency=440:sample_rate=44100:d=180"
#define MINUTE " -f lavfi -i testsrc2=s=160x120:r=25:d=61.03"
#define MINUTE_SOUND " -f lavfi -i sine=frequency=440:sample_rate=44100:d=61.01"
#define NO_NOISE " -c:a aac -aac_pns 0"

/* Cuts three times and compares with three cuts that read from the beginning. Returns
 * how many packets were read at most. */
static int64_t compare(const char *name, int64_t start_us, bool sought)
{
    char *source = avqa_io_join(dir, name);
    char *clip[2] = {avqa_io_join(dir, "sought.mp4"), avqa_io_join(dir, "linear.mp4")};
    int64_t n_read = 0;
    for (int mode = AVQA_CUT_EXACT; mode <= AVQA_CUT_COPY; mode++) {
        struct avqa_cut_report r[2];
        struct avqa_buf bytes[2];
        for (int i = 0; i < 2; i++) {
            struct avqa_cut_options o = cut_range(start_us, start_us + 5400000);
            o.mode = (enum avqa_cut_mode)mode;
            o.linear = i;
            assert_ok(avqa_cut(&r[i], clip[i], source, &o));
            if (!r[i].written && mode != AVQA_CUT_COPY) /* of PCM there is no copy */
                fail_msg("%s: %s: %s", name, r[i].reason, r[i].detail);
            bytes[i] = check_read(clip[i]);
        }
        if (r[0].sought != sought || r[1].sought)
            fail_msg("%s: the %s cut was%s sought", name,
                     avqa_cut_mode_name((enum avqa_cut_mode)mode),
                     r[0].sought ? "" : " not");
        assert_int_equal(r[0].written, r[1].written);
        if (bytes[0].len != bytes[1].len ||
            memcmp(bytes[0].data, bytes[1].data, bytes[0].len) != 0)
            fail_msg("%s: the %s cut differs after a seek", name,
                     avqa_cut_mode_name((enum avqa_cut_mode)mode));
        n_read = r[0].n_read > n_read ? r[0].n_read : n_read;
        assert_true(start_us < 60000000 || r[0].n_read < r[1].n_read / 2);
        avqa_buf_release(&bytes[0]);
        avqa_buf_release(&bytes[1]);
    }
    free(source);
    free(clip[0]);
    free(clip[1]);
    return n_read;
}

/* What is read does not grow with the place. 5.4 s and a group of pictures before them
 * are about 600 packets, twice. */
static void test_ordinary(void **state)
{
    (void)state;
    static const char *const kinds[][2] = {
        {"long.mp4", LONG LONG_SOUND CUT_B_PICTURES " -g 50" NO_NOISE},
        {"front.mp4", "-i long.mp4 -c copy -movflags +faststart"},
        {"loop.mp4", "-stream_loop 2 -i minute.mp4 -c copy"},
        {"late.mov",
         " -itsoffset 0.31" LONG LONG_SOUND CUT_FAST " -g 50 -c:a pcm_s16le"},
        {"mp3.mp4", "-i long.mp4 -c:v copy -c:a libmp3lame"},
        {"mute.mp4", "-i long.mp4 -an -c copy"},
    };
    static const int64_t starts_us[] = {7123456, 88000000, 171234567};
    media_run(dir, MINUTE MINUTE_SOUND CUT_B_PICTURES " -g 50" NO_NOISE " minute.mp4");
    for (size_t i = 0; i < N_OF(kinds); i++) {
        char args[1024];
        snprintf(args, sizeof args, "%s %s", kinds[i][1], kinds[i][0]);
        media_run(dir, args);
        for (size_t k = 0; k < N_OF(starts_us); k++)
            assert_true(compare(kinds[i][0], starts_us[k], true) < 1800);
    }
}

/* Three minutes, compared with what ffmpeg decodes. */
static void test_long(void **state)
{
    (void)state;
    char *source = avqa_io_join(dir, "long.mp4");
    char *clip = avqa_io_join(dir, "clip.mp4");
    struct cut_decoded in = cut_decode_source(source);
    for (int mode = AVQA_CUT_EXACT; mode <= AVQA_CUT_SMART; mode++) {
        struct avqa_cut_options o = cut_range(100123456, 160123456);
        o.mode = (enum avqa_cut_mode)mode;
        struct avqa_cut_report r = cut_and_compare(source, clip, &in, &o);
        assert_true(r.sought);
        assert_int_equal(r.mode, mode);
        assert_int_equal(r.n_samples, cut_samples(&o, 44100));
        assert_true(r.n_copied >= (mode == AVQA_CUT_SMART ? 1400 : 0));
    }
    cut_decoded_release(&in);
    free(source);
    free(clip);
}

static struct avqa_buf read_source(const char *name)
{
    char *path = avqa_io_join(dir, name);
    struct avqa_buf bytes = check_read(path);
    free(path);
    return bytes;
}

static void write_source(const char *name, struct avqa_buf *bytes)
{
    free(check_write(dir, name, bytes->data, bytes->len));
    avqa_buf_release(bytes);
}

/* An index without a key frame before the range: the first packet shows it. */
static void test_no_key(void **state)
{
    (void)state;
    struct avqa_cut_report r;
    struct avqa_buf bytes = read_source("minute.mp4");
    char *source = avqa_io_join(dir, "nokey.mp4");
    char *clip = avqa_io_join(dir, "clip.mp4");
    boxes_keep_key(&bytes, 0, 1501);
    write_source("nokey.mp4", &bytes);
    struct cut_decoded in = cut_decode_source(source);
    struct avqa_cut_options o = cut_range(20123456, 25000000);
    r = cut_and_compare(source, clip, &in, &o);
    assert_false(r.sought);
    assert_true(r.n_read > 2 * 25 * 25); /* from the beginning */
    cut_decoded_release(&in);
    free(source);
    free(clip);
}

/* An index that calls others key frames than those that are: what is decoded from there
 * is too little, and all is read from the beginning. */
static void test_wrong_keys(void **state)
{
    (void)state;
    struct avqa_buf bytes = read_source("minute.mp4");
    char *source = avqa_io_join(dir, "lies.mp4");
    char *clip = avqa_io_join(dir, "clip.mp4");
    char *honest = avqa_io_join(dir, "minute.mp4");
    boxes_move_keys(&bytes, 0, 7);
    write_source("lies.mp4", &bytes);
    struct cut_decoded in = cut_decode_source(honest);
    struct avqa_cut_options o = cut_range(20123456, 25000000);
    for (int mode = AVQA_CUT_EXACT; mode <= AVQA_CUT_SMART; mode++) {
        o.mode = (enum avqa_cut_mode)mode;
        struct avqa_cut_report r = cut_and_compare(source, clip, &in, &o);
        assert_false(mode == AVQA_CUT_EXACT && r.sought);
    }
    cut_decoded_release(&in);
    free(source);
    free(honest);
    free(clip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ordinary), cmocka_unit_test(test_long),
        cmocka_unit_test(test_no_key), cmocka_unit_test(test_wrong_keys)};
    if (!media_can_make())
        return media_skip();
    dir = check_folder();
    int n = cmocka_run_group_tests(tests, NULL, NULL);
    check_remove(dir);
    return n;
}
