/* Functions whose result is a set: filters of each member alone, those that choose by a
 * measure, and those of two sets. Everything in the searched scene is known but the
 * place of one near both ends, so only "at" makes a set that is not known whole. */
#include "qa/encode_run.h"

#include <string.h>

/* ---- by a measure ---------------------------------------------------------------- */

/* Where there are members, some are chosen. It follows, but only by trying all orders.
 */
static void chosen_from(struct avqa_encode_run *r, const int *set, const int *chosen)
{
    avqa_sat_imply(r->sat, avqa_sat_or(r->sat, set, r->s->n),
                   avqa_sat_or(r->sat, chosen, r->s->n));
}

/* Members with none clearly less (sign 1) or more (sign -1). */
static struct avqa_encode_value extreme(struct avqa_encode_run *r, const int *set,
                                        enum avqa_program_op op, int sign)
{
    struct avqa_encode_value out = avqa_encode_nothing();
    int beaten[AVQA_SYMBOLIC_MAX];
    avqa_encode_must_have(r, op, set);
    avqa_encode_widen(r, 1);
    out.is_kept = true;
    for (size_t i = 0; i < r->s->n; i++) {
        for (size_t j = 0; j < r->s->n; j++)
            beaten[j] = i == j
                            ? AVQA_SAT_FALSE
                            : avqa_sat_and2(r->sat, set[j],
                                            sign > 0 ? avqa_encode_clear(r, op, j, i)
                                                     : avqa_encode_clear(r, op, i, j));
        out.literals[i] =
            avqa_sat_and2(r->sat, set[i], -avqa_sat_or(r->sat, beaten, r->s->n));
    }
    chosen_from(r, set, out.literals);
    return out;
}

static struct avqa_encode_value nth(struct avqa_encode_run *r, const int *set,
                                    int64_t k)
{
    struct avqa_encode_value out = avqa_encode_nothing();
    int chosen[AVQA_SYMBOLIC_MAX];
    const struct avqa_symbolic_order *o = avqa_encode_order(r, AVQA_OP_NTH);
    int several[2];
    avqa_sat_count(r->sat, set, r->s->n, several, 2);
    for (size_t i = 0; i < r->s->n; i++) /* the second of one is not looked for */
        avqa_encode_must(r, avqa_sat_or(r->sat,
                                        (int[]){-set[i], r->s->sounds[i],
                                                k > 1 ? -several[1] : AVQA_SAT_FALSE},
                                        3));
    if (k < 1)
        avqa_encode_must(r, AVQA_SAT_FALSE);
    avqa_encode_widen(r, k < 1 ? 0 : (size_t)k);
    out.is_kept = true;
    for (size_t i = 0; i < r->s->n; i++) {
        int earlier[AVQA_SYMBOLIC_MAX];
        int more[AVQA_SYMBOLIC_MAX + 1];
        for (size_t j = 0; j < r->s->n; j++)
            earlier[j] = avqa_sat_and2(r->sat, set[j], o->before[j][i]);
        avqa_sat_count(r->sat, earlier, r->s->n, more, r->s->n);
        chosen[i] =
            k < 1 || k > (int64_t)r->s->n
                ? AVQA_SAT_FALSE
                : avqa_sat_and(r->sat,
                               (int[]){set[i], k == 1 ? AVQA_SAT_TRUE : more[k - 2],
                                       -more[k - 1]},
                               3);
    }
    if (k == 1)
        chosen_from(r, set, chosen);
    for (size_t i = 0; i < r->s->n; i++) {
        int alike[AVQA_SYMBOLIC_MAX];
        for (size_t j = 0; j < r->s->n; j++)
            alike[j] = avqa_sat_and(
                r->sat, (int[]){chosen[j], -o->clear[i][j], -o->clear[j][i]}, 3);
        out.literals[i] =
            avqa_sat_and2(r->sat, set[i], avqa_sat_or(r->sat, alike, r->s->n));
    }
    return out;
}

