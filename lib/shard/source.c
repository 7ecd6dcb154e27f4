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

static enum avqa_status map_file(struct avqa_shard_source *out, int fd,
                                 const char *path)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return avqa_fail(AVQA_EIO, "%s: cannot stat: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return avqa_fail(AVQA_EINVAL, "%s: is a folder; name its shards (%s/*.tar.zst)",
                         path, path);
    if (!S_ISREG(st.st_mode))
        return avqa_fail(AVQA_EINVAL, "%s: is no file", path);
    if (st.st_size == 0)
        return avqa_fail(AVQA_EFORMAT, "%s: is empty", path);
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

enum avqa_status avqa_shard_source_file(struct avqa_shard_source *out, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return avqa_fail(errno == ENOENT ? AVQA_ENOENT : AVQA_EIO,
                         "%s: cannot open: %s", path, strerror(errno));
    enum avqa_status rc = map_file(out, fd, path);
    close(fd);
    return rc;
}

void avqa_shard_source_close(struct avqa_shard_source *source)
{
    if (source->close)
        source->close(source->user);
    *source = (struct avqa_shard_source){.name = NULL};
}
