/* The pictures of a clip that a model saw: those of the seconds whose rows it read, out
 * of the clip's file, as avqa extract decodes it. */
#ifndef AVQA_PIPELINE_EXPLAIN_PICTURES_H
#define AVQA_PIPELINE_EXPLAIN_PICTURES_H

#include "base/log.h"
#include "base/status.h"
#include "catalog/catalog.h"

#include <stddef.h>
#include <stdint.h>

struct avqa_explain_picture {
    int width, height;
    uint8_t *rgb; /* NULL: there is none */
};

/* Zero is valid but for `clip_id`. */
struct avqa_explain_pictures {
    int64_t clip_id;
    char *name;                         /* "PICTURE" or "PICTURE+SOUND"; or NULL */
    struct avqa_explain_picture *items; /* [n_seconds] */
    size_t n_seconds, n_found;
    char *note; /* a sentence on what is missing and why; NULL: nothing is */
};

struct avqa_explain_seconds {
    size_t stride, n; /* seconds 0, stride, ... (n - 1) * stride */
};

/* Finds and decodes the clips' files, all of `n`. What cannot be had is in the notes; a
 * failure is one of ours. Release in any case. */
AVQA_CHECK enum avqa_status
avqa_explain_pictures_read(struct avqa_explain_pictures *all, size_t n,
                           struct avqa_catalog *cat, const char *dataset,
                           const struct avqa_explain_seconds *seconds,
                           const struct avqa_log *log);
void avqa_explain_pictures_release(struct avqa_explain_pictures *pictures);

#endif
