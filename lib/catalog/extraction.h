/* What features are made of, and what became of it: the files behind clips, the shards
 * and the features in them with how they were made, and clips that gave none. A clip
 * has the features of an encoder once. */
#ifndef AVQA_CATALOG_EXTRACTION_H
#define AVQA_CATALOG_EXTRACTION_H

#include "catalog/catalog.h"

#include <stdbool.h>
#include <stdint.h>

/* A clip and the file to open for it: its own, or a stretch of its source's. */
struct avqa_extraction_clip {
    int64_t clip_id, source_id; /* 0 if it has no source */
    const char *picture, *sound;
    const char *source;            /* name, or NULL */
    const char *method;            /* or NULL */
    const char *path;              /* relative to the dataset's folder, or absolute */
    const char *sha256;            /* "" if not known */
    int64_t bytes;                 /* of the file; 0 if not known */
    bool is_own;                   /* the file is the whole clip */
    int64_t start_us, duration_us; /* of a stretch; or AVQA_CLIP_UNKNOWN */
};

/* Calls `fn` for every clip with a file, in the order of the names' bytes. A clip whose
 * sound was exchanged has only its own file. Strings are borrowed for the call. */
typedef enum avqa_status avqa_extraction_clip_fn(void *user,
                                                 const struct avqa_extraction_clip *c);
AVQA_CHECK enum avqa_status avqa_extraction_clip_each(struct avqa_catalog *cat,
                                                      avqa_extraction_clip_fn *fn,
                                                      void *user);

/* Features of a clip, or why it has none. */
struct avqa_extraction_state {
    int64_t clip_id;
    const char *recipe; /* NULL: they were imported */
    const char *shard;  /* path; NULL: it has none */
    int64_t shard_bytes;
    const char *reason, *detail; /* of having none */
};

/* Calls `fn` for every clip with a state for this encoder. */
typedef enum avqa_status avqa_extraction_state_fn(void *user,
                                                  const struct avqa_extraction_state *);
AVQA_CHECK enum avqa_status avqa_extraction_state_each(struct avqa_catalog *cat,
                                                       const char *encoder,
                                                       avqa_extraction_state_fn *fn,
                                                       void *user);

/* Whether there is a shard of this path. */
AVQA_CHECK enum avqa_status
avqa_extraction_has_shard(bool *has, struct avqa_catalog *cat, const char *path);

/* Calls `fn` for every shard, in the order of the paths. */
typedef enum avqa_status avqa_extraction_shard_fn(void *user, const char *path,
                                                  int64_t bytes, const char *sha256);
AVQA_CHECK enum avqa_status avqa_extraction_shard_each(struct avqa_catalog *cat,
                                                       avqa_extraction_shard_fn *fn,
                                                       void *user);

/* ---- writing down ---------------------------------------------------------------- */

struct avqa_extraction_shard {
    const char *path; /* relative to the dataset's folder */
    int64_t bytes, n_samples;
    const char *sha256;
    const char *encoding; /* of its maps */
};

struct avqa_extraction_feature {
    int64_t clip_id, shard_id, sample, n_rows;
    const char *encoder;
    const char *recipe;     /* NULL: they were imported */
    const char *provenance; /* JSON */
};

struct avqa_extraction_none {
    int64_t clip_id;
    const char *encoder, *recipe, *reason, *detail;
};

struct avqa_extraction_store;
AVQA_CHECK enum avqa_status
avqa_extraction_store_open(struct avqa_extraction_store **out, struct avqa_catalog *cat,
                           int64_t run_id);
void avqa_extraction_store_close(
    struct avqa_extraction_store *store); /* NULL is legal */

/* The id of the clip that is seen and heard in the video `name`; 0 if there is none. */
AVQA_CHECK enum avqa_status
avqa_extraction_find_clip(struct avqa_extraction_store *store, const char *name,
                          int64_t *clip_id);
/* The shard with the clip's features of this encoder, and the bytes that it has by the
 * catalog; *path is NULL if there are none. The caller frees it. */
AVQA_CHECK enum avqa_status
avqa_extraction_find_shard(struct avqa_extraction_store *store, int64_t clip_id,
                           const char *encoder, char **path, int64_t *bytes);
/* The number behind the highest in the paths "shards/NNNNNN.tar.zst"; 0 at first. */
AVQA_CHECK enum avqa_status
avqa_extraction_next_number(struct avqa_extraction_store *store, int64_t *number);

/* A shard of this path that is there already is this one now. */
AVQA_CHECK enum avqa_status
avqa_extraction_put_shard(struct avqa_extraction_store *store,
                          const struct avqa_extraction_shard *shard, int64_t *id);
/* Each takes the place of what was known of the clip and the encoder. */
AVQA_CHECK enum avqa_status
avqa_extraction_put_feature(struct avqa_extraction_store *store,
                            const struct avqa_extraction_feature *feature);
AVQA_CHECK enum avqa_status
avqa_extraction_put_none(struct avqa_extraction_store *store,
                         const struct avqa_extraction_none *none);

/* Forgets a shard of which no clip has features any more: *path is the caller's to free
 * (its file, once this is committed), NULL if there is no such shard. */
AVQA_CHECK enum avqa_status
avqa_extraction_drop_shard(struct avqa_extraction_store *store, char **path);

#endif
