/* Functions whose result is a set; see evaluate_set.c for what they mean. */
#include "qa/sheet_cell.h"

#include <math.h>
#include <string.h>

static uint64_t bit(size_t i)
{
    return UINT64_C(1) << i;
}

static size_t lowest(uint64_t set)
{
    return (size_t)__builtin_ctzll(set);
}

/* ---- filters ----------------------------------------------------------------------
 */

static void filter(struct avqa_sheet_cell *out, const struct avqa_sheet_cell *set,
                   struct avqa_sight_truth holds)
{
    uint64_t sure = set->set.sure;
    uint64_t maybe = set->set.maybe;
    out->set.sure = sure & holds.yes;
    out->set.maybe = (sure & holds.unknown) | (maybe & (holds.yes | holds.unknown));
}

/* Sound was used if there was anybody to listen to. */
static void filter_by_sound(struct avqa_sheet_cell *out,
                            const struct avqa_sheet_cell *set,
                            struct avqa_sight_truth holds)
{
    if (set->set.sure | set->set.maybe)
        out->by_sound = true;
    filter(out, set, holds);
}

static struct avqa_sight_truth are_kind(const struct avqa_sight *s, const char *kind)
{
    struct avqa_sight_truth out = {0, s->nameless};
    for (uint64_t left = s->all & ~s->nameless; left; left &= left - 1) {
        const char *name = s->scene->instances[lowest(left)].instrument;
        if (*name == *kind && strcmp(name, kind) == 0)
            out.yes |= bit(lowest(left));
    }
    return out;
}

static void overlapping(struct avqa_sheet_cell *out, const struct avqa_sight *s,
                        const struct avqa_sheet_cell *set, size_t thing)
{
    struct avqa_sight_truth holds = {0};
    const struct avqa_instance *all = s->scene->instances;
    uint64_t others = (set->set.sure | set->set.maybe) & ~bit(thing);
    for (uint64_t left = others; left; left &= left - 1) {
        size_t i = lowest(left);
        enum avqa_truth t = avqa_ranges_overlap(&all[i].sounding, &all[thing].sounding);
        holds.yes |= t == AVQA_YES ? bit(i) : 0;
        holds.unknown |= t == AVQA_UNKNOWN ? bit(i) : 0;
    }
    out->by_sound = out->by_sound || others;
    filter(out, set, holds);
}

static void combine(struct avqa_sheet_cell *out, enum avqa_program_op op,
                    const struct avqa_sheet_cell *a, const struct avqa_sheet_cell *b)
{
    uint64_t in_a = a->set.sure;
    uint64_t in_b = b->set.sure;
    uint64_t can_a = in_a | a->set.maybe;
    uint64_t can_b = in_b | b->set.maybe;
    uint64_t in = op == AVQA_OP_UNION       ? in_a | in_b
                  : op == AVQA_OP_INTERSECT ? in_a & in_b
                                            : in_a & ~can_b;
    uint64_t can = op == AVQA_OP_UNION       ? can_a | can_b
                   : op == AVQA_OP_INTERSECT ? can_a & can_b
                                             : can_a & ~in_b;
    out->set.sure = in;
    out->set.maybe = can & ~in;
}

/* ---- choices ----------------------------------------------------------------------
 */

/* Members alike the one with the smallest (sign 1) or largest (sign -1) value. */
static uint64_t extreme(struct avqa_sheet_cell *out, struct avqa_sheet_room *room,
                        uint64_t set, enum avqa_program_op op, int sign)
{
    uint64_t found = 0;
    double best = (double)INFINITY;
    const struct avqa_sight_number *numbers = avqa_sight_numbers(&room->sight, op);
    for (uint64_t left = set; left; left &= left - 1)
        best = fmin(best, sign * avqa_sheet_number(out, numbers, op, lowest(left)));
    if (out->reason != AVQA_WELL_POSED)
        return 0;
    for (uint64_t left = set; left; left &= left - 1) {
        size_t i = lowest(left);
        if (avqa_sheet_alike(room, op, sign * numbers[i].value, best))
            found |= bit(i);
    }
    return found;
}

/* Of a set that is not empty the one that comes in earliest. */
static size_t earliest(struct avqa_sheet_cell *out, struct avqa_sheet_room *room,
                       uint64_t set)
{
    size_t best = lowest(set);
    for (uint64_t left = set & (set - 1); left; left &= left - 1) {
        double x = avqa_sheet_measure(out, room, AVQA_OP_NTH, lowest(left));
        if (x < avqa_sheet_measure(out, room, AVQA_OP_NTH, best))
            best = lowest(left);
    }
    return best;
}

static uint64_t nth(struct avqa_sheet_cell *out, struct avqa_sheet_room *room,
                    uint64_t set, int64_t k)
{
    uint64_t before = 0;
    uint64_t found = 0;
    if (k < 1)
        avqa_sheet_ill(out, AVQA_ILL_SENSELESS);
    for (int64_t n = 1; n < k && (set & ~before); n++)
        before |= bit(earliest(out, room, set & ~before));
    out->evidence |= before;
    if (!(set & ~before))
        return 0;
    size_t first = earliest(out, room, set & ~before);
    double onset = avqa_sheet_measure(out, room, AVQA_OP_NTH, first);
    for (uint64_t left = set; left; left &= left - 1) {
        double x = avqa_sheet_measure(out, room, AVQA_OP_NTH, lowest(left));
        if (avqa_sheet_alike(room, AVQA_OP_NTH, x, onset))
            found |= bit(lowest(left));
    }
    return found;
}

