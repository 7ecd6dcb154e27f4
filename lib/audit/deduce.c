/* The answers of the other splits about a clip are taken as true, and every word that
 * the question may be answered with is tried against them. First only what breaks a
 * rule of logic is excluded; if that leaves more than one word, presuppositions exclude
 * too, then readings. How bad a finding is, is the kind of rule it took.
 *
 * Most questions are done after two words, because none of them breaks anything. What
 * an answer follows from is found by leaving rows out for as long as it still follows;
 * if none is left, the question answers itself and nothing leaks.
 */
#include "audit/deduce.h"
#include "audit/trial.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum {
    N_KINDS = AVQA_RULE_READING + 1,
    MAX_NAMED_RULES = 8,
    MAX_NAMED_ROWS = 3,
    CLIPS_PER_STOP = 64,
};

struct counts {
    int64_t questions, deducible, right;
};

/* What follows, if anything does. */
struct conclusion {
    const char *answer; /* NULL: nothing */
    enum avqa_rule_kind kind;
};

/* Rows that are taken as true. */
struct premises {
    uint32_t rows[AVQA_RULE_TRIAL_MAX_ROWS];
    size_t n;
};

struct deduction {
    const struct avqa_audit *a;
    struct avqa_rule_trial *trial;
    struct avqa_findings findings;
    uint32_t *rows; /* all that matter, by clip, then in the order of the table */
    size_t *clips;  /* by clip: where its rows begin; n_clips + 1 */
    struct premises premises;
    struct counts total;
    struct counts by_kind[N_KINDS];
    struct counts *by_template;
    int64_t *by_rule;    /* of the template file; the last one is C00 */
    int64_t n_too_large; /* clips with too many rows to deduce from */
};

/* ---- rows by clip ---------------------------------------------------------------- */

static bool is_in(struct avqa_audit_range range, size_t row)
{
    return row >= range.from && row < range.to;
}

/* Whether anything is deduced from a row, or the row itself. */
static bool matters(const struct avqa_audit *a, size_t row)
{
    return !a->has_against || is_in(a->on, row) || is_in(a->against, row);
}

/* By counting: the rows of a table stand by split, and do so within a clip. */
static enum avqa_status group_rows(struct deduction *d)
{
    const struct avqa_audit_table *t = d->a->t;
    d->rows = calloc(t->n_rows + 1, sizeof *d->rows);
    d->clips = calloc(t->n_clips + 2, sizeof *d->clips);
    if (!d->rows || !d->clips)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu rows", t->n_rows);
    size_t *next = d->clips + 1; /* until all rows are in, begins one clip later */
    for (size_t i = 0; i < t->n_rows; i++)
        next[t->rows[i].clip + 1] += matters(d->a, i);
    for (size_t c = 0; c < t->n_clips; c++)
        next[c + 1] += next[c];
    for (size_t i = 0; i < t->n_rows; i++) {
        if (matters(d->a, i))
            d->rows[next[t->rows[i].clip]++] = (uint32_t)i;
    }
    return AVQA_OK;
}

/* ---- trying answers -------------------------------------------------------------- */

/* A word that an earlier answer domain has too is one answer. */
static bool is_repeated(const struct avqa_template *t, size_t domain, const char *word)
{
    return avqa_template_answer_domain(t, word) != t->answers[domain];
}

typedef bool word_fn(void *user, const char *word, const struct avqa_rule_break *b);

/* Gives every word that the question in hand may be answered with, and what it breaks,
 * for as long as `each` wants more. */
static enum avqa_status try_words(const struct deduction *d,
                                  const struct avqa_template *t, word_fn *each,
                                  void *user)
{
    const struct avqa_rules *rules = d->a->t->templates->rules;
    for (size_t i = 0; i < t->n_answers; i++) {
        for (size_t v = 0; v < t->answers[i]->n_values; v++) {
            const char *text = t->answers[i]->values[v];
            struct avqa_rule_word word;
            struct avqa_rule_break broken;
            if (is_repeated(t, i, text) ||
                !avqa_rules_word(rules, t->answers[i], text, &word))
                continue;
            enum avqa_status rc = avqa_rule_trial_answer(&broken, d->trial, &word);
            if (rc != AVQA_OK)
                return rc;
            if (!each(user, text, &broken))
                return AVQA_OK;
        }
    }
    return AVQA_OK;
}

