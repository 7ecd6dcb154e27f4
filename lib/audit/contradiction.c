/* Most clips ask what others ask, too, of other instruments. So questions are brought
 * into one order and instruments renamed by their first appearance; clips that are then
 * alike have one shape, which is solved once. */
#include "audit/contradiction.h"
#include "audit/rederive.h"
#include "base/mem.h"
#include "base/pool.h"
#include "qa/question.h"
#include "qa/shape.h"
#include "qa/solver.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_CORES = 4,
    MAX_ROWS = 512, /* of a clip; one with more is not judged */
    NO_SHAPE = UINT32_MAX,
};

/* A question of a clip; duplicates are one. */
struct question {
    size_t row;
    struct avqa_answered asked;
    const char *values[AVQA_TEMPLATE_MAX_SLOTS];
    bool is_posed; /* false: senseless by its words, so that no scene can answer it */
};

/* Rows that contradict each other: places of the shape's questions. */
struct core {
    size_t *items;
    size_t n;
    enum avqa_contradiction by;
    size_t presumes; /* by posing: the item that takes for granted what others deny */
};

/* What clips that are alike have in common. */
struct shape {
    size_t from, to; /* its first clip's rows, in the audit's order */
    bool is_judged;  /* there is a question that a scene could answer */
    enum avqa_verdict verdict;
    const char *why; /* not decided: a phrase */
    struct core cores[MAX_CORES];
    size_t n_cores;
};

struct clip {
    size_t from, to;
    uint32_t shape; /* NO_SHAPE: nothing of it is judged */
};

struct work {
    const struct avqa_audit *a;
    struct clip *clips;
    size_t n_clips, cap_clips;
    struct shape *shapes;
    size_t cap_shapes;
    struct avqa_intern keys;     /* of shapes */
    int64_t left_out;            /* rows that are ill-posed by their words */
    int64_t too_large;           /* clips of more than MAX_ROWS rows */
    const uint8_t *verdicts;     /* of the facts, by row; or NULL */
    int64_t clips_by[3];         /* by enum avqa_verdict */
    int64_t contradictory_by[3]; /* by enum avqa_contradiction, the worst of a clip */
    int64_t explained;           /* clips: the facts give the answers */
};

/* ---- the questions of a clip ----------------------------------------------------- */

static bool has_answer(const struct avqa_template *t, const char *answer)
{
    return avqa_template_answer_domain(t, answer) != NULL;
}

/* False if there is nothing to judge: no program, or words that are not the template's.
 */
static bool read_question(const struct avqa_audit *a, size_t row, struct question *q)
{
    const struct avqa_audit_row *r = &a->t->rows[row];
    const struct avqa_audit_slots *slots = &a->t->slots[r->slots];
    const struct avqa_template *t = avqa_audit_template(a->t, r);
    q->row = row;
    q->asked = (struct avqa_answered){t, NULL, avqa_audit_answer(a->t, r->answer)};
    if (!t->answer || slots->n != t->n_slots || !has_answer(t, q->asked.answer))
        return false;
    for (size_t s = 0; s < slots->n; s++)
        q->values[s] = avqa_audit_word(a->t, slots->values[s]);
    enum avqa_ill_posed reason = avqa_question_words(t, q->values);
    q->is_posed = reason == AVQA_WELL_POSED;
    for (size_t s = 0; s < slots->n; s++) /* it gives itself away */
        q->is_posed = q->is_posed && strcmp(q->values[s], q->asked.answer) != 0;
    return reason != AVQA_ILL_NO_WORD;
}

static int by_words(const void *a, const void *b)
{
    const struct question *x = a;
    const struct question *y = b;
    int order = strcmp(x->asked.template->code, y->asked.template->code);
    for (size_t s = 0; order == 0 && s < x->asked.template->n_slots; s++)
        order = strcmp(x->values[s], y->values[s]);
    if (order == 0)
        order = strcmp(x->asked.answer, y->asked.answer);
    return order ? order : x->row < y->row ? -1 : x->row > y->row;
}

