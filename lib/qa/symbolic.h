/* A scene of which nothing is known: every fact is a literal. Programs over it become
 * clauses (qa/encode.h), and what a solver finds becomes a scene again.
 *
 * It holds at most `n` instances: those that are seen, numbered from left to right, and
 * then the others in the order in which they come in. A measure is two
 * relations: who is before whom, and who is so by more than the margin ("clear"); both
 * together are a semiorder, of which any finite one can be drawn on a line (Scott and
 * Suppes, Foundational aspects of theories of measurement, 1958). Every real scene of
 * that many instances is among those described; the reverse is proved case by case, by
 * evaluating the scene that was found. */
#ifndef AVQA_QA_SYMBOLIC_H
#define AVQA_QA_SYMBOLIC_H

#include "base/arena.h"
#include "qa/evaluate.h"
#include "qa/facts.h"
#include "qa/sat.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    AVQA_SYMBOLIC_MAX = 16,       /* instances */
    AVQA_SYMBOLIC_MAX_KINDS = 48, /* that have a name */
    AVQA_SYMBOLIC_MAX_SCENES = 48,
    AVQA_SYMBOLIC_ALL_KINDS = AVQA_SYMBOLIC_MAX_KINDS + AVQA_SYMBOLIC_MAX,
};

enum avqa_symbolic_measure {
    AVQA_SYMBOLIC_ONSET,
    AVQA_SYMBOLIC_END,
    AVQA_SYMBOLIC_LOUDNESS,
    AVQA_SYMBOLIC_RHYTHM,
    AVQA_SYMBOLIC_DURATION,
    AVQA_SYMBOLIC_N_MEASURES,
};

/* [i][j]: i is before j, less than j; clear: by the margin. */
struct avqa_symbolic_order {
    bool used;
    int before[AVQA_SYMBOLIC_MAX][AVQA_SYMBOLIC_MAX];
    int clear[AVQA_SYMBOLIC_MAX][AVQA_SYMBOLIC_MAX];
};

/* Which words there are. Borrowed. */
struct avqa_symbolic_words {
    const char *kinds[AVQA_SYMBOLIC_MAX_KINDS];
    size_t n_kinds;
    const struct avqa_domain *objects; /* has words for further kinds; or NULL */
    const char *scenes[AVQA_SYMBOLIC_MAX_SCENES];
    size_t n_scenes;
};

struct avqa_symbolic {
    struct avqa_sat *sat;
    size_t n; /* instances at most */
    const struct avqa_symbolic_words *words;
    const struct avqa_margins *margins;
    /* Named kinds, then one for each instance that may be the first of an unnamed one.
     */
    size_t n_kinds;
    int there[AVQA_SYMBOLIC_MAX];
    int visible[AVQA_SYMBOLIC_MAX]; /* and there; likewise those below */
    int sounds[AVQA_SYMBOLIC_MAX];
    int kind[AVQA_SYMBOLIC_MAX][AVQA_SYMBOLIC_ALL_KINDS];
    int clear_x[AVQA_SYMBOLIC_MAX][AVQA_SYMBOLIC_MAX]; /* i < j */
    int voiceover;
    int scene[AVQA_SYMBOLIC_MAX_SCENES];
    /* Assumed first: leaves out scenes that are hard to draw and seldom needed. */
    int tidy;
    struct avqa_symbolic_order orders[AVQA_SYMBOLIC_N_MEASURES];
    bool has_places;
    /* Left, right, middle: one if visible, none where it is near both ends (placed is
     * false then), so that evaluating does not know its place. */
    int place[AVQA_SYMBOLIC_MAX][3];
    int placed[AVQA_SYMBOLIC_MAX];
    bool has_apart;
    int apart[AVQA_SYMBOLIC_MAX][AVQA_SYMBOLIC_MAX]; /* i < j: never sound together */
    bool has_covers;
    int always[AVQA_SYMBOLIC_MAX]; /* sounds all the time */
    int pauses[AVQA_SYMBOLIC_MAX]; /* clearly does not */
};

/* Describes a scene of at most `n` instances; `s` starts zero and owns nothing. */
void avqa_symbolic_init(struct avqa_symbolic *s, struct avqa_sat *sat, size_t n,
                        const struct avqa_symbolic_words *words,
                        const struct avqa_margins *margins);

/* Parts that cost clauses only where they are asked for. */
const struct avqa_symbolic_order *avqa_symbolic_order(struct avqa_symbolic *s,
                                                      enum avqa_symbolic_measure m);
void avqa_symbolic_places(struct avqa_symbolic *s);
void avqa_symbolic_overlaps(struct avqa_symbolic *s);
void avqa_symbolic_covers(struct avqa_symbolic *s);
/* Whether i and j sound at the same time. */
int avqa_symbolic_together(struct avqa_symbolic *s, size_t i, size_t j);

/* The scene that was found, after AVQA_SAT_FOUND; what nobody asked for is unknown.
 * NULL if it could not be drawn. Memory of `arena`. */
const struct avqa_scene *avqa_symbolic_draw(struct avqa_symbolic *s,
                                            struct avqa_arena *arena);

#endif
