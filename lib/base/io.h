/* Files. Reading is bounded; writing is atomic: bytes go to a temporary file beside the
 * target, which appears under its own name only when it is whole and on disk. */
#ifndef AVQA_BASE_IO_H
#define AVQA_BASE_IO_H

#include "base/buf.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the regular file `path` of at most `max` bytes into `out` (appended). A
 * directory, a missing file or a larger one is an error that names the path. */
AVQA_CHECK enum avqa_status avqa_io_read(struct avqa_buf *out, const char *path,
                                         size_t max);

/* Exactly `len` bytes from byte `at` of an open file on; AVQA_EFORMAT if it ends
 * before. `name` is for messages. */
AVQA_CHECK enum avqa_status avqa_io_read_at(void *out, int fd, const char *name,
                                            uint64_t at, size_t len);

/* An output file that does not exist until it is committed. */
struct avqa_out;

/* Starts writing `path` (its folder must exist). A symbolic link is followed. What is
 * no regular file (a pipe, a terminal) is written as the bytes come. */
AVQA_CHECK enum avqa_status avqa_out_open(struct avqa_out **out, const char *path);

/* Writes to an open descriptor, such as standard output, as the bytes come. `name` is
 * for messages. The descriptor stays the caller's. */
AVQA_CHECK enum avqa_status avqa_out_open_fd(struct avqa_out **out, int fd,
                                             const char *name);

/* Appends bytes. A failure is remembered and reported by avqa_out_commit too. */
AVQA_CHECK enum avqa_status avqa_out_write(struct avqa_out *out, const void *bytes,
                                           size_t len);

/* fsync, rename over `path`, fsync the folder. After a failure the old file is still
 * there untouched. Frees `out` in every case. */
AVQA_CHECK enum avqa_status avqa_out_commit(struct avqa_out *out);

/* Drops what was written. avqa_out_abort(NULL) is legal. */
void avqa_out_abort(struct avqa_out *out);

/* Writes a whole file atomically. */
AVQA_CHECK enum avqa_status avqa_io_write(const char *path, const void *bytes,
                                          size_t len);

/* Gives a finished file its final name, unless that is taken (AVQA_EEXIST): of two that
 * try, one wins. Where that fails, `temp` is removed. */
AVQA_CHECK enum avqa_status avqa_io_publish(const char *temp, const char *path);

/* Gives a finished file its final name when its bytes are on disk; what had that name
 * is replaced. Where that fails, `temp` is removed. */
AVQA_CHECK enum avqa_status avqa_io_replace(const char *temp, const char *path);

/* Removes a file; one that is not there is no error. */
AVQA_CHECK enum avqa_status avqa_io_remove(const char *path);

/* Removes a folder with all that is in it, following no link; nothing there is fine. */
AVQA_CHECK enum avqa_status avqa_io_remove_tree(const char *path);

/* Makes a folder and its parents; one that exists is no error. */
AVQA_CHECK enum avqa_status avqa_io_mkdir(const char *path);

bool avqa_io_exists(const char *path);
/* Whether nothing is there, not even a link that leads nowhere; what may not be looked
 * at may be there. */
bool avqa_io_is_absent(const char *path);
/* AVQA_EEXIST if a file or folder has this name, which somebody gave with -o. What is
 * written through, such as a pipe, is neither. */
AVQA_CHECK enum avqa_status avqa_io_check_new(const char *path);
bool avqa_io_is_dir(const char *path);

/* Joins with exactly one slash: "a" + "b" -> "a/b". Caller frees. */
char *avqa_io_join(const char *dir, const char *name);

#endif
