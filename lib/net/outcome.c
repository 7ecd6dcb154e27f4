/* See outcome.h. */
#include "net/outcome.h"

#include <stdarg.h>
#include <stdio.h>

bool avqa_net_failed(const struct avqa_net_outcome *o)
{
    return o->class != AVQA_NET_DONE;
}

void avqa_net_fail(struct avqa_net_outcome *o, enum avqa_net_class class,
                   const char *reason, const char *fmt, ...)
{
    char raw[sizeof o->detail];
    va_list args;
    if (avqa_net_failed(o))
        return;
    o->class = class;
    snprintf(o->reason, sizeof o->reason, "%s", reason);
    va_start(args, fmt);
    vsnprintf(raw, sizeof raw, fmt, args);
    va_end(args);
    avqa_status_escape(o->detail, sizeof o->detail, raw); /* servers chose its bytes */
}

/* 408 and 425 ask to come again; of the 5xx, 501 and 505 will say the same tomorrow. */
static bool is_transient(int status)
{
    return status == 408 || status == 425 || status == 429 ||
           (status >= 500 && status != 501 && status != 505);
}

void avqa_net_fail_status(struct avqa_net_outcome *o, int http_status)
{
    char reason[sizeof o->reason];
    o->http_status = http_status;
    o->throttled = http_status == 429 || (http_status == 503 && o->retry_after_us >= 0);
    snprintf(reason, sizeof reason, "http-%d", http_status);
    avqa_net_fail(o,
                  is_transient(http_status) ? AVQA_NET_TRANSIENT : AVQA_NET_PERMANENT,
                  reason, "the server answered %d", http_status);
}

const char *avqa_net_class_name(enum avqa_net_class class)
{
    static const char *const names[] = {[AVQA_NET_DONE] = "done",
                                        [AVQA_NET_TRANSIENT] = "transient",
                                        [AVQA_NET_PERMANENT] = "permanent",
                                        [AVQA_NET_OURS] = "ours"};
    return names[class];
}
