/* Stored answers against the facts of their clips: a wrong one is an error that says
 * what the facts say, an ill-posed question a warning, and what needs an unknown fact
 * is not judged. */
#include "catalog/run.h"
#include "tiny.h"

static const char facts[] =
    "{\"clip\": \"v\", \"duration\": 60, \"scene\": null, \"voiceover\": [], "
    "\"instances\": "
    "[{\"id\": \"a\", \"instrument\": \"violin\", \"visible\": true, \"x\": 0.2, "
    "\"sounding\": [[0, 60]], \"loudness_db\": -10, \"rhythmicity\": 0.5},"
    "{\"id\": \"b\", \"instrument\": \"violin\", \"visible\": true, \"x\": 0.8, "
    "\"sounding\": [[5, 20]], \"loudness_db\": -20, \"rhythmicity\": 0.9}]}";

/* Two instruments at one place, which the rules do not think of. */
static const char crowd[] =
    "{\"clip\": \"v\", \"duration\": 60, \"instances\": ["
    "{\"id\": \"a\", \"instrument\": \"piano\", \"visible\": true, \"x\": 0.5, "
    "\"sounding\": [[0, 60]], \"loudness_db\": -5},"
    "{\"id\": \"b\", \"instrument\": \"violin\", \"visible\": true, \"x\": 0.51, "
    "\"sounding\": [[0, 60]], \"loudness_db\": -30},"
    "{\"id\": \"c\", \"instrument\": \"cello\", \"visible\": true, \"x\": 0.1, "
    "\"sounding\": [[0, 60]], \"loudness_db\": -20},"
    "{\"id\": \"d\", \"instrument\": \"flute\", \"visible\": true, \"x\": 0.9, "
    "\"sounding\": [[0, 60]], \"loudness_db\": -25}]}";

static const char near[] =
    "{\"clip\": \"v\", \"duration\": 60, \"instances\": ["
    "{\"id\": \"a\", \"instrument\": \"violin\", \"visible\": true, \"x\": 0.2, "
    "\"sounding\": [[0, 60]], \"loudness_db\": -10},"
    "{\"id\": \"b\", \"instrument\": \"piano\", \"visible\": true, \"x\": 0.8, "
    "\"sounding\": [[0, 60]], \"loudness_db\": -10.5}]}";

static void test_against_facts(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_facts(&t, facts);
    tiny_add(&t, "v", "A05", NULL, "two");           /* right */
    tiny_add(&t, "v", "X10", NULL, "yes");           /* wrong: nobody speaks */
    tiny_add(&t, "v", "V08", NULL, "indoor");        /* nobody knows */
    tiny_add(&t, "v", "A01", "violin,piano", "yes"); /* two violins, no piano */
    tiny_add(&t, "w", "A05", NULL, "nine");          /* no facts */
    tiny_import(&t, "s");
    const struct avqa_json *r = tiny_audit(&t, "s", NULL);
    const struct avqa_json *f = check_at(r, "consistency", "facts", NULL);
    assert_int_equal(check_int(f, "checkable", NULL), 2);
    assert_int_equal(check_int(f, "violations", NULL), 1);
    assert_int_equal(check_int(f, "ill_posed", NULL), 1);
    assert_has(
        tiny_finding(&t, "facts", AVQA_ERROR, 0)->message,
        "v: \"Is there a voiceover?\" is answered \"yes\", the facts say \"no\"");
    assert_has(tiny_finding(&t, "facts", AVQA_WARNING, 0)->message, "ill-posed");
    tiny_free(&t);
}

/* Questions made with other margins than the usual ones are judged by those. */
static void test_margins_of_the_questions(void **state)
{
    (void)state;
    for (int narrow = 0; narrow < 2; narrow++) {
        struct tiny t = tiny_new();
        struct avqa_catalog *cat;
        int64_t run;
        tiny_facts(&t, near);
        tiny_add(&t, "v", "A01", "violin,piano", "yes"); /* by half a dB */
        tiny_import(&t, "s");
        assert_ok(avqa_dataset_open(&cat, t.dataset, AVQA_CATALOG_WRITE));
        assert_ok(avqa_run_start(&run, cat, "generate",
                                 narrow ? "{\"margin\": 0.01}" : "{}", 1));
        assert_ok(avqa_run_finish(cat, run, "done", "{}", 2));
        avqa_catalog_close(cat);
        const struct avqa_json *r = tiny_audit(&t, "s", NULL);
        const struct avqa_json *f = check_at(r, "consistency", "facts", NULL);
        assert_int_equal(check_int(f, "checkable", NULL), narrow);
        assert_int_equal(check_int(f, "ill_posed", NULL), !narrow);
        tiny_free(&t);
    }
}

/* The loudest is in the middle, where a quiet one stands too: a rule that takes a place
 * to have one instrument is broken by right answers, and that is no contradiction. With
 * a wrong answer it is one. */
static void test_facts_explain(void **state)
{
    (void)state;
    for (int wrong = 0; wrong < 2; wrong++) {
        struct tiny t = tiny_new();
        tiny_facts(&t, crowd);
        tiny_add(&t, "v", "X14", "loudest", wrong ? "right" : "middle");
        tiny_add(&t, "v", "X01",
                 wrong ? "flute,right,cello,left" : "violin,middle,cello,left", "no");
        tiny_import(&t, "s");
        const struct avqa_json *r = tiny_audit(&t, "s", NULL);
        const struct avqa_json *rule = check_at(r, "consistency", "C16", NULL);
        assert_int_equal(check_int(rule, "checkable", NULL), 1);
        assert_int_equal(check_int(rule, "violations", NULL), wrong);
        assert_int_equal(check_int(rule, "violations_ignoring_sound", NULL), wrong);
        assert_int_equal(check_int(rule, "explained_by_facts", NULL), !wrong);
        assert_int_equal(avqa_findings_count(&t.audit.findings, AVQA_ERROR), 2 * wrong);
        tiny_free(&t);
    }
}

/* The rows of a witness count too: V03 is right, and so is what it is held against. */
static void test_facts_explain_witnesses(void **state)
{
    (void)state;
    for (int wrong = 0; wrong < 2; wrong++) {
        struct tiny t = tiny_new();
        tiny_facts(&t, facts);
        tiny_add(&t, "v", "V03", NULL, "one");
        tiny_add(&t, "v", "V04", "violin", "yes");
        if (wrong)
            tiny_add(&t, "v", "V04", "piano", "yes");
        tiny_import(&t, "s");
        const struct avqa_json *r = tiny_audit(&t, "s", NULL);
        const struct avqa_json *rule = check_at(r, "consistency", "C03", NULL);
        assert_int_equal(check_int(rule, "violations", NULL), wrong);
        assert_int_equal(check_int(rule, "explained_by_facts", NULL), 0);
        tiny_free(&t);
    }
}

static void test_without_facts(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_add(&t, "w", "A05", NULL, "nine");
    tiny_import(&t, "s");
    const struct avqa_json *r = tiny_audit(&t, "s", NULL);
    assert_null(avqa_json_get(avqa_json_get(r, "consistency"), "facts"));
    assert_null(
        avqa_json_get(check_at(r, "consistency", "C01", NULL), "explained_by_facts"));
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_facts),
        cmocka_unit_test(test_margins_of_the_questions),
        cmocka_unit_test(test_facts_explain),
        cmocka_unit_test(test_facts_explain_witnesses),
        cmocka_unit_test(test_without_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
