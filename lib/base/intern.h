/* Strings to small numbers: each distinct string gets the next id from 0 upwards. The
 * audit's tables and the importer's caches are indexed by these ids. */
#ifndef AVQA_BASE_INTERN_H
#define AVQA_BASE_INTERN_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_intern_entry {
    const char *text;
    uint32_t len;
    uint32_t hash; /* low half of the 64-bit hash */
};

struct avqa_intern {
    struct avqa_arena arena;
    struct avqa_intern_entry *entries; /* by id */
    uint32_t n;
    size_t cap;
    uint32_t *slots; /* open addressing: id + 1, or 0 */
    size_t n_slots;
};

#define AVQA_INTERN_INIT                                                               \
    {                                                                                  \
        0                                                                              \
    }
#define AVQA_INTERN_NONE UINT32_MAX

/* The id of `text`, which is added if it is new (*is_new may be NULL). */
uint32_t avqa_intern_add(struct avqa_intern *in, const char *text, size_t len,
                         bool *is_new);
/* The id of `text`, or AVQA_INTERN_NONE. */
uint32_t avqa_intern_find(const struct avqa_intern *in, const char *text, size_t len);
/* The string of an id. Borrowed, stays until clear or release. */
const char *avqa_intern_text(const struct avqa_intern *in, uint32_t id);

void avqa_intern_clear(struct avqa_intern *in);
void avqa_intern_release(struct avqa_intern *in);

#endif
