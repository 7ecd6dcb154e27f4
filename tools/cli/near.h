/* What somebody may have meant by a word that there is none of: of all words that are
 * offered, the nearest, if it is near enough to be asked about. */
#ifndef AVQA_CLI_NEAR_H
#define AVQA_CLI_NEAR_H

#include <stddef.h>

struct avqa_near {
    const char *word; /* as typed */
    const char *best; /* the nearest yet, borrowed; NULL if none was near */
    size_t len;       /* of `best`, which may go on behind it */
    size_t distance;
};

/* Near is what two changes of a letter make of the word, if they leave half of it, or
 * what begins the word or is begun by it, from three letters on. The first of equals
 * stays. */
void avqa_near_offer(struct avqa_near *near, const char *candidate, size_t len);

#endif
