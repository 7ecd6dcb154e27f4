/* Sparse maps: a bit mask that says where values are, and the values (16 bits) one
 * after the other. After a ReLU more than half of a map is zero, so the pair is smaller
 * than any compression of the whole, and expanding it is a shuffle.
 *
 * Bit i of the mask is bit i % 8 of byte i / 8; bits beyond the last value are zero. A
 * value is left out if all its 16 bits are zero (minus zero is kept). A map of nothing
 * but zeros keeps its first one, so that no row is without a value. */
#ifndef AVQA_SHARD_SPARSE_H
#define AVQA_SHARD_SPARSE_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* Bytes of the mask of n values. */
size_t avqa_sparse_mask_bytes(size_t n);

/* Packs n > 0 values: the mask (avqa_sparse_mask_bytes) and the values that are not
 * zero (room for n). Returns how many these are, at least 1. */
size_t avqa_sparse_pack(unsigned char *mask, uint16_t *values, const uint16_t *in,
                        size_t n);

/* Bits set in the mask. */
size_t avqa_sparse_count(const unsigned char *mask, size_t n_bytes);

/* AVQA_EFORMAT unless the mask of n values has exactly n_values bits set, none of them
 * beyond n. */
AVQA_CHECK enum avqa_status avqa_sparse_check(const unsigned char *mask, size_t n,
                                              size_t n_values);

/* How to expand. The plain way is the definition; the others give the same bits. */
enum avqa_sparse_way {
    AVQA_SPARSE_PLAIN,
    AVQA_SPARSE_AVX2,   /* and F16C */
    AVQA_SPARSE_AVX512, /* VBMI2 and BW */
};

/* The best way of this processor. */
enum avqa_sparse_way avqa_sparse_best(void);
/* Static. */
const char *avqa_sparse_way_name(enum avqa_sparse_way way);

/* n values out of a pair that passed avqa_sparse_check. */
void avqa_sparse_to_floats(float *out, const unsigned char *mask,
                           const uint16_t *values, size_t n, enum avqa_sparse_way way);
void avqa_sparse_to_halves(uint16_t *out, const unsigned char *mask,
                           const uint16_t *values, size_t n, enum avqa_sparse_way way);

#endif
