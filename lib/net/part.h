/* The temporary file of a download, beside its target, and the note that says of which
 * version of which thing it is a part. Without a note that fits it starts empty: bytes
 * of unknown origin are never continued. */
#ifndef AVQA_NET_PART_H
#define AVQA_NET_PART_H

#include "base/status.h"
#include "net/response.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AVQA_PART_SUFFIX ".part"
#define AVQA_PART_NOTE ".note" /* behind the part's own name */

struct avqa_part {
    int fd; /* -1: not open */
    char *path, *note;
    char *key; /* what is being fetched: a URL as a rule */
    struct avqa_partial have;
};

/* Opens `path`, or makes it. `key` names what it is a part of. */
AVQA_CHECK enum avqa_status avqa_part_open(struct avqa_part *part, const char *path,
                                           const char *key);

/* Throws away what is there. */
AVQA_CHECK enum avqa_status avqa_part_restart(struct avqa_part *part);

/* Writes the note: from now on a kill leaves something that can be continued. */
AVQA_CHECK enum avqa_status avqa_part_pin(struct avqa_part *part, const char *validator,
                                          int64_t total);

/* AVQA_EIO: a write failed; *full tells whether for want of room. */
AVQA_CHECK enum avqa_status avqa_part_write(struct avqa_part *part, const void *bytes,
                                            size_t len, bool *full);

/* On disk, so that a rename can follow. */
AVQA_CHECK enum avqa_status avqa_part_sync(struct avqa_part *part);

/* Closes it. What cannot be continued is removed, or all of it if `keep` is false. */
void avqa_part_close(struct avqa_part *part, bool keep);

/* Removes a part that is not open, with its note. */
AVQA_CHECK enum avqa_status avqa_part_remove(const char *path);

/* Gives a whole part its final name, in place of what is there; its note goes. The
 * folder's entry is not forced to disk: a caller that records the file looks whether it
 * is there when it starts again. */
AVQA_CHECK enum avqa_status avqa_part_publish(const char *path, const char *target);

#endif
