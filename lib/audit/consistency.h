/* Checks 10 and 12: labels that contradict each other. So far rule C00 (one question of
 * one clip has one answer) and flip symmetry; the rules that need to understand the
 * questions come with the answer programs. */
#ifndef AVQA_AUDIT_CONSISTENCY_H
#define AVQA_AUDIT_CONSISTENCY_H

#include "audit/audit.h"

avqa_check_fn avqa_check_consistency;

#endif
