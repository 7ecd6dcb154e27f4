/* Other names for tensors: what a wrapper put in front of them goes, parts get the
 * names that are wanted. */
#ifndef AVQA_PIPELINE_WEIGHTS_NAMES_H
#define AVQA_PIPELINE_WEIGHTS_NAMES_H

#include "base/status.h"
#include "nn/params.h"

#include <stddef.h>

/* Takes `prefix` off the front of each name that has it, as DataParallel's "module.";
 * *n of them. AVQA_EFORMAT if two tensors then have one name. */
AVQA_CHECK enum avqa_status avqa_weights_strip(struct avqa_params *params, size_t *n,
                                               const char *prefix);

/* "OLD=NEW,OLD=NEW": a name that is OLD or begins with "OLD." begins with NEW instead;
 * the first rule that fits counts. Without NEW, "OLD." goes; without OLD, "NEW." comes
 * in front of every name. *n names changed. AVQA_EINVAL for a rule that is none or fits
 * no name, AVQA_EFORMAT if two tensors then have one name. */
AVQA_CHECK enum avqa_status avqa_weights_rename(struct avqa_params *params, size_t *n,
                                                const char *rules);

#endif
