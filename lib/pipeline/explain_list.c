/* See explain_list.h. Questions are read once; what they refer to is looked up only for
 * those that are taken. */
#include "pipeline/explain_list.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"
#include "catalog/question.h"
#include "catalog/template.h"
#include "pipeline/question_words.h"
#include "qa/template_load.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A name that was given. */
struct name {
    const char *text;
    size_t split_len; /* of SPLIT in SPLIT#ROW; 0: a published number */
    int64_t number;
    size_t place;  /* 1 + into the list; 0: not found yet */
    char also[64]; /* where else a number stands, or "" */
};

struct making {
    struct avqa_explain_list *out;
    const struct avqa_explain_wanted *wanted;
    struct name *names;
    struct avqa_question_words words;
    struct avqa_templates *templates;
    const char **codes, **splits; /* by id */
    size_t n_codes, cap_codes, n_splits, cap_splits;
    bool knows_code, knows_type;
};

void avqa_explain_list_release(struct avqa_explain_list *list)
{
    free(list->items);
    avqa_arena_release(&list->arena);
    *list = (struct avqa_explain_list){.n = 0};
}

/* ---- names ----------------------------------------------------------------------- */

static enum avqa_status read_name(struct name *name, const char *text)
{
    const char *hash = strrchr(text, '#');
    const char *digits = hash ? hash + 1 : text;
    char *end;
    errno = 0;
    *name = (struct name){.text = text,
                          .split_len = hash ? (size_t)(hash - text) : 0,
                          .number = strtoll(digits, &end, 10)};
    if (end == digits || *end || errno || (hash && name->split_len == 0))
        return avqa_fail(AVQA_EINVAL,
                         "'%s' names no question: give its published number, or "
                         "SPLIT#ROW as avqa audit does",
                         text);
    return AVQA_OK;
}

static bool is_named(const struct name *name, const struct avqa_question *q,
                     const char *split)
{
    if (name->split_len == 0)
        return q->has_number && q->number == name->number;
    return q->row == name->number && strlen(split) == name->split_len &&
           strncmp(split, name->text, name->split_len) == 0;
}

/* ---- what ids mean --------------------------------------------------------------- */

static void set_text(const char ***texts, size_t *n, size_t *cap, int64_t id,
                     const char *text)
{
    avqa_mem_need(texts, cap, (size_t)id + 1, sizeof **texts);
    (*texts)[id] = text;
    *n = (size_t)id + 1 > *n ? (size_t)id + 1 : *n;
}

static enum avqa_status add_code(void *user, int64_t id, const char *code)
{
    struct making *m = user;
    set_text(&m->codes, &m->n_codes, &m->cap_codes, id,
             avqa_arena_strdup(&m->out->arena, code));
    return AVQA_OK;
}

static enum avqa_status add_split(void *user, int64_t id, const char *name)
{
    struct making *m = user;
    set_text(&m->splits, &m->n_splits, &m->cap_splits, id,
             avqa_arena_strdup(&m->out->arena, name));
    return AVQA_OK;
}

static const char *text_of(const char *const *texts, size_t n, int64_t id)
{
    return id >= 0 && (size_t)id < n && texts[id] ? texts[id] : "";
}

static const char *type_of(const struct making *m, const char *code)
{
    size_t i = avqa_templates_find(m->templates, code);
    return i == AVQA_TEMPLATE_NONE ? "" : m->templates->items[i].label;
}

static enum avqa_status read_meanings(struct making *m, struct avqa_catalog *cat)
{
    enum avqa_status rc = avqa_templates_load(&m->templates, cat);
    if (rc == AVQA_OK && !m->templates)
        rc = avqa_fail(AVQA_ENOENT, "there are no questions yet; import some first");
    if (rc == AVQA_OK)
        rc = avqa_template_codes(cat, add_code, m);
    if (rc == AVQA_OK)
        rc = avqa_split_each(cat, add_split, m);
    if (rc == AVQA_OK)
        rc = avqa_question_words_load(&m->words, cat);
    return rc;
}

