/* Tries few instances first: most clips are consistent, and a small scene shows it.
 * Only where there is none, as many are allowed as the questions to blame can need. */
#include "qa/solver.h"
#include "base/mem.h"
#include "qa/question.h"

#include <stdlib.h>
#include <string.h>

/* Bounds of the work, so that no set of questions takes long. */
enum {
    MAX_CONFLICTS = 100000,       /* of the search for a scene */
    MAX_SUBSET_CONFLICTS = 20000, /* of one smaller contradiction that is tried */
    MAX_SUBSETS = 300,            /* of a size: all pairs of 24, all triples of 12 */
    MAX_STEPS = 200000,           /* of the solver, all in all */
    FIRST = 2,                    /* instances that are tried first */
    STEP = 2, /* the search grows quickly, and with more instances other questions are
                 to blame */
};

struct attempt {
    const struct avqa_answered *questions;
    size_t n;
    struct avqa_answered own[AVQA_SOLVER_MAX_QUESTIONS]; /* of an attempt at some */
    const struct avqa_symbolic_words *words;
    const struct avqa_margins *margins;
    struct avqa_sat *sat;
    struct avqa_symbolic symbolic;
    int64_t *steps;   /* left, of all attempts at these questions */
    size_t n_subsets; /* tried */
    bool plain;       /* read places plainly: nobody else is there */
    struct avqa_encoded encoded[AVQA_SOLVER_MAX_QUESTIONS];
    int strict[AVQA_SOLVER_MAX_QUESTIONS]; /* well-posed and answered so */
};

/* Some of the questions, by place. */
struct subset {
    size_t items[AVQA_SOLVER_MAX_QUESTIONS];
    size_t n;
};

const char *avqa_verdict_name(enum avqa_verdict verdict)
{
    static const char *const names[] = {"consistent", "contradictory", "not decided"};
    return names[verdict];
}

static bool begin(struct attempt *a, size_t n_instances)
{
    bool is_known = true;
    avqa_sat_free(a->sat);
    a->sat = avqa_sat_new(a->steps);
    avqa_symbolic_init(&a->symbolic, a->sat, n_instances, a->words, a->margins);
    for (size_t i = 0; i < a->n; i++) {
        struct avqa_encoded *e = &a->encoded[i];
        *e = avqa_encode(&a->symbolic, &a->questions[i]);
        int alone = a->plain ? e->alone : AVQA_SAT_TRUE;
        a->strict[i] = avqa_sat_and(a->sat, (int[]){e->posed, e->answer, alone}, 3);
        is_known = is_known && e->is_known;
    }
    return is_known;
}

/* How many instances a scene for these questions may need. */
static size_t needed(const struct attempt *a, const struct subset *of)
{
    size_t sum = 0;
    bool by_place = false;
    for (size_t i = 0; i < of->n; i++) {
        const struct avqa_encoded *e = &a->encoded[of->items[i]];
        if (e->width == AVQA_ENCODED_UNBOUNDED)
            return AVQA_ENCODED_UNBOUNDED;
        sum += e->width;
        by_place = by_place || e->by_place;
    }
    return sum + (by_place ? 2 : 0);
}

static enum avqa_sat_outcome try_subset(struct attempt *a, const struct subset *of,
                                        bool tidy, int max_conflicts)
{
    int assumed[AVQA_SOLVER_MAX_QUESTIONS + 1];
    size_t n = 0;
    for (size_t i = 0; i < of->n; i++)
        assumed[n++] = a->strict[of->items[i]];
    if (tidy)
        assumed[n++] = a->symbolic.tidy;
    return avqa_sat_solve(a->sat, assumed, n, max_conflicts);
}

static bool contradicts(struct attempt *a, const struct subset *of)
{
    return try_subset(a, of, false, MAX_SUBSET_CONFLICTS) == AVQA_SAT_NONE;
}

/* ---- the smallest contradiction -------------------------------------------------- */

