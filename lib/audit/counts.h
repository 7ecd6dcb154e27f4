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

/* In how many videos two objects are named together, by the questions of the video or
 * their answers; a question answered "no" (the second word of a truth domain) or with
 * nothing (the first of a number domain) names nothing. Only objects that some video
 * names, and of more than AVQA_TOGETHER_MAX those that most videos name. */
enum { AVQA_TOGETHER_MAX = 200 };

struct avqa_together {
    const char **objects; /* n words, in their domain's order; borrowed */
    size_t n;
    uint32_t *counts; /* n x n, symmetric; on the diagonal the videos that name one */
    size_t n_named;   /* objects that are named at all */
};

/* Of avqa_objects_domain; empty if there is none. Release it after success. */
AVQA_CHECK enum avqa_status avqa_count_together(const struct avqa_audit *a,
                                                struct avqa_together *together);
void avqa_together_release(struct avqa_together *together);

/* The first domain of objects of the templates (the instruments), or NULL. */
const struct avqa_domain *avqa_objects_domain(const struct avqa_templates *templates);

#endif
