/* Check 10 without rules: whether some scene makes all answers about a clip true, by
 * qa/solver.h. If none does, the smallest set of rows that contradict each other is a
 * finding; a clip for which it could not be told is counted as such. */
#ifndef AVQA_AUDIT_CONTRADICTION_H
#define AVQA_AUDIT_CONTRADICTION_H

#include "audit/audit.h"

#include <stdint.h>

/* Adds "solver" to out->json and its findings. `verdicts` are those of the facts
 * (avqa_rederive), or NULL: what the facts say can be is no finding. Uses as many
 * threads as the audit may. AVQA_ESTOPPED between two clips. */
AVQA_CHECK enum avqa_status avqa_contradictions(const struct avqa_audit *a,
                                                const uint8_t *verdicts,
                                                struct avqa_check_out *out);

#endif
