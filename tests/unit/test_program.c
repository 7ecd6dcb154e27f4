/* The answer language: its grammar, what each function takes and gives, and that every
 * mistake is told with the column it stands at. */
#include "check.h"

#include "qa/program.h"

/* $0 object, $1 place, $2 order, $3 number, $4 scene, $5 place of two words, $6 truth;
 * the answers are of every sort that has words. */
static const char *const objects[] = {"bell", "bus", "dog"};
static const char *const places[] = {"left", "right", "middle"};
static const char *const orders[] = {"first", "last"};
static const char *const numbers[] = {"none", "one", "more"};
static const char *const scenes[] = {"indoor", "outdoor"};
static const char *const truths[] = {"yes", "no"};
static const char *const texts[] = {"both"};

#define DOMAIN(word, sort, list)                                                       \
    {                                                                                  \
        .name = word, .kind = sort, .values = list,                                    \
        .n_values = sizeof(list) / sizeof *(list)                                      \
    }

static const struct avqa_domain domains[] = {
    DOMAIN("object", AVQA_DOMAIN_OBJECT, objects),
    DOMAIN("place", AVQA_DOMAIN_PLACE, places),
    DOMAIN("edge", AVQA_DOMAIN_ORDER, orders),
    DOMAIN("number", AVQA_DOMAIN_NUMBER, numbers),
    DOMAIN("scene", AVQA_DOMAIN_SCENE, scenes),
    {.name = "side", .kind = AVQA_DOMAIN_PLACE, .values = places, .n_values = 2},
    DOMAIN("yesno", AVQA_DOMAIN_TRUTH, truths),
    DOMAIN("text", AVQA_DOMAIN_TEXT, texts),
};

static const struct avqa_domain *const slots[] = {&domains[0], &domains[1], &domains[2],
                                                  &domains[3], &domains[4], &domains[5],
                                                  &domains[6]};
static const struct avqa_domain *const answers[] = {
    &domains[0], &domains[1], &domains[3], &domains[4], &domains[6], &domains[7]};
static const struct avqa_program_scope scope = {slots, 7, answers, 6, NULL};

static struct avqa_arena arena;

static const struct avqa_program_node *parse(const char *text)
{
    const struct avqa_program_node *program = NULL;
    if (avqa_program_parse(&program, &arena, text, &scope) != AVQA_OK)
        fail_msg("%s: %s", text, avqa_message());
    return program;
}

/* The message begins with the column and has `what` in it. */
static void assert_wrong_in(const struct avqa_program_scope *in, const char *text,
                            size_t column, const char *what)
{
    char start[32];
    const struct avqa_program_node *program = NULL;
    enum avqa_status rc = avqa_program_parse(&program, &arena, text, in);
    snprintf(start, sizeof start, "column %zu: ", column);
    if (rc != AVQA_EFORMAT)
        fail_msg("%s: status %d", text, (int)rc);
    if (strncmp(avqa_message(), start, strlen(start)) != 0 ||
        !strstr(avqa_message(), what))
        fail_msg("%s: \"%s\", not at column %zu with \"%s\"", text, avqa_message(),
                 column, what);
}

static void assert_wrong(const char *text, size_t column, const char *what)
{
    assert_wrong_in(&scope, text, column, what);
}

/* ---- what there is ------------------------------------------------------------------
 */

