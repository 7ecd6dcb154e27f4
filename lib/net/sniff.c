/* See sniff.h. Signatures: ISO/IEC 14496-12 (ftyp), Matroska (EBML), RIFF, AIFF, ID3v2,
 * MPEG audio, program and transport streams, ADTS, Ogg, FLAC, FLV, ASF. */
#include "net/sniff.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static bool has(const unsigned char *s, size_t len, size_t at, const char *what)
{
    size_t n = strlen(what);
    return n == 0 || (at + n <= len && memcmp(s + at, what, n) == 0);
}

/* A first box that such files begin with: QuickTime's have no ftyp. */
static const char *iso_media(const unsigned char *s, size_t len)
{
    if (has(s, len, 4, "ftyp"))
        return has(s, len, 8, "qt  ") ? "mov" : has(s, len, 8, "M4A") ? "m4a" : "mp4";
    if (has(s, len, 4, "moov") || has(s, len, 4, "mdat") || has(s, len, 4, "wide"))
        return "mov";
    return NULL;
}

static const char *matroska(const unsigned char *s, size_t len)
{
    if (!has(s, len, 0, "\x1a\x45\xdf\xa3"))
        return NULL;
    for (size_t i = 4; i + 4 <= len && i < 64; i++) {
        if (has(s, len, i, "webm"))
            return "webm";
    }
    return "mkv";
}

/* MPEG audio layer III: sync, a version, bitrate and rate that exist. */
static bool is_mp3(const unsigned char *s, size_t len)
{
    return len >= 4 && s[0] == 0xff && (s[1] & 0xe6) == 0xe2 && (s[1] & 0x18) != 0x08 &&
           (s[2] & 0xf0) != 0xf0 && (s[2] & 0xf0) != 0 && (s[2] & 0x0c) != 0x0c;
}

/* AAC in ADTS frames: sync, layer 0, a sample rate that exists. */
static bool is_aac(const unsigned char *s, size_t len)
{
    return len >= 4 && s[0] == 0xff && (s[1] & 0xf6) == 0xf0 && (s[2] & 0x3c) <= 0x30;
}

/* Packets of 188 bytes, three of them in a row if there are so many. */
static bool is_transport_stream(const unsigned char *s, size_t len)
{
    return len > 376 && s[0] == 0x47 && s[188] == 0x47 && s[376] == 0x47;
}

const char *const avqa_sniff_extensions[] = {"mp4", "mov", "m4a",  "webm", "mkv", "avi",
                                             "wav", "mp3", "ogg",  "flac", "flv", "mpg",
                                             "wmv", "ts",  "aiff", "aac",  NULL};

const char *avqa_sniff_media(const void *bytes, size_t len)
{
    static const struct {
        const char *first, *at_8, *extension;
    } signatures[] = {{"RIFF", "AVI ", "avi"},  {"RIFF", "WAVE", "wav"},
                      {"RF64", "WAVE", "wav"},  {"FORM", "AIFF", "aiff"},
                      {"FORM", "AIFC", "aiff"}, {"OggS", "", "ogg"},
                      {"fLaC", "", "flac"},     {"ID3", "", "mp3"},
                      {"FLV\x01", "", "flv"},   {"\x30\x26\xb2\x75", "", "wmv"}};
    const unsigned char *s = bytes;
    const char *found = iso_media(s, len);
    if (!found)
        found = matroska(s, len);
    for (size_t i = 0; !found && i < sizeof signatures / sizeof *signatures; i++) {
        if (has(s, len, 0, signatures[i].first) && has(s, len, 8, signatures[i].at_8))
            found = signatures[i].extension;
    }
    if (found)
        return found;
    if (len >= 4 && memcmp(s, "\0\0\x01\xba", 4) == 0)
        return "mpg";
    if (is_transport_stream(s, len))
        return "ts";
    return is_mp3(s, len) ? "mp3" : is_aac(s, len) ? "aac" : NULL;
}

bool avqa_sniff_page(const void *bytes, size_t len)
{
    static const char *const starts[] = {"<!doctype html", "<html",  "<head",
                                         "<body",          "<title", "<script"};
    const char *s = bytes;
    size_t i = has(bytes, len, 0, "\xef\xbb\xbf") ? 3 : 0;
    if (avqa_sniff_media(bytes, len)) /* a box's length may read as "<!--" */
        return false;
    while (i < len && s[i] && strchr(" \t\r\n", s[i]))
        i++;
    for (size_t k = 0; k < sizeof starts / sizeof *starts; k++) {
        size_t n = strlen(starts[k]);
        if (i + n <= len && strncasecmp(s + i, starts[k], n) == 0)
            return true;
    }
    return has(bytes, len, i, "<?xml") || has(bytes, len, i, "<!--");
}

