/* One file on disk on its way into the catalog: which name it gets, its hash, what is
 * in it. Safe to run for several files at once. */
#ifndef AVQA_PIPELINE_MEDIA_FILE_H
#define AVQA_PIPELINE_MEDIA_FILE_H

#include "base/hash.h"
#include "base/log.h"
#include "base/status.h"
#include "media/measure.h"
#include "pipeline/import_run.h"

#include <stdbool.h>
#include <stdint.h>

enum avqa_media_file_state {
    AVQA_MEDIA_FILE_NEW,       /* to be read */
    AVQA_MEDIA_FILE_UNCHANGED, /* as the catalog has it */
    AVQA_MEDIA_FILE_READ,      /* hashed and looked into, and usable */
    AVQA_MEDIA_FILE_FAILED,    /* for the reason that is there */
};

struct avqa_media_file {
    const char *path; /* as given; borrowed */
    char *real;       /* absolute, without links */
    char name[AVQA_IMPORT_NAME_MAX +
              1]; /* of the source: the file's without its ending */
    enum avqa_media_file_state state;
    char reason[64];
    char detail[AVQA_VERDICT_REASON];
    int64_t bytes, mtime_us, started_us, ended_us;
    char sha256[AVQA_SHA256_HEX];
    char
        *copied; /* the copy, relative to the dataset's folder; NULL if there is none */
    struct avqa_media_info info;
    bool measured;
    struct avqa_media_measures measures; /* if it was measured */
};

/* What is to be done with a file beside hashing it. */
struct avqa_media_file_work {
    const char *copy_to; /* the dataset whose media folder gets a copy; NULL: none */
    bool measure;        /* decode it to its end, instead of only looking into it */
    const struct avqa_log *log;
};

/* Finds out its real path, size, time and name; `name` is that of the source, or NULL:
 * the file's. What cannot be is FAILED. */
void avqa_media_file_stat(struct avqa_media_file *file, const char *path,
                          const char *name);
void avqa_media_file_release(struct avqa_media_file *file);

/* Marks it failed; the first reason stays. */
void avqa_media_file_fail(struct avqa_media_file *file, const char *reason,
                          const char *fmt, ...) AVQA_PRINTF(3, 4);

/* Hashes it and does the work. A failure is one of ours (disk full, stopped); of the
 * file, its state says. */
AVQA_CHECK enum avqa_status
avqa_media_file_read(struct avqa_media_file *file,
                     const struct avqa_media_file_work *work);

#endif
