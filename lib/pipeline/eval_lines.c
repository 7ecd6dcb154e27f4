/* See eval_lines.h. */
#include "pipeline/eval_lines.h"
#include "base/csv.h"
#include "base/rows.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct reader {
    const char *path, *id_key, *answer_key;
    avqa_eval_line_fn *fn;
    void *user;
};

/* ---- JSON ------------------------------------------------------------------------ */

/* A whole number in digits. */
static bool digits(const char *text, int64_t *out)
{
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 18 || text[n])
        return false;
    *out = strtoll(text, NULL, 10);
    return true;
}

/* A whole number, also as digits in a string. */
static bool whole_number(const struct avqa_json *node, int64_t *out)
{
    const char *text = avqa_json_string(node);
    return text ? digits(text, out) : avqa_json_int(node, out);
}

/* The text of an answer; numbers and truths as they are written. */
static enum avqa_status answer_text(struct avqa_buf *out, const struct avqa_json *node)
{
    avqa_buf_clear(out);
    if (avqa_json_type(node) == AVQA_JSON_ARRAY && avqa_json_count(node) == 1)
        node = avqa_json_first(node);
    switch (avqa_json_type(node)) {
    case AVQA_JSON_STRING:
        avqa_buf_adds(out, avqa_json_string(node));
        break;
    case AVQA_JSON_NUMBER:
    case AVQA_JSON_BOOL:
        avqa_json_print(out, node, 0);
        break;
    case AVQA_JSON_NULL:
        break;
    case AVQA_JSON_ARRAY:
    case AVQA_JSON_OBJECT:
        return avqa_fail(AVQA_EFORMAT, "its answer is %s, not a text",
                         avqa_json_type_name(node));
    }
    return avqa_buf_status(out);
}

/* "its keys are a, b, c", for who took another name. */
static enum avqa_status lacks(const struct avqa_json *row, const char *key,
                              const char *option)
{
    struct avqa_buf keys = AVQA_BUF_INIT;
    const struct avqa_json *m = avqa_json_first(row);
    for (size_t n = 0; m && n < 12 && avqa_json_key(m); m = avqa_json_next(m), n++)
        avqa_buf_addf(&keys, "%s%.40s", n ? ", " : "", avqa_json_key(m));
    enum avqa_status rc = avqa_fail(
        AVQA_EFORMAT, "it has no '%s', which is needed; %s says which key it is (%s)",
        key, option, keys.len ? avqa_buf_str(&keys) : "there are none");
    avqa_buf_release(&keys);
    return rc;
}

static enum avqa_status take_json(const struct reader *r, const struct avqa_json *row,
                                  struct avqa_buf *text)
{
    struct avqa_eval_line line = {0};
    const struct avqa_json *id = avqa_json_get(row, r->id_key);
    const struct avqa_json *answer = avqa_json_get(row, r->answer_key);
    line.has_row = whole_number(avqa_json_get(row, "row"), &line.row);
    line.has_id = whole_number(id, &line.id);
    if (!line.has_row && !id)
        return lacks(row, r->id_key, "--id-key");
    if (!line.has_row && !line.has_id)
        return avqa_fail(AVQA_EFORMAT, "'%s' is no whole number", r->id_key);
    if (!answer)
        return lacks(row, r->answer_key, "--answer-key");
    enum avqa_status rc = answer_text(text, answer);
    line.text = avqa_buf_str(text);
    return rc == AVQA_OK ? r->fn(r->user, &line) : rc;
}

/* Whether a row is the whole file as {"ID": ANSWER, ...}. */
static bool is_map(const struct avqa_json *row)
{
    int64_t id;
    const struct avqa_json *m = avqa_json_first(row);
    for (; m; m = avqa_json_next(m)) {
        if (!avqa_json_key(m) || !digits(avqa_json_key(m), &id))
            return false;
    }
    return avqa_json_count(row) > 0;
}

static enum avqa_status take_map(const struct reader *r, const struct avqa_json *row,
                                 struct avqa_buf *text)
{
    enum avqa_status rc = AVQA_OK;
    const struct avqa_json *m = avqa_json_first(row);
    for (; rc == AVQA_OK && m; m = avqa_json_next(m)) {
        struct avqa_eval_line line = {.has_id = true};
        bool is_id = digits(avqa_json_key(m), &line.id);
        assert(is_id); /* is_map saw to it */
        (void)is_id;
        rc = answer_text(text, m);
        line.text = avqa_buf_str(text);
        if (rc == AVQA_OK)
            rc = r->fn(r->user, &line);
        if (rc != AVQA_OK)
            rc = avqa_fail_in(rc, "question %" PRId64, line.id);
    }
    return rc;
}

static enum avqa_status read_json(const struct reader *r)
{
    struct avqa_rows *rows = NULL;
    struct avqa_buf text = AVQA_BUF_INIT;
    const struct avqa_json *row = NULL;
    enum avqa_status rc = avqa_rows_open(&rows, r->path);
    while (rc == AVQA_OK) {
        rc = avqa_rows_next(rows, &row);
        if (rc != AVQA_OK || !row)
            break;
        rc = is_map(row) ? take_map(r, row, &text) : take_json(r, row, &text);
        if (rc != AVQA_OK)
            rc = avqa_fail_in(rc, "%s: row %" PRId64, r->path, avqa_rows_number(rows));
    }
    avqa_rows_close(rows);
    avqa_buf_release(&text);
    return rc;
}

