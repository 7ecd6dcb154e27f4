/* Assigning components to splits so that every template and answer is shared out as
 * asked, as closely as whole components allow: iterative stratification (Sechidis,
 * Tsoumakas and Vlahavas, ECML 2011), where an item is a component and a label is
 * (template, answer). */
#ifndef AVQA_AUDIT_STRATIFY_H
#define AVQA_AUDIT_STRATIFY_H

#include "audit/component.h"
#include "audit/table.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

#define AVQA_STRATIFY_MAX_SPLITS 16
#define AVQA_STRATIFY_NONE UINT8_MAX

struct avqa_stratify_opts {
    const double *ratios; /* of the splits; they need not sum to one */
    size_t n_splits;      /* 2 to AVQA_STRATIFY_MAX_SPLITS */
    uint64_t seed;        /* decides between equals, by the names of videos */
};

/* The split of every component (AVQA_STRATIFY_NONE for one without questions), an array
 * of components->n that the caller frees. A pure function of the questions and the
 * seed: the order of rows does not matter. AVQA_EINVAL if there are fewer components
 * than splits. */
AVQA_CHECK enum avqa_status avqa_stratify(uint8_t **split_of,
                                          const struct avqa_audit_table *t,
                                          const struct avqa_components *components,
                                          const struct avqa_stratify_opts *opts);

#endif
