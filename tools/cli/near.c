/* See near.h. */
#include "cli/near.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { MAX_CHANGES = 2, MIN_BEGINNING = 3, MAX_LETTERS = 63 };

/* How many single changes (drop, add, swap a letter) lie between two words. */
static size_t distance(const char *a, const char *b, size_t n)
{
    size_t row[MAX_LETTERS + 1];
    if (n > MAX_LETTERS)
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t best = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[n];
}

static bool begins(const char *a, const char *b, size_t n)
{
    size_t len = strlen(a) < n ? strlen(a) : n;
    return len >= MIN_BEGINNING && strncmp(a, b, len) == 0;
}

void avqa_near_offer(struct avqa_near *near, const char *candidate, size_t len)
{
    size_t d = distance(near->word, candidate, len);
    if (d > MAX_CHANGES || 2 * d > strlen(near->word))
        d = begins(near->word, candidate, len) ? MAX_CHANGES + 1 : SIZE_MAX;
    if (d == SIZE_MAX || (near->best && d >= near->distance))
        return;
    near->best = candidate;
    near->len = len;
    near->distance = d;
}
