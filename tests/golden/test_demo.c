/* The audit of the small dataset in tests/data/demo gives the numbers of its
 * golden.json, which were counted apart from this program; and its manifest imports as
 * described there. */
#include "tiny.h"

#include "audit/leakage.h"
#include "catalog/clip.h"
#include "pipeline/audit_tables.h"

struct demo {
    struct tiny t;
    struct avqa_json *golden;
    struct avqa_import_counts counts; /* of test.json */
};

/* ---- comparing ------------------------------------------------------------------- */

/* A golden value against the report's: objects by key in any order, all keys of both;
 * lists in order; numbers within `tolerance`. */
static void same(const struct avqa_json *golden, const struct avqa_json *report,
                 const char *where, double tolerance)
{
    double x;
    double y;
    if (!golden || !report)
        fail_msg("%s: missing in the %s", where, golden ? "report" : "golden file");
    if (avqa_json_string(golden)) {
        assert_string_equal(avqa_json_string(golden), avqa_json_string(report));
        return;
    }
    if (avqa_json_double(golden, &x)) {
        if (!avqa_json_double(report, &y) || fabs(x - y) > tolerance)
            fail_msg("%s: golden %.9g, report %.9g", where, x, y);
        return;
    }
    if (avqa_json_count(golden) != avqa_json_count(report))
        fail_msg("%s: golden has %zu members, the report %zu", where,
                 avqa_json_count(golden), avqa_json_count(report));
    const struct avqa_json *r = avqa_json_first(report);
    for (const struct avqa_json *g = avqa_json_first(golden); g;
         g = avqa_json_next(g), r = avqa_json_next(r)) {
        char path[256];
        const char *key = avqa_json_key(g);
        snprintf(path, sizeof path, "%s/%s", where, key ? key : "[]");
        same(g, key ? avqa_json_get(report, key) : r, path, tolerance);
    }
}

static void same_at(const struct avqa_json *golden, const struct avqa_json *report,
                    const char *section, const char *key, double tolerance)
{
    golden = avqa_json_get(section ? avqa_json_get(golden, section) : golden, key);
    report = avqa_json_get(section ? avqa_json_get(report, section) : report, key);
    same(golden, report, key, tolerance);
}

/* Rows of the file (from 1) that a finding names, against a golden list of them, given
 * flat or in groups; in any order. */
static void same_rows(const struct demo *d, const struct avqa_finding *f,
                      const struct avqa_json *list, const char *what)
{
    size_t n = 0;
    if (!f)
        fail_msg("%s: no such finding", what);
    for (const struct avqa_json *r = avqa_json_first(list); r; r = avqa_json_next(r)) {
        int64_t line;
        bool found = false;
        assert_true(avqa_json_int(r, &line));
        for (size_t i = 0; i < f->n_rows; i++)
            found = found || d->t.table.rows[f->rows[i]].line == line;
        if (!found)
            fail_msg("%s: row %lld is not in the finding: %s", what, (long long)line,
                     f->message);
        n++;
    }
    if (n != f->n_rows)
        fail_msg("%s: %zu rows, golden %zu: %s", what, f->n_rows, n, f->message);
}

/* Every group of rows has a finding of its own. */
static void same_groups(const struct demo *d, const char *check,
                        enum avqa_severity severity, const struct avqa_json *groups)
{
    size_t n = 0;
    for (const struct avqa_json *g = avqa_json_first(groups); g;
         g = avqa_json_next(g)) {
        bool found = false;
        int64_t line;
        assert_true(avqa_json_int(avqa_json_first(g), &line));
        const struct avqa_finding *f;
        for (size_t i = 0; (f = tiny_finding(&d->t, check, severity, i)); i++) {
            if (d->t.table.rows[f->rows[0]].line != line &&
                d->t.table.rows[f->rows[f->n_rows - 1]].line != line)
                continue;
            same_rows(d, f, g, check);
            found = true;
        }
        if (!found)
            fail_msg("%s: nothing found about row %lld", check, (long long)line);
        n++;
    }
    assert_null(tiny_finding(&d->t, check, severity, n));
}

static size_t count_media(const struct demo *d)
{
    const struct avqa_audit *a = &d->t.audit;
    size_t n = 0;
    for (size_t c = 0; c < d->t.table.n_clips; c++) {
        bool used = false;
        for (size_t i = a->on.from; i < a->on.to; i++)
            used = used || d->t.table.rows[i].clip == c;
        n += used;
    }
    return n;
}

/* The golden file calls a row synthetic by its video id alone. A picture with another
 * video's sound is composed too (random matching), so the program counts those rows as
 * synthetic: the difference is exactly they. */
