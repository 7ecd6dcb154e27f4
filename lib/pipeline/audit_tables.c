/* A table is a JSON value from the start: the page reads it as it is, and the CSV files
 * are written from it (pipeline/audit_csv.h), so the two cannot differ. */
#include "pipeline/audit_tables.h"
#include "audit/balance.h"
#include "audit/counts.h"
#include "audit/drift.h"
#include "audit/words.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct column {
    const char *name, *kind;
};

static const char *const ids[] = {
    "comparison",  "templates",          "answers",  "answers-by-type", "slots",
    "first-words", "first-words-filled", "together", "drift",           "npmi",
    "deduction"};
enum { N_IDS = sizeof ids / sizeof *ids };

const char *avqa_audit_table_id(size_t i)
{
    return i < N_IDS ? ids[i] : NULL;
}

static bool is_known(const char *id)
{
    size_t i = 0;
    while (i < N_IDS && strcmp(ids[i], id) != 0)
        i++;
    return i < N_IDS;
}

/* Adds an empty table; returns its list of rows. */
static struct avqa_json *add_table(struct avqa_json *tables, const char *const head[3],
                                   const struct column *columns, size_t n)
{
    bool known = is_known(head[0]);
    assert(known); /* or an older one would stay */
    (void)known;
    struct avqa_json *t = avqa_json_put_object(tables, NULL);
    avqa_json_put_string(t, "id", head[0]);
    avqa_json_put_string(t, "title", head[1]);
    avqa_json_put_string(t, "caption", head[2]);
    struct avqa_json *list = avqa_json_put_array(t, "columns");
    for (size_t i = 0; i < n; i++) {
        struct avqa_json *c = avqa_json_put_object(list, NULL);
        avqa_json_put_string(c, "name", columns[i].name);
        avqa_json_put_string(c, "kind", columns[i].kind);
    }
    return avqa_json_put_array(t, "rows");
}

static void put_share(struct avqa_json *row, size_t n, size_t total)
{
    avqa_json_put_double(row, NULL, total ? (double)n / (double)total : 0);
}

static enum avqa_status templates_table(const struct avqa_audit *a,
                                        struct avqa_json *tables)
{
    static const char *const head[] = {
        "templates", "Templates",
        "Each template with its questions, how its answers are spread, and what always "
        "giving the commonest one gets right. Entropy in bits, and as a share of the "
        "most "
        "that so many answers allow."};
    static const struct column columns[] = {
        {"template", "text"},   {"modality", "text"},   {"type", "text"},
        {"text", "text"},       {"questions", "count"}, {"real", "count"},
        {"synthetic", "count"}, {"answers", "count"},   {"commonest", "text"},
        {"share", "percent"},   {"rarest", "percent"},  {"entropy", "number"},
        {"evenness", "percent"}};
    struct avqa_balance *list;
    size_t n;
    enum avqa_status rc = avqa_balance_templates(a, &list, &n);
    struct avqa_template_count *counts = avqa_count_templates(a);
    struct avqa_json *rows =
        add_table(tables, head, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        const struct avqa_template *t = &a->t->templates->items[list[i].template];
        struct avqa_json *r = avqa_json_put_array(rows, NULL);
        avqa_json_put_string(r, NULL, t->code);
        avqa_json_put_string(r, NULL, t->modality);
        avqa_json_put_string(r, NULL, t->type);
        avqa_json_put_string(r, NULL, t->text);
        avqa_json_put_int(r, NULL, list[i].n);
        avqa_json_put_int(r, NULL, counts[list[i].template].real);
        avqa_json_put_int(r, NULL, counts[list[i].template].synthetic);
        avqa_json_put_int(r, NULL, list[i].n_answers);
        avqa_json_put_string(r, NULL, avqa_audit_answer(a->t, list[i].majority));
        avqa_json_put_double(r, NULL, list[i].share);
        avqa_json_put_double(r, NULL, list[i].rarest_share);
        avqa_json_put_double(r, NULL, list[i].entropy);
        avqa_json_put_double(r, NULL, list[i].entropy_share);
    }
    free(list);
    free(counts);
    return rc;
}

/* What the rows of a range come to. */
struct size {
    int64_t questions, videos, templates, types, answers;
};

