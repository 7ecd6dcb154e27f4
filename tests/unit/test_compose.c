/* Composed clips against the ffmpeg program: their sound is the sum of the parents'
 * within -60 dB, their cells are the scaled parents with more than 35 dB, and what
 * cannot be composed has its reason. */
#include "media.h"

#include "media/compose.h"

static char *folder;

/* Tones and noise; sound at several rates and channels, pictures of several sizes. */
static int make_media(void **state)
{
    (void)state;
    folder = check_folder();
    media_run(folder, "-f lavfi -i testsrc2=s=320x240:r=25:d=4"
                      " -f lavfi -i 'sine=440:r=48000:d=4,volume=0.8' -ac 2"
                      " -c:v libx264 -pix_fmt yuv420p -c:a aac -b:a 192k a.mp4");
    media_run(folder, "-f lavfi -i mandelbrot=s=240x320:r=30 -f lavfi -i "
                      "anoisesrc=r=44100:d=3:a=0.3:seed=7 -t 3 -ac 1"
                      " -c:v libx264 -pix_fmt yuv420p -c:a aac b.mp4");
    media_run(folder, "-i a.mp4 -map 0:v -c copy mute.mp4");
    media_run(folder, "-i a.mp4 -map 0:a -c copy blind.m4a");
    media_run(folder, "-i a.mp4 -af volume=6 -c:v copy -c:a aac -b:a 192k loud.mp4");
    media_cut(folder, "a.mp4", "cut.mp4", 60);
    return 0;
}

static int remove_media(void **state)
{
    (void)state;
    check_remove(folder);
    return 0;
}

static void compose(struct avqa_compose_report *report, struct avqa_compose_part *parts,
                    size_t n, struct avqa_compose_options options)
{
    char *paths[AVQA_COMPOSE_MAX_PARTS];
    char *out = avqa_io_join(folder, "out.mp4");
    for (size_t i = 0; i < n; i++)
        parts[i].path = paths[i] = avqa_io_join(folder, parts[i].path);
    options.parts = parts;
    options.n_parts = n;
    assert_ok(avqa_io_remove(out));
    assert_ok(avqa_compose(report, out, &options));
    for (size_t i = 0; i < n; i++)
        free(paths[i]);
    free(out);
}

/* The samples of DIR/NAME as ffmpeg decodes them. */
static struct avqa_buf decode(const char *name, const char *args)
{
    struct avqa_buf line = AVQA_BUF_INIT;
    avqa_buf_addf(&line, "-i %s %s -f f32le pcm", name, args);
    media_run(folder, avqa_buf_str(&line));
    avqa_buf_release(&line);
    char *path = avqa_io_join(folder, "pcm");
    struct avqa_buf pcm = check_read(path);
    free(path);
    return pcm;
}

static float sample(const struct avqa_buf *pcm, size_t i)
{
    float v = 0;
    if ((i + 1) * sizeof v <= pcm->len)
        memcpy(&v, pcm->data + i * sizeof v, sizeof v);
    return v;
}

/* How far out.mp4 is from gain_a * a + gain_b * b, in dB of that, over `n` stereo
 * samples at 48 kHz. */
static double sum_error_db(const struct avqa_compose_report *r, const char *a,
                           const char *b, size_t n)
{
    static const char same[] = "-ac 2 -ar 48000 -af aresample=48000";
    struct avqa_buf pcm_a = decode(a, same);
    struct avqa_buf pcm_b = AVQA_BUF_INIT;
    struct avqa_buf out = decode("out.mp4", "");
    double wrong = 0;
    double all = 0;
    if (b)
        pcm_b = decode(b, "-af 'aresample=48000,pan=stereo|c0=c0|c1=c0'");
    assert_int_equal(out.len, n * 2 * sizeof(float));
    for (size_t i = 0; i < 2 * n; i++) {
        double sum =
            (double)sample(&pcm_a, i) * pow(10, r->placed[0].gain_db / 20) +
            (b ? (double)sample(&pcm_b, i) * pow(10, r->placed[1].gain_db / 20) : 0);
        double d = sum - (double)sample(&out, i);
        wrong += d * d;
        all += sum * sum;
    }
    avqa_buf_release(&pcm_a);
    avqa_buf_release(&pcm_b);
    avqa_buf_release(&out);
    return 10 * log10(wrong / all);
}

static void overlay(void **state)
{
    struct avqa_compose_options options = AVQA_COMPOSE_DEFAULTS;
    struct avqa_compose_report r;
    (void)state;
    struct avqa_compose_part parts[] = {{"a.mp4", true, true, 0},
                                        {"b.mp4", false, true, -4}};
    compose(&r, parts, 2, options);
    assert_true(r.written);
    assert_int_equal(r.rate_hz, 48000);
    assert_int_equal(r.n_channels, 2);
    assert_in_range(r.duration_us, 2990000, 3030000); /* b is the shorter one */
    assert_in_range(r.n_pictures, 75, 76);
    assert_close(r.placed[0].gain_db, r.common_gain_db, 1e-9);
    assert_close(r.placed[1].gain_db, r.common_gain_db - 4, 1e-9);
    double error_db = sum_error_db(&r, "a.mp4", "b.mp4", (size_t)r.n_samples);
    print_message("sum of the parents: %.1f dB, common gain %.2f dB\n", error_db,
                  r.common_gain_db);
    assert_true(error_db < -60);
}

