/* See sheet_column.h. A column is computed when it is first asked for, after those of
 * its arguments. */
#include "qa/sheet_column.h"
#include "base/mem.h"

#include <stdlib.h>

enum { MAX_DIMS = AVQA_SHEET_MAX_DIMS };

/* ---- before any clip --------------------------------------------------------------
 */

static uint16_t domain_of(const struct avqa_sheet_columns *all,
                          const struct avqa_template *t, size_t slot)
{
    return (uint16_t)(t->slots[slot] - all->domains);
}

static void plan(const struct avqa_sheet_columns *all, struct avqa_sheet_column *c,
                 const struct avqa_template *t)
{
    const struct avqa_program_node *n = c->node;
    for (size_t d = 0; d < n->n_slots; d++)
        c->domains[d] = domain_of(all, t, n->slots[d]);
    for (size_t k = 0; k < n->n_args; k++) {
        const struct avqa_program_node *arg = n->args[k];
        for (size_t d = 0; d < n->n_slots; d++) {
            struct avqa_sheet_stride *s = &c->strides[k][d];
            bool first = arg->n_slots > 0 && arg->slots[0] == n->slots[d];
            s->depends = first || (arg->n_slots > 1 && arg->slots[1] == n->slots[d]);
            s->by_other_slot = first && arg->n_slots > 1;
            if (s->by_other_slot)
                s->other = domain_of(all, t, arg->slots[1]);
        }
    }
}

/* Whether the cells are the same for every clip: no facts are asked, and the words are
 * always the same. */
static bool is_constant(const struct avqa_sheet_columns *all,
                        const struct avqa_sheet_column *c)
{
    switch (c->node->op) {
    case AVQA_OP_NUMBER:
    case AVQA_OP_STRING:
        return true;
    case AVQA_OP_SLOT:
        return c->node->type != AVQA_TYPE_KIND && c->node->type != AVQA_TYPE_SCENE;
    case AVQA_OP_EQUAL:
        return all->items[c->args[0]].is_constant && all->items[c->args[1]].is_constant;
    default:
        return false;
    }
}

bool avqa_sheet_column_add(uint32_t *out, struct avqa_sheet_columns *columns,
                           const struct avqa_template *t,
                           const struct avqa_program_node *n)
{
    bool shared = n->shape < AVQA_SHEET_MAX_SHAPES;
    struct avqa_sheet_column c = {.node = n, .slots = t->slots};
    if (n->n_slots > MAX_DIMS)
        return false;
    if (shared && columns->by_shape[n->shape]) {
        *out = columns->by_shape[n->shape] - 1;
        return true;
    }
    for (size_t k = 0; k < n->n_args; k++) {
        if (!avqa_sheet_column_add(&c.args[k], columns, t, n->args[k]))
            return false;
    }
    plan(columns, &c, t);
    c.is_constant = is_constant(columns, &c);
    avqa_mem_need(&columns->items, &columns->cap, columns->n + 1,
                  sizeof *columns->items);
    columns->items[columns->n] = c;
    *out = (uint32_t)columns->n++;
    if (shared)
        columns->by_shape[n->shape] = *out + 1;
    return true;
}

void avqa_sheet_columns_release(struct avqa_sheet_columns *columns)
{
    for (size_t i = 0; i < columns->n; i++)
        free(columns->items[i].cells);
    free(columns->items);
}

/* ---- of a clip --------------------------------------------------------------------
 */

void avqa_sheet_columns_turn(struct avqa_sheet_columns *columns)
{
    if (++columns->round)
        return;
    for (size_t i = 0; i < columns->n; i++) /* after four thousand million clips */
        columns->items[i].round = 0;
    columns->round = 1;
}

/* How far neighbouring cells of an argument lie apart. */
static size_t stride(const struct avqa_sheet_columns *all,
                     const struct avqa_sheet_stride *s)
{
    return s->by_other_slot ? all->words[s->other].n : s->depends;
}

static void compute_slot(struct avqa_sheet_columns *all, struct avqa_sheet_column *c)
{
    const struct avqa_sheet_words *words = &all->words[c->domains[0]];
    for (size_t i = 0; i < words->n; i++)
        avqa_sheet_slot(&c->cells[i], &all->room, c->node, c->slots[c->node->slot],
                        words->items[i]);
}

/* An argument that there is not is where the first one is. */
static struct avqa_sheet_arguments arguments(const struct avqa_sheet_columns *all,
                                             const struct avqa_sheet_column *c)
{
    struct avqa_sheet_arguments out;
    for (size_t k = 0; k < AVQA_PROGRAM_MAX_ARGS; k++) {
        out.cells[k] = all->items[c->args[k < c->node->n_args ? k : 0]].cells;
        out.steps[k] = 0;
    }
    return out;
}

static void compute_row(struct avqa_sheet_columns *all, struct avqa_sheet_column *c,
                        size_t n)
{
    struct avqa_sheet_arguments args = arguments(all, c);
    for (size_t k = 0; k < c->node->n_args; k++)
        args.steps[k] = c->strides[k][0].depends;
    avqa_sheet_compute(c->cells, n, &all->room, c->node, c->slots, &args);
}

static void compute_table(struct avqa_sheet_columns *all, struct avqa_sheet_column *c,
                          const size_t n[MAX_DIMS])
{
    struct avqa_sheet_arguments args = arguments(all, c);
    for (size_t k = 0; k < c->node->n_args; k++)
        args.steps[k] = stride(all, &c->strides[k][1]);
    for (size_t i = 0; i < n[0]; i++) {
        avqa_sheet_compute(c->cells + i * n[1], n[1], &all->room, c->node, c->slots,
                           &args);
        for (size_t k = 0; k < c->node->n_args; k++)
            args.cells[k] += stride(all, &c->strides[k][0]);
    }
}

static void compute_cells(struct avqa_sheet_columns *all, struct avqa_sheet_column *c)
{
    size_t n[MAX_DIMS] = {1, 1};
    for (size_t d = 0; d < c->node->n_slots; d++)
        n[d] = all->words[c->domains[d]].n;
    if (c->cap < n[0] * n[1])
        avqa_mem_need(&c->cells, &c->cap, n[0] * n[1], sizeof *c->cells);
    if (c->node->op == AVQA_OP_SLOT)
        compute_slot(all, c);
    else if (c->node->n_args == 0)
        avqa_sheet_leaf(c->cells, &all->room, c->node);
    else if (c->node->n_slots < 2)
        compute_row(all, c, n[0]);
    else
        compute_table(all, c, n);
}

/* Whether the cells are those of the clip in hand. */
static bool is_ready(const struct avqa_sheet_columns *all,
                     const struct avqa_sheet_column *c)
{
    return c->round == all->round || (c->is_constant && c->cells);
}

const struct avqa_sheet_cell *
avqa_sheet_column_cells(struct avqa_sheet_columns *columns, uint32_t number)
{
    struct avqa_sheet_column *c = &columns->items[number];
    if (is_ready(columns, c))
        return c->cells;
    c->round = columns->round;
    for (size_t k = 0; k < c->node->n_args; k++) {
        if (!is_ready(columns, &columns->items[c->args[k]]))
            avqa_sheet_column_cells(columns, c->args[k]);
    }
    compute_cells(columns, c);
    return c->cells;
}
