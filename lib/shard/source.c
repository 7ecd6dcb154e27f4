/* See source.h. */
#include "shard/source.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct mapping {
    char *path;
    void *map;
    size_t bytes;
};

static void unmap(void *user)
{
    struct mapping *m = user;
    munmap(m->map, m->bytes);
    free(m->path);
    free(m);
}

/* Whether it is a file that can be a shard, and how it stands. */
static enum avqa_status look_at(struct stat *st, int fd, const char *path)
{
    if (fstat(fd, st) != 0)
        return avqa_fail(AVQA_EIO, "%s: cannot stat: %s", path, strerror(errno));
    if (S_ISDIR(st->st_mode))
        return avqa_fail(AVQA_EINVAL, "%s: is a folder; name its shards (%s/*.tar.zst)",
                         path, path);
    if (!S_ISREG(st->st_mode))
        return avqa_fail(AVQA_EINVAL, "%s: is no file", path);
    if (st->st_size == 0)
        return avqa_fail(AVQA_EFORMAT, "%s: is empty", path);
    return AVQA_OK;
}

static enum avqa_status map_file(struct avqa_shard_source *out, int fd,
                                 const char *path)
{
    struct stat st;
    enum avqa_status rc = look_at(&st, fd, path);
    if (rc != AVQA_OK)
        return rc;
    void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return avqa_fail(AVQA_EIO, "%s: cannot map: %s", path, strerror(errno));
    struct mapping *m = avqa_mem_new(sizeof *m);
    *m = (struct mapping){avqa_mem_strdup(path), map, (size_t)st.st_size};
    *out = (struct avqa_shard_source){.name = m->path,
                                      .bytes = (uint64_t)st.st_size,
                                      .map = map,
                                      .close = unmap,
                                      .user = m};
    return AVQA_OK;
}

static enum avqa_status open_file(int *fd, const char *path)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0)
        return avqa_fail(errno == ENOENT ? AVQA_ENOENT : AVQA_EIO,
                         "%s: cannot open: %s", path, strerror(errno));
    return AVQA_OK;
}

enum avqa_status avqa_shard_source_file(struct avqa_shard_source *out, const char *path)
{
    int fd;
    enum avqa_status rc = open_file(&fd, path);
    if (rc != AVQA_OK)
        return rc;
    rc = map_file(out, fd, path);
    close(fd);
    return rc;
}

struct watched {
    char *path;
    int fd;
    struct stat at_first;
};

static enum avqa_status still_there(const struct watched *w)
{
    struct stat st;
    if (stat(w->path, &st) != 0)
        return errno == ENOENT
                   ? avqa_fail(AVQA_ENOENT, "the file is gone since it was opened")
                   : avqa_fail(AVQA_EIO, "cannot stat: %s", strerror(errno));
    if (st.st_dev != w->at_first.st_dev || st.st_ino != w->at_first.st_ino)
        return avqa_fail(AVQA_EFORMAT, "another file took its place since it was "
                                       "opened");
    if (st.st_size != w->at_first.st_size)
        return avqa_fail(AVQA_EFORMAT,
                         "its size changed since it was opened, from "
                         "%lld to %lld bytes",
                         (long long)w->at_first.st_size, (long long)st.st_size);
    return AVQA_OK;
}

static enum avqa_status read_watched(void *user, void *out, uint64_t at, size_t len)
{
    const struct watched *w = user;
    enum avqa_status rc = still_there(w);
    for (size_t done = 0; rc == AVQA_OK && done < len;) {
        ssize_t n = pread(w->fd, (char *)out + done, len - done, (off_t)(at + done));
        if (n > 0)
            done += (size_t)n;
        else if (n == 0)
            rc = avqa_fail(AVQA_EFORMAT, "the file ends before its %llu bytes",
                           (unsigned long long)(at + len));
        else if (errno != EINTR)
            rc = avqa_fail(AVQA_EIO, "cannot read: %s", strerror(errno));
    }
    return rc;
}

static void close_watched(void *user)
{
    struct watched *w = user;
    close(w->fd);
    free(w->path);
    free(w);
}

enum avqa_status avqa_shard_source_watched(struct avqa_shard_source *out,
                                           const char *path)
{
    struct watched w = {.fd = -1};
    enum avqa_status rc = open_file(&w.fd, path);
    if (rc != AVQA_OK)
        return rc;
    rc = look_at(&w.at_first, w.fd, path);
    if (rc != AVQA_OK) {
        close(w.fd);
        return rc;
    }
    struct watched *kept = avqa_mem_new(sizeof *kept);
    *kept = w;
    kept->path = avqa_mem_strdup(path);
    *out = (struct avqa_shard_source){.name = kept->path,
                                      .bytes = (uint64_t)w.at_first.st_size,
                                      .read = read_watched,
                                      .close = close_watched,
                                      .user = kept};
    return AVQA_OK;
}

void avqa_shard_source_close(struct avqa_shard_source *source)
{
    if (source->close)
        source->close(source->user);
    *source = (struct avqa_shard_source){.name = NULL};
}
