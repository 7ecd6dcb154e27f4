/* Check 9, leakage by deduction: a question whose answer follows from what other splits
 * answer about the same clip, so that a model that learns those never needs to look.
 *
 * An answer follows if every other word that the template may be answered with would
 * break a rule (C00 included) together with those answers. Nothing is guessed: where
 * two words are possible, or none, nothing follows. */
#ifndef AVQA_AUDIT_DEDUCE_H
#define AVQA_AUDIT_DEDUCE_H

#include "audit/audit.h"

/* A finding for each of so many; one more says how many others there are. */
enum { AVQA_DEDUCE_MAX_FINDINGS = 10000 };

/* Adds "deduction" to `out->json`, and the findings. It is null for template files
 * without rules. AVQA_ESTOPPED between two clips. */
AVQA_CHECK enum avqa_status avqa_deduce(const struct avqa_audit *a,
                                        struct avqa_check_out *out);

#endif
