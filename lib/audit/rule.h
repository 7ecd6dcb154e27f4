/* Check 10, the rules of the template file (qa/rule.h): over the rows of each clip,
 * how often a rule could be judged, how often it is broken, and which rows prove it. */
#ifndef AVQA_AUDIT_RULE_H
#define AVQA_AUDIT_RULE_H

#include "audit/audit.h"
#include "audit/clip_rows.h"
#include "qa/rule.h"

#include <stdbool.h>
#include <stdint.h>

/* A clip is a picture with its sound; ..._ignoring_sound takes all rows about a picture
 * together, as one would who overlooks that a sound was exchanged. */
struct avqa_rule_result {
    int64_t violations, checkable;
    int64_t explained; /* broken, but by rows that the facts say are all right */
    int64_t violations_ignoring_sound, checkable_ignoring_sound;
};

/* Findings that one clip can have of one rule; one more then says how many there are.
 */
enum { AVQA_RULE_MAX_CLIP_FINDINGS = 100 };

/* Judges every clip of the audit by every rule. `results` has an element for each of
 * the templates' rules and is added to. A finding has the smallest rows: without any
 * one of them there would be no contradiction. Rows whose answer or slots are no words
 * of their domains cannot be judged; the text check names them.
 *
 * `verdicts` are those of avqa_rederive, by row, or NULL. Where the facts say of all
 * rows in conflict that they are right, the rule took for granted what is not so in
 * this clip (one instrument at a place, nobody off screen): that is no violation and no
 * finding, but counted as explained. AVQA_ESTOPPED between two videos. */
AVQA_CHECK enum avqa_status avqa_rules_judge(struct avqa_rule_result *results,
                                             const struct avqa_audit *a,
                                             const uint8_t *verdicts,
                                             struct avqa_findings *findings);

#endif
