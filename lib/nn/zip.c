/* The end of the file is read first, then the directory, then the header of each entry;
 * entries are then sorted by their place, so that overlaps show between neighbours. */
#include "nn/zip.h"
#include "base/crc32.h"
#include "base/intern.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    END_BYTES = 22,
    END64_BYTES = 56,
    LOCATOR64_BYTES = 20,
    ROW_BYTES = 46, /* of the directory, without name and extras */
    HEADER_BYTES = 30,
    MAX_COMMENT = 65535,
    ZIP64_EXTRA = 1,
    FLAG_ENCRYPTED = 1,
};
static const uint32_t END = 0x06054b50;
static const uint32_t END64 = 0x06064b50;
static const uint32_t LOCATOR64 = 0x07064b50;
static const uint32_t ROW = 0x02014b50;
static const uint32_t HEADER = 0x04034b50;

struct avqa_zip {
    char *path;
    int fd;
    uint64_t size;
    struct avqa_zip_entry *entries;
    size_t n;
    struct avqa_intern names; /* an id is a place in `entries` */
    struct avqa_crc32 crc;
};

/* What the end of the file says of the directory. */
struct directory {
    uint64_t begin, size, n;
    uint64_t end; /* where entries and directory must have ended */
};

static uint64_t number(const uint8_t *at, int n_bytes)
{
    uint64_t value = 0;
    for (int i = n_bytes - 1; i >= 0; i--)
        value = value << 8 | at[i];
    return value;
}

static enum avqa_status read_at(const struct avqa_zip *zip, void *out, uint64_t at,
                                size_t len)
{
    if (at > zip->size || len > zip->size - at)
        return avqa_fail(AVQA_EFORMAT, "%s: the file ends too early", zip->path);
    return avqa_io_read_at(out, zip->fd, zip->path, at, len);
}

/* ---- the end --------------------------------------------------------------------- */

static enum avqa_status read_end64(const struct avqa_zip *zip, struct directory *dir,
                                   uint64_t locator)
{
    uint8_t l[LOCATOR64_BYTES];
    uint8_t e[END64_BYTES];
    enum avqa_status rc = read_at(zip, l, locator, sizeof l);
    if (rc != AVQA_OK || number(l, 4) != LOCATOR64)
        return rc; /* an archive without zip64 */
    uint64_t at = number(l + 8, 8);
    if (at > locator || locator - at < END64_BYTES)
        return avqa_fail(AVQA_EFORMAT,
                         "%s: the zip64 end is said to be at byte %" PRIu64, zip->path,
                         at);
    rc = read_at(zip, e, at, sizeof e);
    if (rc != AVQA_OK)
        return rc;
    if (number(e, 4) != END64 || number(e + 16, 4) != 0 || number(e + 20, 4) != 0 ||
        number(e + 24, 8) != number(e + 32, 8))
        return avqa_fail(AVQA_EFORMAT,
                         "%s: no zip64 end of one archive at byte %" PRIu64, zip->path,
                         at);
    *dir = (struct directory){.n = number(e + 32, 8),
                              .size = number(e + 40, 8),
                              .begin = number(e + 48, 8),
                              .end = at};
    return AVQA_OK;
}

/* The place of the end record in the file's last bytes; -1 if there is none whose
 * comment ends with the file. */
static long find_end(const uint8_t *tail, size_t len)
{
    for (size_t at = len - END_BYTES + 1; at-- > 0;)
        if (number(tail + at, 4) == END &&
            number(tail + at + 20, 2) == len - at - END_BYTES)
            return (long)at;
    return -1;
}

/* What the end record at byte `at` says, or the 64-bit one that it may point to. */
static enum avqa_status take_end(struct directory *dir, const struct avqa_zip *zip,
                                 const uint8_t *end, uint64_t at)
{
    *dir = (struct directory){.n = number(end + 10, 2),
                              .size = number(end + 12, 4),
                              .begin = number(end + 16, 4),
                              .end = at};
    if (number(end + 4, 2) != 0 || number(end + 6, 2) != 0 ||
        number(end + 8, 2) != dir->n)
        return avqa_fail(AVQA_EFORMAT, "%s: one of several parts of a zip archive",
                         zip->path);
    return at < LOCATOR64_BYTES ? AVQA_OK : read_end64(zip, dir, at - LOCATOR64_BYTES);
}

