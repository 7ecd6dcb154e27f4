/* Importing facts: all or nothing, the same again changes nothing, other facts replace,
 * and an export gives every object back, key by key. */
#include "check.h"

#include "base/rows.h"
#include "catalog/clip.h"
#include "pipeline/dataset.h"
#include "pipeline/export.h"
#include "pipeline/import.h"
#include "qa/facts.h"

static char *folder, *input, *output, *demo;

static int make_dataset(void **state)
{
    (void)state;
    folder = check_folder();
    input = avqa_io_join(folder, "in.jsonl");
    output = avqa_io_join(folder, "out.jsonl");
    demo = check_source("tests/data/facts-demo.jsonl");
    assert_ok(avqa_dataset_init(folder, NULL));
    return 0;
}

static int remove_dataset(void **state)
{
    (void)state;
    free(demo);
    free(output);
    free(input);
    check_remove(folder);
    return 0;
}

static enum avqa_status import_file(const char *path, bool dry_run,
                                    struct avqa_import_counts *counts)
{
    const struct avqa_import_config config = {
        .dataset = folder, .files = &path, .n_files = 1, .dry_run = dry_run};
    *counts = (struct avqa_import_counts){0};
    return avqa_import_facts(&config, counts);
}

/* Imports `text` and expects rows, new clips, updated, duplicates. */
static void import_text(const char *text, const int64_t expected[4])
{
    struct avqa_import_counts c;
    assert_ok(avqa_io_write(input, text, strlen(text)));
    assert_ok(import_file(input, false, &c));
    assert_int_equal(c.rows, expected[0]);
    assert_int_equal(c.clips, expected[1]);
    assert_int_equal(c.updated, expected[2]);
    assert_int_equal(c.duplicates, expected[3]);
    assert_int_equal(c.questions + c.conflicts + (int64_t)c.n_rejected, 0);
    avqa_import_counts_release(&c);
}

static void assert_refused(const char *text, const char *message)
{
    struct avqa_import_counts c;
    char expected[512];
    snprintf(expected, sizeof expected, "%s: %s", input, message);
    assert_ok(avqa_io_write(input, text, strlen(text)));
    assert_int_equal(import_file(input, false, &c), AVQA_EFORMAT);
    assert_string_equal(avqa_message(), expected);
    avqa_import_counts_release(&c);
}

/* ---- what the catalog holds ------------------------------------------------------ */

struct seen {
    size_t n_scenes, n_instances, n_clips;
    int64_t last_id;
    char names[16][32];                         /* "picture+sound<parent" by clip */
    int64_t durations_us[16], onsets_us[16][4]; /* by clip, and instance */
};

static enum avqa_status see_scene(void *user, const struct avqa_scene *scene)
{
    struct seen *s = user;
    assert_true(scene->clip_id > s->last_id);
    s->last_id = scene->clip_id;
    for (size_t i = 0; i < scene->n_instances && i < 4; i++)
        s->onsets_us[s->n_scenes][i] = avqa_instance_onset_us(&scene->instances[i]);
    s->n_scenes++;
    s->n_instances += scene->n_instances;
    return AVQA_OK;
}

static enum avqa_status see_clip(void *user, const struct avqa_clip *clip)
{
    struct seen *s = user;
    snprintf(s->names[s->n_clips], sizeof *s->names, "%s+%s<%s", clip->picture,
             clip->sound, clip->parent ? clip->parent : "");
    s->durations_us[s->n_clips++] = clip->duration_us;
    return AVQA_OK;
}

static struct seen look(void)
{
    struct seen s = {0};
    struct avqa_catalog *cat;
    assert_ok(avqa_dataset_open(&cat, folder, AVQA_CATALOG_READ));
    assert_ok(avqa_facts_each(cat, see_scene, &s));
    assert_ok(avqa_clip_each(cat, see_clip, &s));
    avqa_catalog_close(cat);
    return s;
}

static int64_t export_facts(void)
{
    const struct avqa_export_config config = {
        .dataset = folder, .format = AVQA_EXPORT_FACTS, .output = output};
    int64_t rows;
    assert_ok(avqa_export(&config, &rows));
    return rows;
}

/* ---- the same back --------------------------------------------------------------- */

