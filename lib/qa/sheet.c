/* See sheet.h. The parts of programs are columns (sheet_column.h); a whole program is
 * computed for each filling out of its arguments' cells, as was planned for the
 * template beforehand (sheet_plan.h). */
#include "qa/sheet.h"
#include "base/mem.h"
#include "qa/evaluate_run.h"
#include "qa/question.h"
#include "qa/sheet_plan.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_SLOTS = AVQA_TEMPLATE_MAX_SLOTS, NO_SLOT = AVQA_SHEET_NO_SLOT };

/* The word in each slot by number; behind them one that is always 0. */
typedef uint16_t filling[MAX_SLOTS + 1];

struct avqa_sheet {
    const struct avqa_templates *templates;
    struct avqa_sheet_plan *plans; /* by template */
    struct avqa_sheet_columns columns;
};

/* ---- before any clip --------------------------------------------------------------
 */

struct avqa_sheet *avqa_sheet_new(const struct avqa_templates *templates,
                                  const struct avqa_margins *margins)
{
    struct avqa_sheet *sheet = avqa_mem_new(sizeof *sheet);
    sheet->templates = templates;
    sheet->columns.domains = templates->domains;
    sheet->columns.room.margins = margins;
    sheet->columns.room.louder_db = avqa_measure_louder_db(margins);
    sheet->plans = avqa_mem_new((templates->n + 1) * sizeof *sheet->plans);
    for (size_t i = 0; i < templates->n; i++)
        avqa_sheet_plan(&sheet->plans[i], &sheet->columns, &templates->items[i]);
    return sheet;
}

void avqa_sheet_free(struct avqa_sheet *sheet)
{
    if (!sheet)
        return;
    avqa_sheet_columns_release(&sheet->columns);
    free(sheet->plans);
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
    return sheet->plans[template].fits;
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
                  struct avqa_sheet_argument *a)
{
    a->cells = avqa_sheet_column_cells(&sheet->columns, a->column);
    a->stride = a->far == NO_SLOT ? 0 : words_of(sheet, t, a->near)->n;
}

static const struct avqa_sheet_cell *cell_at(const struct avqa_sheet_argument *a,
                                             const uint16_t *at)
{
    return &a->cells[at[a->far] * a->stride + at[a->near]];
}

static void prepare(struct avqa_sheet *sheet, const struct avqa_template *t,
                    struct avqa_sheet_root *r)
{
    if (r->round == sheet->columns.round)
        return;
    r->round = sheet->columns.round;
    for (size_t k = 0; k < r->node->n_args; k++)
        fetch(sheet, t, &r->args[k]);
}

static inline void gather(struct avqa_sheet_arguments *out,
                          const struct avqa_sheet_root *r, const uint16_t *at)
{
    for (size_t k = 0; k < r->node->n_args; k++)
        out->cells[k] = cell_at(&r->args[k], at);
}

static void compute(struct avqa_sheet_cell *out, struct avqa_sheet *sheet,
                    const struct avqa_template *t, const struct avqa_sheet_root *r,
                    const uint16_t *at, const struct avqa_sheet_arguments *args)
{
    if (r->node->op == AVQA_OP_SLOT)
        avqa_sheet_slot(out, &sheet->columns.room, r->node, t->slots[r->node->slot],
                        words_of(sheet, t, r->node->slot)->items[at[r->node->slot]]);
    else if (r->node->n_args == 0)
        avqa_sheet_leaf(out, &sheet->columns.room, r->node);
    else
        avqa_sheet_compute(out, 1, &sheet->columns.room, r->node, t->slots, args);
}

static void read_value(struct avqa_evaluate_value *out, const struct avqa_sheet_plan *p,
                       const struct avqa_sheet_cell *cell)
{
    enum avqa_program_type type = p->answer.node->type;
    out->is_text = cell->is_text;
    if (cell->is_text)
        out->is.word = cell->word;
    else if (type == AVQA_TYPE_TRUTH)
        out->is.truth = cell->truth;
    else if (type == AVQA_TYPE_COUNT)
        out->is.count = cell->count;
    else if (type == AVQA_TYPE_PLACE)
        out->is.place = cell->place;
    else
        out->is.word = cell->word;
}

/* The answer that a well-posed cell stands for, with all that belongs to it. */
static struct avqa_evaluation answer_of(const struct avqa_sheet_plan *p,
                                        const struct avqa_sheet_cell *cell)
{
    struct avqa_evaluation e = {.by_sound = cell->by_sound};
    struct avqa_evaluate_value v;
    read_value(&v, p, cell);
    avqa_evaluate_answer(&e, &p->scope, p->answer.node->type, &v);
    e.evidence.bits[0] = cell->evidence;
    return e;
}

