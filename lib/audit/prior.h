/* Check 2: what a guesser gets who neither looks nor listens. */
#ifndef AVQA_AUDIT_PRIOR_H
#define AVQA_AUDIT_PRIOR_H

#include "audit/audit.h"

avqa_check_fn avqa_check_priors;

/* Rows of `on` that are right when every group gets the majority answer of the rows fit
 * on; a group that was not met there falls back to the next coarser grouping. Ties go
 * to the lexicographically smallest answer. */
size_t avqa_prior_correct(const struct avqa_audit *a, enum avqa_grouping by);

/* The answer such a guesser gives to a group of `by`, AVQA_INTERN_NONE if it never saw
 * any answer. */
uint32_t avqa_prior_guess(const struct avqa_audit *a, enum avqa_grouping by,
                          uint64_t group);

#endif
