/* What is to be said of composing: see compose.h for the numbers. */
#ifndef AVQA_PIPELINE_COMPOSE_COUNTS_H
#define AVQA_PIPELINE_COMPOSE_COUNTS_H

#include "base/log.h"
#include "pipeline/compose.h"

#include <stdbool.h>

/* Keeps a remark (clip, reason, detail) on what failed or on what did not, and warns of
 * the first few. */
void avqa_compose_counts_add(struct avqa_compose_counts *counts,
                             const struct avqa_log *log, bool failed,
                             const char *const what[3]);

#endif
