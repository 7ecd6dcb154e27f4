/* See encode_run.h. */
#include "qa/encode_run.h"

size_t avqa_encode_size(const struct avqa_encode_run *r, enum avqa_program_type type)
{
    switch (type) {
    case AVQA_TYPE_SET:
    case AVQA_TYPE_THING:
    case AVQA_TYPE_MEASURE:
        return r->s->n;
    case AVQA_TYPE_KIND:
        return r->s->n_kinds;
    case AVQA_TYPE_PLACE:
        return 3;
    case AVQA_TYPE_SCENE:
        return r->s->words->n_scenes;
    case AVQA_TYPE_COUNT:
        return AVQA_ENCODE_LEVELS;
    default:
        return 1;
    }
}

struct avqa_encode_value avqa_encode_nothing(void)
{
    struct avqa_encode_value v = {0};
    for (size_t i = 0; i < AVQA_SYMBOLIC_ALL_KINDS; i++)
        v.literals[i] = AVQA_SAT_FALSE;
    for (size_t i = 0; i < AVQA_SYMBOLIC_MAX; i++)
        v.maybe[i] = AVQA_SAT_FALSE;
    for (int p = 0; p < 3; p++)
        v.at[p] = AVQA_SAT_FALSE;
    return v;
}

struct avqa_encode_value avqa_encode_truth(int literal)
{
    struct avqa_encode_value v = avqa_encode_nothing();
    v.literals[0] = literal;
    return v;
}

void avqa_encode_must(struct avqa_encode_run *r, int condition)
{
    r->out->posed =
        avqa_sat_and2(r->sat, r->out->posed, avqa_sat_or2(r->sat, -r->path, condition));
}

void avqa_encode_whole(struct avqa_encode_run *r, const struct avqa_encode_value *set)
{
    for (size_t i = 0; i < r->s->n; i++)
        avqa_encode_must(r, -set->maybe[i]);
}

struct avqa_encode_value avqa_encode_unknown(struct avqa_encode_run *r)
{
    r->out->is_known = false;
    return avqa_encode_nothing();
}

size_t avqa_encode_add_widths(size_t a, size_t b)
{
    return a == AVQA_ENCODED_UNBOUNDED || b == AVQA_ENCODED_UNBOUNDED
               ? AVQA_ENCODED_UNBOUNDED
               : a + b;
}

size_t avqa_encode_more_of(size_t a, size_t b)
{
    return a > b ? a : b;
}

void avqa_encode_widen(struct avqa_encode_run *r, size_t by)
{
    r->out->width = avqa_encode_add_widths(r->out->width, by);
}

struct avqa_encode_value avqa_encode_kept_truth(int literal, size_t if_true,
                                                size_t if_not)
{
    struct avqa_encode_value v = avqa_encode_truth(literal);
    v.if_true = if_true;
    v.if_not = if_not;
    return v;
}

int avqa_encode_some_both(struct avqa_encode_run *r, const int *a, const int *b,
                          size_t n)
{
    int both[AVQA_SYMBOLIC_ALL_KINDS];
    for (size_t i = 0; i < n; i++)
        both[i] = avqa_sat_and2(r->sat, a[i], b[i]);
    return avqa_sat_or(r->sat, both, n);
}

/* ---- measures -------------------------------------------------------------------- */

static bool is_by_x(enum avqa_program_op op)
{
    return op == AVQA_OP_LEFTMOST || op == AVQA_OP_RIGHTMOST || op == AVQA_OP_NEIGHBOUR;
}

const struct avqa_symbolic_order *avqa_encode_order(struct avqa_encode_run *r,
                                                    enum avqa_program_op op)
{
    switch (op) {
    case AVQA_OP_LOUDNESS:
    case AVQA_OP_LOUDEST:
    case AVQA_OP_QUIETEST:
        return avqa_symbolic_order(r->s, AVQA_SYMBOLIC_LOUDNESS);
    case AVQA_OP_RHYTHM:
        return avqa_symbolic_order(r->s, AVQA_SYMBOLIC_RHYTHM);
    case AVQA_OP_DURATION:
        return avqa_symbolic_order(r->s, AVQA_SYMBOLIC_DURATION);
    case AVQA_OP_LAST:
        return avqa_symbolic_order(r->s, AVQA_SYMBOLIC_END);
    default:
        return avqa_symbolic_order(r->s, AVQA_SYMBOLIC_ONSET);
    }
}

int avqa_encode_clear(struct avqa_encode_run *r, enum avqa_program_op op, size_t i,
                      size_t j)
{
    if (!is_by_x(op))
        return avqa_encode_order(r, op)->clear[i][j];
    avqa_symbolic_places(r->s);
    return i < j ? r->s->clear_x[i][j] : AVQA_SAT_FALSE;
}

void avqa_encode_must_have(struct avqa_encode_run *r, enum avqa_program_op op,
                           const int *set)
{
    for (size_t i = 0; i < r->s->n; i++)
        avqa_encode_must(
            r, avqa_sat_or2(r->sat, -set[i],
                            is_by_x(op) ? r->s->visible[i] : r->s->sounds[i]));
}
