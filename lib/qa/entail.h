/* Which of the questions generated about a clip give others away: whoever is told the
 * answer to one can answer the other without looking or listening. */
#ifndef AVQA_QA_ENTAIL_H
#define AVQA_QA_ENTAIL_H

#include "qa/generator.h"

#include <stdint.h>

/* Of the questions of a clip the first ones are looked at, as many as these. */
enum { AVQA_ENTAIL_MAX_QUESTIONS = 64 };

struct avqa_entailments {
    /* By question of the generator: bit i is set if it entails the i-th of its clip. */
    uint64_t *given_away;
    size_t n_pairs;       /* that entail */
    size_t n_not_decided; /* pairs: they are not called entailed */
};

/* Looks at every pair of questions of every clip. `out` starts zero; release it in any
 * case. AVQA_ESTOPPED if the generator's log says so. */
AVQA_CHECK enum avqa_status avqa_entailments_find(struct avqa_entailments *out,
                                                  const struct avqa_generator *g);
void avqa_entailments_release(struct avqa_entailments *out);

#endif
