/* What follows from other splits and what does not: by which rules, from which rows,
 * and that nothing is guessed. */
#include "tiny.h"

#include "audit/deduce.h"
#include "audit/trial.h"

struct question {
    const char *code, *slots, *answer;
};

static void add(struct tiny *t, const char *video, const struct question *q)
{
    tiny_add(t, video, q->code, q->slots, q->answer);
}

static const struct avqa_json *deduction_of(const struct tiny *t)
{
    return check_at(t->audit.report, "leakage", "deduction", NULL);
}

/* The finding about a row of the table, or NULL. */
static const struct avqa_finding *about(const struct tiny *t, size_t row)
{
    for (size_t i = 0; i < t->audit.findings.n; i++) {
        const struct avqa_finding *f = &t->audit.findings.items[i];
        if (strcmp(f->check, "leakage_deduction") == 0 && f->n_rows &&
            f->rows[0] == row)
            return f;
    }
    return NULL;
}

/* ---- one question each --------------------------------------------------------------
 */

static const struct {
    const char *name;
    struct question asked;
    struct question known[4]; /* in the other split */
    const char *follows;      /* what is behind the clip's name; NULL: nothing does */
    enum avqa_severity severity;
    const char *from; /* numbers of the known rows it follows from, from 1 */
} cases[] = {
    {"logic",
     {"A06", "violin", "yes"},
     {{"X07", "violin", "two"}},
     "\"yes\" to \"Is there a violin sound?\" follows from val#1 "
     "(\"How many sounding violin in the video？\" \"two\") by rule C10",
     AVQA_ERROR,
     "1"},
    {"none sounds: it may still be heard",
     {"A06", "violin", "yes"},
     {{"X07", "violin", "zero"}},
     NULL,
     AVQA_ERROR,
     ""},
    {"another instrument",
     {"A06", "violin", "yes"},
     {{"X07", "cello", "two"}},
     NULL,
     AVQA_ERROR,
     ""},
    {"two numbers are left",
     {"X08", NULL, "one"},
     {{"X05", NULL, "one"}},
     NULL,
     AVQA_ERROR,
     ""},
    {"one number is left",
     {"X08", NULL, "zero"},
     {{"X05", NULL, "zero"}},
     "\"zero\" to \"How many types of musical instruments sound in the video?\" "
     "follows from val#1 (\"How many instruments are sounding in the video?\" "
     "\"zero\") by rule C05",
     AVQA_ERROR,
     "1"},
    {"the last number is no end",
     {"V03", NULL, "more than ten"},
     {{"X08", NULL, "more than ten"}},
     "\"more than ten\" to \"How many types of musical instruments appeared in the "
     "entire video?\" follows from val#1 (\"How many types of musical instruments "
     "sound "
     "in the video?\" \"more than ten\") by rule C11",
     AVQA_ERROR,
     "1"},
    {"not what is given",
     {"X12", "first,left", "yes"},
     {{"X17", "first", "right"}},
     "\"no\" to \"Is the first sound coming from the left instrument?\" follows from "
     "val#1 (\"Where is the first sounding instrument?\" \"right\") by rule C17, but "
     "the answer given is \"yes\"",
     AVQA_ERROR,
     "1"},
    {"the answer given is no word",
     {"X12", "first,left", "perhaps"},
     {{"X17", "first", "left"}},
     "\"yes\" to \"Is the first sound coming from the left instrument?\" follows from "
     "val#1 (\"Where is the first sounding instrument?\" \"left\") by rule C17, but "
     "the answer given is \"perhaps\"",
     AVQA_ERROR,
     "1"},
    {"a word that is none",
     {"X12", "first,left", "yes"},
     {{"X17", "first", "above"}},
     NULL,
     AVQA_ERROR,
     ""},
    {"presupposition",
     {"A06", "violin", "yes"},
     {{"A01", "violin,cello", "no"}},
     "\"yes\" to \"Is there a violin sound?\" follows from val#1 "
     "(\"Is the violin louder than the cello?\" \"no\") by rule P04",
     AVQA_WARNING,
     "1"},
    {"reading",
     {"X05", NULL, "two"},
     {{"A05", NULL, "two"}},
     "\"two\" to \"How many instruments are sounding in the video?\" follows from "
     "val#1 "
     "(\"How many musical instruments were heard throughout the video?\" \"two\") by "
     "rules I01 and I02",
     AVQA_NOTE,
     "1"},
    {"logic goes before what contradicts it",
     {"A06", "violin", "yes"},
     {{"X07", "violin", "two"}, {"A05", NULL, "zero"}},
     "\"yes\" to \"Is there a violin sound?\" follows from val#1 "
     "(\"How many sounding violin in the video？\" \"two\") by rule C10",
     AVQA_ERROR,
     "1"},
    {"a row of a weaker kind is no substitute",
     {"A06", "violin", "yes"},
     {{"X07", "violin", "two"}, {"A01", "violin,cello", "no"}},
     "\"yes\" to \"Is there a violin sound?\" follows from val#1 "
     "(\"How many sounding violin in the video？\" \"two\") by rule C10",
     AVQA_ERROR,
     "1"},
    {"a contradiction elsewhere takes nothing away",
     {"A06", "violin", "yes"},
     {{"V03", NULL, "one"}, {"V05", "left,piano", "violin"}, {"X07", "violin", "two"}},
     "\"yes\" to \"Is there a violin sound?\" follows from val#3 "
     "(\"How many sounding violin in the video？\" \"two\") by rule C10",
     AVQA_ERROR,
     "3"},
    {"the same question",
     {"X10", NULL, "no"},
     {{"X10", NULL, "no"}},
     "\"no\" to \"Is there a voiceover?\" follows from val#1 "
     "(\"Is there a voiceover?\" \"no\") by rule C00",
     AVQA_ERROR,
     "1"},
    {"the same question, answered both ways",
     {"X10", NULL, "no"},
     {{"X10", NULL, "no"}, {"X10", NULL, "yes"}},
     NULL,
     AVQA_ERROR,
     ""},
    {"the same template, another slot",
     {"A06", "violin", "yes"},
     {{"A06", "cello", "yes"}},
     NULL,
     AVQA_ERROR,
     ""},
    {"only what is needed",
     {"V04", "flute", "no"},
     {{"V06", "leftest", "violin"},
      {"V03", NULL, "two"},
      {"V08", NULL, "indoor"},
      {"V05", "left,piano", "violin"}},
     "\"no\" to \"Is there a flute in the entire video?\" follows from val#2 (\"How "
     "many "
     "types of musical instruments appeared in the entire video?\" \"two\") and val#4 "
     "(\"What is the instrument on the left of piano?\" \"violin\") by rule C03",
     AVQA_ERROR,
     "24"},
    {"too few types are seen",
     {"V04", "flute", "no"},
     {{"V03", NULL, "three"}, {"V05", "left,piano", "violin"}},
     NULL,
     AVQA_ERROR,
     ""},
    {"what contradicts itself proves nothing",
     {"V04", "flute", "no"},
     {{"V03", NULL, "one"}, {"V05", "left,piano", "violin"}},
     NULL,
     AVQA_ERROR,
     ""},
};

