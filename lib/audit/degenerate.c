/* Check 11. What refers to the same thing twice, puts two things at one place, has a
 * senseless slot value (named by the template file, such as "on the middle of"), or
 * whose answer stands in the question. A senseless row is not counted for its answer
 * too. */
#include "audit/degenerate.h"
#include "base/buf.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const char SAME_OBJECT[] = "same_object";
static const char SAME_PLACE[] = "same_place";
static const char TWO_AT_ONE_PLACE[] = "two_at_one_place";
static const char ANSWER_REPEATS_SLOT[] = "answer_repeats_slot";

/* A degenerate row. Reasons are compared by their text. */
struct hit {
    const char *reason;
    uint16_t template;
    uint32_t row;
};

struct hits {
    struct hit *items;
    size_t n, cap;
};

static void explain(struct avqa_buf *out, const char *reason, size_t n)
{
    static const struct {
        const char *reason, *one, *many, *rest;
    } texts[] = {{SAME_OBJECT, "compares", "compare", "a thing with itself"},
                 {SAME_PLACE, "names", "name", "the same place twice"},
                 {TWO_AT_ONE_PLACE, "puts", "put", "two things at one place"},
                 {ANSWER_REPEATS_SLOT, "has", "have",
                  "an answer that stands in the question (senseless ones not counted)"},
                 {"middle_of", "asks", "ask", "what is \"on the middle of\" a thing"},
                 {"", "is", "are", "senseless as the template file says"}};
    size_t i = 0;
    while (*texts[i].reason && strcmp(texts[i].reason, reason) != 0)
        i++;
    avqa_buf_addf(out, "%s %s", n == 1 ? texts[i].one : texts[i].many, texts[i].rest);
}

/* The word of the first slot of a referent whose domain is of this kind, or NONE. */
static uint32_t word_of_kind(const struct avqa_template *t,
                             const struct avqa_referent *r,
                             const struct avqa_audit_slots *slots,
                             enum avqa_domain_kind kind)
{
    for (size_t i = 0; i < r->n_slots; i++) {
        if (t->slots[r->slots[i]]->kind == kind && r->slots[i] < slots->n)
            return slots->values[r->slots[i]];
    }
    return AVQA_INTERN_NONE;
}

/* What is odd about two referents of a question, or NULL. */
static const char *compare(const struct avqa_template *t, const struct avqa_referent *x,
                           const struct avqa_referent *y,
                           const struct avqa_audit_slots *slots)
{
    uint32_t object_x = word_of_kind(t, x, slots, AVQA_DOMAIN_OBJECT);
    uint32_t object_y = word_of_kind(t, y, slots, AVQA_DOMAIN_OBJECT);
    uint32_t place_x = word_of_kind(t, x, slots, AVQA_DOMAIN_PLACE);
    uint32_t place_y = word_of_kind(t, y, slots, AVQA_DOMAIN_PLACE);
    bool has_object = object_x != AVQA_INTERN_NONE && object_y != AVQA_INTERN_NONE;
    bool has_place = place_x != AVQA_INTERN_NONE && place_y != AVQA_INTERN_NONE;
    if (has_object && object_x == object_y && (!has_place || place_x == place_y))
        return SAME_OBJECT;
    if (has_place && place_x == place_y)
        return has_object ? TWO_AT_ONE_PLACE : SAME_PLACE;
    return NULL;
}

static const char *odd_referents(const struct avqa_template *t,
                                 const struct avqa_audit_slots *slots)
{
    for (size_t i = 0; i < t->n_referents; i++) {
        for (size_t j = i + 1; j < t->n_referents; j++) {
            const char *reason = compare(t, &t->referents[i], &t->referents[j], slots);
            if (reason)
                return reason;
        }
    }
    return NULL;
}

static const char *senseless(const struct avqa_audit_table *table,
                             const struct avqa_template *t,
                             const struct avqa_audit_slots *slots)
{
    for (size_t i = 0; i < t->n_senseless; i++) {
        const struct avqa_senseless *s = &t->senseless[i];
        if (s->slot < slots->n &&
            strcmp(avqa_audit_word(table, slots->values[s->slot]), s->value) == 0)
            return s->reason;
    }
    return NULL;
}

static bool repeats(const struct avqa_audit_slots *slots, uint32_t word)
{
    for (size_t i = 0; i < slots->n; i++) {
        if (slots->values[i] == word)
            return true;
    }
    return false;
}

static enum avqa_status add(struct hits *hits, const char *reason, uint16_t template,
                            size_t row)
{
    enum avqa_status rc =
        avqa_mem_grow(&hits->items, &hits->cap, hits->n + 1, sizeof *hits->items);
    if (rc == AVQA_OK)
        hits->items[hits->n++] = (struct hit){reason, template, (uint32_t)row};
    return rc;
}

