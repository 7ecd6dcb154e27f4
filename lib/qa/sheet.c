/* See sheet.h. The parts of programs are columns (sheet_column.h); a whole program is
 * computed for each filling out of its arguments' cells. What a template says of words
 * is turned into comparisons of their numbers beforehand; a template for which that
 * would not be the same (a word that stands twice in a domain) is not for sheets. */
#include "qa/sheet.h"
#include "base/intern.h"
#include "base/mem.h"
#include "qa/evaluate_run.h"
#include "qa/question.h"
#include "qa/sheet_cell.h"
#include "qa/sheet_column.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_SLOTS = AVQA_TEMPLATE_MAX_SLOTS, NO_SLOT = MAX_SLOTS };

/* The word in each slot by number; behind them one that is always 0. */
typedef uint16_t filling[MAX_SLOTS + 1];

/* Where the cell of an argument is found: at[far] * stride + at[near]. */
struct argument {
    uint32_t column;
    uint8_t far, near;
    size_t stride;
    const struct avqa_sheet_cell *cells; /* of the clip in hand */
};

/* A program that is computed for each filling. */
struct root {
    const struct avqa_program_node *node;
    struct argument args[AVQA_PROGRAM_MAX_ARGS];
    uint32_t round; /* the clip that its arguments are of */
};

/* Slots that must not all have the same words as others. */
struct rivals {
    uint8_t n;
    uint8_t a[MAX_SLOTS], b[MAX_SLOTS];
};

struct programs {
    const struct avqa_template *t;
    struct avqa_program_scope scope;
    struct avqa_sheet_order order;
    struct argument first; /* that part; it is a column */
    struct root answer, needed[MAX_SLOTS];
    size_t base;    /* of answers that are truths, numbers or places, among all */
    size_t n_words; /* of their domain */
    struct rivals same[MAX_SLOTS * MAX_SLOTS / 2]; /* two names of one thing */
    size_t n_same;
    struct rivals places[MAX_SLOTS * MAX_SLOTS / 2]; /* of things told apart by them */
    size_t n_places;
    uint16_t senseless[MAX_SLOTS]; /* word of the template's senseless[i].slot */
    bool may_repeat;               /* an answer may be a word of a slot */
    bool fits;
};

struct avqa_sheet {
    const struct avqa_templates *templates;
    struct programs *programs; /* by template */
    struct avqa_sheet_columns columns;
};

/* ---- before any clip --------------------------------------------------------------
 */

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

static bool add_argument(struct avqa_sheet *sheet, const struct avqa_template *t,
                         const struct avqa_program_node *n, struct argument *out)
{
    out->far = n->n_slots > 1 ? n->slots[0] : NO_SLOT;
    out->near = n->n_slots > 0 ? n->slots[n->n_slots - 1] : NO_SLOT;
    return avqa_sheet_column_add(&out->column, &sheet->columns, t, n);
}

