/* Functions whose result is a set.
 *
 * A set knows its members and those that may be members. Filters narrow both, so that
 * their order does not matter: whether a flute sounds is not needed to count violins.
 * Whatever chooses among members needs to know the set whole. */
#include "qa/evaluate_run.h"

#include <math.h>
#include <string.h>

/* ---- filters ----------------------------------------------------------------------
 */

static struct avqa_evaluate_members combine(const struct avqa_evaluate_members *a,
                                            const struct avqa_evaluate_members *b,
                                            enum avqa_program_op op)
{
    struct avqa_evaluate_members out;
    for (size_t w = 0; w < AVQA_INSTANCE_SET_WORDS; w++) {
        uint64_t in_a = a->sure.bits[w];
        uint64_t in_b = b->sure.bits[w];
        uint64_t can_a = in_a | a->maybe.bits[w]; /* may be in a, or is */
        uint64_t can_b = in_b | b->maybe.bits[w];
        uint64_t in = op == AVQA_OP_UNION       ? in_a | in_b
                      : op == AVQA_OP_INTERSECT ? in_a & in_b
                                                : in_a & ~can_b;
        uint64_t can = op == AVQA_OP_UNION       ? can_a | can_b
                       : op == AVQA_OP_INTERSECT ? can_a & can_b
                                                 : can_a & ~in_b;
        out.sure.bits[w] = in;
        out.maybe.bits[w] = can & ~in;
    }
    return out;
}

/* Members for which `test` says yes; where it does not know, they may be. */
typedef enum avqa_truth test_fn(struct avqa_evaluate_run *r, size_t i,
                                const struct avqa_evaluate_value *arg);

static struct avqa_evaluate_members filter(struct avqa_evaluate_run *r,
                                           const struct avqa_evaluate_members *set,
                                           test_fn *test,
                                           const struct avqa_evaluate_value *arg)
{
    struct avqa_evaluate_members out = {0};
    for (size_t i = 0; i < r->scene->n_instances; i++) {
        bool sure = avqa_instance_set_has(&set->sure, i);
        if (!sure && !avqa_instance_set_has(&set->maybe, i))
            continue;
        enum avqa_truth t = test(r, i, arg);
        if (t != AVQA_NO)
            avqa_instance_set_add(sure && t == AVQA_YES ? &out.sure : &out.maybe, i);
    }
    return out;
}

static enum avqa_truth is_visible(struct avqa_evaluate_run *r, size_t i,
                                  const struct avqa_evaluate_value *arg)
{
    (void)arg;
    return avqa_evaluate_instance(r, i)->visible;
}

static enum avqa_truth is_sounding(struct avqa_evaluate_run *r, size_t i,
                                   const struct avqa_evaluate_value *arg)
{
    (void)arg;
    r->out->by_sound = true;
    return avqa_instance_sounds(avqa_evaluate_instance(r, i));
}

static enum avqa_truth is_silent(struct avqa_evaluate_run *r, size_t i,
                                 const struct avqa_evaluate_value *arg)
{
    enum avqa_truth t = is_sounding(r, i, arg);
    return t == AVQA_UNKNOWN ? t : t == AVQA_YES ? AVQA_NO : AVQA_YES;
}

static enum avqa_truth is_offscreen(struct avqa_evaluate_run *r, size_t i,
                                    const struct avqa_evaluate_value *arg)
{
    (void)arg;
    r->out->by_sound = true;
    return avqa_instance_offscreen(avqa_evaluate_instance(r, i));
}

static enum avqa_truth is_kind(struct avqa_evaluate_run *r, size_t i,
                               const struct avqa_evaluate_value *arg)
{
    const char *name = avqa_evaluate_instance(r, i)->instrument;
    if (!name)
        return AVQA_UNKNOWN;
    return strcmp(name, arg->is.word) == 0 ? AVQA_YES : AVQA_NO;
}

static enum avqa_truth is_at(struct avqa_evaluate_run *r, size_t i,
                             const struct avqa_evaluate_value *arg)
{
    if (avqa_evaluate_instance(r, i)->visible == AVQA_NO)
        return AVQA_NO;
    enum avqa_place place = avqa_scene_place(r->scene, i);
    if (place == AVQA_PLACE_UNKNOWN)
        return AVQA_UNKNOWN;
    return place == arg->is.place ? AVQA_YES : AVQA_NO;
}

static enum avqa_truth overlaps(struct avqa_evaluate_run *r, size_t i,
                                const struct avqa_evaluate_value *arg)
{
    if (i == arg->is.thing)
        return AVQA_NO;
    r->out->by_sound = true;
    return avqa_ranges_overlap(&avqa_evaluate_instance(r, i)->sounding,
                               &avqa_evaluate_instance(r, arg->is.thing)->sounding);
}

/* ---- choices ----------------------------------------------------------------------
 */

