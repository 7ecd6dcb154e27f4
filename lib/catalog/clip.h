/* Clips: a stretch of a source, or made from other clips. A clip's media identity is
 * the pair (picture, sound): exchange the sound and it is another clip. */
#ifndef AVQA_CATALOG_CLIP_H
#define AVQA_CATALOG_CLIP_H

#include "catalog/catalog.h"

#include <stdbool.h>
#include <stdint.h>

#define AVQA_CLIP_UNKNOWN INT64_MIN /* a time that nobody gave */

struct avqa_clip {
    int64_t id;
    const char *picture; /* video id of what is seen */
    const char *sound;   /* video id of what is heard */
    int64_t source_id;   /* 0 if none; given by avqa_clip_each */
    const char *source;  /* name of the source video, or NULL */
    const char *url;     /* of the source, or NULL */
    int64_t start_us;    /* or AVQA_CLIP_UNKNOWN */
    int64_t duration_us; /* or AVQA_CLIP_UNKNOWN */
    bool synthetic;
    const char *method; /* how it was made, or NULL */
    const char *parent; /* what it was made from, or NULL */
    const char *extra;  /* JSON, or NULL */
};

enum avqa_clip_outcome { AVQA_CLIP_NEW, AVQA_CLIP_SAME, AVQA_CLIP_UPDATED };

/* Writes clips for one run. */
struct avqa_clip_store;

AVQA_CHECK enum avqa_status avqa_clip_store_open(struct avqa_clip_store **out,
                                                 struct avqa_catalog *cat,
                                                 int64_t run_id);
void avqa_clip_store_close(struct avqa_clip_store *store); /* NULL is legal */

/* Makes sure that the clip with this picture and sound exists, and gives its id. One
 * that exists already is left as it is; *is_new tells. */
AVQA_CHECK enum avqa_status avqa_clip_ensure(struct avqa_clip_store *store,
                                             const struct avqa_clip *clip, int64_t *id,
                                             bool *is_new);

/* Gives a clip that is known without a source, because annotations or facts name it,
 * the source `clip` names; times that it has stay. Another clip is left as it is. */
AVQA_CHECK enum avqa_status avqa_clip_adopt(struct avqa_clip_store *store, int64_t id,
                                            const struct avqa_clip *clip);

/* Stores all that is known of a clip; what a manifest says of times, url and source
 * replaces what was there. */
AVQA_CHECK enum avqa_status avqa_clip_put(struct avqa_clip_store *store,
                                          const struct avqa_clip *clip,
                                          enum avqa_clip_outcome *outcome);

/* Calls `fn` for every clip in order of id. Strings are borrowed for the call;
 * `source`, `url` and `extra` are left out (NULL). A clip with several parents gives
 * the first. */
typedef enum avqa_status avqa_clip_fn(void *user, const struct avqa_clip *clip);
AVQA_CHECK enum avqa_status avqa_clip_each(struct avqa_catalog *cat, avqa_clip_fn *fn,
                                           void *user);

/* Calls `fn` for every parent of every clip but its sound: what avqa_clip calls sound
 * is no parent here. */
typedef enum avqa_status avqa_clip_parent_fn(void *user, int64_t clip_id,
                                             const char *parent);
AVQA_CHECK enum avqa_status avqa_clip_parent_each(struct avqa_catalog *cat,
                                                  avqa_clip_parent_fn *fn, void *user);

#endif
