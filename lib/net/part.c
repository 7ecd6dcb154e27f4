/* See part.h. The note is JSON; it is written under a name of its own and renamed, so
 * it is there whole or not at all. It is not forced to disk: what a power failure may
 * leave of it does not parse, and the part starts anew. */
#include "net/part.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/json.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOTE_MAX = 64 << 10 };

static enum avqa_status fail_errno(const char *path, const char *what)
{
    return avqa_fail(AVQA_EIO, "%s: cannot %s: %s", path, what, strerror(errno));
}

static char *note_path(const char *path)
{
    struct avqa_buf b = AVQA_BUF_INIT;
    avqa_buf_addf(&b, "%s%s", path, AVQA_PART_NOTE);
    return b.data;
}

/* Whether the note is of this key; then `have` is as it says. */
static bool read_note(struct avqa_part *part)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_json *note = NULL;
    bool fits = false;
    if (avqa_io_read(&text, part->note, NOTE_MAX) == AVQA_OK &&
        avqa_json_parse(&note, avqa_buf_str(&text), text.len) == AVQA_OK) {
        const char *key = avqa_json_string(avqa_json_get(note, "key"));
        const char *validator = avqa_json_string(avqa_json_get(note, "validator"));
        int64_t total = -1;
        fits = key && strcmp(key, part->key) == 0 && validator && *validator &&
               strlen(validator) < AVQA_VALIDATOR_MAX &&
               avqa_json_int(avqa_json_get(note, "total"), &total) && total >= -1;
        if (fits) {
            snprintf(part->have.validator, AVQA_VALIDATOR_MAX, "%s", validator);
            part->have.total = total;
        }
    }
    avqa_json_free(note);
    avqa_buf_release(&text);
    return fits;
}

enum avqa_status avqa_part_open(struct avqa_part *part, const char *path,
                                const char *key)
{
    struct stat st;
    *part = (struct avqa_part){
        .fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666)};
    if (part->fd < 0)
        return fail_errno(path, "write");
    part->path = avqa_mem_strdup(path);
    part->note = note_path(path);
    part->key = avqa_mem_strdup(key);
    part->have.total = -1;
    if (fstat(part->fd, &st) == 0 && st.st_size > 0 && read_note(part))
        part->have.bytes = st.st_size;
    if (part->have.total >= 0 && part->have.bytes > part->have.total)
        part->have.bytes = 0;
    enum avqa_status rc = AVQA_OK;
    if (part->have.bytes == 0)
        rc = avqa_part_restart(part);
    if (rc != AVQA_OK)
        avqa_part_close(part, true);
    return rc;
}

enum avqa_status avqa_part_restart(struct avqa_part *part)
{
    part->have = (struct avqa_partial){.total = -1};
    if (avqa_io_remove(part->note) != AVQA_OK || ftruncate(part->fd, 0) != 0)
        return fail_errno(part->path, "empty");
    return AVQA_OK;
}

static enum avqa_status write_note(const struct avqa_part *part, const char *text,
                                   size_t len)
{
    struct avqa_buf temp = AVQA_BUF_INIT;
    enum avqa_status rc = AVQA_OK;
    avqa_buf_addf(&temp, "%s~", part->note);
    int fd =
        open(temp.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0 || write(fd, text, len) != (ssize_t)len ||
        rename(temp.data, part->note) != 0)
        rc = fail_errno(part->note, "write");
    if (fd >= 0)
        close(fd);
    if (rc != AVQA_OK)
        unlink(temp.data);
    avqa_buf_release(&temp);
    return rc;
}

enum avqa_status avqa_part_pin(struct avqa_part *part, const char *validator,
                               int64_t total)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_json *note = avqa_json_new_object();
    avqa_json_put_string(note, "key", part->key);
    avqa_json_put_string(note, "validator", validator);
    avqa_json_put_int(note, "total", total);
    avqa_json_print(&text, note, 0);
    enum avqa_status rc = write_note(part, avqa_buf_str(&text), text.len);
    if (rc == AVQA_OK) {
        snprintf(part->have.validator, AVQA_VALIDATOR_MAX, "%s", validator);
        part->have.total = total;
    }
    avqa_json_free(note);
    avqa_buf_release(&text);
    return rc;
}

enum avqa_status avqa_part_write(struct avqa_part *part, const void *bytes, size_t len,
                                 bool *full)
{
    const char *s = bytes;
    *full = false;
    while (len) {
        ssize_t n = pwrite(part->fd, s, len, (off_t)part->have.bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            *full = errno == ENOSPC || errno == EDQUOT;
            return fail_errno(part->path, "write");
        }
        part->have.bytes += n;
        s += n;
        len -= (size_t)n;
    }
    return AVQA_OK;
}

enum avqa_status avqa_part_sync(struct avqa_part *part)
{
    return fsync(part->fd) == 0 ? AVQA_OK : fail_errno(part->path, "sync");
}

enum avqa_status avqa_part_remove(const char *path)
{
    char *note = note_path(path);
    enum avqa_status rc = avqa_io_remove(path);
    enum avqa_status noted = avqa_io_remove(note);
    free(note);
    return rc == AVQA_OK ? noted : rc;
}

void avqa_part_close(struct avqa_part *part, bool keep)
{
    bool can_continue = part->have.bytes > 0 && part->have.validator[0];
    if (part->fd >= 0)
        close(part->fd);
    if (part->path && !(keep && can_continue)) { /* if it fails, the next start tries */
        unlink(part->path);
        if (part->note)
            unlink(part->note);
    }
    free(part->path);
    free(part->note);
    free(part->key);
    *part = (struct avqa_part){.fd = -1};
}

enum avqa_status avqa_part_publish(const char *path, const char *target)
{
    if (rename(path, target) != 0)
        return fail_errno(target, "rename to");
    return avqa_part_remove(path);
}