static enum avqa_status check_directory(const struct avqa_zip *zip,
                                        const struct directory *dir)
{
    if (dir->begin > dir->end || dir->size != dir->end - dir->begin)
        return avqa_fail(AVQA_EFORMAT,
                         "%s: a directory of %" PRIu64 " bytes is said to be at byte "
                         "%" PRIu64 " and to end at %" PRIu64,
                         zip->path, dir->size, dir->begin, dir->end);
    if (dir->n > AVQA_ZIP_MAX_ENTRIES || dir->size > AVQA_ZIP_MAX_DIRECTORY ||
        dir->n > dir->size / ROW_BYTES)
        return avqa_fail(AVQA_EFORMAT,
                         "%s: a directory of %" PRIu64 " bytes with %" PRIu64
                         " entries (at most %d)",
                         zip->path, dir->size, dir->n, AVQA_ZIP_MAX_ENTRIES);
    return AVQA_OK;
}

static enum avqa_status read_end(const struct avqa_zip *zip, struct directory *dir)
{
    uint8_t *tail = NULL;
    size_t len = END_BYTES + MAX_COMMENT;
    if (zip->size < END_BYTES)
        return avqa_fail(AVQA_EFORMAT, "%s: not a zip file: %" PRIu64 " bytes",
                         zip->path, zip->size);
    if (len > zip->size)
        len = (size_t)zip->size;
    enum avqa_status rc = avqa_mem_array(&tail, len, 1);
    if (rc == AVQA_OK)
        rc = read_at(zip, tail, zip->size - len, len);
    if (rc == AVQA_OK) {
        long at = find_end(tail, len);
        rc = at >= 0 ? take_end(dir, zip, tail + at, zip->size - len + (uint64_t)at)
                     : avqa_fail(AVQA_EFORMAT,
                                 "%s: not a whole zip file: there is no directory at "
                                 "its end (was it cut off?)",
                                 zip->path);
    }
    free(tail);
    return rc == AVQA_OK ? check_directory(zip, dir) : rc;
}

/* ---- the directory --------------------------------------------------------------- */

/* Takes the 64-bit values for those of size, packed size and place that are all ones,
 * in that order, out of an entry's extras. */
static bool read_extras(uint64_t values[3], const uint8_t *extras, size_t len)
{
    bool wanted = false;
    for (int i = 0; i < 3; i++)
        wanted = wanted || values[i] == UINT32_MAX;
    while (wanted && len >= 4) {
        size_t n = (size_t)number(extras + 2, 2);
        if (n > len - 4)
            return false;
        if (number(extras, 2) == ZIP64_EXTRA) {
            const uint8_t *at = extras + 4;
            for (int i = 0; i < 3; i++) {
                if (values[i] != UINT32_MAX)
                    continue;
                if (n < 8)
                    return false;
                values[i] = number(at, 8);
                at += 8;
                n -= 8;
            }
            return true;
        }
        extras += 4 + n;
        len -= 4 + n;
    }
    return !wanted;
}

static enum avqa_status add_name(struct avqa_zip *zip, const uint8_t *name, size_t len)
{
    bool is_new;
    if (len == 0 || len > AVQA_ZIP_MAX_NAME || memchr(name, 0, len) ||
        !avqa_text_valid((const char *)name, len, NULL))
        return avqa_fail(AVQA_EFORMAT, "%s: entry %zu has no proper name", zip->path,
                         zip->n);
    uint32_t id = avqa_intern_add(&zip->names, (const char *)name, len, &is_new);
    const char *text = avqa_intern_text(&zip->names, id);
    if (!is_new)
        return avqa_fail(AVQA_EFORMAT, "%s: two entries are called \"%s\"", zip->path,
                         text);
    zip->entries[zip->n].name = text;
    return AVQA_OK;
}