/* Those seen clearly on one side of a thing, the nearest of them. */
static struct avqa_encode_value neighbour(struct avqa_encode_run *r, const int *thing,
                                          const struct avqa_encode_value *side)
{
    int beside[AVQA_SYMBOLIC_MAX];
    int left = side->literals[0];
    int right = side->literals[1];
    if ((left != AVQA_SAT_TRUE && left != AVQA_SAT_FALSE) ||
        (right != AVQA_SAT_TRUE && right != AVQA_SAT_FALSE))
        return avqa_encode_unknown(r);
    avqa_encode_must_have(r, AVQA_OP_NEIGHBOUR, thing);
    if (left == AVQA_SAT_FALSE && right == AVQA_SAT_FALSE)
        avqa_encode_must(r, AVQA_SAT_FALSE);
    bool is_left = left == AVQA_SAT_TRUE;
    for (size_t i = 0; i < r->s->n; i++) {
        int from[AVQA_SYMBOLIC_MAX];
        for (size_t j = 0; j < r->s->n; j++)
            from[j] = is_left ? avqa_encode_clear(r, AVQA_OP_NEIGHBOUR, i, j)
                              : avqa_encode_clear(r, AVQA_OP_NEIGHBOUR, j, i);
        beside[i] = avqa_sat_and2(r->sat, r->s->visible[i],
                                  avqa_encode_some_both(r, thing, from, r->s->n));
    }
    return extreme(r, beside, AVQA_OP_NEIGHBOUR, is_left ? -1 : 1);
}

/* Nearest onset before (sign -1) or after (sign 1) that of a thing. */
static struct avqa_encode_value adjacent(struct avqa_encode_run *r, const int *set,
                                         const int *thing, int sign)
{
    const struct avqa_symbolic_order *o = avqa_encode_order(r, AVQA_OP_ONSET);
    int beside[AVQA_SYMBOLIC_MAX];
    avqa_encode_must_have(r, AVQA_OP_ONSET, thing);
    avqa_encode_must_have(r, AVQA_OP_ONSET, set);
    for (size_t i = 0; i < r->s->n; i++) {
        int on_side[AVQA_SYMBOLIC_MAX];
        for (size_t j = 0; j < r->s->n; j++) {
            int apart = avqa_sat_or2(r->sat, o->clear[i][j], o->clear[j][i]);
            on_side[j] = sign < 0 ? o->clear[i][j] : o->clear[j][i];
            if (i != j)
                avqa_encode_must(
                    r, avqa_sat_or(r->sat, (int[]){-set[i], -thing[j], apart}, 3));
        }
        beside[i] = avqa_sat_and2(r->sat, set[i],
                                  avqa_encode_some_both(r, thing, on_side, r->s->n));
    }
    return extreme(r, beside, AVQA_OP_FIRST, sign);
}

/* ---- sets ------------------------------------------------------------------------ */

/* Whether i, as a member, would sound while the thing does. */
static int sounds_with(struct avqa_encode_run *r, size_t i, const int *thing)
{
    int with[AVQA_SYMBOLIC_MAX];
    for (size_t j = 0; j < r->s->n; j++)
        with[j] = i == j || thing[j] == AVQA_SAT_FALSE
                      ? AVQA_SAT_FALSE
                      : avqa_symbolic_together(r->s, i, j);
    return avqa_encode_some_both(r, thing, with, r->s->n);
}

/* Members for which a test of each alone holds. */
static int member_test(struct avqa_encode_run *r, enum avqa_program_op op, size_t i,
                       const struct avqa_encode_value *arg)
{
    const struct avqa_symbolic *s = r->s;
    switch (op) {
    case AVQA_OP_VISIBLE:
        return s->visible[i];
    case AVQA_OP_SOUNDING:
        return s->sounds[i];
    case AVQA_OP_SILENT:
        return -s->sounds[i];
    case AVQA_OP_OFFSCREEN:
        return avqa_sat_and2(r->sat, s->sounds[i], -s->visible[i]);
    case AVQA_OP_IS:
        return avqa_encode_some_both(r, s->kind[i], arg->literals, s->n_kinds);
    case AVQA_OP_OVERLAPPING:
        return sounds_with(r, i, arg->literals);
    default: /* at */
        return avqa_sat_and2(r->sat, s->visible[i],
                             avqa_encode_some_both(r, s->place[i], arg->literals, 3));
    }
}

static struct avqa_encode_value filter(struct avqa_encode_run *r,
                                       enum avqa_program_op op,
                                       const struct avqa_encode_value *set,
                                       const struct avqa_encode_value *arg)
{
    struct avqa_encode_value out = avqa_encode_nothing();
    memcpy(out.at, op == AVQA_OP_AT ? arg->literals : set->at, sizeof out.at);
    if (op == AVQA_OP_AT) {
        avqa_symbolic_places(r->s);
        r->out->by_place = true;
    }
    if (op == AVQA_OP_OVERLAPPING)
        avqa_symbolic_overlaps(r->s);
    for (size_t i = 0; i < r->s->n; i++) {
        int is = member_test(r, op, i, arg);
        int is_open = op == AVQA_OP_AT
                          ? avqa_sat_and2(r->sat, r->s->visible[i], -r->s->placed[i])
                          : AVQA_SAT_FALSE;
        out.literals[i] = avqa_sat_and2(r->sat, set->literals[i], is);
        out.maybe[i] = avqa_sat_or2(
            r->sat, avqa_sat_and2(r->sat, set->literals[i], is_open),
            avqa_sat_and2(r->sat, set->maybe[i], avqa_sat_or2(r->sat, is, is_open)));
    }
    return out;
}