/* ---- taking ---------------------------------------------------------------------- */

/* The question as it is asked. */
static enum avqa_status fill(const char **out, struct making *m,
                             const struct avqa_question *q)
{
    const char *values[AVQA_TEMPLATE_MAX_SLOTS];
    const char *slots = avqa_question_words_text(&m->words, q->slots_id);
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_json *list = NULL;
    size_t n = 0;
    enum avqa_status rc =
        *slots ? avqa_json_parse(&list, slots, strlen(slots)) : AVQA_OK;
    if (rc != AVQA_OK)
        return rc;
    for (const struct avqa_json *v = avqa_json_first(list);
         v && n < AVQA_TEMPLATE_MAX_SLOTS; v = avqa_json_next(v))
        values[n++] = avqa_json_string(v) ? avqa_json_string(v) : "";
    rc = avqa_template_fill(&text, avqa_question_words_text(&m->words, q->text_id),
                            values, n);
    *out = avqa_arena_strdup(&m->out->arena, avqa_buf_str(&text));
    avqa_buf_release(&text);
    avqa_json_free(list);
    return rc;
}

static enum avqa_status take(struct making *m, const struct avqa_question *q)
{
    struct avqa_explain_list *out = m->out;
    const char *split = text_of(m->splits, m->n_splits, q->split_id);
    const char *code = text_of(m->codes, m->n_codes, q->template_id);
    char reference[512];
    int n = snprintf(reference, sizeof reference, "%.400s#%" PRId64, split, q->row);
    if (q->has_number)
        snprintf(reference + n, sizeof reference - (size_t)n, ", number %" PRId64,
                 q->number);
    enum avqa_status rc =
        avqa_mem_grow(&out->items, &out->cap, out->n + 1, sizeof *out->items);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_explain_question item = {
        .id = q->id,
        .clip_id = q->clip_id,
        .split = split,
        .code = code,
        .type = avqa_arena_strdup(&out->arena, type_of(m, code)),
        .truth = avqa_arena_strdup(&out->arena,
                                   avqa_question_words_text(&m->words, q->answer_id)),
        .reference = avqa_arena_strdup(&out->arena, reference)};
    rc = fill(&item.text, m, q);
    if (rc == AVQA_OK)
        out->items[out->n++] = item;
    return rc;
}

static bool fits(struct making *m, const struct avqa_question *q)
{
    const struct avqa_explain_wanted *w = m->wanted;
    const char *code = text_of(m->codes, m->n_codes, q->template_id);
    bool has_code = !w->code || strcmp(w->code, code) == 0;
    bool has_type = !w->type || strcmp(w->type, type_of(m, code)) == 0;
    m->knows_code = m->knows_code || has_code;
    m->knows_type = m->knows_type || has_type;
    return has_code && has_type && !q->deleted;
}

static enum avqa_status look_for_names(struct making *m, const struct avqa_question *q)
{
    const char *split = text_of(m->splits, m->n_splits, q->split_id);
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < m->wanted->n_references; i++) {
        struct name *name = &m->names[i];
        if (!is_named(name, q, split))
            continue;
        if (name->place) {
            snprintf(name->also, sizeof name->also, "%.40s#%" PRId64, split, q->row);
            continue;
        }
        rc = take(m, q);
        name->place = m->out->n;
    }
    return rc;
}

static enum avqa_status look_at(void *user, const struct avqa_question *q)
{
    struct making *m = user;
    if (m->names)
        return look_for_names(m, q);
    return fits(m, q) ? take(m, q) : AVQA_OK;
}

/* ---- all of it ------------------------------------------------------------------- */

