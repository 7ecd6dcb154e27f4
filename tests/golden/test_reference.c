/* The audit of the published MUSIC-AVQA annotations gives the numbers that an
 * independent script counted (the tables in AVQA_SHARED/data/reference) and those of
 * the papers' own tables; and what was imported is exported unchanged. Skips where the
 * data is not there. */
#include "tiny.h"

#include "audit/balance.h"
#include "audit/counts.h"
#include "base/csv.h"
#include "base/rows.h"
#include "catalog/clip.h"
#include "pipeline/export.h"

enum { N_FILES = 8, MAX_CELLS = 20, KNOWN = 7 };

/* The last one has no reference tables. */
static const char *const names[N_FILES] = {
    "test.json",         "test-update.json",     "val.json",
    "val-update.json",   "train-synthetic.json", "video-disjoint-test.json",
    "v2-test-bias.json", "train-known.json"};

struct data {
    struct tiny t;
    struct avqa_audit audits[N_FILES]; /* of t.table, by file */
    struct avqa_audit update;          /* test-update against val-update */
    struct avqa_audit published;       /* test against val */
    struct avqa_import_counts counts[N_FILES];
};

static char *shared(const char *folder, const char *name)
{
    const char *root = getenv("AVQA_SHARED");
    char *data = avqa_io_join(root ? root : "../shared", folder);
    char *path = avqa_io_join(data, name);
    free(data);
    return path;
}

static size_t file_number(const char *name)
{
    size_t f = 0;
    while (f < N_FILES && strcmp(names[f], name) != 0)
        f++;
    if (f == N_FILES)
        fail_msg("no such file: %s", name);
    return f;
}

static const struct avqa_audit *audit_of(const struct data *d, const char *name)
{
    return &d->audits[file_number(name)];
}

/* ---- the tables ------------------------------------------------------------------ */

struct tsv {
    struct avqa_buf text;
    char *at;
    const char *cells[MAX_CELLS];
    const char *head[MAX_CELLS];
    size_t n, rows;
};

/* The next row's cells; false at the end. */
static bool tsv_next(struct tsv *t)
{
    t->n = 0;
    if (!*t->at)
        return false;
    char *line = t->at;
    t->at += strcspn(t->at, "\n");
    if (*t->at)
        *t->at++ = '\0';
    while (line && t->n < MAX_CELLS)
        t->cells[t->n++] = strsep(&line, "\t");
    t->rows++;
    return true;
}

static struct tsv tsv_open(const char *name, bool head)
{
    struct tsv t = {0};
    char *path = shared("data/reference", name);
    t.text = check_read(path);
    t.at = t.text.data;
    free(path);
    if (head) {
        assert_true(tsv_next(&t));
        memcpy(t.head, t.cells, sizeof t.head);
    }
    t.rows = 0;
    return t;
}

static void tsv_close(struct tsv *t, size_t rows)
{
    assert_int_equal(t->rows, rows);
    avqa_buf_release(&t->text);
}

static long number(const char *text)
{
    return strtol(text, NULL, 10);
}

/* A value printed as the table prints it. */
static void same_printed(const char *expected, double value, int digits,
                         const char *what)
{
    char text[64];
    snprintf(text, sizeof text, "%.*f", digits, value);
    expected += strcmp(expected, "-0.0000") == 0; /* a zero is a zero */
    if (strcmp(text, expected) != 0)
        fail_msg("%s: reference %s, here %s", what, expected, text);
}

static void same_count(const char *expected, int64_t value, const char *what)
{
    if (number(expected) != value)
        fail_msg("%s: reference %s, here %lld", what, expected, (long long)value);
}

/* The count of `key` in an object of counts; 0 if it does not stand there. */
static int64_t count_at(const struct avqa_json *counts, const char *key)
{
    int64_t n = 0;
    const struct avqa_json *node = avqa_json_get(counts, key);
    if (node)
        assert_true(avqa_json_int(node, &n));
    return n;
}

/* ---- counts ---------------------------------------------------------------------- */

