/* What holds of every scene, as clauses. Drawing one is in draw.c. */
#include "qa/symbolic.h"

#include <string.h>

/* Exactly one of the literals. */
static void one_of(struct avqa_sat *sat, const int *literals, size_t n)
{
    avqa_sat_clause(sat, literals, n);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            avqa_sat_clause(sat, (int[]){-literals[i], -literals[j]}, 2);
    }
}

/* An unnamed kind is called after its first instance. */
static void describe_kinds(struct avqa_symbolic *s, size_t i)
{
    size_t named = s->words->n_kinds;
    for (size_t k = 0; k < s->n_kinds; k++)
        s->kind[i][k] = k > named + i ? AVQA_SAT_FALSE : avqa_sat_literal(s->sat);
    for (size_t j = 0; j < i; j++)
        avqa_sat_imply(s->sat, s->kind[i][named + j], s->kind[j][named + j]);
    one_of(s->sat, s->kind[i], named + i + 1);
}

void avqa_symbolic_init(struct avqa_symbolic *s, struct avqa_sat *sat, size_t n,
                        const struct avqa_symbolic_words *words,
                        const struct avqa_margins *margins)
{
    memset(s, 0, sizeof *s);
    s->sat = sat;
    s->n = n;
    s->words = words;
    s->margins = margins;
    s->n_kinds = words->n_kinds + n;
    s->tidy = avqa_sat_literal(sat);
    s->voiceover = avqa_sat_literal(sat);
    for (size_t i = 0; i < n; i++) {
        s->there[i] = avqa_sat_literal(sat);
        s->visible[i] = avqa_sat_literal(sat);
        s->sounds[i] = avqa_sat_literal(sat);
        avqa_sat_imply(sat, s->visible[i], s->there[i]);
        avqa_sat_imply(sat, s->sounds[i], s->there[i]);
        if (i) {
            avqa_sat_imply(sat, s->there[i], s->there[i - 1]);
            avqa_sat_imply(sat, s->visible[i], s->visible[i - 1]);
        }
        describe_kinds(s, i);
    }
    for (size_t k = 0; k < words->n_scenes; k++)
        s->scene[k] = avqa_sat_literal(sat);
    if (words->n_scenes)
        one_of(sat, s->scene, words->n_scenes);
}

/* ---- places ---------------------------------------------------------------------- */

/* Instances are numbered from left to right, so that only distances are open; for one
 * that is not seen they mean nothing. */
static void describe_x(struct avqa_symbolic *s)
{
    for (size_t i = 0; i < s->n; i++) {
        for (size_t j = i + 1; j < s->n; j++)
            s->clear_x[i][j] = avqa_sat_literal(s->sat);
    }
    for (size_t i = 0; i < s->n; i++) {
        for (size_t j = i + 1; j < s->n; j++) {
            avqa_sat_clause(s->sat, (int[]){s->visible[j], s->clear_x[i][j]}, 2);
            if (i)
                avqa_sat_imply(s->sat, s->clear_x[i][j], s->clear_x[i - 1][j]);
            if (j + 1 < s->n)
                avqa_sat_imply(s->sat, s->clear_x[i][j], s->clear_x[i][j + 1]);
            for (size_t k = j + 1; k < s->n; k++)
                avqa_sat_clause(s->sat,
                                (int[]){-s->tidy, s->clear_x[i][j], s->clear_x[j][k],
                                        -s->clear_x[i][k]},
                                4);
        }
    }
}

/* Whether anyone seen stands clear of i, to its left (before) or right. */
static int stands_apart(struct avqa_symbolic *s, size_t i, bool before)
{
    int others[AVQA_SYMBOLIC_MAX];
    size_t n = 0;
    for (size_t j = 0; j < s->n; j++) {
        if (j != i && (j < i) == before)
            others[n++] = avqa_sat_and2(s->sat, s->visible[j],
                                        j < i ? s->clear_x[j][i] : s->clear_x[i][j]);
    }
    return avqa_sat_or(s->sat, others, n);
}

