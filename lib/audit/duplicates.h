/* Part of check 14: rows that say the same thing twice, and question ids that stand for
 * more than one row. */
#ifndef AVQA_AUDIT_DUPLICATES_H
#define AVQA_AUDIT_DUPLICATES_H

#include "audit/audit.h"

avqa_check_fn avqa_check_duplicates;

#endif
