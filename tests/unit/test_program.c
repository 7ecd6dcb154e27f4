/* The answer language: what is an expression, and for what is none the column and the
 * reason; slots must exist; depth is bounded. */
#include "check.h"

#include "qa/program.h"

static void test_well_formed(void **state)
{
    (void)state;
    static const char *const cases[] = {"all",
                                        "scene",
                                        " count( sounding(all) ) ",
                                        "greater(a($0), b($1))",
                                        "f(\"a ) word\", -1.5, .5, 12)",
                                        "f(\n\t$1,\n\t\"\")",
                                        "\"leftest\"",
                                        "$0",
                                        "3",
                                        "under_score(a)"};
    for (size_t i = 0; i < N_OF(cases); i++) {
        if (avqa_program_check(cases[i], 2) != AVQA_OK)
            fail_msg("%s: %s", cases[i], avqa_message());
    }
}

static void test_errors(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {{"", "column 1: the program ends where an expression should be"},
                 {"  ", "column 3: the program ends"},
                 {"count(", "column 7: the program ends"},
                 {"count(all", "column 6: this parenthesis is not closed"},
                 {"f(g(a), h(b)", "column 2: this parenthesis is not closed"},
                 {"count(all))", "column 11: something follows the expression"},
                 {"count(all) x", "column 12: something follows the expression"},
                 {"a b", "column 3: something follows the expression"},
                 {"count()", "column 7: expected a name, a slot, a number or a string"},
                 {"f(a,)", "column 5: expected a name"},
                 {"f(,a)", "column 3: expected a name"},
                 {"f(a b)", "column 5: expected a comma or a closing parenthesis"},
                 {"f(a;b)", "column 4: expected a comma or a closing parenthesis"},
                 {"Count(a)", "column 1: expected a name"},
                 {"f($)", "column 4: a slot is $ and a number, such as $0"},
                 {"f($x)", "column 4: a slot is $ and a number"},
                 {"f(a, $2)", "column 6: the template has no such slot"},
                 {"$99999999999999999999", "column 1: the template has no such slot"},
                 {"f(\"abc)", "column 3: a string without its closing quote"},
                 {"f(-)", "column 4: a number has no digits"},
                 {"f(.)", "column 4: a number has no digits"},
                 {"二胡", "column 1: expected a name"}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        enum avqa_status rc = avqa_program_check(cases[i].text, 2);
        if (rc != AVQA_EFORMAT ||
            strncmp(avqa_message(), cases[i].message, strlen(cases[i].message)) != 0)
            fail_msg("%s: status %d: %s", cases[i].text, rc, avqa_message());
    }
}

static void test_slots(void **state)
{
    (void)state;
    assert_fails(avqa_program_check("$0", 0), AVQA_EFORMAT,
                 "column 1: the template has");
    assert_ok(avqa_program_check("$0", 1));
    assert_ok(avqa_program_check("f($7, $07)", 8));
    assert_fails(avqa_program_check("$8", 8), AVQA_EFORMAT, "no such slot");
}

/* f(f(...(x)...)) with so many names around x. */
static enum avqa_status check_nested(size_t depth)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    for (size_t i = 0; i < depth; i++)
        avqa_buf_adds(&text, "f(");
    avqa_buf_adds(&text, "x");
    for (size_t i = 0; i < depth; i++)
        avqa_buf_adds(&text, ")");
    enum avqa_status rc = avqa_program_check(avqa_buf_str(&text), 0);
    avqa_buf_release(&text);
    return rc;
}

static void test_depth(void **state)
{
    (void)state;
    assert_ok(check_nested(AVQA_PROGRAM_MAX_DEPTH - 1));
    assert_fails(check_nested(AVQA_PROGRAM_MAX_DEPTH), AVQA_EFORMAT,
                 "column 65: nested too deep");
    assert_fails(check_nested(1000000), AVQA_EFORMAT, "nested too deep");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_well_formed), cmocka_unit_test(test_errors),
        cmocka_unit_test(test_slots), cmocka_unit_test(test_depth)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
