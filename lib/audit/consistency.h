/* Checks 10 and 12: labels that contradict each other. Rule C00 (one question of one
 * clip has one answer) and flip symmetry hold for any dataset and are built in; what
 * needs to understand the questions are the rules of the template file (rule.h). */
#ifndef AVQA_AUDIT_CONSISTENCY_H
#define AVQA_AUDIT_CONSISTENCY_H

#include "audit/audit.h"

avqa_check_fn avqa_check_consistency;

#endif
