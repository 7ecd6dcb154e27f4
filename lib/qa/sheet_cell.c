/* See sheet_cell.h; evaluate_value.c says what the functions mean. */
#include "qa/sheet_cell.h"

#include <string.h>

static size_t size_of(uint64_t set)
{
    return (size_t)__builtin_popcountll(set);
}

/* ---- slots and leaves -------------------------------------------------------------
 */

static enum avqa_place place_at(size_t position)
{
    static const enum avqa_place places[] = {AVQA_PLACE_LEFT, AVQA_PLACE_RIGHT,
                                             AVQA_PLACE_MIDDLE};
    return position < 3 ? places[position] : AVQA_PLACE_UNKNOWN;
}

/* A scene slot as a word of the facts: that of this clip if the slot's word stands for
 * it. */
static void scene_word(struct avqa_sheet_cell *out, const struct avqa_scene *s,
                       const struct avqa_domain *d)
{
    size_t position = s->place ? avqa_domain_scene(d, s->place) : AVQA_DOMAIN_NONE;
    if (position >= d->n_values)
        avqa_sheet_ill(out, s->place ? AVQA_ILL_NO_WORD : AVQA_ILL_UNKNOWN);
    else if (strcmp(d->values[position], out->word) == 0)
        out->word = s->place;
}

void avqa_sheet_slot(struct avqa_sheet_cell *out, const struct avqa_sheet_room *room,
                     const struct avqa_program_node *n, const struct avqa_domain *d,
                     const char *word)
{
    *out = (struct avqa_sheet_cell){.word = word};
    if (n->type == AVQA_TYPE_KIND)
        return;
    size_t position = avqa_domain_find(d, word);
    if (n->type == AVQA_TYPE_PLACE)
        out->place = place_at(position);
    else if (n->type == AVQA_TYPE_SCENE)
        scene_word(out, room->sight.scene, d);
    else
        out->count = (int64_t)position;
}

void avqa_sheet_leaf(struct avqa_sheet_cell *out, const struct avqa_sheet_room *room,
                     const struct avqa_program_node *n)
{
    const struct avqa_scene *scene = room->sight.scene;
    *out = (struct avqa_sheet_cell){0};
    if (n->op == AVQA_OP_ALL) {
        out->set.sure = room->sight.all;
        if (!scene->instances_known)
            avqa_sheet_ill(out, AVQA_ILL_UNKNOWN);
    } else if (n->op == AVQA_OP_SCENE) {
        out->word = scene->place ? scene->place : "";
        if (!scene->place)
            avqa_sheet_ill(out, AVQA_ILL_UNKNOWN);
    } else if (n->op == AVQA_OP_VOICEOVER) {
        out->truth = scene->voiceover.n > 0;
        if (!scene->voiceover.known)
            avqa_sheet_ill(out, AVQA_ILL_UNKNOWN);
    } else if (n->op == AVQA_OP_NUMBER) {
        out->count = n->number;
    } else {
        out->word = n->text;
        out->is_text = true;
    }
}

/* ---- of one value -----------------------------------------------------------------
 */

static size_t unique(struct avqa_sheet_cell *out, uint64_t set)
{
    out->evidence |= set;
    if (!set || (set & (set - 1))) {
        avqa_sheet_ill(out, set ? AVQA_ILL_SEVERAL : AVQA_ILL_NOTHING);
        return 0;
    }
    return (size_t)__builtin_ctzll(set);
}

/* How many different kinds a set has. */
static size_t kinds(struct avqa_sheet_cell *out, const struct avqa_sight *s,
                    uint64_t set)
{
    uint64_t firsts = 0;
    out->evidence |= set;
    if (set & s->nameless)
        avqa_sheet_ill(out, AVQA_ILL_UNKNOWN);
    for (uint64_t left = set; left; left &= left - 1)
        firsts |= UINT64_C(1) << s->kinds[__builtin_ctzll(left)];
    return size_of(firsts);
}

static const char *only_kind(struct avqa_sheet_cell *out, const struct avqa_sight *s,
                             uint64_t set)
{
    size_t n = kinds(out, s, set);
    if (n != 1)
        avqa_sheet_ill(out, n ? AVQA_ILL_SEVERAL : AVQA_ILL_NOTHING);
    return out->reason == AVQA_WELL_POSED
               ? s->scene->instances[__builtin_ctzll(set)].instrument
               : "";
}

