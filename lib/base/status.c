/* One message buffer per thread. Text from outside may end up in a message, so control
 * bytes are written as \xNN: an error stays one line whatever a file contains. */
#include "base/status.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_BYTES = 1024 };

static _Thread_local char message[MESSAGE_BYTES];

/* Length of the UTF-8 sequence at s, or 0 if it is not one: cut, overlong, a surrogate
 * or beyond U+10FFFF. */
static size_t sequence_len(const unsigned char *s)
{
    size_t n = s[0] < 0x80   ? 1
               : s[0] < 0xc2 ? 0
               : s[0] < 0xe0 ? 2
               : s[0] < 0xf0 ? 3
               : s[0] < 0xf5 ? 4
                             : 0;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool beyond = (s[0] == 0xed && s[1] >= 0xa0) || (s[0] == 0xf4 && s[1] >= 0x90);
    return overlong || beyond ? 0 : n;
}

void avqa_status_escape(char *out, size_t size, const char *raw)
{
    size_t at = 0;
    for (const unsigned char *s = (const unsigned char *)raw; *s;) {
        size_t n = sequence_len(s);
        bool plain = n > 1 || (n == 1 && *s >= 0x20 && *s != 0x7f);
        if (at + 5 >= size)
            break;
        if (plain) {
            memcpy(out + at, s, n);
            at += n;
            s += n;
        } else {
            at += (size_t)snprintf(out + at, 5, "\\x%02x", *s);
            s++;
        }
    }
    out[at] = '\0';
}

enum avqa_status avqa_fail(enum avqa_status code, const char *fmt, ...)
{
    char raw[MESSAGE_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(raw, sizeof raw, fmt, args);
    va_end(args);
    avqa_status_escape(message, sizeof message, raw);
    return code;
}

enum avqa_status avqa_fail_in(enum avqa_status code, const char *fmt, ...)
{
    char context[MESSAGE_BYTES / 4];
    char raw[2 * MESSAGE_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(context, sizeof context, fmt, args);
    va_end(args);
    snprintf(raw, sizeof raw, "%s: %s", context, message);
    avqa_status_escape(message, sizeof message, raw);
    return code;
}

const char *avqa_message(void)
{
    return message;
}
