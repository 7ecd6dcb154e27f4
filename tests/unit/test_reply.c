/* Replies as people's models write them, each with what a reader of docs/eval.md would
 * say it is. */
#include "templates.h"

#include "qa/reply.h"

struct readers {
    struct avqa_templates *music, *street;
    struct avqa_reply_rules *english, *bare, *other;
};

static struct avqa_reply_rules *rules_of(const char *text,
                                         const struct avqa_templates *t)
{
    struct avqa_reply_rules *r = NULL;
    assert_ok(avqa_reply_rules_parse(&r, text, strlen(text), t));
    return r;
}

static int setup(void **state)
{
    struct readers *r = calloc(1, sizeof *r);
    char *path = check_source("templates/replies-en.json");
    struct avqa_buf text = check_read(path);
    r->music = templates_of("templates/music-avqa.json");
    r->street = templates_of("templates/street.json");
    r->english = rules_of(text.data, r->music);
    r->other = rules_of(text.data, r->street);
    r->bare = rules_of("{\"schema\": 1}", r->music);
    avqa_buf_release(&text);
    free(path);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct readers *r = *state;
    avqa_reply_rules_free(r->english);
    avqa_reply_rules_free(r->bare);
    avqa_reply_rules_free(r->other);
    avqa_templates_free(r->music);
    avqa_templates_free(r->street);
    free(r);
    return 0;
}

struct reply_case {
    const char *code, *slots[4], *text;
    enum avqa_reply_way way;
    const char *answer;
};

static void check_cases(const struct avqa_reply_rules *rules,
                        const struct avqa_templates *templates,
                        const struct reply_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct avqa_reply got;
        const struct reply_case *c = &cases[i];
        size_t t = avqa_templates_find(templates, c->code);
        assert_true(t != AVQA_TEMPLATE_NONE);
        assert_ok(
            avqa_reply_read(&got, rules, &templates->items[t], c->slots, c->text));
        if (got.way != c->way || !got.answer != !c->answer ||
            (c->answer && strcmp(got.answer, c->answer) != 0))
            fail_msg("%s '%s': way %d '%s', not %d '%s'", c->code, c->text, got.way,
                     got.answer ? got.answer : "-", c->way,
                     c->answer ? c->answer : "-");
    }
}

#define EXACT AVQA_REPLY_EXACT
#define WORDED AVQA_REPLY_WORDED
#define FOUND AVQA_REPLY_FOUND
#define NOTHING AVQA_REPLY_NOTHING, NULL
#define SEVERAL AVQA_REPLY_SEVERAL, NULL

