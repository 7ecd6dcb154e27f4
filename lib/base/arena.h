/* Memory that is given back all at once: one arena per lifetime (a run, a row). Small
 * allocations cannot fail (see mem.h); a reset keeps the first block for the next
 * round. */
#ifndef AVQA_BASE_ARENA_H
#define AVQA_BASE_ARENA_H

#include <stddef.h>

struct avqa_arena_block;

struct avqa_arena {
    struct avqa_arena_block *blocks; /* newest first */
    size_t used;                     /* bytes of the newest block in use */
};

#define AVQA_ARENA_INIT                                                                \
    {                                                                                  \
        0                                                                              \
    }

/* `size` zeroed bytes aligned for any object. Valid until reset or release. */
void *avqa_arena_alloc(struct avqa_arena *arena, size_t size);
char *avqa_arena_strndup(struct avqa_arena *arena, const char *text, size_t len);
char *avqa_arena_strdup(struct avqa_arena *arena, const char *text);

void avqa_arena_reset(struct avqa_arena *arena);
void avqa_arena_release(struct avqa_arena *arena);

#endif
