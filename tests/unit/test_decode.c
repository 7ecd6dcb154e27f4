/* What a caller can ask of the decoder and what it does when it is told to stop; that
 * its pictures are right is compared with the ffmpeg program in tests/golden. */
#include "media.h"
#include "media/decode.h"
#include "media/picture.h"

static char *dir, *path;

struct seen {
    int n, width, height;
    int64_t index[64], pts[64];
    size_t n_samples;
    enum avqa_status answer; /* what the callbacks return */
    int stop_after;          /* pictures; 0: never */
};

static enum avqa_status see(void *user, const struct avqa_decoded *d)
{
    struct seen *s = user;
    assert_true(s->n < 64);
    s->width = d->width;
    s->height = d->height;
    s->pts[s->n] = d->pts_us;
    s->index[s->n++] = d->index;
    return s->answer;
}

static enum avqa_status hear(void *user, const float *mono, size_t n)
{
    struct seen *s = user;
    (void)mono;
    s->n_samples += n;
    return AVQA_OK;
}

static struct avqa_decode_options options_for(struct seen *s)
{
    struct avqa_decode_options o = AVQA_DECODE_DEFAULTS;
    o.picture = see;
    o.samples = hear;
    o.user = s;
    return o;
}

static void test_times(void **state)
{
    (void)state;
    static const int64_t times[] = {0, 1, 33334, 2000000, 2000000, 5999999, 6000000};
    static const int64_t expected[] = {0, 0, 33333, 2000000, 2000000, 5966666};
    struct seen s = {0};
    struct avqa_decode_report r;
    struct avqa_decode_options o = options_for(&s);
    o.rate_num = 0;
    o.times_us = times;
    o.n_times = N_OF(times);
    assert_ok(avqa_decode(&r, path, &o));
    assert_int_equal(s.n, N_OF(expected));
    for (int i = 0; i < s.n; i++) {
        assert_int_equal(s.index[i], i);
        assert_true(llabs(s.pts[i] - expected[i]) <= 1);
    }
    assert_int_equal(r.n_missed, 1); /* 6 s is the end */
    assert_int_equal(r.n_samples, s.n_samples);
}

static void test_rates(void **state)
{
    (void)state;
    static const struct {
        int num, den, expected;
    } cases[] = {{1, 1, 6}, {2, 1, 12}, {1, 2, 3}, {5, 3, 10}, {7, 1, 42}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct seen s = {0};
        struct avqa_decode_report r;
        struct avqa_decode_options o = options_for(&s);
        o.rate_num = cases[i].num;
        o.rate_den = cases[i].den;
        o.samples = NULL;
        assert_ok(avqa_decode(&r, path, &o));
        assert_int_equal(s.n, cases[i].expected);
        assert_int_equal(r.info.verdict.outcome, AVQA_MEDIA_OK);
    }
}

/* Every way to ask for a size, of a picture that is 320 x 240 with pixels 4:3, turned.
 */
static void test_sizes(void **state)
{
    (void)state;
    static const struct {
        int width, height, shorter, w, h;
    } cases[] = {{0, 0, 0, 240, 427},
                 {224, 224, 0, 224, 224},
                 {120, 0, 0, 120, 214},
                 {0, 427, 0, 240, 427},
                 {0, 0, 120, 120, 214}};
    char *turned = avqa_io_join(dir, "turned.mp4");
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct seen s = {0};
        struct avqa_decode_report r;
        struct avqa_decode_options o = options_for(&s);
        o.width = cases[i].width;
        o.height = cases[i].height;
        o.shorter = cases[i].shorter;
        assert_ok(avqa_decode(&r, turned, &o));
        assert_int_equal(s.width, cases[i].w);
        assert_int_equal(s.height, cases[i].h);
        assert_int_equal(r.info.video.rotation_deg, 90);
    }
    free(turned);
}

/* A picture of 2 x 3 numbered pixels in all eight turns. */
static void test_turns(void **state)
{
    (void)state;
    static const uint8_t in[3][8] = {
        {1, 1, 1, 2, 2, 2}, {3, 3, 3, 4, 4, 4}, {5, 5, 5, 6, 6, 6}};
    static const struct {
        struct avqa_media_turn turn;
        uint8_t out[6];
        int degrees;
    } cases[] = {{{false, false, false}, {1, 2, 3, 4, 5, 6}, 0},
                 {{false, true, false}, {2, 1, 4, 3, 6, 5}, 0},
                 {{false, false, true}, {5, 6, 3, 4, 1, 2}, 0},
                 {{false, true, true}, {6, 5, 4, 3, 2, 1}, 180},
                 {{true, false, false}, {1, 3, 5, 2, 4, 6}, 0},
                 {{true, true, false}, {5, 3, 1, 6, 4, 2}, 90},
                 {{true, false, true}, {2, 4, 6, 1, 3, 5}, 270},
                 {{true, true, true}, {6, 4, 2, 5, 3, 1}, 0}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        uint8_t out[18];
        int width = cases[i].turn.transpose ? 3 : 2;
        avqa_picture_apply_turn(out, width, 6 / width, in[0], sizeof in[0],
                                cases[i].turn);
        for (int k = 0; k < 18; k++)
            assert_int_equal(out[k], cases[i].out[k / 3]);
        assert_int_equal(avqa_picture_rotation_deg(cases[i].turn), cases[i].degrees);
    }
}

