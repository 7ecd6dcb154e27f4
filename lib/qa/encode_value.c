/* Functions of sets, things and other values whose result is no set. */
#include "qa/encode_run.h"

#include <string.h>

/* ---- of one value ---------------------------------------------------------------- */

/* Nobody else is seen where the one is said to stand. */
static void note_alone(struct avqa_encode_run *r, const struct avqa_encode_value *set)
{
    for (int p = 0; p < 3; p++) {
        int there[AVQA_SYMBOLIC_MAX];
        int more[2];
        if (set->at[p] == AVQA_SAT_FALSE)
            continue;
        for (size_t i = 0; i < r->s->n; i++)
            there[i] = avqa_sat_and2(r->sat, r->s->visible[i], r->s->place[i][p]);
        avqa_sat_count(r->sat, there, r->s->n, more, 2);
        r->out->alone = avqa_sat_and(
            r->sat,
            (int[]){r->out->alone,
                    avqa_sat_or(r->sat, (int[]){-r->path, -set->at[p], -more[1]}, 3)},
            2);
    }
}

static struct avqa_encode_value unique(struct avqa_encode_run *r,
                                       const struct avqa_encode_value *set)
{
    struct avqa_encode_value out = *set;
    note_alone(r, set);
    avqa_encode_must(r, avqa_sat_or(r->sat, set->literals, r->s->n));
    for (size_t i = 0; i < r->s->n; i++) {
        out.maybe[i] = AVQA_SAT_FALSE; /* a thing */
        for (size_t j = 0; j < i; j++)
            avqa_encode_must(
                r, -avqa_sat_and2(r->sat, set->literals[i], set->literals[j]));
    }
    avqa_encode_widen(r, set->is_kept ? 0 : 1);
    out.is_kept = true;
    return out;
}

static struct avqa_encode_value count(struct avqa_encode_run *r, const int *set,
                                      size_t n)
{
    struct avqa_encode_value out = avqa_encode_nothing();
    avqa_sat_count(r->sat, set, n, out.literals,
                   n < AVQA_ENCODE_LEVELS ? n : AVQA_ENCODE_LEVELS);
    return out;
}

/* The kinds of which a set has members. */
static struct avqa_encode_value kinds(struct avqa_encode_run *r, const int *set)
{
    struct avqa_encode_value out = avqa_encode_nothing();
    for (size_t k = 0; k < r->s->n_kinds; k++) {
        int of_kind[AVQA_SYMBOLIC_MAX];
        for (size_t i = 0; i < r->s->n; i++)
            of_kind[i] = avqa_sat_and2(r->sat, set[i], r->s->kind[i][k]);
        out.literals[k] = avqa_sat_or(r->sat, of_kind, r->s->n);
    }
    return out;
}

static struct avqa_encode_value only_kind(struct avqa_encode_run *r,
                                          const struct avqa_encode_value *set)
{
    struct avqa_encode_value out = kinds(r, set->literals);
    avqa_encode_must(r, avqa_sat_or(r->sat, out.literals, r->s->n_kinds));
    for (size_t k = 0; k < r->s->n_kinds; k++) {
        for (size_t l = 0; l < k; l++)
            avqa_encode_must(r,
                             -avqa_sat_and2(r->sat, out.literals[k], out.literals[l]));
    }
    avqa_encode_widen(r, set->is_kept ? 0 : 1);
    return out;
}

static struct avqa_encode_value place_of(struct avqa_encode_run *r, const int *thing)
{
    struct avqa_encode_value out = avqa_encode_nothing();
    avqa_symbolic_places(r->s);
    r->out->by_place = true;
    avqa_encode_must(r, avqa_encode_some_both(r, thing, r->s->visible, r->s->n));
    avqa_encode_must(r, avqa_encode_some_both(r, thing, r->s->placed, r->s->n));
    for (int p = 0; p < 3; p++) {
        int at[AVQA_SYMBOLIC_MAX];
        for (size_t i = 0; i < r->s->n; i++)
            at[i] = r->s->place[i][p];
        out.literals[p] = avqa_encode_some_both(r, thing, at, r->s->n);
    }
    return out;
}

