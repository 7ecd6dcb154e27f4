/* Checks 3, 4 and 5: lopsided templates, entropies, head and tail. */
#ifndef AVQA_AUDIT_BALANCE_H
#define AVQA_AUDIT_BALANCE_H

#include "audit/audit.h"

avqa_check_fn avqa_check_dominant;
avqa_check_fn avqa_check_entropy;
avqa_check_fn avqa_check_head_tail;

/* How the answers of a template are spread. */
struct avqa_balance {
    size_t template;
    uint32_t n;
    uint32_t n_answers; /* distinct ones */
    uint32_t majority;  /* answer */
    double share;       /* of the majority */
    double rarest_share;
    double entropy; /* bits */
    double
        entropy_share; /* of the most that so many answers allow; 0 for a single one */
};

/* One for every template that is asked, in the templates' order. `*list` is the
 * caller's to free. */
AVQA_CHECK enum avqa_status avqa_balance_templates(const struct avqa_audit *a,
                                                   struct avqa_balance **list,
                                                   size_t *n);

/* The count above which an answer is head: (1 + alpha) times the mean count of the
 * `n_answers` answers that `n` rows of a group have. */
double avqa_head_bound(const struct avqa_audit *a, uint64_t n, size_t n_answers);

/* Rows whose answer is frequent in its group (more than (1 + alpha) times the group's
 * mean count per answer), and the others. Shah et al., MUSIC-AVQA-R, after GQA-OOD. */
struct avqa_head_tail {
    size_t head, tail;
};
struct avqa_head_tail avqa_head_tail(const struct avqa_audit *a);

#endif