static bool same_words(const struct question *a, const struct question *b)
{
    struct question x = *a;
    x.row = b->row;
    return by_words(&x, b) == 0;
}

/* The questions of rows `from` to `to` of the audit's order, sorted, each once. Caller
 * frees. */
static struct question *read_clip(const struct avqa_audit *a, size_t from, size_t to,
                                  size_t *n, int64_t *left_out)
{
    struct question *all = avqa_mem_new((to - from) * sizeof *all);
    size_t read = 0;
    for (size_t i = from; i < to; i++) {
        bool is_good = read_question(a, a->by_video[i], &all[read]);
        *left_out += !is_good || !all[read].is_posed;
        read += is_good;
    }
    qsort(all, read, sizeof *all, by_words);
    *n = 0;
    for (size_t i = 0; i < read; i++) {
        if (*n == 0 || !same_words(&all[*n - 1], &all[i]))
            all[(*n)++] = all[i];
    }
    for (size_t i = 0; i < *n; i++)
        all[i].asked.values = all[i].values;
    return all;
}

/* ---- shapes ---------------------------------------------------------------------- */

/* What clips must have in common to be alike. */
static void add_key(struct avqa_buf *key, const struct question *questions, size_t n)
{
    struct avqa_intern kinds = AVQA_INTERN_INIT;
    for (size_t i = 0; i < n; i++) {
        avqa_buf_addc(key, questions[i].is_posed ? '+' : '-');
        avqa_shape_add(key, &kinds, &questions[i].asked);
    }
    avqa_intern_release(&kinds);
}

/* Whether the facts are a scene that gives all answers: then there is nothing to
 * search.
 */
static bool is_known(const struct work *w, size_t from, size_t to)
{
    bool all = w->verdicts != NULL;
    for (size_t i = from; all && i < to; i++)
        all = w->verdicts[w->a->by_video[i]] == AVQA_VERDICT_RIGHT;
    return all;
}

static enum avqa_status add_clip(struct work *w, size_t from, size_t to,
                                 struct avqa_buf *key)
{
    size_t n;
    bool is_new;
    if (is_known(w, from, to)) {
        w->clips_by[AVQA_CONSISTENT]++;
        w->explained++;
        return AVQA_OK;
    }
    if (to - from > MAX_ROWS) {
        w->too_large++;
        return AVQA_OK;
    }
    enum avqa_status rc =
        avqa_mem_grow(&w->clips, &w->cap_clips, w->n_clips + 1, sizeof *w->clips);
    if (rc == AVQA_OK)
        rc = avqa_mem_grow(&w->shapes, &w->cap_shapes, (size_t)w->keys.n + 1,
                           sizeof *w->shapes);
    if (rc != AVQA_OK)
        return rc;
    struct question *questions = read_clip(w->a, from, to, &n, &w->left_out);
    avqa_buf_clear(key);
    add_key(key, questions, n);
    free(questions);
    struct clip *clip = &w->clips[w->n_clips++];
    *clip = (struct clip){from, to, NO_SHAPE};
    if (n == 0)
        return AVQA_OK;
    clip->shape = avqa_intern_add(&w->keys, avqa_buf_str(key), key->len, &is_new);
    if (is_new)
        w->shapes[clip->shape] = (struct shape){.from = from, .to = to};
    return avqa_buf_status(key);
}

static enum avqa_status collect(struct work *w)
{
    const struct avqa_audit *a = w->a;
    size_t n = a->on.to - a->on.from;
    struct avqa_buf key = AVQA_BUF_INIT;
    enum avqa_status rc = AVQA_OK;
    for (size_t from = 0; rc == AVQA_OK && from < n;) {
        size_t to = from + 1;
        uint32_t clip = a->t->rows[a->by_video[from]].clip;
        while (to < n && a->t->rows[a->by_video[to]].clip == clip)
            to++;
        rc = add_clip(w, from, to, &key);
        from = to;
    }
    avqa_buf_release(&key);
    return rc;
}

