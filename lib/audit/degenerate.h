/* Check 11: questions that ask nothing. */
#ifndef AVQA_AUDIT_DEGENERATE_H
#define AVQA_AUDIT_DEGENERATE_H

#include "audit/audit.h"

avqa_check_fn avqa_check_degenerate;

#endif
