/* One zstd frame, and the table of many: the seekable format 0.1.0 of zstd's contrib
 * folder. Every frame has its content size and checksum, none is empty, none needs a
 * dictionary. The table stands in a skippable frame at the end of the file:
 *
 *   u32 0x184D2A5E, u32 bytes that follow
 *   per frame: u32 packed bytes, u32 plain bytes, u32 low half of XXH64 of the plain
 *   footer: u32 number of frames, u8 0x80 (with checksums), u32 0x8F92EAB1
 *
 * all little-endian. The only user of libzstd. */
#ifndef AVQA_SHARD_FRAME_H
#define AVQA_SHARD_FRAME_H

#include "base/buf.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

enum {
    AVQA_FRAME_ENTRY = 12, /* bytes of a frame in the table */
    AVQA_FRAME_FOOTER = 9,
    AVQA_FRAME_TABLE = 17,          /* bytes of a table without entries */
    AVQA_FRAME_MAX_RATIO = 1 << 15, /* 4 bytes of a frame give at most 128 KiB */
};
#define AVQA_FRAME_MAX_PLAIN ((size_t)256 << 20) /* bytes in one frame */

/* A frame as the table has it. */
struct avqa_frame {
    uint32_t packed, plain, check;
};

/* Where a frame is in the file and in what it unpacks to. */
struct avqa_frame_place {
    struct avqa_frame frame;
    uint64_t packed_at, plain_at;
};

/* ---- packing --------------------------------------------------------------------- */

struct avqa_packer; /* for one thread */

/* Level as zstd counts, from -7 to 19. */
AVQA_CHECK enum avqa_status avqa_packer_new(struct avqa_packer **out, int level);
void avqa_packer_free(struct avqa_packer *packer); /* NULL is legal */

/* Appends `len` > 0 bytes as one frame to `out` and says what the table needs. */
AVQA_CHECK enum avqa_status avqa_packer_add(struct avqa_packer *packer,
                                            struct avqa_buf *out,
                                            struct avqa_frame *frame, const void *bytes,
                                            size_t len);

/* Appends the table of n frames. */
void avqa_frame_table_print(struct avqa_buf *out, const struct avqa_frame *frames,
                            size_t n);

/* ---- unpacking ------------------------------------------------------------------- */

struct avqa_unpacker; /* for one thread */

AVQA_CHECK enum avqa_status avqa_unpacker_new(struct avqa_unpacker **out);
void avqa_unpacker_free(struct avqa_unpacker *unpacker); /* NULL is legal */

/* Unpacks one frame of frame->packed bytes into frame->plain bytes. AVQA_EFORMAT unless
 * it is exactly the frame that the table describes. */
AVQA_CHECK enum avqa_status avqa_unpacker_run(struct avqa_unpacker *unpacker, void *out,
                                              const struct avqa_frame *frame,
                                              const void *bytes);

/* The size of the table at the end of a file of `file_bytes`, from its last bytes
 * (`len` of them, at least AVQA_FRAME_FOOTER). Nothing is larger than the file. */
AVQA_CHECK enum avqa_status avqa_frame_table_bytes(uint64_t *table_bytes,
                                                   const void *last, size_t len,
                                                   uint64_t file_bytes);

/* Reads the whole table (`len` bytes, as avqa_frame_table_bytes said). The frames must
 * fill the file before it exactly, and no size may be one that cannot be. `*out` is
 * the caller's to free: n places and one more that tells the end. */
AVQA_CHECK enum avqa_status avqa_frame_table_parse(struct avqa_frame_place **out,
                                                   size_t *n, const void *table,
                                                   size_t len, uint64_t file_bytes);

#endif
