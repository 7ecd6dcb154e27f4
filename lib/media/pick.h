/* Which pictures of a video to take: one for every tick of a rate, or those shown at a
 * list of times. Pure arithmetic over presentation times, in microseconds.
 *
 * At a rate, the picture of tick i is the last one whose time rounds to i or below, as
 * FFmpeg's fps filter has it: at one a second, the one shown until half past second i.
 * So 60 s give 60 pictures, and each stands for the middle of its second. At a time,
 * it is the last picture that began at or before it. */
#ifndef AVQA_MEDIA_PICK_H
#define AVQA_MEDIA_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_pick {
    int rate_num, rate_den;  /* ticks a second; 0/1 if there is a list */
    const int64_t *times_us; /* ascending; borrowed */
    size_t n_times;
    int64_t next;     /* the target looked for now: a tick, or an index of the list */
    int64_t n_missed; /* times before the first picture or after the last one */
};

/* The first picture is here: looking begins. */
void avqa_pick_start(struct avqa_pick *pick, int64_t first_us);

/* Whether there is a target left. */
bool avqa_pick_pending(const struct avqa_pick *pick);

/* Whether a picture of this time may answer the next target: if not, it is too late,
 * and the one before it is the answer. */
bool avqa_pick_reaches(const struct avqa_pick *pick, int64_t pts_us);

/* Whether the next target lies before the end of the last picture. `given` says that
 * some were given: a video shorter than half a tick still gives one. */
bool avqa_pick_before_end(const struct avqa_pick *pick, int64_t end_us, bool given);

/* When the next target is, in microseconds. */
int64_t avqa_pick_time_us(const struct avqa_pick *pick);

/* Whether a picture shown from pts_us until the next one begins can be the answer to
 * any target at all. */
bool avqa_pick_wants(const struct avqa_pick *pick, int64_t pts_us, int64_t until_us);

#endif
