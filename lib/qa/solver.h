/* Whether answers about one clip can all be true: looks for a scene in which every
 * question is well-posed and has the answer it was given. Nothing of a dataset is
 * compiled in; the programs of the templates are all there is.
 *
 * A verdict is never a guess. Consistent: a scene was found, and evaluating every
 * question over it gives the answers. Contradictory: no scene of any number of
 * instances does, because none does of as many as the contradicting questions can need
 * (avqa_encoded.width). Otherwise it is not decided.
 *
 * What people call "the violin on the left" is mostly all that is there. So answers
 * that a scene satisfies are solved once more under that reading; if they contradict
 * each other then, that is what is said, with the scene. */
#ifndef AVQA_QA_SOLVER_H
#define AVQA_QA_SOLVER_H

#include "base/arena.h"
#include "qa/encode.h"

#include <stdbool.h>
#include <stddef.h>

#define AVQA_SOLVER_MAX_QUESTIONS 128

enum avqa_verdict {
    AVQA_CONSISTENT,
    AVQA_CONTRADICTORY,
    AVQA_NOT_DECIDED,
};

/* "consistent", "contradictory", "not decided" */
const char *avqa_verdict_name(enum avqa_verdict verdict);

/* What makes answers contradict each other. */
enum avqa_contradiction {
    AVQA_BY_ANSWERS, /* each question can be asked, given the other answers */
    AVQA_BY_POSING,  /* one takes for granted what the others deny */
    AVQA_BY_READING, /* only if "the one on the left" is the only one there */
};

struct avqa_solved {
    enum avqa_verdict verdict;
    const struct avqa_scene *scene; /* consistent: it; memory of the arena */
    /* Contradictory: places of questions that contradict each other. None can be left
     * out; pairs (of up to 24 questions) and triples (of 12) were tried first. */
    size_t core[AVQA_SOLVER_MAX_QUESTIONS];
    size_t n_core;
    enum avqa_contradiction by;
    size_t presumes; /* by posing: the place in core of that question */
    const char *why; /* not decided: a phrase */
};

/* Solves `n` questions, whose templates have programs and whose words their domains. */
struct avqa_solved avqa_solve(struct avqa_arena *arena,
                              const struct avqa_answered *questions, size_t n,
                              const struct avqa_margins *margins);

enum avqa_entailment {
    AVQA_ENTAILED,     /* whoever knows the answers knows this one, too */
    AVQA_NOT_ENTAILED, /* a scene gives them, and this question another answer */
    AVQA_ENTAILMENT_NOT_DECIDED,
};

/* Whether the answer of a question follows from those of others, given that it can be
 * asked: then asking them gives it away. */
enum avqa_entailment avqa_entails(const struct avqa_answered *questions, size_t n,
                                  const struct avqa_answered *conclusion,
                                  const struct avqa_margins *margins);

#endif
