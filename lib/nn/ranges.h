/* A loop shared out to threads. Which thread gets which items is left to chance, so an
 * item's numbers must not depend on the others: then they are the same for any number
 * of threads. Threads that wait sleep; oneDNN's OpenMP threads, which spin, are not
 * used in training (onednn_gemm.c). */
#ifndef AVQA_NN_RANGES_H
#define AVQA_NN_RANGES_H

#include <stddef.h>

/* Works on the items from <= i < to. */
typedef void avqa_range_fn(void *user, size_t from, size_t to);

/* Runs fn over 0 <= i < n on up to `n_threads` threads, `least` items or more at a time
 * (unless there are fewer). */
void avqa_ranges_run(size_t n_threads, size_t n, size_t least, avqa_range_fn *fn,
                     void *user);

/* The same for few and long items, one at a time. */
void avqa_ranges_share(size_t n_threads, size_t n, avqa_range_fn *fn, void *user);

#endif
