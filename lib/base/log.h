/* Where the library's remarks go: a callback that the program gives. Without one they
 * are dropped; the library itself never prints. Passed by pointer, never global. */
#ifndef AVQA_BASE_LOG_H
#define AVQA_BASE_LOG_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum avqa_log_level { AVQA_LOG_DEBUG, AVQA_LOG_INFO, AVQA_LOG_WARNING };

struct avqa_log {
    void (*write)(void *user, enum avqa_log_level level, const char *line);
    /* How far a long job is: done of total items (total 0 = not known), in bytes or
     * rows as `what` says. Called often; the receiver decides how often to show it. */
    void (*progress)(void *user, const char *what, int64_t done, int64_t total);
    /* True once the user asked to stop; a job ends after the item in hand. */
    bool (*stopped)(void *user);
    void *user;
    /* A few words to stand beside how far a job is; may be NULL. */
    void (*note)(void *user, const char *text);
};

/* All of these accept a NULL log. */
void avqa_log_write(const struct avqa_log *log, enum avqa_log_level level,
                    const char *fmt, ...) AVQA_PRINTF(3, 4);
void avqa_log_progress(const struct avqa_log *log, const char *what, int64_t done,
                       int64_t total);
void avqa_log_note(const struct avqa_log *log, const char *fmt, ...) AVQA_PRINTF(2, 3);
bool avqa_log_stopped(const struct avqa_log *log);

#endif
