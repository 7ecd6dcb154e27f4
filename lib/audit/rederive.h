/* Part of check 10: where the facts of a clip are known, every stored answer is derived
 * again by its template's program. */
#ifndef AVQA_AUDIT_REDERIVE_H
#define AVQA_AUDIT_REDERIVE_H

#include "audit/audit.h"

/* Adds "facts" to the consistency of the report, {"violations", "checkable",
 * "ill_posed"}, and its findings; nothing if no clip has facts. */
AVQA_CHECK enum avqa_status avqa_rederive(const struct avqa_audit *a,
                                          struct avqa_check_out *out);

#endif
