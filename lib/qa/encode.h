/* A question with its answer as clauses over a scene of which nothing is known. It says
 * what qa/evaluate.c computes; a test holds both against each other. */
#ifndef AVQA_QA_ENCODE_H
#define AVQA_QA_ENCODE_H

#include "qa/symbolic.h"
#include "qa/template.h"

#include <stdbool.h>
#include <stddef.h>

#define AVQA_ENCODED_UNBOUNDED SIZE_MAX

/* A question and the answer that somebody gave. */
struct avqa_answered {
    const struct avqa_template *template;
    const char *const *values; /* template->n_slots words */
    const char *answer;
};

struct avqa_encoded {
    int posed;  /* the question is well-posed */
    int answer; /* if it is, this is the answer */
    /* Where it speaks of the one at a place ("the violin on the left"), nobody else is
     * seen there. */
    int alone;
    /* If a scene makes it well-posed with that answer, so do this many of its instances
     * with any of the others, provided that the outermost to the left and right stay
     * where `by_place`. So a set of questions that some scene satisfies is satisfied by
     * one of as many instances as their sum (and two). AVQA_ENCODED_UNBOUNDED if no
     * such number is known. */
    size_t width;
    size_t width_other; /* likewise, for any other answer */
    bool by_place;
    bool is_known; /* false: the program does something that has no clauses */
};

/* Encodes `question`, whose words must be those of its domains. */
struct avqa_encoded avqa_encode(struct avqa_symbolic *s,
                                const struct avqa_answered *question);

/* Collects the words that questions speak of; false if there are too many. */
bool avqa_encode_words(struct avqa_symbolic_words *words,
                       const struct avqa_answered *question);

#endif
