/* A walk over the typed nodes. Sets are bits, so nothing is allocated. The first reason
 * why the question is ill-posed is kept in the run and ends it; callers look at it
 * after each step that can set it.
 *
 * Evidence is gathered where a set becomes something else (one thing, a number, a
 * truth): its members go in. A place depends on who else is seen, so all that are seen
 * go in. */
#include "qa/evaluate.h"

#include <math.h>
#include <string.h>

struct value {
    union {
        struct avqa_instance_set set;
        size_t thing;
        int64_t count;
        double measure;
        const char *word; /* kinds, scenes, words */
        enum avqa_place place;
        bool truth;
    } is;
    enum avqa_program_op unit; /* of a measure: which one it is */
};

struct run {
    const struct avqa_program_scope *scope;
    const char *const *values;
    const struct avqa_scene *scene;
    const struct avqa_margins *margins;
    struct avqa_evaluation *out;
};

const char *avqa_ill_posed_name(enum avqa_ill_posed reason)
{
    static const char *const names[] = {
        "well posed", "unknown", "nothing",   "several",   "too close",
        "off screen", "silent",  "not given", "senseless", "no word"};
    return names[reason];
}

/* ---- sets -------------------------------------------------------------------------
 */

bool avqa_instance_set_has(const struct avqa_instance_set *set, size_t i)
{
    return set->bits[i / 64] >> (i % 64) & 1;
}

static void add(struct avqa_instance_set *set, size_t i)
{
    set->bits[i / 64] |= (uint64_t)1 << (i % 64);
}

static size_t size(const struct avqa_instance_set *set)
{
    size_t n = 0;
    for (size_t w = 0; w < AVQA_FACTS_MAX_INSTANCES / 64; w++)
        n += (size_t)__builtin_popcountll(set->bits[w]);
    return n;
}

