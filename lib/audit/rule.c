/* Clips are judged one after the other, out of one set of buffers: the rows of a clip
 * as symbols, chained by template, and for each witness how many rows attest a symbol.
 * A clip costs what its own rows and their combinations cost, so the whole is linear in
 * clips.
 *
 * The rows of a finding are found by leaving out one witnessing row after the other for
 * as long as the rule stays broken. */
#include "audit/rule.h"
#include "audit/rederive.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ROWS = AVQA_RULE_MAX_CLIP_ROWS, NONE = UINT16_MAX };

struct row {
    const struct avqa_template *template;
    struct avqa_rule_word answer;
    struct avqa_rule_word slots[AVQA_TEMPLATE_MAX_SLOTS];
    uint32_t number; /* in the table */
    uint16_t next;   /* of the same template, or NONE */
    size_t attested; /* where what it attests begins; it goes on to the next row's */
};

/* What a row attests to a witness. */
struct attested {
    uint32_t symbol;
    uint16_t row;
    uint16_t set;
};

struct witness {
    uint32_t *rows;   /* by symbol: how many rows attest it */
    int64_t distinct; /* symbols with any */
};

struct judge {
    const struct avqa_audit *a;
    const struct avqa_rules *rules;
    const uint8_t *verdicts; /* by row of the table, or NULL */
    struct avqa_rule_result *results;
    struct avqa_findings *findings; /* by rule */
    int64_t *in_clip;               /* by rule: violations of the clip in hand */
    struct row rows[MAX_ROWS + 1];  /* the last one only ends what is attested */
    size_t n_rows;
    uint16_t *first; /* by template: its first row, or NONE */
    struct witness witnesses[AVQA_WITNESSES_MAX];
    struct attested *attested;
    size_t n_attested, cap_attested;
    const struct row *bound[AVQA_RULE_MAX_ROWS];
    void (*take)(struct judge *j, const struct avqa_rule_case *c); /* all bound */
    bool ignoring_sound;           /* all rows of a picture */
    bool both;                     /* the clip is the picture's only one */
    int64_t n_too_large;           /* clips with too many rows */
    const struct row *asked;       /* the question in hand, first of its template */
    size_t n_premised;             /* of what is attested; the question adds the rest */
    struct avqa_rule_break broken; /* by the question */
};

/* ---- evaluating ------------------------------------------------------------------ */

/* Declared ahead because words, numbers and truths hold each other. */
static bool is_true(const struct judge *j, const struct avqa_condition *c);
static int64_t number_of(const struct judge *j, const struct avqa_condition *c);

/* The word of a row itself, with its place in its domain. */
static const struct avqa_rule_word *row_word(const struct judge *j,
                                             const struct avqa_condition *c)
{
    const struct row *row = j->bound[c->row];
    return c->op == AVQA_CONDITION_OP_SLOT ? &row->slots[c->slot] : &row->answer;
}

static uint32_t symbol_of(const struct judge *j, const struct avqa_condition *c)
{
    uint32_t symbol;
    switch (c->op) {
    case AVQA_CONDITION_OP_STRING:
        return c->symbol;
    case AVQA_CONDITION_OP_IF:
        return symbol_of(j, c->args[is_true(j, c->args[0]) ? 1 : 2]);
    case AVQA_CONDITION_OP_FORM:
        symbol = symbol_of(j, c->args[1]);
        if (number_of(j, c->args[0]) == 1 || symbol >= j->rules->n_plurals)
            return symbol;
        return j->rules->plurals[symbol];
    default:
        return row_word(j, c)->symbol;
    }
}

static bool set_has(const struct judge *j, const struct avqa_condition *set,
                    uint32_t symbol)
{
    if (set->op == AVQA_CONDITION_OP_WITHOUT && symbol_of(j, set->args[1]) == symbol)
        return false;
    return j->witnesses[set->set].rows[symbol] > 0;
}

/* Counting ends where the words for numbers end: "more than ten" may be any more. */
static int64_t count(const struct judge *j, const struct avqa_condition *set)
{
    int64_t n = j->witnesses[set->set].distinct;
    if (set->op == AVQA_CONDITION_OP_WITHOUT)
        n -= j->witnesses[set->set].rows[symbol_of(j, set->args[1])] > 0;
    return n < j->rules->most ? n : j->rules->most;
}

