/* What was imported is exported row by row with its keys in their order and its values
 * unchanged; CSV and JSON lines say the same in our words; a file appears whole. */
#include "tiny.h"

#include "base/csv.h"
#include "base/rows.h"
#include "pipeline/export.h"

/* Exports to OUT; the caller releases the text. */
static struct avqa_buf export(const struct tiny *t, enum avqa_export_format format,
                              const char *split, int64_t expected)
{
    int64_t rows = -1;
    char *path = avqa_io_join(t->folder, "out");
    struct avqa_export_config config = {
        .dataset = t->dataset, .format = format, .split = split, .output = path};
    assert_ok(avqa_export(&config, &rows));
    assert_int_equal(rows, expected);
    struct avqa_buf text = check_read(path);
    unlink(path);
    free(path);
    return text;
}

/* Laid out as Python's json.dump(indent=2) does: the very bytes come back. */
static const char file[] =
    "[\n  {\n    \"video_id\": \"00000093\",\n    \"question_id\": 12,\n    \"type\": "
    "\"[\\\"Audio\\\", \\\"Counting\\\"]\",\n    \"question_content\": \"How many "
    "musical "
    "instruments were heard throughout the video?\",\n    \"templ_values\": \"[]\",\n  "
    "  "
    "\"question_deleted\": 0,\n    \"anser\": \"more than ten\"\n  },\n  {\n    "
    "\"question_deleted\": 1,\n    \"video_id\": \"v\",\n    \"unmatch_audio\": "
    "\"w\",\n   "
    " \"person\": \"True\",\n    \"question_content\": \"How many sounding <Object> in "
    "the "
    "video\\uff1f\",\n    \"anser\": \"two\",\n    \"templ_values\": [\"erhu\"],\n    "
    "\"type\": [\"Audio-Visual\", \"Counting\"]\n  },\n  {\n    \"answer\": \"no\",\n  "
    "  "
    "\"video_id\": \"v\",\n    \"templ_values\": \"[ ]\",\n    \"question_content\": "
    "\"Is "
    "there a voiceover?\",\n    \"type\": \"[\\\"Odd\\\",\\\"Type\\\"]\"\n  }\n]";

static void test_published_bytes(void **state)
{
    struct tiny *t = *state;
    struct avqa_import_counts counts = {0};
    assert_ok(tiny_import_text(t, "s", file, &counts));
    struct avqa_buf text = export(t, AVQA_EXPORT_MUSIC_AVQA, "s", 3);
    assert_string_equal(avqa_buf_str(&text), file);
    avqa_buf_release(&text);
    text = export(t, AVQA_EXPORT_MUSIC_AVQA, NULL, 3);
    assert_string_equal(avqa_buf_str(&text), file);
    avqa_buf_release(&text);
}

/* Values of every kind under keys of our own and of nobody's. */
static const char odd[] =
    "[{\"video_id\": \"v\", \"question_content\": \"Is there a voiceover?\", "
    "\"templ_values\": \"[]\", \"anser\": \"n\\u00f6\\n\\\"\\ud83c\\udfbb\", "
    "\"n\": null, \"f\": 0.30000000000000004, \"i\": -3, \"t\": true, \"l\": [1, [], "
    "{}], "
    "\"o\": {\"b\": 1, \"a\": {\"x\": \"y\"}}, \"\": 1, \"a\\\"b\\\\\": 2, \"k[]\": 3, "
    "\"templ_values[]\": \"mine\", \"\\u4e8c\\u80e1\": \"\\u7434\", \"tab\\t\": []}]";

static void test_round_trip_of_anything(void **state)
{
    struct tiny *t = *state;
    struct avqa_import_counts counts = {0};
    assert_ok(tiny_import_text(t, "s", odd, &counts));
    struct avqa_buf text = export(t, AVQA_EXPORT_MUSIC_AVQA, "s", 1);
    struct avqa_json *before = check_parse(odd);
    struct avqa_json *after = check_parse(avqa_buf_str(&text));
    struct avqa_buf a = AVQA_BUF_INIT;
    struct avqa_buf b = AVQA_BUF_INIT;
    avqa_json_print(&a, before, 1);
    avqa_json_print(&b, after, 1);
    assert_string_equal(avqa_buf_str(&a), avqa_buf_str(&b));
    avqa_json_free(before);
    avqa_json_free(after);
    avqa_buf_release(&a);
    avqa_buf_release(&b);
    avqa_buf_release(&text);
}

/* The exported file, imported elsewhere and exported again, is the same. */
static void test_again_and_again(void **state)
{
    struct tiny *t = *state;
    struct avqa_import_counts counts = {0};
    assert_ok(tiny_import_text(t, "s", odd, &counts));
    assert_ok(tiny_import_text(t, "s2", file, &counts));
    struct avqa_buf first = export(t, AVQA_EXPORT_MUSIC_AVQA, NULL, 4);
    struct tiny other = tiny_new();
    counts = (struct avqa_import_counts){0};
    assert_ok(tiny_import_text(&other, "x", avqa_buf_str(&first), &counts));
    struct avqa_buf second = export(&other, AVQA_EXPORT_MUSIC_AVQA, "x", 4);
    assert_string_equal(avqa_buf_str(&first), avqa_buf_str(&second));
    avqa_buf_release(&first);
    avqa_buf_release(&second);
    tiny_free(&other);
}

