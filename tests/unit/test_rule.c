/* Rules of a template file: what is refused, by rule and column; a clip made to break
 * each rule of MUSIC-AVQA once, and the same clip cured; the rows of a finding; rules
 * in another language. */
#include "tiny.h"

#include "audit/rule.h"

/* ---- reading ------------------------------------------------------------------------
 */

/* The shipped file with `from` replaced by `to`, parsed. */
static enum avqa_status parse_changed(const char *from, const char *to)
{
    struct avqa_templates *t = NULL;
    char *path = check_source("templates/music-avqa.json");
    struct avqa_buf text = check_read(path);
    struct avqa_buf changed = AVQA_BUF_INIT;
    char *at = strstr(text.data, from);
    if (!at)
        fail_msg("the file lacks %s", from);
    avqa_buf_add(&changed, text.data, (size_t)(at - text.data));
    avqa_buf_adds(&changed, to);
    avqa_buf_adds(&changed, at + strlen(from));
    enum avqa_status rc = avqa_templates_parse(&t, changed.data, changed.len);
    if (rc == AVQA_OK)
        avqa_templates_free(t);
    avqa_buf_release(&changed);
    avqa_buf_release(&text);
    free(path);
    return rc;
}

static void test_refused(void **state)
{
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"\"equal(a$0, b$0)\"", "\"equal(a$1, b$0)\"",
         "rule 1 (C01): case 1: when: column 8: V04 has no such slot"},
        {"\"not(has(placed, a$0))\"", "\"not(has(place, a$0))\"",
         "rule 4 (C04): case 1: holds: column 9: there is no 'place'"},
        {"\"not(has(placed, a$0))\"", "\"count(placed)\"",
         "rule 4 (C04): case 1: holds: column 1: a truth is needed, this is a number"},
        {"\"not(has(placed, a$0))\"", "7",
         "rule 4 (C04): case 1: 'holds' must be an expression"},
        {"but other answers show {seen}", "but other answers show {seen",
         "message: column 100: expected a closing brace"},
        {"but other answers show {seen}", "but {false}",
         "message: column 77: a truth cannot be printed"},
        {"\"{clip}: {a} {if", "\"{clap}: {a} {if",
         "rule 3 (C03): case 1: message: column 2: there is no 'clap'"},
        {"[[\"X08\", \"X05\"]]", "[[\"X08\", \"X99\"]]",
         "rule 5 (C05): case 1: there is no template 'X99'"},
        {"[[\"X08\", \"X05\"]]", "[[\"X08\", \"X05\", \"X05\", \"X05\"]]",
         "rule 5 (C05): case 1: 'over' has lists of one to 3 templates"},
        {"[[\"X08\", \"X05\"]]", "[]",
         "rule 5 (C05): case 1: 'over' must be a list that is not empty"},
        {"\"id\": \"C05\", \"kind\": \"logic\"",
         "\"id\": \"C05\", \"kind\": \"reading\"",
         "rule 5 (C05): the id of a reading rule is I and two digits"},
        {"\"id\": \"C05\", \"kind\": \"logic\"", "\"id\": \"C05\", \"kind\": \"law\"",
         "rule 5 (C05): unknown kind 'law'"},
        {"\"id\": \"C05\"", "\"id\": \"C00\"", "rule 5 (C00): C00 is built in"},
        {"\"id\": \"C05\"", "\"id\": \"C04\"", "rule 5 (C04): the id stands twice"},
        {"\"id\": \"C05\",", "", "rule 5 (no id): 'id' must be a text"},
        {"\"No more types sound than instruments.\"", "\"\"",
         "rule 5 (C05): 'definition' must be a text"},
        {"\"seen\": {", "\"s\": {", "witness s: a name is two or more small letters"},
        {"\"includes\": [\"shown\"]", "\"includes\": [\"sounding\"]",
         "witness seen: no witness before it is called 'sounding'"},
        {"\"includes\": [\"shown\"]", "\"includes\": \"shown\"",
         "witness seen: 'includes' must be a list that is not empty"},
        {"\"includes\": [\"shown\"]", "\"includes\": [\"shown\", 7]",
         "witness seen: 'includes' has a number among its names"},
        {"\"includes\": [\"shown\"]", "\"includes\": [\"shown\", \"shown\"]",
         "witness seen: 'includes' names 'shown' twice"},
        {"\"includes\": [\"shown\"]",
         "\"includes\": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]",
         "witness seen: 'includes' has more than 16 members"},
        {"\"when\": \"true(a)\", \"words\": [\"a$0\"]",
         "\"when\": \"true(b)\", \"words\": [\"a$0\"]",
         "witness shown: V04: when: column 6: there is no such question"},
        {"\"words\": [\"a$1\", \"a\"]", "\"words\": [\"a$1\", \"\\\"cello\\\"\"]",
         "witness shown: V05: words: column 1: an answer or a slot is needed"},
        {"\"banjo\": \"banjos\"", "\"banjoe\": \"banjos\"",
         "domain instrument: 'plurals' names a word that is no value"},
    };
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++)
        assert_fails(parse_changed(cases[i].from, cases[i].to), AVQA_EFORMAT,
                     cases[i].message);
    assert_ok(parse_changed("\"banjo\": \"banjos\"", "\"banjo\": \"banjo\""));
}

