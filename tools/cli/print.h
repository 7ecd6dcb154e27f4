/* Data on stdout. */
#ifndef AVQA_CLI_PRINT_H
#define AVQA_CLI_PRINT_H

#include "base/json.h"

#include <stdint.h>

/* One JSON value on one line. */
void avqa_print_json(const struct avqa_json *node);

/* Of each "{clip|clips}" in `what` the one that n are called. */
void avqa_print_counted(int64_t n, const char *what);

/* A line of a summary, unless there is nothing to count. */
void avqa_print_count(int64_t n, const char *what);

#endif
