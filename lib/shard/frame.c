/* See frame.h. */
#include "shard/frame.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

static const uint32_t SKIPPABLE = 0x184D2A5E;
static const uint32_t SEEKABLE = 0x8F92EAB1;
enum { CHECKED = 0x80, HEAD = 8, CHECK_BYTES = 4, MIN_FRAME = 4 + 2 + 3 + CHECK_BYTES };

static uint32_t read_u32(const void *bytes)
{
    const unsigned char *b = bytes;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
           (uint32_t)b[3] << 24;
}

static void add_u32(struct avqa_buf *out, uint32_t v)
{
    unsigned char b[4] = {(unsigned char)v, (unsigned char)(v >> 8),
                          (unsigned char)(v >> 16), (unsigned char)(v >> 24)};
    avqa_buf_add(out, b, sizeof b);
}

/* ---- packing --------------------------------------------------------------------- */

struct avqa_packer {
    ZSTD_CCtx *ctx;
    char *room;
    size_t cap;
};

enum avqa_status avqa_packer_new(struct avqa_packer **out, int level)
{
    ZSTD_CCtx *ctx = ZSTD_createCCtx();
    if (!ctx)
        return avqa_fail(AVQA_ENOMEM, "no memory to compress");
    ZSTD_CCtx_setParameter(ctx, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(ctx, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(ctx, ZSTD_c_contentSizeFlag, 1);
    *out = avqa_mem_new(sizeof **out);
    (*out)->ctx = ctx;
    return AVQA_OK;
}

void avqa_packer_free(struct avqa_packer *packer)
{
    if (!packer)
        return;
    ZSTD_freeCCtx(packer->ctx);
    free(packer->room);
    free(packer);
}

enum avqa_status avqa_packer_add(struct avqa_packer *packer, struct avqa_buf *out,
                                 struct avqa_frame *frame, const void *bytes,
                                 size_t len)
{
    if (len == 0 || len > AVQA_FRAME_MAX_PLAIN)
        return avqa_fail(AVQA_EINVAL, "%zu bytes do not make a frame", len);
    enum avqa_status rc =
        avqa_mem_grow(&packer->room, &packer->cap, ZSTD_compressBound(len), 1);
    if (rc != AVQA_OK)
        return rc;
    size_t n = ZSTD_compress2(packer->ctx, packer->room, packer->cap, bytes, len);
    if (ZSTD_isError(n))
        return avqa_fail(AVQA_ENOMEM, "cannot compress: %s", ZSTD_getErrorName(n));
    avqa_buf_add(out, packer->room, n);
    *frame = (struct avqa_frame){(uint32_t)n, (uint32_t)len,
                                 read_u32(packer->room + n - CHECK_BYTES)};
    return avqa_buf_status(out);
}

void avqa_frame_table_print(struct avqa_buf *out, const struct avqa_frame *frames,
                            size_t n)
{
    add_u32(out, SKIPPABLE);
    add_u32(out, (uint32_t)(n * AVQA_FRAME_ENTRY + AVQA_FRAME_FOOTER));
    for (size_t i = 0; i < n; i++) {
        add_u32(out, frames[i].packed);
        add_u32(out, frames[i].plain);
        add_u32(out, frames[i].check);
    }
    add_u32(out, (uint32_t)n);
    avqa_buf_addc(out, (char)CHECKED);
    add_u32(out, SEEKABLE);
}

/* ---- unpacking ------------------------------------------------------------------- */

struct avqa_unpacker {
    ZSTD_DCtx *ctx;
};

enum avqa_status avqa_unpacker_new(struct avqa_unpacker **out)
{
    ZSTD_DCtx *ctx = ZSTD_createDCtx();
    if (!ctx)
        return avqa_fail(AVQA_ENOMEM, "no memory to decompress");
    *out = avqa_mem_new(sizeof **out);
    (*out)->ctx = ctx;
    return AVQA_OK;
}

void avqa_unpacker_free(struct avqa_unpacker *unpacker)
{
    if (!unpacker)
        return;
    ZSTD_freeDCtx(unpacker->ctx);
    free(unpacker);
}

enum avqa_status avqa_unpacker_run(struct avqa_unpacker *unpacker, void *out,
                                   const struct avqa_frame *frame, const void *bytes)
{
    enum { UNUSED_BITS = 0x18, CHECK_BIT = 0x04, DICTIONARY_BITS = 0x03 };
    const unsigned char *b = bytes;
    if (frame->packed < MIN_FRAME || read_u32(b) != ZSTD_MAGICNUMBER)
        return avqa_fail(AVQA_EFORMAT, "it is no zstd frame");
    if ((b[4] & (UNUSED_BITS | CHECK_BIT | DICTIONARY_BITS)) != CHECK_BIT)
        return avqa_fail(AVQA_EFORMAT, "its frame header is not one of ours");
    if (ZSTD_getFrameContentSize(b, frame->packed) != frame->plain ||
        ZSTD_findFrameCompressedSize(b, frame->packed) != frame->packed)
        return avqa_fail(AVQA_EFORMAT, "its size is not what the seek table says");
    if (read_u32(b + frame->packed - CHECK_BYTES) != frame->check)
        return avqa_fail(AVQA_EFORMAT, "its checksum is not what the seek table says");
    size_t n = ZSTD_decompressDCtx(unpacker->ctx, out, frame->plain, b, frame->packed);
    if (ZSTD_isError(n))
        return avqa_fail(AVQA_EFORMAT, "it does not decompress: %s",
                         ZSTD_getErrorName(n));
    if (n != frame->plain)
        return avqa_fail(AVQA_EFORMAT, "its size is not what the seek table says");
    return AVQA_OK;
}

enum avqa_status avqa_frame_table_bytes(uint64_t *table_bytes, const void *last,
                                        size_t len, uint64_t file_bytes)
{
    const unsigned char *footer = (const unsigned char *)last + len - AVQA_FRAME_FOOTER;
    if (read_u32(footer + 5) != SEEKABLE)
        return avqa_fail(AVQA_EFORMAT,
                         "it does not end with a seek table: it is no shard, or it was "
                         "cut off; fetch or make it anew");
    if (footer[4] != CHECKED)
        return avqa_fail(AVQA_EFORMAT, "its seek table is of a kind without checksums");
    *table_bytes = AVQA_FRAME_TABLE + (uint64_t)read_u32(footer) * AVQA_FRAME_ENTRY;
    if (*table_bytes > file_bytes)
        return avqa_fail(AVQA_EFORMAT,
                         "its seek table claims %" PRIu32 " frames, more than fit",
                         read_u32(footer));
    return AVQA_OK;
}

/* What is wrong with the sizes of a frame, or NULL. */
static const char *judge(const struct avqa_frame *f)
{
    if (f->packed < MIN_FRAME || f->plain == 0)
        return "is empty";
    if (f->plain > AVQA_FRAME_MAX_PLAIN || f->plain / AVQA_FRAME_MAX_RATIO > f->packed)
        return "claims more bytes than it can have";
    if (f->packed > ZSTD_compressBound(f->plain))
        return "takes more bytes than its contents need";
    return NULL;
}

enum avqa_status avqa_frame_table_parse(struct avqa_frame_place **out, size_t *n,
                                        const void *table, size_t len,
                                        uint64_t file_bytes)
{
    const unsigned char *b = table;
    struct avqa_frame_place at = {.packed_at = 0};
    struct avqa_frame_place *places;
    if (len < AVQA_FRAME_TABLE || read_u32(b) != SKIPPABLE ||
        read_u32(b + 4) != len - HEAD)
        return avqa_fail(AVQA_EFORMAT, "its seek table does not begin as one");
    *n = (len - AVQA_FRAME_TABLE) / AVQA_FRAME_ENTRY;
    if (read_u32(b + len - AVQA_FRAME_FOOTER) != *n)
        return avqa_fail(AVQA_EFORMAT,
                         "its seek table has another length than it says");
    enum avqa_status rc = avqa_mem_array(&places, *n + 1, sizeof *places);
    for (size_t i = 0; rc == AVQA_OK && i < *n; i++) {
        const unsigned char *entry = b + HEAD + i * AVQA_FRAME_ENTRY;
        at.frame = (struct avqa_frame){read_u32(entry), read_u32(entry + 4),
                                       read_u32(entry + 8)};
        const char *wrong = judge(&at.frame);
        if (wrong)
            rc = avqa_fail(AVQA_EFORMAT, "frame %zu of its seek table %s", i, wrong);
        places[i] = at;
        at.packed_at += at.frame.packed;
        at.plain_at += at.frame.plain;
    }
    if (rc == AVQA_OK && at.packed_at + len != file_bytes)
        rc = avqa_fail(AVQA_EFORMAT,
                       "its seek table has frames of %" PRIu64
                       " bytes, the file has %" PRIu64 " before the table",
                       at.packed_at, file_bytes - len);
    if (rc != AVQA_OK) {
        free(places);
        return rc;
    }
    at.frame = (struct avqa_frame){0, 0, 0};
    places[*n] = at;
    *out = places;
    return AVQA_OK;
}
