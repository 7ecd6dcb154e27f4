/* The audit as a whole: the same report for any number of threads, its files and its
 * record in the catalog, and nothing written where nothing was asked for. */
#include "dump.h"
#include "random_set.h"

#include "pipeline/audit.h"

static char *print(const struct avqa_json *report)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    avqa_json_print(&text, report, 1);
    return text.data;
}

static void test_any_number_of_threads(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_audit_opts opts = AVQA_AUDIT_DEFAULTS;
    opts.split = "on";
    opts.against = "fit";
    random_fill(&t, 8);
    char *one = print(t.audit.report);
    for (opts.jobs = 0; opts.jobs <= 8; opts.jobs++) {
        char *many = print(tiny_audit_with(&t, &opts));
        assert_string_equal(one, many);
        free(many);
    }
    free(one);
    tiny_free(&t);
}

static void test_members(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "schema",         "dataset",     "split",      "against",    "counts",
        "priors",         "entropy",     "dominant",   "head_tail",  "drift",
        "leakage",        "consistency", "degenerate", "duplicates", "media",
        "findings_total", "findings"};
    struct tiny t = tiny_new();
    random_fill(&t, 8);
    const struct avqa_json *m = avqa_json_first(t.audit.report);
    for (size_t i = 0; i < N_OF(keys); i++, m = avqa_json_next(m))
        assert_string_equal(avqa_json_key(m), keys[i]);
    assert_null(m);
    const struct avqa_json *d = avqa_json_get(t.audit.report, "dataset");
    assert_string_equal(check_string(d, "name", NULL), "tiny");
    assert_int_equal(check_int(d, "questions", NULL), 210);
    assert_int_equal(check_int(d, "splits", "fit", NULL), 60);
    assert_string_equal(check_string(d, "templates", "name", NULL), "music-avqa");
    tiny_audit(&t, NULL, NULL);
    assert_int_equal(avqa_json_type(avqa_json_get(t.audit.report, "split")),
                     AVQA_JSON_NULL);
    tiny_free(&t);
}

static void test_only_computed(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_audit_result result;
    struct avqa_audit_config config = {.dataset = t.dataset,
                                       .opts = AVQA_AUDIT_DEFAULTS};
    assert_fails(avqa_audit(&config, &result), AVQA_ENOENT,
                 "there are no questions yet");
    random_split(&t, "on", 50, 1);
    char *before = dump_of(t.dataset);
    assert_ok(avqa_audit(&config, &result));
    assert_int_equal(check_int(result.report, "counts", "questions", NULL), 50);
    avqa_json_free(result.report);
    dump_same(t.dataset, before);
    config.opts.split = "none";
    assert_fails(avqa_audit(&config, &result), AVQA_ENOENT,
                 "no split is called 'none'");
    assert_null(result.report);
    tiny_free(&t);
}

static void assert_recorded(const struct tiny *t,
                            const struct avqa_audit_result *result)
{
    struct avqa_json *status;
    static const char *const names[] = {"error", "warning", "note"};
    assert_ok(avqa_dataset_status(&status, t->dataset));
    for (size_t s = 0; s < 3; s++)
        assert_int_equal(check_int(status, "last_audit", names[s], NULL),
                         result->n_findings[s]);
    avqa_json_free(status);
}

static void test_report_on_disk(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_json *file;
    struct avqa_audit_result result;
    char *output = avqa_io_join(t.folder, "reports/first one");
    char *page = check_source("templates/report.html");
    char *path = avqa_io_join(output, "report.json");
    struct avqa_audit_config config = {.dataset = t.dataset,
                                       .output = output,
                                       .page = page,
                                       .opts = AVQA_AUDIT_DEFAULTS};
    random_split(&t, "on", 80, 2);
    for (int again = 0; again < 2; again++) {
        assert_ok(avqa_audit(&config, &result));
        assert_ok(avqa_json_read(&file, path, 16 << 20));
        assert_true(check_same(file, result.report));
        assert_recorded(&t, &result);
        assert_int_equal(result.n_findings[0] + result.n_findings[1] +
                             result.n_findings[2],
                         avqa_json_count(avqa_json_get(file, "findings")));
        avqa_json_free(file);
        avqa_json_free(result.report);
    }
    free(output);
    free(page);
    free(path);
    tiny_free(&t);
}

static bool is_there(const char *folder, const char *name)
{
    char *path = avqa_io_join(folder, name);
    bool found = avqa_io_exists(path);
    free(path);
    return found;
}

/* Into the same folder, first against another split and with figures, then less: what
 * only the first had is gone, what is not ours stays. */
static void test_an_older_report_leaves_nothing(void **state)
{
    static const char *const first[] = {"figures/drift.svg", "figures/drift.pdf",
                                        "tables/drift.csv"};
    static const char *const foreign[] = {"figures/mine.svg", "tables/mine.csv"};
    struct avqa_audit_result result;
    (void)state;
    struct tiny t = tiny_new();
    char *output = avqa_io_join(t.folder, "report");
    char *page = check_source("templates/report.html");
    struct avqa_audit_config config = {.dataset = t.dataset,
                                       .output = output,
                                       .page = page,
                                       .figures = true,
                                       .opts = AVQA_AUDIT_DEFAULTS};
    random_split(&t, "on", 80, 2);
    random_split(&t, "fit", 80, 3);
    config.opts.split = "on";
    config.opts.against = "fit";
    assert_ok(avqa_audit(&config, &result));
    avqa_json_free(result.report);
    for (size_t i = 0; i < N_OF(first); i++)
        assert_true(is_there(output, first[i]));
    for (size_t i = 0; i < N_OF(foreign); i++)
        free(check_write_text(output, foreign[i], "x"));
    config.opts.against = NULL;
    assert_ok(avqa_audit(&config, &result));
    avqa_json_free(result.report);
    for (size_t i = 0; i < N_OF(first); i++)
        assert_false(is_there(output, first[i]));
    assert_true(is_there(output, "figures/pies.svg"));
    config.figures = false;
    assert_ok(avqa_audit(&config, &result));
    avqa_json_free(result.report);
    assert_false(is_there(output, "figures/pies.svg"));
    assert_false(is_there(output, "figures/answers.pdf"));
    assert_true(is_there(output, "tables/templates.csv"));
    for (size_t i = 0; i < N_OF(foreign); i++)
        assert_true(is_there(output, foreign[i]));
    free(output);
    free(page);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_number_of_threads), cmocka_unit_test(test_members),
        cmocka_unit_test(test_only_computed), cmocka_unit_test(test_report_on_disk),
        cmocka_unit_test(test_an_older_report_leaves_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