static enum avqa_status size_of(const struct avqa_audit_table *t,
                                struct avqa_audit_range range, struct size *out)
{
    struct avqa_tally y = {0};
    bool *seen = calloc((size_t)t->videos.n + t->answers.n + 1, sizeof *seen);
    if (!seen)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %u videos", t->videos.n);
    uint64_t n;
    *out = (struct size){.questions = (int64_t)(range.to - range.from)};
    for (size_t i = range.from; i < range.to; i++) {
        uint32_t video = t->clips[t->rows[i].clip].video;
        size_t answer = (size_t)t->videos.n + t->rows[i].answer;
        out->videos += !seen[video];
        out->answers += !seen[answer];
        seen[video] = seen[answer] = true;
    }
    free(seen);
    enum avqa_status rc = avqa_tally_rows(&y, t, range, AVQA_GROUP_TEMPLATE);
    for (size_t i = 0; rc == AVQA_OK && i < y.n; i = avqa_tally_group_end(&y, i, &n))
        out->templates++;
    avqa_tally_release(&y);
    if (rc == AVQA_OK)
        rc = avqa_tally_rows(&y, t, range, AVQA_GROUP_TYPE);
    for (size_t i = 0; rc == AVQA_OK && i < y.n; i = avqa_tally_group_end(&y, i, &n))
        out->types++;
    avqa_tally_release(&y);
    return rc;
}

static void size_row(struct avqa_json *rows, const char *name, const struct size *s)
{
    struct avqa_json *r = avqa_json_put_array(rows, NULL);
    avqa_json_put_string(r, NULL, name);
    avqa_json_put_int(r, NULL, s->questions);
    avqa_json_put_int(r, NULL, s->videos);
    avqa_json_put_double(r, NULL,
                         s->videos ? (double)s->questions / (double)s->videos : 0);
    avqa_json_put_int(r, NULL, s->templates);
    avqa_json_put_int(r, NULL, s->types);
    avqa_json_put_int(r, NULL, s->answers);
}

static enum avqa_status comparison_table(const struct avqa_audit *a,
                                         struct avqa_json *tables)
{
    static const char *const head[] = {
        "comparison", "Comparison",
        ("Every split of this dataset, all of it, and what was published with the same "
         "templates. Templates, types and answers: those that occur.")};
    static const struct column columns[] = {
        {"dataset", "text"},     {"questions", "count"}, {"videos", "count"},
        {"per video", "number"}, {"templates", "count"}, {"types", "count"},
        {"answers", "count"}};
    struct size s;
    enum avqa_status rc = AVQA_OK;
    struct avqa_json *rows =
        add_table(tables, head, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; rc == AVQA_OK && i < a->t->n_splits; i++) {
        rc = size_of(a->t, a->t->split_ranges[i], &s);
        if (rc == AVQA_OK)
            size_row(rows, a->t->splits[i], &s);
    }
    if (rc == AVQA_OK)
        rc = size_of(a->t, (struct avqa_audit_range){0, a->t->n_rows}, &s);
    if (rc == AVQA_OK)
        size_row(rows, a->dataset, &s);
    for (size_t i = 0; rc == AVQA_OK && i < a->t->templates->n_published; i++) {
        const struct avqa_published *p = &a->t->templates->published[i];
        s = (struct size){p->questions, p->videos, p->templates, p->types, p->answers};
        size_row(rows, p->name, &s);
    }
    return rc;
}

static void answers_table(const struct avqa_audit *a, struct avqa_json *tables)
{
    static const char *const head[] = {"answers", "Answers",
                                       "How often each answer is given."};
    static const struct column columns[] = {
        {"answer", "text"}, {"questions", "count"}, {"share", "percent"}};
    const struct avqa_tally *y = &a->tallies[AVQA_GROUP_ALL];
    struct avqa_json *rows =
        add_table(tables, head, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < y->n; i++) {
        struct avqa_json *r = avqa_json_put_array(rows, NULL);
        avqa_json_put_string(r, NULL, avqa_audit_answer(a->t, y->cells[i].answer));
        avqa_json_put_int(r, NULL, y->cells[i].n);
        put_share(r, y->cells[i].n, y->total);
    }
}

static void types_table(const struct avqa_audit *a, struct avqa_json *tables)
{
    static const char *const head[] = {"answers-by-type", "Answers by question type",
                                       ("Answers of each type, and whether they are "
                                        "head (more frequent than 1 + alpha "
                                        "times the mean of their type) or tail.")};
    static const struct column columns[] = {{"type", "text"},
                                            {"answer", "text"},
                                            {"questions", "count"},
                                            {"share", "percent"},
                                            {"part", "text"}};
    const struct avqa_tally *y = &a->tallies[AVQA_GROUP_TYPE];
    struct avqa_json *rows =
        add_table(tables, head, columns, sizeof columns / sizeof *columns);
    uint64_t n;
    for (size_t i = 0; i < y->n;) {
        size_t end = avqa_tally_group_end(y, i, &n);
        double bound = avqa_head_bound(a, n, end - i);
        for (; i < end; i++) {
            const struct avqa_tally_cell *c = &y->cells[i];
            struct avqa_json *r = avqa_json_put_array(rows, NULL);
            avqa_json_put_string(r, NULL, a->t->templates->items[c->group].label);
            avqa_json_put_string(r, NULL, avqa_audit_answer(a->t, c->answer));
            avqa_json_put_int(r, NULL, c->n);
            put_share(r, c->n, n);
            avqa_json_put_string(r, NULL, c->n > bound ? "head" : "tail");
        }
    }
}