/* One program for each function, and what it is worth. */
static const struct {
    const char *text;
    enum avqa_program_type type;
} programs[] = {
    {"count(all)", AVQA_TYPE_COUNT},
    {"count(visible(all))", AVQA_TYPE_COUNT},
    {"count(sounding(all))", AVQA_TYPE_COUNT},
    {"count(silent(all))", AVQA_TYPE_COUNT},
    {"count(offscreen(all))", AVQA_TYPE_COUNT},
    {"count(is(all, $0))", AVQA_TYPE_COUNT},
    {"count(at(all, $1))", AVQA_TYPE_COUNT},
    {"count(first(all))", AVQA_TYPE_COUNT},
    {"count(last(all))", AVQA_TYPE_COUNT},
    {"count(nth(all, $2))", AVQA_TYPE_COUNT},
    {"count(nth(all, $3))", AVQA_TYPE_COUNT},
    {"count(nth(all, 2))", AVQA_TYPE_COUNT},
    {"count(loudest(all))", AVQA_TYPE_COUNT},
    {"count(quietest(all))", AVQA_TYPE_COUNT},
    {"count(leftmost(all))", AVQA_TYPE_COUNT},
    {"count(rightmost(all))", AVQA_TYPE_COUNT},
    {"count(neighbour(unique(all), $1))", AVQA_TYPE_COUNT},
    {"count(overlapping(all, unique(all)))", AVQA_TYPE_COUNT},
    {"count(preceding(all, unique(all)))", AVQA_TYPE_COUNT},
    {"count(following(all, unique(all)))", AVQA_TYPE_COUNT},
    {"count(union(all, all))", AVQA_TYPE_COUNT},
    {"count(intersect(all, all))", AVQA_TYPE_COUNT},
    {"count(minus(all, all))", AVQA_TYPE_COUNT},
    {"types(all)", AVQA_TYPE_COUNT},
    {"kind(all)", AVQA_TYPE_KIND},
    {"kind(unique(all))", AVQA_TYPE_KIND},
    {"place(unique(all))", AVQA_TYPE_PLACE},
    {"scene", AVQA_TYPE_SCENE},
    {"voiceover", AVQA_TYPE_TRUTH},
    {"greater(loudness(unique(all)), loudness(unique(all)))", AVQA_TYPE_TRUTH},
    {"greater(rhythm(unique(all)), rhythm(unique(all)))", AVQA_TYPE_TRUTH},
    {"greater(duration(unique(all)), duration(unique(all)))", AVQA_TYPE_TRUTH},
    {"greater(onset(unique(all)), onset(unique(all)))", AVQA_TYPE_TRUTH},
    {"greater(count(all), $3)", AVQA_TYPE_TRUTH},
    {"covers(unique(all))", AVQA_TYPE_TRUTH},
    {"exists(all)", AVQA_TYPE_TRUTH},
    {"equal(all, visible(all))", AVQA_TYPE_TRUTH},
    {"equal(unique(all), unique(all))", AVQA_TYPE_TRUTH},
    {"equal(count(all), 3)", AVQA_TYPE_TRUTH},
    {"equal(kind(all), $0)", AVQA_TYPE_TRUTH},
    {"equal($1, place(unique(all)))", AVQA_TYPE_TRUTH},
    {"equal(scene, $4)", AVQA_TYPE_TRUTH},
    {"equal($2, \"last\")", AVQA_TYPE_TRUTH},
    {"equal(\"last\", $2)", AVQA_TYPE_TRUTH},
    {"equal($0, \"bus\")", AVQA_TYPE_TRUTH},
    {"equal($5, \"left\")", AVQA_TYPE_TRUTH},
    {"equal($6, \"no\")", AVQA_TYPE_TRUTH},
    {"and(voiceover, voiceover)", AVQA_TYPE_TRUTH},
    {"or(voiceover, voiceover)", AVQA_TYPE_TRUTH},
    {"not(voiceover)", AVQA_TYPE_TRUTH},
    {"if(voiceover, count(all), 3)", AVQA_TYPE_COUNT},
    {"if(voiceover, \"both\", kind(all))", AVQA_TYPE_KIND},
    {"if(voiceover, kind(all), \"both\")", AVQA_TYPE_KIND},
    {"given(voiceover, scene)", AVQA_TYPE_SCENE},
    {"given(voiceover, if(voiceover, \"both\", scene))", AVQA_TYPE_SCENE},
    {"$0", AVQA_TYPE_KIND},
    {"12", AVQA_TYPE_COUNT},
};

static void test_every_function(void **state)
{
    (void)state;
    bool met[AVQA_OP_STRING + 1] = {false};
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        const struct avqa_program_node *stack[64] = {parse(programs[i].text)};
        assert_int_equal(stack[0]->type, programs[i].type);
        for (size_t n = 1; n > 0;) {
            const struct avqa_program_node *node = stack[--n];
            met[node->op] = true;
            for (size_t k = 0; k < node->n_args; k++)
                stack[n++] = node->args[k];
        }
    }
    for (size_t op = 0; op <= AVQA_OP_STRING; op++) {
        if (!met[op])
            fail_msg("operation %zu stands in no program of this test", op);
    }
}

