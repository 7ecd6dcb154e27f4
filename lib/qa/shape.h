/* What sets of questions have in common if they differ only in the instruments they
 * speak of: kinds are renamed in the order in which they appear. What can be proved of
 * one set holds for all of its shape, so it is proved once. */
#ifndef AVQA_QA_SHAPE_H
#define AVQA_QA_SHAPE_H

#include "base/buf.h"
#include "base/intern.h"
#include "qa/encode.h"

/* Appends a question and its answer to the key of a set. `kinds` are those met so far
 * in the set; it starts empty. The answer must be one of the template's. */
void avqa_shape_add(struct avqa_buf *key, struct avqa_intern *kinds,
                    const struct avqa_answered *question);

/* Whether the program has the word for a kind in it: then it does not treat kinds
 * alike. */
bool avqa_shape_names_kinds(const struct avqa_template *t);

#endif