static int64_t number_of(const struct judge *j, const struct avqa_condition *c)
{
    switch (c->op) {
    case AVQA_CONDITION_OP_VALUE:
        return row_word(j, c->args[0])->place;
    case AVQA_CONDITION_OP_MINUS:
        return number_of(j, c->args[0]) - number_of(j, c->args[1]);
    case AVQA_CONDITION_OP_COUNT:
        return count(j, c->args[0]);
    default:
        return c->number;
    }
}

/* Whether one of the arguments is `wanted`. */
static bool any_is(const struct judge *j, const struct avqa_condition *c, bool wanted)
{
    for (size_t i = 0; i < c->n_args; i++) {
        if (is_true(j, c->args[i]) == wanted)
            return true;
    }
    return false;
}

static bool is_among(const struct judge *j, const struct avqa_condition *c)
{
    uint32_t symbol = symbol_of(j, c->args[0]);
    for (size_t i = 1; i < c->n_args; i++) {
        if (symbol_of(j, c->args[i]) == symbol)
            return true;
    }
    return false;
}

static bool is_true(const struct judge *j, const struct avqa_condition *c)
{
    switch (c->op) {
    case AVQA_CONDITION_OP_TRUE:
        return row_word(j, c->args[0])->place == 0;
    case AVQA_CONDITION_OP_NOT:
        return !is_true(j, c->args[0]);
    case AVQA_CONDITION_OP_AND:
        return !any_is(j, c, false);
    case AVQA_CONDITION_OP_OR:
        return any_is(j, c, true);
    case AVQA_CONDITION_OP_GREATER:
        return number_of(j, c->args[0]) > number_of(j, c->args[1]);
    case AVQA_CONDITION_OP_SAME_WORD:
        return symbol_of(j, c->args[0]) == symbol_of(j, c->args[1]);
    case AVQA_CONDITION_OP_SAME_NUMBER:
        return number_of(j, c->args[0]) == number_of(j, c->args[1]);
    case AVQA_CONDITION_OP_SAME_TRUTH:
        return is_true(j, c->args[0]) == is_true(j, c->args[1]);
    case AVQA_CONDITION_OP_AMONG:
        return is_among(j, c);
    case AVQA_CONDITION_OP_HAS:
        return set_has(j, c->args[0], symbol_of(j, c->args[1]));
    default:
        return false; /* AVQA_CONDITION_OP_FALSE */
    }
}

/* ---- the rows of a clip ---------------------------------------------------------- */

/* A row as symbols but for its answer; false if it has a word that its domain lacks. */
static bool read_question(const struct judge *j, uint32_t number, struct row *row)
{
    const struct avqa_audit_table *t = j->a->t;
    const struct avqa_audit_row *r = &t->rows[number];
    const struct avqa_audit_slots *slots = &t->slots[r->slots];
    row->template = avqa_audit_template(t, r);
    row->number = number;
    if (slots->n != row->template->n_slots)
        return false;
    for (size_t s = 0; s < slots->n; s++) {
        const char *word = avqa_audit_word(t, slots->values[s]);
        if (!avqa_rules_word(j->rules, row->template->slots[s], word, &row->slots[s]))
            return false;
    }
    return true;
}

static bool read_row(const struct judge *j, uint32_t number, struct row *row)
{
    const struct avqa_audit_table *t = j->a->t;
    const char *answer = avqa_audit_answer(t, t->rows[number].answer);
    if (!read_question(j, number, row))
        return false;
    size_t d = 0;
    while (d < row->template->n_answers &&
           !avqa_rules_word(j->rules, row->template->answers[d], answer, &row->answer))
        d++;
    return d < row->template->n_answers;
}

static size_t template_number(const struct judge *j, const struct row *row)
{
    return (size_t)(row->template - j->a->t->templates->items);
}

/* Counts what a row attests, or takes it back. */
static void count_attested(struct judge *j, const struct attested *at, bool there)
{
    struct witness *w = &j->witnesses[at->set];
    if (there)
        w->distinct += w->rows[at->symbol]++ == 0;
    else
        w->distinct -= --w->rows[at->symbol] == 0;
}