/* By kind of rule: how many words are left if rules up to this kind exclude, and the
 * last of them. */
struct left {
    size_t n[N_KINDS];
    const char *word[N_KINDS];
    size_t n_free;
};

static bool count_left(void *user, const char *word, const struct avqa_rule_break *b)
{
    struct left *left = user;
    size_t kind = b->rule ? (size_t)b->kind : N_KINDS;
    left->n_free += !b->rule;
    for (size_t k = 0; k < kind; k++) {
        left->n[k]++;
        left->word[k] = word;
    }
    return left->n_free < 2;
}

/* What the rows taken as true say to the question of a row. */
static enum avqa_status conclude(struct conclusion *out, const struct deduction *d,
                                 uint32_t row)
{
    struct left left = {0};
    *out = (struct conclusion){0};
    if (!avqa_rule_trial_ask(d->trial, row))
        return AVQA_OK;
    enum avqa_status rc = try_words(
        d, avqa_audit_template(d->a->t, &d->a->t->rows[row]), count_left, &left);
    size_t kind = 0;
    while (kind < N_KINDS && left.n[kind] > 1)
        kind++;
    if (kind < N_KINDS)
        *out = (struct conclusion){left.word[kind], (enum avqa_rule_kind)kind};
    return rc;
}

/* ---- the fewest premises --------------------------------------------------------- */

/* Whether the answer still follows, by rules no weaker, from these rows. */
static enum avqa_status follows(bool *out, const struct deduction *d, uint32_t row,
                                const struct conclusion *c, const struct premises *p)
{
    struct conclusion less = {0};
    enum avqa_status rc = avqa_rule_trial_suppose(d->trial, p->rows, p->n);
    if (rc == AVQA_OK)
        rc = conclude(&less, d, row);
    *out = less.answer && strcmp(less.answer, c->answer) == 0 && less.kind <= c->kind;
    return rc;
}

/* Leaves premises out for as long as the answer follows: half of them at a time, a
 * quarter, and so on to single ones. The rest is what is taken as true then. */
static enum avqa_status find_needed(struct deduction *d, uint32_t row,
                                    const struct conclusion *c, struct premises *needed)
{
    struct premises fewer;
    enum avqa_status rc = AVQA_OK;
    *needed = d->premises;
    for (size_t size = (needed->n + 1) / 2; rc == AVQA_OK && size > 0; size /= 2) {
        for (size_t i = 0; rc == AVQA_OK && i < needed->n;) {
            size_t end = needed->n - i < size ? needed->n : i + size;
            bool still;
            fewer = *needed;
            memmove(fewer.rows + i, fewer.rows + end,
                    (needed->n - end) * sizeof *fewer.rows);
            fewer.n -= end - i;
            rc = follows(&still, d, row, c, &fewer);
            if (still)
                *needed = fewer;
            else
                i = end;
        }
    }
    return rc == AVQA_OK ? avqa_rule_trial_suppose(d->trial, needed->rows, needed->n)
                         : rc;
}

/* ---- findings -------------------------------------------------------------------- */

/* The rules by which the other words are excluded, each once, in order. */
struct excluding {
    const struct conclusion *conclusion;
    const char *rules[MAX_NAMED_RULES];
    size_t n;
};

static bool add_rule(void *user, const char *word, const struct avqa_rule_break *b)
{
    struct excluding *e = user;
    size_t i = 0;
    (void)word;
    if (!b->rule || b->kind > e->conclusion->kind)
        return true;
    while (i < e->n && strcmp(e->rules[i], b->rule) < 0)
        i++;
    if ((i < e->n && strcmp(e->rules[i], b->rule) == 0) || e->n == MAX_NAMED_RULES)
        return true;
    memmove(e->rules + i + 1, e->rules + i, (e->n++ - i) * sizeof(const char *));
    e->rules[i] = b->rule;
    return true;
}

