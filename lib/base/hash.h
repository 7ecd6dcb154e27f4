/* Hashes: a fast 64-bit one for tables and seeds (XXH3, by libxxhash) and SHA-256 for
 * telling files apart (by nettle). The 64-bit hash is stable across machines: seeds of
 * items and keys in the catalog depend on it. */
#ifndef AVQA_BASE_HASH_H
#define AVQA_BASE_HASH_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

uint64_t avqa_hash64(uint64_t seed, const void *bytes, size_t len);

/* Hash of a NUL-terminated string. */
uint64_t avqa_hash_str(uint64_t seed, const char *text);

#define AVQA_SHA256_HEX 65 /* 64 digits and the NUL */

/* SHA-256 fed piece by piece. */
struct avqa_sha256;
struct avqa_sha256 *avqa_sha256_new(void);
void avqa_sha256_add(struct avqa_sha256 *sha, const void *bytes, size_t len);
/* Lower-case hexadecimal digest of all that was added; starts anew afterwards. */
void avqa_sha256_hex(struct avqa_sha256 *sha, char hex[AVQA_SHA256_HEX]);
void avqa_sha256_free(struct avqa_sha256 *sha);

/* The digest of a file and how many bytes it has. */
AVQA_CHECK enum avqa_status avqa_sha256_file(char hex[AVQA_SHA256_HEX], int64_t *bytes,
                                             const char *path);

#endif