static void name_clip(size_t i, char name[9])
{
    snprintf(name, 9, "%08zu", i);
}

/* The rows that prove a finding: the question, then what it follows from. */
static void assert_rows(const struct tiny *t, size_t i, const struct avqa_finding *f)
{
    size_t first = t->table.split_ranges[1].from;
    for (size_t k = 0; k < i; k++) {
        for (size_t q = 0; q < N_OF(cases[k].known); q++)
            first += cases[k].known[q].code != NULL;
    }
    assert_int_equal(f->n_rows, 1 + strlen(cases[i].from));
    for (size_t k = 1; k < f->n_rows; k++)
        assert_int_equal(f->rows[k], first + (size_t)(cases[i].from[k - 1] - '1'));
}

/* Rows of the file are numbered through; the cases number them from 1. */
static void renumber(struct avqa_buf *out, const char *message, size_t before)
{
    for (const char *s = message; *s;) {
        char *end = NULL;
        if (strncmp(s, "val#", 4) == 0) {
            long n = strtol(s + 4, &end, 10);
            avqa_buf_addf(out, "val#%ld", n - (long)before);
            s = end;
        } else {
            avqa_buf_addc(out, *s++);
        }
    }
}

static void assert_case(const struct tiny *t, size_t i, size_t before)
{
    const struct avqa_finding *f = about(t, i);
    struct avqa_buf expected = AVQA_BUF_INIT;
    struct avqa_buf message = AVQA_BUF_INIT;
    char clip[9];
    name_clip(i, clip);
    if (!cases[i].follows != !f)
        fail_msg("%s: %s", cases[i].name, f ? f->message : "nothing follows");
    if (f) {
        avqa_buf_addf(&expected, "%s: %s", clip, cases[i].follows);
        renumber(&message, f->message, before);
        assert_string_equal(avqa_buf_str(&message), avqa_buf_str(&expected));
        assert_int_equal(f->severity, cases[i].severity);
        assert_rows(t, i, f);
    }
    avqa_buf_release(&expected);
    avqa_buf_release(&message);
}

