/* The answer language: a template names its answer as an expression over the facts,
 * such as count(sounding(visible(all))), so that a new template needs no C.
 *
 *     expr := name [ "(" expr { "," expr } ")" ] | "$" digits | number | string
 *
 * So far the text is checked for syntax; types and evaluation come with the facts. */
#ifndef AVQA_QA_PROGRAM_H
#define AVQA_QA_PROGRAM_H

#include "base/status.h"

#include <stddef.h>

#define AVQA_PROGRAM_MAX_DEPTH 32

/* Whether `text` is one well-formed expression whose slots are below `n_slots`. The
 * message of AVQA_EFORMAT begins with the column, from 1. */
AVQA_CHECK enum avqa_status avqa_program_check(const char *text, size_t n_slots);

#endif
