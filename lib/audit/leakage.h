/* Checks 7 and 8: the same video, or one made from it, in two splits. */
#ifndef AVQA_AUDIT_LEAKAGE_H
#define AVQA_AUDIT_LEAKAGE_H

#include "audit/audit.h"

avqa_check_fn avqa_check_leakage;

#endif