static void test_cases(void **state)
{
    struct tiny t = tiny_new();
    char clip[9];
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        name_clip(i, clip);
        add(&t, clip, &cases[i].asked);
    }
    tiny_import(&t, "test");
    for (size_t i = 0; i < N_OF(cases); i++) {
        name_clip(i, clip);
        for (size_t k = 0; k < N_OF(cases[i].known) && cases[i].known[k].code; k++)
            add(&t, clip, &cases[i].known[k]);
    }
    tiny_import(&t, "val");
    tiny_audit(&t, "test", "val");
    size_t before = 0;
    int64_t n = 0;
    for (size_t i = 0; i < N_OF(cases); i++) {
        assert_case(&t, i, before);
        for (size_t k = 0; k < N_OF(cases[i].known); k++)
            before += cases[i].known[k].code != NULL;
        n += cases[i].follows != NULL;
    }
    const struct avqa_json *d = deduction_of(&t);
    assert_int_equal(check_int(d, "questions", NULL), N_OF(cases));
    assert_int_equal(check_int(d, "deducible", NULL), n);
    assert_int_equal(check_int(d, "right", NULL), n - 2);
    assert_int_equal(check_int(d, "by_kind", "logic", "deducible", NULL), n - 2);
    assert_int_equal(check_int(d, "by_kind", "logic", "right", NULL), n - 4);
    assert_int_equal(check_int(d, "by_kind", "presupposition", "right", NULL), 1);
    assert_int_equal(check_int(d, "by_kind", "reading", "right", NULL), 1);
    assert_int_equal(check_int(d, "by_rule", "C10", NULL), 4);
    assert_int_equal(check_int(d, "by_rule", "C00", NULL), 1);
    assert_null(avqa_json_get(avqa_json_get(d, "by_rule"), "C01"));
    assert_int_equal(check_int(d, "by_template", "A06", "questions", NULL), 8);
    assert_int_equal(check_int(d, "by_template", "A06", "deducible", NULL), 5);
    assert_int_equal(check_int(d, "by_template", "X12", "right", NULL), 0);
    tiny_free(&t);
}

/* ---- where it may follow from -------------------------------------------------------
 */

/* A split's own rows, another clip, another sound prove nothing. */
static void test_other_rows(void **state)
{
    struct tiny t = tiny_new();
    (void)state;
    tiny_add(&t, "00000001", "A06", "violin", "yes");
    tiny_add(&t, "00000001", "X07", "violin", "one");
    tiny_import(&t, "test");
    tiny_add(&t, "00000002", "X07", "violin", "one");
    tiny_put(&t, &(struct tiny_row){.video = "00000001",
                                    .code = "X07",
                                    .slots = "violin",
                                    .answer = "one",
                                    .sound = "00000002"});
    tiny_import(&t, "val");
    tiny_audit(&t, "test", "val");
    assert_int_equal(check_int(deduction_of(&t), "questions", NULL), 0);
    assert_int_equal(check_int(deduction_of(&t), "deducible", NULL), 0);
    tiny_add(&t, "00000001", "X07", "violin", "one");
    tiny_import(&t, "train");
    tiny_audit(&t, "test", "val");
    assert_int_equal(check_int(deduction_of(&t), "deducible", NULL), 0);
    tiny_audit(&t, "test", NULL);
    assert_int_equal(check_int(deduction_of(&t), "questions", NULL), 2);
    assert_int_equal(check_int(deduction_of(&t), "deducible", NULL), 2);
    tiny_audit(&t, NULL, NULL);
    assert_int_equal(check_int(deduction_of(&t), "questions", NULL), 3);
    assert_int_equal(check_int(deduction_of(&t), "deducible", NULL), 3);
    assert_int_equal(check_int(deduction_of(&t), "by_rule", "C10", NULL), 1);
    tiny_free(&t);
}

