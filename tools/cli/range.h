/* What numbers an option takes, in words: help and errors say the same. */
#ifndef AVQA_CLI_RANGE_H
#define AVQA_CLI_RANGE_H

#include "base/buf.h"
#include "cli/command.h"

/* "1 to 65536", "above 0, at most 1000", "0 or more" where the end is only technical;
 * nothing for an option without numbers. */
void avqa_range_short(struct avqa_buf *out, const struct avqa_opt *opt);

/* "a whole number from 1 to 65536", "a number above 0 and at most 1000". */
void avqa_range_long(struct avqa_buf *out, const struct avqa_opt *opt);

#endif
