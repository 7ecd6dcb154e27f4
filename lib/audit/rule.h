/* Check 10, the rules of the template file (qa/rule.h): over the rows of each clip,
 * how often a rule could be judged, how often it is broken, and which rows prove it. */
#ifndef AVQA_AUDIT_RULE_H
#define AVQA_AUDIT_RULE_H

#include "audit/audit.h"
#include "qa/rule.h"

#include <stdbool.h>
#include <stdint.h>

/* A clip with more questions than this is not judged, because a rule about three
 * questions looks at every three of them; a note says how many such clips there are. */
enum { AVQA_RULE_MAX_CLIP_ROWS = 500 };

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

/* What the rules say to one more question: some rows are taken as true, and the
 * question is given one answer after the other. */
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