static void check_origin(const struct demo *d, const struct avqa_json *golden,
                         const struct avqa_json *report)
{
    int64_t matched = 0;
    for (size_t i = d->t.audit.on.from; i < d->t.audit.on.to; i++) {
        const struct avqa_audit_clip *c = &d->t.table.clips[d->t.table.rows[i].clip];
        matched += c->sound != c->video;
    }
    assert_int_equal(check_int(golden, "counts", "by_origin", "real", NULL) - matched,
                     check_int(report, "counts", "by_origin", "real", NULL));
    assert_int_equal(check_int(golden, "counts", "by_origin", "synthetic", NULL) +
                         matched,
                     check_int(report, "counts", "by_origin", "synthetic", NULL));
}

/* What is the same for every split: counts, priors, balance, consistency. */
static void check_split(struct demo *d, const char *split)
{
    static const char *const counts[] = {
        "questions",          "clips", "by_template",      "by_type", "by_answer",
        "questions_per_clip", "slots", "filled_questions", "words",   "first_words"};
    const struct avqa_json *golden = avqa_json_get(d->golden, split);
    const struct avqa_json *report = tiny_audit(&d->t, split, NULL);
    for (size_t i = 0; i < N_OF(counts); i++)
        same_at(golden, report, "counts", counts[i], 0);
    assert_int_equal(check_int(golden, "counts", "media", NULL), count_media(d));
    check_origin(d, golden, report);
    const char *const groups[] = {"global", "type", "template", "slots"};
    for (size_t i = 0; i < N_OF(groups); i++)
        same_at(golden, report, "priors", groups[i], 0);
    const char *const entropies[] = {"answer", "type", "template", "slots"};
    for (size_t i = 0; i < N_OF(entropies); i++)
        same_at(golden, report, "entropy", entropies[i], 5.1e-5);
    same_at(golden, report, "head_tail", "head", 0);
    same_at(golden, report, "head_tail", "tail", 0);
    same_at(golden, report, "head_tail", "alpha", 1e-9);
}

static void check_c00(const struct avqa_json *golden, const struct avqa_json *report)
{
    const char *const keys[] = {"violations", "checkable"};
    for (size_t i = 0; i < N_OF(keys); i++) {
        char sound[64];
        snprintf(sound, sizeof sound, "%s_ignoring_sound", keys[i]);
        assert_int_equal(check_int(golden, "consistency", "C00", keys[i], NULL),
                         check_int(report, "consistency", "C00", keys[i], NULL));
        assert_int_equal(
            check_int(golden, "consistency_ignoring_sound", "C00", keys[i], NULL),
            check_int(report, "consistency", "C00", sound, NULL));
    }
}

static void check_dominant(const struct avqa_json *golden,
                           const struct avqa_json *report)
{
    const struct avqa_json *g = avqa_json_first(avqa_json_get(golden, "dominant"));
    const struct avqa_json *r = avqa_json_first(avqa_json_get(report, "dominant"));
    for (; g && r; g = avqa_json_next(g), r = avqa_json_next(r)) {
        assert_string_equal(check_string(g, "template", NULL),
                            check_string(r, "template", NULL));
        assert_string_equal(check_string(g, "answer", NULL),
                            check_string(r, "answer", NULL));
        assert_int_equal(check_int(g, "n", NULL), check_int(r, "n", NULL));
        assert_close(check_double(g, "share", NULL), check_double(r, "share", NULL),
                     5.1e-5);
    }
    assert_null(g);
    assert_null(r);
}

/* Head answers of each type, as the table of answers by type marks them. */
static void check_head_answers(const struct demo *d, const struct avqa_json *golden)
{
    struct avqa_json *tables;
    assert_ok(avqa_audit_tables(&tables, &d->t.audit));
    const struct avqa_json *groups = check_at(golden, "head_tail", "by_group", NULL);
    size_t heads = 0;
    for (const struct avqa_json *g = avqa_json_first(groups); g; g = avqa_json_next(g))
        heads += avqa_json_count(avqa_json_get(g, "head_answers"));
    const struct avqa_json *table = avqa_json_first(tables);
    while (table && strcmp(check_string(table, "id", NULL), "answers-by-type") != 0)
        table = avqa_json_next(table);
    const struct avqa_json *r = avqa_json_first(check_at(table, "rows", NULL));
    for (; r; r = avqa_json_next(r)) {
        bool listed = false;
        const struct avqa_json *h = avqa_json_first(
            check_at(groups, check_string(r, "#0", NULL), "head_answers", NULL));
        for (; h; h = avqa_json_next(h))
            listed =
                listed || strcmp(avqa_json_string(h), check_string(r, "#1", NULL)) == 0;
        bool head = strcmp(check_string(r, "#4", NULL), "head") == 0;
        assert_int_equal(head, listed);
        heads -= head;
    }
    assert_int_equal(heads, 0);
    avqa_json_free(tables);
}