/* Leaves out what the solver did not need, then one question after the other. */
static struct subset shrink(struct attempt *a, struct subset of)
{
    struct subset blamed = {.n = 0};
    for (size_t i = 0; i < of.n; i++) {
        if (avqa_sat_blames(a->sat, a->strict[of.items[i]]))
            blamed.items[blamed.n++] = of.items[i];
    }
    of = blamed;
    for (size_t i = 0; i < of.n;) {
        struct subset less = of;
        memmove(less.items + i, less.items + i + 1,
                (less.n - i - 1) * sizeof *less.items);
        less.n--;
        if (contradicts(a, &less))
            of = less;
        else
            i++;
    }
    return of;
}

static void end(struct attempt *a)
{
    if (a)
        avqa_sat_free(a->sat);
    free(a);
}

/* An attempt at some of the questions, with as many instances as they can need; NULL if
 * those are too many. Among all the others, each try would cost as much as all of them.
 */
static struct attempt *begin_on(const struct attempt *all, const struct subset *of)
{
    size_t enough = needed(all, of);
    if (enough > AVQA_SYMBOLIC_MAX)
        return NULL;
    struct attempt *a = avqa_mem_new(sizeof *a);
    for (size_t i = 0; i < of->n; i++)
        a->own[i] = all->questions[of->items[i]];
    a->questions = a->own;
    a->n = of->n;
    a->words = all->words;
    a->margins = all->margins;
    a->plain = all->plain;
    a->steps = all->steps;
    if (begin(a, enough))
        return a;
    end(a);
    return NULL;
}

static struct subset every(const struct attempt *a)
{
    struct subset all = {.n = a->n};
    for (size_t i = 0; i < a->n; i++)
        all.items[i] = i;
    return all;
}

static bool contradicts_alone(const struct attempt *all, const struct subset *of)
{
    struct attempt *a = begin_on(all, of);
    struct subset same = {.n = 0};
    if (a)
        same = every(a);
    bool none = a && contradicts(a, &same);
    end(a);
    return none;
}

/* Looks for a contradicting set of `size` questions, the first `n` of which are chosen.
 */
static bool find_subset(struct attempt *a, struct subset *of, size_t n, size_t size)
{
    if (n == size) {
        of->n = n;
        return a->n_subsets++ < MAX_SUBSETS && contradicts_alone(a, of);
    }
    for (size_t i = n ? of->items[n - 1] + 1 : 0; i < a->n; i++) {
        of->items[n] = i;
        if (find_subset(a, of, n + 1, size))
            return true;
    }
    return false;
}

/* A single question that contradicts itself is found on its own later, if it is not
 * among these. */
static struct subset smallest(struct attempt *a, const struct subset *core)
{
    struct subset of;
    for (size_t size = 2; size < core->n && size <= 3; size++) {
        a->n_subsets = 0;
        if (find_subset(a, &of, 0, size))
            return of;
    }
    return *core;
}

/* Whether the answers of the others already forbid to ask one of them at all. */
static bool presumes(struct attempt *a, size_t i)
{
    int assumed[AVQA_SOLVER_MAX_QUESTIONS];
    for (size_t k = 0; k < a->n; k++)
        assumed[k] = k == i ? a->encoded[k].posed : a->strict[k];
    return avqa_sat_solve(a->sat, assumed, a->n, MAX_SUBSET_CONFLICTS) == AVQA_SAT_NONE;
}

static void report(struct attempt *a, struct avqa_solved *out,
                   const struct subset *core)
{
    struct subset of = smallest(a, core);
    struct attempt *alone = begin_on(a, &of);
    out->verdict = AVQA_CONTRADICTORY;
    out->by = a->plain ? AVQA_BY_READING : AVQA_BY_ANSWERS;
    for (size_t i = 0; alone && i < of.n && out->by == AVQA_BY_ANSWERS; i++) {
        if (presumes(alone, i)) {
            out->by = AVQA_BY_POSING;
            out->presumes = i;
        }
    }
    end(alone);
    memcpy(out->core, of.items, of.n * sizeof *of.items);
    out->n_core = of.n;
}

/* ---- consistency ----------------------------------------------------------------- */

/* Whether question i, evaluated over a scene, can be asked and has its answer, or
 * another one. */