static bool same_value(const struct avqa_json *a, const struct avqa_json *b)
{
    double x;
    double y;
    const char *s = avqa_json_string(a);
    if (avqa_json_type(a) != avqa_json_type(b))
        return false;
    if (s)
        return strcmp(s, avqa_json_string(b)) == 0;
    if (avqa_json_double(a, &x) && avqa_json_double(b, &y))
        return x == y;
    return avqa_json_true(a) == avqa_json_true(b);
}

static bool same_json(const struct avqa_json *a, const struct avqa_json *b)
{
    const struct avqa_json *y = avqa_json_first(b);
    for (const struct avqa_json *x = avqa_json_first(a); x; x = avqa_json_next(x)) {
        const char *key = avqa_json_key(x);
        if (!y || !same_json(x, y) || (key && strcmp(key, avqa_json_key(y)) != 0))
            return false;
        y = avqa_json_next(y);
    }
    return y == NULL && same_value(a, b);
}

static size_t assert_same_files(const char *one, const char *two)
{
    struct avqa_rows *r[2];
    const struct avqa_json *row[2];
    size_t n = 0;
    assert_ok(avqa_rows_open(&r[0], one));
    assert_ok(avqa_rows_open(&r[1], two));
    for (;;) {
        assert_ok(avqa_rows_next(r[0], &row[0]));
        assert_ok(avqa_rows_next(r[1], &row[1]));
        assert_int_equal(row[0] == NULL, row[1] == NULL);
        if (!row[0])
            break;
        if (!same_json(row[0], row[1]))
            fail_msg("row %zu differs", n + 1);
        n++;
    }
    avqa_rows_close(r[0]);
    avqa_rows_close(r[1]);
    return n;
}