/* Of two sets; see combine in evaluate_set.c. */
static struct avqa_encode_value combine(struct avqa_encode_run *r,
                                        enum avqa_program_op op,
                                        const struct avqa_encode_value *a,
                                        const struct avqa_encode_value *b)
{
    struct avqa_encode_value out = avqa_encode_nothing();
    struct avqa_sat *sat = r->sat;
    for (size_t i = 0; i < r->s->n; i++) {
        int in_a = a->literals[i];
        int in_b = b->literals[i];
        int can_a = avqa_sat_or2(sat, in_a, a->maybe[i]);
        int can_b = avqa_sat_or2(sat, in_b, b->maybe[i]);
        int in = op == AVQA_OP_UNION       ? avqa_sat_or2(sat, in_a, in_b)
                 : op == AVQA_OP_INTERSECT ? avqa_sat_and2(sat, in_a, in_b)
                                           : avqa_sat_and2(sat, in_a, -can_b);
        int can = op == AVQA_OP_UNION       ? avqa_sat_or2(sat, can_a, can_b)
                  : op == AVQA_OP_INTERSECT ? avqa_sat_and2(sat, can_a, can_b)
                                            : avqa_sat_and2(sat, can_a, -in_b);
        out.literals[i] = in;
        if (a->maybe[i] != AVQA_SAT_FALSE || b->maybe[i] != AVQA_SAT_FALSE)
            out.maybe[i] = avqa_sat_and2(sat, can, -in);
    }
    return out;
}

/* The rank that nth asks for, or -1 if it depends on the scene. */
static int64_t rank_of(const struct avqa_encode_run *r,
                       const struct avqa_program_node *arg)
{
    if (arg->op == AVQA_OP_NUMBER)
        return arg->number;
    if (arg->op != AVQA_OP_SLOT)
        return -1;
    size_t place = avqa_domain_find(r->scope->slots[arg->slot], r->values[arg->slot]);
    return (int64_t)place + (arg->type != AVQA_TYPE_COUNT);
}

/* Functions that choose among the members of a whole set. */
static struct avqa_encode_value choose(struct avqa_encode_run *r,
                                       const struct avqa_program_node *n,
                                       const struct avqa_encode_value *a,
                                       const struct avqa_encode_value *b)
{
    avqa_encode_whole(r, a);
    switch (n->op) {
    case AVQA_OP_FIRST:
    case AVQA_OP_QUIETEST:
    case AVQA_OP_LEFTMOST:
        return extreme(r, a->literals, n->op, 1);
    case AVQA_OP_LAST:
    case AVQA_OP_LOUDEST:
    case AVQA_OP_RIGHTMOST:
        return extreme(r, a->literals, n->op, -1);
    case AVQA_OP_NTH:
        return rank_of(r, n->args[1]) < 0 ? avqa_encode_unknown(r)
                                          : nth(r, a->literals, rank_of(r, n->args[1]));
    default:
        return adjacent(r, a->literals, b->literals,
                        n->op == AVQA_OP_PRECEDING ? -1 : 1);
    }
}

struct avqa_encode_value avqa_encode_set(struct avqa_encode_run *r,
                                         const struct avqa_program_node *n,
                                         const struct avqa_encode_value *a,
                                         const struct avqa_encode_value *b)
{
    switch (n->op) {
    case AVQA_OP_NEIGHBOUR:
        return neighbour(r, a->literals, b);
    case AVQA_OP_UNION:
    case AVQA_OP_INTERSECT:
    case AVQA_OP_MINUS:
        return combine(r, n->op, a, b);
    case AVQA_OP_VISIBLE:
    case AVQA_OP_SOUNDING:
    case AVQA_OP_SILENT:
    case AVQA_OP_OFFSCREEN:
    case AVQA_OP_IS:
    case AVQA_OP_AT:
    case AVQA_OP_OVERLAPPING:
        return filter(r, n->op, a, b);
    default:
        return choose(r, n, a, b);
    }
}
