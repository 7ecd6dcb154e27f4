/* See verdict.h. Reasons may quote what a file says of itself, so they are escaped like
 * messages. */
#include "media/verdict.h"

#include <stdarg.h>
#include <stdio.h>

struct avqa_media_limits avqa_media_limits_or_default(const struct avqa_media_limits *l)
{
    struct avqa_media_limits out = l ? *l : (struct avqa_media_limits){0};
    if (out.max_packets <= 0)
        out.max_packets = AVQA_MEDIA_PACKETS_DEFAULT;
    if (out.wall_us <= 0)
        out.wall_us = AVQA_MEDIA_WALL_US_DEFAULT;
    if (out.max_duration_us <= 0)
        out.max_duration_us = AVQA_MEDIA_DURATION_US_DEFAULT;
    if (out.max_pixels <= 0)
        out.max_pixels = AVQA_MEDIA_PIXELS_DEFAULT;
    return out;
}

void avqa_verdict_set(struct avqa_verdict *verdict, enum avqa_media_outcome outcome,
                      const char *fmt, ...)
{
    char raw[AVQA_VERDICT_REASON];
    va_list args;
    if (outcome <= verdict->outcome)
        return;
    va_start(args, fmt);
    vsnprintf(raw, sizeof raw, fmt, args);
    va_end(args);
    avqa_status_escape(verdict->reason, sizeof verdict->reason, raw);
    verdict->outcome = outcome;
}

const char *avqa_media_outcome_name(enum avqa_media_outcome outcome)
{
    static const char *const names[] = {
        [AVQA_MEDIA_OK] = "ok",
        [AVQA_MEDIA_NO_AUDIO] = "no-audio",
        [AVQA_MEDIA_NO_VIDEO] = "no-video",
        [AVQA_MEDIA_DAMAGED] = "damaged",
        [AVQA_MEDIA_TRUNCATED] = "truncated",
        [AVQA_MEDIA_TOO_LONG] = "too-long",
        [AVQA_MEDIA_TOO_SLOW] = "too-slow",
        [AVQA_MEDIA_UNSUPPORTED] = "unsupported",
        [AVQA_MEDIA_NO_PACKETS] = "no-packets",
        [AVQA_MEDIA_CORRUPT] = "corrupt",
        [AVQA_MEDIA_NO_STREAMS] = "no-streams",
        [AVQA_MEDIA_NOT_MEDIA] = "not-media",
        [AVQA_MEDIA_NO_FILE] = "no-file",
        [AVQA_MEDIA_UNREADABLE] = "unreadable",
    };
    return names[outcome];
}
