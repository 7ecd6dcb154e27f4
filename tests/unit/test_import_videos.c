/* Manifests in CSV, TSV and JSON lines become sources and clips, flips included; times
 * are read in every form that occurs; a bad row leaves the catalog as it was. */
#include "dump.h"
#include "tiny.h"

#include "catalog/clip.h"

static enum avqa_status import(struct tiny *t, const char *name, const char *text,
                               struct avqa_import_counts *counts)
{
    char *path = check_write_text(t->folder, name, text);
    const char *const files[] = {path};
    struct avqa_import_config config = {
        .dataset = t->dataset, .files = files, .n_files = 1};
    avqa_import_counts_release(counts);
    enum avqa_status rc = avqa_import_videos(&config, counts);
    free(path);
    return rc;
}

static enum avqa_status add_clip(void *user, const struct avqa_clip *c)
{
    struct avqa_buf *text = user;
    avqa_buf_addf(text, "%s %s", c->picture, c->sound);
    if (c->start_us != AVQA_CLIP_UNKNOWN)
        avqa_buf_addf(text, " from %lld", (long long)c->start_us);
    if (c->duration_us != AVQA_CLIP_UNKNOWN)
        avqa_buf_addf(text, " for %lld", (long long)c->duration_us);
    if (c->method)
        avqa_buf_addf(text, " %s of %s", c->method, c->parent ? c->parent : "-");
    avqa_buf_adds(text, "\n");
    return AVQA_OK;
}

static void assert_clips(const struct tiny *t, const char *expected)
{
    struct avqa_catalog *cat;
    struct avqa_buf text = AVQA_BUF_INIT;
    assert_ok(avqa_dataset_open(&cat, t->dataset, AVQA_CATALOG_READ));
    assert_ok(avqa_clip_each(cat, add_clip, &text));
    assert_string_equal(avqa_buf_str(&text), expected);
    avqa_buf_release(&text);
    avqa_catalog_close(cat);
}

static const char v2[] = "\xef\xbb\xbfvideo_id,start_time,duration,suffix,has_flip\r\n"
                         "-6hEb_,1:40,1:00,,N\r\n"
                         "k69,75,0:47.5,_#02,Y\r\n"
                         "k69,0:00,1:00,,N\r\n"
                         "-6hEb_,1:40,1:00,,N\r\n";

static void test_csv(void **state)
{
    struct tiny *t = *state;
    struct avqa_import_counts c = {0};
    for (int again = 0; again < 2; again++) {
        assert_ok(import(t, "v.csv", v2, &c));
        assert_int_equal(c.rows, 4);
        assert_int_equal(c.clips, again ? 0 : 4);
        assert_int_equal(c.duplicates, again ? 5 : 1);
        assert_int_equal(c.updated, 0);
        assert_clips(t, "-6hEb_ -6hEb_ from 100000000 for 60000000\n"
                        "k69_#02 k69_#02 from 75000000 for 47500000\n"
                        "k69_#02_flip k69_#02_flip from 75000000 for 47500000 flip of "
                        "k69_#02\n"
                        "k69 k69 from 0 for 60000000\n");
    }
    assert_int_equal(tiny_total(t, "sources"), 2);
    assert_ok(import(t, "v.csv", "video_id,duration\nk69,59\n", &c));
    assert_int_equal(c.updated, 1);
}

static void test_times(void **state)
{
    struct tiny *t = *state;
    static const struct {
        const char *text;
        int64_t us; /* -1: refused */
    } cases[] = {{"0", 0},
                 {"0:00", 0},
                 {"59", 59000000},
                 {"75", 75000000},
                 {"1:05", 65000000},
                 {"10:03", 603000000},
                 {"1:00:01", 3601000000},
                 {"0.5", 500000},
                 {"1:00.25", 60250000},
                 {"1:60", -1},
                 {"x", -1},
                 {"-5", -1},
                 {"1:", -1},
                 {":5", -1},
                 {"1:2:3:4", -1},
                 {"1e3", -1},
                 {"0x10", -1},
                 {"1.2.3", -1},
                 {"inf", -1},
                 {"nan", -1},
                 {" 5", -1},
                 {"5s", -1},
                 {"1:-5", -1},
                 {"99999999999", -1}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_import_counts c = {0};
        char text[128];
        snprintf(text, sizeof text, "video_id,start_time\nv%zu,%s\n", i, cases[i].text);
        enum avqa_status rc = import(t, "v.csv", text, &c);
        if ((rc == AVQA_OK) != (cases[i].us >= 0))
            fail_msg("%s: status %d", cases[i].text, rc);
        if (rc != AVQA_OK)
            assert_has(avqa_message(), "v.csv: row 1: 'start_time' is not a time");
        avqa_import_counts_release(&c);
    }
}

static enum avqa_status find_start(void *user, const struct avqa_clip *c)
{
    *(int64_t *)user = c->start_us;
    return AVQA_OK;
}

