/* Built on stdio's getc: manifests are small next to what they describe. */
#include "base/csv.h"
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
};

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
    int c = getc(file);
    if (c == 0xef && getc(file) == 0xbb && getc(file) == 0xbf)
        c = -2; /* a byte order mark, dropped */
    if (c != -2)
        rewind(file);
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
        int c = getc(csv->file);
        if (c == EOF)
            return fail_line(csv, "the file ends inside quotes");
        if (c == '\n')
            csv->line++;
        if (c == '"') {
            c = getc(csv->file);
            if (c != '"') {
                ungetc(c, csv->file);
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
    int c = getc(csv->file);
    if (c == '"') {
        rc = quoted(csv);
        c = getc(csv->file);
        if (rc == AVQA_OK && c != EOF && c != csv->separator && c != '\n' && c != '\r')
            rc = fail_line(csv, "text behind a closing quote");
    }
    for (; rc == AVQA_OK && c != EOF && c != '\n' && c != csv->separator;
         c = getc(csv->file)) {
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
        int c = getc(csv->file);
        if (c == EOF)
            return ferror(csv->file) ? avqa_fail(AVQA_EIO, "%s: cannot read: %s",
                                                 csv->path, strerror(errno))
                                     : AVQA_OK;
        ungetc(c, csv->file);
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

void avqa_csv_close(struct avqa_csv *csv)
{
    if (!csv)
        return;
    fclose(csv->file);
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
