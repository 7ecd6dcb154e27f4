/* Template files are read whole or refused with the template and what is wrong; texts
 * are matched in normal form; slots are filled, words mirrored. */
#include "templates.h"

static void test_shipped_file(void **state)
{
    (void)state;
    struct avqa_templates *t = templates_of("templates/music-avqa.json");
    assert_string_equal(t->name, "music-avqa");
    assert_string_equal(t->language, "en");
    assert_int_equal(t->n, 33);
    assert_int_equal(t->n_answers, 42);
    size_t i = avqa_templates_find(t, "X02");
    const struct avqa_template *x02 = &t->items[i];
    assert_string_equal(x02->label, "Audio-Visual/Comparative");
    assert_int_equal(x02->n_slots, 4);
    assert_string_equal(x02->slot_names[3], "LR");
    assert_int_equal(x02->slots[3]->kind, AVQA_DOMAIN_PLACE);
    assert_int_equal(x02->n_referents, 2);
    assert_int_equal(x02->referents[1].slots[1], 3);
    const struct avqa_template *v05 = &t->items[avqa_templates_find(t, "V05")];
    assert_int_equal(v05->n_senseless, 1);
    assert_string_equal(v05->senseless[0].value, "middle");
    assert_string_equal(v05->senseless[0].reason, "middle_of");
    assert_int_equal(avqa_templates_find(t, "Z99"), AVQA_TEMPLATE_NONE);
    avqa_templates_free(t);
    avqa_templates_free(NULL);
}

static void test_another_language(void **state)
{
    (void)state;
    struct avqa_templates *t = templates_of("tests/data/templates-zh.json");
    assert_string_equal(t->name, "demo-zh");
    assert_int_equal(t->n, 4);
    size_t i = avqa_templates_find(t, "数一");
    assert_true(i < t->n);
    assert_string_equal(t->items[i].label, "视听/计数");
    assert_int_equal(avqa_templates_match(t, t->items[i].text), i);
    assert_int_equal(avqa_templates_match(t, "视频中有几件<物体>在发声?"), i);
    assert_true(avqa_templates_has_answer(t, "钢琴"));
    assert_false(avqa_templates_has_answer(t, "piano"));
    avqa_templates_free(t);
}

static void test_matching(void **state)
{
    (void)state;
    struct avqa_templates *t = templates_of("templates/music-avqa.json");
    size_t a04 = avqa_templates_find(t, "A04");
    size_t x07 = avqa_templates_find(t, "X07");
    for (size_t i = 0; i < t->n; i++)
        assert_int_equal(avqa_templates_match(t, t->items[i].text), i);
    assert_int_equal(avqa_templates_match(t, "Are there <Object> and <Object> sound?"),
                     a04);
    assert_int_equal(
        avqa_templates_match(t, "  Are there <Object>\tand <Object> sound？ \n"), a04);
    assert_int_equal(
        avqa_templates_match(t, "How many sounding <Object> in the video?"), x07);
    static const char *const others[] = {"", "are there <Object> and <Object> sound?",
                                         "Are there <Object> and <Object> sound",
                                         "Are there violin and cello sound?"};
    for (size_t i = 0; i < N_OF(others); i++)
        assert_int_equal(avqa_templates_match(t, others[i]), AVQA_TEMPLATE_NONE);
    avqa_templates_free(t);
}

static void test_domains(void **state)
{
    (void)state;
    struct avqa_templates *t = templates_of("templates/music-avqa.json");
    const struct avqa_template *v06 = &t->items[avqa_templates_find(t, "V06")];
    const struct avqa_template *x18 = &t->items[avqa_templates_find(t, "X18")];
    const struct avqa_domain *extreme = v06->slots[0];
    assert_string_equal(avqa_domain_mirror(extreme, "leftest"), "rightest");
    assert_string_equal(avqa_domain_mirror(extreme, "rightest"), "leftest");
    assert_string_equal(avqa_domain_mirror(extreme, "middle"), "middle");
    assert_string_equal(avqa_domain_mirror(v06->answers[0], "violin"), "violin");
    assert_int_equal(avqa_domain_find(extreme, "rightest"), 1);
    assert_int_equal(avqa_domain_find(extreme, "Rightest"), AVQA_TEMPLATE_NONE);
    assert_int_equal(x18->n_answers, 2);
    assert_string_equal(avqa_template_answer_domain(x18, "left")->name, "place");
    assert_string_equal(avqa_template_answer_domain(x18, "simultaneously")->name,
                        "simultaneous");
    assert_null(avqa_template_answer_domain(x18, "violin"));
    assert_true(avqa_templates_has_answer(t, "more than ten"));
    const struct avqa_domain *instrument = v06->answers[0];
    size_t erhu = avqa_domain_find(instrument, "erhu");
    assert_string_equal(instrument->families[erhu], "string");
    avqa_templates_free(t);
}