/* Two loud ones would clip: lowered, by what is said. */
static void loud(void **state)
{
    struct avqa_compose_options options = AVQA_COMPOSE_DEFAULTS;
    struct avqa_compose_report r;
    (void)state;
    struct avqa_compose_part parts[] = {{"loud.mp4", true, true, 3},
                                        {"b.mp4", false, true, 0}};
    compose(&r, parts, 2, options);
    assert_true(r.written);
    assert_true(r.common_gain_db < -1);
    double error_db = sum_error_db(&r, "loud.mp4", "b.mp4", (size_t)r.n_samples);
    print_message("common gain %.2f dB, sum %.1f dB\n", r.common_gain_db, error_db);
    assert_true(error_db < -60);
}

static void match(void **state)
{
    struct avqa_compose_options options = AVQA_COMPOSE_DEFAULTS;
    struct avqa_compose_report r;
    (void)state;
    struct avqa_compose_part parts[] = {{"b.mp4", true, false, 0},
                                        {"a.mp4", false, true, 0}};
    compose(&r, parts, 2, options);
    assert_true(r.written);
    assert_int_equal(r.n_pictures, 90);
    assert_int_equal(r.n_samples, 144000);
    r.placed[0] = r.placed[1];
    assert_true(sum_error_db(&r, "a.mp4", NULL, 144000) < -60);
}

/* Both brought to -23 LUFS, as the ffmpeg program measures them. */
static double lufs_of(const char *name)
{
    struct avqa_buf line = AVQA_BUF_INIT;
    double lufs = 0;
    avqa_buf_addf(&line,
                  "cd '%s' && ffmpeg -nostdin -i %s -vn -af ebur128 -f null - 2>&1 | "
                  "grep 'I:' | tail -n 1 | tr -dc '0-9.-' >lufs",
                  folder, name);
    assert_int_equal(system(avqa_buf_str(&line)), 0);
    char *path = avqa_io_join(folder, "lufs");
    struct avqa_buf text = check_read(path);
    lufs = strtod(avqa_buf_str(&text), NULL);
    avqa_buf_release(&text);
    avqa_buf_release(&line);
    free(path);
    return lufs;
}

static void loudness(void **state)
{
    struct avqa_compose_options options = AVQA_COMPOSE_DEFAULTS;
    struct avqa_compose_report r;
    (void)state;
    options.loudness_lufs = -23;
    struct avqa_compose_part parts[] = {{"b.mp4", true, false, 0},
                                        {"a.mp4", false, true, 0}};
    compose(&r, parts, 2, options);
    assert_true(r.written);
    assert_close(r.placed[1].lufs, lufs_of("a.mp4"), 0.11);
    assert_close(lufs_of("out.mp4"), -23, 0.11);
    assert_close(r.placed[1].gain_db, -23 - r.placed[1].lufs, 1e-9);
}

static void with_aac(void **state)
{
    struct avqa_compose_options options = AVQA_COMPOSE_DEFAULTS;
    struct avqa_compose_report r;
    (void)state;
    options.lossless = false;
    struct avqa_compose_part parts[] = {{"a.mp4", true, true, 0},
                                        {"b.mp4", false, true, -4}};
    compose(&r, parts, 2, options);
    assert_true(r.written);
    double error_db = sum_error_db(&r, "a.mp4", "b.mp4", (size_t)r.n_samples);
    print_message("sum of the parents with AAC: %.1f dB\n", error_db);
    assert_true(error_db < -10);
}

/* PSNR of a cell of out.mp4 to a parent that ffmpeg brought there. */
static double psnr(const char *crop, const char *parent, const char *filter)
{
    struct avqa_buf line = AVQA_BUF_INIT;
    avqa_buf_addf(&line,
                  "cd '%s' && ffmpeg -v info -nostdin -i out.mp4 -i %s -lavfi "
                  "'[0:v]crop=%s[x];[1:v]%s[y];[x][y]psnr=shortest=1' -f null - 2>&1 | "
                  "grep -o 'average:[0-9.inf]*' | cut -d: -f2 >psnr",
                  folder, parent, crop, filter);
    assert_int_equal(system(avqa_buf_str(&line)), 0);
    char *path = avqa_io_join(folder, "psnr");
    struct avqa_buf text = check_read(path);
    double db = strtod(avqa_buf_str(&text), NULL);
    avqa_buf_release(&text);
    avqa_buf_release(&line);
    free(path);
    return db;
}

