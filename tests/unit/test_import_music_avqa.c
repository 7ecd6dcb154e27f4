/* Every quirk of the published files is survived, every kind of bad row is refused with
 * file and row and leaves the catalog as it was, and the counters say what happened. */
#include "dump.h"
#include "tiny.h"

#include "catalog/clip.h"
#include "catalog/stmt.h"

/* The one number that a query on the catalog gives. */
static int64_t ask(const struct tiny *t, const char *sql)
{
    struct avqa_catalog *cat;
    struct avqa_stmt *st;
    bool row;
    assert_ok(avqa_dataset_open(&cat, t->dataset, AVQA_CATALOG_READ));
    assert_ok(avqa_stmt_prepare(&st, cat, sql));
    assert_ok(avqa_stmt_step(st, &row));
    int64_t n = row ? avqa_stmt_int(st, 0) : -1;
    avqa_stmt_free(st);
    avqa_catalog_close(cat);
    return n;
}

/* ---- what must be survived ------------------------------------------------------- */

static void test_five_shapes(void **state)
{
    struct tiny *t = *state;
    static const char rows[] =
        "[{\"video_id\": \"00000093\", \"question_id\": 12, \"type\": "
        "\"[\\\"Audio\\\", "
        "\\\"Counting\\\"]\", \"question_content\": \"How many musical instruments "
        "were "
        "heard throughout the video?\", \"templ_values\": \"[]\", "
        "\"question_deleted\": "
        "0, \"anser\": \"one\"},\n"
        "{\"video_id\": \"v\", \"question_content\": \"Is there a <Object> sound?\", "
        "\"templ_values\": \"[\\\"violin\\\"]\", \"anser\": \"yes\", \"type\": "
        "\"[\\\"Audio\\\", \\\"Counting\\\"]\"},\n"
        "{\"video_id\": \"v\", \"type\": \"[\\\"Audio-Visual\\\", "
        "\\\"Existential\\\"]\", "
        "\"question_content\": \"Is there a voiceover?\", \"templ_values\": \"[]\", "
        "\"question_deleted\": 0, \"anser\": \"no\"},\n"
        "{\"video_id\": \"v\", \"unmatch_audio\": \"w\", \"audio_instrument\": "
        "[\"erhu\"], "
        "\"video_instrument\": [\"cello\", 1], \"question_content\": \"Is this sound "
        "from "
        "the instrument in the video?\", \"anser\": \"no\", \"templ_values\": [], "
        "\"type\": "
        "[\"Audio-Visual\", \"Existential\"]},\n"
        "{\"video_id\": \"v\", \"question_content\": \"Is there a <Object> sound?\", "
        "\"templ_values\": \"[\\\"cello\\\"]\", \"anser\": \"yes\", \"person\": "
        "\"True\", "
        "\"type\": \"[\\\"Audio\\\", \\\"Counting\\\"]\"}]";
    struct avqa_import_counts counts = {0};
    assert_ok(tiny_import_text(t, "test", rows, &counts));
    assert_int_equal(counts.rows, 5);
    assert_int_equal(counts.questions, 5);
    assert_int_equal(counts.clips, 3);
    assert_int_equal(ask(t, "SELECT count(*) FROM question WHERE number IS NULL"), 4);
    assert_int_equal(ask(t, "SELECT count(*) FROM clip WHERE picture = '00000093'"), 1);
    assert_int_equal(
        ask(t, "SELECT count(*) FROM clip WHERE picture = 'v' AND sound = 'w'"), 1);
    tiny_audit(t, NULL, NULL);
    for (size_t i = 0; i < t->table.n_rows; i++)
        assert_false(t->table.rows[i].odd_type);
}

/* One question, two pictures of the same name and different sounds: no contradiction.
 */
static void test_media_identity(void **state)
{
    struct tiny *t = *state;
    tiny_put(t, &(struct tiny_row){"v", "X11", "", "yes", NULL, 0, NULL});
    tiny_put(t, &(struct tiny_row){"v", "X11", "", "no", "w", 0, NULL});
    struct avqa_import_counts c = tiny_import(t, "s");
    assert_int_equal(c.clips, 2);
    assert_int_equal(c.conflicts, 0);
}

