/* See clip_rows.h. A clip costs what its own rows and their combinations cost, so all
 * clips together cost linear time. */
#include "audit/clip_rows.h"
#include "audit/condition.h"
#include "base/mem.h"

#include <stdlib.h>

void avqa_clip_rows_init(struct avqa_clip_rows *r, const struct avqa_audit_table *t)
{
    const struct avqa_rules *rules = t->templates->rules;
    *r = (struct avqa_clip_rows){.table = t, .rules = rules};
    r->first = avqa_mem_new((t->templates->n + 1) * sizeof *r->first);
    for (size_t i = 0; i < t->templates->n; i++)
        r->first[i] = AVQA_CLIP_ROW_NONE;
    for (size_t w = 0; w < rules->n_witnesses; w++)
        r->witnesses[w].rows =
            avqa_mem_new(((size_t)rules->symbols.n + 1) * sizeof(uint32_t));
}

void avqa_clip_rows_release(struct avqa_clip_rows *r)
{
    for (size_t w = 0; r->rules && w < r->rules->n_witnesses; w++)
        free(r->witnesses[w].rows);
    free(r->first);
    free(r->attested);
    *r = (struct avqa_clip_rows){0};
}

bool avqa_clip_rows_question(const struct avqa_clip_rows *r, uint32_t number,
                             struct avqa_clip_row *row)
{
    const struct avqa_audit_table *t = r->table;
    const struct avqa_audit_slots *slots = &t->slots[t->rows[number].slots];
    row->template = avqa_audit_template(t, &t->rows[number]);
    row->number = number;
    if (slots->n != row->template->n_slots)
        return false;
    for (size_t s = 0; s < slots->n; s++) {
        const char *word = avqa_audit_word(t, slots->values[s]);
        if (!avqa_rules_word(r->rules, row->template->slots[s], word, &row->slots[s]))
            return false;
    }
    return true;
}

static bool read_row(const struct avqa_clip_rows *r, uint32_t number,
                     struct avqa_clip_row *row)
{
    const struct avqa_audit_table *t = r->table;
    const char *answer = avqa_audit_answer(t, t->rows[number].answer);
    if (!avqa_clip_rows_question(r, number, row))
        return false;
    size_t d = 0;
    while (d < row->template->n_answers &&
           !avqa_rules_word(r->rules, row->template->answers[d], answer, &row->answer))
        d++;
    return d < row->template->n_answers;
}

size_t avqa_clip_rows_template(const struct avqa_clip_rows *r,
                               const struct avqa_clip_row *row)
{
    return (size_t)(row->template - r->table->templates->items);
}

/* Counts what a row attests, or takes it back. */
static void count_attested(struct avqa_clip_rows *r,
                           const struct avqa_clip_attested *at, bool there)
{
    struct avqa_clip_witness *w = &r->witnesses[at->set];
    if (there)
        w->distinct += w->rows[at->symbol]++ == 0;
    else
        w->distinct -= --w->rows[at->symbol] == 0;
}

void avqa_clip_rows_count(struct avqa_clip_rows *r, size_t from, size_t to, bool there)
{
    for (size_t i = from; i < to; i++)
        count_attested(r, &r->attested[i], there);
}

static enum avqa_status attest_words(struct avqa_clip_rows *r,
                                     const struct avqa_rule_member *m, uint16_t row)
{
    r->bound[0] = &r->rows[row];
    if (m->when && !avqa_condition_is_true(r, m->when))
        return AVQA_OK;
    for (size_t i = 0; i < m->n_words; i++) {
        enum avqa_status rc = avqa_mem_grow(&r->attested, &r->cap_attested,
                                            r->n_attested + 1, sizeof *r->attested);
        if (rc != AVQA_OK)
            return rc;
        struct avqa_clip_attested *at = &r->attested[r->n_attested++];
        *at = (struct avqa_clip_attested){avqa_condition_symbol(r, m->words[i]), row,
                                          (uint16_t)m->set};
        count_attested(r, at, true);
    }
    return AVQA_OK;
}

enum avqa_status avqa_clip_rows_attest(struct avqa_clip_rows *r, uint16_t row)
{
    size_t t = avqa_clip_rows_template(r, &r->rows[row]);
    enum avqa_status rc = AVQA_OK;
    for (size_t m = r->rules->members_at[t];
         rc == AVQA_OK && m < r->rules->members_at[t + 1]; m++)
        rc = attest_words(r, &r->rules->members[m], row);
    return rc;
}

enum avqa_status avqa_clip_rows_load(struct avqa_clip_rows *r, const uint32_t *numbers,
                                     size_t n)
{
    enum avqa_status rc = AVQA_OK;
    r->n_rows = 0;
    r->n_attested = 0;
    for (size_t i = 0; i < n; i++)
        r->n_rows += read_row(r, numbers[i], &r->rows[r->n_rows]);
    for (size_t i = r->n_rows; i-- > 0;) {
        uint16_t *first = &r->first[avqa_clip_rows_template(r, &r->rows[i])];
        r->rows[i].next = *first;
        *first = (uint16_t)i;
    }
    for (size_t i = 0; rc == AVQA_OK && i < r->n_rows; i++) {
        r->rows[i].attested = r->n_attested;
        rc = avqa_clip_rows_attest(r, (uint16_t)i);
    }
    r->rows[r->n_rows].attested = r->n_attested;
    return rc;
}

void avqa_clip_rows_forget(struct avqa_clip_rows *r)
{
    for (size_t i = 0; i < r->n_rows; i++)
        r->first[avqa_clip_rows_template(r, &r->rows[i])] = AVQA_CLIP_ROW_NONE;
    avqa_clip_rows_count(r, 0, r->n_attested, false);
}

/* Binds the rows of a case from the n-th on, every combination. */
static void bind_from(struct avqa_clip_rows *r, const struct avqa_rule_case *c,
                      size_t n, avqa_clip_rows_fn *take, void *user)
{
    if (n >= c->n_rows || n >= AVQA_RULE_MAX_ROWS) {
        take(user, c);
        return;
    }
    uint16_t row = r->first[c->templates[n]];
    for (size_t b = 0; b < n; b++) {
        if (c->templates[b] == c->templates[n])
            row = r->bound[b]->next; /* a pair once, and no row twice */
    }
    for (; row != AVQA_CLIP_ROW_NONE; row = r->rows[row].next) {
        r->bound[n] = &r->rows[row];
        bind_from(r, c, n + 1, take, user);
        if (r->bound[n] == r->asked && !c->sets)
            break; /* what follows is without the question in hand */
    }
}

void avqa_clip_rows_bind(struct avqa_clip_rows *r, const struct avqa_rule_case *c,
                         avqa_clip_rows_fn *take, void *user)
{
    bind_from(r, c, 0, take, user);
}
