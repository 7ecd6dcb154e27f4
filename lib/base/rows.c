/* The window [at, end) of `data` holds what was read and not yet used. A row is found
 * by walking it once with a small state machine (in a string or not, how deep); cJSON
 * sees only the cut-out row, so its tree is never larger than one row. */
#include "base/rows.h"
#include "base/hash.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 256 << 10 };

enum layout { UNKNOWN, ARRAY, LINES, ENDED };

struct avqa_rows {
    int fd;
    char *path;
    char *data;
    size_t cap, at, end;
    bool eof;
    enum layout layout;
    int64_t number, bytes_read, bytes_total;
    struct avqa_json *row;
    struct avqa_sha256 *sha;
    char hex[AVQA_SHA256_HEX];
};

enum avqa_status avqa_rows_open(struct avqa_rows **out, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return avqa_fail(errno == ENOENT ? AVQA_ENOENT : AVQA_EIO,
                         "%s: cannot open: %s", path, strerror(errno));
    if (fstat(fd, &st) != 0 || S_ISDIR(st.st_mode)) {
        close(fd);
        return avqa_fail(AVQA_EINVAL, "%s: is a directory, not a file", path);
    }
    struct avqa_rows *r = avqa_mem_new(sizeof *r);
    r->fd = fd;
    r->path = avqa_mem_strdup(path);
    r->bytes_total = (int64_t)st.st_size;
    r->sha = avqa_sha256_new();
    *out = r;
    return AVQA_OK;
}

