/* Which of many sequences of bit patterns are alike over a stretch: the fingerprints of
 * clips, an item for each moment. Not every pair is compared: two that are alike share
 * some items exactly in one of their parts of 32 bits, so parts are sorted, and only
 * sequences that meet there, at that shift, are compared (after Haitsma and Kalker, A
 * Highly Robust Audio Fingerprinting System, ISMIR 2002, section 4.3). A part that more
 * than 32 sequences have in common says nothing and is left out. */
#ifndef AVQA_AUDIT_NEAR_H
#define AVQA_AUDIT_NEAR_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

struct avqa_near_sequence {
    const uint64_t *items;
    size_t n; /* at most 2^20 */
};

struct avqa_near_options {
    int item_bits;    /* 32 or 64 */
    int max_distance; /* differing bits of two items that are alike */
    int min_percent;  /* of the items of the stretch must be alike */
    size_t min_items; /* a stretch is at least so long, and half of the shorter one */
    size_t max_parts; /* of more, an even sample by value is looked up; memory */
};

struct avqa_near_pair {
    uint32_t a, b; /* sequences, a < b */
    int32_t shift; /* item i of a is item i + shift of b */
    int percent;   /* of the stretch's items that are alike */
};

/* Finds the pairs, in order of a and b, each once, at the shift that fits best. Caller
 * frees. */
AVQA_CHECK enum avqa_status avqa_near_find(struct avqa_near_pair **pairs,
                                           size_t *n_pairs,
                                           const struct avqa_near_sequence *sequences,
                                           size_t n,
                                           const struct avqa_near_options *options);

#endif
