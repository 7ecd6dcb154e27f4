/* Check 14: the text of questions and answers. */
#ifndef AVQA_AUDIT_LANGUAGE_H
#define AVQA_AUDIT_LANGUAGE_H

#include "audit/audit.h"

/* Lengths, vocabulary, words of answers: what report.json has under dataset.text. */
avqa_check_fn avqa_check_language;

#endif
