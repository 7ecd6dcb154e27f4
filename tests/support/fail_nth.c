/* Loaded before libc (LD_PRELOAD): makes one call fail, to see what a program makes of
 * it. FAIL_READ=N: the N-th read of a file that is called *.mp4 gives EIO.
 * FAIL_ALLOC=N: the N-th allocation gives NULL. How many there were stands in the file
 * FAIL_COUNT afterwards, in both counts. */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long n_reads, n_allocs;
static long fail_read, fail_alloc;
static bool ready;

static ssize_t (*real_read)(int, void *, size_t);
static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static int (*real_memalign)(void **, size_t, size_t);

static void *symbol(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static long number(const char *name)
{
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void begin(void)
{
    *(void **)&real_read = symbol("read");
    *(void **)&real_malloc = symbol("malloc");
    *(void **)&real_calloc = symbol("calloc");
    *(void **)&real_realloc = symbol("realloc");
    *(void **)&real_memalign = symbol("posix_memalign");
    fail_read = number("FAIL_READ");
    fail_alloc = number("FAIL_ALLOC");
    ready = true;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("FAIL_COUNT");
    ready = false;
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file)
        return;
    fprintf(file, "%ld %ld\n", (long)n_reads, (long)n_allocs);
    fclose(file);
}

static bool fails(void)
{
    if (!ready || ++n_allocs != fail_alloc)
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    if (!real_malloc)
        *(void **)&real_malloc = symbol("malloc");
    return fails() ? NULL : real_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    static bool looking; /* dlsym may allocate; it can do without */
    if (looking)
        return NULL;
    if (!real_calloc) {
        looking = true;
        *(void **)&real_calloc = symbol("calloc");
        looking = false;
    }
    return fails() ? NULL : real_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    if (!real_realloc)
        *(void **)&real_realloc = symbol("realloc");
    return fails() ? NULL : real_realloc(old, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    if (!real_memalign)
        *(void **)&real_memalign = symbol("posix_memalign");
    return fails() ? ENOMEM : real_memalign(out, alignment, size);
}

static bool is_media(int fd)
{
    char link[64];
    char path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path);
    return n > 4 && memcmp(path + n - 4, ".mp4", 4) == 0;
}

ssize_t read(int fd, void *out, size_t len)
{
    if (!real_read)
        *(void **)&real_read = symbol("read");
    if (ready && is_media(fd) && ++n_reads == fail_read) {
        errno = EIO;
        return -1;
    }
    return real_read(fd, out, len);
}
