/* What the fuzz targets share: an input as a string, as a file, and a dataset to import
 * into that is made once. A broken promise of the library is a crash. */
#ifndef AVQA_SUPPORT_FUZZ_H
#define AVQA_SUPPORT_FUZZ_H

#include "base/status.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FUZZ_REQUIRE(condition)                                                        \
    do {                                                                               \
        if (!(condition)) {                                                            \
            fprintf(stderr, "%s:%d: %s is not so\n", __FILE__, __LINE__, #condition);  \
            abort();                                                                   \
        }                                                                              \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes with a NUL behind them, as exactly so much memory. Caller frees. */
static inline char *fuzz_string(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    FUZZ_REQUIRE(text != NULL);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

static char fuzz_folder[64];

static inline void fuzz_remove_folder(void)
{
    DIR *dir = opendir(fuzz_folder);
    for (struct dirent *e; dir && (e = readdir(dir));)
        unlinkat(dirfd(dir), e->d_name, 0);
    if (dir)
        closedir(dir);
    rmdir(fuzz_folder);
}

/* Makes the folder of this process, in memory where there is such a place; it goes when
 * the process ends well. */
static inline void fuzz_make_folder(void)
{
    struct stat st;
    snprintf(fuzz_folder, sizeof fuzz_folder, "%s/avqa-fuzz.XXXXXX",
             stat("/dev/shm", &st) == 0 ? "/dev/shm" : "/tmp");
    FUZZ_REQUIRE(mkdtemp(fuzz_folder) != NULL);
    FUZZ_REQUIRE(atexit(fuzz_remove_folder) == 0);
}

/* FOLDER/NAME; one static buffer. */
static inline const char *fuzz_path(const char *name)
{
    static char path[sizeof fuzz_folder + 64];
    snprintf(path, sizeof path, "%s/%s", fuzz_folder, name);
    return path;
}

static inline void fuzz_write(const char *path, const uint8_t *data, size_t size)
{
    FILE *f = fopen(path, "wb");
    FUZZ_REQUIRE(f != NULL);
    FUZZ_REQUIRE(fwrite(data, 1, size, f) == size);
    FUZZ_REQUIRE(fclose(f) == 0);
}

/* A failure has one line of message in UTF-8 without control bytes. */
static inline void fuzz_check_message(enum avqa_status rc)
{
    const char *message = avqa_message();
    FUZZ_REQUIRE(rc == AVQA_OK || *message);
    for (; rc != AVQA_OK && *message; message++)
        FUZZ_REQUIRE((unsigned char)*message >= ' ' && *message != 0x7f);
}

#endif