static void test_fill(void **state)
{
    (void)state;
    static const struct {
        const char *text, *filled;
        size_t n;
    } cases[] = {{"Is the <Object> on the <LR>?", "Is the violin on the <left>?", 3},
                 {"Is the <Object> on the <LR>?", "Is the violin on the <LR>?", 1},
                 {"No marker", "No marker", 3},
                 {"<a><b>", "violin<left>", 3},
                 {"a < b", "a < b", 3},
                 {"<open", "<open", 3},
                 {"<物体>？", "violin？", 3},
                 {"", "", 3},
                 {"<a>", "<a>", 0}};
    static const char *const values[] = {"violin", "<left>", ""};
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_buf out = AVQA_BUF_INIT;
        assert_ok(avqa_template_fill(&out, cases[i].text, values, cases[i].n));
        assert_string_equal(avqa_buf_str(&out), cases[i].filled);
        avqa_buf_release(&out);
        struct avqa_buf small = {.max = strlen(cases[i].filled) - !!*cases[i].filled};
        enum avqa_status rc =
            avqa_template_fill(&small, cases[i].text, values, cases[i].n);
        assert_int_equal(rc, *cases[i].filled && small.max ? AVQA_ENOMEM : AVQA_OK);
        avqa_buf_release(&small);
    }
}

/* ---- errors ------------------------------------------------------------------------
 */

/* A small file that is all right; %s stands for what a case puts in its place. */
static const char head[] = "{\"schema\": 1, \"name\": \"n\", \"language\": \"en\", ";
static const char domains[] =
    "\"domains\": {\"d\": {\"kind\": \"object\", \"values\": [\"x\", \"y\"]}, "
    "\"b\": {\"kind\": \"truth\", \"values\": [\"yes\", \"no\"]}}, "
    "\"slots\": {\"S\": \"d\", \"Lost\": \"nowhere\", \"answer\": \"d\", "
    "\"modality\": \"d\", \"type\": \"d\", \"template\": \"d\"}, \"answers\": "
    "[\"yes\"], ";
static const char good[] =
    "{\"id\": \"T1\", \"modality\": \"M\", \"type\": \"T\", \"text\": \"Is <S>?\", "
    "\"slots\": [\"S\"], \"answers\": [\"b\"], \"program\": \"exists(all)\"}";

/* The good template with `change`, a JSON object, laid over it; null drops a member. */
static void add_template(struct avqa_buf *out, const char *change)
{
    struct avqa_json *base = check_parse(good);
    struct avqa_json *over = check_parse(change);
    struct avqa_json *t = avqa_json_new_object();
    for (const struct avqa_json *m = avqa_json_first(base); m; m = avqa_json_next(m)) {
        if (!avqa_json_get(over, avqa_json_key(m)))
            avqa_json_put_copy(t, avqa_json_key(m), m);
    }
    for (const struct avqa_json *m = avqa_json_first(over); m; m = avqa_json_next(m)) {
        if (avqa_json_type(m) != AVQA_JSON_NULL)
            avqa_json_put_copy(t, avqa_json_key(m), m);
    }
    avqa_json_print(out, t, 0);
    avqa_json_free(base);
    avqa_json_free(over);
    avqa_json_free(t);
}