static void count_rules(struct deduction *d, const struct excluding *e)
{
    const struct avqa_rules *rules = d->a->t->templates->rules;
    for (size_t i = 0; i < e->n; i++) {
        size_t r = 0;
        while (r < rules->n && strcmp(rules->rules[r].id, e->rules[i]) != 0)
            r++;
        d->by_rule[r]++;
    }
}

/* "val#17 ("How many ...?" "two")" and so on, and by which rules. */
static enum avqa_status add_reasons(struct avqa_buf *out, const struct deduction *d,
                                    const struct premises *needed,
                                    const struct excluding *e)
{
    const struct avqa_audit_table *t = d->a->t;
    enum avqa_status rc = AVQA_OK;
    size_t n = needed->n;
    for (size_t i = 0; rc == AVQA_OK && i < n && i < MAX_NAMED_ROWS; i++) {
        const struct avqa_audit_row *row = &t->rows[needed->rows[i]];
        avqa_buf_adds(out, i == 0 ? "" : i + 1 == n ? " and " : ", ");
        avqa_row_reference(out, t, needed->rows[i]);
        avqa_buf_adds(out, " (\"");
        rc = avqa_audit_fill(out, t, row);
        avqa_buf_addf(out, "\" \"%s\")", avqa_audit_answer(t, row->answer));
    }
    if (n > MAX_NAMED_ROWS)
        avqa_buf_addf(out, " and %zu more", n - MAX_NAMED_ROWS);
    avqa_buf_adds(out, e->n == 1 ? " by rule " : " by rules ");
    for (size_t i = 0; i < e->n; i++)
        avqa_buf_addf(out, "%s%s",
                      i == 0          ? ""
                      : i + 1 == e->n ? " and "
                                      : ", ",
                      e->rules[i]);
    return rc == AVQA_OK ? avqa_buf_status(out) : rc;
}

static const enum avqa_severity severities[N_KINDS] = {[AVQA_RULE_LOGIC] = AVQA_ERROR,
                                                       [AVQA_RULE_PRESUPPOSITION] =
                                                           AVQA_WARNING,
                                                       [AVQA_RULE_READING] = AVQA_NOTE};

static enum avqa_status report(struct deduction *d, uint32_t row,
                               const struct conclusion *c,
                               const struct premises *needed, const struct excluding *e)
{
    const struct avqa_audit_table *t = d->a->t;
    const char *given = avqa_audit_answer(t, t->rows[row].answer);
    struct avqa_buf clip = AVQA_BUF_INIT;
    struct avqa_buf question = AVQA_BUF_INIT;
    struct avqa_buf reasons = AVQA_BUF_INIT;
    avqa_audit_name_clip(&clip, t, t->rows[row].clip);
    enum avqa_status rc = avqa_audit_fill(&question, t, &t->rows[row]);
    if (rc == AVQA_OK)
        rc = add_reasons(&reasons, d, needed, e);
    if (strcmp(given, c->answer) != 0)
        avqa_buf_addf(&reasons, ", but the answer given is \"%s\"", given);
    if (rc == AVQA_OK)
        rc = avqa_buf_status(&reasons);
    if (rc == AVQA_OK)
        rc = avqa_buf_status(&clip);
    if (rc == AVQA_OK) {
        struct avqa_finding *f = avqa_finding_add(
            &d->findings, "leakage_deduction", severities[c->kind],
            "%s: \"%s\" to \"%s\" follows from %s", avqa_buf_str(&clip), c->answer,
            avqa_buf_str(&question), avqa_buf_str(&reasons));
        avqa_finding_row(f, t, row);
        for (size_t i = 0; i < needed->n; i++)
            avqa_finding_row(f, t, needed->rows[i]);
    }
    avqa_buf_release(&clip);
    avqa_buf_release(&question);
    avqa_buf_release(&reasons);
    return rc;
}

/* ---- clips ----------------------------------------------------------------------- */

static void count(struct counts *n, bool right)
{
    n->deducible++;
    n->right += right;
}