static enum avqa_place place_of(struct avqa_sheet_cell *out, const struct avqa_sight *s,
                                size_t thing)
{
    if (s->scene->instances[thing].visible == AVQA_NO)
        avqa_sheet_ill(out, AVQA_ILL_OFF_SCREEN);
    else if (s->places[thing] == AVQA_PLACE_UNKNOWN)
        avqa_sheet_ill(out, AVQA_ILL_UNKNOWN);
    out->evidence |= s->visible.yes;
    return s->places[thing];
}

static bool covers(struct avqa_sheet_cell *out, const struct avqa_sheet_room *room,
                   size_t thing)
{
    const struct avqa_scene *scene = room->sight.scene;
    int64_t total = avqa_instance_total_us(&scene->instances[thing]);
    int64_t length = scene->duration_us;
    out->by_sound = true;
    if (total == AVQA_FACTS_UNKNOWN || length == AVQA_FACTS_UNKNOWN || length <= 0) {
        avqa_sheet_ill(out, AVQA_ILL_UNKNOWN);
        return false;
    }
    double silent_us = (double)(length - total);
    double allowed_us = room->margins->always * (double)length;
    if (silent_us > allowed_us && silent_us < 2 * allowed_us)
        avqa_sheet_ill(out, AVQA_ILL_TOO_CLOSE);
    return silent_us <= allowed_us;
}

static void single(struct avqa_sheet_cell *out, struct avqa_sheet_room *room,
                   const struct avqa_program_node *n, const struct avqa_sheet_cell *a)
{
    const struct avqa_sight *s = &room->sight;
    bool of_set = n->args[0]->type == AVQA_TYPE_SET;
    uint64_t set = of_set ? a->set.sure : 0;
    if (of_set && a->set.maybe) {
        avqa_sheet_ill(out, AVQA_ILL_UNKNOWN);
        return;
    }
    switch (n->op) {
    case AVQA_OP_UNIQUE:
        out->thing = unique(out, set);
        break;
    case AVQA_OP_COUNT:
        out->evidence |= set;
        out->count = (int64_t)size_of(set);
        break;
    case AVQA_OP_TYPES:
        out->count = (int64_t)kinds(out, s, set);
        break;
    case AVQA_OP_KIND:
        out->word = only_kind(out, s, of_set ? set : UINT64_C(1) << a->thing);
        break;
    case AVQA_OP_PLACE:
        out->place = place_of(out, s, a->thing);
        break;
    case AVQA_OP_COVERS:
        out->truth = covers(out, room, a->thing);
        break;
    case AVQA_OP_EXISTS:
        out->evidence |= set;
        out->truth = set != 0;
        break;
    case AVQA_OP_NOT:
        out->truth = !a->truth;
        break;
    default:
        out->unit = (uint8_t)n->op;
        out->measure = avqa_sheet_measure(out, room, n->op, a->thing);
        break;
    }
}

/* ---- of two values ----------------------------------------------------------------
 */

/* A number; beside a slot that says "more than ten" it counts no further either. */
static int64_t count_beside(const struct avqa_domain *const *slots,
                            const struct avqa_program_node *slot, int64_t count)
{
    if (slot->op != AVQA_OP_SLOT)
        return count;
    int64_t last = (int64_t)slots[slot->slot]->n_values - 1;
    return count > last ? last : count;
}

static bool equal(struct avqa_sheet_cell *out, enum avqa_program_type type,
                  const struct avqa_sheet_cell *a, const struct avqa_sheet_cell *b)
{
    switch (type) {
    case AVQA_TYPE_SET:
        out->evidence |= a->set.sure | b->set.sure;
        if (a->set.maybe | b->set.maybe)
            avqa_sheet_ill(out, AVQA_ILL_UNKNOWN);
        return a->set.sure == b->set.sure;
    case AVQA_TYPE_THING:
        return a->thing == b->thing;
    case AVQA_TYPE_PLACE:
        return a->place == b->place;
    default:
        return strcmp(a->word, b->word) == 0;
    }
}