static void test_answers(void **state)
{
    struct data *d = *state;
    struct tsv t = tsv_open("answers.tsv", true);
    size_t seen[N_FILES] = {0};
    while (tsv_next(&t)) {
        for (size_t c = 1; c < t.n; c++) {
            const struct avqa_audit *a = audit_of(d, t.head[c]);
            const struct avqa_json *counts =
                check_at(a->report, "counts", "by_answer", NULL);
            same_count(t.cells[c], count_at(counts, t.cells[0]), t.cells[0]);
            seen[file_number(t.head[c])] += number(t.cells[c]) > 0;
        }
    }
    for (size_t f = 0; f < KNOWN; f++)
        assert_int_equal(seen[f],
                         avqa_json_count(check_at(d->audits[f].report, "counts",
                                                  "by_answer", NULL)));
    tsv_close(&t, 42);
}

static void test_slots(void **state)
{
    struct data *d = *state;
    struct tsv t = tsv_open("slots.tsv", true);
    while (tsv_next(&t)) {
        for (size_t c = 2; c < t.n; c++) {
            const struct avqa_audit *a = audit_of(d, t.head[c]);
            const struct avqa_json *slot =
                check_at(a->report, "counts", "slots", t.cells[0], NULL);
            same_count(t.cells[c], count_at(slot, t.cells[1]), t.cells[1]);
        }
    }
    tsv_close(&t, 38);
}

static void test_templates(void **state)
{
    struct data *d = *state;
    struct tsv t = tsv_open("templates.tsv", true);
    while (tsv_next(&t)) {
        size_t i = avqa_templates_find(d->t.templates, t.cells[0]);
        assert_true(i != AVQA_TEMPLATE_NONE);
        assert_string_equal(d->t.templates->items[i].modality, t.cells[2]);
        assert_string_equal(d->t.templates->items[i].type, t.cells[3]);
        for (size_t c = 7; c < 14; c++) {
            const struct avqa_json *counts =
                check_at(audit_of(d, t.head[c])->report, "counts", "by_template", NULL);
            same_count(t.cells[c], count_at(counts, t.cells[0]), t.cells[0]);
        }
    }
    tsv_close(&t, 33);
}

/* The answers of each template in test-update, as a JSON object in the last column. */
static void test_template_answers(void **state)
{
    struct data *d = *state;
    const struct avqa_audit *a = audit_of(d, "test-update.json");
    const struct avqa_tally *y = &a->tallies[AVQA_GROUP_TEMPLATE];
    struct tsv t = tsv_open("templates.tsv", true);
    while (tsv_next(&t)) {
        uint64_t group = avqa_templates_find(d->t.templates, t.cells[0]);
        struct avqa_json *answers = check_parse(t.cells[16]);
        size_t found = 0;
        for (size_t i = 0; i < y->n; i++) {
            if (y->cells[i].group != group)
                continue;
            const char *answer = avqa_audit_answer(&d->t.table, y->cells[i].answer);
            assert_int_equal(check_int(answers, answer, NULL), y->cells[i].n);
            found++;
        }
        assert_int_equal(found, avqa_json_count(answers));
        avqa_json_free(answers);
    }
    tsv_close(&t, 33);
}

/* Slot values by template and position, counted here row by row. */
static void test_slots_by_template(void **state)
{
    struct data *d = *state;
    const struct avqa_audit *a = audit_of(d, "test-update.json");
    const struct avqa_audit_table *table = &d->t.table;
    struct tsv t = tsv_open("slot_by_template_u_test.tsv", true);
    while (tsv_next(&t)) {
        size_t template = avqa_templates_find(d->t.templates, t.cells[0]);
        size_t position = (size_t)number(t.cells[1]);
        int64_t n = 0;
        for (size_t i = a->on.from; i < a->on.to; i++) {
            const struct avqa_audit_row *r = &table->rows[i];
            if (r->template == template &&
                strcmp(avqa_audit_word(table, table->slots[r->slots].values[position]),
                       t.cells[3]) == 0)
                n++;
        }
        assert_string_equal(d->t.templates->items[template].slot_names[position],
                            t.cells[2]);
        same_count(t.cells[4], n, t.cells[3]);
    }
    tsv_close(&t, 545);
}

