/* What the rules say to one more question: some rows are taken as true, and the
 * question is given one answer after the other. */
#ifndef AVQA_AUDIT_TRIAL_H
#define AVQA_AUDIT_TRIAL_H

#include "audit/audit.h"
#include "qa/rule.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_rule_trial;

/* Every two or three of these rows are looked at for each answer. */
enum { AVQA_RULE_TRIAL_MAX_ROWS = 100 };

/* The strongest rule that an answer breaks, the first one of its kind. */
struct avqa_rule_break {
    const char *rule; /* its id, "C00" included; borrowed. NULL: none is broken */
    enum avqa_rule_kind kind;
};

/* For an audit whose templates have rules. */
struct avqa_rule_trial *avqa_rule_trial_new(const struct avqa_audit *a);
void avqa_rule_trial_free(struct avqa_rule_trial *trial); /* NULL is legal */

/* Takes these rows of the table (of one clip, at most AVQA_RULE_TRIAL_MAX_ROWS) as true
 * instead of others. Rows with words outside their domains are left out. */
AVQA_CHECK enum avqa_status avqa_rule_trial_suppose(struct avqa_rule_trial *trial,
                                                    const uint32_t *rows, size_t n);

/* Asks the question of this row; its answer does not matter. False if a slot has a word
 * outside its domain: then it cannot be asked. */
bool avqa_rule_trial_ask(struct avqa_rule_trial *trial, uint32_t row);

/* What the answer, a word of an answer domain of the question that was asked, breaks
 * together with the rows taken as true. What these break without it is not counted. */
AVQA_CHECK enum avqa_status avqa_rule_trial_answer(struct avqa_rule_break *broken,
                                                   struct avqa_rule_trial *trial,
                                                   const struct avqa_rule_word *answer);

#endif
