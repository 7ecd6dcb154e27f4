/* What was done is recorded with version, options, inputs and findings, and can be
 * asked for: totals, the last audit's findings, what still fails and why. */
#include "catalog_fixture.h"

#include "base/version.h"

static enum avqa_status add_total(void *user, const char *name, int64_t n)
{
    if (n)
        avqa_buf_addf(user, "%s %d;", name, (int)n);
    return AVQA_OK;
}

static enum avqa_status add_any(void *user, const char *name, int64_t n)
{
    avqa_buf_addf(user, "%s %d;", name, (int)n);
    return AVQA_OK;
}

static enum avqa_status add_failure(void *user, const struct avqa_run_failure *failure)
{
    avqa_buf_addf(user, "%s %s %d;", failure->stage, failure->reason,
                  (int)failure->n_items);
    return AVQA_OK;
}

static void test_record(void **state)
{
    struct catalog_fixture *f = *state;
    int64_t id = 0;
    assert_ok(avqa_run_start(&id, f->cat, "import", "{\"split\": \"x\"}", 100));
    assert_int_not_equal(id, f->run);
    assert_ok(avqa_run_add_input(f->cat, id, "a.json", 12, "abcd"));
    assert_int_equal(
        catalog_ask(f->cat, "SELECT count(*) FROM run WHERE outcome IS NULL"), 2);
    assert_ok(avqa_run_finish(f->cat, id, "done", "{\"rows\": 3}", 250));
    assert_int_equal(
        catalog_ask(
            f->cat,
            "SELECT count(*) FROM run JOIN run_input ON run_id = id WHERE "
            "command = 'import' AND options = '{\"split\": \"x\"}' AND version = "
            "'" AVQA_VERSION "' AND started_us = 100 AND ended_us = 250 AND "
            "outcome = 'done' AND counters = '{\"rows\": 3}' AND path = 'a.json' "
            "AND bytes = 12 AND sha256 = 'abcd'"),
        1);
}

static void test_totals(void **state)
{
    struct catalog_fixture *f = *state;
    struct avqa_buf text = AVQA_BUF_INIT;
    assert_ok(catalog_try(f->cat, "INSERT INTO source(name) VALUES ('a'), ('b')"));
    assert_ok(avqa_run_totals(f->cat, add_total, &text));
    assert_string_equal(avqa_buf_str(&text), "sources 2;commands 1;");
    avqa_buf_release(&text);
}

static void test_findings(void **state)
{
    struct catalog_fixture *f = *state;
    struct avqa_buf text = AVQA_BUF_INIT;
    int64_t id = 0;
    assert_ok(avqa_run_last_findings(f->cat, add_any, &text));
    assert_string_equal(avqa_buf_str(&text), "");
    static const struct avqa_run_finding findings[] = {{"C00", "error", "m", 2, 1},
                                                       {"C00", "error", "n", 2, 1},
                                                       {"text", "note", "o", 0, 0}};
    assert_ok(avqa_run_start(&id, f->cat, "audit", "{}", 1));
    for (size_t i = 0; i < N_OF(findings); i++)
        assert_ok(avqa_run_add_finding(f->cat, id, &findings[i]));
    assert_ok(avqa_run_last_findings(f->cat, add_any, &text));
    assert_string_equal(avqa_buf_str(&text), "error 2;warning 0;note 1;");
    avqa_buf_clear(&text);
    assert_ok(avqa_run_start(&id, f->cat, "audit", "{}", 2)); /* a clean one */
    assert_ok(avqa_run_last_findings(f->cat, add_any, &text));
    assert_string_equal(avqa_buf_str(&text), "error 0;warning 0;note 0;");
    avqa_buf_release(&text);
}

/* An item counts by its latest attempt. */
static void test_failures(void **state)
{
    struct catalog_fixture *f = *state;
    struct avqa_buf text = AVQA_BUF_INIT;
    assert_ok(catalog_try(
        f->cat,
        "INSERT INTO attempt(run_id, stage, item, started_us, outcome, reason) "
        "VALUES (1, 'fetch', 'a', 1, 'failed', 'gone'),"
        "(1, 'fetch', 'b', 1, 'failed', 'gone'), (1, 'fetch', 'c', 1, 'failed', "
        "'slow'), (1, 'fetch', 'c', 2, 'done', NULL), (1, 'cut', 'a', 1, 'done', "
        "NULL), (1, 'cut', 'a', 2, 'failed', NULL)"));
    assert_ok(avqa_run_failures(f->cat, add_failure, &text));
    assert_string_equal(avqa_buf_str(&text), "cut unknown 1;fetch gone 2;");
    avqa_buf_release(&text);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, catalog_setup, catalog_teardown)
    const struct CMUnitTest tests[] = {TEST(test_record), TEST(test_totals),
                                       TEST(test_findings), TEST(test_failures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