/* ---- tests ----------------------------------------------------------------------- */

static void test_clean_splits(void **state)
{
    struct demo *d = *state;
    const char *const splits[] = {"train", "val"};
    for (size_t i = 0; i < N_OF(splits); i++) {
        const struct avqa_json *golden = avqa_json_get(d->golden, splits[i]);
        check_split(d, splits[i]);
        check_dominant(golden, d->t.audit.report);
        check_c00(golden, d->t.audit.report);
        check_head_answers(d, golden);
        same(avqa_json_get(golden, "degenerate"),
             check_at(d->t.audit.report, "degenerate", NULL), "degenerate", 0);
        assert_null(tiny_finding(&d->t, "C00", AVQA_ERROR, 0));
        assert_null(tiny_finding(&d->t, "text", AVQA_ERROR, 0));
    }
}

static void test_numbers_of_test(void **state)
{
    struct demo *d = *state;
    const struct avqa_json *golden = avqa_json_get(d->golden, "test");
    check_split(d, "test");
    const struct avqa_json *report = d->t.audit.report;
    check_dominant(golden, report);
    check_c00(golden, report);
    check_head_answers(d, golden);
    same(avqa_json_get(golden, "degenerate"), avqa_json_get(report, "degenerate"),
         "degenerate", 0);
    assert_int_equal(check_int(golden, "duplicates", "questions", NULL),
                     check_int(report, "duplicates", "questions", NULL));
    assert_int_equal(check_int(golden, "flips", "checkable", NULL),
                     check_int(report, "consistency", "flip", "checkable", NULL));
    assert_int_equal(check_int(golden, "flips", "violations", NULL),
                     check_int(report, "consistency", "flip", "violations", NULL));
    assert_int_equal(
        avqa_json_count(check_at(golden, "import", "doubled_question_ids", NULL)),
        check_int(report, "duplicates", "question_ids", NULL));
}

static void test_rows_of_test(void **state)
{
    struct demo *d = *state;
    const struct avqa_json *golden = avqa_json_get(d->golden, "test");
    tiny_audit(&d->t, "test", NULL);
    same_groups(d, "C00", AVQA_ERROR,
                check_at(golden, "consistency_rows", "C00", NULL));
    same_groups(d, "flip", AVQA_ERROR,
                check_at(golden, "flips", "violating_rows", NULL));
    same_rows(d, tiny_finding(&d->t, "duplicates", AVQA_WARNING, 0),
              check_at(golden, "duplicates", "rows", "#0", NULL), "duplicates");
    const char *const outside[] = {"answer_outside_domain", "answer_outside_vocabulary",
                                   "slot_value_outside_domain"};
    size_t n = 0;
    for (size_t i = 0; i < N_OF(outside); i++) {
        const struct avqa_json *rows = check_at(golden, "invalid", outside[i], NULL);
        int64_t line;
        assert_true(avqa_json_int(avqa_json_first(rows), &line));
        const struct avqa_finding *f;
        for (size_t k = 0; (f = tiny_finding(&d->t, "text", AVQA_ERROR, k)); k++) {
            if (d->t.table.rows[f->rows[0]].line == line) {
                same_rows(d, f, rows, outside[i]);
                n++;
            }
        }
    }
    assert_int_equal(n, N_OF(outside));
}

/* Every rule in all three splits, and the planted rows: those of C05, C07, C16, C17,
 * P01 and I01, which breaks I02 too. */
static void test_rules(void **state)
{
    struct demo *d = *state;
    const char *const splits[] = {"test", "val", "train"};
    for (size_t i = 0; i < N_OF(splits); i++) {
        const struct avqa_json *golden = avqa_json_get(d->golden, splits[i]);
        const struct avqa_json *report =
            check_at(tiny_audit(&d->t, splits[i], NULL), "consistency", NULL);
        const struct avqa_json *rule =
            avqa_json_first(avqa_json_get(golden, "consistency"));
        assert_int_equal(avqa_json_count(avqa_json_get(golden, "consistency")) + 2,
                         avqa_json_count(report)); /* and flip, and solver */
        for (; rule; rule = avqa_json_next(rule)) {
            const char *id = avqa_json_key(rule);
            same_at(rule, avqa_json_get(report, id), NULL, "violations", 0);
            same_at(rule, avqa_json_get(report, id), NULL, "checkable", 0);
        }
        const struct avqa_json *groups =
            avqa_json_first(avqa_json_get(golden, "consistency_rows"));
        for (; groups; groups = avqa_json_next(groups)) {
            const char *id = avqa_json_key(groups);
            same_groups(d, id,
                        id[0] == 'C'   ? AVQA_ERROR
                        : id[0] == 'P' ? AVQA_WARNING
                                       : AVQA_NOTE,
                        groups);
        }
    }
}