/* ---- solving --------------------------------------------------------------------- */

static struct core *add_core(struct shape *shape, enum avqa_contradiction by, size_t n)
{
    struct core *core = &shape->cores[shape->n_cores++];
    core->by = by;
    core->n = n;
    core->items = avqa_mem_new(n * sizeof *core->items);
    return core;
}

static void note_core(struct shape *shape, const struct avqa_solved *solved,
                      const size_t *places)
{
    struct core *core = add_core(shape, solved->by, solved->n_core);
    core->presumes = solved->presumes;
    for (size_t i = 0; i < core->n; i++)
        core->items[i] = places[solved->core[i]];
}

/* No scene answers a senseless question, but two answers to it contradict each other.
 */
static void compare_senseless(struct shape *shape, const struct question *questions,
                              size_t n)
{
    for (size_t i = 1; i < n && shape->n_cores < MAX_CORES; i++) {
        struct question other = questions[i];
        other.asked.answer = questions[i - 1].asked.answer;
        if ((questions[i].is_posed && questions[i - 1].is_posed) ||
            !same_words(&questions[i - 1], &other))
            continue;
        struct core *core = add_core(shape, AVQA_BY_ANSWERS, 2);
        core->items[0] = i - 1;
        core->items[1] = i;
        shape->verdict = AVQA_CONTRADICTORY;
        shape->is_judged = true;
    }
}

/* Leaves out what contradicts itself; places[] says which questions are left. */
static size_t without_core(struct avqa_answered *asked, size_t *places, size_t n,
                           const struct avqa_solved *solved)
{
    size_t left = 0;
    for (size_t i = 0; i < n; i++) {
        bool gone = false;
        for (size_t k = 0; k < solved->n_core; k++)
            gone = gone || solved->core[k] == i;
        if (gone)
            continue;
        asked[left] = asked[i];
        places[left++] = places[i];
    }
    return left;
}

/* One contradiction after the other, none sharing a row with another. */
static enum avqa_status solve_shape(void *user, size_t number)
{
    struct work *w = user;
    struct shape *shape = &w->shapes[number];
    struct avqa_arena arena = AVQA_ARENA_INIT;
    size_t n;
    if (avqa_log_stopped(w->a->opts.log))
        return avqa_fail(AVQA_ESTOPPED, "stopped; no report was written");
    avqa_log_progress(w->a->opts.log, "question sets", (int64_t)number, w->keys.n);
    struct question *questions =
        read_clip(w->a, shape->from, shape->to, &n, &(int64_t){0});
    struct avqa_answered *asked = avqa_mem_new(n * sizeof *asked);
    size_t *places = avqa_mem_new(n * sizeof *places);
    size_t left = 0;
    for (size_t i = 0; i < n; i++) {
        if (!questions[i].is_posed)
            continue;
        asked[left] = questions[i].asked;
        places[left++] = i;
    }
    shape->is_judged = left > 0;
    while (left > 0 && shape->n_cores < MAX_CORES) {
        struct avqa_solved solved = avqa_solve(&arena, asked, left, &w->a->t->margins);
        if (shape->n_cores == 0) {
            shape->verdict = solved.verdict;
            shape->why = solved.why;
        }
        if (solved.verdict != AVQA_CONTRADICTORY)
            break;
        note_core(shape, &solved, places);
        left = without_core(asked, places, left, &solved);
    }
    compare_senseless(shape, questions, n);
    free(questions);
    free(asked);
    free(places);
    avqa_arena_release(&arena);
    return AVQA_OK;
}

/* ---- findings -------------------------------------------------------------------- */

static enum avqa_status add_answer(struct avqa_buf *out, const struct avqa_audit *a,
                                   const struct question *q)
{
    avqa_buf_adds(out, "\"");
    enum avqa_status rc = avqa_audit_fill(out, a->t, &a->t->rows[q->row]);
    avqa_buf_addf(out, "\" %s", q->asked.answer);
    return rc;
}