struct clip_kind {
    const char *id, *method, *parent;
    bool synthetic;
};

static enum avqa_status check_clip(void *user, const struct avqa_clip *clip)
{
    const struct clip_kind *kinds = user;
    const struct clip_kind *k = kinds;
    while (strcmp(k->id, clip->picture) != 0)
        k++;
    if (clip->synthetic != k->synthetic)
        fail_msg("%s: synthetic %d", clip->picture, clip->synthetic);
    const char *method = clip->method ? clip->method : "-";
    const char *parent = clip->parent ? clip->parent : "-";
    assert_string_equal(method, k->method);
    assert_string_equal(parent, k->parent);
    return AVQA_OK;
}

static void test_video_ids(void **state)
{
    struct tiny *t = *state;
    static const struct clip_kind kinds[] = {
        {"00000093", "-", "-", false},
        {"va00000093", "va", "-", true},
        {"sa00000093", "sa", "-", true},
        {"vv00000093", "vv", "-", true},
        {"eva00000093", "eva", "00000093", true},
        {"esa00000093", "esa", "00000093", true},
        {"evv00000093", "evv", "00000093", true},
        {"va0000009", "-", "-", false},
        {"va000000933", "-", "-", false},
        {"xa00000093", "-", "-", false},
        {"eeva00000093", "-", "-", false},
        {"-6hEbX7o1J4", "-", "-", false},
        {"k69pWze0sPc_#02", "-", "-", false},
        {"Ib_CEW-vszk_flip", "flip", "Ib_CEW-vszk", false},
        {"_flip", "-", "-", false},
        {"x_flip", "flip", "x", false}};
    struct avqa_catalog *cat;
    for (size_t i = 0; i < N_OF(kinds); i++)
        tiny_add(t, kinds[i].id, "X10", "", "no");
    assert_int_equal(tiny_import(t, "s").clips, N_OF(kinds));
    assert_ok(avqa_dataset_open(&cat, t->dataset, AVQA_CATALOG_READ));
    assert_ok(avqa_clip_each(cat, check_clip, (void *)kinds));
    avqa_catalog_close(cat);
}

/* A trailing space, a full-width question mark, other spaces: the template is found and
 * the text is kept as it stood. */
static void test_texts_are_kept(void **state)
{
    struct tiny *t = *state;
    static const char *const texts[] = {"Are there <Object> and <Object> sound? ",
                                        "Are there <Object> and <Object> sound？",
                                        " Are  there <Object>\\tand <Object> sound?"};
    struct avqa_buf rows = AVQA_BUF_INIT;
    struct avqa_import_counts counts = {0};
    for (size_t i = 0; i < N_OF(texts); i++)
        avqa_buf_addf(&rows,
                      "%s{\"video_id\": \"v%zu\", \"question_content\": \"%s\", "
                      "\"templ_values\": [\"violin\", \"cello\"], \"anser\": \"yes\"}",
                      i ? "," : "[", i, texts[i]);
    avqa_buf_adds(&rows, "]");
    assert_ok(tiny_import_text(t, "s", avqa_buf_str(&rows), &counts));
    assert_int_equal(counts.questions, 3);
    assert_int_equal(ask(t, "SELECT count(DISTINCT template_id) FROM question"), 1);
    assert_int_equal(ask(t, "SELECT count(DISTINCT text_id) FROM question"), 3);
    assert_int_equal(ask(t, "SELECT count(*) FROM phrase WHERE text = "
                            "'Are there <Object> and <Object> sound？'"),
                     1);
    avqa_buf_release(&rows);
}

static void test_jsonl_and_bom(void **state)
{
    struct tiny *t = *state;
    struct avqa_import_counts counts = {0};
    assert_ok(tiny_import_text(
        t, "s",
        "\xef\xbb\xbf{\"video_id\": \"v\", \"question_content\": \"Is there a "
        "voiceover?\", \"templ_values\": \"[]\", \"answer\": \"no\"}\n\n{\"video_id\": "
        "\"w\", \"question_content\": \"Is there a voiceover?\", \"templ_values\": "
        "\"[]\", "
        "\"anser\": \"no\", \"question_deleted\": 1}\n",
        &counts));
    assert_int_equal(counts.questions, 2);
    assert_int_equal(ask(t, "SELECT count(*) FROM question WHERE deleted"), 1);
    tiny_audit(t, "s", NULL);
    assert_int_equal(t->table.n_rows, 1);
    assert_int_equal(t->table.n_deleted, 1);
}