static const struct {
    const char *change, *message;
} bad_templates[] = {
    {"{\"id\": null}", "template 2 (no id): 'id' must be a string"},
    {"{\"id\": \"T2\", \"progam\": \"scene\"}",
     "template 2 (T2): there is no key 'progam'; there are: id modality type text"},
    {"{\"id\": \"T2\", \"senseless\": [{\"slot\": 0, \"value\": \"x\", \"reasn\": "
     "\"r\"}]}",
     "(T2): there is no key 'reasn'; there are: slot value reason"},
    {"{\"id\": \"T2\", \"needed\": 1}", "(T2): 'needed' must be a list, not a number"},
    {"{\"id\": \"T2\", \"referents\": {}}",
     "(T2): 'referents' must be a list, not an object"},
    {"{\"id\": \"T2\", \"senseless\": \"middle\"}",
     "(T2): 'senseless' must be a list, not a string"},
    {"{\"id\": \"T2\", \"referents\": [0]}",
     "(T2): a referent must be a list of slot numbers"},
    {"{\"id\": 5}", "template 2 (no id): 'id' must be a string"},
    {"{\"id\": \"T2\", \"modality\": null}", "(T2): 'modality' must be a string"},
    {"{\"id\": \"T2\", \"type\": []}", "(T2): 'type' must be a string"},
    {"{\"id\": \"T2\", \"text\": null}", "(T2): 'text' must be a string"},
    {"{\"id\": \"T2\", \"program\": 5}", "(T2): 'program' must be a string"},
    {"{\"id\": \"T2\", \"text\": \"<Q>\"}", "marker 1 of the text is <Q>, slot 1 is S"},
    {"{\"id\": \"T2\", \"slots\": null}", "(T2): 'slots' must be a list"},
    {"{\"id\": \"T2\", \"slots\": \"S\"}", "(T2): 'slots' must be a list"},
    {"{\"id\": \"T2\", \"slots\": [\"Q\"]}", "(T2): slot 1 is not among 'slots'"},
    {"{\"id\": \"T2\", \"slots\": [\"S\", 1]}", "(T2): slot 2 is not among 'slots'"},
    {"{\"id\": \"T2\", \"slots\": [\"Lost\"]}", "(T2): there is no domain 'nowhere'"},
    {"{\"id\": \"T2\", \"slots\": [\"answer\"]}",
     "(T2): a slot cannot be called 'answer'"},
    {"{\"id\": \"T2\", \"slots\": [\"modality\"]}",
     "(T2): a slot cannot be called 'modality'"},
    {"{\"id\": \"T2\", \"slots\": [\"type\"]}", "(T2): a slot cannot be called 'type'"},
    {"{\"id\": \"T2\", \"slots\": [\"template\"]}",
     "(T2): a slot cannot be called 'template'"},
    {"{\"id\": \"T2\", \"slots\": "
     "[\"S\",\"S\",\"S\",\"S\",\"S\",\"S\",\"S\",\"S\",\"S\"]}",
     "(T2): 'slots' has more than 8 members"},
    {"{\"id\": \"T2\", \"slots\": []}", "(T2): the text has 1 markers for 0 slots"},
    {"{\"id\": \"T2\", \"text\": \"<S> <S>\"}", "the text has 2 markers for 1 slots"},
    {"{\"id\": \"T2\", \"answers\": null}", "(T2): 'answers' must be a list"},
    {"{\"id\": \"T2\", \"answers\": [\"z\"]}", "(T2): there is no domain 'z'"},
    {"{\"id\": \"T2\", \"answers\": [3]}", "(T2): there is no domain ''"},
    {"{\"id\": \"T2\", \"answers\": "
     "[\"b\",\"b\",\"b\",\"b\",\"b\",\"b\",\"b\",\"b\",\"b\"]}",
     "(T2): 'answers' has more than 8 members"},
    {"{\"id\": \"T2\", \"referents\": [[1]]}", "a slot number must be from 0 to 0"},
    {"{\"id\": \"T2\", \"referents\": [[-1]]}", "a slot number must be from 0 to 0"},
    {"{\"id\": \"T2\", \"referents\": [[\"0\"]]}", "a slot number must be from 0 to 0"},
    {"{\"id\": \"T2\", \"referents\": [[0],[0],[0],[0],[0],[0],[0],[0],[0]]}",
     "(T2): 'referents' has too many members"},
    {"{\"id\": \"T2\", \"referents\": [[0,0,0,0,0,0,0,0,0]]}",
     "(T2): a referent has too many slots"},
    {"{\"id\": \"T2\", \"senseless\": [{\"slot\": 0, \"reason\": \"r\"}]}",
     "(T2): 'value' must be a string"},
    {"{\"id\": \"T2\", \"senseless\": [{\"slot\": 0, \"value\": \"x\"}]}",
     "(T2): 'reason' must be a string"},
    {"{\"id\": \"T2\", \"senseless\": [{\"value\": \"x\", \"reason\": \"r\", \"slot\": "
     "1}]}",
     "(T2): a slot number must be from 0 to 0"},
    {"{\"id\": \"T2\", \"needed\": [0]}",
     "(T2): needed: slot 0 does not only narrow a set"},
    {"{\"id\": \"T2\", \"senseless\": [1,2,3,4,5,6,7,8,9]}",
     "(T2): 'senseless' has too many members"},
    {"{\"id\": \"T2\", \"program\": \"count(all\"}",
     "template 2 (T2): program: column 6: this parenthesis is not closed"},
    {"{\"id\": \"T2\", \"program\": \"exists(is(all, $1))\"}",
     "(T2): program: column 16: the template has no such slot"},
    {"{\"text\": \"Other <S>\"}", "template 2 (T1): the id stands twice"},
    {"{\"id\": \"T2\", \"text\": \" Is  <S>？\"}",
     "template 2 (T2): another template has the same text"}};

