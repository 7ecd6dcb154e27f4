/* See pick.h. */
#include "media/pick.h"

#define US_PER_S INT64_C(1000000)

#define MAX_US (1000000 * US_PER_S) /* eleven days; with a rate of 1e6 it fits */

/* The tick that a time rounds to, halves up (away from zero). */
static int64_t tick_of(const struct avqa_pick *pick, int64_t us)
{
    us = us > MAX_US ? MAX_US : us < -MAX_US ? -MAX_US : us;
    int64_t unit = pick->rate_den * US_PER_S;
    int64_t scaled = us * pick->rate_num;
    int64_t half = unit / 2;
    return scaled >= 0 ? (scaled + half) / unit : -((-scaled + half) / unit);
}

/* Index of the first time of the list at or after `us`. */
static size_t first_at(const struct avqa_pick *pick, int64_t us)
{
    size_t low = 0;
    size_t high = pick->n_times;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (pick->times_us[mid] < us)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void avqa_pick_start(struct avqa_pick *pick, int64_t first_us)
{
    if (pick->rate_num) {
        pick->next = tick_of(pick, first_us);
    } else {
        pick->next = (int64_t)first_at(pick, first_us);
        pick->n_missed = pick->next;
    }
}

bool avqa_pick_pending(const struct avqa_pick *pick)
{
    return pick->rate_num || pick->next < (int64_t)pick->n_times;
}

bool avqa_pick_reaches(const struct avqa_pick *pick, int64_t pts_us)
{
    return pick->rate_num ? tick_of(pick, pts_us) <= pick->next
                          : pts_us <= pick->times_us[pick->next];
}

bool avqa_pick_before_end(const struct avqa_pick *pick, int64_t end_us, bool given)
{
    if (pick->rate_num)
        return pick->next < tick_of(pick, end_us) || !given;
    return pick->times_us[pick->next] < end_us;
}

int64_t avqa_pick_time_us(const struct avqa_pick *pick)
{
    return pick->rate_num ? pick->next * pick->rate_den * US_PER_S / pick->rate_num
                          : pick->times_us[pick->next];
}

bool avqa_pick_wants(const struct avqa_pick *pick, int64_t pts_us, int64_t until_us)
{
    if (pick->rate_num)
        return tick_of(pick, pts_us) < tick_of(pick, until_us);
    return first_at(pick, pts_us) < first_at(pick, until_us);
}
