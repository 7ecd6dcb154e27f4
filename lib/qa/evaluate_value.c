/* Functions of sets, things and other values whose result is no set.
 *
 * Evidence is gathered here, where a set becomes something else (one thing, a number, a
 * truth): its members go in. A place depends on who else is seen, so all that are seen
 * go in. */
#include "qa/evaluate_run.h"

#include <string.h>

static size_t unique(struct avqa_evaluate_run *r, const struct avqa_instance_set *set)
{
    size_t thing = 0;
    size_t n = avqa_instance_set_size(set);
    if (n != 1)
        avqa_evaluate_ill(r, n ? AVQA_ILL_SEVERAL : AVQA_ILL_NOTHING);
    while (thing < r->scene->n_instances && !avqa_instance_set_has(set, thing))
        thing++;
    avqa_evaluate_add_evidence(r, set);
    return n == 1 ? thing : 0;
}

/* How many different kinds a set has; *kind is the first one's. */
static int64_t kinds(struct avqa_evaluate_run *r, const struct avqa_instance_set *set,
                     const char **kind)
{
    int64_t n = 0;
    *kind = NULL;
    for (size_t i = 0; i < r->scene->n_instances; i++) {
        const char *name = avqa_evaluate_instance(r, i)->instrument;
        bool is_new = avqa_instance_set_has(set, i);
        if (is_new && !name)
            avqa_evaluate_ill(r, AVQA_ILL_UNKNOWN);
        for (size_t j = 0; is_new && name && j < i; j++)
            is_new = !avqa_instance_set_has(set, j) ||
                     !avqa_evaluate_instance(r, j)->instrument ||
                     strcmp(avqa_evaluate_instance(r, j)->instrument, name) != 0;
        if (is_new && !*kind)
            *kind = name;
        n += is_new;
    }
    avqa_evaluate_add_evidence(r, set);
    return n;
}

static const char *only_kind(struct avqa_evaluate_run *r,
                             const struct avqa_instance_set *set)
{
    const char *kind;
    int64_t n = kinds(r, set, &kind);
    if (n != 1)
        avqa_evaluate_ill(r, n ? AVQA_ILL_SEVERAL : AVQA_ILL_NOTHING);
    return kind ? kind : "";
}

static const char *kind_of(struct avqa_evaluate_run *r, size_t thing)
{
    struct avqa_instance_set one = {0};
    avqa_instance_set_add(&one, thing);
    return only_kind(r, &one);
}

static enum avqa_place place_of(struct avqa_evaluate_run *r, size_t thing)
{
    enum avqa_place place = avqa_scene_place(r->scene, thing);
    if (avqa_evaluate_instance(r, thing)->visible == AVQA_NO)
        avqa_evaluate_ill(r, AVQA_ILL_OFF_SCREEN);
    else if (place == AVQA_PLACE_UNKNOWN)
        avqa_evaluate_ill(r, AVQA_ILL_UNKNOWN);
    avqa_evaluate_add_seen(r);
    return place;
}

/* Whether a thing sounds all the time; close to the bound nobody could tell. */
static bool covers(struct avqa_evaluate_run *r, size_t thing)
{
    int64_t total = avqa_instance_total_us(avqa_evaluate_instance(r, thing));
    int64_t length = r->scene->duration_us;
    r->out->by_sound = true;
    if (total == AVQA_FACTS_UNKNOWN || length == AVQA_FACTS_UNKNOWN || length <= 0) {
        avqa_evaluate_ill(r, AVQA_ILL_UNKNOWN);
        return false;
    }
    double silent_us = (double)(length - total);
    double allowed_us = r->margins->always * (double)length;
    if (silent_us > allowed_us && silent_us < 2 * allowed_us)
        avqa_evaluate_ill(r, AVQA_ILL_TOO_CLOSE);
    return silent_us <= allowed_us;
}

static bool greater(struct avqa_evaluate_run *r, enum avqa_program_type type,
                    const struct avqa_evaluate_value *a,
                    const struct avqa_evaluate_value *b)
{
    if (type == AVQA_TYPE_COUNT)
        return a->is.count > b->is.count;
    double x = a->is.measure;
    double y = b->is.measure;
    if (avqa_evaluate_alike(r, a->unit, x, y))
        avqa_evaluate_ill(r, AVQA_ILL_TOO_CLOSE);
    return x > y;
}

static bool equal(struct avqa_evaluate_run *r, enum avqa_program_type type,
                  const struct avqa_evaluate_value *a,
                  const struct avqa_evaluate_value *b)
{
    switch (type) {
    case AVQA_TYPE_SET:
        avqa_evaluate_add_evidence(r, avqa_evaluate_whole(r, &a->is.set));
        avqa_evaluate_add_evidence(r, avqa_evaluate_whole(r, &b->is.set));
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

/* Functions of one thing or set whose result is no set. */
struct avqa_evaluate_value avqa_evaluate_single(struct avqa_evaluate_run *r,
                                                const struct avqa_program_node *n)
{
    struct avqa_evaluate_value room;
    const struct avqa_evaluate_value *a = avqa_evaluate_node(r, n->args[0], &room);
    const struct avqa_instance_set *set = &avqa_evaluate_nothing.is.set.sure;
    struct avqa_evaluate_value out = {.unit = n->op};
    if (r->out->reason == AVQA_WELL_POSED && n->args[0]->type == AVQA_TYPE_SET)
        set = avqa_evaluate_whole(r, &a->is.set);
    if (r->out->reason != AVQA_WELL_POSED)
        return out;
    switch (n->op) {
    case AVQA_OP_UNIQUE:
        out.is.thing = unique(r, set);
        break;
    case AVQA_OP_COUNT:
        avqa_evaluate_add_evidence(r, set);
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
        avqa_evaluate_add_evidence(r, set);
        out.is.truth = !avqa_instance_set_is_empty(set);
        break;
    case AVQA_OP_NOT:
        out.is.truth = !a->is.truth;
        break;
    default:
        out.is.measure = avqa_evaluate_measure(r, n->op, a->is.thing);
        break;
    }
    return out;
}

/* A number; beside a slot that says "more than ten" it counts no further either. */
static int64_t count_beside(const struct avqa_evaluate_run *r,
                            const struct avqa_program_node *slot,
                            const struct avqa_program_node *beside,
                            const struct avqa_evaluate_value *v)
{
    if (slot->op != AVQA_OP_SLOT || slot->type != AVQA_TYPE_COUNT ||
        beside->type != AVQA_TYPE_COUNT)
        return v->is.count;
    int64_t last = (int64_t)r->scope->slots[slot->slot]->n_values - 1;
    return v->is.count > last ? last : v->is.count;
}

/* greater and equal; a slot beside a string is compared by its word. */
static bool eval_comparison(struct avqa_evaluate_run *r,
                            const struct avqa_program_node *n,
                            const struct avqa_evaluate_value *a,
                            const struct avqa_evaluate_value *b)
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
struct avqa_evaluate_value avqa_evaluate_pair(struct avqa_evaluate_run *r,
                                              const struct avqa_program_node *n)
{
    struct avqa_evaluate_value room[2];
    struct avqa_evaluate_value out = {0};
    const struct avqa_evaluate_value *a = avqa_evaluate_node(r, n->args[0], &room[0]);
    const struct avqa_evaluate_value *b = avqa_evaluate_node(r, n->args[1], &room[1]);
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
            avqa_evaluate_ill(r, AVQA_ILL_NOT_GIVEN);
        out = *b;
        break;
    default:
        out.is.truth = eval_comparison(r, n, a, b);
        break;
    }
    return out;
}