static enum avqa_status attest_words(struct judge *j, const struct avqa_rule_member *m,
                                     uint16_t row)
{
    j->bound[0] = &j->rows[row];
    if (m->when && !is_true(j, m->when))
        return AVQA_OK;
    for (size_t i = 0; i < m->n_words; i++) {
        enum avqa_status rc = avqa_mem_grow(&j->attested, &j->cap_attested,
                                            j->n_attested + 1, sizeof *j->attested);
        if (rc != AVQA_OK)
            return rc;
        struct attested *at = &j->attested[j->n_attested++];
        *at = (struct attested){symbol_of(j, m->words[i]), row, (uint16_t)m->set};
        count_attested(j, at, true);
    }
    return AVQA_OK;
}

/* All that a row attests. */
static enum avqa_status attest(struct judge *j, uint16_t row)
{
    size_t t = template_number(j, &j->rows[row]);
    enum avqa_status rc = AVQA_OK;
    for (size_t m = j->rules->members_at[t];
         rc == AVQA_OK && m < j->rules->members_at[t + 1]; m++)
        rc = attest_words(j, &j->rules->members[m], row);
    return rc;
}

/* Takes these rows of the table in. */
static enum avqa_status load_clip(struct judge *j, const uint32_t *rows, size_t n)
{
    enum avqa_status rc = AVQA_OK;
    j->n_rows = 0;
    j->n_attested = 0;
    for (size_t i = 0; i < n; i++)
        j->n_rows += read_row(j, rows[i], &j->rows[j->n_rows]);
    for (size_t i = j->n_rows; i-- > 0;) {
        uint16_t *first = &j->first[template_number(j, &j->rows[i])];
        j->rows[i].next = *first;
        *first = (uint16_t)i;
    }
    for (size_t i = 0; rc == AVQA_OK && i < j->n_rows; i++) {
        j->rows[i].attested = j->n_attested;
        rc = attest(j, (uint16_t)i);
    }
    j->rows[j->n_rows].attested = j->n_attested;
    return rc;
}

static void forget_clip(struct judge *j)
{
    for (size_t i = 0; i < j->n_rows; i++)
        j->first[template_number(j, &j->rows[i])] = NONE;
    for (size_t i = 0; i < j->n_attested; i++)
        count_attested(j, &j->attested[i], false);
}

/* ---- findings -------------------------------------------------------------------- */

static bool is_broken(const struct judge *j, const struct avqa_rule_case *c)
{
    return (!c->when || is_true(j, c->when)) && !is_true(j, c->holds);
}

/* Counts all that a row attests, or takes it back. */
static void count_row(struct judge *j, size_t row, bool there)
{
    for (size_t i = j->rows[row].attested; i < j->rows[row + 1].attested; i++)
        count_attested(j, &j->attested[i], there);
}

/* How many words each row attests to the witnesses a case asks. */
static void count_words(const struct judge *j, const struct avqa_rule_case *c,
                        uint16_t words[MAX_ROWS])
{
    for (size_t i = 0; i < j->n_attested; i++) {
        const struct attested *at = &j->attested[i];
        words[at->row] = (uint16_t)(words[at->row] + (c->sets >> at->set & 1));
    }
}

/* Marks the rows without which the case would not be broken; what the others attest is
 * left uncounted. Rows that attest one word go first, so that one row that attests two
 * is kept instead of two that attest one. */
static void find_needed(struct judge *j, const struct avqa_rule_case *c,
                        bool needed[MAX_ROWS])
{
    uint16_t words[MAX_ROWS] = {0};
    count_words(j, c, words);
    for (int many = 0; many <= 1; many++) {
        for (size_t row = 0; row < j->n_rows; row++) {
            if (words[row] == 0 || (words[row] > 1) != many)
                continue;
            count_row(j, row, false);
            needed[row] = !is_broken(j, c);
            if (needed[row])
                count_row(j, row, true);
        }
    }
}

