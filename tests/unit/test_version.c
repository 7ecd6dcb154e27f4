/* The version of a program: the same for the same program however it is written,
 * another one as soon as anything differs that an answer depends on. */
#include "qa/version.h"
#include "base/hash.h"
#include "templates.h"

/* A template file with one template; the caller frees the templates. */
static struct avqa_templates *set_of(const char *program, const char *words,
                                     const char *rest)
{
    struct avqa_templates *t = NULL;
    struct avqa_buf text = AVQA_BUF_INIT;
    avqa_buf_addf(
        &text,
        "{\"schema\": 1, \"name\": \"one\", \"language\": \"en\", \"domains\": {"
        "\"thing\": {\"kind\": \"object\", \"values\": [\"a\", \"b\"]}, "
        "\"yn\": {\"kind\": \"truth\", \"values\": %s}}, "
        "\"slots\": {\"W\": \"thing\"}, \"answers\": [\"x\"], \"templates\": [{"
        "\"id\": \"T\", \"modality\": \"m\", \"type\": \"t\", \"text\": \"<W>?\", "
        "\"slots\": [\"W\"], \"answers\": [\"yn\"], \"program\": \"%s\"%s}]}",
        words, program, rest);
    assert_ok(avqa_templates_parse(&t, avqa_buf_str(&text), text.len));
    avqa_buf_release(&text);
    return t;
}

static void version_of(char hex[AVQA_VERSION_HEX], const char *program,
                       const char *words, const char *rest,
                       const struct avqa_margins *margins)
{
    struct avqa_templates *t = set_of(program, words, rest);
    avqa_program_version(hex, &t->items[0], margins);
    avqa_templates_free(t);
}

static const char YN[] = "[\"yes\", \"no\"]";
static const char PROGRAM[] = "exists(is(all, $0))";

static void test_what_it_is_over(void **state)
{
    (void)state;
    static const char text[] = "avqa-program 1\nexists(is(all, $0))\nslot 0 \"a\" "
                               "\"b\"\nanswer 4 \"yes\" \"no\"\n"
                               "margins 0.25 500000 0.0625\n";
    struct avqa_margins margins = {0.25, 500000, 0.0625};
    char expected[AVQA_SHA256_HEX];
    char hex[AVQA_VERSION_HEX];
    struct avqa_sha256 *sha = avqa_sha256_new();
    avqa_sha256_add(sha, text, sizeof text - 1);
    avqa_sha256_hex(sha, expected);
    avqa_sha256_free(sha);
    expected[AVQA_VERSION_HEX - 1] = '\0';
    version_of(hex, PROGRAM, YN, "", &margins);
    assert_string_equal(hex, expected);
}

static void test_what_changes_it(void **state)
{
    (void)state;
    const struct avqa_margins usual = AVQA_MARGINS_DEFAULTS;
    const struct avqa_margins wider = {0.2, 500000, 0.05};
    const struct {
        const char *program, *words, *rest;
        const struct avqa_margins *margins;
        bool same;
    } cases[] = {
        {"  exists( is(all,$0) )", YN, "", &usual, true},
        {PROGRAM, YN, ", \"needed\": [0]", &usual, true}, /* whether, not what */
        {"exists(is(visible(all), $0))", YN, "", &usual, false},
        {"not(exists(is(all, $0)))", YN, "", &usual, false},
        {PROGRAM, "[\"no\", \"yes\"]", "", &usual, false},
        {PROGRAM, "[\"yes\", \"nope\"]", "", &usual, false},
        {PROGRAM, YN, "", &wider, false},
    };
    char first[AVQA_VERSION_HEX];
    version_of(first, PROGRAM, YN, "", &usual);
    assert_int_equal(strlen(first), 16);
    for (size_t i = 0; i < N_OF(cases); i++) {
        char hex[AVQA_VERSION_HEX];
        version_of(hex, cases[i].program, cases[i].words, cases[i].rest,
                   cases[i].margins);
        assert_int_equal(strcmp(hex, first) == 0, cases[i].same);
    }
}

/* What is written is read as the same program, for all programs there are. */
static void test_text_is_a_program(void **state)
{
    static const char *const files[] = {"templates/music-avqa.json",
                                        "templates/street.json"};
    (void)state;
    for (size_t f = 0; f < N_OF(files); f++) {
        struct avqa_templates *t = templates_of(files[f]);
        struct avqa_arena arena = {0};
        struct avqa_buf once = AVQA_BUF_INIT;
        struct avqa_buf twice = AVQA_BUF_INIT;
        for (size_t i = 0; i < t->n; i++) {
            const struct avqa_program_node *again;
            struct avqa_program_scope scope = avqa_template_scope(&t->items[i]);
            avqa_buf_clear(&once);
            avqa_buf_clear(&twice);
            avqa_program_text(&once, t->items[i].answer);
            assert_ok(avqa_program_parse(&again, &arena, avqa_buf_str(&once), &scope));
            avqa_program_text(&twice, again);
            assert_string_equal(avqa_buf_str(&once), avqa_buf_str(&twice));
            assert_int_equal(again->op, t->items[i].answer->op);
        }
        avqa_buf_release(&once);
        avqa_buf_release(&twice);
        avqa_arena_release(&arena);
        avqa_templates_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_it_is_over),
        cmocka_unit_test(test_what_changes_it),
        cmocka_unit_test(test_text_is_a_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