/* A file without rules is judged by none. */
static void test_without_rules(void **state)
{
    (void)state;
    struct avqa_templates *t = templates_of("templates/street.json");
    assert_null(t->rules);
    avqa_templates_free(t);
    assert_fails(parse_changed("\"rules\"", "\"rule\""), AVQA_EFORMAT,
                 "there is no key 'rule'; there are: schema");
    assert_fails(parse_changed("\"holds\"", "\"hold\""), AVQA_EFORMAT,
                 "case 1: there is no key 'hold'; there are: over when holds message");
}

/* ---- a clip for each rule -----------------------------------------------------------
 */

struct question {
    const char *code, *slots, *answer;
};

static const struct made {
    const char *rule;
    struct question rows[4];
    struct question cured; /* instead of the last row; without a code: just gone */
    const char *sentence;
} made[] = {
    {"C01",
     {{"V04", "violin", "no"}, {"V02", "violin", "two"}},
     {"V02", "violin", "zero"},
     "there is no violin, but two violins are counted"},
    {"C02",
     {{"V04", "violin", "no"}, {"V01", "piano,violin", "yes"}},
     {"V01", "piano,violin", "no"},
     "there is no violin, but piano and violin are both there"},
    {"C03",
     {{"V03", NULL, "two"},
      {"V06", "leftest", "piano"},
      {"V01", "electric_bass,cello", "yes"}},
     {"V01", "piano,cello", "yes"},
     "two types appear, but other answers show electric bass, cello and piano"},
    {"C04",
     {{"V02", "electric_bass", "zero"}, {"V05", "left,piano", "electric_bass"}},
     {"V05", "left,piano", "banjo"},
     "zero electric basses are counted, but another question or answer places one in "
     "the picture"},
    {"C05",
     {{"X08", NULL, "two"}, {"X05", NULL, "one"}},
     {"X05", NULL, "two"},
     "the types that sound are two, the instruments that sound only one"},
    {"C06",
     {{"X07", "violin", "three"}, {"X05", NULL, "one"}},
     {"X05", NULL, "more than ten"},
     "three violins sound, but only one instrument does in all"},
    {"C07",
     {{"X07", "saxophone", "two"}, {"V02", "saxophone", "one"}},
     {"V02", "saxophone", "two"},
     "two saxophones sound, but only one is there"},
    {"C08",
     {{"X07", "violin", "one"}, {"V02", "violin", "four"}, {"X06", NULL, "two"}},
     {"X06", NULL, "three"},
     "one of four violins sounds, but only two of all instruments are silent"},
    {"C09",
     {{"V04", "violin", "no"}, {"X07", "violin", "one"}},
     {"X07", "violin", "zero"},
     "there is no violin, but one violin sounds"},
    {"C10",
     {{"X07", "violin", "one"}, {"A06", "violin", "no"}},
     {"A06", "violin", "yes"},
     "one violin sounds, but no violin is heard"},
    {"C11",
     {{"X08", NULL, "three"}, {"V03", NULL, "two"}},
     {"V03", NULL, "three"},
     "the types that sound in the picture are three, the types that appear in it only "
     "two"},
    {"C12",
     {{"A06", "violin", "no"}, {"A04", "piano,violin", "yes"}},
     {"A04", "piano,violin", "no"},
     "no violin is heard, but piano and violin both are"},
    {"C13",
     {{"A03", "piano,violin", "yes"}, {"A03", "violin,piano", "yes"}},
     {"A03", "violin,piano", "no"},
     "the piano plays longer than the violin, and the violin plays longer than the "
     "piano"},
    {"C14",
     {{"X01", "violin,left,piano,right", "yes"}, {"X03", "right,left", "yes"}},
     {"X03", "right,left", "no"},
     "whether the violin on the left is louder than the piano on the right is answered "
     "yes, but whether the instrument on the right is louder than the one on the left, "
     "yes"},
    {"C15",
     {{"X02", "violin,left,piano,right", "yes"}, {"A02", "violin,piano", "no"}},
     {"A02", "violin,piano", "yes"},
     "whether the violin on the left is more rhythmic than the piano on the right is "
     "answered yes, but whether the violin is more rhythmic than the piano, no"},
    {"C16",
     {{"X14", "loudest", "left"}, {"X03", "left,right", "no"}},
     {"X03", "left,right", "yes"},
     "the loudest instrument is left, but whether the instrument on the left is louder "
     "than the one on the right is answered no"},
    {"C17",
     {{"X17", "first", "left"}, {"X12", "first,right", "yes"}},
     {"X12", "first,right", "no"},
     "the first sounding instrument is left, but whether the first sound comes from "
     "the right is answered yes"},
    {"C18",
     {{"X12", "last,left", "yes"}, {"X12", "last,right", "yes"}},
     {"X12", "last,right", "no"},
     "the last sound comes from the left and from the right"},
    {"C19",
     {{"X09", "violin", "yes"}, {"A03", "piano,violin", "yes"}},
     {"A03", "piano,violin", "no"},
     "the violin always plays, but the piano plays longer"},
    {"C20",
     {{"X09", "violin", "yes"}, {"X07", "violin", "zero"}},
     {"X07", "violin", "one"},
     "the violin always plays, but zero violins sound"},
    {"P01",
     {{"V07", NULL, "violin"}, {"V03", NULL, "two"}},
     {"V03", NULL, "one"},
     "asking what kind of instrument it is takes one type for granted, but two appear"},
    {"P02",
     {{"V07", NULL, "violin"}, {"V02", "piano", "one"}},
     {"V02", "violin", "one"},
     "the kind of instrument is violin, but other answers show piano"},
    {"P03",
     {{"A05", NULL, "one"}, {"X19", "after,piano", "violin"}},
     {"X18", "piano,first", "left"},
     "one instrument is heard, but other questions and answers have these types sound: "
     "piano and violin"},
    {"P04",
     {{"A06", "violin", "no"}, {"X16", "first", "violin"}},
     {"X16", "first", "piano"},
     "no violin is heard, but another question or answer has it sound"},
    {"P05",
     {{"X16", "first", "violin"}, {"X19", "before,violin", "piano"}},
     {"X19", "before,piano", "violin"},
     "the violin comes in first, but it is asked what sounds before it"},
    {"P06",
     {{"X09", "violin", "no"}, {"V04", "violin", "no"}},
     {"V04", "violin", "yes"},
     "there is no violin, but it is asked whether the violin always plays"},
    {"P07",
     {{"X09", "violin", "yes"}, {"X19", "after,violin", "piano"}},
     {NULL, NULL, NULL},
     "the violin always plays, but it is asked what sounds after it"},
    {"P08",
     {{"X18", "violin,first", "left"}, {"V02", "violin", "one"}},
     {"V02", "violin", "two"},
     "it is asked which violin sounds first, but only one is there"},
    {"P09",
     {{"X15", "violin", "piano"}, {"X08", NULL, "one"}},
     {"X08", NULL, "two"},
     "the violin and the piano sound at the same time, but only one type sounds"},
    {"P10",
     {{"A01", "violin,piano", "yes"}, {"A05", NULL, "one"}},
     {"A05", NULL, "two"},
     "the sounds of the violin and the piano are compared, but only one instrument is "
     "heard"},
    {"I01",
     {{"X05", NULL, "two"}, {"A05", NULL, "one"}},
     {"A05", NULL, "two"},
     "two instruments sound in the picture, but only one is heard"},
    {"I02",
     {{"X05", NULL, "one"}, {"A05", NULL, "two"}},
     {"A05", NULL, "one"},
     "one instrument sounds in the picture, but two are heard"},
    {"I03",
     {{"X16", "first", "violin"}, {"X19", "after,piano", "violin"}},
     {"X19", "after,piano", "cello"},
     "the violin comes in first, but it is what sounds after the piano"},
};