static bool answers(const struct attempt *a, const struct avqa_scene *scene, size_t i,
                    bool its_own)
{
    const struct avqa_answered *q = &a->questions[i];
    struct avqa_evaluation e =
        avqa_question_pose(q->template, q->values, scene, a->margins);
    return e.reason == AVQA_WELL_POSED && (strcmp(e.answer, q->answer) == 0) == its_own;
}

/* A scene counts only if every question, evaluated over it, has its answer. */
static bool draw(struct attempt *a, struct avqa_arena *arena, struct avqa_solved *out)
{
    const struct avqa_scene *scene = avqa_symbolic_draw(&a->symbolic, arena);
    for (size_t i = 0; scene && i < a->n; i++) {
        if (!answers(a, scene, i, true))
            scene = NULL;
    }
    out->scene = scene;
    if (scene)
        out->verdict = AVQA_CONSISTENT;
    return scene != NULL;
}

/* ---- the search ------------------------------------------------------------------ */

/* Tries all questions with as many instances as the attempt has. True: `out` is final;
 * otherwise *core contradicts itself with that many. */
static bool try_all(struct attempt *a, struct avqa_arena *arena,
                    struct avqa_solved *out, struct subset *core)
{
    struct subset all = every(a);
    enum avqa_sat_outcome outcome = try_subset(a, &all, true, MAX_CONFLICTS);
    if (outcome == AVQA_SAT_FOUND && draw(a, arena, out))
        return true;
    if (outcome != AVQA_SAT_NONE || avqa_sat_blames(a->sat, a->symbolic.tidy)) {
        outcome = try_subset(a, &all, false, MAX_CONFLICTS);
        if (outcome == AVQA_SAT_FOUND && draw(a, arena, out))
            return true;
    }
    if (outcome != AVQA_SAT_NONE) {
        out->why = outcome == AVQA_SAT_FOUND ? "a scene was found but not drawn"
                                             : "the search was cut off";
        return true;
    }
    *core = shrink(a, all);
    return false;
}

static size_t first_size(const struct attempt *a)
{
    size_t most = 2;
    for (size_t i = 0; i < a->n; i++) {
        if (a->encoded[i].width != AVQA_ENCODED_UNBOUNDED && a->encoded[i].width > most)
            most = a->encoded[i].width;
    }
    return most < AVQA_SYMBOLIC_MAX ? most : AVQA_SYMBOLIC_MAX;
}

/* Whether the plain reading of places says more than the programs do. */
static bool can_be_plain(const struct attempt *a)
{
    bool can = false;
    for (size_t i = 0; i < a->n; i++)
        can = can || a->encoded[i].alone != AVQA_SAT_TRUE;
    return can;
}

static void search(struct attempt *a, struct avqa_arena *arena, struct avqa_solved *out)
{
    struct subset core;
    size_t n = FIRST;
    for (bool is_first = true;; is_first = false) {
        if (!begin(a, n)) {
            out->why = "a program does what has no clauses";
            return;
        }
        if (is_first && first_size(a) > n) { /* the widths are known now */
            n = first_size(a);
            continue;
        }
        if (try_all(a, arena, out, &core))
            return;
        size_t enough = needed(a, &core);
        if (enough <= n) {
            report(a, out, &core);
            return;
        }
        if (n == AVQA_SYMBOLIC_MAX) {
            out->why = "it may need more instruments than are tried";
            return;
        }
        n = enough < n + STEP ? enough : n + STEP;
        n = n < AVQA_SYMBOLIC_MAX ? n : AVQA_SYMBOLIC_MAX;
    }
}

/* ---- what follows ---------------------------------------------------------------- */

/* The last question of the attempt is asked and has another answer. */
static bool draw_other(struct attempt *a)
{
    struct avqa_arena arena = AVQA_ARENA_INIT;
    const struct avqa_scene *scene = avqa_symbolic_draw(&a->symbolic, &arena);
    bool is_good = scene != NULL;
    for (size_t i = 0; is_good && i < a->n; i++)
        is_good = answers(a, scene, i, i + 1 < a->n);
    avqa_arena_release(&arena);
    return is_good;
}