static void test_counters(void **state)
{
    struct tiny *t = *state;
    static const struct tiny_row rows[] = {{"v", "X10", "", "no", NULL, 1, NULL},
                                           {"v", "X10", "", "yes", NULL, 1, NULL},
                                           {"v", "X10", "", "no", NULL, 1, NULL},
                                           {"w", "X10", "", "no", NULL, 2, NULL}};
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < N_OF(rows); i++)
            tiny_put(t, &rows[i]);
        struct avqa_import_counts c = tiny_import(t, "s");
        assert_int_equal(c.rows, 4);
        assert_int_equal(c.questions, again ? 0 : 4);
        assert_int_equal(c.clips, again ? 0 : 2);
        assert_int_equal(c.updated, 0);
        assert_int_equal(c.duplicates, again ? 4 : 1);
        assert_int_equal(c.repeats, again ? 0 : 1); /* stored, and counted there, too */
        assert_int_equal(c.conflicts, again ? 0 : 1);
    }
    tiny_put(t, &(struct tiny_row){"w", "X10", "", "yes", NULL, 2, NULL});
    struct avqa_import_counts c = tiny_import(t, "s");
    struct avqa_json *json = avqa_import_counts_json(&c);
    assert_int_equal(check_int(json, "updated", NULL), 1);
    assert_int_equal(check_int(json, "questions", NULL), 0);
    assert_int_equal(avqa_json_count(avqa_json_get(json, "rejected")), 0);
    avqa_json_free(json);
    assert_int_equal(tiny_total(t, "questions"), 4);
}

/* ---- what is refused ------------------------------------------------------------- */

/* A row that is all right, with one member exchanged for `member`. */
static void bad_row(struct avqa_buf *out, const char *key, const char *member)
{
    static const char *const members[][2] = {
        {"video_id", "\"video_id\": \"v\""},
        {"question_id", "\"question_id\": 5"},
        {"type", "\"type\": \"[\\\"Audio\\\", \\\"Counting\\\"]\""},
        {"question_content", "\"question_content\": \"Is there a <Object> sound?\""},
        {"templ_values", "\"templ_values\": \"[\\\"violin\\\"]\""},
        {"anser", "\"anser\": \"yes\""}};
    bool first = true;
    avqa_buf_adds(out, "{");
    for (size_t i = 0; i < N_OF(members); i++) {
        const char *text = strcmp(members[i][0], key) == 0 ? member : members[i][1];
        if (*text)
            avqa_buf_addf(out, "%s%s", first ? "" : ", ", text);
        first = first && !*text;
    }
    if (!*key)
        avqa_buf_addf(out, ", %s", member);
    avqa_buf_adds(out, "}");
}

