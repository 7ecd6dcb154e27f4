/* Doubling growth under a bound; the NUL behind the bytes is kept by every append. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct avqa_buf *buf, size_t more)
{
    size_t max = buf->max ? buf->max : AVQA_BUF_MAX_DEFAULT;
    if (buf->failed || more > max || buf->len > max - more) {
        buf->failed = true;
        return false;
    }
    size_t need = buf->len + more + 1;
    if (need <= buf->cap)
        return true;
    size_t cap = buf->cap ? buf->cap : 64;
    while (cap < need)
        cap *= 2;
    char *data = realloc(buf->data, cap);
    if (!data) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

void avqa_buf_release(struct avqa_buf *buf)
{
    free(buf->data);
    *buf = (struct avqa_buf){.max = buf->max};
}

void avqa_buf_clear(struct avqa_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->data)
        buf->data[0] = '\0';
}

void avqa_buf_add(struct avqa_buf *buf, const void *bytes, size_t len)
{
    if (!reserve(buf, len))
        return;
    if (len)
        memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void avqa_buf_adds(struct avqa_buf *buf, const char *text)
{
    avqa_buf_add(buf, text, strlen(text));
}

void avqa_buf_addc(struct avqa_buf *buf, char c)
{
    avqa_buf_add(buf, &c, 1);
}

void avqa_buf_addi(struct avqa_buf *buf, int64_t number)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (number < 0)
        digits[--at] = '-';
    avqa_buf_add(buf, digits + at, sizeof digits - at);
}

void avqa_buf_addf(struct avqa_buf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0 || !reserve(buf, (size_t)len)) {
        buf->failed = true;
        return;
    }
    va_start(args, fmt);
    vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, args);
    va_end(args);
    buf->len += (size_t)len;
}

enum avqa_status avqa_buf_status(const struct avqa_buf *buf)
{
    if (!buf->failed)
        return AVQA_OK;
    return avqa_fail(AVQA_ENOMEM, "out of memory at %zu bytes", buf->len);
}

const char *avqa_buf_str(const struct avqa_buf *buf)
{
    return buf->data ? buf->data : "";
}
