/* See features.h. Shards stay open: what there is of them in memory is their index. */
#include "train/features.h"
#include "base/intern.h"
#include "base/mem.h"
#include "base/text.h"
#include "shard/row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct opened {
    struct avqa_shard *shard; /* NULL if it does not open */
    enum avqa_status rc;
    char *message;
};

struct clip_arrays {
    struct avqa_shard_array heard, seen;
};

struct avqa_features {
    const struct avqa_train_set *set;
    struct avqa_intern names; /* of shards; ids are numbers of these */
    struct opened *shards;
    size_t cap;
    struct clip_arrays *clips;
};

/* What a clip must have, of sound or of maps. */
struct wanted {
    const char *what;
    size_t n_rows;
    size_t values, channels; /* of a row; channels 0: they do not matter */
};

static enum avqa_status open_watched(void *user, struct avqa_shard **out,
                                     const char *shard)
{
    struct avqa_shard_source source;
    (void)user;
    enum avqa_status rc = avqa_shard_source_watched(&source, shard);
    return rc == AVQA_OK ? avqa_shard_open_source(out, &source) : rc;
}

/* The shard of this name, opened when it is first asked for. */
static enum avqa_status find_shard(struct avqa_shard **out, struct avqa_features *f,
                                   const struct avqa_features_options *options,
                                   const char *name)
{
    bool is_new;
    size_t id = avqa_intern_add(&f->names, name, strlen(name), &is_new);
    avqa_mem_need(&f->shards, &f->cap, f->names.n, sizeof *f->shards);
    struct opened *opened = &f->shards[id];
    if (is_new) {
        avqa_features_open_fn *fn =
            options->open_shard ? options->open_shard : open_watched;
        opened->rc = fn(options->user, &opened->shard, name);
        if (opened->rc != AVQA_OK) {
            opened->shard = NULL;
            opened->message = avqa_mem_strdup(avqa_message());
        }
    }
    *out = opened->shard;
    return opened->rc == AVQA_OK ? AVQA_OK
                                 : avqa_fail(opened->rc, "%s", opened->message);
}

/* Whether the array is what the set says and the model takes. */
static enum avqa_status check_array(const struct avqa_shard_array *a,
                                    const struct avqa_train_feature *feature,
                                    const struct wanted *wanted)
{
    const char *shard = avqa_shard_name(a->shard);
    bool real = a->npy.type == AVQA_NPY_F4 || a->npy.type == AVQA_NPY_F2;
    if (!real)
        return avqa_fail(AVQA_EFORMAT, "%s: %s is of %s, not of real numbers", shard,
                         a->name, avqa_npy_type_name(a->npy.type));
    if (a->n_rows != feature->n_rows || a->npy.n_dims == 0)
        return avqa_fail(AVQA_EFORMAT,
                         "%s: %s has %zu row%s, not the %zu that the catalog has; was "
                         "the shard exchanged?",
                         shard, a->name, a->n_rows,
                         avqa_text_plural((int64_t)a->n_rows), feature->n_rows);
    if (a->row_values != wanted->values ||
        (wanted->channels && a->npy.dims[1] != wanted->channels))
        return avqa_fail(AVQA_EFORMAT, "%s: a row of %s has %zu numbers, not %zu",
                         shard, a->name, a->row_values, wanted->values);
    return AVQA_OK;
}

static enum avqa_status find_array(struct avqa_shard_array *out,
                                   struct avqa_features *f,
                                   const struct avqa_features_options *options,
                                   const struct avqa_train_feature *feature,
                                   const struct wanted *wanted)
{
    struct avqa_shard *shard;
    size_t sample;
    if (!feature->shard)
        return avqa_fail(AVQA_ENOENT, "it has no features of %s", wanted->what);
    if (feature->n_rows < wanted->n_rows)
        return avqa_fail(AVQA_ENOENT, "it has %zu row%s of %s, and %zu are needed",
                         feature->n_rows, avqa_text_plural((int64_t)feature->n_rows),
                         wanted->what, wanted->n_rows);
    enum avqa_status rc = find_shard(&shard, f, options, feature->shard);
    if (rc == AVQA_OK)
        rc = avqa_shard_find(&sample, shard, feature->key);
    if (rc == AVQA_OK)
        rc = avqa_shard_array_find(out, shard, sample, feature->array);
    return rc == AVQA_OK ? check_array(out, feature, wanted) : rc;
}

