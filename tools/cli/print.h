/* Data on stdout. */
#ifndef AVQA_CLI_PRINT_H
#define AVQA_CLI_PRINT_H

#include "base/json.h"

/* One JSON value on one line. */
void avqa_print_json(const struct avqa_json *node);

#endif
