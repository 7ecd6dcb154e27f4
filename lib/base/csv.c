/* A byte at a time out of a window of the file, so that a pipe serves as well as a file
 * and the digest covers every byte that was read. */
#include "base/csv.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct avqa_csv {
    FILE *file;
    char *path;
    char separator;
    int64_t line, record_line;
    struct avqa_buf bytes; /* the fields, each followed by a NUL */
    size_t starts[AVQA_CSV_MAX_FIELDS];
    const char *fields[AVQA_CSV_MAX_FIELDS];
    size_t n;
    unsigned char window[64 << 10];
    size_t at, end;
    int64_t bytes_read;
    struct avqa_sha256 *sha;
    char hex[AVQA_SHA256_HEX];
};

/* The next byte, or EOF. */
static int next(struct avqa_csv *csv)
{
    if (csv->at == csv->end) {
        csv->at = 0;
        csv->end = fread(csv->window, 1, sizeof csv->window, csv->file);
        csv->bytes_read += (int64_t)csv->end;
        avqa_sha256_add(csv->sha, csv->window, csv->end);
    }
    return csv->at < csv->end ? csv->window[csv->at++] : EOF;
}

/* Takes back the byte that `next` gave. */
static void unread(struct avqa_csv *csv, int c)
{
    csv->at -= c != EOF;
}

enum avqa_status avqa_csv_open(struct avqa_csv **out, const char *path, char separator)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        return avqa_fail(errno == ENOENT ? AVQA_ENOENT : AVQA_EIO,
                         "%s: cannot open: %s", path, strerror(errno));
    struct avqa_csv *csv = avqa_mem_new(sizeof *csv);
    csv->file = file;
    csv->path = avqa_mem_strdup(path);
    csv->separator = separator;
    csv->bytes.max = AVQA_CSV_MAX_RECORD_BYTES;
    csv->sha = avqa_sha256_new();
    unread(csv, next(csv));
    if (csv->end >= 3 && memcmp(csv->window, "\xef\xbb\xbf", 3) == 0)
        csv->at = 3; /* a byte order mark, dropped */
    *out = csv;
    return AVQA_OK;
}

static enum avqa_status fail_line(const struct avqa_csv *csv, const char *what)
{
    return avqa_fail(AVQA_EFORMAT, "%s: line %lld: %s", csv->path,
                     (long long)csv->record_line, what);
}

/* Reads the rest of a quoted field, from behind its opening quote. */
static enum avqa_status quoted(struct avqa_csv *csv)
{
    for (;;) {
        int c = next(csv);
        if (c == EOF)
            return fail_line(csv, "the file ends inside quotes");
        if (c == '\n')
            csv->line++;
        if (c == '"') {
            c = next(csv);
            if (c != '"') {
                unread(csv, c);
                return AVQA_OK;
            }
        }
        if (c == '\0')
            return fail_line(csv, "a NUL byte");
        avqa_buf_addc(&csv->bytes, (char)c);
        if (csv->bytes.failed)
            return fail_line(csv, "longer than 1 MiB");
    }
}

/* Reads one field; *last tells that the record ended behind it. */
static enum avqa_status field(struct avqa_csv *csv, bool *last)
{
    enum avqa_status rc = AVQA_OK;
    if (csv->n == AVQA_CSV_MAX_FIELDS)
        return fail_line(csv, "more than 256 fields");
    csv->starts[csv->n++] = csv->bytes.len;
    int c = next(csv);
    if (c == '"') {
        rc = quoted(csv);
        c = next(csv);
        if (rc == AVQA_OK && c != EOF && c != csv->separator && c != '\n' && c != '\r')
            rc = fail_line(csv, "text behind a closing quote");
    }
    for (; rc == AVQA_OK && c != EOF && c != '\n' && c != csv->separator;
         c = next(csv)) {
        if (c == '\0')
            rc = fail_line(csv, "a NUL byte");
        else if (c != '\r')
            avqa_buf_addc(&csv->bytes, (char)c);
        if (csv->bytes.failed)
            rc = fail_line(csv, "longer than 1 MiB");
    }
    csv->line += c == '\n';
    *last = c != csv->separator;
    avqa_buf_addc(&csv->bytes, '\0');
    return rc;
}

static enum avqa_status record(struct avqa_csv *csv)
{
    bool last = false;
    enum avqa_status rc = AVQA_OK;
    avqa_buf_clear(&csv->bytes);
    csv->n = 0;
    csv->record_line = csv->line + 1;
    while (rc == AVQA_OK && !last)
        rc = field(csv, &last);
    if (rc == AVQA_OK && ferror(csv->file))
        rc = avqa_fail(AVQA_EIO, "%s: cannot read: %s", csv->path, strerror(errno));
    if (rc == AVQA_OK && csv->bytes.failed)
        rc = fail_line(csv, "longer than 1 MiB");
    if (rc == AVQA_OK && !avqa_text_valid(csv->bytes.data, csv->bytes.len, NULL))
        rc = fail_line(csv, "not valid UTF-8");
    return rc;
}

enum avqa_status avqa_csv_next(struct avqa_csv *csv, const char *const **fields,
                               size_t *n)
{
    bool blank = true;
    *n = 0;
    while (blank) {
        int c = next(csv);
        if (c == EOF)
            return ferror(csv->file) ? avqa_fail(AVQA_EIO, "%s: cannot read: %s",
                                                 csv->path, strerror(errno))
                                     : AVQA_OK;
        unread(csv, c);
        enum avqa_status rc = record(csv);
        if (rc != AVQA_OK)
            return rc;
        blank = csv->n == 1 && csv->bytes.len == 1;
    }
    for (size_t i = 0; i < csv->n; i++)
        csv->fields[i] = csv->bytes.data + csv->starts[i];
    *fields = csv->fields;
    *n = csv->n;
    return AVQA_OK;
}

int64_t avqa_csv_line(const struct avqa_csv *csv)
{
    return csv->record_line;
}

int64_t avqa_csv_bytes_read(const struct avqa_csv *csv)
{
    return csv->bytes_read;
}

const char *avqa_csv_sha256(struct avqa_csv *csv)
{
    if (!csv->hex[0])
        avqa_sha256_hex(csv->sha, csv->hex);
    return csv->hex;
}

void avqa_csv_close(struct avqa_csv *csv)
{
    if (!csv)
        return;
    fclose(csv->file);
    avqa_sha256_free(csv->sha);
    avqa_buf_release(&csv->bytes);
    free(csv->path);
    free(csv);
}

void avqa_csv_add(struct avqa_buf *out, const char *text)
{
    if (!strpbrk(text, ",\t\"\r\n")) {
        avqa_buf_adds(out, text);
        return;
    }
    avqa_buf_addc(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            avqa_buf_addc(out, '"');
        avqa_buf_addc(out, *text);
    }
    avqa_buf_addc(out, '"');
}