static void test_questions_per_video(void **state)
{
    struct data *d = *state;
    struct tsv t = tsv_open("questions_per_video.tsv", true);
    while (tsv_next(&t)) {
        const struct avqa_json *counts =
            check_at(audit_of(d, t.cells[0])->report, "counts", NULL);
        const struct avqa_json *per = avqa_json_get(counts, "questions_per_clip");
        int64_t rows = check_int(counts, "questions", NULL);
        int64_t videos = check_int(counts, "clips", NULL);
        struct avqa_buf text = AVQA_BUF_INIT;
        for (const struct avqa_json *p = avqa_json_first(per); p; p = avqa_json_next(p))
            avqa_buf_addf(&text, "%s%s: %lld", text.len ? ", " : "{", avqa_json_key(p),
                          (long long)check_int(p, NULL));
        avqa_buf_addc(&text, '}');
        same_count(t.cells[1], rows, t.cells[0]);
        same_count(t.cells[2], videos, t.cells[0]);
        same_printed(t.cells[3], (double)rows / (double)videos, 4, t.cells[0]);
        assert_string_equal(t.cells[4], avqa_buf_str(&text));
        avqa_buf_release(&text);
    }
    tsv_close(&t, 7);
}

static void test_first_words(void **state)
{
    struct data *d = *state;
    const struct avqa_json *counts =
        check_at(audit_of(d, "test-update.json")->report, "counts", NULL);
    const struct avqa_json *raw = check_at(counts, "first_words", "raw", NULL);
    struct tsv t = tsv_open("first4.tsv", false);
    while (tsv_next(&t)) {
        int64_t n = -1;
        for (const struct avqa_json *b = avqa_json_first(raw); b;
             b = avqa_json_next(b)) {
            if (strcmp(check_string(b, "words", NULL), t.cells[1]) == 0)
                n = check_int(b, "count", NULL);
        }
        same_count(t.cells[0], n, t.cells[1]);
    }
    tsv_close(&t, 28);
    assert_int_equal(avqa_json_count(raw), 28);
    assert_string_equal(check_string(raw, "#0", "words", NULL), "Is there a <Object>");
    assert_string_equal(check_string(raw, "#1", "words", NULL), "How many types of");
    assert_string_equal(check_string(raw, "#2", "words", NULL),
                        "Are there <Object> and");
    assert_int_equal(check_int(counts, "filled_questions", NULL), 1298);
    assert_int_equal(check_int(counts, "words", NULL), 92);
}

/* ---- priors, entropy, balance ---------------------------------------------------- */

/* "2387 (26.15%)" */
static void same_prior(const char *cell, const struct avqa_json *priors,
                       const char *group, const char *total)
{
    int64_t correct = check_int(priors, group, "correct", NULL);
    char text[64];
    snprintf(text, sizeof text, "%lld (%.2f%%)", (long long)correct,
             100.0 * (double)correct / (double)number(total));
    assert_string_equal(text, cell);
    assert_int_equal(check_int(priors, group, "total", NULL), number(total));
}

static void test_priors(void **state)
{
    struct data *d = *state;
    struct tsv t = tsv_open("priors.tsv", true);
    while (tsv_next(&t)) {
        char fit[64];
        const char *on = strstr(t.cells[0], "->") + 2;
        snprintf(fit, sizeof fit, "%.*s", (int)(on - 2 - t.cells[0]), t.cells[0]);
        const struct avqa_audit *a = audit_of(d, on);
        if (strcmp(fit, on) != 0)
            a = strcmp(on, "test.json") == 0 ? &d->published : &d->update;
        const struct avqa_json *priors = avqa_json_get(a->report, "priors");
        assert_string_equal(check_string(priors, "fit", NULL), fit);
        same_prior(t.cells[1], priors, "global", t.cells[5]);
        same_prior(t.cells[2], priors, "type", t.cells[5]);
        same_prior(t.cells[3], priors, "template", t.cells[5]);
        same_prior(t.cells[4], priors, "slots", t.cells[5]);
    }
    tsv_close(&t, 7);
}

static void test_entropy(void **state)
{
    struct data *d = *state;
    static const char *const keys[] = {"answer", "type", "template", "slots"};
    struct tsv t = tsv_open("entropy.tsv", true);
    while (tsv_next(&t)) {
        const struct avqa_audit *a = audit_of(d, t.cells[0]);
        for (size_t k = 0; k < N_OF(keys); k++) {
            same_printed(t.cells[k + 1], avqa_tally_entropy(&a->tallies[k]), 4,
                         keys[k]);
            same_printed(t.cells[k + 1],
                         check_double(a->report, "entropy", keys[k], NULL), 4, keys[k]);
        }
    }
    tsv_close(&t, 7);
}