static const struct bad {
    const char *key, *member, *message;
} bad[] = {
    {"video_id", "", "'video_id' is missing or empty"},
    {"video_id", "\"video_id\": 93", "'video_id' is a number, not a string"},
    {"video_id", "\"video_id\": \"\"", "'video_id' is missing or empty"},
    {"video_id", "\"video_id\": \"a b\"", "has a space, slash or control byte"},
    {"video_id", "\"video_id\": \"../x\"", "has a space, slash or control byte"},
    {"video_id", "\"video_id\": \"a\\u0007\"", "has a space, slash or control byte"},
    {"question_id", "\"question_id\": \"5\"", "'question_id' is a string, not a whole"},
    {"question_id", "\"question_id\": 5.5", "'question_id' is a number, not a whole"},
    {"question_id", "\"question_id\": null", "'question_id' is null, not a whole"},
    {"type", "\"type\": \"Audio\"", "'type': byte 1: not JSON"},
    {"type", "\"type\": \"[\\\"Audio\\\"]\"", "'type' is not a list of two words"},
    {"type", "\"type\": [\"a\", 1]", "'type' is not a list of two words"},
    {"type", "\"type\": 3", "'type' is not a list of two words"},
    {"question_content", "", "'question_content' is missing, not a string"},
    {"question_content", "\"question_content\": [1]", "is a list, not a string"},
    {"question_content", "\"question_content\": \"Who?\"", "has the text \"Who?\""},
    {"templ_values", "", "'templ_values' is missing, not a list"},
    {"templ_values", "\"templ_values\": \"violin\"",
     "'templ_values': byte 1: not JSON"},
    {"templ_values", "\"templ_values\": \"{}\"", "'templ_values' is an object, not a"},
    {"templ_values", "\"templ_values\": \"[1]\"", "holds a number, not only strings"},
    {"templ_values", "\"templ_values\": []", "has 0 values, template A06 has 1"},
    {"templ_values", "\"templ_values\": [\"a\", \"b\"]", "has 2 values, template A06"},
    {"templ_values",
     "\"templ_values\": [\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]",
     "has 9 values, template A06 has 1"},
    {"anser", "", "'anser' is missing, not a word"},
    {"anser", "\"anser\": 1", "'anser' is a number, not a word"},
    {"anser", "\"anser\": \"\"", "'anser' is empty, not a word"},
    {"anser", "\"anser\": \"yes\", \"answer\": \"no\"", "'answer' stands twice"},
    {"", "\"video_id\": \"w\"", "'video_id' stands twice"},
    {"", "\"unmatch_audio\": 1", "'unmatch_audio' is a number, not a string"},
    {"", "\"unmatch_audio\": \"a/b\"", "'unmatch_audio' has a space, slash"},
    {"", "\"question_deleted\": \"yes\"",
     "'question_deleted' is a string, not 0 or 1"}};

/* Every bad row, behind a good one; nothing of either is kept. */
static void test_bad_rows(void **state)
{
    struct tiny *t = *state;
    tiny_add(t, "first", "X10", "", "no");
    tiny_import(t, "s");
    for (size_t i = 0; i < N_OF(bad); i++) {
        struct avqa_buf text = AVQA_BUF_INIT;
        struct avqa_import_counts counts = {0};
        char *before = dump_of(t->dataset);
        avqa_buf_adds(&text, "[");
        bad_row(&text, "-", "");
        avqa_buf_adds(&text, ",\n");
        bad_row(&text, bad[i].key, bad[i].member);
        avqa_buf_adds(&text, "]");
        enum avqa_status rc = tiny_import_text(t, "s", avqa_buf_str(&text), &counts);
        if (rc != AVQA_EFORMAT)
            fail_msg("status %d for %s", rc, avqa_buf_str(&text));
        assert_has(avqa_message(), ".json: row 2: ");
        assert_has(avqa_message(), bad[i].message);
        assert_has(avqa_message(), "nothing was imported");
        assert_int_equal(counts.n_rejected, 1);
        assert_int_equal(counts.rejected[0].row, 2);
        assert_has(counts.rejected[0].reason, bad[i].message);
        dump_same(t->dataset, before);
        avqa_import_counts_release(&counts);
        avqa_buf_release(&text);
    }
}

static void test_many_bad_rows(void **state)
{
    struct tiny *t = *state;
    for (size_t n = 3; n <= 100; n += 97) {
        struct avqa_buf text = AVQA_BUF_INIT;
        struct avqa_import_counts counts = {0};
        for (size_t i = 0; i < n; i++) {
            avqa_buf_adds(&text, i ? ",\n" : "[");
            bad_row(&text, "anser", i % 3 == 1 ? "\"anser\": \"yes\"" : "\"anser\": 7");
        }
        avqa_buf_adds(&text, "]");
        assert_fails(tiny_import_text(t, "s", avqa_buf_str(&text), &counts),
                     AVQA_EFORMAT, "row 1: 'anser' is a number, not a word (");
        assert_has(avqa_message(), n == 3 ? "1 more bad row," : "19 more bad rows");
        assert_int_equal(counts.n_rejected, n == 3 ? 2 : AVQA_IMPORT_MAX_REJECTED);
        assert_int_equal(counts.rejected[1].row, 3);
        avqa_import_counts_release(&counts);
        avqa_buf_release(&text);
    }
    assert_int_equal(tiny_total(t, "questions"), 0);
    assert_int_equal(tiny_total(t, "commands"), 0);
}

