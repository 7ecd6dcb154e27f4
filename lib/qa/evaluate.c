/* A walk over the typed nodes. Sets are bits, so nothing is allocated. The first reason
 * why the question is ill-posed is kept in the run and ends it; callers look at it
 * after each step that can set it.
 *
 * A set knows its members and those that may be members. Filters narrow both, so that
 * their order does not matter: whether a flute sounds is not needed to count violins.
 * Whatever makes something else of a set needs to know it whole.
 *
 * Evidence is gathered where a set becomes something else (one thing, a number, a
 * truth): its members go in. A place depends on who else is seen, so all that are seen
 * go in.
 *
 * What a node is worth, what it rests on and why it is ill-posed follow from the node
 * and the words of its slots alone, so they can be remembered (qa/memo.h). */
#include "qa/evaluate.h"

#include <math.h>
#include <string.h>

struct members {
    struct avqa_instance_set sure, maybe;
};

struct value {
    union {
        struct members set;
        size_t thing;
        int64_t count;
        double measure;
        const char *word; /* kinds, scenes, words */
        enum avqa_place place;
        bool truth;
    } is;
    enum avqa_program_op unit; /* of a measure: which one it is */
    bool is_text;              /* a string of the program, in .word */
};

struct run {
    const struct avqa_program_scope *scope;
    const char *const *values;
    const struct avqa_scene *scene;
    const struct avqa_margins *margins;
    struct avqa_evaluation *out;
    struct avqa_memo *memo; /* or NULL */
    const struct avqa_filling *filling;
};

/* What is remembered of a node. */
struct cell {
    struct value value;
    struct avqa_evaluation own; /* its reason, evidence and use of sound */
    bool known;
};

static const struct value nothing;

/* ---- sets -------------------------------------------------------------------------
 */

