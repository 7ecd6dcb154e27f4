/* The walk of evaluate.c once more, with a literal wherever that has a fact. Everything
 * in the searched scene is known, so a set has members only; a question that an unknown
 * fact leaves well-posed is so whatever the fact is.
 *
 * What makes a question ill-posed is gathered in `posed`, under the condition that the
 * branch it stands in is taken. */
#include "qa/encode.h"

#include <string.h>

enum {
    MAX = AVQA_SYMBOLIC_MAX,
    LEVELS = 24,   /* counts are told apart up to here */
    MAX_TEXTS = 4, /* answers in words that one program may give */
    N_LITERALS = AVQA_SYMBOLIC_ALL_KINDS,
};

/* By type: members (set, thing), kinds, places, words of scenes, or for counts whether
 * it is more than 0, 1, ...; a truth is the first. */
struct value {
    int literals[N_LITERALS];
    enum avqa_program_op unit;
    const char *word;
    bool is_number; /* a count that does not depend on the scene: */
    int64_t number;
    int at[3];              /* a set of what stands at a place: which */
    bool is_kept;           /* a member of this set is kept already; see width */
    size_t if_true, if_not; /* how many instances keep a truth so; see width */
    size_t if_used;         /* and how many more the branch that it comes from */
    struct {
        int when;
        const char *word;
        size_t if_used;
    } texts[MAX_TEXTS]; /* answers in words instead */
    size_t n_texts;
};

struct run {
    struct avqa_symbolic *s;
    struct avqa_sat *sat;
    const struct avqa_program_scope *scope;
    const char *const *values;
    int path; /* the branch is taken */
    struct avqa_encoded *out;
};

static size_t n_literals(const struct run *r, enum avqa_program_type type)
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
        return LEVELS;
    default:
        return 1;
    }
}

static struct value nothing(void)
{
    struct value v = {0};
    for (size_t i = 0; i < N_LITERALS; i++)
        v.literals[i] = AVQA_SAT_FALSE;
    for (int p = 0; p < 3; p++)
        v.at[p] = AVQA_SAT_FALSE;
    return v;
}

static struct value truth(int literal)
{
    struct value v = nothing();
    v.literals[0] = literal;
    return v;
}

/* Otherwise the question is ill-posed. */
static void must(struct run *r, int condition)
{
    r->out->posed =
        avqa_sat_and2(r->sat, r->out->posed, avqa_sat_or2(r->sat, -r->path, condition));
}

static struct value unknown(struct run *r)
{
    r->out->is_known = false;
    return nothing();
}

static size_t add_widths(size_t a, size_t b)
{
    return a == AVQA_ENCODED_UNBOUNDED || b == AVQA_ENCODED_UNBOUNDED
               ? AVQA_ENCODED_UNBOUNDED
               : a + b;
}

