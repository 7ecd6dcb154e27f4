/* Formats a line and hands it to the callback, if there is one. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

void avqa_log_write(const struct avqa_log *log, enum avqa_log_level level,
                    const char *fmt, ...)
{
    char line[1024];
    va_list args;
    if (!log || !log->write)
        return;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    log->write(log->user, level, line);
}

void avqa_log_progress(const struct avqa_log *log, const char *what, int64_t done,
                       int64_t total)
{
    if (log && log->progress)
        log->progress(log->user, what, done, total);
}

void avqa_log_note(const struct avqa_log *log, const char *fmt, ...)
{
    char text[256];
    va_list args;
    if (!log || !log->note)
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    log->note(log->user, text);
}

bool avqa_log_stopped(const struct avqa_log *log)
{
    return log && log->stopped && log->stopped(log->user);
}
