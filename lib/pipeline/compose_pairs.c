/* See compose_pairs.h. */
#include "pipeline/compose_pairs.h"
#include "base/csv.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/rows.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SIZE = 26 };

static bool is_place(const char *column, size_t place)
{
    char lower = (char)('a' + (int)place);
    return (column[0] == lower || column[0] == lower - 'a' + 'A') && column[1] == '\0';
}

/* A new row of empty names. */
static enum avqa_status add_row(struct avqa_compose_pairs *out, const char ***row)
{
    size_t need = (out->n + 1) * out->size;
    enum avqa_status rc =
        avqa_mem_grow(&out->names, &out->cap, need, sizeof *out->names);
    if (rc != AVQA_OK)
        return rc;
    *row = out->names + out->n * out->size;
    for (size_t i = 0; i < out->size; i++)
        (*row)[i] = "";
    out->n++;
    return AVQA_OK;
}

static enum avqa_status read_header(size_t columns[MAX_SIZE], struct avqa_csv *csv,
                                    const char *path, size_t size, size_t *n)
{
    const char *const *fields;
    enum avqa_status rc = avqa_csv_next(csv, &fields, n);
    for (size_t place = 0; rc == AVQA_OK && place < size; place++) {
        columns[place] = *n;
        for (size_t i = 0; i < *n; i++) {
            if (is_place(fields[i], place))
                columns[place] = i;
        }
        if (columns[place] == *n)
            rc = avqa_fail(AVQA_EFORMAT, "%s: the first line names no column '%c'",
                           path, 'a' + (int)place);
    }
    return rc;
}

static enum avqa_status read_csv(struct avqa_compose_pairs *out, const char *path,
                                 char separator)
{
    struct avqa_csv *csv;
    size_t columns[MAX_SIZE];
    size_t n_columns;
    enum avqa_status rc = avqa_csv_open(&csv, path, separator);
    if (rc != AVQA_OK)
        return rc;
    rc = read_header(columns, csv, path, out->size, &n_columns);
    while (rc == AVQA_OK) {
        const char *const *fields;
        const char **row = NULL;
        size_t n;
        rc = avqa_csv_next(csv, &fields, &n);
        if (rc != AVQA_OK || n == 0)
            break;
        if (n != n_columns)
            rc = avqa_fail(AVQA_EFORMAT,
                           "%s: line %lld: %zu field%s, the first line has %zu", path,
                           (long long)avqa_csv_line(csv), n,
                           avqa_text_plural((int64_t)n), n_columns);
        if (rc == AVQA_OK)
            rc = add_row(out, &row);
        for (size_t i = 0; rc == AVQA_OK && i < out->size; i++)
            row[i] = avqa_arena_strdup(&out->arena, fields[columns[i]]);
    }
    avqa_csv_close(csv);
    return rc;
}

static enum avqa_status take_object(struct avqa_compose_pairs *out, const char *path,
                                    int64_t number, const struct avqa_json *object)
{
    const char **row;
    enum avqa_status rc = add_row(out, &row);
    for (size_t i = 0; rc == AVQA_OK && i < out->size; i++) {
        const char *name = NULL;
        for (const struct avqa_json *m = avqa_json_first(object); m;
             m = avqa_json_next(m)) {
            if (avqa_json_key(m) && is_place(avqa_json_key(m), i))
                name = avqa_json_string(m);
        }
        if (!name)
            return avqa_fail(AVQA_EFORMAT, "%s: row %lld: has no string '%c'", path,
                             (long long)number, 'a' + (int)i);
        row[i] = avqa_arena_strdup(&out->arena, name);
    }
    return rc;
}

static enum avqa_status read_rows(struct avqa_compose_pairs *out, const char *path)
{
    struct avqa_rows *rows;
    enum avqa_status rc = avqa_rows_open(&rows, path);
    if (rc != AVQA_OK)
        return rc;
    while (rc == AVQA_OK) {
        const struct avqa_json *object;
        rc = avqa_rows_next(rows, &object);
        if (rc != AVQA_OK || !object)
            break;
        rc = take_object(out, path, avqa_rows_number(rows), object);
    }
    avqa_rows_close(rows);
    return rc;
}

static bool ends_in(const char *path, const char *suffix)
{
    size_t len = strlen(path);
    size_t n = strlen(suffix);
    return len >= n && strcmp(path + len - n, suffix) == 0;
}

enum avqa_status avqa_compose_pairs_read(struct avqa_compose_pairs *out,
                                         const char *path, size_t size)
{
    *out = (struct avqa_compose_pairs){.size = size};
    if (size < 1 || size > MAX_SIZE)
        return avqa_fail(AVQA_EINVAL, "%zu columns are asked for", size);
    if (avqa_io_is_dir(path))
        return avqa_fail(AVQA_EINVAL, "%s: is a directory, not a file", path);
    if (ends_in(path, ".jsonl") || ends_in(path, ".json"))
        return read_rows(out, path);
    return read_csv(out, path, ends_in(path, ".tsv") ? '\t' : ',');
}

void avqa_compose_pairs_release(struct avqa_compose_pairs *pairs)
{
    free(pairs->names);
    avqa_arena_release(&pairs->arena);
    *pairs = (struct avqa_compose_pairs){0};
}