static size_t more_of(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void widen(struct run *r, size_t by)
{
    r->out->width = add_widths(r->out->width, by);
}

/* A truth that this many instances keep. */
static struct value kept_truth(int literal, size_t if_true, size_t if_not)
{
    struct value v = truth(literal);
    v.if_true = if_true;
    v.if_not = if_not;
    return v;
}

/* Whether a and b hold for some i. */
static int some_both(struct run *r, const int *a, const int *b, size_t n)
{
    int both[N_LITERALS];
    for (size_t i = 0; i < n; i++)
        both[i] = avqa_sat_and2(r->sat, a[i], b[i]);
    return avqa_sat_or(r->sat, both, n);
}

static int all_alike(struct run *r, const int *a, const int *b, size_t n)
{
    int alike[N_LITERALS];
    for (size_t i = 0; i < n; i++)
        alike[i] = -avqa_sat_or2(r->sat, avqa_sat_and2(r->sat, a[i], -b[i]),
                                 avqa_sat_and2(r->sat, -a[i], b[i]));
    return avqa_sat_and(r->sat, alike, n);
}

/* ---- measures -------------------------------------------------------------------- */

static bool is_by_x(enum avqa_program_op op)
{
    return op == AVQA_OP_LEFTMOST || op == AVQA_OP_RIGHTMOST || op == AVQA_OP_NEIGHBOUR;
}

static const struct avqa_symbolic_order *order_of(struct run *r,
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

/* i has clearly less of what the operation measures. */
static int clear(struct run *r, enum avqa_program_op op, size_t i, size_t j)
{
    if (!is_by_x(op))
        return order_of(r, op)->clear[i][j];
    avqa_symbolic_places(r->s);
    return i < j ? r->s->clear_x[i][j] : AVQA_SAT_FALSE;
}

/* All members have what the operation measures. */
static void must_have(struct run *r, enum avqa_program_op op, const int *set)
{
    for (size_t i = 0; i < r->s->n; i++)
        must(r, avqa_sat_or2(r->sat, -set[i],
                             is_by_x(op) ? r->s->visible[i] : r->s->sounds[i]));
}

/* Where there are members, some are chosen. It follows, but only by trying all orders.
 */
static void chosen_from(struct run *r, const int *set, const int *chosen)
{
    avqa_sat_imply(r->sat, avqa_sat_or(r->sat, set, r->s->n),
                   avqa_sat_or(r->sat, chosen, r->s->n));
}

/* Members with none clearly less (sign 1) or more (sign -1). */
static struct value extreme(struct run *r, const int *set, enum avqa_program_op op,
                            int sign)
{
    struct value out = nothing();
    int beaten[MAX];
    must_have(r, op, set);
    widen(r, 1);
    out.is_kept = true;
    for (size_t i = 0; i < r->s->n; i++) {
        for (size_t j = 0; j < r->s->n; j++)
            beaten[j] = i == j ? AVQA_SAT_FALSE
                               : avqa_sat_and2(r->sat, set[j],
                                               sign > 0 ? clear(r, op, j, i)
                                                        : clear(r, op, i, j));
        out.literals[i] =
            avqa_sat_and2(r->sat, set[i], -avqa_sat_or(r->sat, beaten, r->s->n));
    }
    chosen_from(r, set, out.literals);
    return out;
}

static struct value nth(struct run *r, const int *set, int64_t k)
{
    struct value out = nothing();
    int chosen[MAX];
    const struct avqa_symbolic_order *o = order_of(r, AVQA_OP_NTH);
    int several[2];
    avqa_sat_count(r->sat, set, r->s->n, several, 2);
    for (size_t i = 0; i < r->s->n; i++) /* the second of one is not looked for */
        must(r, avqa_sat_or(r->sat,
                            (int[]){-set[i], r->s->sounds[i],
                                    k > 1 ? -several[1] : AVQA_SAT_FALSE},
                            3));
    if (k < 1)
        must(r, AVQA_SAT_FALSE);
    widen(r, k < 1 ? 0 : (size_t)k);
    out.is_kept = true;
    for (size_t i = 0; i < r->s->n; i++) {
        int earlier[MAX];
        int more[MAX + 1];
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
        int alike[MAX];
        for (size_t j = 0; j < r->s->n; j++)
            alike[j] = avqa_sat_and(
                r->sat, (int[]){chosen[j], -o->clear[i][j], -o->clear[j][i]}, 3);
        out.literals[i] =
            avqa_sat_and2(r->sat, set[i], avqa_sat_or(r->sat, alike, r->s->n));
    }
    return out;
}

/* Those seen clearly on one side of a thing, the nearest of them. */
static struct value neighbour(struct run *r, const int *thing, const struct value *side)
{
    int beside[MAX];
    int left = side->literals[0];
    int right = side->literals[1];
    if ((left != AVQA_SAT_TRUE && left != AVQA_SAT_FALSE) ||
        (right != AVQA_SAT_TRUE && right != AVQA_SAT_FALSE))
        return unknown(r);
    must_have(r, AVQA_OP_NEIGHBOUR, thing);
    if (left == AVQA_SAT_FALSE && right == AVQA_SAT_FALSE)
        must(r, AVQA_SAT_FALSE);
    bool is_left = left == AVQA_SAT_TRUE;
    for (size_t i = 0; i < r->s->n; i++) {
        int from[MAX];
        for (size_t j = 0; j < r->s->n; j++)
            from[j] = is_left ? clear(r, AVQA_OP_NEIGHBOUR, i, j)
                              : clear(r, AVQA_OP_NEIGHBOUR, j, i);
        beside[i] =
            avqa_sat_and2(r->sat, r->s->visible[i], some_both(r, thing, from, r->s->n));
    }
    return extreme(r, beside, AVQA_OP_NEIGHBOUR, is_left ? -1 : 1);
}

/* Nearest onset before (sign -1) or after (sign 1) that of a thing. */
static struct value adjacent(struct run *r, const int *set, const int *thing, int sign)
{
    const struct avqa_symbolic_order *o = order_of(r, AVQA_OP_ONSET);
    int beside[MAX];
    must_have(r, AVQA_OP_ONSET, thing);
    must_have(r, AVQA_OP_ONSET, set);
    for (size_t i = 0; i < r->s->n; i++) {
        int on_side[MAX];
        for (size_t j = 0; j < r->s->n; j++) {
            int apart = avqa_sat_or2(r->sat, o->clear[i][j], o->clear[j][i]);
            on_side[j] = sign < 0 ? o->clear[i][j] : o->clear[j][i];
            if (i != j)
                must(r, avqa_sat_or(r->sat, (int[]){-set[i], -thing[j], apart}, 3));
        }
        beside[i] =
            avqa_sat_and2(r->sat, set[i], some_both(r, thing, on_side, r->s->n));
    }
    return extreme(r, beside, AVQA_OP_FIRST, sign);
}

/* ---- sets ------------------------------------------------------------------------ */

static struct value overlapping(struct run *r, const int *set, const int *thing)
{
    struct value out = nothing();
    avqa_symbolic_overlaps(r->s);
    for (size_t i = 0; i < r->s->n; i++) {
        int with[MAX];
        for (size_t j = 0; j < r->s->n; j++)
            with[j] = i == j || thing[j] == AVQA_SAT_FALSE
                          ? AVQA_SAT_FALSE
                          : avqa_symbolic_together(r->s, i, j);
        out.literals[i] =
            avqa_sat_and2(r->sat, set[i], some_both(r, thing, with, r->s->n));
    }
    return out;
}

/* Members for which a test of each alone holds. */
static int member_test(struct run *r, enum avqa_program_op op, size_t i,
                       const struct value *arg)
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
        return some_both(r, s->kind[i], arg->literals, s->n_kinds);
    default: /* at */
        return avqa_sat_and2(r->sat, s->visible[i],
                             some_both(r, s->place[i], arg->literals, 3));
    }
}

