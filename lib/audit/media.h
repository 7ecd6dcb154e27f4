/* Check 16: the files themselves, by what was measured while they were decoded. A clip
 * is judged by its own stretch of its source. */
#ifndef AVQA_AUDIT_MEDIA_H
#define AVQA_AUDIT_MEDIA_H

#include "audit/audit.h"

avqa_check_fn avqa_check_media;

#endif
