/* Sources whose files are the same, look alike or sound alike, by what import media
 * left of them in the catalog: bytes by their SHA-256, pictures and sound by
 * fingerprints. Whole sources are compared. The audit tells of such pairs, and a split
 * does not part them: one definition for both. */
#ifndef AVQA_AUDIT_TWIN_H
#define AVQA_AUDIT_TWIN_H

#include "audit/table.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum avqa_twin_kind {
    AVQA_TWIN_FILE,    /* the same bytes */
    AVQA_TWIN_PICTURE, /* other bytes that look alike, maybe when one is mirrored */
    AVQA_TWIN_SOUND,   /* other bytes that sound alike */
    AVQA_N_TWINS,
};

struct avqa_twin {
    uint32_t a, b; /* into the table's measures */
    bool mirrored; /* alike only when one of them is mirrored */
};

/* Finds the pairs of one kind. Of files that are all the same each makes a pair with
 * the one before it, so a walk over pairs reaches all. Caller frees `*twins`. */
AVQA_CHECK enum avqa_status avqa_twins_find(struct avqa_twin **twins, size_t *n,
                                            const struct avqa_audit_table *t,
                                            enum avqa_twin_kind kind);

/* The fingerprint of a picture (media/fingerprint.h) that is mirrored: a row's eight
 * comparisons in the other order, and each the other way round. Where two cells are
 * equally bright it is off by a bit. */
uint64_t avqa_twin_mirror(uint64_t print);

#endif
