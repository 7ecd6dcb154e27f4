/* The files that a command is given: those named, and the media files below folders, in
 * an order that does not depend on the disk. */
#ifndef AVQA_PIPELINE_WALK_H
#define AVQA_PIPELINE_WALK_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

struct avqa_walk {
    const char *ending; /* of the files wanted below folders; NULL: those of media */
    char **paths;
    size_t n, cap;
    int64_t n_ignored; /* below folders: other endings, hidden, no regular files */
};

/* Adds `path`, or the files wanted below it, sorted by name in each folder. Links to
 * files are followed, links to folders are not. */
AVQA_CHECK enum avqa_status avqa_walk_add(struct avqa_walk *walk, const char *path);
void avqa_walk_release(struct avqa_walk *walk);

#endif
