/* What an answer rests on, as it is stored beside the question. */
#ifndef AVQA_QA_EVIDENCE_H
#define AVQA_QA_EVIDENCE_H

#include "base/arena.h"
#include "base/buf.h"
#include "qa/evaluate.h"

/* Appends the evidence as JSON text, {"instances": [ids], "times": [[from, to], ...]}
 * in seconds. */
void avqa_evidence_text(struct avqa_buf *out, struct avqa_arena *scratch,
                        const struct avqa_evaluation *evaluation,
                        const struct avqa_scene *scene);

#endif