static enum avqa_status report_core(const struct work *w,
                                    const struct question *questions,
                                    const struct core *core,
                                    struct avqa_findings *findings)
{
    static const struct {
        enum avqa_severity severity;
        const char *says;
    } kinds[] = {
        [AVQA_BY_ANSWERS] = {AVQA_ERROR, "these answers cannot all be true"},
        [AVQA_BY_POSING] = {AVQA_WARNING, "takes for granted what is denied by"},
        [AVQA_BY_READING] = {AVQA_NOTE,
                             "these answers cannot all be true, unless several "
                             "instruments are at one place"},
    };
    const struct avqa_audit *a = w->a;
    struct avqa_buf text = AVQA_BUF_INIT;
    enum avqa_status rc = AVQA_OK;
    avqa_audit_name_clip(&text, a->t, a->t->rows[questions[0].row].clip);
    avqa_buf_adds(&text, ": ");
    if (core->by == AVQA_BY_POSING) {
        rc = add_answer(&text, a, &questions[core->items[core->presumes]]);
        avqa_buf_adds(&text, " ");
    }
    if (core->n == 1) /* by itself, under one reading or in any scene */
        avqa_buf_adds(&text, core->by == AVQA_BY_READING
                                 ? "this cannot be, unless several instruments are at "
                                   "one place:"
                                 : "no scene gives this answer:");
    else
        avqa_buf_addf(&text, "%s:", kinds[core->by].says);
    const char *separator = " ";
    for (size_t i = 0; rc == AVQA_OK && i < core->n; i++) {
        if (core->by == AVQA_BY_POSING && i == core->presumes)
            continue;
        avqa_buf_adds(&text, separator);
        rc = add_answer(&text, a, &questions[core->items[i]]);
        separator = "; ";
    }
    if (rc == AVQA_OK)
        rc = avqa_buf_status(&text);
    if (rc == AVQA_OK) {
        struct avqa_finding *f = avqa_finding_add(
            findings, "solver", kinds[core->by].severity, "%s", avqa_buf_str(&text));
        for (size_t i = 0; i < core->n; i++)
            avqa_finding_row(f, a->t, questions[core->items[i]].row);
    }
    avqa_buf_release(&text);
    return rc;
}

/* Whether the facts are a scene that gives all these answers; then only the reading of
 * places was too narrow. */
static bool is_explained(const struct work *w, const struct question *questions,
                         const struct core *core)
{
    bool all = w->verdicts != NULL;
    for (size_t i = 0; all && i < core->n; i++)
        all = w->verdicts[questions[core->items[i]].row] == AVQA_VERDICT_RIGHT;
    return all;
}

static enum avqa_status tally_clip(struct work *w, const struct clip *clip,
                                   struct avqa_findings *findings)
{
    const struct shape *shape = &w->shapes[clip->shape];
    enum avqa_contradiction worst = AVQA_BY_READING;
    enum avqa_status rc = AVQA_OK;
    size_t n;
    size_t reported = 0;
    struct question *questions =
        read_clip(w->a, clip->from, clip->to, &n, &(int64_t){0});
    for (size_t c = 0; rc == AVQA_OK && c < shape->n_cores; c++) {
        if (is_explained(w, questions, &shape->cores[c]))
            continue;
        rc = report_core(w, questions, &shape->cores[c], findings);
        worst = shape->cores[c].by < worst ? shape->cores[c].by : worst;
        reported++;
    }
    free(questions);
    bool explained = shape->n_cores && !reported;
    w->clips_by[explained ? AVQA_CONSISTENT : shape->verdict]++;
    w->explained += explained;
    if (reported)
        w->contradictory_by[worst]++;
    return rc;
}

static enum avqa_status tally_clips(struct work *w, struct avqa_findings *findings)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < w->n_clips; i++) {
        const struct clip *clip = &w->clips[i];
        if (clip->shape != NO_SHAPE && w->shapes[clip->shape].is_judged)
            rc = tally_clip(w, clip, findings);
    }
    w->clips_by[AVQA_NOT_DECIDED] += w->too_large;
    return rc;
}