static enum avqa_status slots_table(const struct avqa_audit *a,
                                    struct avqa_json *tables)
{
    static const char *const head[] = {
        "slots", "Slots", "What the slots of the templates are filled with."};
    static const struct column columns[] = {
        {"slot", "text"}, {"value", "text"}, {"questions", "count"}};
    struct avqa_slot_count *list;
    size_t n;
    enum avqa_status rc = avqa_count_slots(a, &list, &n);
    struct avqa_json *rows =
        add_table(tables, head, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        struct avqa_json *r = avqa_json_put_array(rows, NULL);
        avqa_json_put_string(r, NULL, list[i].slot);
        avqa_json_put_string(r, NULL, avqa_audit_word(a->t, list[i].word));
        avqa_json_put_int(r, NULL, list[i].n);
    }
    free(list);
    return rc;
}

static enum avqa_status beginnings_table(const struct avqa_audit *a,
                                         struct avqa_json *tables, bool filled)
{
    static const char *const heads[2][3] = {
        {"first-words", "First words",
         "How questions begin, with slots as they stand in the templates."},
        {"first-words-filled", "First words, slots filled in",
         "How questions begin as they are read."}};
    static const struct column columns[] = {
        {"first words", "text"}, {"questions", "count"}, {"share", "percent"}};
    struct avqa_beginnings list = {0};
    struct avqa_buf text = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_beginnings_collect(&list, a, filled);
    struct avqa_json *rows =
        add_table(tables, heads[filled], columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; rc == AVQA_OK && i < list.n; i++) {
        struct avqa_json *r = avqa_json_put_array(rows, NULL);
        avqa_buf_clear(&text);
        for (size_t w = 0; w < list.items[i].n_words; w++)
            avqa_buf_addf(&text, "%s%s", w ? " " : "", list.items[i].words[w]);
        avqa_json_put_string(r, NULL, avqa_buf_str(&text));
        avqa_json_put_int(r, NULL, list.items[i].n);
        put_share(r, list.items[i].n, a->on.to - a->on.from);
    }
    avqa_buf_release(&text);
    avqa_beginnings_release(&list);
    return rc;
}

static enum avqa_status together_table(const struct avqa_audit *a,
                                       struct avqa_json *tables)
{
    static const char *const head[] = {
        "together", "Named together",
        "In how many videos two things are named together, by questions that are not "
        "denied or by answers. A thing with itself: the videos that name it. If more "
        "than 200 things are named, the 200 that most videos name."};
    static const struct column columns[] = {
        {"one", "text"}, {"other", "text"}, {"videos", "count"}};
    struct avqa_together together;
    if (!avqa_objects_domain(a->t->templates))
        return AVQA_OK;
    enum avqa_status rc = avqa_count_together(a, &together);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_json *rows =
        add_table(tables, head, columns, sizeof columns / sizeof *columns);
    for (size_t x = 0; x < together.n; x++) {
        for (size_t y = x; y < together.n; y++) {
            struct avqa_json *r;
            if (together.counts[x * together.n + y] == 0)
                continue;
            r = avqa_json_put_array(rows, NULL);
            avqa_json_put_string(r, NULL, together.objects[x]);
            avqa_json_put_string(r, NULL, together.objects[y]);
            avqa_json_put_int(r, NULL, together.counts[x * together.n + y]);
        }
    }
    avqa_together_release(&together);
    return AVQA_OK;
}

