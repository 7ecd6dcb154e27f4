/* A model asked the questions of a list, until enough replies are wanted ones: what it
 * answered and what it attended to. */
#ifndef AVQA_PIPELINE_EXPLAIN_ASK_H
#define AVQA_PIPELINE_EXPLAIN_ASK_H

#include "base/log.h"
#include "base/status.h"
#include "catalog/catalog.h"
#include "pipeline/explain_list.h"
#include "pipeline/trained.h"

#include <stdbool.h>
#include <stddef.h>

enum { AVQA_EXPLAIN_N_CHOICES = 3 };

struct avqa_explain_reply {
    const struct avqa_explain_question *question; /* borrowed from the list */
    size_t n_choices;                             /* 0: the model gives no answers */
    const char *answers[AVQA_EXPLAIN_N_CHOICES];  /* the best first; borrowed from the
                                                     vocabulary */
    double probabilities[AVQA_EXPLAIN_N_CHOICES];
    bool right, knows_truth;
    /* What the model does not have is NULL. */
    float *places;        /* [n_seconds, places] */
    double *heard, *seen; /* [n_seconds], the mean over the heads */
};

/* Zero is valid: empty. */
struct avqa_explain_replies {
    struct avqa_explain_reply *items; /* in the order of the list */
    size_t n, cap;
    size_t n_asked, n_right;
    size_t n_without;       /* not asked: their clip has not the features */
    char *first_without;    /* name of such a clip */
    size_t n_unknown_words; /* replies to words that the model does not know */
};

struct avqa_explain_asking {
    const char *dataset;
    struct avqa_trained *trained; /* read only */
    bool only_wrong, only_right;
    size_t n; /* replies that are wanted; 0: all */
    size_t n_threads;
    const struct avqa_log *log;
};

/* `*out` starts zero; release it in any case. AVQA_ENOENT if no question's clip has the
 * features; AVQA_EINVAL if right or wrong ones are wanted of a model without answers.
 */
AVQA_CHECK enum avqa_status avqa_explain_ask(struct avqa_explain_replies *out,
                                             struct avqa_catalog *cat,
                                             const struct avqa_explain_list *list,
                                             const struct avqa_explain_asking *asking);
void avqa_explain_replies_release(struct avqa_explain_replies *replies);

#endif
