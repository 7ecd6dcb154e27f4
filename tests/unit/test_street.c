/* Nothing of MUSIC-AVQA is compiled in: the templates of a street, other sources, other
 * words, two languages, asked of a crossing made up here. */
#include "templates.h"

#include "qa/question.h"

/* A tram rings past from the left, a dog barks in the middle, a car waits silently on
 * the right, and a siren, the loudest by far, comes from somewhere. */
static const char crossing[] =
    "{\"clip\": \"crossing\", \"duration\": 20, \"scene\": \"street\","
    " \"voiceover\": [], \"instances\": ["
    "{\"id\": \"t\", \"instrument\": \"tram\", \"visible\": true, \"x\": 0.1,"
    " \"sounding\": [[0, 8]], \"loudness_db\": -18},"
    "{\"id\": \"d\", \"instrument\": \"dog\", \"visible\": true, \"x\": 0.5,"
    " \"sounding\": [[5, 6], [9, 10]], \"loudness_db\": -24},"
    "{\"id\": \"c\", \"instrument\": \"car\", \"visible\": true, \"x\": 0.9,"
    " \"sounding\": []},"
    "{\"id\": \"s\", \"instrument\": \"siren\", \"visible\": false,"
    " \"sounding\": [[7, 20]], \"loudness_db\": -9}]}";

static struct avqa_templates *templates;
static struct avqa_arena arena;
static struct avqa_scene *scene;

static struct avqa_evaluation pose(const char *code, const char *const *words)
{
    size_t i = avqa_templates_find(templates, code);
    assert_true(i != AVQA_TEMPLATE_NONE);
    return avqa_question_pose(&templates->items[i], words, scene,
                              &AVQA_MARGINS_DEFAULTS);
}

static void assert_answer(const char *code, const char *word, const char *second,
                          const char *answer)
{
    const char *words[] = {word, second};
    struct avqa_evaluation e = pose(code, words);
    const char *got = e.answer ? e.answer : avqa_ill_posed_name(e.reason);
    if (strcmp(got, answer) != 0)
        fail_msg("%s: %s, not %s", code, got, answer);
    if (e.answer && !avqa_templates_has_answer(templates, e.answer))
        fail_msg("%s: %s is not in the vocabulary", code, e.answer);
}

static void test_english(void **state)
{
    (void)state;
    assert_int_equal(templates->n, 10);
    assert_answer("heard", "dog", NULL, "true");
    assert_answer("heard", "car", NULL, "false");
    assert_answer("heard", "violin", NULL, "no word");
    assert_answer("unseen", "siren", NULL, "true");
    assert_answer("unseen", "tram", NULL, "false");
    assert_answer("unseen", "horn", NULL, "not given");
    assert_answer("next", "just after", "dog", "siren");
    assert_answer("next", "just before", "dog", "tram");
    assert_answer("next", "just before", "tram", "nothing");
    assert_answer("drowns", "tram", "left side", "false");
    assert_answer("drowns", "tram", "right side", "nothing");
    assert_answer("setting", NULL, NULL, "street");
    assert_answer("in-view", "three", NULL, "true");
    assert_answer("in-view", "two", NULL, "false");
    assert_answer("in-view", "many", NULL, "false");
}

static void test_chinese(void **state)
{
    (void)state;
    assert_answer("数", "左边", NULL, "一个");
    assert_answer("数", "右边", NULL, "零");
    assert_answer("位", "响", NULL, "画面外");
    assert_answer("位", "轻", NULL, "中间");
    assert_answer("长", "三", NULL, "是");
    assert_answer("长", "二", NULL, "否");
    assert_answer("长", "一", NULL, "senseless");
    assert_answer("场", "室外", NULL, "no word"); /* a street is neither of the two */
    scene->place = "outdoor";
    assert_answer("场", "室外", NULL, "是");
    assert_answer("场", "室内", NULL, "否");
    assert_answer("setting", NULL, NULL, "no word");
}

/* "many" is four and whatever is more. */
static void test_many(void **state)
{
    (void)state;
    struct avqa_instance five[5];
    for (size_t i = 0; i < 5; i++)
        five[i] = scene->instances[0];
    scene->instances = five;
    scene->n_instances = 5;
    assert_answer("in-view", "many", NULL, "true");
    assert_answer("in-view", "three", NULL, "false");
    scene->n_instances = 4;
    assert_answer("in-view", "many", NULL, "true");
}

