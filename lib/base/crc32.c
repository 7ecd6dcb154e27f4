/* See crc32.h. */
#include "base/crc32.h"

static const uint32_t POLYNOMIAL = 0xedb88320U; /* bits in reverse */

void avqa_crc32_init(struct avqa_crc32 *crc)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++)
            c = c >> 1 ^ (c & 1 ? POLYNOMIAL : 0);
        crc->table[0][i] = c;
    }
    for (int k = 1; k < 8; k++)
        for (int i = 0; i < 256; i++) {
            uint32_t c = crc->table[k - 1][i];
            crc->table[k][i] = c >> 8 ^ crc->table[0][c & 255];
        }
}

uint32_t avqa_crc32_add(const struct avqa_crc32 *crc, uint32_t before,
                        const void *bytes, size_t len)
{
    const uint8_t *b = bytes;
    const uint32_t(*t)[256] = crc->table;
    uint32_t c = ~before;
    for (; len >= 8; len -= 8, b += 8) {
        c ^= (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
             (uint32_t)b[3] << 24;
        c = t[7][c & 255] ^ t[6][c >> 8 & 255] ^ t[5][c >> 16 & 255] ^ t[4][c >> 24] ^
            t[3][b[4]] ^ t[2][b[5]] ^ t[1][b[6]] ^ t[0][b[7]];
    }
    for (; len > 0; len--, b++)
        c = c >> 8 ^ t[0][(c ^ *b) & 255];
    return ~c;
}
