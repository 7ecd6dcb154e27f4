/* Check 6: how far two splits are apart, field by field. */
#ifndef AVQA_AUDIT_DRIFT_H
#define AVQA_AUDIT_DRIFT_H

#include "audit/audit.h"

avqa_check_fn avqa_check_drift;

/* A value of a field and its share in either split. */
struct avqa_drift_cell {
    const char *value; /* borrowed from the audit's table */
    size_t on, against;
};

/* One field ("answer", "type", "template", "modality" or a slot's name). */
struct avqa_drift_field {
    const char *field;
    struct avqa_drift_cell *values;
    size_t n, cap;
    size_t n_on, n_against; /* sums */
};

/* The drift of all fields; `*list` is the caller's, released by
 * avqa_drift_fields_release. */
AVQA_CHECK enum avqa_status avqa_drift_fields_collect(const struct avqa_audit *a,
                                                      struct avqa_drift_field **list,
                                                      size_t *n);
void avqa_drift_fields_release(struct avqa_drift_field *list, size_t n);

/* Total variation distance: half the sum of the differences of shares; 0 to 1. */
double avqa_drift_field_tvd(const struct avqa_drift_field *d);
/* Jensen-Shannon divergence in bits; 0 to 1. */
double avqa_drift_field_jsd_bits(const struct avqa_drift_field *d);

#endif
