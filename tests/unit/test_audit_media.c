/* The flaws of files, by what was measured of them: each at its threshold, over the
 * clip's own stretch of its source, and null where nothing was measured. */
#include "tiny.h"

#include "audit/twin.h"
#include "base/rng.h"
#include "catalog/file.h"
#include "catalog/measure.h"
#include "catalog/run.h"
#include "media/fingerprint.h"
#include "pipeline/split.h"

#define S INT64_C(1000000)
#define NONE AVQA_MEASURE_NONE
#define WHOLE AVQA_CLIP_UNKNOWN

static const struct {
    const char *name;
    int64_t start_us, duration_us; /* of the clip in the catalog */
    int64_t picture_us, sound_us;  /* as measured */
    const char *picture, *sound, *outcome;
    const char *flaws; /* expected, in the order of the report */
} clips[] = {
    {"good", 0, 10 * S, 10 * S, 10 * S, "..........", "..........", "ok", ""},
    {"silent9", 0, 10 * S, 10 * S, 10 * S, "..........", "sssssssss.", "ok", "silent "},
    {"silent8", 0, 10 * S, 10 * S, 10 * S, "..........", "ssssssss..", "ok", ""},
    {"black", 0, 10 * S, 10 * S, 10 * S, "bbbbbbbbb.", "..........", "ok", "black "},
    {"frozen", WHOLE, WHOLE, 10 * S, 10 * S, ".fffffffff", "..........", "ok",
     "frozen "},
    {"frozen8", 0, 10 * S, 10 * S, 10 * S, ".ffffffff.", "..........", "ok", ""},
    {"one-second", 0, S, S, S, ".", ".", "ok", ""}, /* too short to be frozen */
    {"clipped", 0, 10 * S, 10 * S, 10 * S, "..........", "....c.....", "ok",
     "clipped "},
    {"mute", 0, 10 * S, 10 * S, NONE, "..........", "", "no-audio", "no_sound "},
    {"blind", 0, 10 * S, NONE, 10 * S, "", "..........", "no-video", "no_picture "},
    {"short-sound", 0, 10 * S, 10 * S, 8 * S, "..........", "........", "ok",
     "length_mismatch "},
    {"sound-0.9", 0, 10 * S, 10 * S, 9100000, "..........", "..........", "ok", ""},
    {"no-longer-asked", 0, 5 * S, 10 * S, 8 * S, "..........", "........", "ok", ""},
    {"too-long", 5 * S, 7 * S, 10 * S, 10 * S, "..........", "..........", "ok",
     "wrong_duration "},
    {"just-so", 5 * S, 6 * S, 10 * S, 10 * S, "..........", "..........", "ok", ""},
    {"cut", 0, 10 * S, 10 * S, 10 * S, "..........", "..........", "truncated",
     "not_whole "},
    {"torn", 0, 10 * S, 10 * S, 10 * S, "..........", "..........", "damaged",
     "not_whole "},
    {"stretch", 5 * S, 5 * S, 10 * S, 10 * S, ".....bbbbb", "sssss.....", "ok",
     "black "},
};

static void put_measured(struct tiny *t)
{
    struct avqa_catalog *cat;
    struct avqa_file_store *files;
    struct avqa_clip_store *store;
    int64_t run;
    int64_t id;
    assert_ok(avqa_dataset_open(&cat, t->dataset, AVQA_CATALOG_WRITE));
    assert_ok(avqa_run_start(&run, cat, "test", "{}", 1));
    assert_ok(avqa_file_store_open(&files, cat));
    assert_ok(avqa_clip_store_open(&store, cat, run));
    for (size_t i = 0; i < N_OF(clips); i++) {
        enum avqa_clip_outcome outcome;
        struct avqa_file file = {.source = clips[i].name, .path = "x", .sha256 = "1"};
        struct avqa_clip clip = {.picture = clips[i].name,
                                 .sound = clips[i].name,
                                 .source = clips[i].name,
                                 .start_us = clips[i].start_us,
                                 .duration_us = clips[i].duration_us};
        assert_ok(avqa_clip_put(store, &clip, &outcome));
        assert_ok(avqa_file_put(files, &file, &id));
        struct avqa_measure m = {id,
                                 "1",
                                 clips[i].outcome,
                                 "",
                                 clips[i].picture_us,
                                 clips[i].sound_us,
                                 clips[i].picture,
                                 clips[i].sound,
                                 "",
                                 ""};
        assert_ok(avqa_measure_put(cat, &m));
    }
    /* What was measured of bytes that are there no more says nothing. */
    struct avqa_measure old = {id, "2", "ok", "", NONE, NONE, "", "", "", ""};
    struct avqa_file file = {.source = "old", .path = "x", .sha256 = "3"};
    assert_ok(avqa_file_put(files, &file, &old.source_id));
    assert_ok(avqa_measure_put(cat, &old));
    avqa_clip_store_close(store);
    avqa_file_store_close(files);
    avqa_catalog_close(cat);
}

