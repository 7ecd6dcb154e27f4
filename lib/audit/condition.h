/* What a rule's expressions (qa/condition.h) are over the rows of a clip: those that
 * are bound, and the words that all of them attest. */
#ifndef AVQA_AUDIT_CONDITION_H
#define AVQA_AUDIT_CONDITION_H

#include "audit/clip_rows.h"
#include "qa/condition.h"

#include <stdbool.h>
#include <stdint.h>

bool avqa_condition_is_true(const struct avqa_clip_rows *r,
                            const struct avqa_condition *c);
int64_t avqa_condition_number(const struct avqa_clip_rows *r,
                              const struct avqa_condition *c);
/* A word, as the rules number words. */
uint32_t avqa_condition_symbol(const struct avqa_clip_rows *r,
                               const struct avqa_condition *c);

/* Whether a set has a word. */
bool avqa_condition_has(const struct avqa_clip_rows *r,
                        const struct avqa_condition *set, uint32_t symbol);

#endif