/* Counts again what find_needed left out. */
static void restore(struct judge *j, const struct avqa_rule_case *c,
                    const bool needed[MAX_ROWS])
{
    uint16_t words[MAX_ROWS] = {0};
    count_words(j, c, words);
    for (size_t row = 0; row < j->n_rows; row++) {
        if (words[row] && !needed[row])
            count_row(j, row, true);
    }
}

/* A word as a person writes it. */
static void add_word(struct avqa_buf *out, const struct judge *j, uint32_t symbol)
{
    for (const char *s = avqa_intern_text(&j->rules->symbols, symbol); *s; s++)
        avqa_buf_addc(out, *s == '_' ? ' ' : *s);
}

/* The members of a set, in the order of the rows that attest them. */
static void add_set(struct avqa_buf *out, const struct judge *j,
                    const struct avqa_condition *set)
{
    uint32_t last = AVQA_INTERN_NONE;
    size_t n = 0;
    for (size_t i = 0; i < j->n_attested; i++) {
        uint32_t symbol = j->attested[i].symbol;
        bool known = j->attested[i].set != set->set || !set_has(j, set, symbol);
        for (size_t k = 0; k < i && !known; k++)
            known = j->attested[k].set == set->set && j->attested[k].symbol == symbol;
        if (known)
            continue;
        if (n++ > 1)
            avqa_buf_adds(out, ", ");
        if (n > 1)
            add_word(out, j, last);
        last = symbol;
    }
    if (n > 1)
        avqa_buf_adds(out, " and ");
    if (n)
        add_word(out, j, last);
}

static void add_piece(struct avqa_buf *out, const struct judge *j,
                      const struct avqa_rule_piece *p)
{
    if (p->text)
        avqa_buf_adds(out, p->text);
    else if (!p->expr)
        avqa_audit_name_clip(out, j->a->t, j->a->t->rows[j->rows[0].number].clip);
    else if (p->expr->type == AVQA_CONDITION_TYPE_WORD)
        add_word(out, j, symbol_of(j, p->expr));
    else if (p->expr->type == AVQA_CONDITION_TYPE_NUMBER)
        avqa_buf_addf(out, "%lld", (long long)number_of(j, p->expr));
    else
        add_set(out, j, p->expr);
}

/* The rows in conflict: those that are bound, and those whose words are needed. */
static void add_bound(const struct judge *j, const struct avqa_rule_case *c,
                      bool needed[MAX_ROWS])
{
    for (size_t b = 0; b < c->n_rows; b++)
        needed[j->bound[b] - j->rows] = true;
}

/* Whether the facts of one clip say that all rows in conflict are right. */
static bool is_explained(const struct judge *j, const bool needed[MAX_ROWS])
{
    const struct avqa_audit_row *rows = j->a->t->rows;
    const struct row *first = NULL;
    for (size_t i = 0; j->verdicts && i < j->n_rows; i++) {
        const struct row *row = &j->rows[i];
        if (!needed[i])
            continue;
        if (j->verdicts[row->number] != AVQA_VERDICT_RIGHT ||
            (first && rows[first->number].clip != rows[row->number].clip))
            return false;
        first = row;
    }
    return first != NULL;
}

static enum avqa_severity severity_of(const struct avqa_rule *rule)
{
    static const enum avqa_severity severities[] = {[AVQA_RULE_LOGIC] = AVQA_ERROR,
                                                    [AVQA_RULE_PRESUPPOSITION] =
                                                        AVQA_WARNING,
                                                    [AVQA_RULE_READING] = AVQA_NOTE};
    return severities[rule->kind];
}

/* Only what is needed is counted now, so the sentence speaks of nothing else. */
static void report(struct judge *j, const struct avqa_rule_case *c,
                   const bool needed[MAX_ROWS])
{
    const struct avqa_rule *rule = &j->rules->rules[c->rule];
    struct avqa_buf text = AVQA_BUF_INIT;
    for (size_t i = 0; i < c->n_pieces; i++)
        add_piece(&text, j, &c->pieces[i]);
    struct avqa_finding *f = avqa_finding_add(
        &j->findings[c->rule], rule->id, severity_of(rule), "%s", avqa_buf_str(&text));
    avqa_buf_release(&text);
    for (size_t row = 0; row < j->n_rows; row++) {
        if (needed[row])
            avqa_finding_row(f, j->a->t, j->rows[row].number);
    }
}