/* Tries with as many instances as the attempt has; *enough is how many would do. */
static enum avqa_entailment try_other(struct attempt *a, size_t *enough)
{
    int assumed[AVQA_SOLVER_MAX_QUESTIONS + 1];
    struct avqa_encoded *last = &a->encoded[a->n - 1];
    struct subset all = {.n = a->n};
    for (size_t i = 0; i < a->n; i++) {
        all.items[i] = i;
        assumed[i] = a->strict[i];
    }
    assumed[a->n - 1] = avqa_sat_and2(a->sat, last->posed, -last->answer);
    assumed[a->n] = a->symbolic.tidy;
    last->width = last->width_other;
    *enough = needed(a, &all);
    for (size_t n = a->n + 1; n >= a->n; n--) { /* tidily, and then in any way */
        switch (avqa_sat_solve(a->sat, assumed, n, MAX_CONFLICTS)) {
        case AVQA_SAT_FOUND:
            if (draw_other(a))
                return AVQA_NOT_ENTAILED;
            break;
        case AVQA_SAT_NONE:
            if (n == a->n || !avqa_sat_blames(a->sat, a->symbolic.tidy))
                return AVQA_ENTAILED;
            break;
        default:
            break;
        }
    }
    return AVQA_ENTAILMENT_NOT_DECIDED;
}

enum avqa_entailment avqa_entails(const struct avqa_answered *questions, size_t n,
                                  const struct avqa_answered *conclusion,
                                  const struct avqa_margins *margins)
{
    struct avqa_answered all[AVQA_SOLVER_MAX_QUESTIONS];
    struct avqa_symbolic_words words = {.n_kinds = 0};
    enum avqa_entailment found = AVQA_ENTAILMENT_NOT_DECIDED;
    if (n + 1 > AVQA_SOLVER_MAX_QUESTIONS)
        return found;
    memcpy(all, questions, n * sizeof *all);
    all[n] = *conclusion;
    for (size_t i = 0; i <= n; i++) {
        if (!avqa_encode_words(&words, &all[i]))
            return found;
    }
    int64_t steps = MAX_STEPS;
    struct attempt *a = avqa_mem_new(sizeof *a);
    a->questions = all;
    a->n = n + 1;
    a->words = &words;
    a->steps = &steps;
    a->margins = margins;
    size_t size = 3;
    for (size_t enough = AVQA_ENCODED_UNBOUNDED; begin(a, size);) {
        found = try_other(a, &enough);
        if (found != AVQA_ENTAILED || enough <= size)
            break;
        found = AVQA_ENTAILMENT_NOT_DECIDED;
        if (size == AVQA_SYMBOLIC_MAX)
            break;
        size = enough < AVQA_SYMBOLIC_MAX ? enough : AVQA_SYMBOLIC_MAX;
    }
    end(a);
    return found;
}

/* ---------------------------------------------------------------------------------- */

struct avqa_solved avqa_solve(struct avqa_arena *arena,
                              const struct avqa_answered *questions, size_t n,
                              const struct avqa_margins *margins)
{
    struct avqa_solved out = {.verdict = AVQA_NOT_DECIDED};
    struct avqa_symbolic_words words = {.n_kinds = 0};
    if (n > AVQA_SOLVER_MAX_QUESTIONS) {
        out.why = "it has too many questions";
        return out;
    }
    for (size_t i = 0; i < n; i++) {
        if (!avqa_encode_words(&words, &questions[i])) {
            out.why = "its questions speak of too many things";
            return out;
        }
    }
    int64_t steps = MAX_STEPS;
    struct attempt *a = avqa_mem_new(sizeof *a);
    a->questions = questions;
    a->n = n;
    a->words = &words;
    a->steps = &steps;
    a->margins = margins;
    search(a, arena, &out);
    if (out.verdict == AVQA_CONSISTENT && can_be_plain(a)) {
        struct avqa_solved plain = out;
        a->plain = true;
        search(a, arena, &plain);
        if (plain.verdict == AVQA_CONTRADICTORY)
            out = plain;
    }
    end(a);
    return out;
}
