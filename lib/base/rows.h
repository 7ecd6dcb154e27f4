/* A file of rows, read one at a time in bounded memory: a JSON array of objects or JSON
 * lines. A file of ten million rows costs no more memory than its longest row.
 *
 * Each row is cut out of the stream, checked (size, depth, UTF-8) and only then parsed.
 * Messages name file and row, counted from 1. */
#ifndef AVQA_BASE_ROWS_H
#define AVQA_BASE_ROWS_H

#include "base/json.h"
#include "base/status.h"

#include <stdint.h>

struct avqa_rows;

#define AVQA_ROWS_MAX_BYTES ((size_t)1 << 20) /* of one row */

/* Opens `path`. A UTF-8 byte order mark is skipped. `*out` is yours. */
AVQA_CHECK enum avqa_status avqa_rows_open(struct avqa_rows **out, const char *path);

/* The next row, or NULL behind the last one. Borrowed until the next call. A file that
 * ends inside a row, or before the array's bracket, is AVQA_EFORMAT. */
AVQA_CHECK enum avqa_status avqa_rows_next(struct avqa_rows *rows,
                                           const struct avqa_json **row);

int64_t avqa_rows_number(const struct avqa_rows *rows);     /* of the row in hand */
int64_t avqa_rows_bytes_read(const struct avqa_rows *rows); /* so far */
int64_t avqa_rows_bytes_total(const struct avqa_rows *rows);

/* SHA-256 of the whole file, once the last row was read: 64 digits. Borrowed. */
const char *avqa_rows_sha256(struct avqa_rows *rows);

void avqa_rows_close(struct avqa_rows *rows); /* NULL is legal */

#endif
