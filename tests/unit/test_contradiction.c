/* Contradictions as an audit reports them: which rows, how bad, in which words; each
 * once, clips that are alike solved together, and the same for any number of threads.
 */
#include "tiny.h"

static const struct avqa_json *solver(const struct tiny *t)
{
    return check_at(t->audit.report, "consistency", "solver", NULL);
}

/* Whether the n-th finding of the solver has this severity, these rows and words. */
static void assert_finding(const struct tiny *t, enum avqa_severity severity,
                           const char *message, size_t n_rows, ...)
{
    const struct avqa_finding *f = tiny_finding(t, "solver", severity, 0);
    va_list ap;
    assert_non_null(f);
    assert_string_equal(f->message, message);
    assert_int_equal(f->n_rows, n_rows);
    va_start(ap, n_rows);
    for (size_t i = 0; i < n_rows; i++) {
        unsigned line = va_arg(ap, unsigned);
        assert_int_equal(t->table.rows[f->rows[i]].line, line);
    }
    va_end(ap);
}

static void test_rows_and_words_of_a_contradiction(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_add(&t, "00005977", "V08", NULL, "indoor");
    tiny_add(&t, "00005977", "X07", "saxophone", "two");
    tiny_add(&t, "00005977", "V02", "saxophone", "one");
    tiny_add(&t, "00005977", "X10", NULL, "no");
    tiny_add(&t, "other", "X07", "saxophone", "two");
    tiny_import(&t, "s");
    tiny_audit(&t, "s", NULL);
    assert_int_equal(check_int(solver(&t), "violations", NULL), 1);
    assert_int_equal(check_int(solver(&t), "consistent", NULL), 1);
    assert_finding(&t, AVQA_ERROR,
                   "00005977: these answers cannot all be true: \"How many saxophone "
                   "are in the entire video?\" one; \"How many sounding saxophone in "
                   "the video\xef\xbc\x9f\" two",
                   2, 3U, 2U);
    tiny_free(&t);
}

static void test_what_is_taken_for_granted_and_what_is_read(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_add(&t, "several", "V02", "cello", "five");
    tiny_add(&t, "several", "X09", "cello", "yes");
    tiny_add(&t, "place", "X14", "loudest", "left");
    tiny_add(&t, "place", "X01", "violin,left,cello,right", "no");
    tiny_import(&t, "s");
    tiny_audit(&t, "s", NULL);
    assert_finding(&t, AVQA_WARNING,
                   "several: \"Is the cello in the video always playing?\" yes takes "
                   "for granted what is denied by: \"How many cello are in the entire "
                   "video?\" five",
                   2, 1U, 2U);
    assert_finding(
        &t, AVQA_NOTE,
        "place: these answers cannot all be true, unless several instruments "
        "are at one place: \"Is the violin on the left louder than the cello "
        "on the right?\" no; \"Where is the loudest instrument?\" left",
        2, 4U, 3U);
    assert_int_equal(check_int(solver(&t), "by_posing", NULL), 1);
    assert_int_equal(check_int(solver(&t), "by_reading", NULL), 1);
    tiny_free(&t);
}

/* Two contradictions of one clip that share no row are two findings. */
static void test_each_contradiction_of_a_clip(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_add(&t, "v", "A05", NULL, "one");
    tiny_add(&t, "v", "A04", "violin,cello", "yes");
    tiny_add(&t, "v", "V04", "flute", "no");
    tiny_add(&t, "v", "X07", "flute", "one");
    tiny_add(&t, "v", "X07", "flute", "one"); /* said twice */
    tiny_import(&t, "s");
    tiny_audit(&t, "s", NULL);
    assert_int_equal(check_int(solver(&t), "violations", NULL), 1);
    const struct avqa_finding *first = tiny_finding(&t, "solver", AVQA_ERROR, 0);
    const struct avqa_finding *second = tiny_finding(&t, "solver", AVQA_ERROR, 1);
    assert_non_null(first);
    assert_non_null(second);
    assert_null(tiny_finding(&t, "solver", AVQA_ERROR, 2));
    assert_int_equal(first->n_rows, 2);
    assert_int_equal(second->n_rows, 2);
    tiny_free(&t);
}

/* What no scene can answer is left out and counted; two answers to it are still two. */
static void test_senseless_questions(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_add(&t, "v", "V05", "middle,violin", "cello");
    tiny_add(&t, "v", "V05", "middle,violin", "flute");
    tiny_add(&t, "w", "A01", "violin,violin", "yes");
    tiny_add(&t, "x", "X15", "violin", "violin");
    tiny_import(&t, "s");
    tiny_audit(&t, "s", NULL);
    assert_int_equal(check_int(solver(&t), "checkable", NULL), 1);
    assert_int_equal(check_int(solver(&t), "violations", NULL), 1);
    assert_int_equal(check_int(solver(&t), "rows_left_out", NULL), 4);
    tiny_free(&t);
}

/* Clips that differ by their instruments only are solved once, each reported in its own
 * words; the report does not depend on threads. */
