/* See map.h. */
#include "nn/map.h"
#include "base/half.h"

#include <assert.h>

bool avqa_map_holds(const struct avqa_map *map, size_t n)
{
    if (map->kind != AVQA_MAP_SPARSE16)
        return map->n_values == n;
    size_t sum = 0;
    for (size_t i = 0; i < n / 8; i++)
        sum += (size_t)__builtin_popcount(map->mask[i]);
    if (n % 8)
        sum += (size_t)__builtin_popcount(map->mask[n / 8] & ((1U << n % 8) - 1));
    return sum == map->n_values;
}

void avqa_map_unpack_plain(struct avqa_map_cursor *cursor, avqa_real *out, size_t n)
{
    const struct avqa_map *map = cursor->map;
    const uint16_t *values = map->values;
    for (size_t i = 0; i < n; i++) {
        size_t at = cursor->at + i;
        bool there = map->kind == AVQA_MAP_F16 || (map->mask[at / 8] >> at % 8 & 1);
        out[i] = there ? (avqa_real)avqa_half_to_float(values[cursor->at_value++]) : 0;
    }
    cursor->at += n;
}

const avqa_real *avqa_map_next(struct avqa_map_cursor *cursor, avqa_real *room,
                               size_t n)
{
    assert(cursor->at % 8 == 0);
    if (cursor->map->kind == AVQA_MAP_REAL) {
        const avqa_real *here = (const avqa_real *)cursor->map->values + cursor->at;
        cursor->at += n;
        return here;
    }
    if (!avqa_map_unpack_wide(cursor, room, n))
        avqa_map_unpack_plain(cursor, room, n);
    return room;
}
