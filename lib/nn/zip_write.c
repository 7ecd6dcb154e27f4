/* See zip_write.h, and zip.h for the format. */
#include "nn/zip_write.h"
#include "base/buf.h"
#include "base/crc32.h"
#include "base/io.h"
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    ALIGNMENT = 64,
    HEADER_BYTES = 30,
    EXTRA_HEAD = 4,          /* id and length of an extra field */
    LOCAL_EXTRA = 4 + 2 * 8, /* zip64: size and packed size */
    ROW_EXTRA = 4 + 3 * 8,   /* and place */
    END64_BYTES = 56,
    VERSION = 45,             /* needed: zip64 */
    UTF8 = 0x800,             /* names are */
    DATE = 1 << 5 | 1,        /* 1 January 1980 */
    ZIP64 = 1,                /* extra field */
    PADDING = 'F' | 'B' << 8, /* extra field, as PyTorch calls it */
    ALL_ONES16 = 0xffff,
};
static const uint32_t ALL_ONES = UINT32_MAX; /* look into the zip64 field */

struct avqa_zip_out {
    struct avqa_out *file;
    uint64_t at; /* bytes written */
    uint64_t n;
    struct avqa_buf directory;
    struct avqa_crc32 crc;
};

static void put(struct avqa_buf *buf, uint64_t value, int n_bytes)
{
    for (int i = 0; i < n_bytes; i++)
        avqa_buf_addc(buf, (char)(value >> (8 * i) & 255));
}

static enum avqa_status write_bytes(struct avqa_zip_out *out, const void *bytes,
                                    size_t len)
{
    out->at += len;
    return avqa_out_write(out->file, bytes, len);
}

enum avqa_status avqa_zip_out_open(struct avqa_zip_out **out, const char *path)
{
    struct avqa_zip_out *made = avqa_mem_new(sizeof *made);
    *out = NULL;
    enum avqa_status rc = avqa_out_open(&made->file, path);
    if (rc != AVQA_OK) {
        free(made);
        return rc;
    }
    avqa_crc32_init(&made->crc);
    *out = made;
    return AVQA_OK;
}

/* What entry header and directory row have in common: version to sizes. */
static void put_common(struct avqa_buf *buf, uint32_t crc, size_t name_len)
{
    put(buf, VERSION, 2);
    put(buf, UTF8, 2);
    put(buf, 0, 2); /* stored */
    put(buf, 0, 2); /* time */
    put(buf, DATE, 2);
    put(buf, crc, 4);
    put(buf, ALL_ONES, 4);
    put(buf, ALL_ONES, 4);
    put(buf, name_len, 2);
}

static void put_header(struct avqa_buf *buf, uint64_t at, const char *name,
                       uint64_t len, uint32_t crc)
{
    size_t name_len = strlen(name);
    uint64_t begin = at + HEADER_BYTES + name_len + LOCAL_EXTRA + EXTRA_HEAD;
    size_t padding = (size_t)((ALIGNMENT - begin % ALIGNMENT) % ALIGNMENT);
    put(buf, 0x04034b50, 4);
    put_common(buf, crc, name_len);
    put(buf, LOCAL_EXTRA + EXTRA_HEAD + padding, 2);
    avqa_buf_adds(buf, name);
    put(buf, ZIP64, 2);
    put(buf, LOCAL_EXTRA - EXTRA_HEAD, 2);
    put(buf, len, 8);
    put(buf, len, 8);
    put(buf, PADDING, 2);
    put(buf, padding, 2);
    for (size_t i = 0; i < padding; i++)
        avqa_buf_addc(buf, 'Z');
}

static void put_row(struct avqa_buf *buf, uint64_t at, const char *name, uint64_t len,
                    uint32_t crc)
{
    put(buf, 0x02014b50, 4);
    put(buf, VERSION, 2); /* made by */
    put_common(buf, crc, strlen(name));
    put(buf, ROW_EXTRA, 2);
    put(buf, 0, 2); /* comment */
    put(buf, 0, 2); /* part of the archive */
    put(buf, 0, 2);
    put(buf, 0, 4); /* attributes */
    put(buf, ALL_ONES, 4);
    avqa_buf_adds(buf, name);
    put(buf, ZIP64, 2);
    put(buf, ROW_EXTRA - EXTRA_HEAD, 2);
    put(buf, len, 8);
    put(buf, len, 8);
    put(buf, at, 8);
}

enum avqa_status avqa_zip_out_add(struct avqa_zip_out *out, const char *name,
                                  const void *bytes, size_t len)
{
    struct avqa_buf header = AVQA_BUF_INIT;
    uint32_t crc = avqa_crc32_add(&out->crc, 0, bytes, len);
    put_header(&header, out->at, name, len, crc);
    put_row(&out->directory, out->at, name, len, crc);
    enum avqa_status rc = avqa_buf_status(&header);
    if (rc == AVQA_OK)
        rc = avqa_buf_status(&out->directory);
    if (rc == AVQA_OK)
        rc = write_bytes(out, header.data, header.len);
    if (rc == AVQA_OK)
        rc = write_bytes(out, bytes, len);
    avqa_buf_release(&header);
    out->n++;
    return rc;
}

/* The directory's end in 64 bits, where that is, and the end that points to both. */
static void put_end(struct avqa_buf *buf, uint64_t n, uint64_t begin, uint64_t size)
{
    put(buf, 0x06064b50, 4);
    put(buf, END64_BYTES - 12, 8);
    put(buf, VERSION, 2);
    put(buf, VERSION, 2);
    put(buf, 0, 4);
    put(buf, 0, 4);
    put(buf, n, 8);
    put(buf, n, 8);
    put(buf, size, 8);
    put(buf, begin, 8);
    put(buf, 0x07064b50, 4);
    put(buf, 0, 4);
    put(buf, begin + size, 8);
    put(buf, 1, 4);
    put(buf, 0x06054b50, 4);
    put(buf, 0, 4);
    put(buf, ALL_ONES16, 2);
    put(buf, ALL_ONES16, 2);
    put(buf, ALL_ONES, 4);
    put(buf, ALL_ONES, 4);
    put(buf, 0, 2); /* comment */
}

enum avqa_status avqa_zip_out_commit(struct avqa_zip_out *out)
{
    size_t size = out->directory.len;
    put_end(&out->directory, out->n, out->at, size);
    enum avqa_status rc = avqa_buf_status(&out->directory);
    if (rc == AVQA_OK)
        rc = write_bytes(out, out->directory.data, out->directory.len);
    if (rc == AVQA_OK) {
        rc = avqa_out_commit(out->file);
        out->file = NULL;
    }
    avqa_zip_out_abort(out);
    return rc;
}

void avqa_zip_out_abort(struct avqa_zip_out *out)
{
    if (!out)
        return;
    avqa_out_abort(out->file);
    avqa_buf_release(&out->directory);
    free(out);
}
