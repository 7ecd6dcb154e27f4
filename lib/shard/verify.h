/* Reads all of a shard and says everything that is wrong with it. Opening has already
 * judged the seek table and the index; here every frame is unpacked, the tar in them is
 * walked, every member is hashed, masks are counted and KEY.json is compared with what
 * is there. */
#ifndef AVQA_SHARD_VERIFY_H
#define AVQA_SHARD_VERIFY_H

#include "base/log.h"
#include "base/status.h"
#include "shard/shard.h"

#include <stddef.h>

enum { AVQA_SHARD_MAX_PROBLEMS = 100 }; /* kept; further ones are counted */

struct avqa_shard_problems {
    char *texts[AVQA_SHARD_MAX_PROBLEMS];
    size_t n; /* may be more than are kept */
};

void avqa_shard_problems_add(struct avqa_shard_problems *problems, const char *fmt, ...)
    AVQA_PRINTF(2, 3);
void avqa_shard_problems_release(struct avqa_shard_problems *problems);

/* Adds what is wrong. Fails only where the work itself does (memory, stopped). */
AVQA_CHECK enum avqa_status avqa_shard_verify(struct avqa_shard_problems *problems,
                                              const struct avqa_shard *shard,
                                              const struct avqa_log *log);

#endif