static void test_csv(void **state)
{
    struct tiny *t = *state;
    struct avqa_csv *csv;
    const char *const *f;
    size_t n;
    static const char *const expected[][11] = {
        {"split", "row", "question_id", "video", "sound", "template", "modality",
         "type", "question", "slots", "answer"},
        {"a,b", "1", "7", "v", "v", "A01", "Audio", "Comparative",
         "Is the violin louder than the \"c\"?", "[\"violin\", \"\\\"c\\\"\"]", "ye,s"},
        {"a,b", "2", "", "v", "w", "X10", "Audio-Visual", "Existential",
         "Is there a voiceover?", "[]", "two\nlines"}};
    tiny_put(t, &(struct tiny_row){"v", "A01", "violin,\"c\"", "ye,s", NULL, 7, NULL});
    tiny_put(t, &(struct tiny_row){"v", "X10", "", "two\nlines", "w", 0, NULL});
    tiny_import(t, "a,b");
    struct avqa_buf text = export(t, AVQA_EXPORT_CSV, "a,b", 2);
    char *path = check_write_text(t->folder, "back.csv", avqa_buf_str(&text));
    assert_ok(avqa_csv_open(&csv, path, ','));
    for (size_t r = 0; r < N_OF(expected); r++) {
        assert_ok(avqa_csv_next(csv, &f, &n));
        assert_int_equal(n, 11);
        for (size_t c = 0; c < n; c++)
            assert_string_equal(f[c], expected[r][c]);
    }
    assert_ok(avqa_csv_next(csv, &f, &n));
    assert_int_equal(n, 0);
    avqa_csv_close(csv);
    avqa_buf_release(&text);
    free(path);
}

static void test_jsonl(void **state)
{
    struct tiny *t = *state;
    tiny_put(t, &(struct tiny_row){"v", "V06", "leftest", "二胡", "w", 7, NULL});
    tiny_add(t, "u", "X10", "", "no");
    tiny_import(t, "s");
    struct avqa_buf text = export(t, AVQA_EXPORT_JSONL, NULL, 2);
    assert_string_equal(
        avqa_buf_str(&text),
        "{\"split\": \"s\", \"row\": 1, \"question_id\": 7, \"video\": \"v\", "
        "\"sound\": "
        "\"w\", \"template\": \"V06\", \"modality\": \"Visual\", \"type\": "
        "\"Location\", "
        "\"text\": \"What kind of instrument is the <LRer> instrument? \", \"slots\": "
        "[\"leftest\"], \"question\": \"What kind of instrument is the leftest "
        "instrument? \", \"answer\": \"二胡\"}\n"
        "{\"split\": \"s\", \"row\": 2, \"video\": \"u\", \"template\": \"X10\", "
        "\"modality\": \"Audio-Visual\", \"type\": \"Existential\", \"text\": \"Is "
        "there a "
        "voiceover?\", \"slots\": [], \"question\": \"Is there a voiceover?\", "
        "\"answer\": "
        "\"no\"}\n");
    avqa_buf_release(&text);
}

static void test_nothing_and_nowhere(void **state)
{
    struct tiny *t = *state;
    int64_t rows = -1;
    struct avqa_buf text = export(t, AVQA_EXPORT_MUSIC_AVQA, NULL, 0);
    assert_string_equal(avqa_buf_str(&text), "[\n]");
    avqa_buf_release(&text);
    char *path = avqa_io_join(t->folder, "none/out");
    struct avqa_export_config config = {.dataset = t->dataset, .output = path};
    assert_fails(avqa_export(&config, &rows), AVQA_ENOENT, "none/out: cannot write");
    config.split = "nope";
    assert_fails(avqa_export(&config, &rows), AVQA_ENOENT, "no split is called 'nope'");
    config.dataset = t->folder;
    assert_fails(avqa_export(&config, &rows), AVQA_ENOENT, "catalog.sqlite");
    free(path);
}

static bool stop(void *user)
{
    (void)user;
    return true;
}

static void test_stopped(void **state)
{
    struct tiny *t = *state;
    int64_t rows;
    struct avqa_log log = {.stopped = stop};
    char *path = check_write_text(t->folder, "out", "old");
    struct avqa_export_config config = {
        .dataset = t->dataset, .output = path, .log = &log};
    tiny_add(t, "u", "X10", "", "no");
    tiny_import(t, "s");
    assert_fails(avqa_export(&config, &rows), AVQA_ESTOPPED, "nothing was written");
    struct avqa_buf text = check_read(path);
    assert_string_equal(avqa_buf_str(&text), "old");
    avqa_buf_release(&text);
    free(path);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, tiny_setup, tiny_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_published_bytes), TEST(test_round_trip_of_anything),
        TEST(test_again_and_again), TEST(test_csv),
        TEST(test_jsonl),           TEST(test_nothing_and_nowhere),
        TEST(test_stopped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
