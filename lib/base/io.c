/* POSIX files. The temporary name carries the process id, so two programs that write
 * the same report do not mix their bytes; the last rename wins with a whole file. */
#include "base/io.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct avqa_out {
    int fd;
    char *path;    /* with links followed */
    char *name;    /* as it was given, for messages */
    char *temp;    /* NULL: written directly */
    bool borrowed; /* the descriptor is the caller's */
    size_t pending;
    bool failed;
    char buffer[64 << 10];
};

static enum avqa_status fail_errno(const char *path, const char *what)
{
    enum avqa_status code = errno == ENOENT ? AVQA_ENOENT : AVQA_EIO;
    return avqa_fail(code, "%s: cannot %s: %s", path, what, strerror(errno));
}

static enum avqa_status read_all(struct avqa_buf *out, int fd, const char *path,
                                 size_t max)
{
    char chunk[64 << 10];
    size_t total = 0;
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(path, "read");
        if (n == 0)
            return avqa_buf_status(out);
        total += (size_t)n;
        if (total > max)
            return avqa_fail(AVQA_EFORMAT, "%s: larger than %zu bytes", path, max);
        avqa_buf_add(out, chunk, (size_t)n);
    }
}

enum avqa_status avqa_io_read(struct avqa_buf *out, const char *path, size_t max)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(path, "open");
    enum avqa_status rc;
    if (fstat(fd, &st) != 0)
        rc = fail_errno(path, "stat");
    else if (S_ISDIR(st.st_mode))
        rc = avqa_fail(AVQA_EINVAL, "%s: is a directory, not a file", path);
    else
        rc = read_all(out, fd, path, max);
    close(fd);
    return rc;
}