static void test_bad_files(void **state)
{
    struct tiny *t = *state;
    static const struct {
        const char *text, *message;
    } cases[] = {{"", "is empty"},
                 {"[{\"video_id\": \"v\"", "row 1: the file ends inside this row"},
                 {"[1]", "row 1: is not an object"},
                 {"[{\"a\": \"\\u0000\"}]", "row 1: byte 8: a NUL in a string"}};
    char *before = dump_of(t->dataset);
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_import_counts counts = {0};
        assert_fails(tiny_import_text(t, "s", cases[i].text, &counts), AVQA_EFORMAT,
                     cases[i].message);
        avqa_import_counts_release(&counts);
    }
    dump_same(t->dataset, before);
}

/* The same row over and over is refused as a row, not as the whole file. */
static void test_the_same_row_too_often(void **state)
{
    struct tiny *t = *state;
    struct avqa_import_counts counts = {0};
    struct avqa_buf text = AVQA_BUF_INIT;
    for (int i = 0; i < 1003; i++) {
        avqa_buf_adds(&text, i ? ",\n" : "[");
        bad_row(&text, "-", "");
    }
    avqa_buf_adds(&text, "]");
    assert_fails(tiny_import_text(t, "s", avqa_buf_str(&text), &counts), AVQA_EFORMAT,
                 ".json: row 100");
    assert_has(avqa_message(), "the same question stands more than 1000 times");
    avqa_import_counts_release(&counts);
    avqa_buf_release(&text);
}

static void test_dry_run_and_several_files(void **state)
{
    struct tiny *t = *state;
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_import_counts counts = {0};
    avqa_buf_adds(&text, "[");
    bad_row(&text, "-", "");
    avqa_buf_adds(&text, "]");
    char *a = check_write_text(t->folder, "a.json", avqa_buf_str(&text));
    char *b = check_write_text(t->folder, "b.json", "[{}]");
    const char *const files[] = {a, b};
    struct avqa_import_config config = {.dataset = t->dataset,
                                        .files = files,
                                        .n_files = 2,
                                        .split = "s",
                                        .templates = t->template_path};
    char *before = dump_of(t->dataset);
    assert_fails(avqa_import_music_avqa(&config, &counts), AVQA_EFORMAT,
                 "b.json: row 1");
    assert_ptr_equal(counts.rejected[0].file, b);
    avqa_import_counts_release(&counts);
    config.n_files = 1;
    config.dry_run = true;
    assert_ok(avqa_import_music_avqa(&config, &counts));
    assert_int_equal(counts.questions, 1);
    dump_same(t->dataset, before);
    free(a);
    free(b);
    avqa_buf_release(&text);
}

static bool stop(void *user)
{
    (void)user;
    return true;
}

static void test_stopped(void **state)
{
    struct tiny *t = *state;
    struct avqa_log log = {.stopped = stop};
    struct avqa_import_counts counts = {0};
    struct avqa_buf text = AVQA_BUF_INIT;
    char video[16];
    for (int i = 0; i < 1500; i++) {
        snprintf(video, sizeof video, "v%d", i);
        tiny_add(t, video, "X10", "", "no");
    }
    avqa_buf_addf(&text, "%s]", avqa_buf_str(&t->rows));
    char *file = check_write_text(t->folder, "long.json", avqa_buf_str(&text));
    const char *const files[] = {file};
    struct avqa_import_config config = {.dataset = t->dataset,
                                        .files = files,
                                        .n_files = 1,
                                        .split = "s",
                                        .templates = t->template_path,
                                        .log = &log};
    assert_fails(avqa_import_music_avqa(&config, &counts), AVQA_ESTOPPED,
                 "nothing was imported");
    assert_int_equal(tiny_total(t, "questions"), 0);
    free(file);
    avqa_buf_release(&text);
}

/* ---- templates ------------------------------------------------------------------- */