/* Each question has all rows of the other split to follow from. */
static void test_two_questions(void **state)
{
    struct tiny t = tiny_new();
    (void)state;
    tiny_add(&t, "00000001", "A06", "violin", "yes");
    tiny_add(&t, "00000001", "X12", "first,left", "yes");
    tiny_import(&t, "test");
    tiny_add(&t, "00000001", "X07", "violin", "one");
    tiny_add(&t, "00000001", "X17", "first", "left");
    tiny_import(&t, "val");
    tiny_audit(&t, "test", "val");
    assert_int_equal(about(&t, 0)->rows[1], t.audit.against.from);
    assert_int_equal(about(&t, 1)->rows[1], t.audit.against.from + 1);
    tiny_free(&t);
}

static void test_one_sentence(void **state)
{
    struct tiny t = tiny_new();
    (void)state;
    tiny_add(&t, "00000001", "A06", "violin", "yes");
    tiny_add(&t, "00000001", "X10", NULL, "no");
    tiny_import(&t, "test");
    tiny_add(&t, "00000001", "X07", "violin", "one");
    tiny_import(&t, "val");
    tiny_audit(&t, "test", "val");
    assert_string_equal(
        tiny_finding(&t, "leakage_deduction", AVQA_NOTE, 0)->message,
        "of 2 questions about clips that 'val' has too, the answers of 1 (50.0 %) "
        "follow "
        "from what is answered there; 1 of these is the answer given here");
    tiny_audit(&t, NULL, NULL);
    assert_has(
        tiny_finding(&t, "leakage_deduction", AVQA_NOTE, 0)->message,
        "of 3 questions about clips that other splits have too, the answers of 1 ");
    tiny_free(&t);
}

/* The template file with one more rule, the first one. */
static struct tiny new_with_rule(const char *rule)
{
    static const char before[] = "\"rules\": [";
    struct tiny t = tiny_new();
    struct avqa_buf text = check_read(t.template_path);
    struct avqa_buf changed = AVQA_BUF_INIT;
    char *at = strstr(text.data, before);
    assert_non_null(at);
    at += strlen(before);
    avqa_buf_add(&changed, text.data, (size_t)(at - text.data));
    avqa_buf_addf(&changed, "%s, %s", rule, at);
    free(t.template_path);
    t.template_path = check_write_text(t.folder, "t.json", avqa_buf_str(&changed));
    avqa_buf_release(&changed);
    avqa_buf_release(&text);
    return t;
}

/* A question that has one answer whatever others say leaks nothing. */
static void test_a_question_that_answers_itself(void **state)
{
    struct tiny t = new_with_rule(
        "{\"id\": \"C90\", \"kind\": \"logic\", \"definition\": \"Somebody speaks.\", "
        "\"cases\": [{\"over\": [[\"X10\"]], \"holds\": \"true(a)\", \"message\": "
        "\"{clip}: nobody speaks\"}]}");
    (void)state;
    tiny_add(&t, "00000001", "X10", NULL, "yes");
    tiny_import(&t, "test");
    tiny_add(&t, "00000001", "V08", NULL, "indoor");
    tiny_import(&t, "val");
    tiny_audit(&t, "test", "val");
    assert_int_equal(check_int(t.audit.report, "consistency", "C90", "checkable", NULL),
                     1);
    assert_int_equal(check_int(deduction_of(&t), "questions", NULL), 1);
    assert_int_equal(check_int(deduction_of(&t), "deducible", NULL), 0);
    tiny_free(&t);
}

/* What it follows by are the rules that exclude, not a weaker one that it breaks. */
static void test_weaker_rules_are_not_named(void **state)
{
    struct tiny t = new_with_rule("{\"id\": \"P90\", \"kind\": \"presupposition\", "
                                  "\"definition\": \"Asked once.\", "
                                  "\"cases\": [{\"over\": [[\"X17\", \"X12\"]], "
                                  "\"holds\": \"false\", \"message\": "
                                  "\"{clip}: it is asked twice\"}]}");
    (void)state;
    tiny_add(&t, "00000001", "X12", "first,left", "yes");
    tiny_import(&t, "test");
    tiny_add(&t, "00000001", "X17", "first", "left");
    tiny_import(&t, "val");
    tiny_audit(&t, "test", "val");
    assert_has(tiny_finding(&t, "leakage_deduction", AVQA_ERROR, 0)->message,
               "(\"Where is the first sounding instrument?\" \"left\") by rule C17");
    assert_int_equal(check_int(deduction_of(&t), "by_rule", "C17", NULL), 1);
    assert_null(avqa_json_get(avqa_json_get(deduction_of(&t), "by_rule"), "P90"));
    tiny_free(&t);
}