static enum avqa_status drift_table(const struct avqa_audit *a,
                                    struct avqa_json *tables)
{
    static const char *const head[] = {"drift", "Drift",
                                       "Shares of every value in the two splits."};
    const struct column columns[] = {{"field", "text"},
                                     {"value", "text"},
                                     {a->opts.split ? a->opts.split : "all", "count"},
                                     {a->opts.against, "count"},
                                     {"share", "percent"},
                                     {"other share", "percent"},
                                     {"difference", "percent"}};
    struct avqa_drift_field *list;
    size_t n;
    enum avqa_status rc = avqa_drift_fields_collect(a, &list, &n);
    struct avqa_json *rows =
        add_table(tables, head, columns, sizeof columns / sizeof *columns);
    for (size_t f = 0; rc == AVQA_OK && f < n; f++) {
        for (size_t v = 0; v < list[f].n; v++) {
            const struct avqa_drift_cell *c = &list[f].values[v];
            double on = list[f].n_on ? (double)c->on / (double)list[f].n_on : 0;
            double against =
                list[f].n_against ? (double)c->against / (double)list[f].n_against : 0;
            struct avqa_json *r = avqa_json_put_array(rows, NULL);
            avqa_json_put_string(r, NULL, list[f].field);
            avqa_json_put_string(r, NULL, c->value);
            avqa_json_put_int(r, NULL, (int64_t)c->on);
            avqa_json_put_int(r, NULL, (int64_t)c->against);
            avqa_json_put_double(r, NULL, on);
            avqa_json_put_double(r, NULL, against);
            avqa_json_put_double(r, NULL, on - against);
        }
    }
    avqa_drift_fields_release(list, n);
    return rc;
}

static void npmi_table(const struct avqa_audit *a, struct avqa_json *tables)
{
    static const char *const head[] = {
        "npmi", "Words that give the answer away",
        ("Normalised pointwise mutual information of a word in the question and the "
         "answer: 1 always together, 0 independent. Pairs of at least 10 questions.")};
    static const struct column columns[] = {{"word", "text"},
                                            {"answer", "text"},
                                            {"questions", "count"},
                                            {"nPMI", "number"}};
    const struct avqa_json *text =
        avqa_json_get(avqa_json_get(a->report, "dataset"), "text");
    struct avqa_json *rows =
        add_table(tables, head, columns, sizeof columns / sizeof *columns);
    const struct avqa_json *p = avqa_json_first(avqa_json_get(text, "npmi"));
    for (; p; p = avqa_json_next(p)) {
        struct avqa_json *r = avqa_json_put_array(rows, NULL);
        for (const struct avqa_json *v = avqa_json_first(p); v; v = avqa_json_next(v))
            avqa_json_put_copy(r, NULL, v);
    }
}

/* None where nothing could be deduced from. */
static void deduction_table(const struct avqa_audit *a, struct avqa_json *tables)
{
    static const char *const head[] = {
        "deduction", "Leakage by deduction",
        ("Questions about clips that other splits ask about too, how many of their "
         "answers follow from what is answered there, and how many of these are the "
         "answers given.")};
    static const struct column columns[] = {{"template", "text"},
                                            {"questions", "count"},
                                            {"follow", "count"},
                                            {"share", "percent"},
                                            {"right", "count"}};
    const struct avqa_json *deduction =
        avqa_json_get(avqa_json_get(a->report, "leakage"), "deduction");
    const struct avqa_json *t =
        avqa_json_first(avqa_json_get(deduction, "by_template"));
    if (!t)
        return;
    struct avqa_json *rows =
        add_table(tables, head, columns, sizeof columns / sizeof *columns);
    for (; t; t = avqa_json_next(t)) {
        struct avqa_json *r = avqa_json_put_array(rows, NULL);
        int64_t questions = 0;
        int64_t deducible = 0;
        avqa_json_int(avqa_json_get(t, "questions"), &questions);
        avqa_json_int(avqa_json_get(t, "deducible"), &deducible);
        avqa_json_put_string(r, NULL, avqa_json_key(t));
        avqa_json_put_int(r, NULL, questions);
        avqa_json_put_int(r, NULL, deducible);
        put_share(r, (size_t)deducible, (size_t)questions);
        avqa_json_put_copy(r, NULL, avqa_json_get(t, "right"));
    }
}

enum avqa_status avqa_audit_tables(struct avqa_json **tables,
                                   const struct avqa_audit *a)
{
    struct avqa_json *list = *tables = avqa_json_new_array();
    enum avqa_status rc = comparison_table(a, list);
    if (rc == AVQA_OK)
        rc = templates_table(a, list);
    answers_table(a, list);
    types_table(a, list);
    if (rc == AVQA_OK)
        rc = slots_table(a, list);
    if (rc == AVQA_OK)
        rc = beginnings_table(a, list, false);
    if (rc == AVQA_OK)
        rc = beginnings_table(a, list, true);
    if (rc == AVQA_OK)
        rc = together_table(a, list);
    if (rc == AVQA_OK && a->has_against)
        rc = drift_table(a, list);
    deduction_table(a, list);
    npmi_table(a, list);
    return rc;
}