enum avqa_status avqa_io_read_at(void *out, int fd, const char *name, uint64_t at,
                                 size_t len)
{
    char *to = out;
    for (size_t done = 0; done < len;) {
        ssize_t got = pread(fd, to + done, len - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return avqa_fail(AVQA_EIO, "%s: cannot read: %s", name, strerror(errno));
        if (got == 0)
            return avqa_fail(AVQA_EFORMAT, "%s: the file ends too early", name);
        done += (size_t)got;
    }
    return AVQA_OK;
}

static void out_free(struct avqa_out *out)
{
    free(out->path);
    free(out->name);
    free(out->temp);
    free(out);
}

/* Opens what is no regular file as it is; *is_direct tells. */
static enum avqa_status open_direct(struct avqa_out *o, bool *is_direct)
{
    struct stat st;
    *is_direct =
        stat(o->path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
    if (*is_direct)
        o->fd = open(o->path, O_WRONLY | O_CLOEXEC);
    return !*is_direct || o->fd >= 0 ? AVQA_OK : fail_errno(o->name, "write");
}

static enum avqa_status open_temp(struct avqa_out *o)
{
    size_t len = strlen(o->path) + 32;
    o->temp = avqa_mem_new(len);
    snprintf(o->temp, len, "%s.%ld.tmp", o->path, (long)getpid());
    o->fd = open(o->temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return o->fd >= 0 ? AVQA_OK : fail_errno(o->name, "write");
}

enum avqa_status avqa_out_open(struct avqa_out **out, const char *path)
{
    bool is_direct = false;
    struct avqa_out *o = avqa_mem_new(sizeof *o);
    o->name = avqa_mem_strdup(path);
    o->path = realpath(path, NULL); /* a link to a file that is there is followed */
    if (!o->path)
        o->path = avqa_mem_strdup(path);
    enum avqa_status rc = open_direct(o, &is_direct);
    if (rc == AVQA_OK && !is_direct)
        rc = open_temp(o);
    if (rc != AVQA_OK) {
        out_free(o);
        return rc;
    }
    *out = o;
    return AVQA_OK;
}

enum avqa_status avqa_out_open_fd(struct avqa_out **out, int fd, const char *name)
{
    struct avqa_out *o = avqa_mem_new(sizeof *o);
    o->name = avqa_mem_strdup(name);
    o->fd = fd;
    o->borrowed = true;
    *out = o;
    return AVQA_OK;
}

static enum avqa_status write_all(struct avqa_out *out, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = write(out->fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            out->failed = true;
            return fail_errno(out->name, "write");
        }
        bytes += n;
        len -= (size_t)n;
    }
    return AVQA_OK;
}

static enum avqa_status flush(struct avqa_out *out)
{
    size_t pending = out->pending;
    out->pending = 0;
    return write_all(out, out->buffer, pending);
}

enum avqa_status avqa_out_write(struct avqa_out *out, const void *bytes, size_t len)
{
    enum avqa_status rc = AVQA_OK;
    if (len > sizeof out->buffer - out->pending)
        rc = flush(out);
    if (rc != AVQA_OK)
        return rc;
    if (len > sizeof out->buffer)
        return write_all(out, bytes, len);
    if (len)
        memcpy(out->buffer + out->pending, bytes, len);
    out->pending += len;
    return AVQA_OK;
}

static void close_out(struct avqa_out *out)
{
    if (!out->borrowed)
        close(out->fd);
    out_free(out);
}

void avqa_out_abort(struct avqa_out *out)
{
    if (!out)
        return;
    if (out->temp)
        unlink(out->temp);
    close_out(out);
}

/* A rename is durable only when the folder's own entry is on disk. */
static void sync_folder(const char *path)
{
    char *dir = avqa_mem_strdup(path);
    char *slash = strrchr(dir, '/');
    if (slash)
        slash[slash == dir ? 1 : 0] = '\0';
    int fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(dir);
    if (fd < 0)
        return;
    fsync(fd); /* some file systems refuse it for folders; the rename stands anyway */
    close(fd);
}

/* From the temporary name to the real one, when the bytes are on disk. */
static enum avqa_status publish_temp(struct avqa_out *out)
{
    if (fsync(out->fd) != 0)
        return fail_errno(out->name, "sync");
    if (rename(out->temp, out->path) != 0)
        return fail_errno(out->name, "rename to");
    sync_folder(out->path);
    return AVQA_OK;
}

enum avqa_status avqa_out_commit(struct avqa_out *out)
{
    enum avqa_status rc = flush(out);
    if (rc == AVQA_OK && out->failed)
        rc = avqa_fail(AVQA_EIO, "%s: an earlier write failed", out->name);
    if (rc == AVQA_OK && out->temp)
        rc = publish_temp(out);
    if (rc != AVQA_OK) {
        avqa_out_abort(out);
        return rc;
    }
    close_out(out);
    return AVQA_OK;
}

enum avqa_status avqa_io_write(const char *path, const void *bytes, size_t len)
{
    struct avqa_out *out = NULL;
    enum avqa_status rc = avqa_out_open(&out, path);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_out_write(out, bytes, len);
    if (rc != AVQA_OK) {
        avqa_out_abort(out);
        return rc;
    }
    return avqa_out_commit(out);
}

enum avqa_status avqa_io_publish(const char *temp, const char *path)
{
    enum avqa_status rc = AVQA_OK;
    if (link(temp, path) != 0) {
        if (errno == EEXIST)
            rc = avqa_fail(AVQA_EEXIST, "%s: is there already", path);
        else if (rename(temp, path) != 0) /* a file system without hard links */
            rc = fail_errno(path, "rename to");
    }
    unlink(temp);
    if (rc == AVQA_OK)
        sync_folder(path);
    return rc;
}

enum avqa_status avqa_io_replace(const char *temp, const char *path)
{
    enum avqa_status rc = AVQA_OK;
    int fd = open(temp, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(temp, "open");
    if (fsync(fd) != 0)
        rc = fail_errno(path, "sync");
    close(fd);
    if (rc == AVQA_OK && rename(temp, path) != 0)
        rc = fail_errno(path, "rename to");
    if (rc == AVQA_OK)
        sync_folder(path);
    else
        unlink(temp);
    return rc;
}

enum avqa_status avqa_io_remove(const char *path)
{
    if (unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR)
        return AVQA_OK;
    return fail_errno(path, "remove");
}

static int remove_entry(const char *path, const struct stat *st, int type,
                        struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

enum avqa_status avqa_io_remove_tree(const char *path)
{
    enum { DESCRIPTORS = 16 };
    if (nftw(path, remove_entry, DESCRIPTORS, FTW_DEPTH | FTW_PHYS) == 0 ||
        errno == ENOENT)
        return AVQA_OK;
    return fail_errno(path, "remove");
}

enum avqa_status avqa_io_mkdir(const char *path)
{
    enum avqa_status rc = AVQA_OK;
    char *copy = avqa_mem_strdup(path);
    for (char *p = copy + (*copy != '\0');; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char keep = *p;
        *p = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST)
            rc = fail_errno(copy, "make folder");
        *p = keep;
        if (rc != AVQA_OK || keep == '\0')
            break;
    }
    free(copy);
    if (rc == AVQA_OK && !avqa_io_is_dir(path))
        return avqa_fail(AVQA_EEXIST, "%s: is there and is not a folder", path);
    return rc;
}

bool avqa_io_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

bool avqa_io_is_absent(const char *path)
{
    struct stat st;
    return lstat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

enum avqa_status avqa_io_check_new(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
        return AVQA_OK;
    return avqa_fail(AVQA_EEXIST,
                     "%s is there already; remove it first, or give another name "
                     "with -o",
                     path);
}

bool avqa_io_is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *avqa_io_join(const char *dir, const char *name)
{
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/')
        n--;
    size_t len = n + strlen(name) + 2;
    char *path = avqa_mem_new(len);
    const char *slash = n == 1 && dir[0] == '/' ? "" : "/";
    snprintf(path, len, "%.*s%s%s", (int)n, dir, slash, name);
    return path;
}