static bool same_set(const struct avqa_instance_set *a,
                     const struct avqa_instance_set *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static struct avqa_instance_set combine(const struct avqa_instance_set *a,
                                        const struct avqa_instance_set *b,
                                        enum avqa_program_op op)
{
    struct avqa_instance_set out;
    for (size_t w = 0; w < AVQA_FACTS_MAX_INSTANCES / 64; w++)
        out.bits[w] = op == AVQA_OP_UNION       ? a->bits[w] | b->bits[w]
                      : op == AVQA_OP_INTERSECT ? a->bits[w] & b->bits[w]
                                                : a->bits[w] & ~b->bits[w];
    return out;
}

static void ill(struct run *r, enum avqa_ill_posed reason)
{
    if (r->out->reason == AVQA_WELL_POSED)
        r->out->reason = reason;
}

static void add_evidence(struct run *r, const struct avqa_instance_set *set)
{
    r->out->evidence = combine(&r->out->evidence, set, AVQA_OP_UNION);
}

static const struct avqa_instance *instance(const struct run *r, size_t i)
{
    return &r->scene->instances[i];
}

/* Members for which `test` says yes; an unknown one makes the question ill-posed. */
typedef enum avqa_truth test_fn(struct run *r, size_t i, const struct value *arg);

static struct avqa_instance_set filter(struct run *r,
                                       const struct avqa_instance_set *set,
                                       test_fn *test, const struct value *arg)
{
    struct avqa_instance_set out = {0};
    for (size_t i = 0; i < r->scene->n_instances; i++) {
        if (!avqa_instance_set_has(set, i))
            continue;
        enum avqa_truth t = test(r, i, arg);
        if (t == AVQA_UNKNOWN)
            ill(r, AVQA_ILL_UNKNOWN);
        if (t == AVQA_YES)
            add(&out, i);
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
    for (size_t i = 0; i < r->scene->n_instances; i++)
        add(&all, i);
    return filter(r, &all, is_visible, NULL);
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
    const struct avqa_instance *in = instance(r, i);
    enum avqa_truth sounds = avqa_instance_sounds(in);
    int64_t us = AVQA_FACTS_UNKNOWN;
    double v = NAN;
    if (op == AVQA_OP_LEFTMOST || op == AVQA_OP_RIGHTMOST || op == AVQA_OP_NEIGHBOUR) {
        if (in->visible == AVQA_NO)
            ill(r, AVQA_ILL_OFF_SCREEN);
        v = in->x;
    } else {
        r->out->by_sound = true;
        if (sounds == AVQA_NO)
            ill(r, AVQA_ILL_SILENT);
    }
    if (op == AVQA_OP_LOUDNESS || op == AVQA_OP_LOUDEST || op == AVQA_OP_QUIETEST)
        v = in->loudness_db;
    else if (op == AVQA_OP_RHYTHM)
        v = in->rhythmicity;
    else if (op == AVQA_OP_DURATION)
        us = avqa_instance_total_us(in);
    else if (op == AVQA_OP_LAST)
        us = avqa_instance_offset_us(in);
    else if (op == AVQA_OP_FIRST || op == AVQA_OP_NTH || op == AVQA_OP_ONSET)
        us = avqa_instance_onset_us(in);
    if (us != AVQA_FACTS_UNKNOWN)
        v = (double)us;
    if (isnan(v))
        ill(r, AVQA_ILL_UNKNOWN);
    return v;
}

/* Values that differ by no more than this are the same. */
static double margin(const struct run *r, enum avqa_program_op op, double a, double b)
{
    switch (op) {
    case AVQA_OP_LOUDNESS:
    case AVQA_OP_LOUDEST:
    case AVQA_OP_QUIETEST:
        return 20 * log10(1 + r->margins->relative); /* decibels of that amplitude */
    case AVQA_OP_RHYTHM:
    case AVQA_OP_DURATION:
        return r->margins->relative * fmax(fabs(a), fabs(b));
    case AVQA_OP_LEFTMOST:
    case AVQA_OP_RIGHTMOST:
    case AVQA_OP_NEIGHBOUR:
        return AVQA_FACTS_SAME_X;
    default:
        return (double)r->margins->onset_us;
    }
}

/* Members within the margin of the smallest (sign 1) or largest (sign -1) value. */
static struct avqa_instance_set extreme(struct run *r,
                                        const struct avqa_instance_set *set,
                                        enum avqa_program_op op, int sign)
{
    struct avqa_instance_set out = {0};
    double best = INFINITY;
    for (size_t i = 0; i < r->scene->n_instances; i++) {
        if (avqa_instance_set_has(set, i))
            best = fmin(best, sign * measure(r, op, i));
    }
    for (size_t i = 0; i < r->scene->n_instances; i++) {
        if (!avqa_instance_set_has(set, i))
            continue;
        double v = sign * measure(r, op, i);
        if (v - best <= margin(r, op, v, best))
            add(&out, i);
    }
    return out;
}

/* The k-th to come in, with those at the same time; empty if fewer sound. Whoever came
 * in before belongs to the evidence. */
static struct avqa_instance_set nth(struct run *r, const struct avqa_instance_set *set,
                                    int64_t k)
{
    struct avqa_instance_set left = *set;
    struct avqa_instance_set out = {0};
    if (k < 1)
        ill(r, AVQA_ILL_SENSELESS);
    for (int64_t n = 0; n < k && size(&left) && r->out->reason == AVQA_WELL_POSED;) {
        out = extreme(r, &left, AVQA_OP_NTH, 1);
        n += (int64_t)size(&out);
        if (n < k)
            add_evidence(r, &out);
        left = combine(&left, &out, AVQA_OP_MINUS);
        if (n < k && size(&left) == 0)
            return (struct avqa_instance_set){0};
    }
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
        if (i != thing && avqa_instance_set_has(&set, i) &&
            sign * (instance(r, i)->x - x) > AVQA_FACTS_SAME_X)
            add(&beside, i);
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
        double apart = sign * (measure(r, AVQA_OP_ONSET, i) - onset);
        if (fabs(apart) <= (double)r->margins->onset_us)
            ill(r, AVQA_ILL_TOO_CLOSE);
        if (apart > 0)
            add(&beside, i);
    }
    return extreme(r, &beside, AVQA_OP_FIRST, sign);
}

/* ---- from sets to single values ---------------------------------------------------
 */

static size_t unique(struct run *r, const struct avqa_instance_set *set)
{
    size_t thing = 0;
    size_t n = size(set);
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
    int64_t whole = r->scene->duration_us;
    r->out->by_sound = true;
    if (total == AVQA_FACTS_UNKNOWN || whole == AVQA_FACTS_UNKNOWN || whole <= 0) {
        ill(r, AVQA_ILL_UNKNOWN);
        return false;
    }
    double silent = 1 - (double)total / (double)whole;
    if (silent > r->margins->always && silent < 2 * r->margins->always)
        ill(r, AVQA_ILL_TOO_CLOSE);
    return silent <= r->margins->always;
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
    if (fabs(x - y) <= margin(r, a->unit, x, y))
        ill(r, AVQA_ILL_TOO_CLOSE);
    return x > y;
}

static bool equal(struct run *r, enum avqa_program_type type, const struct value *a,
                  const struct value *b)
{
    switch (type) {
    case AVQA_TYPE_SET:
        add_evidence(r, &a->is.set);
        add_evidence(r, &b->is.set);
        return same_set(&a->is.set, &b->is.set);
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
        add(&v.is.set, i);
    return v;
}

/* The place that stands at a position of a place domain. */
static enum avqa_place place_at(size_t position)
{
    static const enum avqa_place places[] = {AVQA_PLACE_LEFT, AVQA_PLACE_RIGHT,
                                             AVQA_PLACE_MIDDLE};
    return position < 3 ? places[position] : AVQA_PLACE_UNKNOWN;
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
    else
        v.is.word = word;
    return v;
}

/* Scenes are words of the facts (indoor, outdoor); in a template's domain they stand in
 * this order. */
static struct value scene_value(struct run *r)
{
    struct value v = {.is.word = r->scene->place ? r->scene->place : ""};
    if (!r->scene->place)
        ill(r, AVQA_ILL_UNKNOWN);
    return v;
}

/* ---- the walk ---------------------------------------------------------------------
 */

/* Declared ahead because a call holds expressions. */
static struct value eval(struct run *r, const struct avqa_program_node *n);

/* The rank that the second argument of nth asks for: a number, or the place of an order
 * word in its domain, counted from one. */
static int64_t rank_of(struct run *r, const struct avqa_program_node *arg)
{
    if (arg->op != AVQA_OP_SLOT || arg->type == AVQA_TYPE_COUNT)
        return eval(r, arg).is.count;
    size_t position =
        avqa_domain_find(r->scope->slots[arg->slot], r->values[arg->slot]);
    if (position == AVQA_DOMAIN_NONE)
        ill(r, AVQA_ILL_NO_WORD);
    return (int64_t)position + 1;
}

static struct avqa_instance_set eval_at(struct run *r, const struct value *set,
                                        const struct value *place)
{
    add_seen(r);
    return filter(r, &set->is.set, is_at, place);
}

/* Functions whose result is a set. */
static struct value eval_set(struct run *r, const struct avqa_program_node *n)
{
    struct value a = eval(r, n->args[0]);
    struct value b = {0};
    struct value out = {0};
    if (n->n_args > 1 && n->op != AVQA_OP_NTH)
        b = eval(r, n->args[1]);
    if (r->out->reason != AVQA_WELL_POSED)
        return out;
    switch (n->op) {
    case AVQA_OP_VISIBLE:
        out.is.set = filter(r, &a.is.set, is_visible, NULL);
        break;
    case AVQA_OP_SOUNDING:
        out.is.set = filter(r, &a.is.set, is_sounding, NULL);
        break;
    case AVQA_OP_SILENT:
        out.is.set = filter(r, &a.is.set, is_silent, NULL);
        break;
    case AVQA_OP_OFFSCREEN:
        out.is.set = filter(r, &a.is.set, is_offscreen, NULL);
        break;
    case AVQA_OP_IS:
        out.is.set = filter(r, &a.is.set, is_kind, &b);
        break;
    case AVQA_OP_AT:
        out.is.set = eval_at(r, &a, &b);
        break;
    case AVQA_OP_FIRST:
    case AVQA_OP_QUIETEST:
    case AVQA_OP_LEFTMOST:
        out.is.set = extreme(r, &a.is.set, n->op, 1);
        break;
    case AVQA_OP_LAST:
    case AVQA_OP_LOUDEST:
    case AVQA_OP_RIGHTMOST:
        out.is.set = extreme(r, &a.is.set, n->op, -1);
        break;
    case AVQA_OP_NTH:
        out.is.set = nth(r, &a.is.set, rank_of(r, n->args[1]));
        break;
    case AVQA_OP_NEIGHBOUR:
        out.is.set = neighbour(r, a.is.thing, b.is.place);
        break;
    case AVQA_OP_OVERLAPPING:
        out.is.set = filter(r, &a.is.set, overlaps, &b);
        break;
    case AVQA_OP_PRECEDING:
        out.is.set = adjacent(r, &a.is.set, b.is.thing, -1);
        break;
    case AVQA_OP_FOLLOWING:
        out.is.set = adjacent(r, &a.is.set, b.is.thing, 1);
        break;
    default:
        out.is.set = combine(&a.is.set, &b.is.set, n->op);
        break;
    }
    return out;
}

/* Functions of one thing or set whose result is no set. */
static struct value eval_single(struct run *r, const struct avqa_program_node *n)
{
    struct value a = eval(r, n->args[0]);
    struct value out = {.unit = n->op};
    if (r->out->reason != AVQA_WELL_POSED)
        return out;
    switch (n->op) {
    case AVQA_OP_UNIQUE:
        out.is.thing = unique(r, &a.is.set);
        break;
    case AVQA_OP_COUNT:
        add_evidence(r, &a.is.set);
        out.is.count = (int64_t)size(&a.is.set);
        break;
    case AVQA_OP_TYPES:
        out.is.count = kinds(r, &a.is.set, &(const char *){NULL});
        break;
    case AVQA_OP_KIND:
        if (n->args[0]->type == AVQA_TYPE_THING) {
            struct avqa_instance_set one = {0};
            add(&one, a.is.thing);
            a.is.set = one;
        }
        out.is.word = only_kind(r, &a.is.set);
        break;
    case AVQA_OP_PLACE:
        out.is.place = place_of(r, a.is.thing);
        break;
    case AVQA_OP_COVERS:
        out.is.truth = covers(r, a.is.thing);
        break;
    case AVQA_OP_EXISTS:
        add_evidence(r, &a.is.set);
        out.is.truth = size(&a.is.set) > 0;
        break;
    case AVQA_OP_NOT:
        out.is.truth = !a.is.truth;
        break;
    default:
        out.is.measure = measure(r, n->op, a.is.thing);
        break;
    }
    return out;
}

/* Functions of two values. */
static struct value eval_pair(struct run *r, const struct avqa_program_node *n)
{
    struct value a = eval(r, n->args[0]);
    struct value b = eval(r, n->args[1]);
    struct value out = {0};
    if (r->out->reason != AVQA_WELL_POSED)
        return out;
    switch (n->op) {
    case AVQA_OP_GREATER:
        out.is.truth = greater(r, n->args[0]->type, &a, &b);
        break;
    case AVQA_OP_EQUAL: /* a slot beside a string is compared by its word */
        if (n->args[0]->op == AVQA_OP_SLOT && n->args[1]->op == AVQA_OP_STRING)
            out.is.truth = strcmp(r->values[n->args[0]->slot], b.is.word) == 0;
        else if (n->args[1]->op == AVQA_OP_SLOT && n->args[0]->op == AVQA_OP_STRING)
            out.is.truth = strcmp(r->values[n->args[1]->slot], a.is.word) == 0;
        else
            out.is.truth = equal(r, n->args[0]->type, &a, &b);
        break;
    case AVQA_OP_AND:
        out.is.truth = a.is.truth && b.is.truth;
        break;
    case AVQA_OP_OR:
        out.is.truth = a.is.truth || b.is.truth;
        break;
    default: /* given */
        if (!a.is.truth)
            ill(r, AVQA_ILL_NOT_GIVEN);
        out = b;
        break;
    }
    return out;
}

static struct value eval_if(struct run *r, const struct avqa_program_node *n)
{
    struct value v = eval(r, n->args[0]);
    if (r->out->reason != AVQA_WELL_POSED)
        return v;
    const struct avqa_program_node *branch = n->args[v.is.truth ? 1 : 2];
    v = eval(r, branch);
    if (branch->op == AVQA_OP_STRING) /* an answer in words; see answer_word */
        r->out->answer = v.is.word;
    return v;
}

static struct value eval(struct run *r, const struct avqa_program_node *n)
{
    if (r->out->reason != AVQA_WELL_POSED)
        return (struct value){0};
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
        return (struct value){.is.word = n->text};
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
        return strcmp(v->is.word, "indoor") == 0 ? 0 : 1;
    default:
        return avqa_domain_find(d, v->is.word);
    }
}

struct avqa_evaluation avqa_evaluate(const struct avqa_program_node *program,
                                     const struct avqa_program_scope *scope,
                                     const char *const *values,
                                     const struct avqa_scene *scene,
                                     const struct avqa_margins *margins)
{
    struct avqa_evaluation out = {0};
    struct run r = {scope, values, scene, margins, &out};
    struct value v = eval(&r, program);
    const struct avqa_domain *d = avqa_program_answers(scope, program->type);
    if (out.reason != AVQA_WELL_POSED) {
        out.answer = NULL;
        return out;
    }
    if (out.answer)
        return out; /* a branch gave it in words */
    size_t position = position_of(program->type, &v, d);
    if (position >= d->n_values)
        ill(&r, AVQA_ILL_NO_WORD);
    else
        out.answer = d->values[position];
    return out;
}

struct avqa_json *avqa_evidence_json(const struct avqa_evaluation *evaluation,
                                     const struct avqa_scene *scene)
{
    struct avqa_json *out = avqa_json_new_object();
    struct avqa_json *ids = avqa_json_put_array(out, "instances");
    const struct avqa_ranges *lists[AVQA_FACTS_MAX_INSTANCES];
    struct avqa_arena arena = AVQA_ARENA_INIT;
    size_t n = 0;
    for (size_t i = 0; i < scene->n_instances; i++) {
        if (!avqa_instance_set_has(&evaluation->evidence, i))
            continue;
        avqa_json_put_string(ids, NULL, scene->instances[i].id);
        if (scene->instances[i].sounding.known)
            lists[n++] = &scene->instances[i].sounding;
    }
    struct avqa_json *times = avqa_json_put_array(out, "times");
    struct avqa_ranges all = avqa_ranges_union(&arena, lists, n);
    for (size_t i = 0; evaluation->by_sound && i < all.n; i++) {
        struct avqa_json *range = avqa_json_put_array(times, NULL);
        avqa_json_put_double(range, NULL, (double)all.items[i].start_us / 1e6);
        avqa_json_put_double(range, NULL, (double)all.items[i].end_us / 1e6);
    }
    avqa_arena_release(&arena);
    return out;
}
