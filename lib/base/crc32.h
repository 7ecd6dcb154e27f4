/* The checksum of zip files: CRC-32 as in IEEE 802.3 and zlib, eight bytes at a time
 * (Kounavis and Berry, "A Systematic Approach to Building High Performance
 * Software-Based CRC Generators", 2005). It finds damage, not forgery. */
#ifndef AVQA_BASE_CRC32_H
#define AVQA_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

struct avqa_crc32 {
    uint32_t table[8][256];
};

void avqa_crc32_init(struct avqa_crc32 *crc);
/* The checksum of what `before` is the checksum of (0: of nothing) and these bytes
 * behind it. */
uint32_t avqa_crc32_add(const struct avqa_crc32 *crc, uint32_t before,
                        const void *bytes, size_t len);

#endif
