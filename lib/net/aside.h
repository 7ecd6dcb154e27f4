/* Work that would hold up an event loop (hashing, probing, syncing to disk), done aside
 * by a few threads in the order it came. */
#ifndef AVQA_NET_ASIDE_H
#define AVQA_NET_ASIDE_H

#include "base/status.h"

#include <stddef.h>

struct avqa_aside;

typedef void avqa_aside_fn(void *user, void *job);

/* `fn` is called with each job, from one of `n_threads` threads. */
AVQA_CHECK enum avqa_status avqa_aside_open(struct avqa_aside **out, size_t n_threads,
                                            avqa_aside_fn *fn, void *user);
void avqa_aside_push(struct avqa_aside *aside, void *job);
/* Finishes what was pushed first. NULL is legal. */
void avqa_aside_close(struct avqa_aside *aside);

#endif