static void test_english(void **state)
{
    const struct readers *r = *state;
    static const struct reply_case cases[] = {
        /* 1: byte for byte, whatever is asked */
        {"A01", {"violin", "piano"}, "yes", EXACT, "yes"},
        {"A01", {"violin", "piano"}, "cello", EXACT, "cello"},
        {"V02", {"violin"}, "more than ten", EXACT, "more than ten"},
        /* 2: otherwise written */
        {"A01", {"violin", "piano"}, "  Yes. ", WORDED, "yes"},
        {"A01", {"violin", "piano"}, "YES!", WORDED, "yes"},
        {"A01", {"violin", "piano"}, "Nope", WORDED, "no"},
        {"A01", {"violin", "piano"}, "False", WORDED, "no"},
        {"V06", {"leftest"}, "Acoustic Guitar", WORDED, "acoustic_guitar"},
        {"V06", {"leftest"}, "an acoustic-guitar", WORDED, "acoustic_guitar"},
        {"V06", {"leftest"}, "the violins", WORDED, "violin"},
        {"V06", {"leftest"}, "guitar", WORDED, "acoustic_guitar"},
        {"V06", {"leftest"}, "Conga", WORDED, "congas"},
        {"V06", {"leftest"}, "ｖｉｏｌｉｎ", WORDED, "violin"},
        {"V08", {NULL}, "Outdoors", WORDED, "outdoor"},
        {"X17", {"first"}, "the center", WORDED, "middle"},
        {"X18", {"violin", "first"}, "at the same time", FOUND, "simultaneously"},
        {"X18", {"violin", "first"}, "Same time.", WORDED, "simultaneously"},
        /* 3: numbers */
        {"V02", {"violin"}, "2", WORDED, "two"},
        {"V02", {"violin"}, "Ten", WORDED, "ten"},
        {"V02", {"violin"}, "10", WORDED, "ten"},
        {"V02", {"violin"}, "11", WORDED, "more than ten"},
        {"V02", {"violin"}, "14", WORDED, "more than ten"},
        {"V02", {"violin"}, "fourteen", WORDED, "more than ten"},
        {"V02", {"violin"}, "99999999999999999999", WORDED, "more than ten"},
        {"V02", {"violin"}, "more than 10", WORDED, "more than ten"},
        {"V02", {"violin"}, "over ten", WORDED, "more than ten"},
        {"V02", {"violin"}, "none", WORDED, "zero"},
        {"V02", {"violin"}, "no", EXACT, "no"},
        {"V02", {"violin"}, "No.", WORDED, "no"},
        {"X14", {"loudest"}, "the no", WORDED, "no"},
        {"A01", {"violin", "piano"}, "11", NOTHING},
        /* 4: within a sentence */
        {"A06", {"violin"}, "Yes, there is a violin.", FOUND, "yes"},
        {"A06", {"violin"}, "There is no violin sound.", FOUND, "no"},
        {"A06", {"violin"}, "There isn't one", FOUND, "no"},
        {"A06", {"violin"}, "There isn’t one", FOUND, "no"},
        {"A06", {"violin"}, "There is a violin.", FOUND, "yes"},
        {"A01", {"violin", "piano"}, "No, the piano is, it is true", SEVERAL},
        {"A01", {"violin", "piano"}, "Yes and no", SEVERAL},
        {"A01", {"violin", "piano"}, "No, it is not", FOUND, "no"},
        {"A01", {"violin", "piano"}, "Yes, the electric guitar", FOUND, "yes"},
        {"A01", {"violin", "piano"}, "Y", WORDED, "yes"},
        {"A01", {"violin", "piano"}, "n", WORDED, "no"},
        {"A01", {"violin", "piano"}, "rock n roll", NOTHING},
        {"V02", {"violin"}, "1.0", WORDED, "one"},
        {"V02", {"violin"}, "10.00", WORDED, "ten"},
        {"V02", {"violin"}, "1.5", NOTHING},
        {"V02", {"violin"}, "10+", WORDED, "more than ten"},
        {"V02", {"violin"}, "10+ violins", FOUND, "more than ten"},
        {"V02", {"violin"}, "3+", NOTHING},
        {"V02", {"violin"}, "not two", NOTHING},
        {"V02", {"violin"}, "No, there are two", SEVERAL},
        {"V02", {"violin"}, "no more than ten", SEVERAL},
        {"V08", {NULL}, "Not indoor", NOTHING},
        {"V08", {NULL}, "It isn't outdoors", NOTHING},
        {"X15", {"cello"}, "not the violin", NOTHING},
        {"X15", {"cello"}, "No, the violin doesn't", NOTHING},
        {"X15", {"cello"}, "the violin, without the cello", NOTHING},
        {"V06", {"leftest"}, "electric guitar", NOTHING},
        {"V06", {"leftest"}, "Electric guitars.", NOTHING},
        {"V06", {"leftest"}, "an electric bass guitar", WORDED, "electric_bass"},
        {"V06", {"leftest"}, "an electric guitar and a violin", SEVERAL},
        {"V06", {"leftest"}, "it is a guitar", FOUND, "acoustic_guitar"},
        {"A01", {"violin", "piano"}, "I am not sure", SEVERAL},
        {"A01", {"violin", "piano"}, "the piano", WORDED, "piano"},
        {"A01", {"violin", "piano"}, "the piano is", NOTHING},
        {"V02", {"violin"}, "There are 2 violins in the video", FOUND, "two"},
        {"V02", {"violin"}, "There are no violins.", FOUND, "zero"},
        {"V02", {"violin"}, "I count 15 violins", FOUND, "more than ten"},
        {"V02", {"violin"}, "more than ten violins", FOUND, "more than ten"},
        {"V02", {"violin"}, "one or two", SEVERAL},
        {"V02", {"violin"}, "two, I say: two", FOUND, "two"},
        /* a number that is only bounded is none */
        {"V02", {"violin"}, "at least 3", NOTHING},
        {"V02", {"violin"}, "There are at least three violins.", NOTHING},
        {"V02", {"violin"}, "more than 3", NOTHING},
        {"V02", {"violin"}, "less than three", NOTHING},
        {"V02", {"violin"}, "about 3", NOTHING},
        {"V02", {"violin"}, "roughly a couple", NOTHING},
        {"V02", {"violin"}, "3 or more", NOTHING},
        {"V02", {"violin"}, "three or so", NOTHING},
        {"V02", {"violin"}, "no more than three", SEVERAL},
        {"V02", {"violin"}, "at least two, I say three", SEVERAL},
        {"V02", {"violin"}, "three, more or less", FOUND, "three"},
        {"V02", {"violin"}, "at least eleven", WORDED, "more than ten"},
        {"V02", {"violin"}, "there are at least eleven", FOUND, "more than ten"},
        {"V02", {"violin"}, "both", NOTHING},
        {"A01", {"violin", "piano"}, "both", NOTHING},
        {"A01", {"violin", "piano"}, "Both are equally loud.", NOTHING},
        {"A01", {"violin", "piano"}, "not yes", SEVERAL},
        {"A01", {"violin", "piano"}, "Yes, about as loud", FOUND, "yes"},
        {"A06", {"violin"}, "No, there is none.", FOUND, "no"},
        {"A06", {"violin"}, "There are none", WORDED, "no"},
        {"V02", {"violin"}, "No, there are none", FOUND, "zero"},
        {"V02", {"violin"}, "not three", NOTHING},
        {"X15", {"violin"}, "The cello sounds with the violin.", FOUND, "cello"},
        {"X15", {"violin"}, "The violin.", WORDED, "violin"},
        {"X15", {"violin"}, "only the violin", FOUND, "violin"},
        {"X15", {"violin"}, "The cello and the flute", SEVERAL},
        {"V05", {"left", "cello"}, "It's a bass guitar", FOUND, "electric_bass"},
        {"V05", {"left", "cello"}, "It is a bass", NOTHING},
        {"V05", {"left", "cello"}, "a snare drum on the left", FOUND, "drum"},
        {"X17", {"first"}, "on the left-hand side", FOUND, "left"},
        {"X17", {"first"}, "left or right", SEVERAL},
        {"X18", {"violin", "first"}, "the left one and the right one", SEVERAL},
        {"V06", {"leftest"}, "", NOTHING},
        {"V06", {"leftest"}, "the", NOTHING},
        {"V06", {"leftest"}, "?!", NOTHING},
        {"V06", {"leftest"}, "a violinist", NOTHING},
        {"V06", {"leftest"}, "<violin>", WORDED, "violin"},
    };
    check_cases(r->english, r->music, cases, N_OF(cases));
}

