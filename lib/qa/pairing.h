/* Which clips to put together. A pure function of a seed and a set of clips: neither
 * their order nor the number of workers matters, and a clip more or less changes
 * little.
 *
 * The rules: never two clips of one group (the same source, a clip and its mirror
 * image), never two of one kind (instrument) unless that is allowed, never the same
 * clips twice. Among what is left the least used kind goes first, of it the least used
 * clip, and chance decides between equals: so kinds end up in equally many sets as far
 * as the rules let them. */
#ifndef AVQA_QA_PAIRING_H
#define AVQA_QA_PAIRING_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AVQA_PAIRING_NO_KIND                                                           \
    UINT32_MAX /* unknown, or several; never the same as another */
enum { AVQA_PAIRING_MAX_SIZE = 16 };

struct avqa_pairing_clip {
    const char *name; /* unique */
    uint32_t group;
    uint32_t kind; /* below n_kinds, or AVQA_PAIRING_NO_KIND */
};

struct avqa_pairing_options {
    uint64_t seed;
    size_t size;     /* clips of a set */
    size_t count;    /* of sets, at most; 0: as many as per_kind allows */
    size_t per_kind; /* sets a kind may be in; 0: any number */
    bool same_kind;  /* two of one kind may be put together */
    size_t n_kinds;
};

struct avqa_pairing {
    size_t *members; /* n_sets * size indexes into the clips */
    size_t n_sets, cap;
    size_t *uses; /* [n_kinds + 1]: sets a kind is in; the last one for no kind */
    /* of all pairs of clips: those the rules refuse */
    int64_t n_pairs, n_same_group, n_same_kind;
};

/* Chooses. Release the pairing in any case. AVQA_EINVAL if neither count nor per_kind
 * is given, or size is not from 2 to the bound. */
AVQA_CHECK enum avqa_status
avqa_pairing_choose(struct avqa_pairing *out, const struct avqa_pairing_clip *clips,
                    size_t n, const struct avqa_pairing_options *opts);
void avqa_pairing_release(struct avqa_pairing *pairing);

#endif