static struct value filter(struct run *r, enum avqa_program_op op,
                           const struct value *set, const struct value *arg)
{
    struct value out = nothing();
    memcpy(out.at, op == AVQA_OP_AT ? arg->literals : set->at, sizeof out.at);
    if (op == AVQA_OP_AT) {
        avqa_symbolic_places(r->s);
        r->out->by_place = true;
    }
    for (size_t i = 0; i < r->s->n; i++)
        out.literals[i] =
            avqa_sat_and2(r->sat, set->literals[i], member_test(r, op, i, arg));
    return out;
}

static struct value combine(struct run *r, enum avqa_program_op op, const int *a,
                            const int *b)
{
    struct value out = nothing();
    for (size_t i = 0; i < r->s->n; i++)
        out.literals[i] = op == AVQA_OP_UNION ? avqa_sat_or2(r->sat, a[i], b[i])
                          : op == AVQA_OP_INTERSECT
                              ? avqa_sat_and2(r->sat, a[i], b[i])
                              : avqa_sat_and2(r->sat, a[i], -b[i]);
    return out;
}

/* The rank that nth asks for, or -1 if it depends on the scene. */
static int64_t rank_of(const struct run *r, const struct avqa_program_node *arg)
{
    if (arg->op == AVQA_OP_NUMBER)
        return arg->number;
    if (arg->op != AVQA_OP_SLOT)
        return -1;
    size_t place = avqa_domain_find(r->scope->slots[arg->slot], r->values[arg->slot]);
    return (int64_t)place + (arg->type != AVQA_TYPE_COUNT);
}