static void test_nodes(void **state)
{
    (void)state;
    const struct avqa_program_node *p = parse(" count(\n\tnth( is(all,$0) , 12 ) ) ");
    assert_int_equal(p->op, AVQA_OP_COUNT);
    assert_int_equal(p->column, 2);
    assert_int_equal(p->n_args, 1);
    const struct avqa_program_node *nth = p->args[0];
    assert_int_equal(nth->op, AVQA_OP_NTH);
    assert_int_equal(nth->column, 10);
    assert_int_equal(nth->args[1]->number, 12);
    assert_int_equal(nth->args[1]->column, 28);
    assert_int_equal(nth->args[0]->args[1]->op, AVQA_OP_SLOT);
    assert_int_equal(nth->args[0]->args[1]->slot, 0);
    p = parse("equal($2, \"first\")");
    assert_string_equal(p->args[1]->text, "first");
    assert_int_equal(p->args[1]->column, 11);
}

/* ---- what is wrong ------------------------------------------------------------------
 */

static void test_grammar(void **state)
{
    (void)state;
    assert_wrong("", 1, "the program ends");
    assert_wrong("   ", 4, "the program ends");
    assert_wrong("count(", 7, "the program ends");
    assert_wrong("count(all", 6, "not closed");
    assert_wrong("is(all,", 8, "the program ends");
    assert_wrong("count(all))", 11, "something follows");
    assert_wrong("count(all) all", 12, "something follows");
    assert_wrong("count(all;)", 10, "comma or a closing");
    assert_wrong("count(is(all $0))", 14, "comma or a closing");
    assert_wrong("count()", 7, "expected a name");
    assert_wrong("count(,all)", 7, "expected a name");
    assert_wrong("count(is(all,,$0))", 14, "expected a name");
    assert_wrong("Count(all)", 1, "expected a name");
    assert_wrong("-1", 1, "expected a name");
    assert_wrong("count(\xe5\xa3\xb0)", 7, "expected a name");
    assert_wrong("$", 2, "a slot is $ and a number");
    assert_wrong("count(is(all, $x))", 16, "a slot is $ and a number");
    assert_wrong("$7", 1, "no such slot");
    assert_wrong("$99999999999999999999", 1, "no such slot");
    assert_wrong("99999999999999999999", 8, "too large");
    assert_wrong("equal($2, \"first)", 11, "without its closing quote");
    assert_wrong("equal($2, \"", 11, "without its closing quote");
}

static void test_functions(void **state)
{
    (void)state;
    assert_wrong("visibles(all)", 1, "there is no function visibles");
    assert_wrong("count(seen(all))", 7, "there is no function seen");
    assert_wrong("_", 1, "there is no function _");
    assert_wrong("count", 1, "count takes 1 argument");
    assert_wrong("count(is(all))", 7, "is takes 2 arguments");
    assert_wrong("if(voiceover, scene)", 1, "if takes 3 arguments");
    assert_wrong("count(all, all)", 11, "one argument too many");
    assert_wrong("all()", 5, "one argument too many");
    assert_wrong("scene(all)", 7, "one argument too many");
    assert_wrong("if(voiceover, scene, scene, scene)", 28, "one argument too many");
}

/* Every function that takes something, with something else; the column is that of the
 * argument. */
static void test_types_of_arguments(void **state)
{
    (void)state;
    static const char *const of_sets[] = {
        "visible", "sounding", "silent",   "offscreen", "first", "last",  "loudest",
        "unique",  "quietest", "leftmost", "rightmost", "count", "types", "exists"};
    static const char *const of_things[] = {"place",    "loudness", "rhythm",
                                            "duration", "onset",    "covers"};
    char text[64];
    for (size_t i = 0; i < sizeof of_sets / sizeof *of_sets; i++) {
        snprintf(text, sizeof text, "%s(scene)", of_sets[i]);
        assert_wrong(text, strlen(of_sets[i]) + 2, "takes a set here, not a scene");
    }
    for (size_t i = 0; i < sizeof of_things / sizeof *of_things; i++) {
        snprintf(text, sizeof text, "%s(all)", of_things[i]);
        assert_wrong(text, strlen(of_things[i]) + 2, "takes a thing here, not a set");
    }
    assert_wrong("is(all, $1)", 9, "is takes a kind here, not a place");
    assert_wrong("is(all, \"bus\")", 9, "is takes a kind here, not a word");
    assert_wrong("is(unique(all), $0)", 4, "is takes a set here, not a thing");
    assert_wrong("at(all, $0)", 9, "at takes a place here, not a kind");
    assert_wrong("at(all, $5)", 9, "at takes a place here, not a word");
    assert_wrong("nth(all, $0)", 10, "nth takes a number here, not a kind");
    assert_wrong("nth(all, \"first\")", 10, "nth takes a slot or a number");
    assert_wrong("nth(all, if(voiceover, $2, $2))", 10, "nth takes a slot or a number");
    assert_wrong("neighbour(all, $1)", 11, "takes a thing here, not a set");
    assert_wrong("neighbour(unique(all), $5)", 24, "takes a place here, not a word");
    assert_wrong("overlapping(all, all)", 18, "takes a thing here, not a set");
    assert_wrong("preceding(unique(all), unique(all))", 11, "takes a set");
    assert_wrong("following(all, all)", 16, "takes a thing here, not a set");
    assert_wrong("union(all, scene)", 12, "takes a set here, not a scene");
    assert_wrong("intersect(scene, all)", 11, "takes a set here, not a scene");
    assert_wrong("minus(all, 1)", 12, "takes a set here, not a number");
    assert_wrong("kind(scene)", 6, "here, not a scene");
    assert_wrong("and(voiceover, all)", 16, "takes a truth here, not a set");
    assert_wrong("or(all, voiceover)", 4, "takes a truth here, not a set");
    assert_wrong("not($6)", 5, "takes a truth here, not a word");
    assert_wrong("if(all, scene, scene)", 4, "takes a truth here, not a set");
    assert_wrong("given(scene, scene)", 7, "takes a truth here, not a scene");
}