/* Members alike the one with the smallest (sign 1) or largest (sign -1) value. */
static struct avqa_instance_set extreme(struct avqa_evaluate_run *r,
                                        const struct avqa_instance_set *set,
                                        enum avqa_program_op op, int sign)
{
    struct avqa_instance_set out = {0};
    double best = (double)INFINITY;
    for (size_t i = 0; i < r->scene->n_instances; i++) {
        if (avqa_instance_set_has(set, i))
            best = fmin(best, sign * avqa_evaluate_measure(r, op, i));
    }
    for (size_t i = 0; i < r->scene->n_instances; i++) {
        if (avqa_instance_set_has(set, i) &&
            avqa_evaluate_alike(r, op, sign * avqa_evaluate_measure(r, op, i), best))
            avqa_instance_set_add(&out, i);
    }
    return out;
}

/* Of a set the one that comes in earliest; n_instances if it is empty. */
static size_t earliest(struct avqa_evaluate_run *r, const struct avqa_instance_set *set)
{
    size_t best = r->scene->n_instances;
    for (size_t i = 0; i < r->scene->n_instances; i++) {
        if (avqa_instance_set_has(set, i) &&
            (best == r->scene->n_instances ||
             avqa_evaluate_measure(r, AVQA_OP_NTH, i) <
                 avqa_evaluate_measure(r, AVQA_OP_NTH, best)))
            best = i;
    }
    return best;
}

/* The k-th to come in, with all that come in at the same time; empty if fewer sound.
 * Whoever came in before belongs to the evidence. */
static struct avqa_instance_set nth(struct avqa_evaluate_run *r,
                                    const struct avqa_instance_set *set, int64_t k)
{
    struct avqa_instance_set before = {0};
    struct avqa_instance_set out = {0};
    if (k < 1)
        avqa_evaluate_ill(r, AVQA_ILL_SENSELESS);
    for (int64_t n = 1; n < k && n <= (int64_t)avqa_instance_set_size(set); n++) {
        struct avqa_instance_set left = avqa_instance_set_without(set, &before);
        avqa_instance_set_add(&before, earliest(r, &left));
    }
    struct avqa_instance_set left = avqa_instance_set_without(set, &before);
    size_t found = earliest(r, &left);
    for (size_t i = 0; i < r->scene->n_instances && avqa_instance_set_size(&left);
         i++) {
        if (avqa_instance_set_has(set, i) &&
            avqa_evaluate_alike(r, AVQA_OP_NTH,
                                avqa_evaluate_measure(r, AVQA_OP_NTH, i),
                                avqa_evaluate_measure(r, AVQA_OP_NTH, found)))
            avqa_instance_set_add(&out, i);
    }
    avqa_evaluate_add_evidence(r, &before);
    return out;
}

/* Nearest by x on one side of a thing, among all that are seen. */
static struct avqa_instance_set neighbour(struct avqa_evaluate_run *r, size_t thing,
                                          enum avqa_place side)
{
    struct avqa_instance_set beside = {0};
    struct avqa_instance_set set = avqa_evaluate_seen(r);
    double x = avqa_evaluate_measure(r, AVQA_OP_NEIGHBOUR, thing);
    if (side != AVQA_PLACE_LEFT && side != AVQA_PLACE_RIGHT)
        avqa_evaluate_ill(r, AVQA_ILL_SENSELESS);
    if (!avqa_scene_order_known(r->scene))
        avqa_evaluate_ill(r, AVQA_ILL_UNKNOWN);
    int sign = side == AVQA_PLACE_LEFT ? -1 : 1;
    for (size_t i = 0; i < r->scene->n_instances; i++) {
        if (!avqa_instance_set_has(&set, i))
            continue;
        double other = avqa_evaluate_measure(r, AVQA_OP_NEIGHBOUR, i);
        if (sign * (other - x) > 0 &&
            !avqa_evaluate_alike(r, AVQA_OP_NEIGHBOUR, x, other))
            avqa_instance_set_add(&beside, i);
    }
    return extreme(r, &beside, AVQA_OP_NEIGHBOUR, sign);
}

/* Nearest onset before (sign -1) or after (sign 1) that of a thing. Somebody who comes
 * in at the same time makes the order unclear. */
static struct avqa_instance_set adjacent(struct avqa_evaluate_run *r,
                                         const struct avqa_instance_set *set,
                                         size_t thing, int sign)
{
    struct avqa_instance_set beside = {0};
    double onset = avqa_evaluate_measure(r, AVQA_OP_ONSET, thing);
    for (size_t i = 0; i < r->scene->n_instances; i++) {
        if (i == thing || !avqa_instance_set_has(set, i))
            continue;
        double other = avqa_evaluate_measure(r, AVQA_OP_ONSET, i);
        if (avqa_evaluate_alike(r, AVQA_OP_ONSET, onset, other))
            avqa_evaluate_ill(r, AVQA_ILL_TOO_CLOSE);
        if (sign * (other - onset) > 0)
            avqa_instance_set_add(&beside, i);
    }
    return extreme(r, &beside, AVQA_OP_FIRST, sign);
}

