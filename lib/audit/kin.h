/* What videos were made from in the end. A flip of a composition of three clips has
 * three roots; a video made from nothing known is its own. */
#ifndef AVQA_AUDIT_KIN_H
#define AVQA_AUDIT_KIN_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* One step: `video` was made from `parent`. */
struct avqa_kin_step {
    uint32_t video, parent;
};

struct avqa_kin {
    uint32_t *roots; /* of all videos, one after the other */
    size_t *from;    /* [n_videos + 1] by video: its first root */
    size_t n_roots, cap_roots;
};

/* Follows the steps (which are put in order here) of `n_videos` videos up to those that
 * were made from nothing; of a ring the smallest number is the root. At most 1,024
 * steps are followed for a video. Release `kin` in any case. AVQA_ENOMEM. */
AVQA_CHECK enum avqa_status avqa_kin_find(struct avqa_kin *kin,
                                          struct avqa_kin_step *steps, size_t n_steps,
                                          size_t n_videos);
void avqa_kin_release(struct avqa_kin *kin);

/* The roots of a video, at least one. */
static inline const uint32_t *avqa_kin_roots(const struct avqa_kin *kin, uint32_t video,
                                             size_t *n)
{
    *n = kin->from[video + 1] - kin->from[video];
    return kin->roots + kin->from[video];
}

#endif
