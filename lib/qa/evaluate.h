/* Running an answer program over the facts of a clip. The outcome is an answer in the
 * template's own words with the evidence it rests on, or the reason why the question is
 * ill-posed here: it names nothing or several things, two values are too close to call,
 * or a fact it needs is unknown. An ill-posed question is never guessed. */
#ifndef AVQA_QA_EVALUATE_H
#define AVQA_QA_EVALUATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "qa/facts.h"
#include "qa/memo.h"
#include "qa/program.h"

#include <stdbool.h>
#include <stdint.h>

/* How far apart two values must be before they count as different. */
struct avqa_margins {
    double relative;  /* loudness (amplitude), rhythm, duration */
    int64_t onset_us; /* onsets and ends closer than this are at the same time */
    double always;    /* share of the clip that "always" leaves out at most */
};

#define AVQA_MARGINS_DEFAULTS ((struct avqa_margins){0.1, 500000, 0.05})

enum avqa_ill_posed {
    AVQA_WELL_POSED,
    AVQA_ILL_UNKNOWN,    /* a fact it needs is unknown */
    AVQA_ILL_NOTHING,    /* what it refers to is not there */
    AVQA_ILL_SEVERAL,    /* what it refers to is there more than once */
    AVQA_ILL_TOO_CLOSE,  /* the values compared differ by less than the margin */
    AVQA_ILL_OFF_SCREEN, /* it asks for the place of something that is not seen */
    AVQA_ILL_SILENT,     /* it asks for the sound of something that makes none */
    AVQA_ILL_NOT_GIVEN,  /* what it takes for granted is not so */
    AVQA_ILL_SENSELESS,  /* the words do not go together ("on the middle of") */
    AVQA_ILL_NO_WORD,    /* the template has no word for the answer */
    AVQA_ILL_SAME_THING, /* it speaks of one thing as if it were two */
    AVQA_ILL_REPEATS,    /* the answer is a word of the question */
    AVQA_ILL_SAME_PLACE, /* what is told apart by places is at one place */
    AVQA_ILL_IDLE,       /* the answer is the same without a word that is needed */
    AVQA_N_ILL_POSED,
};

/* "unknown", "nothing", ...: the word that is counted. */
const char *avqa_ill_posed_name(enum avqa_ill_posed reason);

struct avqa_instance_set {
    uint64_t bits[AVQA_FACTS_MAX_INSTANCES / 64];
};

bool avqa_instance_set_has(const struct avqa_instance_set *set, size_t i);

struct avqa_evaluation {
    enum avqa_ill_posed reason; /* AVQA_WELL_POSED: there is an answer */
    const char *answer;         /* a word of the template's; borrowed from it */
    size_t position; /* of the answer among the words of all its answer domains */
    struct avqa_instance_set evidence; /* the instances the answer rests on: it stays
                                          the same if all others are taken away */
    bool by_sound; /* the sounding ranges of the evidence were used */
};

/* Evaluates a checked program. `values` are the slots' words (scope->n_slots of them);
 * one outside its domain makes the question ill-posed. */
struct avqa_evaluation avqa_evaluate(const struct avqa_program_node *program,
                                     const struct avqa_program_scope *scope,
                                     const char *const *values,
                                     const struct avqa_scene *scene,
                                     const struct avqa_margins *margins);

/* A clip that many questions are asked of. */
struct avqa_stage {
    const struct avqa_scene *scene;
    const struct avqa_margins *margins;
    struct avqa_memo
        *memo; /* made by avqa_stage_memo, for this clip's words; or NULL */
};

struct avqa_memo *avqa_stage_memo(void);

/* As avqa_evaluate, with what is remembered of the clip. */
struct avqa_evaluation avqa_evaluate_on(const struct avqa_stage *stage,
                                        const struct avqa_program_node *program,
                                        const struct avqa_program_scope *scope,
                                        const struct avqa_filling *filling);

/* Why a part of a program is ill-posed for the words in its slots. */
enum avqa_ill_posed avqa_evaluate_part(const struct avqa_stage *stage,
                                       const struct avqa_program_node *part,
                                       const struct avqa_program_scope *scope,
                                       const struct avqa_filling *filling);

/* Appends the evidence as JSON text, {"instances": [ids], "times": [[from, to], ...]}
 * in seconds. */
void avqa_evidence_text(struct avqa_buf *out, struct avqa_arena *scratch,
                        const struct avqa_evaluation *evaluation,
                        const struct avqa_scene *scene);

#endif
