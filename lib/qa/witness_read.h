/* Reading the witnesses of a template file: what the rows of a clip attest, and which
 * sets include others. Private to qa: others ask avqa_rules_read. */
#ifndef AVQA_QA_WITNESS_READ_H
#define AVQA_QA_WITNESS_READ_H

#include "base/json.h"
#include "base/status.h"
#include "qa/rule.h"

/* Reads "witnesses", which need not be there. AVQA_EFORMAT names the witness and what
 * is wrong with it. */
AVQA_CHECK enum avqa_status avqa_witnesses_read(struct avqa_rules *r,
                                                const struct avqa_json *root);

#endif
