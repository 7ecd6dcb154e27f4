/* See share.h. The commonest answer's share of what is left can only fall with the
 * level, because every other answer is cut later than it, so the level is searched. */
#include "qa/share.h"

#include <math.h>
#include <stdbool.h>

/* Whether cutting at `level` leaves nobody above the share. */
static bool is_level(const uint64_t *counts, size_t n, uint64_t level, double max_share)
{
    uint64_t top = 0;
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t left = counts[i] < level ? counts[i] : level;
        top = left > top ? left : top;
        sum += left;
    }
    return (double)top <= (double)sum * max_share + 1e-9;
}

uint64_t avqa_share_level(const uint64_t *counts, size_t n, double max_share,
                          double max_ratio)
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
    double highest = fmax(max_ratio, 1) * (double)least;
    if (max_ratio > 0 && (double)most > highest)
        most = (uint64_t)floor(highest + 1e-9);
    uint64_t low = least < most ? least : most;
    while (low < most) { /* low is taken, most + 1 is too high */
        uint64_t mid = low + (most - low + 1) / 2;
        if (is_level(counts, n, mid, max_share))
            low = mid;
        else
            most = mid - 1;
    }
    return low;
}

double avqa_share_entropy(const uint64_t *counts, size_t n)
{
    double sum = 0;
    double bits = 0;
    size_t different = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)counts[i];
        different += counts[i] > 0;
    }
    for (size_t i = 0; i < n; i++) {
        if (counts[i])
            bits -= (double)counts[i] / sum * log2((double)counts[i] / sum);
    }
    return different > 1 ? bits / log2((double)different) : 0;
}
