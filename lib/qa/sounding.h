/* When an instance sounds, and what follows from that. What depends on an unknown fact
 * is unknown. */
#ifndef AVQA_QA_SOUNDING_H
#define AVQA_QA_SOUNDING_H

#include "base/arena.h"
#include "qa/scene.h"

#include <stddef.h>
#include <stdint.h>

/* Whether it sounds at all: sounding known and not empty. */
enum avqa_truth avqa_instance_sounds(const struct avqa_instance *in);
/* Whether it does at any moment of [start_us, end_us). */
enum avqa_truth avqa_instance_sounds_in(const struct avqa_instance *in,
                                        int64_t start_us, int64_t end_us);
/* Whether it sounds and cannot be seen. */
enum avqa_truth avqa_instance_offscreen(const struct avqa_instance *in);
/* Begin of its first range, end of its last one, and how long it sounds in all. First
 * and last are AVQA_FACTS_UNKNOWN if sounding is unknown or there is none; the total of
 * none is 0. */
int64_t avqa_instance_onset_us(const struct avqa_instance *in);
int64_t avqa_instance_offset_us(const struct avqa_instance *in);
int64_t avqa_instance_total_us(const struct avqa_instance *in);

/* In order of their begin, then of their end. */
void avqa_ranges_sort(struct avqa_range *ranges, size_t n);
/* The union of `n` range lists, in order, touching ranges joined; unknown if one of
 * them is. Its memory belongs to `arena`. For the time in which several sound. */
struct avqa_ranges avqa_ranges_union(struct avqa_arena *arena,
                                     const struct avqa_ranges *const *lists, size_t n);
/* Sum of the lengths of ranges that do not overlap; AVQA_FACTS_UNKNOWN if not known. */
int64_t avqa_ranges_total_us(const struct avqa_ranges *ranges);
/* Whether two lists share a moment; ranges that only touch do not. */
enum avqa_truth avqa_ranges_overlap(const struct avqa_ranges *a,
                                    const struct avqa_ranges *b);

#endif