bool avqa_sniff_playlist(const void *bytes, size_t len)
{
    size_t i = has(bytes, len, 0, "\xef\xbb\xbf") ? 3 : 0;
    return has(bytes, len, i, "#EXTM3U");
}

static uint64_t big_endian(const unsigned char *s, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | s[i];
    return v;
}

/* Walks the outermost boxes: each must lie inside the file, and one must be the index
 * (moov), without which nothing can be played. */
static enum avqa_status check_boxes(int fd, uint64_t size, const char *path)
{
    unsigned char box[16];
    uint64_t at = 0;
    bool index = false;
    for (int n = 0; at < size && n < 100000; n++) {
        ssize_t got = pread(fd, box, sizeof box, (off_t)at);
        if (got < 8)
            return avqa_fail(AVQA_EFORMAT, "%s: is cut off within a box", path);
        uint64_t len = big_endian(box, 4);
        if (len == 1 && got == 16)
            len = big_endian(box + 8, 8);
        else if (len == 0)
            len = size - at;
        if (len < 8 || len > size - at)
            return avqa_fail(AVQA_EFORMAT,
                             "%s: is cut off: a box at %llu has %llu bytes, the file "
                             "%llu",
                             path, (unsigned long long)at, (unsigned long long)len,
                             (unsigned long long)size);
        index = index || memcmp(box + 4, "moov", 4) == 0;
        at += len;
    }
    return index ? AVQA_OK : avqa_fail(AVQA_EFORMAT, "%s: has no index (moov)", path);
}

/* RIFF says its length, unless it was written as a stream (all ones, or zero). */
static enum avqa_status check_riff(const unsigned char *head, uint64_t size,
                                   const char *path)
{
    uint64_t len = head[4] | (uint64_t)head[5] << 8 | (uint64_t)head[6] << 16 |
                   (uint64_t)head[7] << 24;
    if (len == 0 || len == 0xffffffff || len + 8 <= size)
        return AVQA_OK;
    return avqa_fail(AVQA_EFORMAT, "%s: is cut off: %llu of %llu bytes", path,
                     (unsigned long long)size, (unsigned long long)len + 8);
}

static enum avqa_status check(const char **extension, int fd, const char *path)
{
    unsigned char head[AVQA_SNIFF_BYTES];
    struct stat st;
    ssize_t n = fstat(fd, &st) == 0 ? pread(fd, head, sizeof head, 0) : -1;
    if (n < 0)
        return avqa_fail(AVQA_EIO, "%s: cannot read: %s", path, strerror(errno));
    *extension = avqa_sniff_media(head, (size_t)n);
    if (!*extension)
        return avqa_fail(AVQA_EFORMAT, "%s: is %s", path,
                         avqa_sniff_page(head, (size_t)n)
                             ? "an HTML page"
                             : "of no media format that is known here");
    if (iso_media(head, (size_t)n))
        return check_boxes(fd, (uint64_t)st.st_size, path);
    return memcmp(head, "RIFF", 4) == 0 ? check_riff(head, (uint64_t)st.st_size, path)
                                        : AVQA_OK;
}

enum avqa_status avqa_sniff_file(const char **extension, const char *path)
{
    *extension = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return avqa_fail(AVQA_EIO, "%s: cannot open: %s", path, strerror(errno));
    enum avqa_status rc = check(extension, fd, path);
    close(fd);
    return rc;
}

void avqa_sniff_verify(void *user, const char *path, struct avqa_net_outcome *outcome,
                       char extension[8])
{
    const char *found;
    (void)user;
    enum avqa_status rc = avqa_sniff_file(&found, path);
    snprintf(extension, 8, "%s", found ? found : "");
    if (rc == AVQA_OK)
        return;
    const char *message = avqa_message();
    size_t n = strlen(path);
    if (strncmp(message, path, n) == 0 && strncmp(message + n, ": ", 2) == 0)
        message += n + 2; /* a temporary file's name tells nothing */
    if (rc != AVQA_EFORMAT)
        avqa_net_fail(outcome, AVQA_NET_OURS, "cannot-read", "%s", message);
    else if (found)
        avqa_net_fail(outcome, AVQA_NET_TRANSIENT, "cut-off", "the file %s", message);
    else
        avqa_net_fail(outcome, AVQA_NET_PERMANENT, "not-media", "the file %s", message);
}