/* "same_object" or "answer_repeats_slot:V05". */
static void test_degenerate_rows(void **state)
{
    struct demo *d = *state;
    const struct avqa_json *list = check_at(d->golden, "test", "degenerate_rows", NULL);
    tiny_audit(&d->t, "test", NULL);
    for (const struct avqa_json *g = avqa_json_first(list); g; g = avqa_json_next(g)) {
        char reason[64];
        char code[8] = "";
        size_t n = 0;
        const struct avqa_finding *f;
        snprintf(reason, sizeof reason, "(%.*s)", (int)strcspn(avqa_json_key(g), ":"),
                 avqa_json_key(g));
        if (strchr(avqa_json_key(g), ':'))
            snprintf(code, sizeof code, " %s ", strchr(avqa_json_key(g), ':') + 1);
        for (size_t i = 0; (f = tiny_finding(&d->t, "degenerate", AVQA_WARNING, i));
             i++) {
            if (!strstr(f->message, reason) || !strstr(f->message, code))
                continue;
            if (code[0])
                same_rows(d, f, g, avqa_json_key(g));
            n += f->n_rows;
        }
        assert_int_equal(n, avqa_json_count(g));
    }
}

/* The videos of a finding, which may name one again, are those of the list. */
static void same_videos(const struct demo *d, const struct avqa_finding *f,
                        const struct avqa_json *names)
{
    struct avqa_intern listed = AVQA_INTERN_INIT;
    struct avqa_intern found = AVQA_INTERN_INIT;
    assert_non_null(f);
    for (const struct avqa_json *g = avqa_json_first(names); g; g = avqa_json_next(g))
        avqa_intern_add(&listed, avqa_json_string(g), strlen(avqa_json_string(g)),
                        NULL);
    for (size_t i = 0; i < f->n_videos; i++) {
        const char *name = avqa_audit_video(&d->t.table, f->videos[i]);
        avqa_intern_add(&found, name, strlen(name), NULL);
        assert_true(avqa_intern_find(&listed, name, strlen(name)) != AVQA_INTERN_NONE);
    }
    assert_int_equal(found.n, listed.n);
    avqa_intern_release(&listed);
    avqa_intern_release(&found);
}

static void test_against_val(void **state)
{
    struct demo *d = *state;
    const struct avqa_json *golden = avqa_json_get(d->golden, "test_against_val");
    const struct avqa_json *report = tiny_audit(&d->t, "test", "val");
    const char *const groups[] = {"global", "type", "template", "slots"};
    for (size_t i = 0; i < N_OF(groups); i++)
        same_at(golden, report, "priors", groups[i], 0);
    const char *const fields[] = {"answer", "type", "template"};
    for (size_t i = 0; i < N_OF(fields); i++)
        same_at(golden, report, "drift", fields[i], 1.1e-6);
    same_at(golden, report, "leakage", "video", 0);
    same_at(golden, report, "leakage", "derived", 0);
    same_videos(d, tiny_finding(&d->t, "leakage_derived", AVQA_WARNING, 0),
                avqa_json_get(golden, "derived_clips"));
    same_videos(d, tiny_finding(&d->t, "leakage_video", AVQA_ERROR, 0),
                avqa_json_get(golden, "shared_clips"));
}

/* The row shapes that the golden file counts, as the importer kept them. */
static void test_import_quirks(void **state)
{
    struct demo *d = *state;
    const struct avqa_json *golden = check_at(d->golden, "test", "import", NULL);
    size_t no_id = 0;
    size_t other_sound = 0;
    tiny_audit(&d->t, "test", NULL);
    for (size_t i = d->t.audit.on.from; i < d->t.audit.on.to; i++) {
        const struct avqa_audit_clip *c = &d->t.table.clips[d->t.table.rows[i].clip];
        no_id += d->t.table.numbers[i] == AVQA_AUDIT_NO_NUMBER;
        other_sound += c->sound != c->video;
    }
    assert_int_equal(no_id, check_int(golden, "no_question_id", NULL));
    assert_int_equal(other_sound, check_int(golden, "unmatch_audio", NULL));
    const struct avqa_json *f = avqa_json_first(avqa_json_get(golden, "flip_clips"));
    for (; f; f = avqa_json_next(f)) {
        uint32_t v = avqa_intern_find(&d->t.table.videos, avqa_json_string(f),
                                      strlen(avqa_json_string(f)));
        assert_true(v != AVQA_INTERN_NONE);
        size_t n;
        assert_true(*avqa_kin_roots(&d->t.table.kin, v, &n) != v);
        assert_int_equal(n, 1);
    }
    assert_int_equal(d->counts.rows, 240);
    assert_int_equal(d->counts.questions, 240);
    assert_int_equal(d->counts.conflicts, 4);
    assert_int_equal(d->counts.duplicates, 1);
}

