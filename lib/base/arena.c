/* A list of blocks, each twice the last one's size up to 1 MiB; larger requests get a
 * block of their own. */
#include "base/arena.h"
#include "base/mem.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_FIRST = 4 << 10, BLOCK_LAST = 1 << 20 };

struct avqa_arena_block {
    struct avqa_arena_block *next;
    size_t size;
    alignas(max_align_t) char bytes[];
};

static void add_block(struct avqa_arena *arena, size_t need)
{
    size_t size = arena->blocks ? arena->blocks->size * 2 : BLOCK_FIRST;
    if (size > BLOCK_LAST)
        size = BLOCK_LAST;
    if (size < need)
        size = need;
    struct avqa_arena_block *b = avqa_mem_new(sizeof *b + size);
    b->size = size;
    b->next = arena->blocks;
    arena->blocks = b;
    arena->used = 0;
}

void *avqa_arena_alloc(struct avqa_arena *arena, size_t size)
{
    size_t align = alignof(max_align_t);
    size = (size + align - 1) / align * align;
    if (!arena->blocks || size > arena->blocks->size - arena->used)
        add_block(arena, size);
    char *p = arena->blocks->bytes + arena->used;
    arena->used += size;
    return memset(p, 0, size);
}

char *avqa_arena_strndup(struct avqa_arena *arena, const char *text, size_t len)
{
    char *copy = avqa_arena_alloc(arena, len + 1);
    memcpy(copy, text, len);
    return copy;
}

char *avqa_arena_strdup(struct avqa_arena *arena, const char *text)
{
    return avqa_arena_strndup(arena, text, strlen(text));
}

void avqa_arena_reset(struct avqa_arena *arena)
{
    while (arena->blocks && arena->blocks->next) {
        struct avqa_arena_block *b = arena->blocks;
        arena->blocks = b->next;
        free(b);
    }
    arena->used = 0;
}

void avqa_arena_release(struct avqa_arena *arena)
{
    avqa_arena_reset(arena);
    free(arena->blocks);
    arena->blocks = NULL;
}