static bool add_root(struct avqa_sheet *sheet, const struct avqa_template *t,
                     const struct avqa_program_node *n, struct root *out)
{
    bool added = true;
    out->node = n;
    for (size_t k = 0; added && k < n->n_args; k++)
        added = add_argument(sheet, t, n->args[k], &out->args[k]);
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
static void add_pair(struct programs *p, const struct avqa_referent *a,
                     const struct avqa_referent *b)
{
    const struct avqa_template *t = p->t;
    struct rivals same = {.n = (uint8_t)a->n_slots};
    bool alike = a->n_slots == b->n_slots;
    for (size_t i = 0; alike && i < a->n_slots; i++) {
        alike = t->slots[a->slots[i]] == t->slots[b->slots[i]];
        same.a[i] = (uint8_t)a->slots[i];
        same.b[i] = (uint8_t)b->slots[i];
    }
    if (alike)
        p->same[p->n_same++] = same;
    struct rivals places = {.n = 1, .a = {place_slot(t, a)}, .b = {place_slot(t, b)}};
    if (places.a[0] == NO_SLOT || places.b[0] == NO_SLOT)
        return;
    p->fits = p->fits && t->slots[places.a[0]] == t->slots[places.b[0]];
    p->places[p->n_places++] = places;
}

static void read_words(struct programs *p)
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
static void read_answers(struct programs *p)
{
    const struct avqa_template *t = p->t;
    const struct avqa_domain *d = avqa_program_answers(&p->scope, t->answer->type);
    size_t n = 0;
    for (size_t i = 0; i < t->n_answers; i++)
        n += t->answers[i]->n_values;
    for (size_t i = 0; t->answers[i] != d; i++)
        p->base += t->answers[i]->n_values;
    p->n_words = d->n_values;
    p->fits = p->fits && n <= UINT8_MAX;
}

static void add_programs(struct avqa_sheet *sheet, const struct avqa_template *t,
                         struct programs *p)
{
    p->t = t;
    if (!t->answer)
        return;
    p->fits = true;
    p->scope = avqa_template_scope(t);
    p->order = avqa_sheet_order(t);
    read_words(p);
    read_answers(p);
    p->fits = p->fits && add_root(sheet, t, t->answer, &p->answer);
    if (p->fits && p->order.first)
        p->fits = add_argument(sheet, t, p->order.first, &p->first);
    for (size_t i = 0; p->fits && i < t->n_needed; i++)
        p->fits = add_root(sheet, t, t->needed[i].without, &p->needed[i]);
}

struct avqa_sheet *avqa_sheet_new(const struct avqa_templates *templates,
                                  const struct avqa_margins *margins)
{
    struct avqa_sheet *sheet = avqa_mem_new(sizeof *sheet);
    sheet->templates = templates;
    sheet->columns.domains = templates->domains;
    sheet->columns.room.margins = margins;
    sheet->columns.room.louder_db = avqa_measure_louder_db(margins);
    sheet->programs = avqa_mem_new((templates->n + 1) * sizeof *sheet->programs);
    for (size_t i = 0; i < templates->n; i++)
        add_programs(sheet, &templates->items[i], &sheet->programs[i]);
    return sheet;
}

void avqa_sheet_free(struct avqa_sheet *sheet)
{
    if (!sheet)
        return;
    avqa_sheet_columns_release(&sheet->columns);
    free(sheet->programs);
    free(sheet);
}

bool avqa_sheet_take(struct avqa_sheet *sheet, const struct avqa_scene *scene,
                     const struct avqa_sheet_words *words)
{
    for (size_t d = 0; d < sheet->templates->n_domains; d++) {
        if (words[d].n > AVQA_SHEET_MAX_WORDS)
            return false;
    }
    sheet->columns.words = words;
    avqa_sheet_columns_turn(&sheet->columns);
    return avqa_sight_take(&sheet->columns.room.sight, scene);
}

bool avqa_sheet_fits(const struct avqa_sheet *sheet, size_t template)
{
    return sheet->programs[template].fits;
}

/* ---- one filling ------------------------------------------------------------------
 */

static const struct avqa_sheet_words *
words_of(const struct avqa_sheet *sheet, const struct avqa_template *t, size_t slot)
{
    return &sheet->columns.words[t->slots[slot] - sheet->templates->domains];
}

/* Has the cells of the clip in hand. */
static void fetch(struct avqa_sheet *sheet, const struct avqa_template *t,
                  struct argument *a)
{
    a->cells = avqa_sheet_column_cells(&sheet->columns, a->column);
    a->stride = a->far == NO_SLOT ? 0 : words_of(sheet, t, a->near)->n;
}

static const struct avqa_sheet_cell *cell_at(const struct argument *a,
                                             const uint16_t *at)
{
    return &a->cells[at[a->far] * a->stride + at[a->near]];
}

static void prepare(struct avqa_sheet *sheet, const struct avqa_template *t,
                    struct root *r)
{
    if (r->round == sheet->columns.round)
        return;
    r->round = sheet->columns.round;
    for (size_t k = 0; k < r->node->n_args; k++)
        fetch(sheet, t, &r->args[k]);
}

static void compute(struct avqa_sheet_cell *out, struct avqa_sheet *sheet,
                    const struct avqa_template *t, const struct root *r,
                    const uint16_t *at)
{
    const struct avqa_sheet_cell *args[AVQA_PROGRAM_MAX_ARGS];
    for (size_t k = 0; k < r->node->n_args; k++)
        args[k] = cell_at(&r->args[k], at);
    if (r->node->op == AVQA_OP_SLOT)
        avqa_sheet_slot(out, &sheet->columns.room, r->node, t->slots[r->node->slot],
                        words_of(sheet, t, r->node->slot)->items[at[r->node->slot]]);
    else
        avqa_sheet_compute(out, &sheet->columns.room, r->node, t->slots, args);
}

/* The answer that a well-posed cell stands for, with all that belongs to it. */
static struct avqa_evaluation answer_of(const struct programs *p,
                                        const struct avqa_sheet_cell *cell)
{
    enum avqa_program_type type = p->answer.node->type;
    struct avqa_evaluation e = {.by_sound = cell->by_sound};
    struct avqa_evaluate_value v = {.is_text = cell->is_text};
    if (cell->is_text)
        v.is.word = cell->word;
    else if (type == AVQA_TYPE_TRUTH)
        v.is.truth = cell->truth;
    else if (type == AVQA_TYPE_COUNT)
        v.is.count = cell->count;
    else if (type == AVQA_TYPE_PLACE)
        v.is.place = cell->place;
    else
        v.is.word = cell->word;
    avqa_evaluate_answer(&e, &p->scope, type, &v);
    e.evidence.bits[0] = cell->evidence;
    return e;
}

/* Only where the answer stands; truths and numbers are most of all. */
static struct avqa_outcome place_answer(const struct programs *p,
                                        const struct avqa_sheet_cell *cell)
{
    enum avqa_program_type type = p->answer.node->type;
    struct avqa_outcome out = {.reason = cell->reason};
    if (cell->reason != AVQA_WELL_POSED)
        return out;
    if (type == AVQA_TYPE_TRUTH && !cell->is_text && p->n_words > 1) {
        out.position = (uint8_t)(p->base + (cell->truth ? 0 : 1));
        return out;
    }
    struct avqa_evaluation e = answer_of(p, cell);
    out.reason = (uint8_t)e.reason;
    out.position = (uint8_t)e.position;
    return out;
}

static inline bool any_same(const struct rivals *list, size_t n, const uint16_t *at)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < list[i].n && at[list[i].a[k]] == at[list[i].b[k]])
            k++;
        if (k == list[i].n)
            return true;
    }
    return false;
}

