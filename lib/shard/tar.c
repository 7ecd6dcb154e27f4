/* See tar.h. A header is judged by writing the one that it should be and comparing:
 * there is no second opinion about any of its fields. */
#include "shard/tar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NAME_FIELD = 100 };
static const char PAX_NAME[] = "././@PaxHeader";

size_t avqa_tar_padding(uint64_t size)
{
    return (size_t)((AVQA_TAR_BLOCK - size % AVQA_TAR_BLOCK) % AVQA_TAR_BLOCK);
}

static void fill(unsigned char block[AVQA_TAR_BLOCK], const char *name, uint64_t size,
                 char type)
{
    char text[16];
    unsigned sum = 0;
    memset(block, 0, AVQA_TAR_BLOCK);
    memcpy(block, name, strnlen(name, NAME_FIELD));
    memcpy(block + 100, "0000644", 7); /* mode */
    memcpy(block + 108, "0000000", 7); /* uid */
    memcpy(block + 116, "0000000", 7); /* gid */
    snprintf(text, sizeof text, "%011" PRIo64, size);
    memcpy(block + 124, text, 11);
    memcpy(block + 136, "00000000000", 11); /* mtime */
    memset(block + 148, ' ', 8);            /* checksum, while it is counted */
    block[156] = (unsigned char)type;
    memcpy(block + 257, "ustar", 6);
    memcpy(block + 263, "00", 2);
    for (size_t i = 0; i < AVQA_TAR_BLOCK; i++)
        sum += block[i];
    snprintf(text, sizeof text, "%06o", sum);
    memcpy(block + 148, text, 7);
}

/* "LEN path=NAME\n", where LEN counts itself. */
static size_t pax_record(char out[AVQA_TAR_BLOCK], const char *name)
{
    size_t len = strlen(name) + strlen(" path=\n") + 3; /* 107 to 410: three digits */
    snprintf(out, AVQA_TAR_BLOCK, "%zu path=%s\n", len, name);
    return len;
}

enum avqa_status avqa_tar_print(struct avqa_buf *out, const char *name, uint64_t size)
{
    unsigned char block[AVQA_TAR_BLOCK];
    size_t len = strlen(name);
    if (len == 0 || len > AVQA_TAR_MAX_NAME || size > AVQA_TAR_MAX_SIZE)
        return avqa_fail(AVQA_EINVAL,
                         "'%s' with %" PRIu64 " bytes does not fit into a tar", name,
                         size);
    if (len > NAME_FIELD) {
        char record[AVQA_TAR_BLOCK] = "";
        size_t n = pax_record(record, name);
        fill(block, PAX_NAME, n, 'x');
        avqa_buf_add(out, block, sizeof block);
        avqa_buf_add(out, record, sizeof record);
    }
    fill(block, name, size, '0');
    avqa_buf_add(out, block, sizeof block);
    return AVQA_OK;
}

/* The size field: eleven octal digits. */
static int read_size(uint64_t *out, const unsigned char *field)
{
    *out = 0;
    for (int i = 0; i < 11; i++) {
        if (field[i] < '0' || field[i] > '7')
            return -1;
        *out = *out * 8 + (uint64_t)(field[i] - '0');
    }
    return 0;
}

static bool is_pax(const unsigned char *b)
{
    return memcmp(b, PAX_NAME, sizeof PAX_NAME) == 0 && b[156] == 'x';
}

/* The name out of the block of a pax record; false if it is not one of ours. */
static bool read_pax(char name[AVQA_TAR_MAX_NAME + 1], const unsigned char *block)
{
    const char *text = (const char *)block;
    static const char PATH[] = " path=";
    size_t n = strnlen(text, AVQA_TAR_BLOCK);
    if (n < 12 || memcmp(text + 3, PATH, 6) != 0 || text[n - 1] != '\n')
        return false;
    n -= 10;
    if (n > AVQA_TAR_MAX_NAME)
        return false;
    memcpy(name, text + 9, n);
    name[n] = '\0';
    return true;
}

enum avqa_status avqa_tar_parse(struct avqa_tar_entry *out, size_t *used,
                                const void *bytes, size_t len)
{
    const unsigned char *b = bytes;
    struct avqa_buf same = AVQA_BUF_INIT;
    bool pax = len >= AVQA_TAR_BLOCK && is_pax(b);
    size_t n = pax ? AVQA_TAR_MAX_HEADER : AVQA_TAR_BLOCK;
    if (len < n)
        return avqa_fail(AVQA_EFORMAT, "it ends within a tar header");
    if (pax && !read_pax(out->name, b + AVQA_TAR_BLOCK))
        return avqa_fail(AVQA_EFORMAT, "a pax record is malformed");
    if (!pax) {
        memcpy(out->name, b, NAME_FIELD);
        out->name[NAME_FIELD] = '\0';
    }
    if (read_size(&out->size, b + n - AVQA_TAR_BLOCK + 124) != 0)
        return avqa_fail(AVQA_EFORMAT, "the size in a tar header is malformed");
    enum avqa_status rc = avqa_tar_print(&same, out->name, out->size);
    if (rc != AVQA_OK || same.len != n || memcmp(same.data, b, n) != 0)
        rc = avqa_fail(AVQA_EFORMAT, "a tar header is not as it should be");
    avqa_buf_release(&same);
    *used = n;
    return rc;
}