static void test_types_side_by_side(void **state)
{
    (void)state;
    assert_wrong("greater(all, all)", 9, "greater takes a number here, not a set");
    assert_wrong("greater(1, loudness(unique(all)))", 12,
                 "a number and a measure cannot stand side by side");
    assert_wrong("greater(loudness(unique(all)), duration(unique(all)))", 32,
                 "measures of two sorts");
    assert_wrong("greater(onset(unique(all)), if(voiceover, rhythm(unique(all)), "
                 "rhythm(unique(all))))",
                 29, "measures of two sorts");
    assert_wrong("greater(if(voiceover, onset(unique(all)), rhythm(unique(all))), 1)",
                 43, "measures of two sorts");
    assert_wrong("equal(all, unique(all))", 12, "a set and a thing");
    assert_wrong("equal($0, $1)", 11, "a kind and a place");
    assert_wrong("equal(kind(all), \"bus\")", 18, "a kind and a word");
    assert_wrong("equal(voiceover, voiceover)", 7, "not a truth");
    assert_wrong("equal($2, \"second\")", 11,
                 "\"second\" is no word of the domain edge");
    assert_wrong("equal(\"second\", $2)", 7,
                 "\"second\" is no word of the domain edge");
    assert_wrong("equal($0, \"\")", 11, "\"\" is no word of the domain object");
    assert_wrong("if(voiceover, scene, count(all))", 22, "a scene and a number");
    assert_wrong("if(voiceover, \"neither\", scene)", 15,
                 "none of the template's answers");
    assert_wrong("if(voiceover, scene, \"neither\")", 22,
                 "none of the template's answers");
}

/* A word in a branch is an answer in words; anywhere else it would be taken for what
 * the other branch computes. */
static void test_stray_words(void **state)
{
    (void)state;
    assert_wrong("count(if(voiceover, \"both\", all))", 21, "would not be the answer");
    assert_wrong("count(if(voiceover, all, \"both\"))", 26, "would not be the answer");
    assert_wrong("equal(if(voiceover, \"yes\", \"no\"), \"yes\")", 21,
                 "would not be the answer");
    assert_wrong("is(all, if(voiceover, \"bus\", $0))", 1, "the template's answers");
    assert_wrong("exists(is(all, if(voiceover, \"bus\", $0)))", 30,
                 "would not be the answer");
}

/* Which part is looked at first, and the program without what a slot narrows. */
static void test_parts(void **state)
{
    (void)state;
    const struct avqa_program_node *without;
    const struct avqa_program_node *p =
        parse("greater(loudness(unique(at(is(all, $0), $1))), loudness(unique(all)))");
    assert_null(avqa_program_first(parse("count(all)")));
    assert_int_equal(p->n_slots, 2);
    const struct avqa_program_node *first = avqa_program_first(p);
    assert_int_equal(first->op, AVQA_OP_IS);
    assert_int_equal(first->n_slots, 1);
    assert_ok(avqa_program_without(&without, &arena, p, 1, &scope));
    assert_int_equal(without->n_slots, 1);
    assert_int_equal(without->args[0]->args[0]->args[0]->op, AVQA_OP_IS);
    assert_ok(avqa_program_without(&without, &arena, p, 0, &scope));
    assert_int_equal(without->args[0]->args[0]->args[0]->op, AVQA_OP_AT);
    p = parse("and(exists(is(all, $0)), equal(kind(all), $0))");
    assert_fails(avqa_program_without(&without, &arena, p, 0, &scope), AVQA_EFORMAT,
                 "slot 0 does not only narrow a set");
    assert_fails(avqa_program_without(&without, &arena, p, 1, &scope), AVQA_EFORMAT,
                 "slot 1 does not only");
}