/* The flaws for which this clip's only row is among the rows of a finding. */
static void flaws_of(struct tiny *t, const char *name, struct avqa_buf *out)
{
    static const struct {
        const char *key, *part;
    } texts[] = {{"no_picture", "without a picture"},
                 {"no_sound", "without sound"},
                 {"silent", "clips silent"},
                 {"black", "clips black"},
                 {"frozen", "clips frozen"},
                 {"clipped", "clipped sound"},
                 {"length_mismatch", "different length"},
                 {"wrong_duration", "longer in the catalog"},
                 {"not_whole", "damaged or cut"}};
    for (size_t k = 0; k < N_OF(texts); k++) {
        for (size_t i = 0; i < t->audit.findings.n; i++) {
            const struct avqa_finding *f = &t->audit.findings.items[i];
            if (strcmp(f->check, "media") != 0 || !strstr(f->message, texts[k].part))
                continue;
            for (size_t r = 0; r < f->n_rows; r++) {
                uint32_t clip = t->table.rows[f->rows[r]].clip;
                if (strcmp(avqa_audit_video(&t->table, t->table.clips[clip].video),
                           name) == 0)
                    avqa_buf_addf(out, "%s ", texts[k].key);
            }
        }
    }
}

static void test_flaws(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    put_measured(&t);
    for (size_t i = 0; i < N_OF(clips); i++)
        tiny_add(&t, clips[i].name, "X10", "", "no");
    tiny_add(&t, "unknown", "X10", "", "no");
    tiny_put(&t, &(struct tiny_row){"mute", "X10", "", "no", "good", 0, NULL});
    tiny_import(&t, "s");
    const struct avqa_json *r = tiny_audit(&t, "s", NULL);
    assert_int_equal(check_int(r, "media", "clips", NULL), N_OF(clips));
    assert_int_equal(check_int(r, "media", "not_measured", NULL), 2);
    for (size_t i = 0; i < N_OF(clips); i++) {
        struct avqa_buf found = AVQA_BUF_INIT;
        flaws_of(&t, clips[i].name, &found);
        if (strcmp(avqa_buf_str(&found), clips[i].flaws) != 0)
            fail_msg("%s: '%s', not '%s'", clips[i].name, avqa_buf_str(&found),
                     clips[i].flaws);
        avqa_buf_release(&found);
    }
    assert_int_equal(check_int(r, "media", "silent", NULL), 1);
    assert_int_equal(check_int(r, "media", "black", NULL), 2);
    assert_int_equal(check_int(r, "media", "not_whole", NULL), 2);
    assert_int_equal(check_int(r, "media", "frozen", NULL), 1);
    tiny_free(&t);
}

/* What is alike is one component of a split: {a, b}, {c, d, e}, {f, g}, {h, h_flip},
 * {i} and {j, k}; without their files they would be eleven. No audit of such a split
 * finds any. */
static void check_split(struct tiny *t)
{
    for (uint64_t seed = 0; seed < 8; seed++) {
        struct avqa_json *report;
        struct avqa_split_config config = {
            .dataset = t->dataset, .ratios = "train=1,test=1", .seed = seed};
        assert_ok(avqa_split(&config, &report));
        assert_int_equal(check_int(report, "components", NULL), 6);
        assert_int_equal(check_int(report, "joined_by_media", NULL), 5);
        assert_int_not_equal(check_int(report, "splits", "train", "questions", NULL),
                             0);
        assert_int_not_equal(check_int(report, "splits", "test", "questions", NULL), 0);
        avqa_json_free(report);
        const struct avqa_json *r = tiny_audit(t, "test", "train");
        assert_int_equal(check_int(r, "duplicates", "media", "same_file", NULL), 0);
        assert_int_equal(check_int(r, "duplicates", "media", "picture", NULL), 0);
        assert_int_equal(check_int(r, "duplicates", "media", "sound", NULL), 0);
        assert_int_equal(check_int(r, "duplicates", "media", "mirrored", NULL), 0);
        assert_int_equal(check_int(r, "leakage", "derived", "clips", NULL), 0);
    }
}

/* The mirrored fingerprint is that of the mirrored picture. */
static void test_mirror(void **state)
{
    enum { W = 90, H = 64 };
    static uint8_t straight[W * H];
    static uint8_t mirrored[W * H];
    struct avqa_rng rng;
    (void)state;
    avqa_rng_init(&rng, 3, "mirror");
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < W * H; i++)
            straight[i] = (uint8_t)avqa_rng_below(&rng, 256);
        for (int i = 0; i < W * H; i++)
            mirrored[i] = straight[i / W * W + W - 1 - i % W];
        uint64_t print = avqa_picture_print(straight, W, H);
        assert_true(avqa_twin_mirror(print) == avqa_picture_print(mirrored, W, H));
        assert_true(print != avqa_picture_print(mirrored, W, H));
    }
}

/* Sources in two splits: the same file, alike in picture, alike in sound; a flip and a
 * pair within a split are no news. */