static void test_clips_that_are_alike(void **state)
{
    static const char *const words[] = {"violin", "cello", "flute", "erhu", "drum"};
    (void)state;
    struct tiny t = tiny_new();
    char video[16];
    for (size_t i = 0; i < 40; i++) {
        snprintf(video, sizeof video, "clip%02zu", i);
        tiny_add(&t, video, "V04", words[i % 5], "no");
        tiny_add(&t, video, "V02", words[i % 5], i % 2 ? "zero" : "two");
    }
    tiny_import(&t, "s");
    struct avqa_audit_opts opts = AVQA_AUDIT_DEFAULTS;
    opts.split = "s";
    opts.jobs = 1;
    struct avqa_buf one = AVQA_BUF_INIT;
    struct avqa_buf many = AVQA_BUF_INIT;
    avqa_json_print(&one, tiny_audit_with(&t, &opts), 0);
    assert_int_equal(check_int(solver(&t), "distinct", NULL), 2);
    assert_int_equal(check_int(solver(&t), "violations", NULL), 20);
    assert_has(tiny_finding(&t, "solver", AVQA_ERROR, 1)->message, "a flute in the");
    opts.jobs = 3;
    avqa_json_print(&many, tiny_audit_with(&t, &opts), 0);
    assert_string_equal(avqa_buf_str(&one), avqa_buf_str(&many));
    avqa_buf_release(&one);
    avqa_buf_release(&many);
    tiny_free(&t);
}

static void test_left_out(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_audit_opts opts = AVQA_AUDIT_DEFAULTS;
    opts.no_solver = true;
    tiny_add(&t, "v", "V02", "violin", "two");
    tiny_add(&t, "v", "V04", "violin", "no");
    tiny_import(&t, "s");
    tiny_audit_with(&t, &opts);
    assert_null(solver(&t));
    assert_null(tiny_finding(&t, "solver", AVQA_ERROR, 0));
    assert_non_null(tiny_finding(&t, "C01", AVQA_ERROR, 0));
    tiny_free(&t);
}

/* Facts are a scene: what they give can be, though two instruments stand on the left.
 */
static void test_facts_are_a_scene(void **state)
{
    static const char facts[] =
        "{\"clip\": \"v\", \"duration\": 60, \"scene\": null, \"voiceover\": [], "
        "\"instances\": ["
        "{\"id\": \"a\", \"instrument\": \"violin\", \"visible\": true, \"x\": 0.2, "
        "\"sounding\": [[0, 60]], \"loudness_db\": -20, \"rhythmicity\": 0.5},"
        "{\"id\": \"b\", \"instrument\": \"flute\", \"visible\": true, \"x\": 0.21, "
        "\"sounding\": [[0, 60]], \"loudness_db\": -5, \"rhythmicity\": 0.5},"
        "{\"id\": \"c\", \"instrument\": \"cello\", \"visible\": true, \"x\": 0.8, "
        "\"sounding\": [[0, 60]], \"loudness_db\": -10, \"rhythmicity\": 0.9}]}";
    struct avqa_import_counts counts = {0};
    (void)state;
    struct tiny t = tiny_new();
    char *path = check_write_text(t.folder, "facts.jsonl", facts);
    const char *const files[] = {path};
    struct avqa_import_config config = {
        .dataset = t.dataset, .files = files, .n_files = 1};
    assert_ok(avqa_import_facts(&config, &counts));
    avqa_import_counts_release(&counts);
    free(path);
    tiny_add(&t, "v", "X14", "loudest", "left");
    tiny_add(&t, "v", "X01", "violin,left,cello,right", "no");
    tiny_import(&t, "right");
    tiny_audit(&t, "right", NULL);
    assert_null(tiny_finding(&t, "solver", AVQA_NOTE, 0));
    assert_int_equal(check_int(solver(&t), "explained_by_facts", NULL), 1);
    tiny_add(&t, "v", "X14", "loudest", "left");
    tiny_add(&t, "v", "X01", "violin,left,cello,right", "no");
    tiny_add(&t, "v", "V02", "cello", "two"); /* wrong, and denied: */
    tiny_add(&t, "v", "V04", "cello", "no");
    tiny_import(&t, "wrong");
    tiny_audit(&t, "wrong", NULL);
    assert_null(tiny_finding(&t, "solver", AVQA_NOTE, 0));
    assert_int_equal(check_int(solver(&t), "violations", NULL), 1);
    tiny_free(&t);
}

/* More than is tried is said to be undecided, never consistent. */
static void test_not_decided(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_add(&t, "v", "V02", "violin", "ten");
    tiny_add(&t, "v", "V02", "cello", "ten");
    tiny_import(&t, "s");
    tiny_audit(&t, "s", NULL);
    assert_int_equal(check_int(solver(&t), "not_decided", NULL), 1);
    assert_int_equal(check_int(solver(&t), "consistent", NULL), 0);
    assert_has(tiny_finding(&t, "solver", AVQA_NOTE, 0)->message,
               "1 clip: whether all answers can be true was not decided: it may need");
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_and_words_of_a_contradiction),
        cmocka_unit_test(test_what_is_taken_for_granted_and_what_is_read),
        cmocka_unit_test(test_each_contradiction_of_a_clip),
        cmocka_unit_test(test_senseless_questions),
        cmocka_unit_test(test_clips_that_are_alike),
        cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_facts_are_a_scene),
        cmocka_unit_test(test_not_decided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