/* As avqa_question_sense. */
static enum avqa_ill_posed sense(const struct programs *p, const uint16_t *at)
{
    for (size_t i = 0; i < p->t->n_senseless; i++) {
        if (at[p->t->senseless[i].slot] == p->senseless[i])
            return AVQA_ILL_SENSELESS;
    }
    return any_same(p->same, p->n_same, at) ? AVQA_ILL_SAME_THING : AVQA_WELL_POSED;
}

static const char *word_at(const struct programs *p, size_t position)
{
    size_t d = 0;
    for (; position >= p->t->answers[d]->n_values; d++)
        position -= p->t->answers[d]->n_values;
    return p->t->answers[d]->values[position];
}

static bool repeats(const struct avqa_sheet *sheet, const struct programs *p,
                    const uint16_t *at, size_t position)
{
    const char *values[MAX_SLOTS];
    for (size_t s = 0; s < p->t->n_slots; s++)
        values[s] = words_of(sheet, p->t, s)->items[at[s]];
    return avqa_question_repeats(p->t, values, word_at(p, position));
}

/* Whether the answer is the same without a word that is needed. */
static bool is_idle(struct avqa_sheet *sheet, struct programs *p, const uint16_t *at,
                    size_t position)
{
    for (size_t i = 0; i < p->t->n_needed; i++) {
        struct avqa_sheet_cell cell;
        prepare(sheet, p->t, &p->needed[i]);
        compute(&cell, sheet, p->t, &p->needed[i], at);
        struct avqa_outcome less = place_answer(p, &cell);
        if (less.reason == AVQA_WELL_POSED &&
            (less.position == position ||
             strcmp(word_at(p, less.position), word_at(p, position)) == 0))
            return true;
    }
    return false;
}