static void test_lookalikes(void **state)
{
    (void)state;
    static const struct {
        const char *name, *sha256, *split;
        int picture, sound; /* which made-up fingerprint; 0: none; negative: mirrored */
    } sources[] = {{"a", "1", "train", 1, 1},     {"b", "1", "test", 1, 1},
                   {"c", "2", "train", 2, 2},     {"d", "3", "test", 2, 3},
                   {"e", "4", "test", 4, 2},      {"f", "5", "train", 5, 5},
                   {"g", "6", "train", 5, 5},     {"h", "7", "train", 6, 6},
                   {"h_flip", "8", "test", 6, 6}, {"i", "9", "test", 0, 0},
                   {"j", "10", "train", 7, 7},    {"k", "11", "test", -7, 8}};
    struct tiny t = tiny_new();
    struct avqa_catalog *cat;
    struct avqa_file_store *files;
    struct avqa_clip_store *store;
    int64_t run;
    for (int split = 0; split < 2; split++) {
        for (size_t i = 0; i < N_OF(sources); i++) {
            if ((strcmp(sources[i].split, "test") == 0) == split)
                tiny_add(&t, sources[i].name, "X10", "", "no");
        }
        tiny_import(&t, split ? "test" : "train");
    }
    assert_ok(avqa_dataset_open(&cat, t.dataset, AVQA_CATALOG_WRITE));
    assert_ok(avqa_run_start(&run, cat, "test", "{}", 1));
    assert_ok(avqa_file_store_open(&files, cat));
    assert_ok(avqa_clip_store_open(&store, cat, run));
    for (size_t i = 0; i < N_OF(sources); i++) {
        struct avqa_buf picture = AVQA_BUF_INIT;
        struct avqa_buf sound = AVQA_BUF_INIT;
        struct avqa_rng rng;
        enum avqa_clip_outcome outcome;
        struct avqa_measure m = {.sha256 = sources[i].sha256,
                                 .outcome = "ok",
                                 .detail = "",
                                 .picture = "..........",
                                 .sound = ".........."};
        struct avqa_file file = {
            .source = sources[i].name, .path = "x", .sha256 = sources[i].sha256};
        struct avqa_clip clip = {.picture = sources[i].name,
                                 .sound = sources[i].name,
                                 .source = sources[i].name,
                                 .start_us = WHOLE,
                                 .duration_us = WHOLE};
        if (strstr(clip.picture, "_flip")) {
            clip.method = "flip";
            clip.parent = "h";
        }
        avqa_rng_init(&rng, (uint64_t)abs(sources[i].picture), "picture");
        for (int k = 0; k < 10 && sources[i].picture; k++) {
            uint64_t item = avqa_rng_next(&rng);
            if (sources[i].picture < 0)
                item = avqa_twin_mirror(item);
            avqa_buf_addf(&picture, "%016llx", (unsigned long long)item);
        }
        avqa_rng_init(&rng, (uint64_t)sources[i].sound, "sound");
        for (int k = 0; k < 60 && sources[i].sound; k++)
            avqa_buf_addf(&sound, "%08x", (unsigned)avqa_rng_below(&rng, UINT32_MAX));
        m.picture_print = avqa_buf_str(&picture);
        m.sound_print = avqa_buf_str(&sound);
        assert_ok(avqa_file_put(files, &file, &m.source_id));
        assert_ok(avqa_clip_put(store, &clip, &outcome));
        assert_ok(avqa_measure_put(cat, &m));
        avqa_buf_release(&picture);
        avqa_buf_release(&sound);
    }
    avqa_clip_store_close(store);
    avqa_file_store_close(files);
    avqa_catalog_close(cat);
    const struct avqa_json *r = tiny_audit(&t, "test", "train");
    assert_int_equal(check_int(r, "duplicates", "media", "same_file", NULL), 1);
    assert_int_equal(check_int(r, "duplicates", "media", "picture", NULL), 1);
    assert_int_equal(check_int(r, "duplicates", "media", "mirrored", NULL), 1);
    assert_int_equal(check_int(r, "duplicates", "media", "sound", NULL), 1);
    const struct avqa_finding *f = tiny_finding(&t, "duplicates", AVQA_ERROR, 0);
    assert_string_equal(
        f->message,
        "pairs of clips in different splits that are the same file: 1 (a and b)");
    assert_int_equal(f->n_rows, 1);
    assert_has(tiny_finding(&t, "duplicates", AVQA_WARNING, 0)->message,
               "look alike: 1 (c and d)");
    assert_has(tiny_finding(&t, "duplicates", AVQA_WARNING, 1)->message,
               "look alike when one is mirrored: 1 (j and k)");
    assert_has(tiny_finding(&t, "duplicates", AVQA_WARNING, 2)->message,
               "sound alike: 1 (c and e)");
    check_split(&t);
    tiny_free(&t);
}

static void test_not_measured(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_add(&t, "v", "X10", "", "no");
    tiny_import(&t, "s");
    const struct avqa_json *media = avqa_json_get(tiny_audit(&t, "s", NULL), "media");
    assert_non_null(media);
    assert_int_equal(avqa_json_type(media), AVQA_JSON_NULL);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flaws), cmocka_unit_test(test_lookalikes),
        cmocka_unit_test(test_mirror), cmocka_unit_test(test_not_measured)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
