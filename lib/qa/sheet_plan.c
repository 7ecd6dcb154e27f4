/* See sheet_plan.h. */
#include "qa/sheet_plan.h"
#include "base/intern.h"

enum { MAX_SLOTS = AVQA_TEMPLATE_MAX_SLOTS, NO_SLOT = AVQA_SHEET_NO_SLOT };

struct avqa_sheet_order avqa_sheet_order(const struct avqa_template *t)
{
    struct avqa_sheet_order o = {0};
    bool taken[MAX_SLOTS] = {false};
    size_t n = 0;
    o.first = t->answer ? avqa_program_first(t->answer) : NULL;
    for (; o.first && n < o.first->n_slots; n++) {
        o.slots[n] = o.first->slots[n];
        taken[o.slots[n]] = true;
    }
    o.n_slow = n;
    for (size_t s = 0; s < t->n_slots; s++) {
        if (!taken[s])
            o.slots[n++] = (uint8_t)s;
    }
    return o;
}

static bool add_argument(struct avqa_sheet_columns *columns,
                         const struct avqa_template *t,
                         const struct avqa_program_node *n,
                         struct avqa_sheet_argument *out)
{
    out->far = n->n_slots > 1 ? n->slots[0] : NO_SLOT;
    out->near = n->n_slots > 0 ? n->slots[n->n_slots - 1] : NO_SLOT;
    return avqa_sheet_column_add(&out->column, columns, t, n);
}

static bool add_root(struct avqa_sheet_columns *columns, const struct avqa_template *t,
                     const struct avqa_program_node *n, struct avqa_sheet_root *out)
{
    bool added = true;
    out->node = n;
    for (size_t k = 0; added && k < n->n_args; k++)
        added = add_argument(columns, t, n->args[k], &out->args[k]);
    return added;
}

static bool has_doubles(const struct avqa_domain *d)
{
    return !d->words || d->words->n != d->n_values;
}

/* The slot of the place that a referent of several slots names, or NO_SLOT. */
static uint8_t place_slot(const struct avqa_template *t, const struct avqa_referent *r)
{
    for (size_t i = 0; r->n_slots > 1 && i < r->n_slots; i++) {
        if (t->slots[r->slots[i]]->kind == AVQA_DOMAIN_PLACE)
            return (uint8_t)r->slots[i];
    }
    return NO_SLOT;
}

/* Two things the template speaks of, which must be two and not at one place. */
static void add_pair(struct avqa_sheet_plan *p, const struct avqa_referent *a,
                     const struct avqa_referent *b)
{
    const struct avqa_template *t = p->t;
    struct avqa_sheet_rivals same = {.n = (uint8_t)a->n_slots};
    bool alike = a->n_slots == b->n_slots;
    for (size_t i = 0; alike && i < a->n_slots; i++) {
        alike = t->slots[a->slots[i]] == t->slots[b->slots[i]];
        same.a[i] = (uint8_t)a->slots[i];
        same.b[i] = (uint8_t)b->slots[i];
    }
    if (alike)
        p->same[p->n_same++] = same;
    struct avqa_sheet_rivals places = {
        .n = 1, .a = {place_slot(t, a)}, .b = {place_slot(t, b)}};
    if (places.a[0] == NO_SLOT || places.b[0] == NO_SLOT)
        return;
    p->fits = p->fits && t->slots[places.a[0]] == t->slots[places.b[0]];
    p->places[p->n_places++] = places;
}

static void read_words(struct avqa_sheet_plan *p)
{
    const struct avqa_template *t = p->t;
    for (size_t s = 0; s < t->n_slots; s++) {
        p->fits = p->fits && !has_doubles(t->slots[s]);
        for (size_t i = 0; i < t->slots[s]->n_values; i++)
            p->may_repeat =
                p->may_repeat || avqa_template_answer_domain(t, t->slots[s]->values[i]);
    }
    for (size_t i = 0; i < t->n_senseless; i++) {
        const struct avqa_domain *d = t->slots[t->senseless[i].slot];
        size_t word = avqa_domain_find(d, t->senseless[i].value);
        p->senseless[i] = word < UINT16_MAX ? (uint16_t)word : UINT16_MAX;
        p->fits = p->fits && d->kind != AVQA_DOMAIN_OBJECT; /* tried in another order */
    }
    for (size_t i = 0; i < t->n_referents; i++) {
        for (size_t j = 0; j < i; j++)
            add_pair(p, &t->referents[i], &t->referents[j]);
    }
}

/* Where the answers of the program's type stand among all answers. */
static void read_answers(struct avqa_sheet_plan *p)
{
    const struct avqa_template *t = p->t;
    const struct avqa_domain *d = avqa_program_answers(&p->scope, t->answer->type);
    size_t n = 0;
    for (size_t i = 0; i < t->n_answers; i++)
        n += t->answers[i]->n_values;
    for (size_t i = 0; t->answers[i] != d; i++)
        p->base += t->answers[i]->n_values;
    p->answers = d;
    p->fits = p->fits && n <= UINT8_MAX;
}

void avqa_sheet_plan(struct avqa_sheet_plan *out, struct avqa_sheet_columns *columns,
                     const struct avqa_template *t)
{
    struct avqa_sheet_plan *p = out;
    p->t = t;
    if (!t->answer)
        return;
    p->fits = true;
    p->scope = avqa_template_scope(t);
    p->order = avqa_sheet_order(t);
    read_words(p);
    read_answers(p);
    p->fits = p->fits && add_root(columns, t, t->answer, &p->answer);
    if (p->fits && p->order.first)
        p->fits = add_argument(columns, t, p->order.first, &p->first);
    for (size_t i = 0; p->fits && i < t->n_needed; i++)
        p->fits = add_root(columns, t, t->needed[i].without, &p->needed[i]);
}