/* Nearest by x on one side of a thing, among all that are seen. */
static uint64_t neighbour(struct avqa_sheet_cell *out, struct avqa_sheet_room *room,
                          size_t thing, enum avqa_place side)
{
    uint64_t beside = 0;
    int sign = side == AVQA_PLACE_LEFT ? -1 : 1;
    double x = avqa_sheet_measure(out, room, AVQA_OP_NEIGHBOUR, thing);
    if (side != AVQA_PLACE_LEFT && side != AVQA_PLACE_RIGHT)
        avqa_sheet_ill(out, AVQA_ILL_SENSELESS);
    if (!room->sight.order_known)
        avqa_sheet_ill(out, AVQA_ILL_UNKNOWN);
    if (out->reason != AVQA_WELL_POSED)
        return 0;
    const struct avqa_sight_number *numbers =
        avqa_sight_numbers(&room->sight, AVQA_OP_NEIGHBOUR);
    for (uint64_t left = room->sight.visible.yes; left; left &= left - 1) {
        double other = avqa_sheet_number(out, numbers, AVQA_OP_NEIGHBOUR, lowest(left));
        if (sign * (other - x) > 0 &&
            !avqa_sheet_alike(room, AVQA_OP_NEIGHBOUR, x, other))
            beside |= bit(lowest(left));
    }
    return extreme(out, room, beside, AVQA_OP_NEIGHBOUR, sign);
}

/* Nearest onset before (sign -1) or after (sign 1) that of a thing. */
static uint64_t adjacent(struct avqa_sheet_cell *out, struct avqa_sheet_room *room,
                         uint64_t set, size_t thing, int sign)
{
    uint64_t beside = 0;
    double onset = avqa_sheet_measure(out, room, AVQA_OP_ONSET, thing);
    for (uint64_t left = set & ~bit(thing); left; left &= left - 1) {
        double other = avqa_sheet_measure(out, room, AVQA_OP_ONSET, lowest(left));
        if (avqa_sheet_alike(room, AVQA_OP_ONSET, onset, other))
            avqa_sheet_ill(out, AVQA_ILL_TOO_CLOSE);
        if (sign * (other - onset) > 0)
            beside |= bit(lowest(left));
    }
    return extreme(out, room, beside, AVQA_OP_FIRST, sign);
}

/* ---- by operation -----------------------------------------------------------------
 */

/* Those that choose among the members of a whole set. */
static uint64_t choose(struct avqa_sheet_cell *out, struct avqa_sheet_room *room,
                       const struct avqa_program_node *n,
                       const struct avqa_sheet_cell *a, const struct avqa_sheet_cell *b)
{
    uint64_t set = a->set.sure;
    if (a->set.maybe) {
        avqa_sheet_ill(out, AVQA_ILL_UNKNOWN);
        return 0;
    }
    switch (n->op) {
    case AVQA_OP_FIRST:
    case AVQA_OP_QUIETEST:
    case AVQA_OP_LEFTMOST:
        return extreme(out, room, set, n->op, 1);
    case AVQA_OP_LAST:
    case AVQA_OP_LOUDEST:
    case AVQA_OP_RIGHTMOST:
        return extreme(out, room, set, n->op, -1);
    case AVQA_OP_NTH: /* an order word's rank is its place in its domain */
        avqa_sheet_pass_on(out, b);
        if (out->reason != AVQA_WELL_POSED)
            return 0;
        return nth(out, room, set,
                   b->count + (n->args[1]->type == AVQA_TYPE_WORD ? 1 : 0));
    default:
        return adjacent(out, room, set, b->thing, n->op == AVQA_OP_PRECEDING ? -1 : 1);
    }
}

void avqa_sheet_set(struct avqa_sheet_cell *out, struct avqa_sheet_room *room,
                    const struct avqa_program_node *n, const struct avqa_sheet_cell *a,
                    const struct avqa_sheet_cell *b)
{
    const struct avqa_sight *s = &room->sight;
    switch (n->op) {
    case AVQA_OP_VISIBLE:
        filter(out, a, s->visible);
        break;
    case AVQA_OP_SOUNDING:
        filter_by_sound(out, a, s->sounding);
        break;
    case AVQA_OP_SILENT:
        filter_by_sound(out, a, s->silent);
        break;
    case AVQA_OP_OFFSCREEN:
        filter_by_sound(out, a, s->offscreen);
        break;
    case AVQA_OP_IS:
        filter(out, a, are_kind(s, b->word));
        break;
    case AVQA_OP_AT:
        out->evidence |= s->visible.yes;
        filter(out, a, s->at[b->place]);
        break;
    case AVQA_OP_OVERLAPPING:
        overlapping(out, s, a, b->thing);
        break;
    case AVQA_OP_UNION:
    case AVQA_OP_INTERSECT:
    case AVQA_OP_MINUS:
        combine(out, n->op, a, b);
        break;
    case AVQA_OP_NEIGHBOUR:
        out->set.sure = neighbour(out, room, a->thing, b->place);
        out->set.maybe = 0;
        break;
    default:
        out->set.sure = choose(out, room, n, a, b);
        out->set.maybe = 0;
        break;
    }
}