static void same_balance(const struct data *d, const struct tsv *t)
{
    struct avqa_balance *list;
    size_t n;
    const struct avqa_audit *a = audit_of(d, t->cells[0]);
    size_t template = avqa_templates_find(d->t.templates, t->cells[1]);
    assert_ok(avqa_balance_templates(a, &list, &n));
    size_t i = 0;
    while (i < n && list[i].template != template)
        i++;
    assert_true(i < n);
    const struct avqa_balance *b = &list[i];
    const char *answer = avqa_audit_answer(&d->t.table, b->majority);
    same_count(t->cells[2], b->n, "n");
    same_count(t->cells[3], b->n_answers, "K");
    if (strcmp(t->cells[4], answer) != 0)
        fail_msg("%s %s: reference %s, here %s", t->cells[0], t->cells[1], t->cells[4],
                 answer);
    same_printed(t->cells[5], b->share, 4, "share");
    same_printed(t->cells[6], b->entropy, 4, "H");
    same_printed(t->cells[7], b->entropy_share, 4, "H/log K");
    same_count(t->cells[8], b->share > 0.6, "over 60 %");
    same_printed(t->cells[9], b->rarest_share, 4, "rarest");
    same_count(t->cells[10], b->rarest_share < 0.1 / b->n_answers, "imbalance");
    free(list);
}

static void test_balance(void **state)
{
    struct data *d = *state;
    struct tsv t = tsv_open("balance.tsv", true);
    while (tsv_next(&t))
        same_balance(d, &t);
    tsv_close(&t, 159);
}

/* X06 is 187 of 281. */
static void test_dominant(void **state)
{
    struct data *d = *state;
    static const struct {
        const char *code;
        double share;
    } expected[] = {{"X11", .884}, {"V04", .803}, {"X10", .797}, {"A04", .792},
                    {"X18", .784}, {"A06", .734}, {"V08", .728}, {"A03", .713},
                    {"X09", .691}, {"X06", .665}, {"V01", .645}, {"X01", .639}};
    const struct avqa_json *list =
        avqa_json_get(audit_of(d, "test-update.json")->report, "dominant");
    assert_int_equal(avqa_json_count(list), N_OF(expected));
    const struct avqa_json *r = avqa_json_first(list);
    for (size_t i = 0; r; i++, r = avqa_json_next(r)) {
        assert_string_equal(check_string(r, "template", NULL), expected[i].code);
        assert_close(check_double(r, "share", NULL), expected[i].share, 5e-4);
    }
}

/* "no,one,two,yes": the head answers of a group, in order of the alphabet. */
static char *head_answers(const struct avqa_audit *a, size_t from, size_t to,
                          double bound, size_t *head)
{
    const struct avqa_tally *y = &a->tallies[AVQA_GROUP_TYPE];
    struct avqa_buf text = AVQA_BUF_INIT;
    size_t n = a->t->answers.n;
    uint32_t *by_rank = calloc(n + 1, sizeof *by_rank);
    *head = 0;
    for (size_t i = from; i < to; i++) {
        if (y->cells[i].n > bound)
            by_rank[a->t->answer_rank[y->cells[i].answer]] = y->cells[i].answer + 1;
        *head += y->cells[i].n > bound ? y->cells[i].n : 0;
    }
    for (size_t r = 0; r < n; r++) {
        if (by_rank[r])
            avqa_buf_addf(&text, "%s%s", text.len ? "," : "",
                          avqa_audit_answer(a->t, by_rank[r] - 1));
    }
    free(by_rank);
    return text.data ? text.data : avqa_mem_strdup("");
}

