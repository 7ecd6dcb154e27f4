/* Open addressing with linear probing, at most half full. Memory for an id is a few
 * bytes beyond the string, so it aborts like other small allocations when out of it. */
#include "base/intern.h"
#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Slot where `text` is, or the empty one where it belongs. */
static size_t probe(const struct avqa_intern *in, const char *text, size_t len,
                    uint32_t hash)
{
    size_t mask = in->n_slots - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        if (in->slots[i] == 0)
            return i;
        const struct avqa_intern_entry *e = &in->entries[in->slots[i] - 1];
        if (e->hash == hash && e->len == len && memcmp(e->text, text, len) == 0)
            return i;
    }
}

static void rehash(struct avqa_intern *in)
{
    size_t n_slots = in->n_slots ? in->n_slots * 2 : 64;
    free(in->slots);
    in->slots = avqa_mem_new(n_slots * sizeof *in->slots);
    in->n_slots = n_slots;
    for (uint32_t id = 0; id < in->n; id++) {
        size_t i = in->entries[id].hash & (n_slots - 1);
        while (in->slots[i])
            i = (i + 1) & (n_slots - 1);
        in->slots[i] = id + 1;
    }
}

uint32_t avqa_intern_add(struct avqa_intern *in, const char *text, size_t len,
                         bool *is_new)
{
    uint32_t hash = (uint32_t)avqa_hash64(0, text, len);
    if ((size_t)in->n * 2 >= in->n_slots)
        rehash(in);
    size_t slot = probe(in, text, len, hash);
    if (is_new)
        *is_new = in->slots[slot] == 0;
    if (in->slots[slot])
        return in->slots[slot] - 1;
    avqa_mem_need(&in->entries, &in->cap, (size_t)in->n + 1, sizeof *in->entries);
    in->entries[in->n] = (struct avqa_intern_entry){
        avqa_arena_strndup(&in->arena, text, len), (uint32_t)len, hash};
    in->slots[slot] = ++in->n;
    return in->n - 1;
}

uint32_t avqa_intern_find(const struct avqa_intern *in, const char *text, size_t len)
{
    if (in->n_slots == 0)
        return AVQA_INTERN_NONE;
    size_t slot = probe(in, text, len, (uint32_t)avqa_hash64(0, text, len));
    return in->slots[slot] ? in->slots[slot] - 1 : AVQA_INTERN_NONE;
}

const char *avqa_intern_text(const struct avqa_intern *in, uint32_t id)
{
    return in->entries[id].text;
}

void avqa_intern_clear(struct avqa_intern *in)
{
    in->n = 0;
    avqa_arena_reset(&in->arena);
    if (in->slots)
        memset(in->slots, 0, in->n_slots * sizeof *in->slots);
}

void avqa_intern_release(struct avqa_intern *in)
{
    avqa_arena_release(&in->arena);
    free(in->entries);
    free(in->slots);
    *in = (struct avqa_intern)AVQA_INTERN_INIT;
}