/* A number slot beside a word is compared by its word, beside a number by its value,
 * and "many" beside a number is four and whatever is more. */
static void test_a_number_slot_beside_a_word(void **state)
{
    static const struct {
        const char *program, *word, *answer;
    } cases[] = {
        {"equal($0, \"two\")", "two", "true"},
        {"equal($0, \"two\")", "many", "false"},
        {"equal(\"many\", $0)", "many", "true"},
        {"equal(\"many\", $0)", "no", "false"},
        {"equal($0, 2)", "two", "true"},
        {"equal(9, $0)", "many", "true"},
        {"equal(9, $0)", "three", "false"},
        {"greater(9, $0)", "many", "false"},
    };
    (void)state;
    struct avqa_template t =
        templates->items[avqa_templates_find(templates, "in-view")];
    struct avqa_program_scope scope = avqa_template_scope(&t);
    for (size_t i = 0; i < N_OF(cases); i++) {
        assert_ok(avqa_program_parse(&t.answer, &arena, cases[i].program, &scope));
        struct avqa_evaluation e = avqa_evaluate(t.answer, &scope, &cases[i].word,
                                                 scene, &AVQA_MARGINS_DEFAULTS);
        assert_non_null(e.answer);
        assert_string_equal(e.answer, cases[i].answer);
    }
}

/* The question gives its answer away: a program that always repeats its slot. */
static void test_answer_repeats_a_slot(void **state)
{
    (void)state;
    struct avqa_template t = templates->items[avqa_templates_find(templates, "heard")];
    const struct avqa_domain *answers = t.slots[0];
    const char *words[] = {"dog"};
    t.answers[0] = answers;
    struct avqa_program_scope scope = avqa_template_scope(&t);
    enum avqa_status rc =
        avqa_program_parse(&t.answer, &arena, "kind(is(all, $0))", &scope);
    assert_int_equal(rc, AVQA_OK);
    assert_string_equal(
        avqa_evaluate(t.answer, &scope, words, scene, &AVQA_MARGINS_DEFAULTS).answer,
        "dog");
    struct avqa_evaluation e =
        avqa_question_pose(&t, words, scene, &AVQA_MARGINS_DEFAULTS);
    assert_int_equal(e.reason, AVQA_ILL_REPEATS);
    assert_null(e.answer);
}

/* A side of the middle is senseless for a program, too, that the file says nothing
 * about. */
static void test_middle_is_no_side(void **state)
{
    (void)state;
    struct avqa_template t = templates->items[avqa_templates_find(templates, "drowns")];
    const char *words[] = {"dog", "centre"};
    struct avqa_program_scope scope = avqa_template_scope(&t);
    enum avqa_status rc = avqa_program_parse(
        &t.answer, &arena, "exists(neighbour(unique(is(all, $0)), $1))", &scope);
    assert_int_equal(rc, AVQA_OK);
    struct avqa_evaluation e =
        avqa_question_pose(&t, words, scene, &AVQA_MARGINS_DEFAULTS);
    assert_int_equal(e.reason, AVQA_ILL_SENSELESS);
    words[1] = "right side";
    assert_string_equal(
        avqa_question_pose(&t, words, scene, &AVQA_MARGINS_DEFAULTS).answer, "true");
}

static int load(void **state)
{
    (void)state;
    templates = templates_of("templates/street.json");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    avqa_templates_free(templates);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    struct avqa_json *json = NULL;
    enum avqa_status rc = avqa_json_parse(&json, crossing, strlen(crossing));
    if (rc == AVQA_OK)
        rc = avqa_scene_read(&scene, &arena, json);
    if (rc != AVQA_OK)
        print_error("%s\n", avqa_message());
    avqa_json_free(json);
    return rc == AVQA_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    avqa_arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_english, begin, end),
        cmocka_unit_test_setup_teardown(test_chinese, begin, end),
        cmocka_unit_test_setup_teardown(test_many, begin, end),
        cmocka_unit_test_setup_teardown(test_a_number_slot_beside_a_word, begin, end),
        cmocka_unit_test_setup_teardown(test_answer_repeats_a_slot, begin, end),
        cmocka_unit_test_setup_teardown(test_middle_is_no_side, begin, end),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