/* Whether a clip was left undecided for this reason. */
static bool is_undecided(const struct work *w, const struct clip *clip, const char *why)
{
    const struct shape *shape =
        clip->shape == NO_SHAPE ? NULL : &w->shapes[clip->shape];
    return shape && shape->is_judged && shape->verdict == AVQA_NOT_DECIDED &&
           strcmp(shape->why, why) == 0;
}

/* One note for each reason why clips were not decided. */
static void report_undecided(const struct work *w, struct avqa_findings *findings)
{
    for (size_t i = 0; i < w->n_clips; i++) {
        const char *why =
            w->clips[i].shape == NO_SHAPE ? NULL : w->shapes[w->clips[i].shape].why;
        bool is_new = why && is_undecided(w, &w->clips[i], why);
        for (size_t k = 0; is_new && k < i; k++)
            is_new = !is_undecided(w, &w->clips[k], why);
        if (!is_new)
            continue;
        size_t n = 0;
        for (size_t k = i; k < w->n_clips; k++)
            n += is_undecided(w, &w->clips[k], why);
        struct avqa_finding *f = avqa_finding_add(
            findings, "solver", AVQA_NOTE,
            "%zu clip%s: whether all answers can be true was not decided: %s", n,
            n == 1 ? "" : "s", why);
        for (size_t k = i; k < w->n_clips; k++) {
            if (is_undecided(w, &w->clips[k], why))
                avqa_finding_row(f, w->a->t, w->a->by_video[w->clips[k].from]);
        }
    }
    if (w->too_large)
        avqa_finding_add(findings, "solver", AVQA_NOTE,
                         "%lld clip%s more than %d questions: whether all answers can "
                         "be true was not decided",
                         (long long)w->too_large, w->too_large == 1 ? " has" : "s have",
                         MAX_ROWS);
}

static void put_result(const struct work *w, struct avqa_json *out)
{
    const int64_t *clips = w->clips_by;
    struct avqa_json *o = avqa_json_put_object(out, "solver");
    avqa_json_put_int(o, "violations", clips[AVQA_CONTRADICTORY]);
    avqa_json_put_int(o, "checkable", clips[0] + clips[1] + clips[2]);
    avqa_json_put_int(o, "consistent", clips[AVQA_CONSISTENT]);
    avqa_json_put_int(o, "not_decided", clips[AVQA_NOT_DECIDED]);
    avqa_json_put_int(o, "by_answers", w->contradictory_by[AVQA_BY_ANSWERS]);
    avqa_json_put_int(o, "by_posing", w->contradictory_by[AVQA_BY_POSING]);
    avqa_json_put_int(o, "by_reading", w->contradictory_by[AVQA_BY_READING]);
    if (w->verdicts)
        avqa_json_put_int(o, "explained_by_facts", w->explained);
    avqa_json_put_int(o, "rows_left_out", w->left_out);
    avqa_json_put_int(o, "distinct", w->keys.n);
}

enum avqa_status avqa_contradictions(const struct avqa_audit *a,
                                     const uint8_t *verdicts,
                                     struct avqa_check_out *out)
{
    struct work w = {.a = a, .verdicts = verdicts};
    enum avqa_status rc = collect(&w);
    if (rc == AVQA_OK)
        rc = avqa_pool_run(a->opts.jobs, w.keys.n, solve_shape, &w);
    if (rc == AVQA_OK)
        rc = tally_clips(&w, &out->findings);
    if (rc == AVQA_OK) {
        report_undecided(&w, &out->findings);
        put_result(&w, out->json);
    }
    for (size_t s = 0; s < w.keys.n; s++) {
        for (size_t c = 0; c < w.shapes[s].n_cores; c++)
            free(w.shapes[s].cores[c].items);
    }
    avqa_intern_release(&w.keys);
    free(w.shapes);
    free(w.clips);
    return rc;
}
