/* See weights_look.h. The length in front of a safetensors header is below 2^32, so
 * four of the first eight bytes are zero, which no text has. */
#include "pipeline/weights_look.h"
#include "base/io.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_BYTES = 64 };

static const struct look {
    const char *begin;
    size_t len;
    const char *what;
} looks[] = {
    {"\x93NUMPY", 6, "an array of NumPy (.npy)"},
    {"\x89PNG", 4, "a picture (PNG)"},
    {"\xff\xd8\xff", 3, "a picture (JPEG)"},
    {"\x89HDF", 4, "an HDF5 file"},
    {"\x1f\x8b", 2, "something packed with gzip"},
    {"\x28\xb5\x2f\xfd", 4, "something packed with zstd"},
    {"SQLite format 3", 15, "an SQLite database"},
    {"GGUF", 4, "a GGUF file"},
    {"%PDF", 4, "a PDF"},
};

static bool is_text(const unsigned char *head, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (head[i] < ' ' && !isspace(head[i]))
            return false;
    }
    return true;
}

/* NULL: not known, or a safetensors file. */
static const char *look_at(const unsigned char *head, size_t n)
{
    size_t at = 0;
    if (n == 0)
        return "it is empty";
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        if (n >= looks[i].len && memcmp(head, looks[i].begin, looks[i].len) == 0)
            return looks[i].what;
    }
    if (!is_text(head, n))
        return NULL;
    while (at < n && isspace(head[at]))
        at++;
    return at < n && (head[at] == '{' || head[at] == '[') ? "JSON" : "text";
}

static enum avqa_status fail_folder(const char *path)
{
    char *best = avqa_io_join(path, "best.safetensors");
    enum avqa_status rc =
        avqa_io_exists(best)
            ? avqa_fail(AVQA_EFORMAT, "%s: is a folder; the weights of that run are %s",
                        path, best)
            : avqa_fail(AVQA_EFORMAT, "%s: is a folder, no file of weights", path);
    free(best);
    return rc;
}

enum avqa_status avqa_weights_look(const char *path)
{
    unsigned char head[HEAD_BYTES];
    if (avqa_io_is_dir(path))
        return fail_folder(path);
    FILE *f = fopen(path, "rb");
    if (!f)
        return AVQA_OK;
    size_t n = fread(head, 1, sizeof head, f);
    const bool failed = ferror(f) != 0;
    (void)fclose(f);
    const char *what = failed ? NULL : look_at(head, n);
    if (!what)
        return AVQA_OK;
    return avqa_fail(AVQA_EFORMAT,
                     "%s: no file of weights (safetensors, .pt, .pth): %s%s", path,
                     n ? "it looks like " : "", what);
}