/* Whether some that are seen stand clear of each other. */
static int stands_wide(struct avqa_symbolic *s)
{
    int wide[AVQA_SYMBOLIC_MAX];
    for (size_t i = 0; i < s->n; i++)
        wide[i] = avqa_sat_and2(s->sat, s->visible[i], stands_apart(s, i, true));
    return avqa_sat_or(s->sat, wide, s->n);
}

/* One place, or none. */
static void describe_place(struct avqa_symbolic *s, size_t i)
{
    const int *place = s->place[i];
    avqa_sat_clause(s->sat, (int[]){-s->placed[i], place[0], place[1], place[2]}, 4);
    for (int p = 0; p < 3; p++) {
        avqa_sat_imply(s->sat, place[p], s->placed[i]);
        for (int q = 0; q < p; q++)
            avqa_sat_clause(s->sat, (int[]){-place[p], -place[q]}, 2);
    }
}

/* See avqa_scene_place. One near both ends has no place; where all stand at one place,
 * it is the same for all: a third that is not known leaves only questions well-posed
 * for which it does not matter. */
void avqa_symbolic_places(struct avqa_symbolic *s)
{
    enum { LEFT, RIGHT, MIDDLE };
    int third[3];
    if (s->has_places)
        return;
    s->has_places = true;
    describe_x(s);
    int wide = stands_wide(s);
    for (int p = 0; p < 3; p++)
        third[p] = avqa_sat_literal(s->sat);
    one_of(s->sat, third, 3);
    for (size_t i = 0; i < s->n; i++) {
        int *place = s->place[i];
        int left = -stands_apart(s, i, true);
        int right = -stands_apart(s, i, false);
        s->placed[i] = -avqa_sat_and(s->sat, (int[]){wide, left, right}, 3);
        for (int p = 0; p < 3; p++)
            place[p] = avqa_sat_literal(s->sat);
        describe_place(s, i);
        for (int p = 0; p < 3; p++) {
            avqa_sat_clause(s->sat, (int[]){wide, -third[p], place[p]}, 3);
        }
        avqa_sat_clause(s->sat, (int[]){-wide, -left, right, place[LEFT]}, 4);
        avqa_sat_clause(s->sat, (int[]){-wide, -right, left, place[RIGHT]}, 4);
        avqa_sat_clause(s->sat, (int[]){-wide, left, right, place[MIDDLE]}, 4);
        avqa_sat_clause(s->sat, (int[]){-s->tidy, -wide, -s->visible[i], -left, -right},
                        5);
    }
}

/* ---- measures -------------------------------------------------------------------- */

static void describe_pairs(struct avqa_symbolic *s, struct avqa_symbolic_order *o)
{
    for (size_t i = 0; i < s->n; i++) {
        for (size_t j = 0; j < i; j++) {
            o->before[i][j] = avqa_sat_literal(s->sat);
            o->before[j][i] = -o->before[i][j];
            o->clear[i][j] = avqa_sat_literal(s->sat);
            o->clear[j][i] = avqa_sat_literal(s->sat);
            avqa_sat_imply(s->sat, o->clear[i][j], o->before[i][j]);
            avqa_sat_imply(s->sat, o->clear[j][i], o->before[j][i]);
        }
        o->before[i][i] = AVQA_SAT_FALSE;
        o->clear[i][i] = AVQA_SAT_FALSE;
    }
}

/* For one that is silent an order means nothing; it stands behind all that sound, so
 * that nothing is to be searched. */
static void describe_silent(struct avqa_symbolic *s, struct avqa_symbolic_order *o)
{
    for (size_t i = 0; i < s->n; i++) {
        for (size_t j = 0; j < s->n; j++) {
            int i_sounds = s->sounds[i];
            int j_sounds = s->sounds[j];
            if (i != j)
                avqa_sat_clause(s->sat, (int[]){-i_sounds, j_sounds, o->clear[i][j]},
                                3);
            if (i < j)
                avqa_sat_clause(s->sat, (int[]){i_sounds, j_sounds, o->clear[i][j]}, 3);
        }
    }
}

/* Those that are not seen are numbered as they come in. */
static void describe_unseen(struct avqa_symbolic *s,
                            const struct avqa_symbolic_order *onset)
{
    for (size_t i = 0; i < s->n; i++) {
        for (size_t j = i + 1; j < s->n; j++)
            avqa_sat_clause(s->sat,
                            (int[]){s->visible[i], -s->sounds[i], s->visible[j],
                                    -s->sounds[j], onset->before[i][j]},
                            5);
    }
}