static void test_head_tail(void **state)
{
    struct data *d = *state;
    const struct avqa_audit *a = audit_of(d, "test-update.json");
    const struct avqa_tally *y = &a->tallies[AVQA_GROUP_TYPE];
    struct tsv t = tsv_open("head_tail_u_test.tsv", true);
    while (tsv_next(&t)) {
        char label[64];
        uint64_t n = 0;
        size_t head;
        size_t i = 0;
        snprintf(label, sizeof label, "%s/%s", t.cells[0], t.cells[1]);
        while (strcmp(d->t.templates->items[y->cells[i].group].label, label) != 0)
            i++;
        size_t end = avqa_tally_group_end(y, i, &n);
        double mean = (double)n / (double)(end - i);
        char *answers = head_answers(a, i, end, 1.2 * mean, &head);
        same_count(t.cells[2], (int64_t)n, label);
        same_count(t.cells[3], (int64_t)(end - i), label);
        same_printed(t.cells[4], mean, 2, label);
        same_count(t.cells[6], (int64_t)head, label);
        same_count(t.cells[7], (int64_t)(n - head), label);
        assert_string_equal(t.cells[8], answers);
        free(answers);
    }
    tsv_close(&t, 9);
    assert_int_equal(check_int(a->report, "head_tail", "head", NULL), 4737);
    assert_int_equal(check_int(a->report, "head_tail", "tail", NULL), 4392);
}

/* ---- drift, leakage, consistency, degenerate ------------------------------------- */

static void test_drift(void **state)
{
    struct data *d = *state;
    same_printed("0.0272",
                 check_double(d->update.report, "drift", "answer", "tvd", NULL), 4,
                 "drift of answers");
}

/* The first row of the table; the other training lists were never published. */
static void test_leakage(void **state)
{
    struct data *d = *state;
    const struct avqa_json *video =
        check_at(d->update.report, "leakage", "video", NULL);
    struct tsv t = tsv_open("leak_video_overlap.tsv", true);
    assert_true(tsv_next(&t));
    assert_string_equal(t.cells[0], "test-update.json");
    assert_string_equal(t.cells[3], "val-update.json");
    same_count(t.cells[1], check_int(d->update.report, "counts", "questions", NULL),
               "A");
    same_count(t.cells[2], check_int(d->update.report, "counts", "clips", NULL), "A");
    same_count(
        t.cells[4],
        check_int(audit_of(d, "val-update.json")->report, "counts", "clips", NULL),
        "B");
    same_count(t.cells[5], check_int(video, "clips", NULL), "shared videos");
    same_count(t.cells[6], check_int(video, "questions", NULL), "rows in them");
    tsv_close(&t, 1);
}

/* The table counts by video alone; by media identity the two contradictions of v2 are
 * none, because their clips have other sounds. */
static void test_c00(void **state)
{
    struct data *d = *state;
    struct tsv t = tsv_open("consistency.tsv", true);
    assert_true(tsv_next(&t));
    assert_string_equal(t.cells[0], "C00");
    for (size_t c = 2; c < t.n; c++) {
        char cell[64];
        if (strchr(t.head[c], '+'))
            continue;
        const struct avqa_json *c00 =
            check_at(audit_of(d, t.head[c])->report, "consistency", "C00", NULL);
        snprintf(cell, sizeof cell, "%lld/%lld",
                 (long long)check_int(c00, "violations_ignoring_sound", NULL),
                 (long long)check_int(c00, "checkable_ignoring_sound", NULL));
        assert_string_equal(t.cells[c], cell);
        bool v2 = strcmp(t.head[c], "v2-test-bias.json") == 0;
        assert_int_equal(check_int(c00, "violations", NULL),
                         v2 ? 0 : number(t.cells[c]));
        assert_int_equal(check_int(c00, "checkable", NULL),
                         v2 ? 9119 : check_int(c00, "checkable_ignoring_sound", NULL));
    }
    tsv_close(&t, 1);
    const struct avqa_json *known = d->audits[KNOWN].report;
    assert_int_equal(check_int(known, "consistency", "C00", "violations", NULL), 139);
    assert_int_equal(check_int(known, "consistency", "C00", "checkable", NULL), 24088);
}

/* The table's column of two files as one. */
static void test_c00_of_two_files(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    char cell[64];
    struct tsv table = tsv_open("consistency.tsv", true);
    char *a = shared("data/music-avqa", "test-update.json");
    char *b = shared("data/music-avqa", "val-update.json");
    const char *const files[] = {a, b};
    struct avqa_import_counts counts = {0};
    struct avqa_import_config config = {.dataset = t.dataset,
                                        .files = files,
                                        .n_files = 2,
                                        .split = "both",
                                        .templates = t.template_path};
    assert_ok(avqa_import_music_avqa(&config, &counts));
    const struct avqa_json *c00 =
        check_at(tiny_audit(&t, "both", NULL), "consistency", "C00", NULL);
    snprintf(cell, sizeof cell, "%lld/%lld",
             (long long)check_int(c00, "violations", NULL),
             (long long)check_int(c00, "checkable", NULL));
    assert_true(tsv_next(&table));
    assert_string_equal(table.head[6], "test-update+val-update");
    assert_string_equal(table.cells[6], cell);
    tsv_close(&table, 1);
    free(a);
    free(b);
    tiny_free(&t);
}