/* Answers as slot words (NONE if no slot ever had that word); NULL without memory. */
static uint32_t *answers_as_words(const struct avqa_audit_table *t)
{
    uint32_t *words = calloc((size_t)t->answers.n + 1, sizeof *words);
    for (uint32_t a = 0; words && a < t->answers.n; a++) {
        const char *text = avqa_audit_answer(t, a);
        words[a] = avqa_intern_find(&t->words, text, strlen(text));
    }
    return words;
}

static enum avqa_status collect(const struct avqa_audit *a, struct hits *hits)
{
    const struct avqa_audit_table *table = a->t;
    uint32_t *words = answers_as_words(table);
    enum avqa_status rc = AVQA_OK;
    if (!words)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %u answers", table->answers.n);
    for (size_t i = a->on.from; rc == AVQA_OK && i < a->on.to; i++) {
        const struct avqa_audit_row *row = &table->rows[i];
        const struct avqa_template *t = avqa_audit_template(table, row);
        const struct avqa_audit_slots *slots = &table->slots[row->slots];
        const char *odd = odd_referents(t, slots);
        const char *reason = senseless(table, t, slots);
        if (odd)
            rc = add(hits, odd, row->template, i);
        if (rc == AVQA_OK && reason)
            rc = add(hits, reason, row->template, i);
        else if (rc == AVQA_OK && words[row->answer] != AVQA_INTERN_NONE &&
                 repeats(slots, words[row->answer]))
            rc = add(hits, ANSWER_REPEATS_SLOT, row->template, i);
    }
    free(words);
    return rc;
}

static int by_reason(const void *a, const void *b)
{
    const struct hit *x = a;
    const struct hit *y = b;
    int order = strcmp(x->reason, y->reason);
    if (order == 0 && x->template != y->template)
        order = x->template <y->template ? -1 : 1;
    return order ? order : x->row < y->row ? -1 : x->row > y->row;
}

static void report_group(const struct avqa_audit *a, const struct hit *hits, size_t n,
                         struct avqa_findings *findings)
{
    const struct avqa_template *t = &a->t->templates->items[hits->template];
    struct avqa_buf what = AVQA_BUF_INIT;
    explain(&what, hits->reason, n);
    struct avqa_finding *f = avqa_finding_add(
        findings, "degenerate", AVQA_WARNING, "%zu of the questions %s \"%s\" %s (%s)",
        n, t->code, t->text, avqa_buf_str(&what), hits->reason);
    avqa_buf_release(&what);
    for (size_t i = 0; i < n; i++)
        avqa_finding_row(f, a->t, hits[i].row);
}

/* An empty object for every reason that may count by template. */
static void put_reasons(const struct avqa_templates *templates, struct avqa_json *out)
{
    avqa_json_put_object(out, ANSWER_REPEATS_SLOT);
    for (size_t i = 0; i < templates->n; i++) {
        const struct avqa_template *t = &templates->items[i];
        for (size_t s = 0; s < t->n_senseless; s++) {
            if (!avqa_json_get(out, t->senseless[s].reason))
                avqa_json_put_object(out, t->senseless[s].reason);
        }
    }
}

/* Counts by reason: plain numbers for the referents, by template for the others. */
static void put_counts(const struct avqa_audit *a, const struct hits *hits,
                       struct avqa_json *out, struct avqa_findings *findings)
{
    static const char *const plain[] = {SAME_OBJECT, SAME_PLACE, TWO_AT_ONE_PLACE};
    for (size_t p = 0; p < sizeof plain / sizeof *plain; p++) {
        int64_t n = 0;
        for (size_t i = 0; i < hits->n; i++)
            n += hits->items[i].reason == plain[p];
        avqa_json_put_int(out, plain[p], n);
    }
    put_reasons(a->t->templates, out);
    for (size_t i = 0; i < hits->n;) {
        const struct hit *h = &hits->items[i];
        size_t end = i;
        while (end < hits->n && hits->items[end].template == h->template &&
               strcmp(hits->items[end].reason, h->reason) == 0)
            end++;
        report_group(a, h, end - i, findings);
        struct avqa_json *by_template =
            (struct avqa_json *)avqa_json_get(out, h->reason);
        if (!by_template)
            by_template = avqa_json_put_object(out, h->reason);
        if (avqa_json_type(by_template) == AVQA_JSON_OBJECT)
            avqa_json_put_int(by_template, a->t->templates->items[h->template].code,
                              (int64_t)(end - i));
        i = end;
    }
}

enum avqa_status avqa_check_degenerate(const struct avqa_audit *a,
                                       struct avqa_check_out *out)
{
    struct hits hits = {0};
    enum avqa_status rc = collect(a, &hits);
    out->json = avqa_json_new_object();
    if (rc == AVQA_OK && hits.n)
        qsort(hits.items, hits.n, sizeof *hits.items, by_reason);
    if (rc == AVQA_OK)
        put_counts(a, &hits, out->json, &out->findings);
    free(hits.items);
    return rc;
}