/* What is beyond the findings of the clip in hand, as one more of each rule. */
static void report_rest(struct judge *j)
{
    for (size_t r = 0; r < j->rules->n; r++) {
        int64_t rest = j->in_clip[r] - AVQA_RULE_MAX_CLIP_FINDINGS;
        j->in_clip[r] = 0;
        if (rest <= 0)
            continue;
        struct avqa_buf clip = AVQA_BUF_INIT;
        avqa_audit_name_clip(&clip, j->a->t, j->a->t->rows[j->rows[0].number].clip);
        struct avqa_finding *f = avqa_finding_add(
            &j->findings[r], j->rules->rules[r].id, severity_of(&j->rules->rules[r]),
            "%s: and %lld more of this kind about this clip", avqa_buf_str(&clip),
            (long long)rest);
        avqa_finding_row(f, j->a->t, j->rows[0].number);
        avqa_buf_release(&clip);
    }
}

/* A broken case: a violation, unless the facts explain it. The rows in conflict are
 * looked for only if somebody asks for them. Returns whether it is a violation. */
static bool take_broken(struct judge *j, const struct avqa_rule_case *c)
{
    bool needed[MAX_ROWS] = {false};
    bool reports =
        !j->ignoring_sound && j->in_clip[c->rule] < AVQA_RULE_MAX_CLIP_FINDINGS;
    if (!j->verdicts && !reports)
        return true;
    find_needed(j, c, needed);
    bool bound[MAX_ROWS];
    memcpy(bound, needed, sizeof bound);
    add_bound(j, c, bound);
    bool explained = is_explained(j, bound);
    if (reports && !explained)
        report(j, c, bound);
    restore(j, c, needed);
    return !explained;
}

/* ---- judging --------------------------------------------------------------------- */

/* The bound rows are complete. */
static void judge_case(struct judge *j, const struct avqa_rule_case *c)
{
    struct avqa_rule_result *r = &j->results[c->rule];
    if (c->when && !is_true(j, c->when))
        return;
    bool broken = !is_true(j, c->holds);
    bool violated = broken && take_broken(j, c);
    if (j->ignoring_sound || j->both) {
        r->checkable_ignoring_sound++;
        r->violations_ignoring_sound += violated;
    }
    if (j->ignoring_sound)
        return;
    r->checkable++;
    r->violations += violated;
    r->explained += broken && !violated;
    j->in_clip[c->rule] += violated;
}

/* Binds the rows of a case from the n-th on, every combination. */
static void bind_rows(struct judge *j, const struct avqa_rule_case *c, size_t n)
{
    if (n >= c->n_rows || n >= AVQA_RULE_MAX_ROWS) {
        j->take(j, c);
        return;
    }
    uint16_t row = j->first[c->templates[n]];
    for (size_t b = 0; b < n; b++) {
        if (c->templates[b] == c->templates[n])
            row = j->bound[b]->next; /* a pair once, and no row twice */
    }
    for (; row != NONE; row = j->rows[row].next) {
        j->bound[n] = &j->rows[row];
        bind_rows(j, c, n + 1);
        if (j->bound[n] == j->asked && !c->sets)
            break; /* what follows is without the question in hand */
    }
}

static enum avqa_status judge_clip(struct judge *j, size_t from, size_t to)
{
    if (to - from > MAX_ROWS) {
        j->n_too_large += !j->ignoring_sound;
        return AVQA_OK;
    }
    enum avqa_status rc = load_clip(j, j->a->by_video + from, to - from);
    for (size_t i = 0; rc == AVQA_OK && i < j->n_rows; i++) {
        size_t t = template_number(j, &j->rows[i]);
        if (j->first[t] != i)
            continue; /* its template had its turn */
        for (size_t c = j->rules->cases_at[t]; c < j->rules->cases_at[t + 1]; c++)
            bind_rows(j, &j->rules->cases[c], 0);
    }
    report_rest(j);
    forget_clip(j);
    return rc;
}