/* Puts the named ones in the order of their names. */
static enum avqa_status order_by_name(struct making *m)
{
    struct avqa_explain_list *out = m->out;
    struct avqa_explain_question *items;
    enum avqa_status rc =
        avqa_mem_array(&items, m->wanted->n_references, sizeof *items);
    for (size_t i = 0; rc == AVQA_OK && i < m->wanted->n_references; i++) {
        const struct name *name = &m->names[i];
        if (name->place == 0)
            rc = avqa_fail(AVQA_ENOENT, "there is no question %s%s%s", name->text,
                           m->wanted->split ? " in split " : "",
                           m->wanted->split ? m->wanted->split : "");
        else if (name->also[0])
            rc = avqa_fail(AVQA_EINVAL,
                           "%s is the number of several questions (%s and %s): name "
                           "the row",
                           name->text, out->items[name->place - 1].reference,
                           name->also);
        else
            items[i] = out->items[name->place - 1];
    }
    if (rc != AVQA_OK) {
        free(items);
        return rc;
    }
    free(out->items);
    out->items = items;
    out->n = out->cap = m->wanted->n_references;
    return AVQA_OK;
}

struct draw {
    uint64_t lot;
    struct avqa_explain_question question;
};

static int by_lot(const void *a, const void *b)
{
    const struct draw *x = a;
    const struct draw *y = b;
    if (x->lot != y->lot)
        return x->lot < y->lot ? -1 : 1;
    return (x->question.id > y->question.id) - (x->question.id < y->question.id);
}

/* An order that follows from the seed and each question's own place, so that another
 * filter leaves those that stay in theirs. */
static enum avqa_status order_by_chance(struct making *m)
{
    struct avqa_explain_list *out = m->out;
    struct draw *draws;
    enum avqa_status rc = avqa_mem_array(&draws, out->n + 1, sizeof *draws);
    if (rc != AVQA_OK)
        return rc;
    for (size_t i = 0; i < out->n; i++)
        draws[i] = (struct draw){
            avqa_hash_str(m->wanted->seed, out->items[i].reference), out->items[i]};
    qsort(draws, out->n, sizeof *draws, by_lot);
    for (size_t i = 0; i < out->n; i++)
        out->items[i] = draws[i].question;
    free(draws);
    return AVQA_OK;
}

static enum avqa_status judge_fitting(const struct making *m)
{
    const struct avqa_explain_wanted *w = m->wanted;
    if (m->out->n)
        return AVQA_OK;
    if (!m->knows_code && w->code)
        return avqa_fail(AVQA_ENOENT, "split '%s' has no question of template %s",
                         w->split, w->code);
    if (!m->knows_type && w->type)
        return avqa_fail(AVQA_ENOENT,
                         "split '%s' has no question of type %s; types are written as "
                         "in the template file (Audio-Visual/Counting)",
                         w->split, w->type);
    return avqa_fail(AVQA_ENOENT, "split '%s' has no question that fits", w->split);
}

enum avqa_status avqa_explain_list_make(struct avqa_explain_list *out,
                                        struct avqa_catalog *cat,
                                        const struct avqa_explain_wanted *w)
{
    struct making m = {.out = out, .wanted = w};
    int64_t split_id = 0;
    enum avqa_status rc = AVQA_OK;
    if (w->references)
        rc = avqa_mem_array(&m.names, w->n_references, sizeof *m.names);
    for (size_t i = 0; rc == AVQA_OK && w->references && i < w->n_references; i++)
        rc = read_name(&m.names[i], w->references[i]);
    if (rc == AVQA_OK && w->split)
        rc = avqa_split_find(cat, w->split, &split_id);
    if (rc == AVQA_OK)
        rc = read_meanings(&m, cat);
    if (rc == AVQA_OK)
        rc = avqa_question_each(cat, split_id, look_at, &m);
    if (rc == AVQA_OK && !m.names)
        rc = judge_fitting(&m);
    if (rc == AVQA_OK)
        rc = m.names ? order_by_name(&m) : order_by_chance(&m);
    free(m.names);
    free(m.codes);
    free(m.splits);
    avqa_templates_free(m.templates);
    avqa_question_words_release(&m.words);
    return rc;
}