static void test_stored_templates(void **state)
{
    struct tiny *t = *state;
    struct avqa_import_counts counts = {0};
    char *none = avqa_io_join(t->folder, "none.json");
    char *other = check_source("tests/data/templates-zh.json");
    char *file = check_write_text(t->folder, "q.json", "[]");
    const char *const files[] = {file};
    struct avqa_import_config config = {.dataset = t->dataset,
                                        .files = files,
                                        .n_files = 1,
                                        .split = "s",
                                        .templates = none};
    assert_fails(avqa_import_music_avqa(&config, &counts), AVQA_ENOENT, "none.json");
    config.templates = t->template_path;
    assert_ok(avqa_import_music_avqa(&config, &counts));
    config.templates = none; /* the stored ones serve from now on */
    assert_ok(avqa_import_music_avqa(&config, &counts));
    config.templates = other;
    config.replace_templates = true;
    assert_fails(avqa_import_music_avqa(&config, &counts), AVQA_EEXIST,
                 "this dataset uses the templates 'music-avqa'; 'demo-zh'");
    free(none);
    free(other);
    free(file);
}

/* A template file may be replaced by one of its name; rows that no longer fit it are an
 * error of the audit, not a crash. */
static void test_replaced_templates(void **state)
{
    struct tiny *t = *state;
    struct avqa_import_counts counts = {0};
    struct avqa_catalog *cat;
    struct avqa_audit_table table = {0};
    static const char set[] =
        "{\"schema\": 1, \"name\": \"music-avqa\", \"language\": \"en\", \"domains\": "
        "{}, "
        "\"slots\": {}, \"answers\": [], \"templates\": [{\"id\": \"A06\", "
        "\"modality\": "
        "\"Audio\", \"type\": \"Counting\", \"text\": \"Anything?\", \"slots\": [], "
        "\"answers\": []}]}";
    tiny_add(t, "v", "A06", "violin", "yes");
    tiny_import(t, "s");
    char *templates = check_write_text(t->folder, "new.json", set);
    char *file = check_write_text(t->folder, "q.json", "[]");
    const char *const files[] = {file};
    struct avqa_import_config config = {.dataset = t->dataset,
                                        .files = files,
                                        .n_files = 1,
                                        .split = "s",
                                        .templates = templates,
                                        .replace_templates = true};
    assert_ok(avqa_import_music_avqa(&config, &counts));
    assert_ok(avqa_dataset_open(&cat, t->dataset, AVQA_CATALOG_READ));
    assert_fails(avqa_audit_table_load(&table, cat), AVQA_EFORMAT,
                 "row 1: it has 1 slot value, its template A06 now has 0");
    avqa_audit_table_release(&table);
    avqa_catalog_close(cat);
    free(templates);
    free(file);
}

/* A type is the template's if it says the same, however its JSON is written. */
static void test_types(void **state)
{
    struct tiny *t = *state;
    static const char *const types[] = {
        "\"type\": \"[\\\"Audio\\\",\\\"Counting\\\"]\"",
        "\"type\": \"[\\\"\\\\u0041udio\\\", \\\"Counting\\\"]\"",
        "\"type\": [\"Audio\", \"Counting\"]",
        "\"type\": \"[\\\"Audio\\\", \\\"X\\\"]\"", "\"type\": [\"X\", \"Counting\"]"};
    struct avqa_import_counts counts = {0};
    struct avqa_buf text = AVQA_BUF_INIT;
    for (size_t i = 0; i < N_OF(types); i++) {
        avqa_buf_adds(&text, i ? ", " : "[");
        bad_row(&text, "type", types[i]);
    }
    avqa_buf_adds(&text, "]");
    assert_ok(tiny_import_text(t, "s", avqa_buf_str(&text), &counts));
    tiny_audit(t, "s", NULL);
    for (size_t i = 0; i < t->table.n_rows; i++)
        assert_int_equal(t->table.rows[i].odd_type, i >= 3);
    avqa_buf_release(&text);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, tiny_setup, tiny_teardown)
    const struct CMUnitTest tests[] = {TEST(test_five_shapes),
                                       TEST(test_media_identity),
                                       TEST(test_video_ids),
                                       TEST(test_texts_are_kept),
                                       TEST(test_jsonl_and_bom),
                                       TEST(test_counters),
                                       TEST(test_bad_rows),
                                       TEST(test_many_bad_rows),
                                       TEST(test_bad_files),
                                       TEST(test_the_same_row_too_often),
                                       TEST(test_dry_run_and_several_files),
                                       TEST(test_stopped),
                                       TEST(test_stored_templates),
                                       TEST(test_replaced_templates),
                                       TEST(test_types)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