static void test_results(void **state)
{
    (void)state;
    const struct avqa_program_scope truths_only = {slots, 7, &answers[4], 1, NULL};
    assert_wrong("all", 1, "this is a set, but the template's answers are not");
    assert_wrong("unique(all)", 1, "this is a thing");
    assert_wrong("loudness(unique(all))", 1, "this is a measure");
    assert_wrong("$2", 1, "this is a word");
    assert_wrong("\"both\"", 1, "only a word");
    assert_wrong("given(voiceover, \"both\")", 1, "this is a word");
    assert_wrong("if(voiceover, \"yes\", \"no\")", 1, "this is a word");
    assert_wrong_in(&truths_only, "count(all)", 1, "this is a number");
    assert_wrong_in(&truths_only, "kind(all)", 1, "this is a kind");
    assert_wrong_in(&truths_only, "place(unique(all))", 1, "this is a place");
    assert_wrong_in(&truths_only, "scene", 1, "this is a scene");
    const struct avqa_program_scope nothing = {0};
    assert_wrong_in(&nothing, "voiceover", 1, "this is a truth");
    assert_wrong_in(&nothing, "$0", 1, "no such slot");
}

/* `depth` levels of not(...) around voiceover, closed or broken off. Caller frees. */
static char *nested(size_t depth, bool closed)
{
    char *text = malloc(depth * 5 + 16);
    assert_non_null(text);
    size_t n = 0;
    for (size_t i = 1; i < depth; i++, n += 4)
        memcpy(text + n, "not(", 4);
    memcpy(text + n, "voiceover", 10);
    n += 9;
    for (size_t i = 1; closed && i < depth; i++)
        text[n++] = ')';
    text[n] = '\0';
    return text;
}

/* 32 levels are enough and more are refused, however many more. */
static void test_depth(void **state)
{
    (void)state;
    size_t column = (size_t)AVQA_PROGRAM_MAX_DEPTH * 4 + 1;
    char *fits = nested(AVQA_PROGRAM_MAX_DEPTH, true);
    char *deeper = nested(AVQA_PROGRAM_MAX_DEPTH + 1, true);
    char *bottomless = nested(1000000, false);
    parse(fits);
    assert_wrong(deeper, column, "too deep");
    assert_wrong(bottomless, column, "too deep");
    free(fits);
    free(deeper);
    free(bottomless);
}

static void test_answers(void **state)
{
    (void)state;
    assert_ptr_equal(avqa_program_answers(&scope, AVQA_TYPE_KIND), &domains[0]);
    assert_ptr_equal(avqa_program_answers(&scope, AVQA_TYPE_PLACE), &domains[1]);
    assert_ptr_equal(avqa_program_answers(&scope, AVQA_TYPE_COUNT), &domains[3]);
    assert_ptr_equal(avqa_program_answers(&scope, AVQA_TYPE_SCENE), &domains[4]);
    assert_ptr_equal(avqa_program_answers(&scope, AVQA_TYPE_TRUTH), &domains[6]);
    assert_null(avqa_program_answers(&scope, AVQA_TYPE_SET));
    assert_null(avqa_program_answers(&scope, AVQA_TYPE_WORD));
}

static int release(void **state)
{
    (void)state;
    avqa_arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_every_function, release),
        cmocka_unit_test_teardown(test_nodes, release),
        cmocka_unit_test_teardown(test_grammar, release),
        cmocka_unit_test_teardown(test_functions, release),
        cmocka_unit_test_teardown(test_types_of_arguments, release),
        cmocka_unit_test_teardown(test_types_side_by_side, release),
        cmocka_unit_test_teardown(test_stray_words, release),
        cmocka_unit_test_teardown(test_parts, release),
        cmocka_unit_test_teardown(test_results, release),
        cmocka_unit_test_teardown(test_depth, release),
        cmocka_unit_test_teardown(test_answers, release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
