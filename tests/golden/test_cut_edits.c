/* Cuts of files whose edit lists were written by hand, beside what ffmpeg decodes of
 * them; and of files with damage in them. */
#include "boxes.h"
#include "cut_check.h"

static char *dir;

static struct avqa_buf read_source(const char *name)
{
    char *path = avqa_io_join(dir, name);
    struct avqa_buf bytes = check_read(path);
    free(path);
    return bytes;
}

static char *write_source(const char *name, struct avqa_buf *bytes)
{
    char *path = check_write(dir, name, bytes->data, bytes->len);
    avqa_buf_release(bytes);
    return path;
}

struct edits {
    const char *name;
    struct boxes_edit video[2], audio[2];
    size_t n_video, n_audio;
};

/* The movie counts milliseconds, the pictures 12,800 a second, the sound 44,100. */
static void test_edits(void **state)
{
    (void)state;
    static const struct edits kinds[] = {
        {"empty first", {{500, -1, 1}, {12000, 1024, 1}}, {{12000, 1024, 1}}, 2, 1},
        {"sound later", {{12000, 1024, 1}}, {{700, -1, 1}, {11300, 1024, 1}}, 1, 2},
        {"in the middle", {{10000, 17664, 1}}, {{10000, 58354, 1}}, 1, 1},
        {"two of each",
         {{3000, 1024, 1}, {6000, 52224, 1}},
         {{3000, 1024, 1}, {6000, 177424, 1}},
         2,
         2},
        {"too long", {{90000, 1024, 1}}, {{90000, 1024, 1}}, 1, 1},
    };
    char *clip = avqa_io_join(dir, "clip.mp4");
    for (size_t i = 0; i < N_OF(kinds); i++) {
        struct avqa_buf bytes = read_source("plain.mp4");
        boxes_set_edits(&bytes, 0, kinds[i].video, kinds[i].n_video);
        boxes_set_edits(&bytes, 1, kinds[i].audio, kinds[i].n_audio);
        char *source = write_source("edits.mp4", &bytes);
        struct cut_decoded in = cut_decode_source(source);
        for (int mode = AVQA_CUT_EXACT; mode <= AVQA_CUT_SMART; mode++) {
            struct avqa_cut_options o = cut_range(2200000, 5400000);
            o.mode = (enum avqa_cut_mode)mode;
            struct avqa_cut_report r = cut_and_compare(source, clip, &in, &o);
            print_message("%s, %s: %lld copied, sought %d %s %s\n", kinds[i].name,
                          avqa_cut_mode_name(o.mode), (long long)r.n_copied, r.sought,
                          r.reason, r.fell_back);
            assert_int_equal(r.n_samples, cut_samples(&o, 44100));
            assert_string_equal(r.reason, "");
        }
        cut_compare_seek(dir, &(struct cut_kind){.name = "edits.mp4"});
        cut_decoded_release(&in);
        free(source);
    }
    free(clip);
}

/* Edits that mean nothing: a report, whatever it says. */
static void test_nonsense(void **state)
{
    (void)state;
    static const struct boxes_edit kinds[] = {
        {0, 0, 1},        {12000, -2, 1},  {12000, INT32_MAX, 1}, {UINT32_MAX, 1024, 1},
        {12000, 1024, 2}, {12000, 1024, 0}};
    char *clip = avqa_io_join(dir, "clip.mp4");
    for (size_t i = 0; i < 2 * N_OF(kinds); i++) {
        struct avqa_buf bytes = read_source("plain.mp4");
        boxes_set_edits(&bytes, (int)(i % 2), &kinds[i / 2], 1);
        char *source = write_source("edits.mp4", &bytes);
        for (int mode = AVQA_CUT_EXACT; mode <= AVQA_CUT_COPY; mode++) {
            struct avqa_cut_report r;
            struct avqa_cut_options o = cut_range(2200000, 5400000);
            o.mode = (enum avqa_cut_mode)mode;
            assert_ok(avqa_io_remove(clip));
            assert_ok(avqa_cut(&r, clip, source, &o));
            assert_true(r.written || *r.reason);
            assert_int_equal(r.written, avqa_io_exists(clip));
        }
        free(source);
    }
    free(clip);
}

/* Zeros over some of the bytes of pictures and sound, inside the range. */
static void test_damaged(void **state)
{
    (void)state;
    struct avqa_buf bytes = read_source("plain.mp4");
    char *clip = avqa_io_join(dir, "clip.mp4");
    const size_t mdat = boxes_find(&bytes, 0, bytes.len, "mdat", 0);
    const size_t size = boxes_get(&bytes, mdat);
    memset(bytes.data + mdat + size / 5, 0, 3000); /* at 2.4 s of 12 s */
    char *source = write_source("damaged.mp4", &bytes);
    for (int mode = AVQA_CUT_EXACT; mode <= AVQA_CUT_SMART; mode++) {
        struct avqa_cut_report r;
        struct avqa_cut_options o = cut_range(1200000, 3400000);
        o.mode = (enum avqa_cut_mode)mode;
        assert_ok(avqa_io_remove(clip));
        assert_ok(avqa_cut(&r, clip, source, &o));
        print_message("damaged, %s: %d '%s' %s; %s\n", avqa_cut_mode_name(o.mode),
                      r.written, r.reason, r.detail, r.fell_back);
        assert_true(*r.reason);
    }
    free(source);
    free(clip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_edits),
                                       cmocka_unit_test(test_nonsense),
                                       cmocka_unit_test(test_damaged)};
    if (!media_can_make())
        return media_skip();
    dir = check_folder();
    media_run(dir,
              " -f lavfi -i testsrc2=s=160x120:r=25:d=12"
              " -f lavfi -i sine=frequency=440:sample_rate=44100:d=12" CUT_B_PICTURES
              " -g 25 -c:a aac -aac_pns 0 plain.mp4");
    int n = cmocka_run_group_tests(tests, NULL, NULL);
    check_remove(dir);
    return n;
}