static enum avqa_status parse(const struct avqa_buf *text)
{
    struct avqa_templates *t = NULL;
    enum avqa_status rc = avqa_templates_parse(&t, text->data, text->len);
    avqa_templates_free(t);
    return rc;
}

static void test_bad_templates(void **state)
{
    (void)state;
    struct avqa_buf text = AVQA_BUF_INIT;
    for (size_t i = 0; i < N_OF(bad_templates); i++) {
        avqa_buf_clear(&text);
        avqa_buf_addf(&text, "%s%s\"templates\": [%s, ", head, domains, good);
        add_template(&text, bad_templates[i].change);
        avqa_buf_adds(&text, "]}");
        enum avqa_status rc = parse(&text);
        if (rc != AVQA_EFORMAT || !strstr(avqa_message(), bad_templates[i].message) ||
            strncmp(avqa_message(), "template 2 (", 12) != 0)
            fail_msg("%s: status %d: %s", bad_templates[i].change, rc, avqa_message());
    }
    avqa_buf_clear(&text);
    avqa_buf_addf(&text, "%s%s\"templates\": [%s]}", head, domains, good);
    assert_ok(parse(&text));
    avqa_buf_release(&text);
}

/* Whole files, with a good list of templates where they need one. */
static const struct {
    const char *text;
    enum avqa_status rc;
    const char *message;
} bad_files[] = {
    {"", AVQA_EFORMAT, "not JSON"},
    {"[]", AVQA_EFORMAT, "a template file is an object"},
    {"{}", AVQA_EVERSION, "'schema' must be 1"},
    {"{\"schema\": 2}", AVQA_EVERSION, "'schema' must be 1"},
    {"{\"schema\": \"1\"}", AVQA_EVERSION, "'schema' must be 1"},
    {"{\"schema\": 1}", AVQA_EFORMAT, "'name' must be a string"},
    {"{\"schema\": 1, \"name\": \"n\"}", AVQA_EFORMAT, "'language' must be a string"},
    {"HEAD \"a\": 1}", AVQA_EFORMAT, "there is no key 'a'; there are: schema"},
    {"HEAD \"description\": 1}", AVQA_EFORMAT, "'domains' must be an object"},
    {"HEAD \"domains\": []}", AVQA_EFORMAT, "'domains' must be an object"},
    {"HEAD \"published\": {}}", AVQA_EFORMAT,
     "'published' must be a list, not an object"},
    {"HEAD \"slots\": []}", AVQA_EFORMAT, "'slots' must be an object, not a list"},
    {"HEAD \"domains\": {\"d\": {\"plurals\": []}}}", AVQA_EFORMAT,
     "domain d: 'plurals' must be an object, not a list"},
    {"HEAD \"domains\": {\"d\": 1}}", AVQA_EFORMAT,
     "domain d: 'kind' must be a string"},
    {"HEAD \"domains\": {\"d\": {\"kind\": \"thing\"}}}", AVQA_EFORMAT,
     "domain d: unknown kind 'thing'"},
    {"HEAD \"domains\": {\"d\": {\"kind\": \"object\"}}}", AVQA_EFORMAT,
     "domain d: 'values' must be a list"},
    {"HEAD \"domains\": {\"d\": {\"kind\": \"object\", \"values\": [\"x\", 2]}}}",
     AVQA_EFORMAT, "domain d: value 2 is not a word"},
    {"HEAD \"domains\": {\"d\": {\"kind\": \"object\", \"values\": [\"\"]}}}",
     AVQA_EFORMAT, "domain d: value 1 is not a word"},
    {"HEAD \"domains\": {\"d\": {\"kind\": \"place\", \"values\": [\"l\"], \"mirror\": "
     "{\"l\": \"r\"}}}}",
     AVQA_EFORMAT, "domain d: 'mirror' names a word that is no value"},
    {"HEAD \"domains\": {\"d\": {\"kind\": \"place\", \"values\": [\"l\"], \"mirror\": "
     "{\"r\": \"l\"}}}}",
     AVQA_EFORMAT, "domain d: 'mirror' names a word that is no value"},
    {"HEAD \"domains\": {\"d\": {\"kind\": \"object\", \"values\": [\"l\"], "
     "\"families\": "
     "{\"f\": [\"l\", \"m\"]}}}}",
     AVQA_EFORMAT, "domain d: family 'f' names no value"},
    {"HEAD \"domains\": {}}", AVQA_EFORMAT, "'answers' must be a list"},
    {"HEAD \"domains\": {}, \"answers\": [\"a\", null]}", AVQA_EFORMAT,
     "answers: value 2 is not a word"},
    {"HEAD \"domains\": {}, \"answers\": []}", AVQA_EFORMAT,
     "'templates' must be a list"},
    {"HEAD \"domains\": {}, \"answers\": [], \"templates\": [7]}", AVQA_EFORMAT,
     "template 1 (no id): 'id' must be a string"},
    {"HEAD \"domains\": {}, \"answers\": [], \"templates\": []}", AVQA_EFORMAT,
     "'templates' is empty"},
    {"HEAD \"domains\": {}, \"published\": [{}]}", AVQA_EFORMAT,
     "published: 'name' must be a string"},
    {"HEAD \"domains\": {}, \"published\": [{\"name\": \"p\"}]}", AVQA_EFORMAT,
     "published: 'questions' must be a whole number"}};