static struct avqa_encode_value covers(struct avqa_encode_run *r, const int *thing)
{
    avqa_symbolic_covers(r->s);
    int always = avqa_encode_some_both(r, thing, r->s->always, r->s->n);
    avqa_encode_must(
        r, avqa_sat_or2(r->sat, always,
                        avqa_encode_some_both(r, thing, r->s->pauses, r->s->n)));
    return avqa_encode_truth(always);
}

struct avqa_encode_value avqa_encode_single(struct avqa_encode_run *r,
                                            const struct avqa_program_node *n,
                                            const struct avqa_encode_value *a)
{
    struct avqa_encode_value out = *a;
    if (n->args[0]->type == AVQA_TYPE_SET)
        avqa_encode_whole(r, a);
    switch (n->op) {
    case AVQA_OP_UNIQUE:
        return unique(r, a);
    case AVQA_OP_COUNT:
        return count(r, a->literals, r->s->n);
    case AVQA_OP_TYPES:
        out = kinds(r, a->literals);
        return count(r, out.literals, r->s->n_kinds);
    case AVQA_OP_KIND:
        return only_kind(r, a);
    case AVQA_OP_PLACE:
        return place_of(r, a->literals);
    case AVQA_OP_COVERS:
        return covers(r, a->literals);
    case AVQA_OP_EXISTS:
        return avqa_encode_kept_truth(avqa_sat_or(r->sat, a->literals, r->s->n),
                                      !a->is_kept, 0);
    case AVQA_OP_NOT:
        return avqa_encode_kept_truth(-a->literals[0], a->if_not, a->if_true);
    default: /* loudness, rhythm, duration, onset: of that thing */
        avqa_encode_must_have(r, n->op, a->literals);
        out.unit = n->op;
        return out;
    }
}

/* ---- of two values --------------------------------------------------------------- */

/* A comparison of counts: one with a number is kept by so many members; with two counts
 * that depend on the scene, any number may be needed. */
static struct avqa_encode_value compare_counts(const struct avqa_encode_value *a,
                                               const struct avqa_encode_value *b,
                                               int literal, size_t more_if_true,
                                               size_t more_if_not)
{
    size_t number = (size_t)(a->is_number ? a->number : b->number);
    if (a->is_number && b->is_number)
        return avqa_encode_kept_truth(literal, 0, 0);
    if (!a->is_number && !b->is_number)
        return avqa_encode_kept_truth(literal, AVQA_ENCODED_UNBOUNDED,
                                      AVQA_ENCODED_UNBOUNDED);
    return avqa_encode_kept_truth(literal, number + more_if_true, number + more_if_not);
}

static struct avqa_encode_value greater(struct avqa_encode_run *r,
                                        const struct avqa_program_node *n,
                                        const struct avqa_encode_value *a,
                                        const struct avqa_encode_value *b)
{
    int more[AVQA_ENCODE_LEVELS];
    if (n->args[0]->type == AVQA_TYPE_COUNT) {
        for (size_t k = 0; k < AVQA_ENCODE_LEVELS; k++)
            more[k] = avqa_sat_and2(r->sat, a->literals[k], -b->literals[k]);
        return compare_counts(a, b, avqa_sat_or(r->sat, more, AVQA_ENCODE_LEVELS), 1,
                              1);
    }
    int a_more[AVQA_SYMBOLIC_MAX * AVQA_SYMBOLIC_MAX];
    int b_more[AVQA_SYMBOLIC_MAX * AVQA_SYMBOLIC_MAX];
    size_t pairs = 0;
    for (size_t i = 0; i < r->s->n; i++) {
        for (size_t j = 0; j < r->s->n; j++) {
            int both = avqa_sat_and2(r->sat, a->literals[i], b->literals[j]);
            a_more[pairs] =
                avqa_sat_and2(r->sat, both, avqa_encode_clear(r, a->unit, j, i));
            b_more[pairs++] =
                avqa_sat_and2(r->sat, both, avqa_encode_clear(r, a->unit, i, j));
        }
    }
    int is_more = avqa_sat_or(r->sat, a_more, pairs);
    avqa_encode_must(r,
                     avqa_sat_or2(r->sat, is_more, avqa_sat_or(r->sat, b_more, pairs)));
    return avqa_encode_truth(is_more);
}

