/* Which program gave an answer: a short name for everything that the answer depends on
 * but the facts. Two questions with one version were asked by the same program of the
 * same words within the same margins, whatever their template files are called. */
#ifndef AVQA_QA_VERSION_H
#define AVQA_QA_VERSION_H

#include "base/buf.h"
#include "qa/measure.h"
#include "qa/template.h"

#define AVQA_VERSION_HEX 17 /* 16 digits and the NUL */

/* Appends the program in one way of writing: no spaces but one after each comma. */
void avqa_program_text(struct avqa_buf *out, const struct avqa_program_node *program);

/* The first 16 digits of the SHA-256 over: the version of the language, the program as
 * avqa_program_text writes it, kind and words of its slots and of its answers in their
 * order, and the margins. The empty string for a template without a program. What only
 * says which questions are worth asking (referents, needed, senseless) is not in it. */
void avqa_program_version(char hex[AVQA_VERSION_HEX], const struct avqa_template *t,
                          const struct avqa_margins *margins);

#endif