static void test_doubled_ids(void **state)
{
    struct data *d = *state;
    static const int expected[N_FILES] = {55, 0, 27, 0, 56, 0, 0, 139};
    for (size_t f = 0; f < N_FILES; f++) {
        const struct avqa_json *dup = avqa_json_get(d->audits[f].report, "duplicates");
        assert_int_equal(check_int(dup, "question_ids", NULL), expected[f]);
        assert_int_equal(d->counts[f].questions, d->counts[f].rows);
    }
}

static void test_degenerate(void **state)
{
    struct data *d = *state;
    const struct avqa_json *g =
        avqa_json_get(audit_of(d, "test-update.json")->report, "degenerate");
    struct avqa_json *expected =
        check_parse("{\"same_object\": 11, \"same_place\": 2, \"two_at_one_place\": 3, "
                    "\"answer_repeats_slot\": {\"V05\": 34, \"X15\": 15, \"X19\": 13}, "
                    "\"middle_of\": {\"V05\": 39, \"X13\": 7}}");
    assert_true(check_same(g, expected));
    avqa_json_free(expected);
}

/* The shapes of v2: what has no place of its own is kept, so it comes out again. */
static void test_v2_shapes(void **state)
{
    struct data *d = *state;
    const struct avqa_audit *a = audit_of(d, "v2-test-bias.json");
    size_t no_number = 0;
    size_t other_sound = 0;
    for (size_t i = a->on.from; i < a->on.to; i++) {
        const struct avqa_audit_clip *c = &d->t.table.clips[d->t.table.rows[i].clip];
        no_number += d->t.table.numbers[i] == AVQA_AUDIT_NO_NUMBER;
        other_sound += c->sound != c->video;
        assert_false(d->t.table.rows[i].odd_type);
    }
    assert_int_equal(no_number, 600);
    assert_int_equal(other_sound, 29);
}

/* ---- manifest and export --------------------------------------------------------- */

static enum avqa_status count_odd(void *user, const struct avqa_clip *clip)
{
    size_t *n = user;
    n[0]++;
    n[1] += clip->method && strcmp(clip->method, "flip") == 0;
    n[2] += clip->duration_us != 60000000;
    return AVQA_OK;
}

static void test_manifest(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_catalog *cat;
    struct avqa_import_counts counts = {0};
    size_t n[3] = {0};
    char *file = shared("data/music-avqa", "v2-videos.csv");
    const char *const files[] = {file};
    struct avqa_import_config config = {
        .dataset = t.dataset, .files = files, .n_files = 1};
    assert_ok(avqa_import_videos(&config, &counts));
    assert_int_equal(counts.rows, 1040);
    assert_int_equal(counts.clips, 1230);
    assert_ok(avqa_dataset_open(&cat, t.dataset, AVQA_CATALOG_READ));
    assert_ok(avqa_clip_each(cat, count_odd, n));
    avqa_catalog_close(cat);
    assert_int_equal(n[0], 1230);
    assert_int_equal(n[1], 190);
    assert_in_range(n[2], 3, 6); /* three, and their flips if they have them */
    free(file);
    tiny_free(&t);
}

static bool same_bytes(const char *a, const char *b)
{
    struct avqa_buf x = check_read(a);
    struct avqa_buf y = check_read(b);
    bool same = x.len == y.len && memcmp(x.data, y.data, x.len) == 0;
    avqa_buf_release(&x);
    avqa_buf_release(&y);
    return same;
}

static void same_rows(const char *a, const char *b)
{
    struct avqa_rows *x;
    struct avqa_rows *y;
    const struct avqa_json *r;
    const struct avqa_json *s;
    assert_ok(avqa_rows_open(&x, a));
    assert_ok(avqa_rows_open(&y, b));
    do {
        assert_ok(avqa_rows_next(x, &r));
        assert_ok(avqa_rows_next(y, &s));
        if ((r || s) && !check_same(r, s))
            fail_msg("%s: row %lld differs", a, (long long)avqa_rows_number(x));
    } while (r && s);
    avqa_rows_close(x);
    avqa_rows_close(y);
}

