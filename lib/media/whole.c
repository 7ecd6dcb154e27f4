/* See whole.h. Sizes come from the file and are only compared, never allocated. Boxes
 * are walked at most MAX_BOXES far: their contents are skipped, so this is cheap. */
#include "media/whole.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { MAX_BOXES = 4096, SNIFF_BYTES = 512 };

static size_t read_at(int fd, int64_t at, uint8_t *bytes, size_t len)
{
    size_t n = 0;
    while (n < len) {
        ssize_t got = pread(fd, bytes + n, len - n, (off_t)at + (off_t)n);
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    return n;
}

static uint64_t big_endian(const uint8_t *bytes, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | bytes[i];
    return value;
}

static bool is_box_name(const uint8_t *name)
{
    for (int i = 0; i < 4; i++) {
        if (name[i] < 0x20 || name[i] > 0x7e)
            return false;
    }
    return true;
}

/* ISO 14496-12, 4.2: size, name, and a 64-bit size where the first is 1; 0 means to the
 * end of the file. */
static void check_boxes(struct avqa_verdict *verdict, int fd, int64_t size)
{
    bool has_index = false;
    bool has_data = false;
    int64_t at = 0;
    for (int n = 0; n < MAX_BOXES && at < size; n++) {
        uint8_t head[16];
        size_t got = read_at(fd, at, head, sizeof head);
        uint64_t len = got >= 8 ? big_endian(head, 4) : 0;
        if (len == 1 && got == 16)
            len = big_endian(head + 8, 8);
        if (got < 8 || (len && len < 8) || !is_box_name(head + 4))
            break;
        has_index = has_index || memcmp(head + 4, "moov", 4) == 0;
        has_data = has_data || memcmp(head + 4, "mdat", 4) == 0;
        if (len > (uint64_t)(size - at)) {
            avqa_verdict_set(verdict, AVQA_MEDIA_TRUNCATED,
                             "it was cut: its '%.4s' box ends at byte %" PRIu64
                             ", the file at %" PRId64,
                             (const char *)head + 4, (uint64_t)at + len, size);
            return;
        }
        if (len == 0)
            break;
        at += (int64_t)len;
    }
    if (has_data && !has_index)
        avqa_verdict_set(verdict, AVQA_MEDIA_TRUNCATED,
                         "it has data but no index ('moov' box): it was cut, or its "
                         "recording never ended");
}

/* A size of EBML (RFC 8794, 4): the leading zeros of the first byte tell its length.
 * Gives its bytes, or 0; all ones mean "not known" and become UINT64_MAX. */
static size_t ebml_size(const uint8_t *bytes, size_t n, uint64_t *value)
{
    size_t len = 1;
    while (n && len <= 8 && !(bytes[0] & 0x80 >> (len - 1)))
        len++;
    if (len > 8 || len > n)
        return 0;
    uint64_t ones = (UINT64_C(1) << (7 * len)) - 1;
    *value = big_endian(bytes, len) & ones;
    if (*value == ones)
        *value = UINT64_MAX;
    return len;
}

static void check_segment(struct avqa_verdict *verdict, int fd, int64_t size)
{
    uint8_t head[16];
    uint64_t len;
    size_t n = read_at(fd, 0, head, sizeof head);
    size_t used = n > 4 ? ebml_size(head + 4, n - 4, &len) : 0;
    if (used == 0 || len > SNIFF_BYTES)
        return;
    int64_t at = (int64_t)(4 + used + len);
    n = read_at(fd, at, head, sizeof head);
    if (n < 5 || memcmp(head, "\x18\x53\x80\x67", 4) != 0)
        return;
    used = ebml_size(head + 4, n - 4, &len);
    at += (int64_t)(4 + used);
    if (used && len != UINT64_MAX && (at > size || len > (uint64_t)(size - at)))
        avqa_verdict_set(verdict, AVQA_MEDIA_TRUNCATED,
                         "it was cut: its segment ends at byte %" PRIu64
                         ", the file at %" PRId64,
                         (uint64_t)at + len, size);
}

/* Writers that cannot go back leave 0 or all ones as the size. */
static void check_riff(struct avqa_verdict *verdict, const uint8_t *head, int64_t size)
{
    uint32_t len = (uint32_t)head[4] | (uint32_t)head[5] << 8 |
                   (uint32_t)head[6] << 16 | (uint32_t)head[7] << 24;
    bool stated = len > 0 && len < 0x7fffff00;
    if (stated && (int64_t)len + 8 > size + 1)
        avqa_verdict_set(verdict, AVQA_MEDIA_TRUNCATED,
                         "it was cut: its RIFF ends at byte %" PRId64
                         ", the file at %" PRId64,
                         (int64_t)len + 8, size);
}

void avqa_whole_check(struct avqa_verdict *verdict, int fd, int64_t size)
{
    static const char *const first_boxes[] = {"ftyp", "moov", "mdat",
                                              "free", "wide", "skip"};
    uint8_t head[8];
    if (read_at(fd, 0, head, sizeof head) < sizeof head)
        return;
    if (memcmp(head, "\x1a\x45\xdf\xa3", 4) == 0)
        check_segment(verdict, fd, size);
    else if (memcmp(head, "RIFF", 4) == 0)
        check_riff(verdict, head, size);
    for (size_t i = 0; i < sizeof first_boxes / sizeof *first_boxes; i++) {
        if (memcmp(head + 4, first_boxes[i], 4) == 0)
            check_boxes(verdict, fd, size);
    }
}

/* ---- what is no media ------------------------------------------------------------ */

/* Whether there is nothing but letters, in UTF-8: no container begins so. The last
 * letter may be cut. */
static bool is_text(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool plain = bytes[i] >= 0x20 || strchr("\t\n\r\f\x1b", bytes[i]);
        if (!plain || bytes[i] == 0x7f || bytes[i] == 0)
            return false;
    }
    for (int cut = 0; cut < 3 && n == SNIFF_BYTES && bytes[n - 1] >= 0x80; cut++)
        n--;
    return n > 0 && avqa_text_valid((const char *)bytes, n, NULL);
}

