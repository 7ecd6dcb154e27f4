/* What a function that can fail returns, and the one sentence that goes with it.
 *
 * A code says what kind of failure it was; the message, kept per thread, says what
 * happened to which file, row or item. The first function that notices writes the
 * message; a caller passes the code on and may put its own context in front, once.
 * Nothing here prints: a program decides what to show. */
#ifndef AVQA_BASE_STATUS_H
#define AVQA_BASE_STATUS_H

#include <stddef.h>

enum avqa_status {
    AVQA_OK = 0,
    AVQA_EINVAL,   /* the caller's or the user's input makes no sense */
    AVQA_EFORMAT,  /* bytes from outside are not what they claim to be */
    AVQA_ENOENT,   /* something asked for does not exist */
    AVQA_EEXIST,   /* something to be made is there already */
    AVQA_EIO,      /* the operating system refused a read, write or rename */
    AVQA_ENOMEM,   /* a data-sized allocation failed or would pass its bound */
    AVQA_EVERSION, /* made by a newer program than this one */
    AVQA_ESTOPPED, /* asked to stop (signal); what was done is kept */
};

#define AVQA_CHECK __attribute__((warn_unused_result))
#define AVQA_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Stores a message for this thread and returns `code`, so that a failure is one
 * expression: return avqa_fail(AVQA_EIO, "%s: short read at %zu", path, off); */
AVQA_CHECK enum avqa_status avqa_fail(enum avqa_status code, const char *fmt, ...)
    AVQA_PRINTF(2, 3);

/* Puts "context: " in front of the stored message and returns `code` unchanged. */
AVQA_CHECK enum avqa_status avqa_fail_in(enum avqa_status code, const char *fmt, ...)
    AVQA_PRINTF(2, 3);

/* `raw` on one line: control bytes and what is not UTF-8 as \xNN; cut to fit. */
void avqa_status_escape(char *out, size_t size, const char *raw);

/* The message of this thread's last failure ("" if there was none). Borrowed; valid
 * until the thread's next failure. One line, valid UTF-8, control bytes escaped. */
const char *avqa_message(void);

#endif