static bool compare(struct avqa_sheet_cell *out, const struct avqa_sheet_room *room,
                    const struct avqa_program_node *n,
                    const struct avqa_domain *const *slots,
                    const struct avqa_sheet_cell *const *args)
{
    const struct avqa_program_node *x = n->args[0];
    const struct avqa_program_node *y = n->args[1];
    const struct avqa_sheet_cell *a = args[0];
    const struct avqa_sheet_cell *b = args[1];
    if (x->type == AVQA_TYPE_COUNT && y->type == AVQA_TYPE_COUNT) {
        int64_t left = count_beside(slots, y, a->count);
        int64_t right = count_beside(slots, x, b->count);
        return n->op == AVQA_OP_GREATER ? left > right : left == right;
    }
    if (n->op == AVQA_OP_GREATER) {
        if (avqa_sheet_alike(room, (enum avqa_program_op)a->unit, a->measure,
                             b->measure))
            avqa_sheet_ill(out, AVQA_ILL_TOO_CLOSE);
        return a->measure > b->measure;
    }
    if ((x->op == AVQA_OP_SLOT && y->op == AVQA_OP_STRING) ||
        (y->op == AVQA_OP_SLOT && x->op == AVQA_OP_STRING))
        return strcmp(a->word, b->word) == 0;
    return equal(out, x->type, a, b);
}

static void pair(struct avqa_sheet_cell *out, struct avqa_sheet_room *room,
                 const struct avqa_program_node *n,
                 const struct avqa_domain *const *slots,
                 const struct avqa_sheet_cell *const *args)
{
    const struct avqa_sheet_cell *a = args[0];
    const struct avqa_sheet_cell *b = args[1];
    switch (n->op) {
    case AVQA_OP_AND:
        out->truth = a->truth && b->truth;
        break;
    case AVQA_OP_OR:
        out->truth = a->truth || b->truth;
        break;
    default:
        out->truth = compare(out, room, n, slots, args);
        break;
    }
}

/* A value that is passed on as it is. */
static void take(struct avqa_sheet_cell *out, const struct avqa_sheet_cell *from)
{
    struct avqa_sheet_cell taken = *from;
    taken.evidence = out->evidence;
    taken.by_sound = out->by_sound;
    taken.reason = out->reason;
    *out = taken;
}

static void branch(struct avqa_sheet_cell *out, const struct avqa_program_node *n,
                   const struct avqa_sheet_cell *const *args)
{
    const struct avqa_sheet_cell *value = args[1];
    avqa_sheet_pass_on(out, args[0]);
    if (out->reason != AVQA_WELL_POSED)
        return;
    if (n->op == AVQA_OP_IF)
        value = args[args[0]->truth ? 1 : 2];
    avqa_sheet_pass_on(out, value);
    if (n->op == AVQA_OP_GIVEN && !args[0]->truth)
        avqa_sheet_ill(out, AVQA_ILL_NOT_GIVEN);
    take(out, value);
}

/* ---- all ---------------------------------------------------------------------------
 */

/* Whatever the function, its first argument is looked at first. */
static inline void compute(struct avqa_sheet_cell *out, struct avqa_sheet_room *room,
                           const struct avqa_program_node *n,
                           const struct avqa_domain *const *slots,
                           const struct avqa_sheet_cell *const *args)
{
    out->evidence = 0;
    out->reason = args[0]->reason;
    out->by_sound = out->is_text = false;
    if (out->reason != AVQA_WELL_POSED)
        return;
    if (n->op == AVQA_OP_IF || n->op == AVQA_OP_GIVEN) {
        branch(out, n, args);
        return;
    }
    avqa_sheet_pass_on(out, args[0]);
    if (n->n_args > 1 && n->op != AVQA_OP_NTH)
        avqa_sheet_pass_on(out, args[1]);
    if (out->reason != AVQA_WELL_POSED)
        return;
    if (n->type == AVQA_TYPE_SET)
        avqa_sheet_set(out, room, n, args[0], n->n_args > 1 ? args[1] : args[0]);
    else if (n->n_args > 1)
        pair(out, room, n, slots, args);
    else
        single(out, room, n, args[0]);
}

void avqa_sheet_compute(struct avqa_sheet_cell *out, size_t n,
                        struct avqa_sheet_room *room,
                        const struct avqa_program_node *node,
                        const struct avqa_domain *const *slots,
                        const struct avqa_sheet_arguments *args)
{
    struct avqa_sheet_arguments at = *args;
    for (size_t i = 0;;) {
        compute(&out[i], room, node, slots, at.cells);
        if (++i == n)
            break;
        for (size_t k = 0; k < AVQA_PROGRAM_MAX_ARGS; k++)
            at.cells[k] += at.steps[k];
    }
}
