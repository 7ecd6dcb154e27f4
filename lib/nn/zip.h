/* Reading the zip files that PyTorch writes: entries are stored, not compressed, so an
 * entry is a stretch of the file. Nothing in a file is believed: the directory at its
 * end must lie where it says, an entry's own header must agree with the directory, and
 * no two entries may share a byte or a name. Sizes of 64 bits (zip64) are understood;
 * encryption and archives in several parts are refused, compressed entries are not
 * read. Nothing is ever unpacked to a path, so names are only names. The format:
 * PKWARE, APPNOTE.TXT 6.3.10. */
#ifndef AVQA_NN_ZIP_H
#define AVQA_NN_ZIP_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    AVQA_ZIP_MAX_ENTRIES = 1 << 18,
    AVQA_ZIP_MAX_DIRECTORY = 64 << 20, /* bytes */
    AVQA_ZIP_MAX_NAME = 4096,
};

struct avqa_zip_entry {
    const char *name;
    uint64_t begin, size; /* of its bytes in the file */
    uint32_t crc32;
    bool packed;     /* compressed: it can be seen, but not read */
    uint64_t header; /* where its own header begins */
};

struct avqa_zip;

/* AVQA_ENOENT if there is no such file, AVQA_EFORMAT with what is wrong, naming file
 * and entry. `*out` is yours. */
AVQA_CHECK enum avqa_status avqa_zip_open(struct avqa_zip **out, const char *path);
void avqa_zip_close(struct avqa_zip *zip); /* NULL is legal */

uint64_t avqa_zip_file_size(const struct avqa_zip *zip);
/* Entries in the order of the directory; the i-th, NULL at the end. */
const struct avqa_zip_entry *avqa_zip_at(const struct avqa_zip *zip, size_t i);
/* By exact name; NULL if there is none. */
const struct avqa_zip_entry *avqa_zip_find(const struct avqa_zip *zip,
                                           const char *name);

/* All bytes of an entry into `out`, which has room for entry->size of them.
 * AVQA_EFORMAT if `checked` and the checksum is another one. */
AVQA_CHECK enum avqa_status avqa_zip_read(void *out, const struct avqa_zip *zip,
                                          const struct avqa_zip_entry *entry,
                                          bool checked);

#endif