static bool is_html(const char *text)
{
    static const char *const starts[] = {"<!doctype html", "<html", "<head", "<body"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (strncasecmp(text, starts[i], strlen(starts[i])) == 0)
            return true;
    }
    return false;
}

void avqa_whole_sniff(struct avqa_verdict *verdict, int fd)
{
    static const struct {
        const char *magic, *what;
        size_t len;
    } others[] = {{"PK\003\004", "a zip archive", 4},
                  {"\037\213", "a gzip archive", 2},
                  {"%PDF-", "a PDF document", 5},
                  {"SQLite format 3", "a SQLite file", 16},
                  {"\x7f"
                   "ELF",
                   "a program", 4}};
    uint8_t bytes[SNIFF_BYTES + 1] = {0};
    size_t n = read_at(fd, 0, bytes, SNIFF_BYTES);
    const char *text = (const char *)bytes;
    if (memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    text += strspn(text, " \t\r\n");
    if (is_html(text))
        avqa_verdict_set(verdict, AVQA_MEDIA_NOT_MEDIA,
                         "it is an HTML page, not media");
    else if (strncmp(text, "<?xml", 5) == 0)
        avqa_verdict_set(verdict, AVQA_MEDIA_NOT_MEDIA, "it is XML, not media");
    else if (is_text(bytes, n))
        avqa_verdict_set(verdict, AVQA_MEDIA_NOT_MEDIA, "it is a text, not media");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (n >= others[i].len && memcmp(bytes, others[i].magic, others[i].len) == 0)
            avqa_verdict_set(verdict, AVQA_MEDIA_NOT_MEDIA, "it is %s, not media",
                             others[i].what);
    }
}