/* All rows of one picture: each clip, and all of them together if it has several. */
static enum avqa_status judge_video(struct judge *j, size_t from, size_t to)
{
    const struct avqa_audit_row *rows = j->a->t->rows;
    const uint32_t *order = j->a->by_video;
    enum avqa_status rc = AVQA_OK;
    j->ignoring_sound = false;
    j->both = rows[order[from]].clip == rows[order[to - 1]].clip;
    for (size_t i = from; rc == AVQA_OK && i < to;) {
        size_t end = i;
        while (end < to && rows[order[end]].clip == rows[order[i]].clip)
            end++;
        rc = judge_clip(j, i, end);
        i = end;
    }
    if (rc != AVQA_OK || j->both)
        return rc;
    j->ignoring_sound = true;
    return judge_clip(j, from, to);
}

static enum avqa_status judge_all(struct judge *j)
{
    const struct avqa_audit *a = j->a;
    size_t n = a->on.to - a->on.from;
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < n;) {
        uint32_t video = a->t->clips[a->t->rows[a->by_video[i]].clip].video;
        size_t end = i;
        while (end < n && a->t->clips[a->t->rows[a->by_video[end]].clip].video == video)
            end++;
        rc = judge_video(j, i, end);
        if (rc == AVQA_OK && avqa_log_stopped(a->opts.log))
            rc = avqa_fail(AVQA_ESTOPPED, "stopped; no report was written");
        i = end;
    }
    return rc;
}

static struct judge *new_judge(const struct avqa_audit *a, const uint8_t *verdicts,
                               struct avqa_rule_result *results)
{
    const struct avqa_rules *rules = a->t->templates->rules;
    struct judge *j = avqa_mem_new(sizeof *j);
    j->a = a;
    j->rules = rules;
    j->take = judge_case;
    j->verdicts = verdicts;
    j->results = results;
    j->in_clip = avqa_mem_new((rules->n + 1) * sizeof *j->in_clip);
    j->findings = avqa_mem_new((rules->n + 1) * sizeof *j->findings);
    j->first = avqa_mem_new((a->t->templates->n + 1) * sizeof *j->first);
    for (size_t t = 0; t < a->t->templates->n; t++)
        j->first[t] = NONE;
    for (size_t w = 0; w < rules->n_witnesses; w++)
        j->witnesses[w].rows =
            avqa_mem_new(((size_t)rules->symbols.n + 1) * sizeof(uint32_t));
    return j;
}

static void free_judge(struct judge *j)
{
    for (size_t r = 0; r < j->rules->n; r++)
        avqa_findings_release(&j->findings[r]);
    for (size_t w = 0; w < j->rules->n_witnesses; w++)
        free(j->witnesses[w].rows);
    free(j->findings);
    free(j->in_clip);
    free(j->first);
    free(j->attested);
    free(j);
}

enum avqa_status avqa_rules_judge(struct avqa_rule_result *results,
                                  const struct avqa_audit *a, const uint8_t *verdicts,
                                  struct avqa_findings *findings)
{
    if (!a->t->templates->rules)
        return AVQA_OK;
    struct judge *j = new_judge(a, verdicts, results);
    enum avqa_status rc = judge_all(j);
    for (size_t r = 0; r < j->rules->n; r++)
        avqa_findings_move(findings, &j->findings[r]);
    if (j->n_too_large)
        avqa_finding_add(findings, "consistency", AVQA_NOTE,
                         "%lld clips have more than %d questions each; the rules were "
                         "not applied to them",
                         (long long)j->n_too_large, MAX_ROWS);
    free_judge(j);
    return rc;
}

/* ---- one more question ----------------------------------------------------------- */

struct avqa_rule_trial {
    struct judge *judge;
};

/* Whether the case would be broken without what the question in hand attests. */
static bool is_broken_without(struct judge *j, const struct avqa_rule_case *c)
{
    for (size_t i = j->n_premised; i < j->n_attested; i++)
        count_attested(j, &j->attested[i], false);
    bool broken = is_broken(j, c);
    for (size_t i = j->n_premised; i < j->n_attested; i++)
        count_attested(j, &j->attested[i], true);
    return broken;
}