/* Without a file of rules case, plurals, digits and sentences are still read. */
static void test_bare(void **state)
{
    const struct readers *r = *state;
    static const struct reply_case cases[] = {
        {"A01", {"violin", "piano"}, "Yes.", WORDED, "yes"},
        {"A01", {"violin", "piano"}, "yeah", NOTHING},
        {"V06", {"leftest"}, "Violins", WORDED, "violin"},
        {"V06", {"leftest"}, "the violin", FOUND, "violin"},
        {"V02", {"violin"}, "12", WORDED, "more than ten"},
        {"V02", {"violin"}, "12 or so", FOUND, "more than ten"},
        {"V02", {"violin"}, "twelve", NOTHING},
    };
    check_cases(r->bare, r->music, cases, N_OF(cases));
}

/* A vocabulary of two languages, with English rules that mostly do not fit it. */
static void test_other_vocabulary(void **state)
{
    const struct readers *r = *state;
    static const struct reply_case cases[] = {
        {"heard", {"dog"}, "TRUE", WORDED, "true"},
        {"heard", {"dog"}, "yes", NOTHING},
        {"next",
         {"just before", "dog"},
         "a Church-Bell, with the dog",
         FOUND,
         "church bell"},
        {"next", {"just before", "dog"}, "a Church-Bell, not the dog", NOTHING},
    };
    check_cases(r->other, r->street, cases, N_OF(cases));
    size_t i = 0; /* digits become words of the template's own number domain */
    while (i < r->street->n &&
           r->street->items[i].answers[0]->kind != AVQA_DOMAIN_NUMBER)
        i++;
    assert_true(i < r->street->n);
    const struct reply_case numbers[] = {
        {r->street->items[i].code, {"dog", "dog", "dog", "dog"}, "2", WORDED, "两个"},
        {r->street->items[i].code,
         {"dog", "dog", "dog", "dog"},
         "有两个。",
         FOUND,
         "两个"},
        {r->street->items[i].code, {"dog", "dog", "dog", "dog"}, "17", WORDED, "更多"}};
    check_cases(r->other, r->street, numbers, N_OF(numbers));
}

