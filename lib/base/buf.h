/* A growing byte buffer with an upper bound.
 *
 * Everything that is built piece by piece in memory (a row, a page, a line) goes
 * through it, so that no input can make it grow without limit. After a failed append
 * the buffer is marked, later appends do nothing, and avqa_buf_status tells once at the
 * end. */
#ifndef AVQA_BASE_BUF_H
#define AVQA_BASE_BUF_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_buf {
    char *data; /* always followed by a NUL byte once something was appended */
    size_t len;
    size_t cap;
    size_t max; /* bytes it may hold; 0 means AVQA_BUF_MAX_DEFAULT */
    bool failed;
};

#define AVQA_BUF_MAX_DEFAULT ((size_t)1 << 30)
#define AVQA_BUF_INIT                                                                  \
    {                                                                                  \
        0                                                                              \
    }

void avqa_buf_release(struct avqa_buf *buf);
void avqa_buf_clear(struct avqa_buf *buf); /* empties it, keeps the memory */

void avqa_buf_add(struct avqa_buf *buf, const void *bytes, size_t len);
void avqa_buf_adds(struct avqa_buf *buf, const char *text);
void avqa_buf_addc(struct avqa_buf *buf, char c);
void avqa_buf_addi(struct avqa_buf *buf, int64_t number); /* in decimal digits */
void avqa_buf_addf(struct avqa_buf *buf, const char *fmt, ...) AVQA_PRINTF(2, 3);

/* AVQA_ENOMEM if an append would have passed the bound or memory ran out. */
AVQA_CHECK enum avqa_status avqa_buf_status(const struct avqa_buf *buf);

/* The bytes as a C string ("" if empty). Borrowed. */
const char *avqa_buf_str(const struct avqa_buf *buf);

#endif