static int all_alike(struct avqa_encode_run *r, const int *a, const int *b, size_t n)
{
    int alike[AVQA_SYMBOLIC_ALL_KINDS];
    for (size_t i = 0; i < n; i++)
        alike[i] = -avqa_sat_or2(r->sat, avqa_sat_and2(r->sat, a[i], -b[i]),
                                 avqa_sat_and2(r->sat, -a[i], b[i]));
    return avqa_sat_and(r->sat, alike, n);
}

static struct avqa_encode_value equal(struct avqa_encode_run *r,
                                      const struct avqa_program_node *n,
                                      const struct avqa_encode_value *a,
                                      const struct avqa_encode_value *b)
{
    const struct avqa_program_node *x = n->args[0];
    const struct avqa_program_node *y = n->args[1];
    enum avqa_program_type type = x->type;
    bool by_word = type == AVQA_TYPE_WORD ||
                   (x->op == AVQA_OP_SLOT && y->op == AVQA_OP_STRING) ||
                   (y->op == AVQA_OP_SLOT && x->op == AVQA_OP_STRING);
    if (by_word && a->word && b->word)
        return avqa_encode_truth(strcmp(a->word, b->word) == 0 ? AVQA_SAT_TRUE
                                                               : AVQA_SAT_FALSE);
    if (by_word)
        return avqa_encode_unknown(r);
    if (type == AVQA_TYPE_SCENE && x->op != AVQA_OP_SCENE && y->op != AVQA_OP_SCENE)
        return avqa_encode_unknown(
            r); /* words for scenes, alike only in the scene they stand for */
    if (type == AVQA_TYPE_SET) {
        avqa_encode_whole(r, a);
        avqa_encode_whole(r, b);
    }
    int alike =
        type == AVQA_TYPE_SET || type == AVQA_TYPE_COUNT || type == AVQA_TYPE_TRUTH
            ? all_alike(r, a->literals, b->literals, avqa_encode_size(r, type))
            : avqa_encode_some_both(r, a->literals, b->literals,
                                    avqa_encode_size(r, type));
    if (type == AVQA_TYPE_COUNT)
        return compare_counts(a, b, alike, 0, 1);
    if (type == AVQA_TYPE_TRUTH)
        avqa_encode_widen(
            r, avqa_encode_add_widths(avqa_encode_more_of(a->if_true, a->if_not),
                                      avqa_encode_more_of(b->if_true, b->if_not)));
    return avqa_encode_kept_truth(alike, 0, type == AVQA_TYPE_SET);
}

/* "more than ten" counts no further than its slot's last word. */
static void cap(const struct avqa_encode_run *r, const struct avqa_program_node *slot,
                const struct avqa_program_node *beside, struct avqa_encode_value *v)
{
    if (slot->op != AVQA_OP_SLOT || slot->type != AVQA_TYPE_COUNT ||
        beside->type != AVQA_TYPE_COUNT)
        return;
    size_t last = r->scope->slots[slot->slot]->n_values - 1;
    for (size_t k = last; k < AVQA_ENCODE_LEVELS; k++)
        v->literals[k] = AVQA_SAT_FALSE;
    if (v->is_number && v->number > (int64_t)last)
        v->number = (int64_t)last;
}

struct avqa_encode_value avqa_encode_pair(struct avqa_encode_run *r,
                                          const struct avqa_program_node *n,
                                          struct avqa_encode_value *a,
                                          struct avqa_encode_value *b)
{
    cap(r, n->args[0], n->args[1], b);
    cap(r, n->args[1], n->args[0], a);
    switch (n->op) {
    case AVQA_OP_GREATER:
        return greater(r, n, a, b);
    case AVQA_OP_EQUAL:
        return equal(r, n, a, b);
    case AVQA_OP_AND:
        return avqa_encode_kept_truth(
            avqa_sat_and2(r->sat, a->literals[0], b->literals[0]),
            avqa_encode_add_widths(a->if_true, b->if_true),
            avqa_encode_more_of(a->if_not, b->if_not));
    case AVQA_OP_OR:
        return avqa_encode_kept_truth(
            avqa_sat_or2(r->sat, a->literals[0], b->literals[0]),
            avqa_encode_more_of(a->if_true, b->if_true),
            avqa_encode_add_widths(a->if_not, b->if_not));
    default: /* given */
        avqa_encode_must(r, a->literals[0]);
        avqa_encode_widen(r, a->if_true);
        return *b;
    }
}
