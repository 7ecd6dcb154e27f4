/* Check 13: the same file, picture or sound under two names in different splits. */
#ifndef AVQA_AUDIT_LOOKALIKE_H
#define AVQA_AUDIT_LOOKALIKE_H

#include "audit/audit.h"

/* Adds "media" to `out`: pairs of sources, or null where nothing was measured; and the
 * findings. Sources that are relatives by name or record are left to leakage. */
AVQA_CHECK enum avqa_status avqa_lookalikes(const struct avqa_audit *a,
                                            struct avqa_json *out,
                                            struct avqa_findings *findings);

/* The fingerprint of a picture (media/fingerprint.h) that is mirrored: a row's eight
 * comparisons in the other order, and each the other way round. Where two cells are
 * equally bright it is off by a bit. */
uint64_t avqa_lookalike_mirror(uint64_t print);

#endif
