/* What avqa eval says on a terminal: the paper's table with what stands behind its
 * numbers, in 80 columns. */
#ifndef AVQA_CLI_EVAL_PRINT_H
#define AVQA_CLI_EVAL_PRINT_H

#include "base/json.h"

#include <stdbool.h>

/* `report` as avqa_eval makes it; `more`: templates, answers and what is taken for
 * what, too. */
void avqa_eval_print(const struct avqa_json *report, bool more);

#endif