/* The bound rows are complete: keeps the strongest rule that the question in hand
 * breaks, as one of them or by what it attests. */
static void try_case(struct judge *j, const struct avqa_rule_case *c)
{
    const struct avqa_rule *rule = &j->rules->rules[c->rule];
    bool bound = false;
    for (size_t b = 0; b < c->n_rows; b++)
        bound = bound || j->bound[b] == j->asked;
    if ((j->broken.rule && j->broken.kind <= rule->kind) || (!bound && !c->sets))
        return;
    if (is_broken(j, c) && (bound || !is_broken_without(j, c)))
        j->broken = (struct avqa_rule_break){rule->id, rule->kind};
}

static bool is_over(const struct avqa_rule_case *c, size_t template)
{
    for (size_t i = 0; i < c->n_rows; i++) {
        if (c->templates[i] == template)
            return true;
    }
    return false;
}

/* C00: among the premises is the same question with another answer. */
static bool is_answered_otherwise(const struct judge *j, const struct row *asked)
{
    for (uint16_t i = asked->next; i != NONE; i = j->rows[i].next) {
        const struct row *row = &j->rows[i];
        size_t s = 0;
        while (s < asked->template->n_slots &&
               row->slots[s].symbol == asked->slots[s].symbol)
            s++;
        if (s == asked->template->n_slots && row->answer.symbol != asked->answer.symbol)
            return true;
    }
    return false;
}

static bool is_hopeless(const struct judge *j)
{
    return j->broken.rule && j->broken.kind == AVQA_RULE_LOGIC;
}

/* Every case that the question in hand takes part in, until a rule of logic is broken.
 */
static void try_cases(struct judge *j)
{
    size_t template = template_number(j, j->asked);
    for (size_t i = 0; i < j->n_rows; i++) {
        size_t t = template_number(j, &j->rows[i]);
        if (j->first[t] != i)
            continue;
        for (size_t k = j->rules->cases_at[t];
             k < j->rules->cases_at[t + 1] && !is_hopeless(j); k++) {
            const struct avqa_rule_case *c = &j->rules->cases[k];
            if (c->sets || is_over(c, template))
                bind_rows(j, c, 0);
        }
    }
}

struct avqa_rule_trial *avqa_rule_trial_new(const struct avqa_audit *a)
{
    struct avqa_rule_trial *trial = avqa_mem_new(sizeof *trial);
    trial->judge = new_judge(a, NULL, NULL);
    trial->judge->take = try_case;
    return trial;
}

void avqa_rule_trial_free(struct avqa_rule_trial *trial)
{
    if (trial)
        free_judge(trial->judge);
    free(trial);
}

enum avqa_status avqa_rule_trial_suppose(struct avqa_rule_trial *trial,
                                         const uint32_t *rows, size_t n)
{
    assert(n <= AVQA_RULE_TRIAL_MAX_ROWS);
    forget_clip(trial->judge);
    return load_clip(trial->judge, rows, n);
}

bool avqa_rule_trial_ask(struct avqa_rule_trial *trial, uint32_t row)
{
    struct judge *j = trial->judge;
    return read_question(j, row, &j->rows[j->n_rows]);
}

enum avqa_status avqa_rule_trial_answer(struct avqa_rule_break *broken,
                                        struct avqa_rule_trial *trial,
                                        const struct avqa_rule_word *answer)
{
    struct judge *j = trial->judge;
    struct row *asked = &j->rows[j->n_rows];
    uint16_t *first = &j->first[template_number(j, asked)];
    asked->answer = *answer;
    asked->next = *first;
    *first = (uint16_t)j->n_rows++;
    j->n_premised = j->n_attested;
    j->asked = asked;
    j->broken = (struct avqa_rule_break){0};
    enum avqa_status rc = attest(j, *first);
    if (is_answered_otherwise(j, asked))
        j->broken = (struct avqa_rule_break){"C00", AVQA_RULE_LOGIC};
    else if (rc == AVQA_OK)
        try_cases(j);
    *broken = j->broken;
    while (j->n_attested > j->n_premised)
        count_attested(j, &j->attested[--j->n_attested], false);
    *first = asked->next;
    j->n_rows--;
    return rc;
}