/* One row of the directory; *used of its bytes. */
static enum avqa_status read_row(struct avqa_zip *zip, size_t *used, const uint8_t *row,
                                 size_t left)
{
    struct avqa_zip_entry *e = &zip->entries[zip->n];
    if (left < ROW_BYTES || number(row, 4) != ROW)
        return avqa_fail(AVQA_EFORMAT, "%s: entry %zu is not in the directory",
                         zip->path, zip->n);
    size_t name_len = (size_t)number(row + 28, 2);
    size_t extra_len = (size_t)number(row + 30, 2);
    *used = ROW_BYTES + name_len + extra_len + (size_t)number(row + 32, 2);
    if (*used > left)
        return avqa_fail(AVQA_EFORMAT, "%s: entry %zu is longer than the directory",
                         zip->path, zip->n);
    enum avqa_status rc = add_name(zip, row + ROW_BYTES, name_len);
    if (rc != AVQA_OK)
        return rc;
    uint64_t values[] = {number(row + 24, 4), number(row + 20, 4), number(row + 42, 4)};
    e->packed = number(row + 10, 2) != 0;
    if (number(row + 8, 2) & FLAG_ENCRYPTED)
        return avqa_fail(AVQA_EFORMAT, "%s: the entry \"%s\" is encrypted", zip->path,
                         e->name);
    if (!read_extras(values, row + ROW_BYTES + name_len, extra_len) ||
        (values[0] != values[1] && !e->packed) || number(row + 34, 2) != 0)
        return avqa_fail(AVQA_EFORMAT, "%s: the entry \"%s\" has no proper size",
                         zip->path, e->name);
    e->crc32 = (uint32_t)number(row + 16, 4);
    e->size = values[1];
    e->header = values[2];
    zip->n++;
    return AVQA_OK;
}

/* An entry's own header must name it too; behind it are its bytes. */
static enum avqa_status read_header(struct avqa_zip *zip, struct avqa_zip_entry *e,
                                    uint64_t end)
{
    uint8_t h[HEADER_BYTES];
    char name[AVQA_ZIP_MAX_NAME];
    size_t len = strlen(e->name);
    if (e->header > end || end - e->header < HEADER_BYTES)
        return avqa_fail(AVQA_EFORMAT, "%s: the entry \"%s\" lies outside", zip->path,
                         e->name);
    enum avqa_status rc = read_at(zip, h, e->header, sizeof h);
    if (rc != AVQA_OK)
        return rc;
    e->begin = e->header + HEADER_BYTES + number(h + 26, 2) + number(h + 28, 2);
    if (number(h, 4) != HEADER || (number(h + 8, 2) != 0) != e->packed ||
        number(h + 26, 2) != len)
        return avqa_fail(AVQA_EFORMAT,
                         "%s: the entry \"%s\" has another header at byte %" PRIu64,
                         zip->path, e->name, e->header);
    if (e->begin > end || e->size > end - e->begin)
        return avqa_fail(AVQA_EFORMAT, "%s: the entry \"%s\" lies outside", zip->path,
                         e->name);
    rc = read_at(zip, name, e->header + HEADER_BYTES, len);
    if (rc == AVQA_OK && memcmp(name, e->name, len) != 0)
        return avqa_fail(AVQA_EFORMAT,
                         "%s: the entry \"%s\" has another name at byte %" PRIu64,
                         zip->path, e->name, e->header);
    return rc;
}

static int compare_places(const void *a, const void *b)
{
    const struct avqa_zip_entry *const *x = a;
    const struct avqa_zip_entry *const *y = b;
    return ((*x)->header > (*y)->header) - ((*x)->header < (*y)->header);
}

static enum avqa_status check_overlaps(const struct avqa_zip *zip)
{
    const struct avqa_zip_entry **sorted = NULL;
    enum avqa_status rc = avqa_mem_array(&sorted, zip->n, sizeof *sorted);
    for (size_t i = 0; rc == AVQA_OK && i < zip->n; i++)
        sorted[i] = &zip->entries[i];
    if (rc == AVQA_OK)
        qsort(sorted, zip->n, sizeof *sorted, compare_places);
    for (size_t i = 1; rc == AVQA_OK && i < zip->n; i++)
        if (sorted[i]->header < sorted[i - 1]->begin + sorted[i - 1]->size)
            rc = avqa_fail(AVQA_EFORMAT, "%s: the entries \"%s\" and \"%s\" overlap",
                           zip->path, sorted[i - 1]->name, sorted[i]->name);
    free(sorted);
    return rc;
}

