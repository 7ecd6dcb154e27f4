/* Conditions are read whole or refused with the column: names, types, slots, and words
 * that could never be equal. */
#include "templates.h"

#include "qa/condition.h"

struct fixture {
    struct avqa_templates *templates;
    struct avqa_arena arena;
    struct avqa_intern symbols;
    struct avqa_witness witness;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->templates = templates_of("templates/music-avqa.json");
    f->witness = (struct avqa_witness){.name = "seen", .n_domains = 1};
    f->witness.domains[0] = &f->templates->domains[0];
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    avqa_templates_free(f->templates);
    avqa_intern_release(&f->symbols);
    avqa_arena_release(&f->arena);
    free(f);
    return 0;
}

/* a is "which saxophone sounds first" (X18), b "how many saxophones" (V02). */
static struct avqa_condition_scope scope_of(struct fixture *f)
{
    struct avqa_condition_scope s = {.arena = &f->arena,
                                     .symbols = &f->symbols,
                                     .n_rows = 2,
                                     .witnesses = &f->witness,
                                     .n_witnesses = 1};
    const char *const codes[] = {"X18", "V02"};
    for (size_t i = 0; i < N_OF(codes); i++)
        s.rows[i] = &f->templates->items[avqa_templates_find(f->templates, codes[i])];
    return s;
}

static void test_tree(void **state)
{
    struct fixture *f = *state;
    struct avqa_condition_scope scope = scope_of(f);
    const struct avqa_condition *c;
    assert_ok(avqa_condition_parse(
        &c, &scope, " and( equal(a$0, b$0), greater(minus(number(b), 1), 20) ) ",
        AVQA_CONDITION_TYPE_TRUTH));
    assert_int_equal(c->op, AVQA_CONDITION_OP_AND);
    assert_int_equal(c->n_args, 2);
    const struct avqa_condition *equal = c->args[0];
    assert_int_equal(equal->op, AVQA_CONDITION_OP_SAME_WORD);
    assert_int_equal(equal->args[1]->op, AVQA_CONDITION_OP_SLOT);
    assert_int_equal(equal->args[1]->row, 1);
    assert_int_equal(equal->args[1]->slot, 0);
    const struct avqa_condition *minus = c->args[1]->args[0];
    assert_int_equal(minus->args[0]->op, AVQA_CONDITION_OP_VALUE);
    assert_int_equal(minus->args[1]->number, 1);
    assert_int_equal(c->args[1]->args[1]->number, 20);
    assert_int_equal(scope.used, 0);
}

static void test_types_choose_equal(void **state)
{
    struct fixture *f = *state;
    struct avqa_condition_scope scope = scope_of(f);
    const struct avqa_condition *c;
    assert_ok(avqa_condition_parse(&c, &scope, "equal(number(b), count(seen))",
                                   AVQA_CONDITION_TYPE_TRUTH));
    assert_int_equal(c->op, AVQA_CONDITION_OP_SAME_NUMBER);
    assert_int_equal(scope.used, 1);
    assert_ok(avqa_condition_parse(&c, &scope,
                                   "equal(false, has(without(seen, a$0), b$0))",
                                   AVQA_CONDITION_TYPE_TRUTH));
    assert_int_equal(c->op, AVQA_CONDITION_OP_SAME_TRUTH);
    /* an answer may be of either domain */
    assert_ok(avqa_condition_parse(&c, &scope, "among(a, \"left\", \"simultaneously\")",
                                   AVQA_CONDITION_TYPE_TRUTH));
    assert_ok(avqa_condition_parse(&c, &scope,
                                   "if(equal(number(b), 1), \"\", \"any text\")",
                                   AVQA_CONDITION_TYPE_WORD));
}