/* Only where the answer stands. */
static struct avqa_outcome place_answer(const struct avqa_sheet_plan *p,
                                        const struct avqa_sheet_cell *cell)
{
    struct avqa_outcome out = {.n = 1, .reason = cell->reason};
    if (cell->reason != AVQA_WELL_POSED)
        return out;
    if (cell->is_text) { /* of whichever domain has it */
        struct avqa_evaluation e = answer_of(p, cell);
        out.reason = (uint8_t)e.reason;
        out.position = (uint8_t)e.position;
        return out;
    }
    struct avqa_evaluate_value v;
    read_value(&v, p, cell);
    size_t position = avqa_evaluate_position(p->answer.node->type, &v, p->answers);
    if (position < p->answers->n_values)
        out.position = (uint8_t)(p->base + position);
    else
        out.reason = AVQA_ILL_NO_WORD;
    return out;
}

static inline bool any_same(const struct avqa_sheet_rivals *list, size_t n,
                            const uint16_t *at)
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
static enum avqa_ill_posed sense(const struct avqa_sheet_plan *p, const uint16_t *at)
{
    for (size_t i = 0; i < p->t->n_senseless; i++) {
        if (at[p->t->senseless[i].slot] == p->senseless[i])
            return AVQA_ILL_SENSELESS;
    }
    return any_same(p->same, p->n_same, at) ? AVQA_ILL_SAME_THING : AVQA_WELL_POSED;
}

static const char *word_at(const struct avqa_sheet_plan *p, size_t position)
{
    size_t d = 0;
    for (; position >= p->t->answers[d]->n_values; d++)
        position -= p->t->answers[d]->n_values;
    return p->t->answers[d]->values[position];
}

static bool repeats(const struct avqa_sheet *sheet, const struct avqa_sheet_plan *p,
                    const uint16_t *at, size_t position)
{
    const char *values[MAX_SLOTS];
    for (size_t s = 0; s < p->t->n_slots; s++)
        values[s] = words_of(sheet, p->t, s)->items[at[s]];
    return avqa_question_repeats(p->t, values, word_at(p, position));
}

/* Whether the answer is the same without a word that is needed. */
static bool is_idle(struct avqa_sheet *sheet, struct avqa_sheet_plan *p,
                    const uint16_t *at, size_t position)
{
    for (size_t i = 0; i < p->t->n_needed; i++) {
        struct avqa_sheet_cell cell;
        struct avqa_sheet_arguments args;
        prepare(sheet, p->t, &p->needed[i]);
        gather(&args, &p->needed[i], at);
        compute(&cell, sheet, p->t, &p->needed[i], at, &args);
        struct avqa_outcome less = place_answer(p, &cell);
        if (less.reason == AVQA_WELL_POSED &&
            (less.position == position ||
             strcmp(word_at(p, less.position), word_at(p, position)) == 0))
            return true;
    }
    return false;
}

/* Why an argument cannot be had, and so the whole: that is most of what is refused. */
static uint8_t argument_reason(const struct avqa_sheet_root *r,
                               const struct avqa_sheet_arguments *args)
{
    size_t n = r->node->op == AVQA_OP_IF ? 1 : r->node->n_args;
    uint8_t reason = AVQA_WELL_POSED;
    for (size_t k = 0; k < n && reason == AVQA_WELL_POSED; k++)
        reason = args->cells[k]->reason;
    return reason;
}

static struct avqa_outcome judge(struct avqa_sheet *sheet, struct avqa_sheet_plan *p,
                                 const uint16_t *at)
{
    struct avqa_sheet_cell cell;
    struct avqa_sheet_arguments args;
    struct avqa_outcome out = {.n = 1, .reason = (uint8_t)sense(p, at)};
    if (out.reason != AVQA_WELL_POSED)
        return out;
    gather(&args, &p->answer, at);
    out.reason = argument_reason(&p->answer, &args);
    if (out.reason != AVQA_WELL_POSED)
        return out;
    compute(&cell, sheet, p->t, &p->answer, at, &args);
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

size_t avqa_sheet_outcomes(struct avqa_outcome *out, struct avqa_sheet *sheet,
                           size_t template)
{
    struct avqa_sheet_plan *p = &sheet->plans[template];
    const struct avqa_template *t = p->t;
    filling at = {0};
    uint16_t n_words[MAX_SLOTS];
    uint32_t n_fast = 1;
    size_t n = 0;
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
            out[n++] = (struct avqa_outcome){.n = n_fast, .reason = first};
            continue;
        }
        do {
            out[n++] = judge(sheet, p, at);
        } while (turn(&p->order, p->order.n_slow, t->n_slots, n_words, at));
    } while (turn(&p->order, 0, p->order.n_slow, n_words, at));
    return n;
}

struct avqa_evaluation avqa_sheet_evaluate(struct avqa_sheet *sheet, size_t template,
                                           const uint16_t *at)
{
    struct avqa_sheet_plan *p = &sheet->plans[template];
    struct avqa_sheet_cell cell;
    filling all = {0};
    memcpy(all, at, p->t->n_slots * sizeof *at);
    struct avqa_sheet_arguments args;
    prepare(sheet, p->t, &p->answer);
    gather(&args, &p->answer, all);
    compute(&cell, sheet, p->t, &p->answer, all, &args);
    return answer_of(p, &cell);
}