/* A row whose answer follows from the premises at hand, which are lost over it. */
static enum avqa_status take_deducible(struct deduction *d, uint32_t row,
                                       const struct conclusion *c)
{
    const struct avqa_audit_table *t = d->a->t;
    struct premises needed;
    struct excluding e = {.conclusion = c};
    enum avqa_status rc = find_needed(d, row, c, &needed);
    if (rc != AVQA_OK || needed.n == 0)
        return rc;
    if (avqa_rule_trial_ask(d->trial, row))
        rc = try_words(d, avqa_audit_template(t, &t->rows[row]), add_rule, &e);
    if (rc != AVQA_OK)
        return rc;
    bool right = strcmp(avqa_audit_answer(t, t->rows[row].answer), c->answer) == 0;
    count(&d->total, right);
    count(&d->by_kind[c->kind], right);
    count(&d->by_template[t->rows[row].template], right);
    count_rules(d, &e);
    return d->findings.n < AVQA_DEDUCE_MAX_FINDINGS ? report(d, row, c, &needed, &e)
                                                    : AVQA_OK;
}

/* The rows from `from` to `to`, of one clip and split, against the premises. */
static enum avqa_status deduce_rows(struct deduction *d, size_t from, size_t to)
{
    enum avqa_status rc =
        avqa_rule_trial_suppose(d->trial, d->premises.rows, d->premises.n);
    for (size_t i = from; rc == AVQA_OK && i < to; i++) {
        struct conclusion c;
        rc = conclude(&c, d, d->rows[i]);
        if (rc != AVQA_OK || !c.answer)
            continue;
        rc = take_deducible(d, d->rows[i], &c);
        if (rc == AVQA_OK)
            rc = avqa_rule_trial_suppose(d->trial, d->premises.rows, d->premises.n);
    }
    return rc;
}

/* Takes what other splits answer about the clip; false if that is too much. */
static bool take_premises(struct deduction *d, size_t clip, size_t from, size_t to)
{
    d->premises.n = 0;
    for (size_t i = d->clips[clip]; i < d->clips[clip + 1]; i++) {
        if (i >= from && i < to)
            continue;
        if (d->premises.n == AVQA_RULE_TRIAL_MAX_ROWS)
            return false;
        d->premises.rows[d->premises.n++] = d->rows[i];
    }
    return true;
}

static enum avqa_status deduce_clip(struct deduction *d, size_t clip)
{
    const struct avqa_audit_row *rows = d->a->t->rows;
    enum avqa_status rc = AVQA_OK;
    bool too_large = false;
    size_t end;
    for (size_t i = d->clips[clip]; rc == AVQA_OK && i < d->clips[clip + 1]; i = end) {
        end = i;
        while (end < d->clips[clip + 1] &&
               rows[d->rows[end]].split == rows[d->rows[i]].split)
            end++;
        if (!is_in(d->a->on, d->rows[i]))
            continue;
        bool fits = take_premises(d, clip, i, end);
        too_large = too_large || !fits;
        if (!fits || d->premises.n == 0)
            continue;
        d->total.questions += (int64_t)(end - i);
        for (size_t k = i; k < end; k++)
            d->by_template[rows[d->rows[k]].template].questions++;
        rc = deduce_rows(d, i, end);
    }
    d->n_too_large += too_large;
    return rc;
}

static enum avqa_status deduce_clips(struct deduction *d)
{
    size_t n = d->a->t->n_clips;
    enum avqa_status rc = AVQA_OK;
    for (size_t c = 0; rc == AVQA_OK && c < n; c++) {
        if (c % CLIPS_PER_STOP == 0 && avqa_log_stopped(d->a->opts.log))
            return avqa_fail(AVQA_ESTOPPED, "stopped; no report was written");
        rc = deduce_clip(d, c);
    }
    return rc;
}

/* ---- report ---------------------------------------------------------------------- */

static void put_counts(struct avqa_json *out, const struct counts *n)
{
    avqa_json_put_int(out, "deducible", n->deducible);
    avqa_json_put_int(out, "right", n->right);
}