static void test_part_of_a_text(void **state)
{
    struct fixture *f = *state;
    struct avqa_condition_scope scope = scope_of(f);
    const struct avqa_condition *c;
    size_t at = 4;
    assert_ok(
        avqa_condition_read(&c, &scope, "is {a$0 } now", &at, AVQA_CONDITION_TYPE_ANY));
    assert_int_equal(at, 8);
    at = 4;
    assert_fails(
        avqa_condition_read(&c, &scope, "is {z} now", &at, AVQA_CONDITION_TYPE_ANY),
        AVQA_EFORMAT, "column 5: there is no 'z'");
}

static void test_errors(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "column 1: the text ends where an expression should be"},
        {"not(", "column 5: the text ends where an expression should be"},
        {"not(false", "column 10: expected a comma or a closing parenthesis"},
        {"not(false))", "column 11: something follows the expression"},
        {"false false", "column 7: something follows the expression"},
        {"not", "column 1: not needs arguments"},
        {"not(false, false)", "column 10: too many arguments"},
        {"greater(1)", "column 10: an argument is missing"},
        {"and(false)", "column 10: an argument is missing"},
        {"or(false, false, false, false, false, false, false, false, false)",
         "column 58: too many arguments"},
        {"equal(c, b)", "column 7: there is no such question"},
        {"equal(a$2, b$0)", "column 8: X18 has no such slot"},
        {"equal(a$00, b$0)", "column 8: X18 has no such slot"},
        {"equal(a$, b$0)", "column 8: X18 has no such slot"},
        {"nothing(a)", "column 1: there is no 'nothing'"},
        {"has(sean, a$0)", "column 5: there is no 'sean'"},
        {"a", "column 1: a truth is needed, this is a word"},
        {"count(seen)", "column 1: a truth is needed, this is a number"},
        {"not(seen)", "column 5: a truth is needed, this is a set"},
        {"greater(b, 1)", "column 9: a number is needed, this is a word"},
        {"greater(count(1), 1)", "column 15: a set is needed, this is a number"},
        {"has(seen, 1)", "column 11: a word is needed, this is a number"},
        {"equal(1, false)", "column 10: a number is needed, this is a truth"},
        {"equal(seen, seen)", "column 7: sets are not compared"},
        {"true(b)", "column 6: this is not yes or no"},
        {"true(\"yes\")", "column 6: this is not yes or no"},
        {"greater(number(a), 1)", "column 16: this is no number word"},
        {"greater(number(\"two\"), 1)", "column 16: this is no number word"},
        {"equal(b, \"dozens\")", "column 10: its domain has no word 'dozens'"},
        {"equal(\"dozens\", b)", "column 7: its domain has no word 'dozens'"},
        {"equal(\"one\", \"two\")", "column 14: this is no word of a question"},
        {"equal(a, b)", "column 10: these words come from different domains"},
        {"among(a, \"left\", \"up\")", "column 18: its domain has no word 'up'"},
        {"has(seen, b)", "column 11: these words come from different domains"},
        {"has(without(without(seen, a$0), b$0), a$0)",
         "column 13: only one word can be left out"},
        {"equal(a, \"left)", "column 10: a string without its closing quote"},
        {"greater(100000, 1)", "column 9: the number is too large"},
        {"equal(a; b)", "column 8: expected a comma or a closing parenthesis"},
        {"?", "column 1: expected a name, a question, a number or a string"},
        {"not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(not(false",
         "column 65: nested too deep"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_condition_scope scope = scope_of(f);
        const struct avqa_condition *c;
        enum avqa_status rc =
            avqa_condition_parse(&c, &scope, cases[i].text, AVQA_CONDITION_TYPE_TRUTH);
        if (rc != AVQA_EFORMAT || strcmp(avqa_message(), cases[i].message) != 0)
            fail_msg("%s: status %d: %s, not: %s", cases[i].text, rc, avqa_message(),
                     cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree), cmocka_unit_test(test_types_choose_equal),
        cmocka_unit_test(test_part_of_a_text), cmocka_unit_test(test_errors)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
