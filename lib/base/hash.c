/* The only user of libxxhash and nettle. */
#include "base/hash.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>
#include <xxhash.h>

struct avqa_sha256 {
    struct sha256_ctx ctx;
};

uint64_t avqa_hash64(uint64_t seed, const void *bytes, size_t len)
{
    return XXH3_64bits_withSeed(bytes, len, seed);
}

uint64_t avqa_hash_str(uint64_t seed, const char *text)
{
    return avqa_hash64(seed, text, strlen(text));
}

struct avqa_sha256 *avqa_sha256_new(void)
{
    struct avqa_sha256 *sha = avqa_mem_new(sizeof *sha);
    sha256_init(&sha->ctx);
    return sha;
}

void avqa_sha256_add(struct avqa_sha256 *sha, const void *bytes, size_t len)
{
    sha256_update(&sha->ctx, len, bytes);
}

void avqa_sha256_hex(struct avqa_sha256 *sha, char hex[AVQA_SHA256_HEX])
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(&sha->ctx, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

void avqa_sha256_free(struct avqa_sha256 *sha)
{
    free(sha);
}
