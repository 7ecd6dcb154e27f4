/* Check 1: how many of what. */
#ifndef AVQA_AUDIT_COUNTS_H
#define AVQA_AUDIT_COUNTS_H

#include "audit/audit.h"

avqa_check_fn avqa_check_counts;

/* Questions of a template, by where their clips come from. */
struct avqa_template_count {
    uint32_t real, synthetic;
};

/* By template number; the caller frees. */
struct avqa_template_count *avqa_count_templates(const struct avqa_audit *a);

/* How often a slot, by its name in the templates, took a value. */
struct avqa_slot_count {
    const char *slot;
    const struct avqa_domain *domain;
    uint32_t word; /* into the table's words */
    uint32_t n;
};

/* In order of slot name, then word. `*counts` is the caller's to free. */
AVQA_CHECK enum avqa_status avqa_count_slots(const struct avqa_audit *a,
                                             struct avqa_slot_count **counts,
                                             size_t *n);

/* Number of distinct videos among the rows. */
size_t avqa_count_videos(const struct avqa_audit *a);

/* In how many videos two words of an object domain are named together, by the questions
 * of the video or their answers; a question answered "no" (the second word of a truth
 * domain) or with nothing (the first of a number domain) names nothing. Symmetric, n x
 * n; on the diagonal the videos that name the word at all. The caller frees. */
AVQA_CHECK enum avqa_status avqa_count_together(const struct avqa_audit *a,
                                                const struct avqa_domain *objects,
                                                uint32_t **matrix);

/* The first domain of objects of the templates (the instruments), or NULL. */
const struct avqa_domain *avqa_objects_domain(const struct avqa_templates *templates);

#endif