/* ---- by operation -----------------------------------------------------------------
 */

/* The rank that the second argument of nth asks for: a number, or the place of an order
 * word in its domain, counted from one. */
static int64_t rank_of(struct avqa_evaluate_run *r, const struct avqa_program_node *arg)
{
    if (arg->op != AVQA_OP_SLOT || arg->type == AVQA_TYPE_COUNT)
        return avqa_evaluate_node(r, arg, &(struct avqa_evaluate_value){0})->is.count;
    size_t position =
        avqa_domain_find(r->scope->slots[arg->slot], r->values[arg->slot]);
    if (position == AVQA_DOMAIN_NONE)
        avqa_evaluate_ill(r, AVQA_ILL_NO_WORD);
    return (int64_t)position + 1;
}

static struct avqa_evaluate_members eval_at(struct avqa_evaluate_run *r,
                                            const struct avqa_evaluate_value *set,
                                            const struct avqa_evaluate_value *place)
{
    avqa_evaluate_add_seen(r);
    return filter(r, &set->is.set, is_at, place);
}

/* Functions that look at each member alone, and those of two sets. */
static struct avqa_evaluate_members eval_filter(struct avqa_evaluate_run *r,
                                                enum avqa_program_op op,
                                                const struct avqa_evaluate_value *a,
                                                const struct avqa_evaluate_value *b)
{
    switch (op) {
    case AVQA_OP_VISIBLE:
        return filter(r, &a->is.set, is_visible, NULL);
    case AVQA_OP_SOUNDING:
        return filter(r, &a->is.set, is_sounding, NULL);
    case AVQA_OP_SILENT:
        return filter(r, &a->is.set, is_silent, NULL);
    case AVQA_OP_OFFSCREEN:
        return filter(r, &a->is.set, is_offscreen, NULL);
    case AVQA_OP_IS:
        return filter(r, &a->is.set, is_kind, b);
    case AVQA_OP_AT:
        return eval_at(r, a, b);
    case AVQA_OP_OVERLAPPING:
        return filter(r, &a->is.set, overlaps, b);
    default:
        return combine(&a->is.set, &b->is.set, op);
    }
}

/* Functions that choose among the members of a whole set. */
static struct avqa_instance_set eval_choice(struct avqa_evaluate_run *r,
                                            const struct avqa_program_node *n,
                                            const struct avqa_evaluate_value *a,
                                            const struct avqa_evaluate_value *b)
{
    if (n->op == AVQA_OP_NEIGHBOUR)
        return neighbour(r, a->is.thing, b->is.place);
    const struct avqa_instance_set *set = avqa_evaluate_whole(r, &a->is.set);
    if (r->out->reason != AVQA_WELL_POSED)
        return (struct avqa_instance_set){0};
    switch (n->op) {
    case AVQA_OP_FIRST:
    case AVQA_OP_QUIETEST:
    case AVQA_OP_LEFTMOST:
        return extreme(r, set, n->op, 1);
    case AVQA_OP_LAST:
    case AVQA_OP_LOUDEST:
    case AVQA_OP_RIGHTMOST:
        return extreme(r, set, n->op, -1);
    case AVQA_OP_NTH:
        return nth(r, set, rank_of(r, n->args[1]));
    default:
        return adjacent(r, set, b->is.thing, n->op == AVQA_OP_PRECEDING ? -1 : 1);
    }
}

static bool is_choice(enum avqa_program_op op)
{
    return (op >= AVQA_OP_FIRST && op <= AVQA_OP_NEIGHBOUR) ||
           op == AVQA_OP_PRECEDING || op == AVQA_OP_FOLLOWING;
}

/* Functions whose result is a set. */
struct avqa_evaluate_value avqa_evaluate_set(struct avqa_evaluate_run *r,
                                             const struct avqa_program_node *n)
{
    struct avqa_evaluate_value room[2];
    const struct avqa_evaluate_value *a = avqa_evaluate_node(r, n->args[0], &room[0]);
    const struct avqa_evaluate_value *b = &avqa_evaluate_nothing;
    struct avqa_evaluate_value out = {0};
    if (n->n_args > 1 && n->op != AVQA_OP_NTH)
        b = avqa_evaluate_node(r, n->args[1], &room[1]);
    if (r->out->reason != AVQA_WELL_POSED)
        return out;
    if (is_choice(n->op))
        out.is.set.sure = eval_choice(r, n, a, b);
    else
        out.is.set = eval_filter(r, n->op, a, b);
    return out;
}