const struct avqa_symbolic_order *avqa_symbolic_order(struct avqa_symbolic *s,
                                                      enum avqa_symbolic_measure m)
{
    struct avqa_symbolic_order *o = &s->orders[m];
    struct avqa_sat *sat = s->sat;
    if (o->used)
        return o;
    o->used = true;
    describe_pairs(s, o);
    describe_silent(s, o);
    if (m == AVQA_SYMBOLIC_ONSET)
        describe_unseen(s, o);
    for (size_t i = 0; i < s->n; i++) {
        for (size_t j = 0; j < s->n; j++) {
            for (size_t k = 0; k < s->n; k++) {
                if (i == j || j == k || i == k)
                    continue;
                int ij = o->before[i][j];
                int jk = o->before[j][k];
                int ik = o->clear[i][k];
                avqa_sat_clause(sat, (int[]){-ij, -jk, o->before[i][k]}, 3);
                avqa_sat_clause(sat, (int[]){-ij, -o->clear[j][k], ik}, 3);
                avqa_sat_clause(sat, (int[]){-o->clear[i][j], -jk, ik}, 3);
                avqa_sat_clause(
                    sat,
                    (int[]){-s->tidy, -ij, -jk, o->clear[i][j], o->clear[j][k], -ik},
                    6);
            }
        }
    }
    return o;
}

/* ---- sounding together, and all the time ----------------------------------------- */

void avqa_symbolic_overlaps(struct avqa_symbolic *s)
{
    for (size_t i = 0; i < s->n && !s->has_apart; i++) {
        for (size_t j = i + 1; j < s->n; j++)
            s->apart[i][j] = avqa_sat_literal(s->sat);
    }
    s->has_apart = true;
}

int avqa_symbolic_together(struct avqa_symbolic *s, size_t i, size_t j)
{
    int apart = i < j ? s->apart[i][j] : s->apart[j][i];
    return avqa_sat_and(s->sat, (int[]){s->sounds[i], s->sounds[j], -apart}, 3);
}

/* i sounds all the time: nothing is clearly longer, and what is not clearly shorter
 * cannot sound only where i does not. */
static void describe_always(struct avqa_symbolic *s, size_t i, size_t j,
                            const struct avqa_symbolic_order *longer)
{
    double rest = 1 - s->margins->always; /* what "always" is at least */
    double near = 1 - s->margins->relative;
    int apart = i < j ? s->apart[i][j] : s->apart[j][i];
    avqa_sat_clause(
        s->sat,
        (int[]){-s->always[i], -s->sounds[j], -s->pauses[j], longer->before[j][i]}, 4);
    if (rest > near)
        avqa_sat_clause(s->sat,
                        (int[]){-s->always[i], -s->sounds[j], -longer->clear[i][j]}, 3);
    if (rest * (1 + near) > 1)
        avqa_sat_clause(
            s->sat, (int[]){-s->always[i], -s->sounds[j], longer->clear[j][i], -apart},
            4);
    if (2 * rest > 1)
        avqa_sat_clause(s->sat, (int[]){-s->always[i], -s->always[j], -apart}, 3);
}

void avqa_symbolic_covers(struct avqa_symbolic *s)
{
    if (s->has_covers)
        return;
    s->has_covers = true;
    avqa_symbolic_overlaps(s);
    const struct avqa_symbolic_order *longer =
        avqa_symbolic_order(s, AVQA_SYMBOLIC_DURATION);
    for (size_t i = 0; i < s->n; i++) {
        s->always[i] = avqa_sat_literal(s->sat);
        s->pauses[i] = avqa_sat_literal(s->sat);
        avqa_sat_imply(s->sat, s->always[i], s->sounds[i]);
        avqa_sat_imply(s->sat, s->always[i], -s->pauses[i]);
    }
    for (size_t i = 0; i < s->n; i++) {
        for (size_t j = 0; j < s->n; j++) {
            if (i != j)
                describe_always(s, i, j, longer);
        }
    }
}
