/* See media_file.h. The bytes that are hashed are the bytes that are copied: one pass
 * does both. A file that changes meanwhile is not taken. */
#include "pipeline/media_file.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 1 << 20 };

void avqa_media_file_fail(struct avqa_media_file *file, const char *reason,
                          const char *fmt, ...)
{
    char raw[AVQA_VERDICT_REASON];
    va_list args;
    if (file->state == AVQA_MEDIA_FILE_FAILED)
        return;
    va_start(args, fmt);
    vsnprintf(raw, sizeof raw, fmt, args);
    va_end(args);
    avqa_status_escape(file->detail, sizeof file->detail, raw);
    snprintf(file->reason, sizeof file->reason, "%s", reason);
    file->state = AVQA_MEDIA_FILE_FAILED;
}

static int64_t mtime_us(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * 1000000 + st->st_mtim.tv_nsec / 1000;
}

/* The last part of the path without its ending. */
static void name_as_file(struct avqa_media_file *file)
{
    const char *slash = strrchr(file->path, '/');
    const char *base = slash ? slash + 1 : file->path;
    const char *dot = strrchr(base, '.');
    size_t len = dot && dot > base ? (size_t)(dot - base) : strlen(base);
    if (len <= AVQA_IMPORT_NAME_MAX) {
        memcpy(file->name, base, len);
        file->name[len] = '\0';
    }
    if (avqa_import_check_name(len <= AVQA_IMPORT_NAME_MAX ? file->name : base,
                               "name") != AVQA_OK)
        avqa_media_file_fail(file, "bad-name",
                             "its name cannot be a video id; rename it: %s",
                             avqa_message());
}

void avqa_media_file_stat(struct avqa_media_file *file, const char *path,
                          const char *name)
{
    struct stat st;
    *file = (struct avqa_media_file){.path = path, .started_us = avqa_clock_wall_us()};
    if (name) /* one of the catalog, which was checked when it came there */
        snprintf(file->name, sizeof file->name, "%s", name);
    else
        name_as_file(file);
    file->real = realpath(path, NULL);
    if (!file->real || stat(file->real, &st) != 0) {
        avqa_media_file_fail(file, "no-file", "it cannot be opened: %s",
                             strerror(errno));
        return;
    }
    if (!S_ISREG(st.st_mode)) /* a pipe would be waited for */
        avqa_media_file_fail(file, "no-file", "it is no regular file");
    file->bytes = st.st_size;
    file->mtime_us = mtime_us(&st);
}

void avqa_media_file_release(struct avqa_media_file *file)
{
    free(file->real);
    free(file->copied);
    avqa_media_measures_release(&file->measures);
    *file = (struct avqa_media_file){0};
}

/* Reads the descriptor to its end: into the hash, and into `out` if there is one. */
static enum avqa_status pour(struct avqa_media_file *file, int fd, struct avqa_out *out,
                             const struct avqa_log *log)
{
    struct avqa_sha256 *sha = avqa_sha256_new();
    char *bytes = avqa_mem_new(READ_BYTES);
    enum avqa_status rc = AVQA_OK;
    int64_t total = 0;
    ssize_t n;
    while (rc == AVQA_OK && (n = read(fd, bytes, READ_BYTES)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            avqa_media_file_fail(file, "no-file", "it cannot be read: %s",
                                 strerror(errno));
            break;
        }
        avqa_sha256_add(sha, bytes, (size_t)n);
        total += n;
        if (out)
            rc = avqa_out_write(out, bytes, (size_t)n);
        if (rc == AVQA_OK && avqa_log_stopped(log))
            rc = avqa_fail(AVQA_ESTOPPED, "stopped");
    }
    struct stat st;
    if (fstat(fd, &st) != 0 || st.st_size != total || total != file->bytes ||
        mtime_us(&st) != file->mtime_us)
        avqa_media_file_fail(file, "changed", "it changed while it was read");
    avqa_sha256_hex(sha, file->sha256);
    avqa_sha256_free(sha);
    free(bytes);
    return rc;
}