static enum avqa_status read_directory(struct avqa_zip *zip,
                                       const struct directory *dir)
{
    uint8_t *rows = NULL;
    size_t len = (size_t)dir->size;
    size_t at = 0;
    enum avqa_status rc = avqa_mem_array(&rows, len + 1, 1);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&zip->entries, (size_t)dir->n + 1, sizeof *zip->entries);
    if (rc == AVQA_OK)
        rc = read_at(zip, rows, dir->begin, len);
    while (rc == AVQA_OK && zip->n < dir->n) {
        size_t used = 0;
        rc = read_row(zip, &used, rows + at, len - at);
        at += used;
    }
    if (rc == AVQA_OK && at != len)
        rc = avqa_fail(AVQA_EFORMAT, "%s: %zu bytes of the directory are no entry",
                       zip->path, len - at);
    for (size_t i = 0; rc == AVQA_OK && i < zip->n; i++)
        rc = read_header(zip, &zip->entries[i], dir->begin);
    free(rows);
    return rc == AVQA_OK ? check_overlaps(zip) : rc;
}

/* ---- public ---------------------------------------------------------------------- */

enum avqa_status avqa_zip_open(struct avqa_zip **out, const char *path)
{
    struct stat st;
    struct directory dir = {0};
    enum avqa_status rc = AVQA_OK;
    *out = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return avqa_fail(errno == ENOENT ? AVQA_ENOENT : AVQA_EIO,
                         "%s: cannot open: %s", path, strerror(errno));
    struct avqa_zip *zip = avqa_mem_new(sizeof *zip);
    zip->path = avqa_mem_strdup(path);
    zip->fd = fd;
    avqa_crc32_init(&zip->crc);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        rc = avqa_fail(AVQA_EIO, "%s: not a regular file", path);
    if (rc == AVQA_OK) {
        zip->size = (uint64_t)st.st_size;
        rc = read_end(zip, &dir);
    }
    if (rc == AVQA_OK)
        rc = read_directory(zip, &dir);
    if (rc == AVQA_OK)
        *out = zip;
    else
        avqa_zip_close(zip);
    return rc;
}

void avqa_zip_close(struct avqa_zip *zip)
{
    if (!zip)
        return;
    close(zip->fd);
    avqa_intern_release(&zip->names);
    free(zip->entries);
    free(zip->path);
    free(zip);
}

uint64_t avqa_zip_file_size(const struct avqa_zip *zip)
{
    return zip->size;
}

const struct avqa_zip_entry *avqa_zip_at(const struct avqa_zip *zip, size_t i)
{
    return i < zip->n ? &zip->entries[i] : NULL;
}

const struct avqa_zip_entry *avqa_zip_find(const struct avqa_zip *zip, const char *name)
{
    uint32_t id = avqa_intern_find(&zip->names, name, strlen(name));
    return id == AVQA_INTERN_NONE ? NULL : &zip->entries[id];
}

enum avqa_status avqa_zip_read(void *out, const struct avqa_zip *zip,
                               const struct avqa_zip_entry *entry, bool checked)
{
    if (entry->packed)
        return avqa_fail(
            AVQA_EFORMAT,
            "%s: the entry \"%s\" is compressed, which PyTorch does not do", zip->path,
            entry->name);
    enum avqa_status rc = read_at(zip, out, entry->begin, (size_t)entry->size);
    if (rc != AVQA_OK || !checked)
        return rc;
    if (avqa_crc32_add(&zip->crc, 0, out, (size_t)entry->size) != entry->crc32)
        return avqa_fail(AVQA_EFORMAT,
                         "%s: the entry \"%s\" is damaged: its checksum is another one",
                         zip->path, entry->name);
    return AVQA_OK;
}
