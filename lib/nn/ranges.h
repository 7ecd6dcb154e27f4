/* A loop shared out to the threads that oneDNN computes with. A second pool beside
 * OpenMP's would fight with its waiting threads for the cores (docs/architecture.md).
 * Each thread gets one range, so a loop whose items do not depend on each other gives
 * the same numbers for any number of threads. */
#ifndef AVQA_NN_RANGES_H
#define AVQA_NN_RANGES_H

#include <stddef.h>

/* Works on the items from <= i < to. */
typedef void avqa_range_fn(void *user, size_t from, size_t to);

/* Runs fn over 0 <= i < n on up to `n_threads` threads, none of which gets fewer than
 * `least` items (unless there are fewer). */
void avqa_ranges_run(size_t n_threads, size_t n, size_t least, avqa_range_fn *fn,
                     void *user);

/* The same one item at a time, to whichever thread is free: for few and long items, on
 * cores that others use, too. */
void avqa_ranges_share(size_t n_threads, size_t n, avqa_range_fn *fn, void *user);

#endif