static struct members combine(const struct members *a, const struct members *b,
                              enum avqa_program_op op)
{
    struct members out;
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

static void ill(struct run *r, enum avqa_ill_posed reason)
{
    if (r->out->reason == AVQA_WELL_POSED)
        r->out->reason = reason;
}

static void add_evidence(struct run *r, const struct avqa_instance_set *set)
{
    avqa_instance_set_join(&r->out->evidence, set);
}

static const struct avqa_instance *instance(const struct run *r, size_t i)
{
    return &r->scene->instances[i];
}

/* The set as far as something is to be made of it: all its members must be known. */
static const struct avqa_instance_set *whole(struct run *r, const struct members *set)
{
    if (!avqa_instance_set_is_empty(&set->maybe))
        ill(r, AVQA_ILL_UNKNOWN);
    return &set->sure;
}

/* Members for which `test` says yes; where it does not know, they may be. */
typedef enum avqa_truth test_fn(struct run *r, size_t i, const struct value *arg);

static struct members filter(struct run *r, const struct members *set, test_fn *test,
                             const struct value *arg)
{
    struct members out = {0};
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

static enum avqa_truth is_visible(struct run *r, size_t i, const struct value *arg)
{
    (void)arg;
    return instance(r, i)->visible;
}

static enum avqa_truth is_sounding(struct run *r, size_t i, const struct value *arg)
{
    (void)arg;
    r->out->by_sound = true;
    return avqa_instance_sounds(instance(r, i));
}

static enum avqa_truth is_silent(struct run *r, size_t i, const struct value *arg)
{
    enum avqa_truth t = is_sounding(r, i, arg);
    return t == AVQA_UNKNOWN ? t : t == AVQA_YES ? AVQA_NO : AVQA_YES;
}

static enum avqa_truth is_offscreen(struct run *r, size_t i, const struct value *arg)
{
    (void)arg;
    r->out->by_sound = true;
    return avqa_instance_offscreen(instance(r, i));
}

static enum avqa_truth is_kind(struct run *r, size_t i, const struct value *arg)
{
    const char *name = instance(r, i)->instrument;
    if (!name)
        return AVQA_UNKNOWN;
    return strcmp(name, arg->is.word) == 0 ? AVQA_YES : AVQA_NO;
}

static enum avqa_truth is_at(struct run *r, size_t i, const struct value *arg)
{
    if (instance(r, i)->visible == AVQA_NO)
        return AVQA_NO;
    enum avqa_place place = avqa_scene_place(r->scene, i);
    if (place == AVQA_PLACE_UNKNOWN)
        return AVQA_UNKNOWN;
    return place == arg->is.place ? AVQA_YES : AVQA_NO;
}

static enum avqa_truth overlaps(struct run *r, size_t i, const struct value *arg)
{
    if (i == arg->is.thing)
        return AVQA_NO;
    r->out->by_sound = true;
    return avqa_ranges_overlap(&instance(r, i)->sounding,
                               &instance(r, arg->is.thing)->sounding);
}

/* Everyone who is seen: what a place depends on. */
static struct avqa_instance_set seen(struct run *r)
{
    struct avqa_instance_set all = {0};
    for (size_t i = 0; i < r->scene->n_instances; i++) {
        if (instance(r, i)->visible == AVQA_YES)
            avqa_instance_set_add(&all, i);
    }
    return all;
}

static void add_seen(struct run *r)
{
    struct avqa_instance_set set = seen(r);
    add_evidence(r, &set);
}

/* ---- measures ---------------------------------------------------------------------
 */

/* One number of an instance, by the operation that asks for it. */
static double measure(struct run *r, enum avqa_program_op op, size_t i)
{
    double value;
    enum avqa_ill_posed reason = avqa_measure(&value, op, instance(r, i));
    r->out->by_sound = r->out->by_sound || !avqa_measure_is_place(op);
    if (reason != AVQA_WELL_POSED)
        ill(r, reason);
    return value;
}

static bool alike(const struct run *r, enum avqa_program_op op, double a, double b)
{
    return avqa_measure_alike(r->margins, op, a, b);
}

/* Members alike the one with the smallest (sign 1) or largest (sign -1) value. */
static struct avqa_instance_set extreme(struct run *r,
                                        const struct avqa_instance_set *set,
                                        enum avqa_program_op op, int sign)
{
    struct avqa_instance_set out = {0};
    double best = (double)INFINITY;
    for (size_t i = 0; i < r->scene->n_instances; i++) {
        if (avqa_instance_set_has(set, i))
            best = fmin(best, sign * measure(r, op, i));
    }
    for (size_t i = 0; i < r->scene->n_instances; i++) {
        if (avqa_instance_set_has(set, i) &&
            alike(r, op, sign * measure(r, op, i), best))
            avqa_instance_set_add(&out, i);
    }
    return out;
}

/* Of a set the one that comes in earliest; n_instances if it is empty. */
static size_t earliest(struct run *r, const struct avqa_instance_set *set)
{
    size_t best = r->scene->n_instances;
    for (size_t i = 0; i < r->scene->n_instances; i++) {
        if (avqa_instance_set_has(set, i) &&
            (best == r->scene->n_instances ||
             measure(r, AVQA_OP_NTH, i) < measure(r, AVQA_OP_NTH, best)))
            best = i;
    }
    return best;
}

/* The k-th to come in, with all that come in at the same time; empty if fewer sound.
 * Whoever came in before belongs to the evidence. */
static struct avqa_instance_set nth(struct run *r, const struct avqa_instance_set *set,
                                    int64_t k)
{
    struct avqa_instance_set before = {0};
    struct avqa_instance_set out = {0};
    if (k < 1)
        ill(r, AVQA_ILL_SENSELESS);
    for (int64_t n = 1; n < k && n <= (int64_t)avqa_instance_set_size(set); n++) {
        struct avqa_instance_set left = avqa_instance_set_without(set, &before);
        avqa_instance_set_add(&before, earliest(r, &left));
    }
    struct avqa_instance_set left = avqa_instance_set_without(set, &before);
    size_t found = earliest(r, &left);
    for (size_t i = 0; i < r->scene->n_instances && avqa_instance_set_size(&left);
         i++) {
        if (avqa_instance_set_has(set, i) &&
            alike(r, AVQA_OP_NTH, measure(r, AVQA_OP_NTH, i),
                  measure(r, AVQA_OP_NTH, found)))
            avqa_instance_set_add(&out, i);
    }
    add_evidence(r, &before);
    return out;
}

/* Nearest by x on one side of a thing, among all that are seen. */
static struct avqa_instance_set neighbour(struct run *r, size_t thing,
                                          enum avqa_place side)
{
    struct avqa_instance_set beside = {0};
    struct avqa_instance_set set = seen(r);
    double x = measure(r, AVQA_OP_NEIGHBOUR, thing);
    if (side != AVQA_PLACE_LEFT && side != AVQA_PLACE_RIGHT)
        ill(r, AVQA_ILL_SENSELESS);
    if (!avqa_scene_order_known(r->scene))
        ill(r, AVQA_ILL_UNKNOWN);
    int sign = side == AVQA_PLACE_LEFT ? -1 : 1;
    for (size_t i = 0; i < r->scene->n_instances; i++) {
        if (!avqa_instance_set_has(&set, i))
            continue;
        double other = measure(r, AVQA_OP_NEIGHBOUR, i);
        if (sign * (other - x) > 0 && !alike(r, AVQA_OP_NEIGHBOUR, x, other))
            avqa_instance_set_add(&beside, i);
    }
    return extreme(r, &beside, AVQA_OP_NEIGHBOUR, sign);
}

/* Nearest onset before (sign -1) or after (sign 1) that of a thing. Somebody who comes
 * in at the same time makes the order unclear. */
static struct avqa_instance_set
adjacent(struct run *r, const struct avqa_instance_set *set, size_t thing, int sign)
{
    struct avqa_instance_set beside = {0};
    double onset = measure(r, AVQA_OP_ONSET, thing);
    for (size_t i = 0; i < r->scene->n_instances; i++) {
        if (i == thing || !avqa_instance_set_has(set, i))
            continue;
        double other = measure(r, AVQA_OP_ONSET, i);
        if (alike(r, AVQA_OP_ONSET, onset, other))
            ill(r, AVQA_ILL_TOO_CLOSE);
        if (sign * (other - onset) > 0)
            avqa_instance_set_add(&beside, i);
    }
    return extreme(r, &beside, AVQA_OP_FIRST, sign);
}

/* ---- from sets to single values ---------------------------------------------------
 */

static size_t unique(struct run *r, const struct avqa_instance_set *set)
{
    size_t thing = 0;
    size_t n = avqa_instance_set_size(set);
    if (n != 1)
        ill(r, n ? AVQA_ILL_SEVERAL : AVQA_ILL_NOTHING);
    while (thing < r->scene->n_instances && !avqa_instance_set_has(set, thing))
        thing++;
    add_evidence(r, set);
    return n == 1 ? thing : 0;
}

/* How many different kinds a set has; *kind is the first one's. */
static int64_t kinds(struct run *r, const struct avqa_instance_set *set,
                     const char **kind)
{
    int64_t n = 0;
    *kind = NULL;
    for (size_t i = 0; i < r->scene->n_instances; i++) {
        const char *name = instance(r, i)->instrument;
        bool is_new = avqa_instance_set_has(set, i);
        if (is_new && !name)
            ill(r, AVQA_ILL_UNKNOWN);
        for (size_t j = 0; is_new && name && j < i; j++)
            is_new = !avqa_instance_set_has(set, j) || !instance(r, j)->instrument ||
                     strcmp(instance(r, j)->instrument, name) != 0;
        if (is_new && !*kind)
            *kind = name;
        n += is_new;
    }
    add_evidence(r, set);
    return n;
}

static const char *only_kind(struct run *r, const struct avqa_instance_set *set)
{
    const char *kind;
    int64_t n = kinds(r, set, &kind);
    if (n != 1)
        ill(r, n ? AVQA_ILL_SEVERAL : AVQA_ILL_NOTHING);
    return kind ? kind : "";
}

static const char *kind_of(struct run *r, size_t thing)
{
    struct avqa_instance_set one = {0};
    avqa_instance_set_add(&one, thing);
    return only_kind(r, &one);
}

static enum avqa_place place_of(struct run *r, size_t thing)
{
    enum avqa_place place = avqa_scene_place(r->scene, thing);
    if (instance(r, thing)->visible == AVQA_NO)
        ill(r, AVQA_ILL_OFF_SCREEN);
    else if (place == AVQA_PLACE_UNKNOWN)
        ill(r, AVQA_ILL_UNKNOWN);
    add_seen(r);
    return place;
}

/* Whether a thing sounds all the time; close to the bound nobody could tell. */
static bool covers(struct run *r, size_t thing)
{
    int64_t total = avqa_instance_total_us(instance(r, thing));
    int64_t length = r->scene->duration_us;
    r->out->by_sound = true;
    if (total == AVQA_FACTS_UNKNOWN || length == AVQA_FACTS_UNKNOWN || length <= 0) {
        ill(r, AVQA_ILL_UNKNOWN);
        return false;
    }
    double silent_us = (double)(length - total);
    double allowed_us = r->margins->always * (double)length;
    if (silent_us > allowed_us && silent_us < 2 * allowed_us)
        ill(r, AVQA_ILL_TOO_CLOSE);
    return silent_us <= allowed_us;
}

static bool voiceover(struct run *r)
{
    if (!r->scene->voiceover.known)
        ill(r, AVQA_ILL_UNKNOWN);
    return r->scene->voiceover.n > 0;
}

static bool greater(struct run *r, enum avqa_program_type type, const struct value *a,
                    const struct value *b)
{
    if (type == AVQA_TYPE_COUNT)
        return a->is.count > b->is.count;
    double x = a->is.measure;
    double y = b->is.measure;
    if (alike(r, a->unit, x, y))
        ill(r, AVQA_ILL_TOO_CLOSE);
    return x > y;
}

static bool equal(struct run *r, enum avqa_program_type type, const struct value *a,
                  const struct value *b)
{
    switch (type) {
    case AVQA_TYPE_SET:
        add_evidence(r, whole(r, &a->is.set));
        add_evidence(r, whole(r, &b->is.set));
        return memcmp(&a->is.set.sure, &b->is.set.sure, sizeof a->is.set.sure) == 0;
    case AVQA_TYPE_THING:
        return a->is.thing == b->is.thing;
    case AVQA_TYPE_COUNT:
        return a->is.count == b->is.count;
    case AVQA_TYPE_PLACE:
        return a->is.place == b->is.place;
    default:
        return strcmp(a->is.word, b->is.word) == 0;
    }
}

/* ---- leaves -----------------------------------------------------------------------
 */

static struct value all_instances(struct run *r)
{
    struct value v = {0};
    if (!r->scene->instances_known)
        ill(r, AVQA_ILL_UNKNOWN);
    for (size_t i = 0; i < r->scene->n_instances; i++)
        avqa_instance_set_add(&v.is.set.sure, i);
    return v;
}

/* The place that stands at a position of a place domain. */
static enum avqa_place place_at(size_t position)
{
    static const enum avqa_place places[] = {AVQA_PLACE_LEFT, AVQA_PLACE_RIGHT,
                                             AVQA_PLACE_MIDDLE};
    return position < 3 ? places[position] : AVQA_PLACE_UNKNOWN;
}

/* A scene slot as a word of the facts: that of this clip if the slot's word stands for
 * it, otherwise the slot's own, which is then another. A scene that the domain has no
 * word for cannot be told from its words. */
static const char *scene_word(struct run *r, const struct avqa_domain *d,
                              const char *word)
{
    const char *scene = r->scene->place;
    size_t position = scene ? avqa_domain_scene(d, scene) : AVQA_DOMAIN_NONE;
    if (position >= d->n_values)
        ill(r, scene ? AVQA_ILL_NO_WORD : AVQA_ILL_UNKNOWN);
    else if (strcmp(d->values[position], word) == 0)
        return scene;
    return word;
}

static struct value slot_value(struct run *r, const struct avqa_program_node *n)
{
    struct value v = {0};
    const char *word = r->values[n->slot];
    size_t position = avqa_domain_find(r->scope->slots[n->slot], word);
    if (position == AVQA_DOMAIN_NONE)
        ill(r, AVQA_ILL_NO_WORD);
    if (n->type == AVQA_TYPE_PLACE)
        v.is.place = place_at(position);
    else if (n->type == AVQA_TYPE_COUNT)
        v.is.count = (int64_t)position;
    else if (n->type == AVQA_TYPE_SCENE)
        v.is.word = scene_word(r, r->scope->slots[n->slot], word);
    else
        v.is.word = word;
    return v;
}

static struct value scene_value(struct run *r)
{
    struct value v = {.is.word = r->scene->place ? r->scene->place : ""};
    if (!r->scene->place)
        ill(r, AVQA_ILL_UNKNOWN);
    return v;
}

/* ---- the walk ---------------------------------------------------------------------
 */

/* Declared ahead because a call holds expressions. What comes back is remembered, or is
 * `*own`, which has room for it. */
static const struct value *eval(struct run *r, const struct avqa_program_node *n,
                                struct value *own);

/* The rank that the second argument of nth asks for: a number, or the place of an order
 * word in its domain, counted from one. */
static int64_t rank_of(struct run *r, const struct avqa_program_node *arg)
{
    if (arg->op != AVQA_OP_SLOT || arg->type == AVQA_TYPE_COUNT)
        return eval(r, arg, &(struct value){0})->is.count;
    size_t position =
        avqa_domain_find(r->scope->slots[arg->slot], r->values[arg->slot]);
    if (position == AVQA_DOMAIN_NONE)
        ill(r, AVQA_ILL_NO_WORD);
    return (int64_t)position + 1;
}

static struct members eval_at(struct run *r, const struct value *set,
                              const struct value *place)
{
    add_seen(r);
    return filter(r, &set->is.set, is_at, place);
}

/* Functions that look at each member alone, and those of two sets. */
static struct members eval_filter(struct run *r, enum avqa_program_op op,
                                  const struct value *a, const struct value *b)
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
static struct avqa_instance_set eval_choice(struct run *r,
                                            const struct avqa_program_node *n,
                                            const struct value *a,
                                            const struct value *b)
{
    if (n->op == AVQA_OP_NEIGHBOUR)
        return neighbour(r, a->is.thing, b->is.place);
    const struct avqa_instance_set *set = whole(r, &a->is.set);
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
static struct value eval_set(struct run *r, const struct avqa_program_node *n)
{
    struct value room[2];
    const struct value *a = eval(r, n->args[0], &room[0]);
    const struct value *b = &nothing;
    struct value out = {0};
    if (n->n_args > 1 && n->op != AVQA_OP_NTH)
        b = eval(r, n->args[1], &room[1]);
    if (r->out->reason != AVQA_WELL_POSED)
        return out;
    if (is_choice(n->op))
        out.is.set.sure = eval_choice(r, n, a, b);
    else
        out.is.set = eval_filter(r, n->op, a, b);
    return out;
}

/* Functions of one thing or set whose result is no set. */
static struct value eval_single(struct run *r, const struct avqa_program_node *n)
{
    struct value room;
    const struct value *a = eval(r, n->args[0], &room);
    const struct avqa_instance_set *set = &nothing.is.set.sure;
    struct value out = {.unit = n->op};
    if (r->out->reason == AVQA_WELL_POSED && n->args[0]->type == AVQA_TYPE_SET)
        set = whole(r, &a->is.set);
    if (r->out->reason != AVQA_WELL_POSED)
        return out;
    switch (n->op) {
    case AVQA_OP_UNIQUE:
        out.is.thing = unique(r, set);
        break;
    case AVQA_OP_COUNT:
        add_evidence(r, set);
        out.is.count = (int64_t)avqa_instance_set_size(set);
        break;
    case AVQA_OP_TYPES:
        out.is.count = kinds(r, set, &(const char *){NULL});
        break;
    case AVQA_OP_KIND:
        out.is.word = n->args[0]->type == AVQA_TYPE_THING ? kind_of(r, a->is.thing)
                                                          : only_kind(r, set);
        break;
    case AVQA_OP_PLACE:
        out.is.place = place_of(r, a->is.thing);
        break;
    case AVQA_OP_COVERS:
        out.is.truth = covers(r, a->is.thing);
        break;
    case AVQA_OP_EXISTS:
        add_evidence(r, set);
        out.is.truth = !avqa_instance_set_is_empty(set);
        break;
    case AVQA_OP_NOT:
        out.is.truth = !a->is.truth;
        break;
    default:
        out.is.measure = measure(r, n->op, a->is.thing);
        break;
    }
    return out;
}

/* A number; beside a slot that says "more than ten" it counts no further either. */
static int64_t count_beside(const struct run *r, const struct avqa_program_node *slot,
                            const struct avqa_program_node *beside,
                            const struct value *v)
{
    if (slot->op != AVQA_OP_SLOT || slot->type != AVQA_TYPE_COUNT ||
        beside->type != AVQA_TYPE_COUNT)
        return v->is.count;
    int64_t last = (int64_t)r->scope->slots[slot->slot]->n_values - 1;
    return v->is.count > last ? last : v->is.count;
}

/* greater and equal; a slot beside a string is compared by its word. */
static bool eval_comparison(struct run *r, const struct avqa_program_node *n,
                            const struct value *a, const struct value *b)
{
    const struct avqa_program_node *x = n->args[0];
    const struct avqa_program_node *y = n->args[1];
    if (x->type == AVQA_TYPE_COUNT && y->type == AVQA_TYPE_COUNT) {
        int64_t left = count_beside(r, y, x, a);
        int64_t right = count_beside(r, x, y, b);
        return n->op == AVQA_OP_GREATER ? left > right : left == right;
    }
    if (n->op == AVQA_OP_GREATER)
        return greater(r, x->type, a, b);
    if (x->op == AVQA_OP_SLOT && y->op == AVQA_OP_STRING)
        return strcmp(r->values[x->slot], b->is.word) == 0;
    if (y->op == AVQA_OP_SLOT && x->op == AVQA_OP_STRING)
        return strcmp(r->values[y->slot], a->is.word) == 0;
    return equal(r, x->type, a, b);
}

/* Functions of two values. */
static struct value eval_pair(struct run *r, const struct avqa_program_node *n)
{
    struct value room[2];
    struct value out = {0};
    const struct value *a = eval(r, n->args[0], &room[0]);
    const struct value *b = eval(r, n->args[1], &room[1]);
    if (r->out->reason != AVQA_WELL_POSED)
        return out;
    switch (n->op) {
    case AVQA_OP_AND:
        out.is.truth = a->is.truth && b->is.truth;
        break;
    case AVQA_OP_OR:
        out.is.truth = a->is.truth || b->is.truth;
        break;
    case AVQA_OP_GIVEN:
        if (!a->is.truth)
            ill(r, AVQA_ILL_NOT_GIVEN);
        out = *b;
        break;
    default:
        out.is.truth = eval_comparison(r, n, a, b);
        break;
    }
    return out;
}

static struct value eval_if(struct run *r, const struct avqa_program_node *n)
{
    struct value room;
    bool truth = eval(r, n->args[0], &room)->is.truth;
    if (r->out->reason != AVQA_WELL_POSED)
        return nothing;
    return *eval(r, n->args[truth ? 1 : 2], &room);
}

static struct value eval_node(struct run *r, const struct avqa_program_node *n)
{
    switch (n->op) {
    case AVQA_OP_ALL:
        return all_instances(r);
    case AVQA_OP_SCENE:
        return scene_value(r);
    case AVQA_OP_VOICEOVER:
        return (struct value){.is.truth = voiceover(r)};
    case AVQA_OP_SLOT:
        return slot_value(r, n);
    case AVQA_OP_NUMBER:
        return (struct value){.is.count = n->number};
    case AVQA_OP_STRING:
        return (struct value){.is.word = n->text, .is_text = true};
    case AVQA_OP_IF:
        return eval_if(r, n);
    case AVQA_OP_GREATER:
    case AVQA_OP_EQUAL:
    case AVQA_OP_AND:
    case AVQA_OP_OR:
    case AVQA_OP_GIVEN:
        return eval_pair(r, n);
    default:
        return n->type == AVQA_TYPE_SET ? eval_set(r, n) : eval_single(r, n);
    }
}

static const struct value *eval(struct run *r, const struct avqa_program_node *n,
                                struct value *own)
{
    if (r->out->reason != AVQA_WELL_POSED)
        return &nothing;
    struct cell *cell = r->memo ? avqa_memo_cell(r->memo, n, r->filling) : NULL;
    if (!cell) {
        *own = eval_node(r, n);
        return own;
    }
    if (!cell->known) {
        struct avqa_evaluation *out = r->out;
        r->out = &cell->own;
        cell->value = eval_node(r, n);
        cell->known = true;
        r->out = out;
    }
    r->out->reason = cell->own.reason;
    r->out->by_sound |= cell->own.by_sound;
    add_evidence(r, &cell->own.evidence);
    return &cell->value;
}

/* ---- the answer -------------------------------------------------------------------
 */

/* Where a value stands in a domain of its type; AVQA_DOMAIN_NONE if it has no word. */
static size_t position_of(enum avqa_program_type type, const struct value *v,
                          const struct avqa_domain *d)
{
    switch (type) {
    case AVQA_TYPE_TRUTH:
        return v->is.truth ? 0 : 1;
    case AVQA_TYPE_COUNT:
        return v->is.count < (int64_t)d->n_values ? (size_t)v->is.count
                                                  : d->n_values - 1;
    case AVQA_TYPE_PLACE:
        return v->is.place == AVQA_PLACE_LEFT    ? 0
               : v->is.place == AVQA_PLACE_RIGHT ? 1
                                                 : 2;
    case AVQA_TYPE_SCENE:
        return avqa_domain_scene(d, v->is.word);
    default:
        return avqa_domain_find(d, v->is.word);
    }
}

/* A value as a word of the domain that stands for its type. */
static void answer_with(struct run *r, enum avqa_program_type type,
                        const struct value *v)
{
    const struct avqa_domain *d = avqa_program_answers(r->scope, type);
    size_t position = position_of(type, v, d);
    if (position >= d->n_values) {
        ill(r, AVQA_ILL_NO_WORD);
        return;
    }
    r->out->answer = d->values[position];
    r->out->position = position;
    for (size_t i = 0; r->scope->answers[i] != d; i++)
        r->out->position += r->scope->answers[i]->n_values;
}

/* A branch says the answer in words. */
static void answer_in_words(struct run *r, const char *word)
{
    r->out->answer = word;
    r->out->position = 0;
    for (size_t i = 0; i < r->scope->n_answers; i++) {
        size_t at = avqa_domain_find(r->scope->answers[i], word);
        if (at != AVQA_DOMAIN_NONE) {
            r->out->position += at;
            return;
        }
        r->out->position += r->scope->answers[i]->n_values;
    }
}

struct avqa_memo *avqa_stage_memo(void)
{
    return avqa_memo_new(sizeof(struct cell));
}

static struct run start(const struct avqa_stage *stage,
                        const struct avqa_program_scope *scope,
                        const struct avqa_filling *filling, struct avqa_evaluation *out)
{
    return (struct run){.scope = scope,
                        .values = filling->values,
                        .scene = stage->scene,
                        .margins = stage->margins,
                        .out = out,
                        .memo = filling->at ? stage->memo : NULL,
                        .filling = filling};
}

enum avqa_ill_posed avqa_evaluate_part(const struct avqa_stage *stage,
                                       const struct avqa_program_node *part,
                                       const struct avqa_program_scope *scope,
                                       const struct avqa_filling *filling)
{
    struct avqa_evaluation out = {0};
    struct run r = start(stage, scope, filling, &out);
    eval(&r, part, &(struct value){0});
    return out.reason;
}

/* The program as a whole is not remembered: no other asks the same. */
struct avqa_evaluation avqa_evaluate_on(const struct avqa_stage *stage,
                                        const struct avqa_program_node *program,
                                        const struct avqa_program_scope *scope,
                                        const struct avqa_filling *filling)
{
    struct avqa_evaluation out = {0};
    struct run r = start(stage, scope, filling, &out);
    struct value v = eval_node(&r, program);
    if (out.reason == AVQA_WELL_POSED && v.is_text)
        answer_in_words(&r, v.is.word);
    else if (out.reason == AVQA_WELL_POSED)
        answer_with(&r, program->type, &v);
    return out;
}

struct avqa_evaluation avqa_evaluate(const struct avqa_program_node *program,
                                     const struct avqa_program_scope *scope,
                                     const char *const *values,
                                     const struct avqa_scene *scene,
                                     const struct avqa_margins *margins)
{
    struct avqa_stage stage = {scene, margins, NULL};
    struct avqa_filling filling = {values, NULL, NULL};
    return avqa_evaluate_on(&stage, program, scope, &filling);
}