/* ---- the manifest ---------------------------------------------------------------- */

struct clip_check {
    const struct avqa_json *golden;
    size_t n, flips, odd, started;
};

static enum avqa_status look_at_times(void *user, const struct avqa_clip *clip)
{
    struct clip_check *c = user;
    const struct avqa_json *durations = avqa_json_get(c->golden, "duration_not_60_s");
    const struct avqa_json *starts = avqa_json_get(c->golden, "start_in_seconds");
    const char *duration = avqa_json_string(avqa_json_get(durations, clip->picture));
    const char *start = avqa_json_string(avqa_json_get(starts, clip->picture));
    c->n++;
    c->flips += clip->method && strcmp(clip->method, "flip") == 0;
    c->odd += clip->duration_us != 60000000;
    if (duration)
        assert_int_equal(clip->duration_us, strtol(duration + 2, NULL, 10) * 1000000);
    if (start) {
        assert_int_equal(clip->start_us, strtol(start, NULL, 10) * 1000000);
        c->started++;
    }
    return AVQA_OK;
}

static void test_manifest(void **state)
{
    struct demo *d = *state;
    struct tiny t = tiny_new();
    struct avqa_catalog *cat;
    struct avqa_import_counts counts = {0};
    char *file = check_source("tests/data/demo/videos.csv");
    const char *const files[] = {file};
    struct avqa_import_config config = {
        .dataset = t.dataset, .files = files, .n_files = 1};
    assert_ok(avqa_import_videos(&config, &counts));
    struct clip_check c = {.golden = avqa_json_get(d->golden, "videos")};
    assert_int_equal(counts.rows, check_int(c.golden, "rows", NULL));
    assert_int_equal(counts.clips, check_int(c.golden, "clips_with_flips", NULL));
    assert_int_equal(counts.duplicates, check_int(c.golden, "duplicate_rows", NULL));
    assert_ok(avqa_dataset_open(&cat, t.dataset, AVQA_CATALOG_READ));
    assert_ok(avqa_clip_each(cat, look_at_times, &c));
    avqa_catalog_close(cat);
    assert_int_equal(c.n, check_int(c.golden, "clips_with_flips", NULL));
    assert_int_equal(c.flips, check_int(c.golden, "has_flip", NULL));
    assert_int_equal(c.n - c.flips, check_int(c.golden, "distinct", NULL));
    assert_int_equal(c.odd, 3);
    assert_int_equal(c.started, 4);
    free(file);
    tiny_free(&t);
}

/* ---- set up ---------------------------------------------------------------------- */

static int setup(void **state)
{
    struct demo *d = calloc(1, sizeof *d);
    const char *const splits[] = {"train", "val", "test"};
    d->t = tiny_new();
    for (size_t i = 0; i < N_OF(splits); i++) {
        char name[64];
        snprintf(name, sizeof name, "tests/data/demo/%s.json", splits[i]);
        char *path = check_source(name);
        struct avqa_buf text = check_read(path);
        struct avqa_import_counts counts = {0};
        assert_ok(tiny_import_text(&d->t, splits[i], text.data, &counts));
        d->counts = counts;
        avqa_buf_release(&text);
        free(path);
    }
    char *path = check_source("tests/data/demo/golden.json");
    assert_ok(avqa_json_read(&d->golden, path, 1 << 20));
    free(path);
    *state = d;
    return 0;
}

static int teardown(void **state)
{
    struct demo *d = *state;
    avqa_json_free(d->golden);
    tiny_free(&d->t);
    free(d);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean_splits),    cmocka_unit_test(test_numbers_of_test),
        cmocka_unit_test(test_rows_of_test),    cmocka_unit_test(test_rules),
        cmocka_unit_test(test_degenerate_rows), cmocka_unit_test(test_against_val),
        cmocka_unit_test(test_import_quirks),   cmocka_unit_test(test_manifest)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
