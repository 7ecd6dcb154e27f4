/* The double build has no wide path. */
#include "nn/map.h"

bool avqa_map_unpack_wide(struct avqa_map_cursor *cursor, avqa_real *out, size_t n)
{
    (void)cursor;
    (void)out;
    (void)n;
    return false;
}