static size_t n_rows(const struct made *m)
{
    size_t n = 0;
    while (n < N_OF(m->rows) && m->rows[n].code)
        n++;
    return n;
}

/* All clips, each a video called like its rule. */
static struct tiny audited(bool cured)
{
    struct tiny t = tiny_new();
    for (size_t i = 0; i < N_OF(made); i++) {
        const struct made *m = &made[i];
        size_t n = n_rows(m);
        for (size_t r = 0; r < n; r++) {
            const struct question *q = cured && r + 1 == n ? &m->cured : &m->rows[r];
            if (q->code)
                tiny_add(&t, m->rule, q->code, q->slots, q->answer);
        }
    }
    tiny_import(&t, "made");
    tiny_audit(&t, "made", NULL);
    return t;
}

/* The finding of a rule about the clip of this name. */
static const struct avqa_finding *about(const struct tiny *t, const char *rule,
                                        const char *video)
{
    for (size_t i = 0; i < t->audit.findings.n; i++) {
        const struct avqa_finding *f = &t->audit.findings.items[i];
        if (strcmp(f->check, rule) == 0 && f->n_videos == 1 &&
            strcmp(avqa_audit_video(&t->table, f->videos[0]), video) == 0)
            return f;
    }
    return NULL;
}

static void test_broken(void **state)
{
    struct tiny t = audited(false);
    (void)state;
    for (size_t i = 0; i < N_OF(made); i++) {
        const struct made *m = &made[i];
        const struct avqa_finding *f = about(&t, m->rule, m->rule);
        char sentence[256];
        snprintf(sentence, sizeof sentence, "%s: %s", m->rule, m->sentence);
        if (!f)
            fail_msg("%s is not found broken", m->rule);
        assert_string_equal(f->message, sentence);
        assert_int_equal(f->n_rows, n_rows(m));
        assert_int_equal(f->severity, m->rule[0] == 'C'   ? AVQA_ERROR
                                      : m->rule[0] == 'P' ? AVQA_WARNING
                                                          : AVQA_NOTE);
    }
    assert_int_equal(t.table.templates->rules->n, N_OF(made));
    tiny_free(&t);
}