/* ---- CSV ------------------------------------------------------------------------- */

struct columns {
    size_t id, row, answer; /* or SIZE_MAX */
    size_t n;               /* of the head; a row may have fewer, not more */
};

static size_t column_of(const char *const *fields, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(fields[i], name) == 0)
            return i;
    }
    return SIZE_MAX;
}

/* A head of one cell that has another separator in it. */
static enum avqa_status check_separator(const char *head, char separator)
{
    static const char others[] = ";\t,|";
    for (const char *o = others; *o; o++) {
        if (*o == separator || !strchr(head, *o))
            continue;
        return avqa_fail(AVQA_EFORMAT, "its columns are separated by %s, not by %s; %s",
                         *o == '\t'  ? "tabs"
                         : *o == ';' ? "semicolons"
                         : *o == ',' ? "commas"
                                     : "bars",
                         separator == '\t' ? "tabs" : "commas",
                         *o == '\t'  ? "name it .tsv"
                         : *o == ',' ? "name it .csv"
                                     : "write it with commas, or with tabs as .tsv");
    }
    return AVQA_OK;
}

static enum avqa_status read_head(struct columns *out, const struct reader *r,
                                  const char *const *fields, size_t n, char separator)
{
    out->n = n;
    out->id = column_of(fields, n, r->id_key);
    out->row = column_of(fields, n, "row");
    out->answer = column_of(fields, n, r->answer_key);
    if (out->answer != SIZE_MAX && (out->id != SIZE_MAX || out->row != SIZE_MAX))
        return AVQA_OK;
    enum avqa_status rc = n == 1 ? check_separator(fields[0], separator) : AVQA_OK;
    if (rc != AVQA_OK)
        return rc;
    return avqa_fail(AVQA_EFORMAT,
                     "its first line must name the columns '%s' and '%s' (--id-key and "
                     "--answer-key say what they are called)",
                     r->id_key, r->answer_key);
}

static enum avqa_status take_fields(const struct reader *r,
                                    const struct columns *columns,
                                    const char *const *fields, size_t n)
{
    struct avqa_eval_line line = {0};
    if (n > columns->n)
        return avqa_fail(AVQA_EFORMAT,
                         "it has %zu cells and the first line %zu; an answer with a "
                         "separator in it stands in quotes: \"one, or two\"",
                         n, columns->n);
    line.has_row = columns->row < n && digits(fields[columns->row], &line.row);
    line.has_id = columns->id < n && digits(fields[columns->id], &line.id);
    line.text = columns->answer < n ? fields[columns->answer] : "";
    if (!line.has_row && !line.has_id)
        return avqa_fail(AVQA_EFORMAT, "'%s' is no whole number", r->id_key);
    return r->fn(r->user, &line);
}

static enum avqa_status read_csv(const struct reader *r, char separator)
{
    struct avqa_csv *csv = NULL;
    struct columns columns = {SIZE_MAX, SIZE_MAX, SIZE_MAX, 0};
    enum avqa_status rc = avqa_csv_open(&csv, r->path, separator);
    for (bool head = true; rc == AVQA_OK; head = false) {
        const char *const *fields;
        size_t n = 0;
        rc = avqa_csv_next(csv, &fields, &n);
        if (rc != AVQA_OK || n == 0)
            break;
        rc = head ? read_head(&columns, r, fields, n, separator)
                  : take_fields(r, &columns, fields, n);
        if (rc != AVQA_OK)
            rc = avqa_fail_in(rc, "%s: line %" PRId64, r->path, avqa_csv_line(csv));
    }
    avqa_csv_close(csv);
    return rc;
}

static bool ends_with(const char *path, const char *ending)
{
    size_t n = strlen(path);
    size_t k = strlen(ending);
    return n >= k && strcmp(path + n - k, ending) == 0;
}

/* Whether a file begins as JSON does; one that cannot be read says so elsewhere. */
static bool looks_like_json(const char *path)
{
    FILE *file = fopen(path, "rb");
    int c = file ? getc(file) : EOF;
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0xef || c == 0xbb ||
           c == 0xbf)
        c = getc(file);
    if (file)
        (void)fclose(file);
    return c == '{' || c == '[' || c == EOF;
}

enum avqa_status avqa_eval_lines(const char *path, const char *id_key,
                                 const char *answer_key, avqa_eval_line_fn *fn,
                                 void *user)
{
    const struct reader r = {path, id_key, answer_key, fn, user};
    if (ends_with(path, ".csv"))
        return read_csv(&r, ',');
    if (ends_with(path, ".tsv"))
        return read_csv(&r, '\t');
    struct stat st; /* a pipe can be read once only */
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && !looks_like_json(path))
        return avqa_fail(AVQA_EFORMAT,
                         "%s: it is read as JSON by its ending, and begins otherwise; "
                         "the name of a table must end in .csv or .tsv",
                         path);
    return read_json(&r);
}
