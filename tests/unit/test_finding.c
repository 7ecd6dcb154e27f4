/* A finding keeps its sentence, names its rows and videos up to a bound and counts the
 * rest; the report lists errors first, rows by split and line, in valid UTF-8. */
#include "tiny.h"

#include "audit/finding.h"
#include "base/text.h"

static void load(struct tiny *t)
{
    struct avqa_catalog *cat;
    assert_ok(avqa_dataset_open(&cat, t->dataset, AVQA_CATALOG_READ));
    assert_ok(avqa_audit_table_load(&t->table, cat));
    avqa_catalog_close(cat);
}

static void test_list(void **state)
{
    (void)state;
    struct avqa_findings a = {0};
    struct avqa_findings b = {0};
    avqa_finding_add(&a, "one", AVQA_NOTE, "%d of %s", 3, "five");
    avqa_finding_add(&b, "two", AVQA_ERROR, "x");
    avqa_finding_add(&b, "two", AVQA_WARNING, "y");
    avqa_findings_move(&a, &b);
    assert_int_equal(a.n, 3);
    assert_int_equal(b.n, 0);
    assert_string_equal(a.items[0].message, "3 of five");
    assert_string_equal(a.items[2].message, "y");
    assert_int_equal(avqa_findings_count(&a, AVQA_ERROR), 1);
    assert_int_equal(avqa_findings_count(&a, AVQA_WARNING), 1);
    assert_int_equal(avqa_findings_count(&b, AVQA_NOTE), 0);
    avqa_findings_move(&a, &b);
    assert_int_equal(a.n, 3);
    assert_string_equal(avqa_severity_name(AVQA_ERROR), "error");
    assert_string_equal(avqa_severity_name(AVQA_WARNING), "warning");
    assert_string_equal(avqa_severity_name(AVQA_NOTE), "note");
    avqa_findings_release(&a);
    avqa_findings_release(&a);
}

static void test_rows_and_report(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_findings list = {0};
    struct avqa_buf text = AVQA_BUF_INIT;
    static const char *const videos[] = {"v", "v", "w", "v"};
    for (size_t i = 0; i < N_OF(videos); i++)
        tiny_add(&t, videos[i], "X10", "", i % 2 ? "yes" : "no");
    tiny_import(&t, "te\"st");
    load(&t);
    avqa_finding_add(&list, "n", AVQA_NOTE, "without rows");
    struct avqa_finding *f = avqa_finding_add(&list, "e", AVQA_ERROR, "with");
    for (size_t i = 0; i < 3; i++)
        avqa_finding_row(f, &t.table, i);
    assert_int_equal(f->n_rows, 3);
    assert_int_equal(f->n_videos, 2);
    struct avqa_json *array = avqa_json_new_array();
    assert_ok(avqa_findings_json(&list, &t.table, array));
    avqa_json_print(&text, array, 0);
    assert_string_equal(
        avqa_buf_str(&text),
        "[{\"check\": \"e\", \"severity\": \"error\", \"questions\": [\"te\\\"st#1\", "
        "\"te\\\"st#2\", \"te\\\"st#3\"], \"clips\": [\"v\", \"w\"], \"message\": "
        "\"with\"}, {\"check\": \"n\", \"severity\": \"note\", \"questions\": [], "
        "\"clips\": [], \"message\": \"without rows\"}]");
    avqa_json_free(array);
    avqa_buf_release(&text);
    avqa_findings_release(&list);
    tiny_free(&t);
}

static void test_bound(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_findings list = {0};
    tiny_add(&t, "v", "X10", "", "no");
    tiny_add(&t, "w", "X10", "", "no");
    tiny_import(&t, "s");
    load(&t);
    struct avqa_finding *f = avqa_finding_add(&list, "x", AVQA_ERROR, "many");
    for (size_t i = 0; i < 3000; i++)
        avqa_finding_row(f, &t.table, i % 2);
    assert_int_equal(f->n_rows, AVQA_FINDING_MAX_ROWS);
    assert_int_equal(f->n_rows_total, 3000);
    assert_true(f->n_videos <= AVQA_FINDING_MAX_ROWS);
    struct avqa_json *array = avqa_json_new_array();
    assert_ok(avqa_findings_json(&list, &t.table, array));
    int64_t total = 0;
    assert_true(avqa_json_int(avqa_json_get(avqa_json_first(array), "questions_total"),
                              &total));
    assert_int_equal(total, 3000);
    avqa_json_free(array);
    avqa_findings_release(&list);
    tiny_free(&t);
}

/* A sentence that is too long is cut between characters. */
static void test_long_messages(void **state)
{
    (void)state;
    struct avqa_findings list = {0};
    char text[4000];
    for (size_t shift = 0; shift < 3; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 4 <= sizeof text; i += 3)
            memcpy(text + i, "胡", 4);
        const struct avqa_finding *f =
            avqa_finding_add(&list, "x", AVQA_ERROR, "%s", text);
        assert_in_range(strlen(f->message), 200, sizeof text);
        assert_true(avqa_text_valid(f->message, strlen(f->message), NULL));
    }
    avqa_findings_release(&list);
}

/* The report shows so many of a kind; one more tells of the rest. */
static void test_too_many(void **state)
{
    (void)state;
    struct avqa_findings list = {0};
    struct avqa_audit_table none = {0};
    for (size_t i = 0; i < AVQA_FINDINGS_MAX_SHOWN + 5; i++) {
        avqa_finding_add(&list, "C00", AVQA_ERROR, "%zu", i);
        if (i < AVQA_FINDINGS_MAX_SHOWN)
            avqa_finding_add(&list, "C00", AVQA_NOTE, "note");
    }
    avqa_finding_add(&list, "flip", AVQA_ERROR, "last");
    struct avqa_json *array = avqa_json_new_array();
    assert_ok(avqa_findings_json(&list, &none, array));
    assert_int_equal(avqa_json_count(array), 2 * AVQA_FINDINGS_MAX_SHOWN + 2);
    const struct avqa_json *o = avqa_json_first(array);
    for (size_t i = 0; i < AVQA_FINDINGS_MAX_SHOWN; i++)
        o = avqa_json_next(o);
    assert_string_equal(check_string(o, "message", NULL),
                        "and 5 more of this kind; tables/findings.csv has them all");
    assert_string_equal(check_string(o, "check", NULL), "C00");
    assert_string_equal(check_string(o, "severity", NULL), "error");
    o = avqa_json_next(o);
    assert_string_equal(check_string(o, "message", NULL), "last");
    uint32_t *ranks = avqa_findings_ranks(&list);
    assert_int_equal(ranks[0], 0);
    assert_int_equal(ranks[1], 0);
    assert_int_equal(ranks[2], 1);
    assert_int_equal(ranks[list.n - 2], AVQA_FINDINGS_MAX_SHOWN + 4);
    free(ranks);
    avqa_json_free(array);
    avqa_findings_release(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list), cmocka_unit_test(test_rows_and_report),
        cmocka_unit_test(test_bound), cmocka_unit_test(test_long_messages),
        cmocka_unit_test(test_too_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
