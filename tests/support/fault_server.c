/* See fault_server.h. A thread per connection, so that one may sleep. */
#include "fault_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <microhttpd.h>

enum { MAX_URLS = 8192, HEAD = 44, MAX_HEADERS = 24 };

struct header {
    char name[48], value[512];
};

struct counter {
    char *url;
    size_t n;
};

struct fault_server {
    struct MHD_Daemon *daemon;
    pthread_mutex_t lock;
    struct counter *counters; /* open addressing */
    size_t requests;
    size_t now, peak;
    struct header headers[MAX_HEADERS]; /* of the last request */
    size_t n_headers;
    atomic_int_least64_t bytes;
    atomic_bool stopping;
    const char *folder;
};

/* One body under way. */
struct body {
    struct fault_server *s;
    char name[64];
    int version;
    int64_t size, first, drop, drip; /* size: behind the last byte to send */
    int64_t whole;                   /* bytes of the file */
};

/* ---- files -------------------------------------------------------------------------
 */

static uint64_t mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t seed_of(const char *name, int version)
{
    uint64_t h = 14695981039346656037u;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 1099511628211u;
    return mix(h + (uint64_t)version);
}

static void put_le(unsigned char *at, uint64_t value, int n)
{
    for (int i = 0; i < n; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

/* A WAV file: sound that decodes, a byte a sample, so that it may have any length. */
static void fill_sound(unsigned char head[HEAD], int64_t size)
{
    memcpy(head, "RIFF....WAVEfmt ....\1\0\1\0........\1\0\x08\0data....", HEAD);
    put_le(head + 4, (uint64_t)size - 8, 4);
    put_le(head + 16, 16, 4);
    put_le(head + 24, 48000, 4);
    put_le(head + 28, 48000, 4);
    put_le(head + 40, (uint64_t)size - HEAD, 4);
}

/* An mp4 as far as its boxes go: ftyp, a moov without streams, and an mdat that has the
 * rest. */
static void fill_hollow(unsigned char head[HEAD], int64_t size)
{
    uint32_t mdat = htonl((uint32_t)(size - 24));
    memset(head, 0, HEAD);
    memcpy(head,
           "\0\0\0\x10"
           "ftypisom\0\0\0\0"
           "\0\0\0\x08"
           "moov",
           24);
    memcpy(head + 24, &mdat, 4);
    memcpy(head + 28, "mdat", 4);
}

void fault_server_content(const char *name, int version, int64_t size, int64_t at,
                          void *out, size_t len)
{
    unsigned char head[HEAD];
    unsigned char *bytes = out;
    uint64_t seed = seed_of(name, version);
    if (strncmp(name, "hollow", 6) == 0)
        fill_hollow(head, size);
    else
        fill_sound(head, size);
    for (size_t i = 0; i < len; i++) {
        uint64_t p = (uint64_t)at + i;
        bytes[i] =
            p < HEAD ? head[p] : (unsigned char)(mix(seed ^ (p / 8)) >> (8 * (p % 8)));
    }
}

/* ---- what a request asks for -------------------------------------------------------
 */

static const char *asked(struct MHD_Connection *c, const char *key)
{
    return MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, key);
}

static int64_t number(struct MHD_Connection *c, const char *key, int64_t otherwise)
{
    const char *text = asked(c, key);
    return text ? strtoll(text, NULL, 10) : otherwise;
}

/* Counts a request of this URL; how many there were before. */
static size_t count(struct fault_server *s, const char *url)
{
    pthread_mutex_lock(&s->lock);
    size_t i = seed_of(url, 0) % MAX_URLS;
    while (s->counters[i].url && strcmp(s->counters[i].url, url) != 0)
        i = (i + 1) % MAX_URLS;
    if (!s->counters[i].url)
        s->counters[i].url = strdup(url);
    size_t before = s->counters[i].n++;
    s->requests++;
    pthread_mutex_unlock(&s->lock);
    return before;
}

struct text {
    char s[2048];
    size_t len;
};

static enum MHD_Result add_argument(void *user, enum MHD_ValueKind kind,
                                    const char *key, const char *value)
{
    struct text *t = user;
    (void)kind;
    int n = snprintf(t->s + t->len, sizeof t->s - t->len, "%c%s%s%s",
                     strchr(t->s, '?') ? '&' : '?', key, value ? "=" : "",
                     value ? value : "");
    if (n > 0 && (size_t)n < sizeof t->s - t->len)
        t->len += (size_t)n;
    return MHD_YES;
}

static enum MHD_Result keep_header(void *user, enum MHD_ValueKind kind,
                                   const char *name, const char *value)
{
    struct fault_server *s = user;
    (void)kind;
    if (s->n_headers == MAX_HEADERS)
        return MHD_NO;
    struct header *h = &s->headers[s->n_headers++];
    snprintf(h->name, sizeof h->name, "%s", name);
    snprintf(h->value, sizeof h->value, "%s", value);
    return MHD_YES;
}

static void keep_headers(struct fault_server *s, struct MHD_Connection *c)
{
    pthread_mutex_lock(&s->lock);
    s->n_headers = 0;
    MHD_get_connection_values(c, MHD_HEADER_KIND, keep_header, s);
    pthread_mutex_unlock(&s->lock);
}

const char *fault_server_header(struct fault_server *s, const char *name)
{
    for (size_t i = 0; i < s->n_headers; i++) {
        if (strcasecmp(s->headers[i].name, name) == 0)
            return s->headers[i].value;
    }
    return "";
}

/* ---- answers -----------------------------------------------------------------------
 */

static void add(struct MHD_Response *r, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void add(struct MHD_Response *r, const char *name, const char *fmt, ...)
{
    char value[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(value, sizeof value, fmt, args);
    va_end(args);
    MHD_add_response_header(r, name, value);
}

static void add_date(struct MHD_Response *r, const char *name, int64_t from_now_s)
{
    char text[64];
    struct tm tm;
    time_t t = time(NULL) + (time_t)from_now_s;
    gmtime_r(&t, &tm);
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    add(r, name, "%s", text);
}

static enum MHD_Result reply(struct MHD_Connection *c, unsigned status,
                             struct MHD_Response *r)
{
    enum MHD_Result ok = MHD_queue_response(c, status, r);
    MHD_destroy_response(r);
    return ok;
}

static enum MHD_Result send_page(struct MHD_Connection *c, unsigned status,
                                 const char *type)
{
    static const char page[] = "<!DOCTYPE html><html><head><title>No video</title>"
                               "</head><body>It is not here.</body></html>";
    struct MHD_Response *r = MHD_create_response_from_buffer(
        sizeof page - 1, (void *)(uintptr_t)page, MHD_RESPMEM_PERSISTENT);
    add(r, "Content-Type", "%s", type);
    if (number(c, "retry", -1) >= 0)
        add(r, "Retry-After", "%" PRId64, number(c, "retry", 0));
    if (asked(c, "retrydate"))
        add_date(r, "Retry-After", number(c, "retrydate", 0));
    return reply(c, status, r);
}

static enum MHD_Result send_redirect(struct MHD_Connection *c, const char *to)
{
    struct MHD_Response *r =
        MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    add(r, "Location", "%s", to);
    return reply(c, 302, r);
}

/* A page with a video in it, as sites have them. */
static enum MHD_Result send_watch(struct MHD_Connection *c)
{
    char page[512];
    snprintf(page, sizeof page,
             "<!DOCTYPE html><html><head><title>A song</title></head><body><video "
             "src=\"/f/%s.mp4?size=%" PRId64 "\"></video></body></html>",
             asked(c, "name") ? asked(c, "name") : "song", number(c, "size", 50000));
    struct MHD_Response *r =
        MHD_create_response_from_buffer(strlen(page), page, MHD_RESPMEM_MUST_COPY);
    add(r, "Content-Type", "text/html");
    return reply(c, 200, r);
}

static void nap_ms(struct fault_server *s, int ms)
{
    for (; ms > 0 && !s->stopping; ms -= 10)
        usleep(10000);
}

static ssize_t read_body(void *user, uint64_t pos, char *out, size_t max)
{
    struct body *b = user;
    int64_t left = b->size - b->first - (int64_t)pos;
    if (b->s->stopping)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (b->drop >= 0 && (int64_t)pos >= b->drop)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (left <= 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (b->drop >= 0 && (int64_t)max > b->drop - (int64_t)pos)
        max = (size_t)(b->drop - (int64_t)pos);
    if (b->drip && (int64_t)max > b->drip)
        max = (size_t)b->drip;
    if ((int64_t)max > left)
        max = (size_t)left;
    if (b->drip)
        nap_ms(b->s, 50);
    fault_server_content(b->name, b->version, b->whole, b->first + (int64_t)pos, out,
                         max);
    b->s->bytes += (int64_t)max;
    return (ssize_t)max;
}

static void free_body(void *user)
{
    struct body *b = user;
    pthread_mutex_lock(&b->s->lock);
    b->s->now--;
    pthread_mutex_unlock(&b->s->lock);
    free(b);
}

static const char *header(struct MHD_Connection *c, const char *name)
{
    const char *value = MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
    return value ? value : "";
}

/* The bytes asked for: *first to *last; false without a range, or if If-Range names
 * another version. */
static bool asked_range(struct MHD_Connection *c, const char *etag,
                        const char *modified, int64_t size, int64_t *first,
                        int64_t *last)
{
    const char *range = header(c, "Range");
    const char *if_range = header(c, "If-Range");
    *first = 0;
    *last = size - 1;
    if (strncmp(range, "bytes=", 6) != 0 || asked(c, "norange"))
        return false;
    if (*if_range && strcmp(if_range, etag) != 0 && strcmp(if_range, modified) != 0)
        return false;
    int64_t n = strtoll(range + 6, NULL, 10);
    const char *dash = strchr(range + 7, '-');
    *first = n >= 0 ? n : size + n > 0 ? size + n : 0;
    if (n >= 0 && dash && dash[1] && strtoll(dash + 1, NULL, 10) < *last)
        *last = strtoll(dash + 1, NULL, 10);
    return n != 0 || (dash && dash[1]); /* "bytes=0-" is all of it */
}

static void add_validators(struct MHD_Connection *c, struct MHD_Response *r,
                           const char *etag, const char *modified)
{
    if (asked(c, "noval"))
        return;
    add(r, "Last-Modified", "%s", modified);
    if (!asked(c, "date"))
        add(r, "ETag", "%s", etag);
}

static enum MHD_Result send_file(struct fault_server *s, struct MHD_Connection *c,
                                 const char *name, bool fault, int version)
{
    char etag[32];
    char modified[64];
    int64_t size = number(c, "size", 1000);
    snprintf(etag, sizeof etag, "\"v%d-%" PRId64 "\"", version, size);
    snprintf(modified, sizeof modified, "Mon, 01 Jan 2024 00:00:%02d GMT",
             version % 60);
    int64_t first;
    int64_t last;
    unsigned status = asked_range(c, etag, modified, size, &first, &last) ? 206 : 200;
    if (first >= size) {
        struct MHD_Response *r =
            MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
        add(r, "Content-Range", "bytes */%" PRId64, size);
        return reply(c, 416, r);
    }
    struct body *b = calloc(1, sizeof *b);
    *b = (struct body){.s = s,
                       .version = version,
                       .size = last + 1,
                       .first = first,
                       .drop = -1,
                       .whole = size};
    snprintf(b->name, sizeof b->name, "%.*s", (int)strcspn(name, "."), name);
    if (fault && asked(c, "drop"))
        b->drop = number(c, "drop", 0);
    if (fault)
        b->drip = number(c, "drip", 0);
    uint64_t length = (uint64_t)(last + 1 - first);
    if (fault && asked(c, "claim"))
        length = (uint64_t)number(c, "claim", 0);
    pthread_mutex_lock(&s->lock);
    if (++s->now > s->peak)
        s->peak = s->now;
    pthread_mutex_unlock(&s->lock);
    struct MHD_Response *r = MHD_create_response_from_callback(
        asked(c, "nolength") ? MHD_SIZE_UNKNOWN : length, 64 << 10, read_body, b,
        free_body);
    add(r, "Content-Type", "video/mp4");
    add_validators(c, r, etag, modified);
    if (fault && asked(c, "gzip"))
        add(r, "Content-Encoding", "gzip");
    if (status == 206)
        add(r, "Content-Range", "bytes %" PRId64 "-%" PRId64 "/%" PRId64,
            first - (asked(c, "wrongrange") ? 1 : 0), last, size);
    return reply(c, status, r);
}

/* A file of the folder. */
static enum MHD_Result send_stored(struct fault_server *s, struct MHD_Connection *c,
                                   const char *name)
{
    char path[1024];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", s->folder ? s->folder : "/nowhere", name);
    int fd = strchr(name, '/') ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        if (fd >= 0)
            close(fd);
        return send_page(c, 404, "text/html");
    }
    return reply(c, 200, MHD_create_response_from_fd((uint64_t)st.st_size, fd));
}

static enum MHD_Result answer(void *user, struct MHD_Connection *c, const char *path,
                              const char *method, const char *http, const char *upload,
                              size_t *upload_size, void **state)
{
    struct fault_server *s = user;
    struct text url = {.len = 0};
    (void)method, (void)http, (void)upload, (void)upload_size;
    if (!*state) { /* the headers; the request is whole the next time */
        *state = s;
        return MHD_YES;
    }
    keep_headers(s, c);
    url.len = (size_t)snprintf(url.s, sizeof url.s, "%s", path);
    MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, add_argument, &url);
    size_t before = count(s, url.s);
    int64_t times = number(c, "times", -1);
    bool fault = times < 0 || (int64_t)before < times;
    int version = (int)number(c, "v", 0);
    if (asked(c, "change"))
        version += (int)before >= (times < 0 ? 1 : times) ? 1 : 0;
    if (fault && asked(c, "hang"))
        nap_ms(s, 600000);
    if (fault && asked(c, "loop"))
        return send_redirect(c, url.s);
    if (fault && asked(c, "to"))
        return send_redirect(c, asked(c, "to"));
    if (fault && asked(c, "status"))
        return send_page(c, (unsigned)number(c, "status", 500), "text/html");
    if (fault && asked(c, "html"))
        return send_page(c, 200, "video/mp4");
    if (strcmp(path, "/watch") == 0)
        return send_watch(c);
    if (strncmp(path, "/r/", 3) == 0)
        return send_stored(s, c, path + 3);
    if (strncmp(path, "/f/", 3) != 0)
        return send_page(c, 404, "text/html");
    return send_file(s, c, path + 3, fault, version);
}

/* ---- the server --------------------------------------------------------------------
 */

static void quiet(void *user, const char *fmt, va_list args)
{
    (void)user, (void)fmt, (void)args;
}

struct fault_server *fault_server_start(const char *key, const char *certificate)
{
    struct fault_server *s = calloc(1, sizeof *s);
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
                     MHD_USE_ERROR_LOG | (key ? MHD_USE_TLS : 0);
    s->counters = calloc(MAX_URLS, sizeof *s->counters);
    pthread_mutex_init(&s->lock, NULL);
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)key},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)certificate},
        {MHD_OPTION_END, 0, NULL}};
    s->daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, answer, s, MHD_OPTION_EXTERNAL_LOGGER,
                         quiet, NULL, MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_ARRAY,
                         key ? tls : tls + 2, MHD_OPTION_END);
    if (!s->daemon) {
        fault_server_stop(s);
        return NULL;
    }
    return s;
}

void fault_server_folder(struct fault_server *s, const char *folder)
{
    s->folder = folder;
}

int fault_server_port(const struct fault_server *s)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

void fault_server_stop(struct fault_server *s)
{
    if (!s)
        return;
    s->stopping = true;
    if (s->daemon)
        MHD_stop_daemon(s->daemon);
    for (size_t i = 0; i < MAX_URLS; i++)
        free(s->counters[i].url);
    free(s->counters);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

size_t fault_server_requests(struct fault_server *s, const char *url)
{
    size_t n = 0;
    pthread_mutex_lock(&s->lock);
    if (!url)
        n = s->requests;
    for (size_t i = 0; url && i < MAX_URLS; i++) {
        if (s->counters[i].url && strcmp(s->counters[i].url, url) == 0)
            n = s->counters[i].n;
    }
    pthread_mutex_unlock(&s->lock);
    return n;
}

size_t fault_server_peak(struct fault_server *s)
{
    pthread_mutex_lock(&s->lock);
    size_t n = s->peak;
    pthread_mutex_unlock(&s->lock);
    return n;
}

int64_t fault_server_bytes(struct fault_server *s)
{
    return s->bytes;
}
