/* A broken case of a rule: the rows without which it would not be broken, and what is
 * wrong with them as a sentence. They are found by leaving out one witnessing row after
 * the other for as long as the rule stays broken. */
#ifndef AVQA_AUDIT_CONFLICT_H
#define AVQA_AUDIT_CONFLICT_H

#include "audit/clip_rows.h"
#include "base/buf.h"
#include "qa/rule.h"

#include <stdbool.h>

/* Whether the bound rows break a case. */
bool avqa_conflict_is(const struct avqa_clip_rows *r, const struct avqa_rule_case *c);

/* Marks the rows whose words are needed; what the others attest is left uncounted. Rows
 * that attest one word go first, so that one row that attests two is kept instead of
 * two that attest one. */
void avqa_conflict_find(struct avqa_clip_rows *r, const struct avqa_rule_case *c,
                        bool needed[AVQA_RULE_MAX_CLIP_ROWS]);
/* Counts again what avqa_conflict_find left out. */
void avqa_conflict_restore(struct avqa_clip_rows *r, const struct avqa_rule_case *c,
                           const bool needed[AVQA_RULE_MAX_CLIP_ROWS]);

/* Appends the case's sentence; in between, it speaks of nothing but what is needed. */
void avqa_conflict_tell(struct avqa_buf *out, const struct avqa_clip_rows *r,
                        const struct avqa_rule_case *c);

#endif
