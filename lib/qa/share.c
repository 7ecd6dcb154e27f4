/* See share.h. The commonest answer's share of what is left can only fall with the
 * level, because every other answer is cut later than it, so the level is searched. The
 * entropy of what is left can only rise for the same reason: what is taken is taken
 * from the commonest. */
#include "qa/share.h"

#include <math.h>
#include <stdbool.h>

/* Entropy of what is left of the counts at a level. */
static double entropy_at(const uint64_t *counts, size_t n, uint64_t level)
{
    double sum = 0;
    double bits = 0;
    size_t different = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)(counts[i] < level ? counts[i] : level);
        different += counts[i] > 0;
    }
    for (size_t i = 0; i < n; i++) {
        double left = (double)(counts[i] < level ? counts[i] : level);
        if (left > 0)
            bits -= left / sum * log2(left / sum);
    }
    return different > 1 ? bits / log2((double)different) : 0;
}

double avqa_share_entropy(const uint64_t *counts, size_t n)
{
    return entropy_at(counts, n, UINT64_MAX);
}

/* Whether cutting at `level` leaves nobody above the share, and enough entropy. */
static bool is_level(const uint64_t *counts, size_t n, uint64_t level,
                     const struct avqa_share_bounds *bounds)
{
    uint64_t top = 0;
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t left = counts[i] < level ? counts[i] : level;
        top = left > top ? left : top;
        sum += left;
    }
    return (double)top <= (double)sum * bounds->max_share + 1e-9 &&
           (bounds->min_entropy <= 0 ||
            entropy_at(counts, n, level) >= bounds->min_entropy - 1e-9);
}

uint64_t avqa_share_level(const uint64_t *counts, size_t n,
                          const struct avqa_share_bounds *bounds)
{
    uint64_t least = UINT64_MAX;
    uint64_t most = 0;
    size_t different = 0;
    for (size_t i = 0; i < n; i++) {
        if (counts[i] == 0)
            continue;
        different++;
        least = counts[i] < least ? counts[i] : least;
        most = counts[i] > most ? counts[i] : most;
    }
    if (different < 2)
        return UINT64_MAX;
    double highest = fmax(bounds->max_ratio, 1) * (double)least;
    if (bounds->max_ratio > 0 && (double)most > highest)
        most = (uint64_t)floor(highest + 1e-9);
    uint64_t low = least < most ? least : most;
    while (low < most) { /* low is taken, most + 1 is too high */
        uint64_t mid = low + (most - low + 1) / 2;
        if (is_level(counts, n, mid, bounds))
            low = mid;
        else
            most = mid - 1;
    }
    return low;
}
