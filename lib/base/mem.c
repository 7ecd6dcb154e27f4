/* See mem.h. Arrays are given by the address of the caller's pointer, as void *,
 * because C has no way to say "pointer to any object pointer". */
#include "base/mem.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <malloc.h>
#include <sys/mman.h>

enum {
    LINE = 64,
    LARGE_PAGE = 2 << 20,
    MOST_KEPT = 32 << 20, /* the most that glibc lets be set */
};

void avqa_mem_exhausted(void)
{
    abort();
}

void *avqa_mem_new(size_t size)
{
    void *p = calloc(1, size ? size : 1);
    if (!p)
        avqa_mem_exhausted();
    return p;
}

char *avqa_mem_strndup(const char *text, size_t len)
{
    char *copy = avqa_mem_new(len + 1);
    memcpy(copy, text, len);
    return copy;
}

char *avqa_mem_strdup(const char *text)
{
    return avqa_mem_strndup(text, strlen(text));
}

bool avqa_mem_product(size_t *out, size_t a, size_t b)
{
    return !__builtin_mul_overflow(a, b, out);
}

enum avqa_status avqa_mem_array(void *array, size_t n, size_t size)
{
    size_t bytes;
    bool fits = avqa_mem_product(&bytes, n, size);
    void *made = fits ? calloc(1, bytes ? bytes : 1) : NULL;
    memcpy(array, &made, sizeof made);
    return made ? AVQA_OK
                : avqa_fail(AVQA_ENOMEM, "out of memory for %zu elements of %zu bytes",
                            n, size);
}

static enum avqa_status allocate(void *out, size_t bytes, size_t alignment)
{
    void *made = NULL;
    if (bytes <= SIZE_MAX - alignment)
        made = aligned_alloc(alignment, avqa_mem_rounded(bytes + 1, alignment));
    memcpy(out, &made, sizeof made);
    return made ? AVQA_OK
                : avqa_fail(AVQA_ENOMEM, "out of memory for %zu bytes", bytes);
}

enum avqa_status avqa_mem_aligned(void *out, size_t bytes)
{
    return allocate(out, bytes, LINE);
}

enum avqa_status avqa_mem_work(void *out, size_t bytes)
{
    void *made;
    if (bytes < LARGE_PAGE)
        return allocate(out, bytes, LINE);
    enum avqa_status rc = allocate(out, bytes, LARGE_PAGE);
    memcpy(&made, out, sizeof made);
    if (rc == AVQA_OK)
        (void)madvise(made, bytes, MADV_HUGEPAGE); /* a wish: small pages do, too */
    return rc;
}

void avqa_mem_keep(void)
{
    mallopt(M_MMAP_THRESHOLD, MOST_KEPT);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    mallopt(M_ARENA_MAX, 1);
}

enum avqa_status avqa_mem_grow(void *array, size_t *cap, size_t need, size_t size)
{
    void *old;
    size_t bytes;
    if (need <= *cap)
        return AVQA_OK;
    size_t n = *cap ? *cap : 16;
    while (n < need && n <= SIZE_MAX / 2)
        n *= 2;
    memcpy(&old, array, sizeof old);
    if (n < need || !avqa_mem_product(&bytes, n, size))
        return avqa_fail(AVQA_ENOMEM, "%zu elements of %zu bytes", need, size);
    char *grown = realloc(old, bytes);
    if (!grown)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu bytes", bytes);
    memset(grown + *cap * size, 0, bytes - *cap * size);
    memcpy(array, &grown, sizeof grown);
    *cap = n;
    return AVQA_OK;
}

void avqa_mem_need(void *array, size_t *cap, size_t need, size_t size)
{
    if (avqa_mem_grow(array, cap, need, size) != AVQA_OK)
        avqa_mem_exhausted();
}