static void put_deduction(const struct deduction *d, struct avqa_json *out)
{
    static const char *const kinds[N_KINDS] = {[AVQA_RULE_LOGIC] = "logic",
                                               [AVQA_RULE_PRESUPPOSITION] =
                                                   "presupposition",
                                               [AVQA_RULE_READING] = "reading"};
    const struct avqa_templates *t = d->a->t->templates;
    struct avqa_json *o = avqa_json_put_object(out, "deduction");
    avqa_json_put_int(o, "questions", d->total.questions);
    put_counts(o, &d->total);
    struct avqa_json *list = avqa_json_put_object(o, "by_kind");
    for (size_t k = 0; k < N_KINDS; k++)
        put_counts(avqa_json_put_object(list, kinds[k]), &d->by_kind[k]);
    list = avqa_json_put_object(o, "by_rule");
    if (d->by_rule[t->rules->n])
        avqa_json_put_int(list, "C00", d->by_rule[t->rules->n]);
    for (size_t r = 0; r < t->rules->n; r++) {
        if (d->by_rule[r])
            avqa_json_put_int(list, t->rules->rules[r].id, d->by_rule[r]);
    }
    list = avqa_json_put_object(o, "by_template");
    for (size_t i = 0; i < t->n; i++) {
        if (d->by_template[i].questions == 0)
            continue;
        struct avqa_json *n = avqa_json_put_object(list, t->items[i].code);
        avqa_json_put_int(n, "questions", d->by_template[i].questions);
        put_counts(n, &d->by_template[i]);
    }
}

/* What there is no finding of its own for. */
static void report_rest(struct deduction *d)
{
    int64_t listed = (int64_t)d->findings.n;
    if (d->total.deducible > listed)
        avqa_finding_add(&d->findings, "leakage_deduction", AVQA_NOTE,
                         "and %lld more answer%s from answers in other splits",
                         (long long)(d->total.deducible - listed),
                         d->total.deducible - listed == 1 ? " follows" : "s follow");
    if (d->n_too_large)
        avqa_finding_add(&d->findings, "leakage_deduction", AVQA_NOTE,
                         "%lld clip%s more than %d questions in other splits; nothing "
                         "was deduced about %s",
                         (long long)d->n_too_large,
                         d->n_too_large == 1 ? " has" : "s have",
                         AVQA_RULE_TRIAL_MAX_ROWS, d->n_too_large == 1 ? "it" : "them");
}

/* One sentence for all, before the findings. */
static void report_total(const struct deduction *d, struct avqa_findings *findings)
{
    const struct counts *n = &d->total;
    if (n->deducible)
        avqa_finding_add(
            findings, "leakage_deduction", AVQA_NOTE,
            "of %lld question%s about clips that %s%s%s too, the answers of %lld "
            "(%.1f %%) follow from what is answered there; %lld of these %s given here",
            (long long)n->questions, avqa_text_plural(n->questions),
            d->a->has_against ? "'" : "other splits have",
            d->a->has_against ? d->a->opts.against : "",
            d->a->has_against ? "' has" : "", (long long)n->deducible,
            100.0 * (double)n->deducible / (double)n->questions, (long long)n->right,
            n->right == 1 ? "is the answer" : "are the answers");
}

enum avqa_status avqa_deduce(const struct avqa_audit *a, struct avqa_check_out *out)
{
    const struct avqa_templates *t = a->t->templates;
    if (!t->rules) {
        avqa_json_put_null(out->json, "deduction");
        return AVQA_OK;
    }
    struct deduction d = {.a = a, .trial = avqa_rule_trial_new(a)};
    d.by_template = avqa_mem_new((t->n + 1) * sizeof *d.by_template);
    d.by_rule = avqa_mem_new((t->rules->n + 1) * sizeof *d.by_rule);
    enum avqa_status rc = AVQA_OK;
    if (a->t->n_splits > 1)
        rc = group_rows(&d);
    if (rc == AVQA_OK && d.clips)
        rc = deduce_clips(&d);
    report_rest(&d);
    report_total(&d, &out->findings);
    avqa_findings_move(&out->findings, &d.findings);
    put_deduction(&d, out->json);
    avqa_rule_trial_free(d.trial);
    free(d.rows);
    free(d.clips);
    free(d.by_template);
    free(d.by_rule);
    return rc;
}