static void test_time_values(void **state)
{
    struct tiny *t = *state;
    static const char *const texts[] = {"1:00:01", "0.5", "1:00.25", "10:03", ""};
    static const int64_t us[] = {3601000000, 500000, 60250000, 603000000,
                                 AVQA_CLIP_UNKNOWN};
    for (size_t i = 0; i < N_OF(us); i++) {
        struct avqa_import_counts c = {0};
        struct avqa_catalog *cat;
        int64_t start = -1;
        char text[128];
        snprintf(text, sizeof text, "video_id,start_time\nv,%s\n", texts[i]);
        assert_ok(import(t, "v.csv", text, &c));
        assert_ok(avqa_dataset_open(&cat, t->dataset, AVQA_CATALOG_READ));
        assert_ok(avqa_clip_each(cat, find_start, &start));
        avqa_catalog_close(cat);
        assert_int_equal(start, us[i]);
    }
}

static void test_tsv_and_jsonl(void **state)
{
    struct tiny *t = *state;
    struct avqa_import_counts c = {0};
    assert_ok(import(t, "v.tsv", "url\tvideo_id\tmood\nhttp://x,y\ta\tcalm\n", &c));
    assert_int_equal(c.clips, 1);
    assert_ok(
        import(t, "v.jsonl",
               "{\"video_id\": \"b\", \"start_time\": 1.5, \"duration\": \"1:00\", "
               "\"has_flip\": true, \"n\": 3, \"tags\": [\"x\"], \"url\": null}\n"
               "{\"video_id\": \"c\", \"start_time\": null}\n",
               &c));
    assert_int_equal(c.clips, 3);
    assert_clips(t, "a a\nb b from 1500000 for 60000000\n"
                    "b_flip b_flip from 1500000 for 60000000 flip of b\nc c\n");
    char *dump = dump_of(t->dataset);
    assert_has(dump, "{\"mood\": \"calm\"}");
    assert_has(dump, "{\"n\": \"3\", \"tags\": \"[\\\"x\\\"]\"}");
    assert_has(dump, "http://x,y");
    free(dump);
}

static const struct bad {
    const char *name, *text, *message;
} bad[] = {
    {"v.csv", "", "v.csv: is empty"},
    {"v.csv", "id,start\nx,1\n", "names no column 'video_id'"},
    {"v.csv", "video_id,video_id\nx,y\n", "'video_id' stands twice"},
    {"v.csv", "video_id,a\nx\n", "v.csv: line 2: 1 field, the first line has 2"},
    {"v.csv", "video_id,a\nx,1,2\n", "v.csv: line 2: 3 fields, the first line has 2"},
    {"v.csv", "video_id\n\"x\n", "v.csv: line 2: the file ends inside quotes"},
    {"v.csv", "video_id,a\n,1\n", "v.csv: row 1: 'video_id' is missing or empty"},
    {"v.csv", "video_id\nok\na b\n", "v.csv: row 2: 'video_id' has a space"},
    {"v.csv", "video_id,suffix\na,x/y\n", "v.csv: row 1: 'suffix' has a space, slash"},
    {"v.csv", "video_id,has_flip\na,maybe\n", "'has_flip' is neither Y nor N: maybe"},
    {"v.csv", "video_id,duration\na,1\na,2\n",
     "v.csv: row 2: a stands in an earlier row with another time or url"},
    {"v.csv", "video_id,suffix\na,_b\na_b,\na,\nx,\n\"a,b\",\n\xff,\n",
     "line 7: not valid UTF-8"},
    {"v.jsonl", "{\"video_id\": 5}\n", "v.jsonl: row 1: 'video_id' is a number"},
    {"v.jsonl", "{\"video_id\": \"a\"}\n{\"video_id\"", "row 2: the file ends inside"},
    {"v.jsonl", "{\"video_id\": \"a\", \"video_id\": \"b\"}\n",
     "'video_id' stands twice"},
    {"v.jsonl", "{\"url\": \"a\"}\n", "row 1: 'video_id' is missing or empty"}};

static void test_bad_manifests(void **state)
{
    struct tiny *t = *state;
    struct avqa_import_counts c = {0};
    assert_ok(import(t, "v.csv", v2, &c));
    for (size_t i = 0; i < N_OF(bad); i++) {
        char *before = dump_of(t->dataset);
        enum avqa_status rc = import(t, bad[i].name, bad[i].text, &c);
        if (rc != AVQA_EFORMAT || !strstr(avqa_message(), bad[i].message))
            fail_msg("case %zu: status %d: %s", i, rc, avqa_message());
        dump_same(t->dataset, before);
    }
    avqa_import_counts_release(&c);
}

static void test_what_is_no_file(void **state)
{
    struct tiny *t = *state;
    struct avqa_import_counts c = {0};
    char *missing = avqa_io_join(t->folder, "none.csv");
    const char *const files[] = {t->folder, missing};
    struct avqa_import_config config = {
        .dataset = t->dataset, .files = files, .n_files = 1};
    assert_fails(avqa_import_videos(&config, &c), AVQA_EINVAL, "is a directory");
    config.files = files + 1;
    assert_fails(avqa_import_videos(&config, &c), AVQA_ENOENT, "none.csv");
    config.dataset = t->folder;
    assert_fails(avqa_import_videos(&config, &c), AVQA_ENOENT, "catalog.sqlite");
    free(missing);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, tiny_setup, tiny_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_csv),           TEST(test_times),         TEST(test_time_values),
        TEST(test_tsv_and_jsonl), TEST(test_bad_manifests), TEST(test_what_is_no_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
