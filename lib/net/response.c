/* See response.h. Dates are read by libcurl, which knows the three forms of HTTP. */
#include "net/response.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

void avqa_response_init(struct avqa_response *r)
{
    *r = (struct avqa_response){.length = -1,
                                .range_first = -1,
                                .range_last = -1,
                                .range_total = -1,
                                .retry_after_s = -1,
                                .retry_at_s = -1,
                                .date_s = -1,
                                .modified_s = -1};
}

/* A decimal number of at most 18 digits at *s, which moves behind it; -1 if none. */
static int64_t parse_number(const char **s)
{
    int64_t n = 0;
    size_t digits = strspn(*s, "0123456789");
    if (digits == 0 || digits > 18)
        return -1;
    for (size_t i = 0; i < digits; i++)
        n = n * 10 + ((*s)[i] - '0');
    *s += digits;
    return n;
}

static int64_t whole_number(const char *s)
{
    int64_t n = parse_number(&s);
    return *s == '\0' ? n : -1;
}

/* "bytes 5-9/10", "bytes 5-9/" and a star for an unknown total, or a star for the range
 * where there is none to give. All of it is believed or nothing. */
static void parse_range(struct avqa_response *r, const char *s)
{
    int64_t first = -1;
    int64_t last = -1;
    r->range_first = r->range_last = r->range_total = -1;
    if (strncasecmp(s, "bytes ", 6) != 0)
        return;
    s += 6;
    if (*s == '*') {
        s++;
    } else {
        first = parse_number(&s);
        if (first < 0 || *s++ != '-')
            return;
        last = parse_number(&s);
        if (last < first)
            return;
    }
    if (*s++ != '/')
        return;
    int64_t total = strcmp(s, "*") == 0 ? -1 : whole_number(s);
    if ((total < 0 && strcmp(s, "*") != 0) || (total >= 0 && last >= total))
        return;
    r->range_first = first;
    r->range_last = last;
    r->range_total = total;
}

static int64_t parse_date(const char *value)
{
    time_t t = curl_getdate(value, NULL);
    return t >= 0 ? (int64_t)t : -1;
}

/* A validator that is too long, or could not be sent back, is none. */
static void keep(char *out, size_t size, const char *value)
{
    size_t n = strlen(value);
    out[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)value[i] < ' ' || value[i] == 0x7f)
            return;
    }
    if (n < size)
        memcpy(out, value, n + 1);
}

static void take(struct avqa_response *r, const char *name, const char *value)
{
    if (strcasecmp(name, "Content-Length") == 0) {
        r->length = whole_number(value);
    } else if (strcasecmp(name, "Content-Range") == 0) {
        parse_range(r, value);
    } else if (strcasecmp(name, "ETag") == 0) {
        keep(r->etag, sizeof r->etag, value);
    } else if (strcasecmp(name, "Last-Modified") == 0) {
        keep(r->modified, sizeof r->modified, value);
        r->modified_s = parse_date(value);
    } else if (strcasecmp(name, "Date") == 0) {
        r->date_s = parse_date(value);
    } else if (strcasecmp(name, "Retry-After") == 0) {
        r->retry_after_s = whole_number(value);
        r->retry_at_s = r->retry_after_s < 0 ? parse_date(value) : -1;
    } else if (strcasecmp(name, "Content-Encoding") == 0) {
        r->encoded = *value && strcasecmp(value, "identity") != 0;
    }
}

/* "HTTP/1.1 206 Partial Content", "HTTP/2 206" */
static bool read_status(struct avqa_response *r, const char *line)
{
    if (strncmp(line, "HTTP/", 5) != 0)
        return false;
    avqa_response_init(r);
    const char *s = line + strcspn(line, " ");
    s += strspn(s, " ");
    int64_t status = parse_number(&s);
    r->status = status >= 100 && status <= 999 ? (int)status : 0;
    return true;
}

void avqa_response_line(struct avqa_response *r, const char *line, size_t len)
{
    char text[1024];
    while (len && strchr("\r\n \t", line[len - 1]) && line[len - 1])
        len--;
    if (len == 0 || len >= sizeof text || memchr(line, '\0', len))
        return;
    memcpy(text, line, len);
    text[len] = '\0';
    char *colon = strchr(text, ':');
    if (read_status(r, text) || !colon)
        return;
    *colon = '\0';
    take(r, text, colon + 1 + strspn(colon + 1, " \t"));
}

void avqa_response_validator(const struct avqa_response *r,
                             char out[AVQA_VALIDATOR_MAX])
{
    out[0] = '\0';
    if (r->etag[0] == '"')
        snprintf(out, AVQA_VALIDATOR_MAX, "%s", r->etag);
    else if (r->modified_s >= 0 && r->date_s > r->modified_s)
        snprintf(out, AVQA_VALIDATOR_MAX, "%s", r->modified);
}

int64_t avqa_response_retry_after(const struct avqa_response *r, int64_t now_us)
{
    const int64_t most = 365LL * 86400; /* keeps the product in range */
    int64_t wait_s = r->retry_after_s;
    if (wait_s < 0 && r->retry_at_s >= 0)
        wait_s = r->retry_at_s - now_us / 1000000;
    else if (wait_s < 0)
        return -1;
    if (wait_s < 0)
        wait_s = 0;
    return (wait_s < most ? wait_s : most) * 1000000;
}

int64_t avqa_response_total(const struct avqa_response *r)
{
    return r->status == 206 || r->status == 416 ? r->range_total : r->length;
}

/* Whether the response is of the version that was received before. */
static bool same_version(const struct avqa_response *r, const struct avqa_partial *have)
{
    int64_t total = avqa_response_total(r);
    bool by_tag = have->validator[0] == '"';
    const char *now = by_tag ? r->etag : r->modified;
    return (total < 0 || have->total < 0 || total == have->total) &&
           (!*now || strcmp(now, have->validator) == 0);
}

enum avqa_verdict avqa_response_judge(const struct avqa_response *r,
                                      const struct avqa_partial *have)
{
    if (r->status == 200)
        return AVQA_VERDICT_WHOLE;
    if (have->bytes == 0 || (r->status != 206 && r->status != 416))
        return AVQA_VERDICT_REFUSED;
    if (!same_version(r, have))
        return AVQA_VERDICT_AGAIN;
    int64_t total = avqa_response_total(r);
    if (r->status == 416) {
        int64_t whole = total >= 0 ? total : have->total;
        return whole == have->bytes ? AVQA_VERDICT_COMPLETE : AVQA_VERDICT_AGAIN;
    }
    bool to_end = total < 0 || r->range_last == total - 1;
    return r->range_first == have->bytes && to_end ? AVQA_VERDICT_CONTINUE
                                                   : AVQA_VERDICT_AGAIN;
}
