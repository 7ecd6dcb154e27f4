/* See condition.h. Words, numbers and truths hold each other. */
#include "audit/condition.h"

/* The word of a row itself, with its place in its domain. */
static const struct avqa_rule_word *row_word(const struct avqa_clip_rows *r,
                                             const struct avqa_condition *c)
{
    const struct avqa_clip_row *row = r->bound[c->row];
    return c->op == AVQA_CONDITION_OP_SLOT ? &row->slots[c->slot] : &row->answer;
}

uint32_t avqa_condition_symbol(const struct avqa_clip_rows *r,
                               const struct avqa_condition *c)
{
    uint32_t symbol;
    switch (c->op) {
    case AVQA_CONDITION_OP_STRING:
        return c->symbol;
    case AVQA_CONDITION_OP_IF:
        return avqa_condition_symbol(
            r, c->args[avqa_condition_is_true(r, c->args[0]) ? 1 : 2]);
    case AVQA_CONDITION_OP_FORM:
        symbol = avqa_condition_symbol(r, c->args[1]);
        if (avqa_condition_number(r, c->args[0]) == 1 || symbol >= r->rules->n_plurals)
            return symbol;
        return r->rules->plurals[symbol];
    default:
        return row_word(r, c)->symbol;
    }
}

bool avqa_condition_has(const struct avqa_clip_rows *r,
                        const struct avqa_condition *set, uint32_t symbol)
{
    if (set->op == AVQA_CONDITION_OP_WITHOUT &&
        avqa_condition_symbol(r, set->args[1]) == symbol)
        return false;
    return r->witnesses[set->set].rows[symbol] > 0;
}

/* Counting ends where the words for numbers end: "more than ten" may be any more. */
static int64_t count(const struct avqa_clip_rows *r, const struct avqa_condition *set)
{
    int64_t n = r->witnesses[set->set].distinct;
    if (set->op == AVQA_CONDITION_OP_WITHOUT)
        n -= r->witnesses[set->set].rows[avqa_condition_symbol(r, set->args[1])] > 0;
    return n < r->rules->most ? n : r->rules->most;
}

int64_t avqa_condition_number(const struct avqa_clip_rows *r,
                              const struct avqa_condition *c)
{
    switch (c->op) {
    case AVQA_CONDITION_OP_VALUE:
        return row_word(r, c->args[0])->place;
    case AVQA_CONDITION_OP_MINUS:
        return avqa_condition_number(r, c->args[0]) -
               avqa_condition_number(r, c->args[1]);
    case AVQA_CONDITION_OP_COUNT:
        return count(r, c->args[0]);
    default:
        return c->number;
    }
}

/* Whether one of the arguments is `wanted`. */
static bool any_is(const struct avqa_clip_rows *r, const struct avqa_condition *c,
                   bool wanted)
{
    for (size_t i = 0; i < c->n_args; i++) {
        if (avqa_condition_is_true(r, c->args[i]) == wanted)
            return true;
    }
    return false;
}

static bool is_among(const struct avqa_clip_rows *r, const struct avqa_condition *c)
{
    uint32_t symbol = avqa_condition_symbol(r, c->args[0]);
    for (size_t i = 1; i < c->n_args; i++) {
        if (avqa_condition_symbol(r, c->args[i]) == symbol)
            return true;
    }
    return false;
}

bool avqa_condition_is_true(const struct avqa_clip_rows *r,
                            const struct avqa_condition *c)
{
    switch (c->op) {
    case AVQA_CONDITION_OP_TRUE:
        return row_word(r, c->args[0])->place == 0;
    case AVQA_CONDITION_OP_NOT:
        return !avqa_condition_is_true(r, c->args[0]);
    case AVQA_CONDITION_OP_AND:
        return !any_is(r, c, false);
    case AVQA_CONDITION_OP_OR:
        return any_is(r, c, true);
    case AVQA_CONDITION_OP_GREATER:
        return avqa_condition_number(r, c->args[0]) >
               avqa_condition_number(r, c->args[1]);
    case AVQA_CONDITION_OP_SAME_WORD:
        return avqa_condition_symbol(r, c->args[0]) ==
               avqa_condition_symbol(r, c->args[1]);
    case AVQA_CONDITION_OP_SAME_NUMBER:
        return avqa_condition_number(r, c->args[0]) ==
               avqa_condition_number(r, c->args[1]);
    case AVQA_CONDITION_OP_SAME_TRUTH:
        return avqa_condition_is_true(r, c->args[0]) ==
               avqa_condition_is_true(r, c->args[1]);
    case AVQA_CONDITION_OP_AMONG:
        return is_among(r, c);
    case AVQA_CONDITION_OP_HAS:
        return avqa_condition_has(r, c->args[0], avqa_condition_symbol(r, c->args[1]));
    default:
        return false; /* AVQA_CONDITION_OP_FALSE */
    }
}
