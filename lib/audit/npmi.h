/* Normalised pointwise mutual information of a word in the question and the answer:
 * which words give the answer away. */
#ifndef AVQA_AUDIT_NPMI_H
#define AVQA_AUDIT_NPMI_H

#include "audit/audit.h"
#include "audit/words.h"

/* How strongly a word in the question and an answer go together. */
struct avqa_npmi {
    const char *word;   /* borrowed from the list of wordings */
    const char *answer; /* borrowed from the table */
    uint32_t n;         /* rows with both */
    double npmi;        /* -1 never together, 0 independent, 1 always (Bouma 2009) */
};

/* Pairs that stand together in at least `min_rows` rows, from the strongest down; at
 * most `max`. The caller frees `*pairs`. */
AVQA_CHECK enum avqa_status avqa_npmi_collect(const struct avqa_audit *a,
                                              const struct avqa_wordings *wordings,
                                              size_t min_rows, size_t max,
                                              struct avqa_npmi **pairs, size_t *n);

#endif
