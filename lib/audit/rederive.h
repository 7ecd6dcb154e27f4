/* Part of check 10: where the facts of a clip are known, every stored answer is derived
 * again by its template's program. */
#ifndef AVQA_AUDIT_REDERIVE_H
#define AVQA_AUDIT_REDERIVE_H

#include "audit/audit.h"

#include <stdint.h>

/* What the facts say of a row. Rows that are all right by the facts of one clip cannot
 * contradict each other: the facts are a scene in which they all hold. */
enum avqa_row_verdict {
    AVQA_VERDICT_NONE, /* no facts, no program, or a fact it needs is unknown */
    AVQA_VERDICT_RIGHT,
    AVQA_VERDICT_WRONG,
    AVQA_VERDICT_ILL_POSED,
};

/* Judges every row of the audit. `out->json` becomes {"violations", "checkable",
 * "ill_posed"}; it stays NULL if no clip has facts, and `*verdicts` too. Otherwise that
 * is one enum avqa_row_verdict for each row of the table, the caller's to free,
 * whatever is returned. */
AVQA_CHECK enum avqa_status avqa_rederive(uint8_t **verdicts,
                                          const struct avqa_audit *a,
                                          struct avqa_check_out *out);

#endif
