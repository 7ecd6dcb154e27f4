/* Comma- or tab-separated files, as RFC 4180 and spreadsheets write them: quoted
 * fields, doubled quotes, line breaks inside quotes, CRLF, a byte order mark. Read a
 * record at a time in bounded memory; and the writer's one rule: quote what needs it.
 */
#ifndef AVQA_BASE_CSV_H
#define AVQA_BASE_CSV_H

#include "base/buf.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

struct avqa_csv;

#define AVQA_CSV_MAX_RECORD_BYTES ((size_t)1 << 20)
#define AVQA_CSV_MAX_FIELDS 256

/* Opens `path`; fields are separated by `separator` (',' or '\t'). `*out` is yours. */
AVQA_CHECK enum avqa_status avqa_csv_open(struct avqa_csv **out, const char *path,
                                          char separator);

/* The next record's fields (borrowed until the next call), or *n = 0 behind the last.
 * Blank lines are passed over. AVQA_EFORMAT names file and line. */
AVQA_CHECK enum avqa_status avqa_csv_next(struct avqa_csv *csv,
                                          const char *const **fields, size_t *n);

/* Line of the file on which the record in hand starts, from 1. */
int64_t avqa_csv_line(const struct avqa_csv *csv);

/* How many bytes were read, and their SHA-256 in hexadecimal: those of the whole file
 * once the last record was read. Borrowed. */
int64_t avqa_csv_bytes_read(const struct avqa_csv *csv);
const char *avqa_csv_sha256(struct avqa_csv *csv);

void avqa_csv_close(struct avqa_csv *csv); /* NULL is legal */

/* Appends a field, quoted if it has a separator, quote or line break in it. */
void avqa_csv_add(struct avqa_buf *out, const char *field);

#endif
