/* Clips as material: their files, what is known of them, and what composed ones were
 * made with. */
#ifndef AVQA_CATALOG_MATERIAL_H
#define AVQA_CATALOG_MATERIAL_H

#include "catalog/catalog.h"

#include <stdbool.h>
#include <stdint.h>

struct avqa_material {
    int64_t clip_id, source_id; /* the latter 0 if there is none */
    const char *clip;           /* its picture, which is its sound too */
    bool synthetic;
    const char *method; /* or NULL */
    const char *parent; /* the first of them, or NULL */
    const char *path;   /* of the clip's file, relative to the dataset; or NULL */
    int64_t bytes;      /* of it */
    const char *sha256; /* of it, or NULL */
    const char *source_sha256; /* of the source's file, or NULL */
    const char *recipe;        /* how it was made, or NULL */
    const char *made;          /* what came of composing it, or NULL */
    const char *facts;         /* the object, or NULL */
    bool mute;                 /* its source's file was measured, and has no sound */
};

/* Calls `fn` for every clip with a sound of its own, in order of their names. Strings
 * are borrowed for the call. */
typedef enum avqa_status avqa_material_fn(void *user, const struct avqa_material *m);
AVQA_CHECK enum avqa_status avqa_material_each(struct avqa_catalog *cat,
                                               avqa_material_fn *fn, void *user);

/* A composed clip's file, once it is there: of `m`, clip_id, method, path, bytes,
 * sha256, recipe and made. */
AVQA_CHECK enum avqa_status avqa_material_put(struct avqa_catalog *cat,
                                              const struct avqa_material *m);

#endif