static void test_the_comparison_sees_differences(void **state)
{
    static const char *const pairs[][2] = {
        {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}"},
        {"{\"a\":null}", "{}"},
        {"{\"a\":[1]}", "{\"a\":[1,2]}"},
        {"{\"a\":0.1}", "{\"a\":0.10000001}"},
        {"{\"a\":true}", "{\"a\":false}"},
        {"{\"a\":\"1\"}", "{\"a\":1}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct avqa_json *a;
        struct avqa_json *b;
        assert_ok(avqa_json_parse(&a, pairs[i][0], strlen(pairs[i][0])));
        assert_ok(avqa_json_parse(&b, pairs[i][1], strlen(pairs[i][1])));
        assert_true(same_json(a, a));
        assert_false(same_json(a, b));
        avqa_json_free(a);
        avqa_json_free(b);
    }
}

static void test_export_gives_the_demo_back(void **state)
{
    struct avqa_import_counts c;
    (void)state;
    assert_ok(import_file(demo, false, &c));
    assert_int_equal(c.rows, 12);
    assert_int_equal(c.clips, 12);
    assert_int_equal(c.updated + c.duplicates, 0);
    assert_int_equal(export_facts(), 12);
    assert_int_equal(assert_same_files(demo, output), 12);
    assert_ok(import_file(output, false, &c));
    assert_int_equal(c.duplicates, 12);
    assert_int_equal(c.clips + c.updated, 0);
}

static void test_a_list_is_read_too(void **state)
{
    (void)state;
    import_text("[{\"clip\": \"a\"},\n {\"clip\": \"b\", \"instances\": []}]",
                (const int64_t[]){2, 2, 0, 0});
    assert_int_equal(look().n_scenes, 2);
}

static void test_an_empty_catalog_exports_an_empty_file(void **state)
{
    (void)state;
    assert_int_equal(export_facts(), 0);
}

/* ---- all or nothing -------------------------------------------------------------- */

static void test_one_bad_row_and_nothing_is_kept(void **state)
{
    (void)state;
    assert_refused(
        "{\"clip\":\"a\"}\n{\"clip\":\"b\"}\n{\"clip\":\"c\",\"instances\":[{"
        "\"id\":\"p\"},{\"id\":\"q\",\"sounding\":[[5,4]]}]}\n",
        "row 3: instances[1].sounding: [5, 4] ends before it begins (nothing "
        "was imported)");
    assert_int_equal(look().n_scenes, 0);
    assert_int_equal(look().n_clips, 0);
    assert_refused(
        "{\"clip\":\"a\",\"x\":1}\n{}\n{\"clip\":7}\n",
        "row 2: clip: is missing (1 more bad row, --json lists them; nothing "
        "was imported)");
    assert_int_equal(look().n_clips, 0);
}

static void test_a_cut_file_keeps_nothing(void **state)
{
    struct avqa_import_counts c;
    static const char cut[] = "{\"clip\":\"a\"}\n{\"clip\":\"b\"";
    (void)state;
    assert_ok(avqa_io_write(input, cut, strlen(cut)));
    assert_int_equal(import_file(input, false, &c), AVQA_EFORMAT);
    assert_int_equal(look().n_scenes, 0);
    assert_int_equal(import_file(folder, false, &c), AVQA_EINVAL);
}

static void test_a_failed_import_leaves_the_old_facts(void **state)
{
    (void)state;
    import_text("{\"clip\":\"a\",\"instances\":[{\"id\":\"p\",\"sounding\":[[1,2]]}]}",
                (const int64_t[]){1, 1, 0, 0});
    assert_refused("{\"clip\":\"a\",\"instances\":[]}\n{\"clip\":\"a/b\"}\n",
                   "row 2: clip: has a space, slash or control byte: a/b (nothing was "
                   "imported)");
    assert_int_equal(look().n_instances, 1);
    assert_int_equal(look().onsets_us[0][0], 1000000);
}

static void test_a_dry_run_keeps_nothing(void **state)
{
    struct avqa_import_counts c;
    (void)state;
    assert_ok(import_file(demo, true, &c));
    assert_int_equal(c.clips, 12);
    assert_int_equal(look().n_clips, 0);
}

/* ---- again ----------------------------------------------------------------------- */

static void test_other_facts_replace(void **state)
{
    (void)state;
    import_text(
        "{\"clip\":\"a\",\"media\":{\"base\":[\"m\"]},\"instances\":[{\"id\":\"p\","
        "\"sounding\":[[1,2],[3,4]]},{\"id\":\"q\"}]}\n{\"clip\":\"b\"}",
        (const int64_t[]){2, 2, 0, 0});
    assert_string_equal(look().names[0], "a+a<m");
    import_text(
        "{ \"clip\": \"b\" }\n{\"clip\":\"a\",\"media\":{\"base\":[\"z\"]},"
        "\"instances\":[{\"id\":\"p\",\"sounding\":[[5,6]]}]}\n{\"clip\":\"c\"}",
        (const int64_t[]){3, 1, 1, 1});
    struct seen s = look();
    assert_int_equal(s.n_scenes, 3);
    assert_int_equal(s.n_instances, 1);
    assert_int_equal(s.onsets_us[0][0], 5000000);
    assert_string_equal(s.names[0], "a+a<z");
}

static void test_a_clip_twice_in_one_import(void **state)
{
    (void)state;
    import_text("{\"clip\":\"a\"}\n{\"clip\":\"a\"}", (const int64_t[]){2, 1, 0, 1});
    assert_refused(
        "{\"clip\":\"a\",\"instances\":[]}\n{\"clip\":\"a\",\"scene\":\"x\"}",
        "row 2: clip: a stands in an earlier row with other facts (nothing was "
        "imported)");
    /* Also where the first of the two says nothing new. */
    assert_refused(
        "{\"clip\":\"a\"}\n{\"clip\":\"a\",\"scene\":\"x\"}",
        "row 2: clip: a stands in an earlier row with other facts (nothing was "
        "imported)");
}

/* ---- which clip ------------------------------------------------------------------ */

static void test_which_clip_it_is(void **state)
{
    (void)state;
    import_text(
        "{\"clip\":\"a\",\"media\":{\"video\":\"a\",\"audio\":\"a\",\"base\":[]}}"
        "\n{\"clip\":\"a\",\"media\":{\"audio\":\"w\"}}\n"
        "{\"clip\":\"va1\",\"media\":{\"video\":\"v\",\"audio\":\"w\"}}\n",
        (const int64_t[]){3, 3, 0, 0});
    struct seen s = look();
    assert_string_equal(s.names[0], "a+a<");
    assert_string_equal(s.names[1], "a+w<");
    assert_string_equal(s.names[2], "va1+va1<v");
}

static void test_durations(void **state)
{
    const struct avqa_import_config manifest = {
        .dataset = folder, .files = (const char *[]){input}, .n_files = 1};
    static const char text[] = "{\"video_id\":\"b\",\"duration\":60}\n";
    struct avqa_import_counts c = {0};
    (void)state;
    assert_ok(avqa_io_write(input, text, strlen(text)));
    assert_ok(avqa_import_videos(&manifest, &c));
    import_text("{\"clip\":\"a\"}\n{\"clip\":\"b\",\"duration\":59.5}",
                (const int64_t[]){2, 1, 0, 0});
    assert_int_equal(look().durations_us[0], 60000000); /* b: the manifest's stays */
    assert_int_equal(look().durations_us[1], AVQA_CLIP_UNKNOWN);
    import_text("{\"clip\":\"a\",\"duration\":10}", (const int64_t[]){1, 0, 1, 0});
    assert_int_equal(look().durations_us[1], 10000000);
    import_text("{\"clip\":\"a\",\"duration\":10.25}", (const int64_t[]){1, 0, 1, 0});
    assert_int_equal(look().durations_us[1], 10250000);
}

/* ---- words ----------------------------------------------------------------------- */

static void keep_warning(void *user, enum avqa_log_level level, const char *line)
{
    assert_int_equal(level, AVQA_LOG_WARNING);
    avqa_buf_addf(user, "%s\n", line);
}

/* What is said of `text` beside templates of a file, which may be NULL. */
static char *warnings_of(const char *text, const char *templates)
{
    struct avqa_buf said = AVQA_BUF_INIT;
    struct avqa_import_counts c = {0};
    const struct avqa_log log = {.write = keep_warning, .user = &said};
    const struct avqa_import_config config = {.dataset = folder,
                                              .files = (const char *[]){input},
                                              .n_files = 1,
                                              .templates = templates,
                                              .dry_run = true,
                                              .log = &log};
    assert_ok(avqa_io_write(input, text, strlen(text)));
    assert_ok(avqa_import_facts(&config, &c));
    avqa_import_counts_release(&c);
    return said.data ? said.data : avqa_mem_strdup("");
}

static void assert_warnings(const char *text, const char *templates,
                            const char *expected)
{
    char *said = warnings_of(text, templates);
    assert_string_equal(said, expected);
    free(said);
}

static void test_words_that_templates_lack(void **state)
{
    static const char text[] =
        "{\"clip\":\"a\",\"scene\":\"indoors\",\"instances\":["
        "{\"id\":\"1\",\"instrument\":\"violine\"},{\"id\":\"2\",\"instrument\":\"v1\"}"
        ","
        "{\"id\":\"3\",\"instrument\":\"violine\"},{\"id\":\"4\",\"instrument\":\"v2\"}"
        ","
        "{\"id\":\"5\",\"instrument\":\"violin\"},{\"id\":\"6\",\"instrument\":\"v3\"},"
        "{\"id\":\"7\",\"instrument\":\"v4\"},{\"id\":\"8\",\"instrument\":\"v5\"}]}";
    static const char street[] =
        "{\"clip\":\"a\",\"scene\":\"outdoor\",\"instances\":["
        "{\"id\":\"1\",\"instrument\":\"violin\"},{\"id\":\"2\"}]}";
    char *path = check_source("templates/music-avqa.json");
    char *other = check_source("templates/street.json");
    (void)state;
    assert_warnings(text, path,
                    "the templates 'music-avqa' have no word for 7 instruments: "
                    "violine, v1, v2, v3, v4, ...\n"
                    "the templates 'music-avqa' have no word for 1 scene: indoors\n");
    assert_warnings(street, path, "");
    assert_warnings(street, other,
                    "the templates 'street' have no word for 1 instrument: violin\n");
    assert_warnings(text, NULL, "");
    free(path);
    free(other);
}

#define ON_DATASET(test)                                                               \
    cmocka_unit_test_setup_teardown(test, make_dataset, remove_dataset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_comparison_sees_differences),
        ON_DATASET(test_export_gives_the_demo_back),
        ON_DATASET(test_a_list_is_read_too),
        ON_DATASET(test_an_empty_catalog_exports_an_empty_file),
        ON_DATASET(test_one_bad_row_and_nothing_is_kept),
        ON_DATASET(test_a_cut_file_keeps_nothing),
        ON_DATASET(test_a_failed_import_leaves_the_old_facts),
        ON_DATASET(test_a_dry_run_keeps_nothing),
        ON_DATASET(test_other_facts_replace),
        ON_DATASET(test_a_clip_twice_in_one_import),
        ON_DATASET(test_which_clip_it_is),
        ON_DATASET(test_durations),
        ON_DATASET(test_words_that_templates_lack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