static void test_cured(void **state)
{
    struct tiny t = audited(true);
    (void)state;
    for (size_t i = 0; i < N_OF(made); i++) {
        const struct made *m = &made[i];
        const struct avqa_json *rule =
            check_at(t.audit.report, "consistency", m->rule, NULL);
        if (about(&t, m->rule, m->rule))
            fail_msg("%s is still found broken", m->rule);
        if (m->cured.code && check_int(rule, "checkable", NULL) == 0)
            fail_msg("%s cannot be checked any more", m->rule);
        assert_true(strlen(check_string(rule, "definition", NULL)) > 10);
    }
    tiny_free(&t);
}

/* docs/audit.md has every rule and every witness as the file has them. */
static void test_documented(void **state)
{
    char *path = check_source("docs/audit.md");
    struct avqa_buf page = check_read(path);
    struct tiny t = tiny_new();
    const struct avqa_rules *rules = t.templates->rules;
    (void)state;
    for (size_t i = 0; i < rules->n; i++) {
        char row[16];
        snprintf(row, sizeof row, "\n| %s |", rules->rules[i].id);
        assert_has(avqa_buf_str(&page), row);
        assert_has(avqa_buf_str(&page), rules->rules[i].definition);
    }
    for (size_t i = 0; i < rules->n_witnesses; i++)
        assert_has(avqa_buf_str(&page), rules->witnesses[i]);
    tiny_free(&t);
    avqa_buf_release(&page);
    free(path);
}

/* ---- single clips -------------------------------------------------------------------
 */

static const struct avqa_json *audit_rows(struct tiny *t, const struct question *rows,
                                          size_t n)
{
    for (size_t i = 0; i < n; i++)
        tiny_add(t, "00000001", rows[i].code, rows[i].slots, rows[i].answer);
    tiny_import(t, "made");
    return tiny_audit(t, "made", NULL);
}

/* One row that shows two types proves it better than two that show one each. */
static void test_fewest_rows(void **state)
{
    static const struct question rows[] = {
        {"V04", "cello", "yes"},       {"V03", NULL, "one"},   {"V02", "piano", "one"},
        {"V01", "cello,piano", "yes"}, {"V04", "banjo", "no"}, {"V08", NULL, "indoor"}};
    struct tiny t = tiny_new();
    (void)state;
    const struct avqa_json *report = audit_rows(&t, rows, N_OF(rows));
    assert_int_equal(check_int(report, "consistency", "C03", "violations", NULL), 1);
    const struct avqa_finding *f = about(&t, "C03", "00000001");
    assert_int_equal(f->n_rows, 2);
    assert_int_equal(t.table.rows[f->rows[0]].line + t.table.rows[f->rows[1]].line, 6);
    assert_has(f->message, "other answers show cello and piano");
    tiny_free(&t);
}