/* ---- bounds and other template files ------------------------------------------------
 */

static void test_too_many_rows(void **state)
{
    struct tiny t = tiny_new();
    (void)state;
    tiny_add(&t, "00000001", "A06", "violin", "yes");
    tiny_import(&t, "test");
    for (int i = 0; i < AVQA_RULE_TRIAL_MAX_ROWS; i++)
        tiny_add(&t, "00000001", "X07", "violin", "one");
    tiny_import(&t, "val");
    tiny_audit(&t, "test", "val");
    assert_int_equal(check_int(deduction_of(&t), "deducible", NULL), 1);
    assert_int_equal(about(&t, 0)->n_rows, 2);
    tiny_add(&t, "00000001", "X10", NULL, "no");
    tiny_import(&t, "val");
    tiny_audit(&t, "test", "val");
    assert_int_equal(check_int(deduction_of(&t), "deducible", NULL), 0);
    assert_has(tiny_finding(&t, "leakage_deduction", AVQA_NOTE, 0)->message,
               "1 clip has more than 100 questions in other splits");
    tiny_free(&t);
}

static void add_many(struct tiny *t, const char *split, int n)
{
    for (int i = 0; i < n; i++) {
        char clip[16];
        snprintf(clip, sizeof clip, "%08d", i);
        tiny_add(t, clip, "X10", NULL, "no");
    }
    tiny_import(t, split);
}

/* All are counted, but the list ends. */
static void test_many_findings(void **state)
{
    struct tiny t = tiny_new();
    (void)state;
    add_many(&t, "test", AVQA_DEDUCE_MAX_FINDINGS + 7);
    add_many(&t, "val", AVQA_DEDUCE_MAX_FINDINGS + 7);
    tiny_audit(&t, "test", "val");
    assert_int_equal(check_int(deduction_of(&t), "right", NULL),
                     AVQA_DEDUCE_MAX_FINDINGS + 7);
    assert_non_null(tiny_finding(&t, "leakage_deduction", AVQA_ERROR,
                                 AVQA_DEDUCE_MAX_FINDINGS - 1));
    assert_null(
        tiny_finding(&t, "leakage_deduction", AVQA_ERROR, AVQA_DEDUCE_MAX_FINDINGS));
    assert_has(tiny_finding(&t, "leakage_deduction", AVQA_NOTE, 1)->message,
               "and 7 more answers follow");
    tiny_free(&t);
}

/* Nothing of MUSIC-AVQA is compiled in. */
static void test_another_language(void **state)
{
    struct tiny t = tiny_new_with("tests/data/templates-zh.json");
    (void)state;
    tiny_add(&t, "00000001", "比一", "右边,钢琴,左边,二胡", "否");
    tiny_import(&t, "made");
    tiny_add(&t, "00000001", "位一", "最响", "左边");
    tiny_import(&t, "known");
    tiny_audit(&t, "made", "known");
    assert_string_equal(tiny_finding(&t, "leakage_deduction", AVQA_ERROR, 0)->message,
                        "00000001: \"否\" to \"右边的钢琴是否比左边的二胡更响？\" "
                        "follows from known#1 (\"声音最响的乐器在哪里？\" \"左边\") by "
                        "rule C02");
    tiny_free(&t);
}

static void test_without_rules(void **state)
{
    struct tiny t = tiny_new_with("templates/street.json");
    (void)state;
    tiny_import(&t, "a");
    tiny_audit(&t, NULL, NULL);
    assert_int_equal(avqa_json_type(deduction_of(&t)), AVQA_JSON_NULL);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_other_rows),
        cmocka_unit_test(test_two_questions),
        cmocka_unit_test(test_one_sentence),
        cmocka_unit_test(test_a_question_that_answers_itself),
        cmocka_unit_test(test_weaker_rules_are_not_named),
        cmocka_unit_test(test_too_many_rows),
        cmocka_unit_test(test_many_findings),
        cmocka_unit_test(test_another_language),
        cmocka_unit_test(test_without_rules)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
