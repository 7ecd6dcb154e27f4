/* How composed clips were made, as the catalog says it: by the kind of composing, or
 * elsewhere, as imported facts tell. */
#ifndef AVQA_PIPELINE_COMPOSE_METHOD_H
#define AVQA_PIPELINE_COMPOSE_METHOD_H

#include "pipeline/compose.h"

#include <stdbool.h>

#define AVQA_COMPOSE_METHOD_ELSEWHERE "compose"

/* "overlay", "stitch", "match" */
const char *avqa_compose_method(enum avqa_compose_kind kind);

/* Whether a clip that was made so is composed; NULL is not. */
bool avqa_compose_method_is(const char *method);

#endif