/* Where the copy goes: media/NAME.ENDING. */
static enum avqa_status open_copy(struct avqa_media_file *file, struct avqa_out **out,
                                  const char *dataset)
{
    const char *dot = strrchr(file->path, '.');
    struct avqa_buf relative = AVQA_BUF_INIT;
    char *folder = avqa_io_join(dataset, "media");
    avqa_buf_addf(&relative, "media/%s", file->name);
    if (dot && !strchr(dot, '/') && strlen(dot) < 16)
        avqa_buf_adds(&relative, dot);
    file->copied = avqa_mem_strdup(avqa_buf_str(&relative));
    char *path = avqa_io_join(dataset, file->copied);
    enum avqa_status rc = avqa_io_mkdir(folder);
    if (rc == AVQA_OK && strcmp(path, file->real) != 0 && avqa_io_exists(path))
        avqa_media_file_fail(file, "name-taken", "%s is there already", file->copied);
    else if (rc == AVQA_OK && strcmp(path, file->real) != 0)
        rc = avqa_out_open(out, path);
    avqa_buf_release(&relative);
    free(folder);
    free(path);
    return rc;
}

static enum avqa_status look_once(struct avqa_media_file *file,
                                  const struct avqa_media_file_work *work)
{
    avqa_media_measures_release(&file->measures);
    if (!work->measure)
        return avqa_media_probe(&file->info, file->real, NULL);
    enum avqa_status rc =
        avqa_media_measure(&file->measures, file->real, NULL, work->log);
    if (rc == AVQA_OK)
        file->info = file->measures.report.info;
    return rc;
}

static enum avqa_status look(struct avqa_media_file *file,
                             const struct avqa_media_file_work *work)
{
    file->measured = work->measure;
    enum avqa_status rc = look_once(file, work);
    /* A decoder calls it damage too when it got no memory: seen twice, it is. */
    if (rc == AVQA_OK && file->info.verdict.outcome == AVQA_MEDIA_DAMAGED)
        rc = look_once(file, work);
    if (rc != AVQA_OK)
        return rc;
    const struct avqa_verdict *v = &file->info.verdict;
    bool usable = (file->info.has_video || file->info.has_audio) &&
                  v->outcome <= AVQA_MEDIA_TRUNCATED;
    if (!usable) {
        avqa_media_file_fail(
            file, avqa_media_outcome_name(v->outcome), "%s%s", v->reason,
            v->outcome == AVQA_MEDIA_TRUNCATED ? "; nothing of it can be decoded" : "");
        return AVQA_OK;
    }
    if (v->outcome != AVQA_MEDIA_OK) {
        snprintf(file->reason, sizeof file->reason, "%s",
                 avqa_media_outcome_name(v->outcome));
        snprintf(file->detail, sizeof file->detail, "%s", v->reason);
    }
    file->state = AVQA_MEDIA_FILE_READ;
    return AVQA_OK;
}

enum avqa_status avqa_media_file_read(struct avqa_media_file *file,
                                      const struct avqa_media_file_work *work)
{
    struct avqa_out *out = NULL;
    enum avqa_status rc =
        look(file, work); /* what is no media is not read to its end */
    if (rc != AVQA_OK || file->state == AVQA_MEDIA_FILE_FAILED)
        return rc;
    int fd = open(file->real, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        avqa_media_file_fail(file, "no-file", "it cannot be opened: %s",
                             strerror(errno));
        return AVQA_OK;
    }
    if (work->copy_to)
        rc = open_copy(file, &out, work->copy_to);
    if (rc == AVQA_OK && file->state == AVQA_MEDIA_FILE_READ)
        rc = pour(file, fd, out, work->log);
    close(fd);
    if (rc == AVQA_OK && out && file->state == AVQA_MEDIA_FILE_READ)
        rc = avqa_out_commit(out);
    else
        avqa_out_abort(out);
    file->ended_us = avqa_clock_wall_us();
    return rc;
}