/* The last number word is "more than ten": any count may be that. */
static void test_more_than_words_tell(void **state)
{
    static const struct question rows[] = {
        {"A05", NULL, "more than ten"},   {"A04", "cello,piano", "yes"},
        {"A04", "banjo,drum", "yes"},     {"A04", "erhu,flute", "yes"},
        {"A04", "pipa,tuba", "yes"},      {"A04", "suona,violin", "yes"},
        {"A04", "congas,guzheng", "yes"}, {"A04", "ukulele,clarinet", "yes"}};
    struct tiny t = tiny_new();
    (void)state;
    const struct avqa_json *report = audit_rows(&t, rows, N_OF(rows));
    assert_int_equal(check_int(report, "consistency", "P03", "checkable", NULL), 1);
    assert_int_equal(check_int(report, "consistency", "P03", "violations", NULL), 0);
    tiny_free(&t);
}

/* Rows with words outside their domains prove nothing; a pair counts once, a question
 * asked twice twice. */
static void test_what_is_counted(void **state)
{
    static const struct question rows[] = {
        {"X08", NULL, "dozens"},        {"X05", NULL, "one"},
        {"A01", "piano,violin", "yes"}, {"A01", "violin,piano", "yes"},
        {"A01", "piano,harp", "yes"},   {"A01", "harp,piano", "yes"},
        {"A02", "piano,piano", "yes"},  {"A02", "piano,piano", "yes"},
        {"X07", "saxophone", "two"},    {"X07", "saxophone", "two"},
        {"V02", "saxophone", "one"}};
    struct tiny t = tiny_new();
    (void)state;
    const struct avqa_json *rules =
        check_at(audit_rows(&t, rows, N_OF(rows)), "consistency", NULL);
    assert_int_equal(check_int(rules, "C05", "checkable", NULL), 0);
    assert_int_equal(check_int(rules, "C13", "checkable", NULL), 1);
    assert_int_equal(check_int(rules, "C13", "violations", NULL), 1);
    assert_int_equal(check_int(rules, "C07", "checkable", NULL), 2);
    assert_int_equal(check_int(rules, "C07", "violations", NULL), 2);
    tiny_free(&t);
}

/* The same picture with another sound is another clip. */
static void test_another_sound(void **state)
{
    struct tiny t = tiny_new();
    (void)state;
    tiny_put(&t, &(struct tiny_row){.video = "00000001",
                                    .code = "X05",
                                    .answer = "two",
                                    .sound = "00000002"});
    tiny_add(&t, "00000001", "A05", NULL, "one");
    tiny_put(&t, &(struct tiny_row){.video = "00000001",
                                    .code = "X08",
                                    .answer = "three",
                                    .sound = "00000002"});
    tiny_import(&t, "made");
    const struct avqa_json *rules =
        check_at(tiny_audit(&t, "made", NULL), "consistency", NULL);
    assert_int_equal(check_int(rules, "I01", "checkable", NULL), 0);
    assert_int_equal(check_int(rules, "I01", "checkable_ignoring_sound", NULL), 1);
    assert_int_equal(check_int(rules, "I01", "violations_ignoring_sound", NULL), 1);
    assert_int_equal(check_int(rules, "C05", "violations", NULL), 1);
    assert_int_equal(check_int(rules, "C05", "violations_ignoring_sound", NULL), 1);
    assert_null(tiny_finding(&t, "I01", AVQA_NOTE, 0));
    assert_has(tiny_finding(&t, "C05", AVQA_ERROR, 0)->message,
               "00000001 with sound 00000002: ");
    tiny_free(&t);
}

static void test_too_many_rows(void **state)
{
    struct tiny t = tiny_new();
    (void)state;
    for (int i = 0; i < AVQA_RULE_MAX_CLIP_ROWS; i++)
        tiny_add(&t, "00000001",
                 i < 5    ? "X05"
                 : i < 10 ? "X08"
                          : "A05",
                 NULL, i < 5 ? "one" : "two");
    tiny_import(&t, "made");
    const struct avqa_json *report = tiny_audit(&t, "made", NULL);
    assert_int_equal(check_int(report, "consistency", "C05", "violations", NULL), 25);
    assert_null(tiny_finding(&t, "consistency", AVQA_NOTE, 0));
    tiny_add(&t, "00000001", "X10", NULL, "no");
    tiny_import(&t, "more");
    report = tiny_audit(&t, NULL, NULL);
    assert_int_equal(check_int(report, "consistency", "C05", "checkable", NULL), 0);
    assert_has(tiny_finding(&t, "consistency", AVQA_NOTE, 0)->message,
               "1 clip has more than 500 questions");
    tiny_free(&t);
}