/* Why an argument cannot be had, and so the whole: that is most of what is refused. */
static uint8_t argument_reason(const struct root *r, const uint16_t *at)
{
    size_t n = r->node->op == AVQA_OP_IF ? 1 : r->node->n_args;
    uint8_t reason = AVQA_WELL_POSED;
    for (size_t k = 0; k < n && reason == AVQA_WELL_POSED; k++)
        reason = cell_at(&r->args[k], at)->reason;
    return reason;
}

static struct avqa_outcome judge(struct avqa_sheet *sheet, struct programs *p,
                                 const uint16_t *at)
{
    struct avqa_sheet_cell cell;
    struct avqa_outcome out = {.reason = (uint8_t)sense(p, at)};
    if (out.reason == AVQA_WELL_POSED)
        out.reason = argument_reason(&p->answer, at);
    if (out.reason != AVQA_WELL_POSED)
        return out;
    compute(&cell, sheet, p->t, &p->answer, at);
    out = place_answer(p, &cell);
    if (out.reason != AVQA_WELL_POSED)
        return out;
    if (p->may_repeat && repeats(sheet, p, at, out.position))
        out.reason = AVQA_ILL_REPEATS;
    else if (any_same(p->places, p->n_places, at))
        out.reason = AVQA_ILL_SAME_PLACE;
    else if (p->t->n_needed && is_idle(sheet, p, at, out.position))
        out.reason = AVQA_ILL_IDLE;
    return out;
}

/* ---- all fillings -----------------------------------------------------------------
 */

/* The next way to fill some of the slots in their order; false after the last. */
static bool turn(const struct avqa_sheet_order *order, size_t from, size_t to,
                 const uint16_t *n_words, uint16_t *at)
{
    for (size_t i = to; i-- > from;) {
        size_t s = order->slots[i];
        if (++at[s] < n_words[s])
            return true;
        at[s] = 0;
    }
    return false;
}

void avqa_sheet_outcomes(struct avqa_outcome *out, struct avqa_sheet *sheet,
                         size_t template)
{
    struct programs *p = &sheet->programs[template];
    const struct avqa_template *t = p->t;
    filling at = {0};
    uint16_t n_words[MAX_SLOTS];
    size_t n_fast = 1;
    if (p->order.first)
        fetch(sheet, t, &p->first);
    prepare(sheet, t, &p->answer);
    for (size_t s = 0; s < t->n_slots; s++)
        n_words[s] = (uint16_t)words_of(sheet, t, s)->n;
    for (size_t i = p->order.n_slow; i < t->n_slots; i++)
        n_fast *= n_words[p->order.slots[i]];
    do {
        uint8_t first = p->order.first ? cell_at(&p->first, at)->reason : 0;
        if (first != AVQA_WELL_POSED) {
            for (size_t i = 0; i < n_fast; i++)
                *out++ = (struct avqa_outcome){.reason = first};
            continue;
        }
        do {
            *out++ = judge(sheet, p, at);
        } while (turn(&p->order, p->order.n_slow, t->n_slots, n_words, at));
    } while (turn(&p->order, 0, p->order.n_slow, n_words, at));
}

struct avqa_evaluation avqa_sheet_evaluate(struct avqa_sheet *sheet, size_t template,
                                           const uint16_t *at)
{
    struct programs *p = &sheet->programs[template];
    struct avqa_sheet_cell cell;
    filling all = {0};
    memcpy(all, at, p->t->n_slots * sizeof *at);
    prepare(sheet, p->t, &p->answer);
    compute(&cell, sheet, p->t, &p->answer, all);
    return answer_of(p, &cell);
}
