/* The only user of libxxhash and nettle. */
#include "base/hash.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

enum avqa_status avqa_sha256_file(char hex[AVQA_SHA256_HEX], int64_t *bytes,
                                  const char *path)
{
    enum { CHUNK = 1 << 18 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return avqa_fail(AVQA_EIO, "%s: cannot open: %s", path, strerror(errno));
    unsigned char *chunk = avqa_mem_new(CHUNK);
    struct avqa_sha256 *sha = avqa_sha256_new();
    ssize_t n;
    *bytes = 0;
    while ((n = read(fd, chunk, CHUNK)) > 0 || (n < 0 && errno == EINTR)) {
        if (n < 0)
            continue;
        avqa_sha256_add(sha, chunk, (size_t)n);
        *bytes += n;
    }
    enum avqa_status rc = AVQA_OK;
    if (n < 0)
        rc = avqa_fail(AVQA_EIO, "%s: cannot read: %s", path, strerror(errno));
    avqa_sha256_hex(sha, hex);
    avqa_sha256_free(sha);
    free(chunk);
    close(fd);
    return rc;
}
