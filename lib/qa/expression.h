/* The text of an expression while it is read, character by character: what answer
 * programs and the conditions of rules have in common. Private to qa. */
#ifndef AVQA_QA_EXPRESSION_H
#define AVQA_QA_EXPRESSION_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct avqa_expression {
    const char *text;
    size_t at; /* what is read next */
};

/* AVQA_EFORMAT with the column of the byte at `at` in front. */
AVQA_CHECK enum avqa_status avqa_expression_fail(size_t at, const char *what);

/* The byte behind white space, which is skipped. */
char avqa_expression_skip_space(struct avqa_expression *e);

/* Whether a byte is one of a number, or of a name. */
bool avqa_expression_is_digit(char c);
bool avqa_expression_is_name(char c);

/* Reads a string from its opening quote; what stands in it is borrowed from the text.
 */
AVQA_CHECK enum avqa_status avqa_expression_string(const char **out, size_t *len,
                                                   struct avqa_expression *e);

#endif
