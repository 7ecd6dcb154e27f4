/* Headers of a POSIX tar (ustar, IEEE Std 1003.1, pax interchange format): regular
 * files only, nothing in them that depends on the clock, the host or the user. A name
 * of more than 100 bytes gets a pax record in front; the prefix field is not used. The
 * reader accepts what the writer writes and refuses everything else. */
#ifndef AVQA_SHARD_TAR_H
#define AVQA_SHARD_TAR_H

#include "base/buf.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

enum {
    AVQA_TAR_BLOCK = 512,
    AVQA_TAR_MAX_NAME = 400,       /* bytes */
    AVQA_TAR_MAX_HEADER = 3 * 512, /* with a pax record */
};
#define AVQA_TAR_MAX_SIZE ((uint64_t)077777777777) /* 8 GiB: eleven octal digits */

struct avqa_tar_entry {
    char name[AVQA_TAR_MAX_NAME + 1];
    uint64_t size;
};

/* Zero bytes behind `size` bytes of content, up to the next block. */
size_t avqa_tar_padding(uint64_t size);

/* Appends the header of a file. AVQA_EINVAL if name or size cannot be written. */
AVQA_CHECK enum avqa_status avqa_tar_print(struct avqa_buf *out, const char *name,
                                           uint64_t size);

/* Reads the header at the start of `len` bytes; *used is where the content begins.
 * AVQA_EFORMAT says what is wrong. */
AVQA_CHECK enum avqa_status avqa_tar_parse(struct avqa_tar_entry *out, size_t *used,
                                           const void *bytes, size_t len);

#endif