/* The second picture is upright in a cell that lies: 180 x 240 in the middle of it. */
static void stitch(void **state)
{
    struct avqa_compose_options options = AVQA_COMPOSE_DEFAULTS;
    struct avqa_compose_report r;
    (void)state;
    options.columns = 2;
    struct avqa_compose_part parts[] = {{"a.mp4", true, false, 0},
                                        {"b.mp4", true, true, 0}};
    compose(&r, parts, 2, options);
    assert_true(r.written);
    assert_int_equal(r.n_pictures, 90); /* 3 s at the higher rate */
    static const double left[] = {0, 0, 0.5, 1};
    static const double right[] = {390 / 640.0, 0, 180 / 640.0, 1};
    for (int i = 0; i < 4; i++) {
        assert_close(r.placed[0].place[i], left[i], 1e-12);
        assert_close(r.placed[1].place[i], right[i], 1e-12);
    }
    double left_db = psnr("320:240:0:0", "a.mp4", "fps=30");
    double right_db = psnr("180:240:390:0", "b.mp4", "scale=180:240");
    print_message("left half %.1f dB, right half %.1f dB\n", left_db, right_db);
    assert_true(left_db > 35 && right_db > 35);
    /* and not what another moment or place would give */
    assert_true(psnr("180:240:400:0", "b.mp4", "scale=180:240") < 30);
    assert_true(psnr("320:240:0:0", "a.mp4",
                     "fps=30,trim=start_frame=3,setpts=PTS-STARTPTS") < 35);
}

static void grid_of_three(void **state)
{
    struct avqa_compose_options options = AVQA_COMPOSE_DEFAULTS;
    struct avqa_compose_report r;
    (void)state;
    options.columns = 1;
    options.rows = 3;
    options.cell_width = 160;
    options.cell_height = 120;
    struct avqa_compose_part parts[] = {{"a.mp4", true, true, 0},
                                        {"b.mp4", true, false, 0},
                                        {"mute.mp4", true, false, 0}};
    compose(&r, parts, 3, options);
    assert_true(r.written);
    assert_close(r.placed[2].place[1], 2 / 3.0, 1e-12);
    assert_true(psnr("160:120:0:240", "a.mp4", "fps=30,scale=160:120") > 35);
    options.cell_width = 8192;
    options.cell_height = 8192;
    compose(&r,
            (struct avqa_compose_part[]){{"a.mp4", true, true, 0},
                                         {"b.mp4", true, false, 0},
                                         {"mute.mp4", true, false, 0}},
            3, options);
    assert_false(r.written);
    assert_string_equal(r.reason, "too-large");
}

static void refusals(void **state)
{
    static const struct {
        const char *name, *reason;
        bool shown, heard;
    } cases[] = {
        {"mute.mp4", "no-audio", false, true},
        {"blind.m4a", "no-video", true, false},
        {"cut.mp4", "corrupt|truncated|damaged|no-streams|not-media", true, true},
        {"gone.mp4", "no-file", true, true}};
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_compose_options options = AVQA_COMPOSE_DEFAULTS;
        struct avqa_compose_report r;
        struct avqa_compose_part parts[] = {
            {"a.mp4", !cases[i].shown, true, 0},
            {cases[i].name, cases[i].shown, cases[i].heard, 0}};
        compose(&r, parts, 2, options);
        char *out = avqa_io_join(folder, "out.mp4");
        assert_false(r.written);
        assert_has(cases[i].reason, r.reason);
        assert_true(*r.reason && *r.detail);
        assert_int_equal(r.bad_part, 1);
        assert_false(avqa_io_exists(out));
        free(out);
    }
    struct avqa_compose_report r;
    struct avqa_compose_options bad = AVQA_COMPOSE_DEFAULTS;
    assert_fails(avqa_compose(&r, "x", &bad), AVQA_EINVAL, "grid");
}

/* The same parts give the same bytes. */
static void same_bytes(void **state)
{
    struct avqa_buf first = AVQA_BUF_INIT;
    char *path = avqa_io_join(folder, "out.mp4");
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct avqa_compose_options options = AVQA_COMPOSE_DEFAULTS;
        struct avqa_compose_report r;
        struct avqa_compose_part parts[] = {{"a.mp4", true, true, 0},
                                            {"b.mp4", false, true, -4}};
        compose(&r, parts, 2, options);
        struct avqa_buf bytes = check_read(path);
        if (i == 0) {
            first = bytes;
            continue;
        }
        assert_int_equal(bytes.len, first.len);
        assert_memory_equal(bytes.data, first.data, first.len);
        avqa_buf_release(&bytes);
    }
    avqa_buf_release(&first);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overlay),       cmocka_unit_test(loud),
        cmocka_unit_test(match),         cmocka_unit_test(loudness),
        cmocka_unit_test(with_aac),      cmocka_unit_test(stitch),
        cmocka_unit_test(grid_of_three), cmocka_unit_test(refusals),
        cmocka_unit_test(same_bytes)};
    return media_can_make() ? cmocka_run_group_tests(tests, make_media, remove_media)
                            : media_skip();
}