static void test_bad_files(void **state)
{
    (void)state;
    struct avqa_buf text = AVQA_BUF_INIT;
    for (size_t i = 0; i < N_OF(bad_files); i++) {
        const char *rest = bad_files[i].text;
        avqa_buf_clear(&text);
        avqa_buf_adds(&text, strncmp(rest, "HEAD", 4) == 0 ? head : "");
        avqa_buf_adds(&text, strncmp(rest, "HEAD", 4) == 0 ? rest + 4 : rest);
        enum avqa_status rc = parse(&text);
        if (rc != bad_files[i].rc || !strstr(avqa_message(), bad_files[i].message))
            fail_msg("%s: status %d: %s", rest, rc, avqa_message());
    }
    avqa_buf_release(&text);
}

static void test_too_many(void **state)
{
    (void)state;
    struct avqa_buf text = AVQA_BUF_INIT;
    for (int more = 0; more <= 1; more++) {
        avqa_buf_clear(&text);
        avqa_buf_addf(&text, "%s%s\"templates\": [", head, domains);
        for (int i = 0; i < AVQA_TEMPLATES_MAX + more; i++)
            avqa_buf_addf(&text,
                          "%s{\"id\": \"%d\", \"modality\": \"M\", \"type\": \"T\", "
                          "\"text\": \"%d?\", \"slots\": [], \"answers\": [\"b\"], "
                          "\"program\": \"exists(all)\"}",
                          i ? "," : "", i, i);
        avqa_buf_adds(&text, "]}");
        if (more)
            assert_fails(parse(&text), AVQA_EFORMAT,
                         "'templates' has more than 1024 members");
        else
            assert_ok(parse(&text));
    }
    avqa_buf_release(&text);
}

/* A domain may be large; a word that stands in it twice has its first place. */
static void test_large_domain(void **state)
{
    (void)state;
    struct avqa_templates *t;
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_buf words = AVQA_BUF_INIT;
    for (size_t i = 0; i < 60000; i++)
        avqa_buf_addf(&words, "%s\"w%zu\"", i ? ", " : "", i);
    avqa_buf_addf(&text,
                  "%s\"domains\": {\"d\": {\"kind\": \"object\", \"values\": [\"x\", "
                  "\"y\", \"x\", \"z\", %s], \"families\": {\"all\": [\"z\", %s]}}}, "
                  "\"slots\": {\"S\": \"d\"}, \"answers\": [], \"templates\": "
                  "[{\"id\": \"T1\", \"modality\": \"M\", \"type\": \"T\", \"text\": "
                  "\"Is <S>?\", \"slots\": [\"S\"], \"answers\": [\"d\"]}]}",
                  head, avqa_buf_str(&words), avqa_buf_str(&words));
    assert_ok(avqa_templates_parse(&t, avqa_buf_str(&text), text.len));
    const struct avqa_domain *d = t->items[0].slots[0];
    assert_int_equal(avqa_domain_find(d, "x"), 0);
    assert_int_equal(avqa_domain_find(d, "z"), 3);
    assert_int_equal(avqa_domain_find(d, "Z"), AVQA_TEMPLATE_NONE);
    for (size_t i = 0; i < 60000; i++)
        assert_int_equal(avqa_domain_find(d, d->values[4 + i]), 4 + i);
    assert_string_equal(d->families[60003], "all");
    assert_null(d->families[1]);
    avqa_templates_free(t);
    avqa_buf_release(&words);
    avqa_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_file), cmocka_unit_test(test_another_language),
        cmocka_unit_test(test_matching),     cmocka_unit_test(test_domains),
        cmocka_unit_test(test_fill),         cmocka_unit_test(test_bad_templates),
        cmocka_unit_test(test_bad_files),    cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_large_domain)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