static struct value encode_set(struct run *r, const struct avqa_program_node *n,
                               const struct value *a, const struct value *b)
{
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
        return rank_of(r, n->args[1]) < 0 ? unknown(r)
                                          : nth(r, a->literals, rank_of(r, n->args[1]));
    case AVQA_OP_NEIGHBOUR:
        return neighbour(r, a->literals, b);
    case AVQA_OP_PRECEDING:
    case AVQA_OP_FOLLOWING:
        return adjacent(r, a->literals, b->literals,
                        n->op == AVQA_OP_PRECEDING ? -1 : 1);
    case AVQA_OP_OVERLAPPING:
        return overlapping(r, a->literals, b->literals);
    case AVQA_OP_UNION:
    case AVQA_OP_INTERSECT:
    case AVQA_OP_MINUS:
        return combine(r, n->op, a->literals, b->literals);
    default:
        return filter(r, n->op, a, b);
    }
}

/* ---- single values --------------------------------------------------------------- */

/* Nobody else is seen where the one is said to stand. */
static void note_alone(struct run *r, const struct value *set)
{
    for (int p = 0; p < 3; p++) {
        int there[MAX];
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

static struct value unique(struct run *r, const struct value *set)
{
    struct value out = *set;
    note_alone(r, set);
    must(r, avqa_sat_or(r->sat, set->literals, r->s->n));
    for (size_t i = 0; i < r->s->n; i++) {
        for (size_t j = 0; j < i; j++)
            must(r, -avqa_sat_and2(r->sat, set->literals[i], set->literals[j]));
    }
    widen(r, set->is_kept ? 0 : 1);
    out.is_kept = true;
    return out;
}

static struct value count(struct run *r, const int *set, size_t n)
{
    struct value out = nothing();
    avqa_sat_count(r->sat, set, n, out.literals, n < LEVELS ? n : LEVELS);
    return out;
}

/* The kinds of which a set has members. */
static struct value kinds(struct run *r, const int *set)
{
    struct value out = nothing();
    for (size_t k = 0; k < r->s->n_kinds; k++) {
        int of_kind[MAX];
        for (size_t i = 0; i < r->s->n; i++)
            of_kind[i] = avqa_sat_and2(r->sat, set[i], r->s->kind[i][k]);
        out.literals[k] = avqa_sat_or(r->sat, of_kind, r->s->n);
    }
    return out;
}

static struct value only_kind(struct run *r, const struct value *set)
{
    struct value out = kinds(r, set->literals);
    must(r, avqa_sat_or(r->sat, out.literals, r->s->n_kinds));
    for (size_t k = 0; k < r->s->n_kinds; k++) {
        for (size_t l = 0; l < k; l++)
            must(r, -avqa_sat_and2(r->sat, out.literals[k], out.literals[l]));
    }
    widen(r, set->is_kept ? 0 : 1);
    return out;
}

static struct value place_of(struct run *r, const int *thing)
{
    struct value out = nothing();
    avqa_symbolic_places(r->s);
    r->out->by_place = true;
    must(r, some_both(r, thing, r->s->visible, r->s->n));
    for (int p = 0; p < 3; p++) {
        int at[MAX];
        for (size_t i = 0; i < r->s->n; i++)
            at[i] = r->s->place[i][p];
        out.literals[p] = some_both(r, thing, at, r->s->n);
    }
    return out;
}

static struct value covers(struct run *r, const int *thing)
{
    avqa_symbolic_covers(r->s);
    int always = some_both(r, thing, r->s->always, r->s->n);
    must(r, avqa_sat_or2(r->sat, always, some_both(r, thing, r->s->pauses, r->s->n)));
    return truth(always);
}

static struct value encode_single(struct run *r, const struct avqa_program_node *n,
                                  const struct value *a)
{
    struct value out = *a;
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
        return kept_truth(avqa_sat_or(r->sat, a->literals, r->s->n), !a->is_kept, 0);
    case AVQA_OP_NOT:
        return kept_truth(-a->literals[0], a->if_not, a->if_true);
    default: /* loudness, rhythm, duration, onset: of that thing */
        must_have(r, n->op, a->literals);
        out.unit = n->op;
        return out;
    }
}

/* ---- two values ------------------------------------------------------------------ */

/* A comparison of counts: one with a number is kept by so many members; with two counts
 * that depend on the scene, any number may be needed. */
static struct value compare_counts(const struct value *a, const struct value *b,
                                   int literal, size_t more_if_true, size_t more_if_not)
{
    size_t number = (size_t)(a->is_number ? a->number : b->number);
    if (a->is_number && b->is_number)
        return kept_truth(literal, 0, 0);
    if (!a->is_number && !b->is_number)
        return kept_truth(literal, AVQA_ENCODED_UNBOUNDED, AVQA_ENCODED_UNBOUNDED);
    return kept_truth(literal, number + more_if_true, number + more_if_not);
}

static struct value greater(struct run *r, const struct avqa_program_node *n,
                            const struct value *a, const struct value *b)
{
    int more[LEVELS];
    if (n->args[0]->type == AVQA_TYPE_COUNT) {
        for (size_t k = 0; k < LEVELS; k++)
            more[k] = avqa_sat_and2(r->sat, a->literals[k], -b->literals[k]);
        return compare_counts(a, b, avqa_sat_or(r->sat, more, LEVELS), 1, 1);
    }
    int a_more[MAX * MAX];
    int b_more[MAX * MAX];
    size_t pairs = 0;
    for (size_t i = 0; i < r->s->n; i++) {
        for (size_t j = 0; j < r->s->n; j++) {
            int both = avqa_sat_and2(r->sat, a->literals[i], b->literals[j]);
            a_more[pairs] = avqa_sat_and2(r->sat, both, clear(r, a->unit, j, i));
            b_more[pairs++] = avqa_sat_and2(r->sat, both, clear(r, a->unit, i, j));
        }
    }
    int is_more = avqa_sat_or(r->sat, a_more, pairs);
    must(r, avqa_sat_or2(r->sat, is_more, avqa_sat_or(r->sat, b_more, pairs)));
    return truth(is_more);
}

static struct value equal(struct run *r, const struct avqa_program_node *n,
                          const struct value *a, const struct value *b)
{
    const struct avqa_program_node *x = n->args[0];
    const struct avqa_program_node *y = n->args[1];
    enum avqa_program_type type = x->type;
    bool by_word = type == AVQA_TYPE_WORD ||
                   (x->op == AVQA_OP_SLOT && y->op == AVQA_OP_STRING) ||
                   (y->op == AVQA_OP_SLOT && x->op == AVQA_OP_STRING);
    if (by_word && a->word && b->word)
        return truth(strcmp(a->word, b->word) == 0 ? AVQA_SAT_TRUE : AVQA_SAT_FALSE);
    if (by_word)
        return unknown(r);
    if (type == AVQA_TYPE_SCENE && x->op != AVQA_OP_SCENE && y->op != AVQA_OP_SCENE)
        return unknown(
            r); /* words for scenes, alike only in the scene they stand for */
    int alike =
        type == AVQA_TYPE_SET || type == AVQA_TYPE_COUNT || type == AVQA_TYPE_TRUTH
            ? all_alike(r, a->literals, b->literals, n_literals(r, type))
            : some_both(r, a->literals, b->literals, n_literals(r, type));
    if (type == AVQA_TYPE_COUNT)
        return compare_counts(a, b, alike, 0, 1);
    if (type == AVQA_TYPE_TRUTH)
        widen(r, add_widths(more_of(a->if_true, a->if_not),
                            more_of(b->if_true, b->if_not)));
    return kept_truth(alike, 0, type == AVQA_TYPE_SET);
}

/* "more than ten" counts no further than its slot's last word. */
static void cap(const struct run *r, const struct avqa_program_node *slot,
                const struct avqa_program_node *beside, struct value *v)
{
    if (slot->op != AVQA_OP_SLOT || slot->type != AVQA_TYPE_COUNT ||
        beside->type != AVQA_TYPE_COUNT)
        return;
    size_t last = r->scope->slots[slot->slot]->n_values - 1;
    for (size_t k = last; k < LEVELS; k++)
        v->literals[k] = AVQA_SAT_FALSE;
    if (v->is_number && v->number > (int64_t)last)
        v->number = (int64_t)last;
}

static struct value encode_pair(struct run *r, const struct avqa_program_node *n,
                                struct value *a, struct value *b)
{
    cap(r, n->args[0], n->args[1], b);
    cap(r, n->args[1], n->args[0], a);
    switch (n->op) {
    case AVQA_OP_GREATER:
        return greater(r, n, a, b);
    case AVQA_OP_EQUAL:
        return equal(r, n, a, b);
    case AVQA_OP_AND:
        return kept_truth(avqa_sat_and2(r->sat, a->literals[0], b->literals[0]),
                          add_widths(a->if_true, b->if_true),
                          more_of(a->if_not, b->if_not));
    case AVQA_OP_OR:
        return kept_truth(avqa_sat_or2(r->sat, a->literals[0], b->literals[0]),
                          more_of(a->if_true, b->if_true),
                          add_widths(a->if_not, b->if_not));
    default: /* given */
        must(r, a->literals[0]);
        widen(r, a->if_true);
        return *b;
    }
}

/* ---- leaves ---------------------------------------------------------------------- */

static struct value number(struct run *r, int64_t n)
{
    struct value v = nothing();
    if (n < 0 || n >= LEVELS)
        return unknown(r);
    v.is_number = true;
    v.number = n;
    for (int64_t k = 0; k < n; k++)
        v.literals[k] = AVQA_SAT_TRUE;
    return v;
}

static size_t find_word(const char *const *words, size_t n, const char *word)
{
    size_t i = 0;
    while (i < n && strcmp(words[i], word) != 0)
        i++;
    return i;
}

/* The scenes that a word of a domain stands for. */
static struct value scenes_of(struct run *r, const struct avqa_domain *d,
                              size_t position)
{
    struct value v = nothing();
    const struct avqa_symbolic_words *words = r->s->words;
    for (size_t i = 0; i < words->n_scenes; i++) {
        size_t at = avqa_domain_scene(d, words->scenes[i]);
        if (at == position)
            v.literals[i] = AVQA_SAT_TRUE;
        if (at >= d->n_values)
            must(r, -r->s->scene[i]);
    }
    return v;
}

static struct value slot_value(struct run *r, const struct avqa_program_node *n)
{
    static const int places[] = {0, 1, 2}; /* left, right, middle, as domains say it */
    struct value v = nothing();
    const char *word = r->values[n->slot];
    const struct avqa_domain *d = r->scope->slots[n->slot];
    size_t position = avqa_domain_find(d, word);
    size_t kind;
    if (position >= d->n_values)
        return unknown(r);
    switch (n->type) {
    case AVQA_TYPE_PLACE:
        v.literals[places[position]] = AVQA_SAT_TRUE;
        break;
    case AVQA_TYPE_COUNT:
        v = number(r, (int64_t)position);
        break;
    case AVQA_TYPE_SCENE:
        v = scenes_of(r, d, position);
        break;
    case AVQA_TYPE_KIND:
        kind = find_word(r->s->words->kinds, r->s->words->n_kinds, word);
        v.literals[kind] = AVQA_SAT_TRUE;
        break;
    default:
        break;
    }
    v.word = word;
    return v;
}

static struct value leaf(struct run *r, const struct avqa_program_node *n)
{
    struct value v = nothing();
    switch (n->op) {
    case AVQA_OP_ALL:
        memcpy(v.literals, r->s->there, r->s->n * sizeof *v.literals);
        return v;
    case AVQA_OP_SCENE:
        memcpy(v.literals, r->s->scene, r->s->words->n_scenes * sizeof *v.literals);
        return v;
    case AVQA_OP_VOICEOVER:
        return truth(r->s->voiceover);
    case AVQA_OP_SLOT:
        return slot_value(r, n);
    case AVQA_OP_NUMBER:
        return number(r, n->number);
    default:
        v.word = n->text;
        v.texts[0].when = AVQA_SAT_TRUE;
        v.texts[0].word = n->text;
        v.n_texts = 1;
        return v;
    }
}

/* ---- the walk -------------------------------------------------------------------- */

/* Declared ahead because a call holds expressions. */
static struct value encode(struct run *r, const struct avqa_program_node *n);

static void add_texts(struct run *r, struct value *out, const struct value *from,
                      int when, size_t width)
{
    for (size_t t = 0; t < from->n_texts; t++) {
        if (out->n_texts == MAX_TEXTS) {
            r->out->is_known = false;
            return;
        }
        out->texts[out->n_texts].when =
            avqa_sat_and2(r->sat, when, from->texts[t].when);
        out->texts[out->n_texts].if_used = add_widths(from->texts[t].if_used, width);
        out->texts[out->n_texts++].word = from->texts[t].word;
    }
}

/* One branch of an if that depends on the scene: *width is what it alone rests on. */
static struct value branch(struct run *r, const struct avqa_program_node *n, int when,
                           size_t *width)
{
    int path = r->path;
    size_t before = r->out->width;
    r->path = avqa_sat_and2(r->sat, path, when);
    r->out->width = *width;
    struct value v = encode(r, n);
    *width = r->out->width;
    r->out->width = before;
    r->path = path;
    return v;
}

/* Whether an expression depends on the question's words alone. One that depends on the
 * scene may be a constant, too, where a scene is searched that is too small for it; its
 * other branch counts nevertheless. */
static bool is_of_words(const struct avqa_program_node *n)
{
    bool is = n->n_args > 0 || n->op == AVQA_OP_SLOT || n->op == AVQA_OP_NUMBER ||
              n->op == AVQA_OP_STRING;
    for (size_t i = 0; is && i < n->n_args; i++)
        is = is_of_words(n->args[i]);
    return is;
}

static struct value encode_if(struct run *r, const struct avqa_program_node *n)
{
    struct value choice = encode(r, n->args[0]);
    int c = choice.literals[0];
    if (is_of_words(n->args[0]) && r->out->is_known)
        return encode(r, n->args[c == AVQA_SAT_TRUE ? 1 : 2]);
    size_t a_width = choice.if_true;
    size_t b_width = choice.if_not;
    struct value a = branch(r, n->args[1], c, &a_width);
    struct value b = branch(r, n->args[2], -c, &b_width);
    struct value out = nothing();
    if (n->type == AVQA_TYPE_WORD)
        return unknown(r);
    for (size_t i = 0; i < n_literals(r, n->type); i++)
        out.literals[i] = avqa_sat_if(r->sat, c, a.literals[i], b.literals[i]);
    out.unit = a.unit;
    out.is_kept = a.is_kept && b.is_kept;
    out.if_true = more_of(a.if_true, b.if_true);
    out.if_not = more_of(a.if_not, b.if_not);
    if (n->args[1]->op != AVQA_OP_STRING)
        out.if_used = add_widths(a_width, a.if_used);
    if (n->args[2]->op != AVQA_OP_STRING)
        out.if_used = more_of(out.if_used, add_widths(b_width, b.if_used));
    add_texts(r, &out, &a, c, a_width);
    add_texts(r, &out, &b, -c, b_width);
    return out;
}

static struct value encode(struct run *r, const struct avqa_program_node *n)
{
    struct value a;
    struct value b = nothing();
    if (!r->out->is_known)
        return b;
    if (n->n_args == 0)
        return leaf(r, n);
    if (n->op == AVQA_OP_IF)
        return encode_if(r, n);
    a = encode(r, n->args[0]);
    if (n->n_args > 1 && n->op != AVQA_OP_NTH)
        b = encode(r, n->args[1]);
    if (!r->out->is_known)
        return b;
    widen(r, a.if_used);
    if (n->op != AVQA_OP_GIVEN)
        widen(r, b.if_used);
    if (n->type == AVQA_TYPE_SET && n->op != AVQA_OP_GIVEN)
        return encode_set(r, n, &a, &b);
    return n->n_args > 1 ? encode_pair(r, n, &a, &b) : encode_single(r, n, &a);
}

/* ---- the answer ------------------------------------------------------------------ */

/* How many instances keep an answer other than the one at `position`. */
static size_t width_of_other(enum avqa_program_type type, const struct value *v,
                             size_t position)
{
    switch (type) {
    case AVQA_TYPE_TRUTH:
        return position == 0 ? v->if_not : v->if_true;
    case AVQA_TYPE_COUNT:
        return position + 1;
    default:
        return 0;
    }
}

/* The value is the one that stands at a place of the domain. */
static int stands_at(struct run *r, enum avqa_program_type type, const struct value *v,
                     const struct avqa_domain *d, size_t position)
{
    struct value word;
    size_t kind;
    switch (type) {
    case AVQA_TYPE_TRUTH:
        widen(r, position == 0 ? v->if_true : v->if_not);
        return position == 0 ? v->literals[0] : -v->literals[0];
    case AVQA_TYPE_COUNT:
        widen(r, position);
        if (position >= LEVELS)
            return AVQA_SAT_FALSE;
        return avqa_sat_and2(
            r->sat, position ? v->literals[position - 1] : AVQA_SAT_TRUE,
            position + 1 == d->n_values ? AVQA_SAT_TRUE : -v->literals[position]);
    case AVQA_TYPE_SCENE:
        word = scenes_of(r, d, position);
        return some_both(r, v->literals, word.literals, r->s->words->n_scenes);
    case AVQA_TYPE_PLACE:
        return position < 3 ? v->literals[position] : AVQA_SAT_FALSE;
    default:
        kind = find_word(r->s->words->kinds, r->s->words->n_kinds, d->values[position]);
        return v->literals[kind];
    }
}

struct avqa_encoded avqa_encode(struct avqa_symbolic *s,
                                const struct avqa_answered *question)
{
    const struct avqa_template *t = question->template;
    struct avqa_encoded out = {.posed = AVQA_SAT_TRUE,
                               .answer = AVQA_SAT_FALSE,
                               .alone = AVQA_SAT_TRUE,
                               .is_known = true};
    struct avqa_program_scope scope = avqa_template_scope(t);
    struct run r = {s, s->sat, &scope, question->values, AVQA_SAT_TRUE, &out};
    struct value v = encode(&r, t->answer);
    const struct avqa_domain *d = avqa_program_answers(&scope, t->answer->type);
    if (!out.is_known)
        return out;
    size_t position = avqa_domain_find(d, question->answer);
    int computed = AVQA_SAT_TRUE; /* the answer is no text */
    size_t width = 0;
    size_t most = v.if_used; /* of any answer */
    out.answer = AVQA_SAT_FALSE;
    for (size_t i = 0; i < v.n_texts; i++) {
        computed = avqa_sat_and2(s->sat, computed, -v.texts[i].when);
        most = more_of(most, v.texts[i].if_used);
        if (strcmp(v.texts[i].word, question->answer) != 0)
            continue;
        out.answer = avqa_sat_or2(s->sat, out.answer, v.texts[i].when);
        width = more_of(width, v.texts[i].if_used);
    }
    out.width_other =
        add_widths(add_widths(out.width, most),
                   width_of_other(t->answer->type, &v,
                                  position < d->n_values ? position : d->n_values - 1));
    if (position < d->n_values) {
        int said = stands_at(&r, t->answer->type, &v, d, position);
        out.answer =
            avqa_sat_or2(s->sat, out.answer, avqa_sat_and2(s->sat, computed, said));
        width = more_of(width, v.if_used);
    }
    widen(&r, width);
    return out;
}

/* ---- words ----------------------------------------------------------------------- */

static bool add_word(const char **words, size_t *n, size_t max, const char *word)
{
    if (find_word(words, *n, word) < *n)
        return true;
    if (*n == max)
        return false;
    words[(*n)++] = word;
    return true;
}

static bool add_words(struct avqa_symbolic_words *words, const struct avqa_domain *d,
                      const char *word)
{
    bool fits = true;
    if (d->kind == AVQA_DOMAIN_OBJECT)
        words->objects = d;
    if (d->kind == AVQA_DOMAIN_OBJECT && avqa_domain_find(d, word) < d->n_values)
        return add_word(words->kinds, &words->n_kinds, AVQA_SYMBOLIC_MAX_KINDS, word);
    for (size_t i = 0; d->kind == AVQA_DOMAIN_SCENE && fits && i < d->n_values; i++)
        fits = add_word(words->scenes, &words->n_scenes, AVQA_SYMBOLIC_MAX_SCENES,
                        d->values[i]);
    return fits;
}

bool avqa_encode_words(struct avqa_symbolic_words *words,
                       const struct avqa_answered *question)
{
    const struct avqa_template *t = question->template;
    bool fits = true;
    if (words->n_scenes == 0) { /* what facts may say, whatever the domain */
        fits = add_word(words->scenes, &words->n_scenes, AVQA_SYMBOLIC_MAX_SCENES,
                        "indoor") &&
               add_word(words->scenes, &words->n_scenes, AVQA_SYMBOLIC_MAX_SCENES,
                        "outdoor");
    }
    for (size_t i = 0; fits && i < t->n_slots; i++)
        fits = add_words(words, t->slots[i], question->values[i]);
    for (size_t i = 0; fits && i < t->n_answers; i++)
        fits = add_words(words, t->answers[i], question->answer);
    return fits;
}