/* Reads another chunk behind the window, after moving the window to the front. */
static enum avqa_status fill(struct avqa_rows *r)
{
    if (r->at) {
        memmove(r->data, r->data + r->at, r->end - r->at);
        r->end -= r->at;
        r->at = 0;
    }
    enum avqa_status rc = avqa_mem_grow(&r->data, &r->cap, r->end + CHUNK, 1);
    if (rc != AVQA_OK)
        return rc;
    ssize_t n;
    do {
        n = read(r->fd, r->data + r->end, CHUNK);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return avqa_fail(AVQA_EIO, "%s: cannot read: %s", r->path, strerror(errno));
    avqa_sha256_add(r->sha, r->data + r->end, (size_t)n);
    r->end += (size_t)n;
    r->bytes_read += n;
    r->eof = n == 0;
    return AVQA_OK;
}

/* The next byte that is not white space into *c (not consumed); -1 at the end. */
static enum avqa_status peek(struct avqa_rows *r, int *c)
{
    for (;;) {
        while (r->at < r->end && r->data[r->at] && strchr(" \t\r\n", r->data[r->at]))
            r->at++;
        if (r->at < r->end) {
            *c = (unsigned char)r->data[r->at];
            return AVQA_OK;
        }
        if (r->eof) {
            *c = -1;
            return AVQA_OK;
        }
        enum avqa_status rc = fill(r);
        if (rc != AVQA_OK)
            return rc;
    }
}

static enum avqa_status start(struct avqa_rows *r)
{
    int c;
    enum avqa_status rc = fill(r);
    if (rc == AVQA_OK && r->end >= 3 && memcmp(r->data, "\xef\xbb\xbf", 3) == 0)
        r->at = 3;
    if (rc == AVQA_OK)
        rc = peek(r, &c);
    if (rc != AVQA_OK)
        return rc;
    if (c == '[') {
        r->layout = ARRAY;
        r->at++;
    } else if (c == '{') {
        r->layout = LINES;
    } else {
        return avqa_fail(AVQA_EFORMAT, "%s: %s", r->path,
                         c < 0 ? "is empty" : "is neither a JSON array nor JSON lines");
    }
    return AVQA_OK;
}

struct scan {
    size_t i; /* offset from the row's first byte, never inside a string */
    int depth;
};

/* Walks on over the window; true once the row is whole (then i is its length). A string
 * that the window cuts off is walked again once there is more. */
static bool scan_row(struct scan *s, const char *row, size_t len)
{
    while (s->i < len) {
        char c = row[s->i];
        if (c == '"') {
            size_t behind = avqa_json_skip_string(row, s->i + 1, len);
            if (behind > len)
                return false;
            s->i = behind;
            continue;
        }
        s->i++;
        if (c == '{' || c == '[')
            s->depth++;
        else if ((c == '}' || c == ']') && --s->depth == 0)
            return true;
        if (s->depth > AVQA_JSON_MAX_DEPTH)
            return false;
    }
    return false;
}

static enum avqa_status fail_row(const struct avqa_rows *r, const char *what)
{
    return avqa_fail(AVQA_EFORMAT, "%s: row %lld: %s", r->path, (long long)r->number,
                     what);
}

/* Cuts the row that starts at r->at; *len is its length. */
static enum avqa_status cut(struct avqa_rows *r, size_t *len)
{
    struct scan s = {0};
    while (!scan_row(&s, r->data + r->at, r->end - r->at)) {
        if (s.depth > AVQA_JSON_MAX_DEPTH)
            return fail_row(r, "brackets nested too deep");
        if (r->end - r->at > AVQA_ROWS_MAX_BYTES)
            return fail_row(r, "longer than 1 MiB");
        if (r->eof)
            return fail_row(r, "the file ends inside this row (was it cut?)");
        enum avqa_status rc = fill(r);
        if (rc != AVQA_OK)
            return rc;
    }
    if (s.i > AVQA_ROWS_MAX_BYTES)
        return fail_row(r, "longer than 1 MiB");
    *len = s.i;
    return AVQA_OK;
}

static enum avqa_status parse_row(struct avqa_rows *r, const struct avqa_json **row)
{
    size_t len = 0;
    enum avqa_status rc = cut(r, &len);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_json_check_text(r->data + r->at, len);
    if (rc == AVQA_OK)
        rc = avqa_json_parse_checked(&r->row, r->data + r->at, len);
    if (rc != AVQA_OK)
        return avqa_fail_in(rc, "%s: row %lld", r->path, (long long)r->number);
    r->at += len;
    *row = r->row;
    return AVQA_OK;
}

/* Only white space may follow; reads to the end so that the digest covers the file. */
static enum avqa_status finish(struct avqa_rows *r)
{
    int c;
    enum avqa_status rc = peek(r, &c);
    if (rc == AVQA_OK && c >= 0)
        rc = avqa_fail(AVQA_EFORMAT, "%s: something follows the closing bracket",
                       r->path);
    r->layout = ENDED;
    return rc;
}

/* Moves past the comma before the next row of an array, or notices its end. */
static enum avqa_status separator(struct avqa_rows *r, int *c)
{
    if (*c == ']' && r->layout == ARRAY) {
        r->at++;
        return finish(r);
    }
    if (r->layout == ARRAY && r->number > 0) {
        if (*c != ',')
            return avqa_fail(AVQA_EFORMAT, "%s: row %lld: %s", r->path,
                             (long long)r->number + 1,
                             *c < 0 ? "the file ends before the closing bracket"
                                    : "a comma is missing before this row");
        r->at++;
        return peek(r, c);
    }
    return AVQA_OK;
}

enum avqa_status avqa_rows_next(struct avqa_rows *r, const struct avqa_json **row)
{
    int c = -1;
    enum avqa_status rc = AVQA_OK;
    *row = NULL;
    avqa_json_free(r->row);
    r->row = NULL;
    if (r->layout == UNKNOWN)
        rc = start(r);
    if (rc == AVQA_OK && r->layout != ENDED)
        rc = peek(r, &c);
    if (rc == AVQA_OK && c < 0 && r->layout == LINES)
        rc = finish(r);
    if (rc == AVQA_OK && r->layout != ENDED)
        rc = separator(r, &c);
    if (rc != AVQA_OK || r->layout == ENDED)
        return rc;
    r->number++;
    if (c != '{')
        return fail_row(r, c < 0 ? "the file ends before the closing bracket"
                                 : "is not an object");
    return parse_row(r, row);
}

int64_t avqa_rows_number(const struct avqa_rows *rows)
{
    return rows->number;
}

int64_t avqa_rows_bytes_read(const struct avqa_rows *rows)
{
    return rows->bytes_read;
}

int64_t avqa_rows_bytes_total(const struct avqa_rows *rows)
{
    return rows->bytes_total;
}

const char *avqa_rows_sha256(struct avqa_rows *rows)
{
    if (!rows->hex[0])
        avqa_sha256_hex(rows->sha, rows->hex);
    return rows->hex;
}

void avqa_rows_close(struct avqa_rows *rows)
{
    if (!rows)
        return;
    close(rows->fd);
    avqa_json_free(rows->row);
    avqa_sha256_free(rows->sha);
    free(rows->data);
    free(rows->path);
    free(rows);
}