/* Two of the files are laid out differently; all have the same rows, key by key. */
static void test_export(void **state)
{
    struct data *d = *state;
    char *out = avqa_io_join(d->t.folder, "out.json");
    for (size_t f = 0; f < N_FILES; f++) {
        int64_t rows;
        char *original = shared("data/music-avqa", names[f]);
        struct avqa_export_config config = {.dataset = d->t.dataset,
                                            .format = AVQA_EXPORT_MUSIC_AVQA,
                                            .split = names[f],
                                            .output = out};
        assert_ok(avqa_export(&config, &rows));
        assert_int_equal(rows, d->counts[f].rows);
        if (strncmp(names[f], "train", 5) == 0)
            same_rows(original, out);
        else if (!same_bytes(original, out))
            fail_msg("%s does not come out byte for byte", names[f]);
        free(original);
    }
    free(out);
}

/* ---- set up ---------------------------------------------------------------------- */

static void import_file(struct data *d, size_t f)
{
    char *path = shared("data/music-avqa", names[f]);
    const char *const files[] = {path};
    struct avqa_import_config config = {.dataset = d->t.dataset,
                                        .files = files,
                                        .n_files = 1,
                                        .split = names[f],
                                        .templates = d->t.template_path};
    assert_ok(avqa_import_music_avqa(&config, &d->counts[f]));
    free(path);
}

static void run(const struct data *d, struct avqa_audit *audit, const char *on,
                const char *against)
{
    struct avqa_audit_opts opts = AVQA_AUDIT_DEFAULTS;
    opts.split = on;
    opts.against = against;
    assert_ok(avqa_audit_run(audit, &d->t.table, "music-avqa", &opts));
}

static int setup(void **state)
{
    struct data *d = calloc(1, sizeof *d);
    struct avqa_catalog *cat;
    d->t = tiny_new();
    for (size_t f = 0; f < N_FILES; f++)
        import_file(d, f);
    assert_ok(avqa_dataset_open(&cat, d->t.dataset, AVQA_CATALOG_READ));
    assert_ok(avqa_audit_table_load(&d->t.table, cat));
    avqa_catalog_close(cat);
    for (size_t f = 0; f < N_FILES; f++)
        run(d, &d->audits[f], names[f], NULL);
    run(d, &d->update, "test-update.json", "val-update.json");
    run(d, &d->published, "test.json", "val.json");
    *state = d;
    return 0;
}

static int teardown(void **state)
{
    struct data *d = *state;
    for (size_t f = 0; f < N_FILES; f++)
        avqa_audit_release(&d->audits[f]);
    avqa_audit_release(&d->update);
    avqa_audit_release(&d->published);
    tiny_free(&d->t);
    free(d);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_answers),
                                       cmocka_unit_test(test_slots),
                                       cmocka_unit_test(test_templates),
                                       cmocka_unit_test(test_template_answers),
                                       cmocka_unit_test(test_slots_by_template),
                                       cmocka_unit_test(test_questions_per_video),
                                       cmocka_unit_test(test_first_words),
                                       cmocka_unit_test(test_priors),
                                       cmocka_unit_test(test_entropy),
                                       cmocka_unit_test(test_balance),
                                       cmocka_unit_test(test_dominant),
                                       cmocka_unit_test(test_head_tail),
                                       cmocka_unit_test(test_drift),
                                       cmocka_unit_test(test_leakage),
                                       cmocka_unit_test(test_c00),
                                       cmocka_unit_test(test_c00_of_two_files),
                                       cmocka_unit_test(test_doubled_ids),
                                       cmocka_unit_test(test_degenerate),
                                       cmocka_unit_test(test_v2_shapes),
                                       cmocka_unit_test(test_manifest),
                                       cmocka_unit_test(test_export)};
    char *path = shared("data/music-avqa", names[0]);
    bool there = avqa_io_exists(path);
    if (!there)
        printf("skipped: the published annotations are not there (%s)\n", path);
    free(path);
    return there ? cmocka_run_group_tests(tests, setup, teardown) : 77;
}
