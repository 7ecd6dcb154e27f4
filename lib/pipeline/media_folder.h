/* The folder media/ of a dataset: what its files are called, who may write to it, and
 * what an earlier run left there.
 *
 * A file is called by its source's name (an id), never by what a server calls it. What
 * could not be a file's name everywhere is written as %XX, a name that is too long ends
 * in its hash, so two sources never share a name. */
#ifndef AVQA_PIPELINE_MEDIA_FOLDER_H
#define AVQA_PIPELINE_MEDIA_FOLDER_H

#include "base/buf.h"
#include "base/intern.h"
#include "base/status.h"

#include <stdbool.h>

#define AVQA_MEDIA_FOLDER "media"

struct avqa_media_folder {
    char *dataset, *path;
    int lock;                   /* -1: not ours */
    struct avqa_intern present; /* names of the files in it when it was opened */
};

/* Makes the folder if it is not there and takes it: AVQA_EEXIST if another process is
 * fetching. */
AVQA_CHECK enum avqa_status avqa_media_folder_open(struct avqa_media_folder *folder,
                                                   const char *dataset);
void avqa_media_folder_close(struct avqa_media_folder *folder); /* zero is legal */

/* The stem of a source's file. */
void avqa_media_stem(struct avqa_buf *out, const char *source);

/* The temporary file of a stem, and its final path; relative ones start at the dataset.
 * The caller frees. */
char *avqa_media_part(const struct avqa_media_folder *folder, const char *stem);
char *avqa_media_target(const struct avqa_media_folder *folder, const char *stem,
                        const char *extension);
char *avqa_media_relative(const char *stem, const char *extension);

/* The folder in which yt-dlp works at a stem's file; the caller frees. */
char *avqa_media_stream(const struct avqa_media_folder *folder, const char *stem);

/* The extension of a whole file of this stem that was there when the folder was opened;
 * NULL if there is none. Static. */
const char *avqa_media_find(const struct avqa_media_folder *folder, const char *stem);

/* Whether a path of the catalog is a file of so many bytes. */
bool avqa_media_has(const char *dataset, const char *path, int64_t bytes);

/* Removes what temporary files are there but those of `wanted` stems, and all folders
 * of streams. */
AVQA_CHECK enum avqa_status avqa_media_clean(const struct avqa_media_folder *folder,
                                             const struct avqa_intern *wanted);

#endif