/* All violations are counted, but one clip cannot fill the report. */
static void test_many_findings(void **state)
{
    struct tiny t = tiny_new();
    (void)state;
    for (int i = 0; i < 30; i++)
        tiny_add(&t, "00000001", i < 15 ? "X05" : "X08", NULL, i < 15 ? "one" : "two");
    tiny_add(&t, "00000002", "X05", NULL, "one");
    tiny_add(&t, "00000002", "X08", NULL, "two");
    tiny_import(&t, "made");
    const struct avqa_json *report = tiny_audit(&t, "made", NULL);
    assert_int_equal(check_int(report, "consistency", "C05", "violations", NULL), 226);
    assert_has(tiny_finding(&t, "C05", AVQA_ERROR, 100)->message,
               "00000001: and 125 more of this kind about this clip");
    assert_has(tiny_finding(&t, "C05", AVQA_ERROR, 101)->message, "00000002: ");
    assert_null(tiny_finding(&t, "C05", AVQA_ERROR, 102));
    tiny_free(&t);
}

/* Says that it is time to stop when it is asked for the second time. */
static bool stop_at_second(void *user)
{
    return (*(int *)user)++ > 0;
}

/* Between two videos somebody may say that it is enough. */
static void test_stopped(void **state)
{
    struct tiny t = tiny_new();
    struct avqa_findings findings = {0};
    struct avqa_rule_result results[64] = {0};
    int asked = 0;
    struct avqa_log log = {.stopped = stop_at_second, .user = &asked};
    (void)state;
    for (int i = 0; i < 4; i++) {
        char video[16];
        snprintf(video, sizeof video, "%08d", i);
        tiny_add(&t, video, "X05", NULL, "one");
        tiny_add(&t, video, "X08", NULL, "two");
    }
    tiny_import(&t, "made");
    tiny_audit(&t, "made", NULL);
    t.audit.opts.log = &log;
    assert_true(t.templates->rules->n <= N_OF(results));
    assert_fails(avqa_rules_judge(results, &t.audit, NULL, &findings), AVQA_ESTOPPED,
                 "stopped; no report was written");
    assert_int_equal(findings.n, 2);
    avqa_findings_release(&findings);
    tiny_free(&t);
}

/* Nothing of MUSIC-AVQA is compiled in. */
static void test_another_language(void **state)
{
    struct tiny t = tiny_new_with("tests/data/templates-zh.json");
    (void)state;
    tiny_add(&t, "00000001", "数一", "二胡", "零");
    tiny_add(&t, "00000001", "数一", "钢琴", "二");
    tiny_add(&t, "00000001", "时一", "第二", "二胡");
    tiny_add(&t, "00000001", "位一", "最响", "左边");
    tiny_add(&t, "00000001", "比一", "右边,钢琴,左边,二胡", "是");
    tiny_import(&t, "made");
    tiny_audit(&t, "made", NULL);
    assert_string_equal(tiny_finding(&t, "C01", AVQA_ERROR, 0)->message,
                        "00000001：发声的二胡有零件，第二个进入的却是二胡");
    assert_string_equal(tiny_finding(&t, "C02", AVQA_ERROR, 0)->message,
                        "00000001：最响的在左边，右边的钢琴是否比左边的二胡更响却答是");
    assert_string_equal(tiny_finding(&t, "I01", AVQA_NOTE, 0)->message,
                        "00000001：第二个进入的是二胡，数过的却是钢琴");
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_without_rules),
                                       cmocka_unit_test(test_broken),
                                       cmocka_unit_test(test_cured),
                                       cmocka_unit_test(test_documented),
                                       cmocka_unit_test(test_fewest_rows),
                                       cmocka_unit_test(test_more_than_words_tell),
                                       cmocka_unit_test(test_what_is_counted),
                                       cmocka_unit_test(test_another_sound),
                                       cmocka_unit_test(test_too_many_rows),
                                       cmocka_unit_test(test_many_findings),
                                       cmocka_unit_test(test_stopped),
                                       cmocka_unit_test(test_another_language)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