/* Sequences of half a second, of which every second one is asked for nothing; behind
 * the last one no other tells that it ends. */
static void test_left_out(void **state)
{
    (void)state;
    char *short_ones = avqa_io_join(dir, "sequences.mp4");
    struct seen s = {0};
    struct seen all = {0};
    struct avqa_decode_report r;
    struct avqa_decode_options o = options_for(&s);
    media_run(dir, MEDIA_VIDEO MEDIA_H264
              " -bf 0 -g 15 -x264-params "
              "keyint=15:min-keyint=15:scenecut=0 sequences.mp4");
    assert_ok(avqa_decode(&r, short_ones, &o));
    assert_int_equal(r.n_video_packets, 180);
    assert_int_equal(r.n_decoded, 6 * 15 + 15);
    o.user = &all;
    o.decode_all = true;
    assert_ok(avqa_decode(&r, short_ones, &o));
    assert_int_equal(r.n_decoded, 180);
    assert_int_equal(s.n, 6);
    assert_memory_equal(&s, &all, sizeof s);
    free(short_ones);
}

static bool is_stopped(void *user)
{
    struct seen *s = user;
    return s->stop_after && s->n >= s->stop_after;
}

static void test_ends_early(void **state)
{
    (void)state;
    struct avqa_decode_report r;
    struct seen s = {.answer = AVQA_EIO};
    struct avqa_decode_options o = options_for(&s);
    assert_int_equal(avqa_decode(&r, path, &o), AVQA_EIO);
    assert_int_equal(s.n, 1);
    s = (struct seen){.stop_after = 2};
    struct avqa_log log = {.stopped = is_stopped, .user = &s};
    o.log = &log;
    assert_int_equal(avqa_decode(&r, path, &o), AVQA_ESTOPPED);
    assert_int_equal(s.n, 2);
    s = (struct seen){0};
    o.log = NULL;
    o.limits.max_packets = 100;
    assert_ok(avqa_decode(&r, path, &o));
    assert_int_equal(r.info.verdict.outcome, AVQA_MEDIA_TOO_SLOW);
    assert_has(r.info.verdict.reason, "more than 100 packets");
    o.limits = (struct avqa_media_limits){.max_duration_us = 2500000};
    s = (struct seen){0};
    assert_ok(avqa_decode(&r, path, &o));
    assert_int_equal(r.info.verdict.outcome, AVQA_MEDIA_TOO_LONG);
    assert_true(s.n >= 1 && s.n <= 3);
    o.limits = (struct avqa_media_limits){.max_pixels = 100};
    assert_ok(avqa_decode(&r, path, &o));
    assert_int_equal(r.info.verdict.outcome, AVQA_MEDIA_UNSUPPORTED);
}

static void test_options(void **state)
{
    (void)state;
    static const int64_t descending[] = {2, 1};
    static const int64_t negative[] = {-1};
    struct avqa_decode_report r;
    struct seen s = {0};
    struct avqa_decode_options o = options_for(&s);
    o.rate_num = 0;
    assert_fails(avqa_decode(&r, path, &o), AVQA_EINVAL, "pictures a second");
    o.rate_num = 1001;
    assert_fails(avqa_decode(&r, path, &o), AVQA_EINVAL, "pictures a second");
    o.rate_num = 0;
    o.times_us = descending;
    o.n_times = 2;
    assert_fails(avqa_decode(&r, path, &o), AVQA_EINVAL, "do not ascend");
    o.times_us = negative;
    o.n_times = 1;
    assert_fails(avqa_decode(&r, path, &o), AVQA_EINVAL, "do not ascend");
    o.rate_num = 1;
    assert_fails(avqa_decode(&r, path, &o), AVQA_EINVAL, "a rate and a list");
    o = options_for(&s);
    o.rate_hz = 0;
    assert_fails(avqa_decode(&r, path, &o), AVQA_EINVAL, "0 Hz");
    o = options_for(&s);
    o.width = 20000;
    assert_fails(avqa_decode(&r, path, &o), AVQA_EINVAL, "beyond");
    assert_int_equal(s.n, 0);
}

static int setup(void **state)
{
    (void)state;
    dir = check_folder();
    path = avqa_io_join(dir, "plain.mp4");
    media_run(dir, MEDIA_VIDEO MEDIA_AUDIO MEDIA_H264 " -c:a aac plain.mp4");
    media_run(dir, MEDIA_VIDEO MEDIA_H264 " -vf setsar=4/3 -t 1 sar.mp4");
    media_run(dir, "-i sar.mp4 -c copy -metadata:s:v:0 rotate=270 turned.mp4");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(path);
    check_remove(dir);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),    cmocka_unit_test(test_rates),
        cmocka_unit_test(test_sizes),    cmocka_unit_test(test_turns),
        cmocka_unit_test(test_left_out), cmocka_unit_test(test_ends_early),
        cmocka_unit_test(test_options)};
    return media_can_make() ? cmocka_run_group_tests(tests, setup, teardown)
                            : media_skip();
}