static enum avqa_status find_clip(struct avqa_features *f, size_t clip,
                                  const struct avqa_features_options *options)
{
    const struct avqa_train_set *set = f->set;
    struct clip_arrays *arrays = &f->clips[clip];
    enum avqa_status rc = AVQA_OK;
    if (options->hears)
        rc = find_array(&arrays->heard, f, options, &set->clips[clip].heard,
                        &(struct wanted){"sound", options->n_rows, set->sound, 0});
    if (rc == AVQA_OK && options->sees)
        rc = find_array(&arrays->seen, f, options, &set->clips[clip].seen,
                        &(struct wanted){"pictures", options->n_rows,
                                         set->channels * set->places, set->channels});
    return rc;
}

/* Looks at all clips, and says how many are not as wanted and what the first lacks. */
static enum avqa_status find_clips(struct avqa_features *f,
                                   const struct avqa_features_options *options)
{
    size_t n_bad = 0;
    enum avqa_status first = AVQA_OK;
    char message[1024];
    for (size_t i = 0; i < f->set->n_clips; i++) {
        enum avqa_status rc = find_clip(f, i, options);
        if (rc != AVQA_OK && n_bad++ == 0) {
            first = rc;
            snprintf(message, sizeof message, "%s: %s", f->set->clips[i].name,
                     avqa_message());
        }
    }
    if (n_bad == 0)
        return AVQA_OK;
    return avqa_fail(first, "%zu of %zu clip%s cannot be used, the first one is %s",
                     n_bad, f->set->n_clips, avqa_text_plural((int64_t)f->set->n_clips),
                     message);
}

enum avqa_status avqa_features_open(struct avqa_features **out,
                                    const struct avqa_train_set *set,
                                    const struct avqa_features_options *options)
{
    struct avqa_features *f = avqa_mem_new(sizeof *f);
    f->set = set;
    enum avqa_status rc = AVQA_OK;
    if (options->hears || options->sees)
        rc = avqa_mem_array(&f->clips, set->n_clips, sizeof *f->clips);
    if (rc == AVQA_OK && f->clips)
        rc = find_clips(f, options);
    if (rc != AVQA_OK) {
        avqa_features_close(f);
        return rc;
    }
    *out = f;
    return AVQA_OK;
}

void avqa_features_close(struct avqa_features *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->names.n; i++) {
        avqa_shard_close(f->shards[i].shard);
        free(f->shards[i].message);
    }
    free(f->shards);
    free(f->clips);
    avqa_intern_release(&f->names);
    free(f);
}

size_t avqa_features_map_room(const struct avqa_features *f, size_t clip, size_t row)
{
    return avqa_shard_row_room(&f->clips[clip].seen, row);
}

enum avqa_status avqa_features_map(struct avqa_map *out, const struct avqa_features *f,
                                   struct avqa_shard_lane *lane, size_t clip,
                                   size_t row, void *room)
{
    struct avqa_shard_row got;
    enum avqa_status rc =
        avqa_shard_row_read(&got, lane, &f->clips[clip].seen, row, room);
    if (rc != AVQA_OK)
        return avqa_fail_in(rc, "clip %s", f->set->clips[clip].name);
    *out = (struct avqa_map){.kind = got.mask                  ? AVQA_MAP_SPARSE16
                                     : got.type == AVQA_NPY_F2 ? AVQA_MAP_F16
                                                               : AVQA_MAP_REAL,
                             .values = got.values,
                             .mask = got.mask,
                             .n_values = got.n_values};
    return AVQA_OK;
}

enum avqa_status avqa_features_sound(float *out, const struct avqa_features *f,
                                     struct avqa_shard_lane *lane, size_t clip,
                                     size_t n, size_t stride)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < n; i++)
        rc = avqa_shard_read(lane, &f->clips[clip].heard, i * stride, 1, AVQA_NPY_F4,
                             out + i * f->set->sound);
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "clip %s", f->set->clips[clip].name);
}