/* What is behind the last word that is read is not there. */
static void test_long(void **state)
{
    const struct readers *r = *state;
    struct avqa_buf text = AVQA_BUF_INIT;
    size_t t = avqa_templates_find(r->music, "V07");
    struct avqa_reply got;
    for (int i = 0; i < AVQA_REPLY_MAX_WORDS - 1; i++)
        avqa_buf_adds(&text, "well ");
    avqa_buf_adds(&text, "violin cello");
    assert_ok(avqa_reply_read(&got, r->english, &r->music->items[t], NULL,
                              avqa_buf_str(&text)));
    assert_int_equal(got.way, AVQA_REPLY_FOUND);
    assert_string_equal(got.answer, "violin");
    avqa_buf_release(&text);
}

static void test_wrong_rules(void **state)
{
    const struct readers *r = *state;
    static const struct {
        const char *text, *message;
        enum avqa_status code;
    } cases[] = {
        {"[]", "is an object", AVQA_EFORMAT},
        {"{}", "'schema' must be 1", AVQA_EVERSION},
        {"{\"schema\": 1, \"bounds\": []}", "'bounds' must be an object", AVQA_EFORMAT},
        {"{\"schema\": 1, \"bounds\": {\"after\": []}}", "after", AVQA_EFORMAT},
        {"{\"schema\": 1, \"bounds\": {\"before\": [3]}}",
         "'before' has what is no text", AVQA_EFORMAT},
        {"{\"schema\": 2}", "'schema' must be 1", AVQA_EVERSION},
        {"{\"schema\": 1, \"drops\": []}", "drops", AVQA_EFORMAT},
        {"{\"schema\": 1, \"drop\": \"a\"}", "'drop' must be a list", AVQA_EFORMAT},
        {"{\"schema\": 1, \"drop\": [1]}", "no text", AVQA_EFORMAT},
        {"{\"schema\": 1, \"drop\": [\"a\", \"A\"]}", "'A' twice", AVQA_EFORMAT},
        {"{\"schema\": 1, \"doubt\": {}}", "'doubt' must be a list", AVQA_EFORMAT},
        {"{\"schema\": 1, \"not_answers\": []}", "'not_answers' must be an object",
         AVQA_EFORMAT},
        {"{\"schema\": 1, \"answers\": []}", "'answers' must be an object",
         AVQA_EFORMAT},
        {"{\"schema\": 1, \"answers\": {\"yes\": [\"\"]}}", "'yes' has what",
         AVQA_EFORMAT},
        {"{\"schema\": 1", "", AVQA_EFORMAT},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_reply_rules *rules;
        assert_fails(avqa_reply_rules_parse(&rules, cases[i].text,
                                            strlen(cases[i].text), r->music),
                     cases[i].code, cases[i].message);
    }
}

/* Each of the other words stands for the answer that the file says, in the questions
 * that can have it: no two answers of one template share a word. */
static void test_file_is_clear(void **state)
{
    const struct readers *r = *state;
    char *path = check_source("templates/replies-en.json");
    struct avqa_json *file;
    assert_ok(avqa_json_read(&file, path, 1 << 20));
    const struct avqa_json *a = avqa_json_first(avqa_json_get(file, "answers"));
    size_t n = 0;
    for (; a; a = avqa_json_next(a)) {
        for (size_t t = 0; t < r->music->n; t++) {
            static const char *const values[] = {"-", "-", "-", "-"};
            if (!avqa_template_answer_domain(&r->music->items[t], avqa_json_key(a)))
                continue;
            for (const struct avqa_json *w = avqa_json_first(a); w;
                 w = avqa_json_next(w), n++) {
                struct avqa_reply got;
                assert_ok(avqa_reply_read(&got, r->english, &r->music->items[t], values,
                                          avqa_json_string(w)));
                if (strcmp(avqa_json_string(w), "no") == 0) /* an answer itself */
                    continue;
                assert_int_equal(got.way, AVQA_REPLY_WORDED);
                assert_string_equal(got.answer, avqa_json_key(a));
            }
        }
    }
    assert_true(n > 100);
    avqa_json_free(file);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_english),          cmocka_unit_test(test_bare),
        cmocka_unit_test(test_other_vocabulary), cmocka_unit_test(test_long),
        cmocka_unit_test(test_wrong_rules),      cmocka_unit_test(test_file_is_clear)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
