/* See train_features.h. What a model sees are maps (rows of rank 3), what it hears rows
 * of numbers (rank 1); an encoder that nobody named is chosen only if it is the only
 * one of its kind. */
#include "pipeline/train_features.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "catalog/features_of.h"
#include "pipeline/extract_feature.h"
#include "shard/reader.h"

#include <stdlib.h>
#include <string.h>

/* One of the two things that a model may use. */
struct side {
    const char *verb, *what, *option;
    enum avqa_feature_input input;
    size_t rank;
    const char *asked; /* encoder, or NULL */
};

struct placing {
    const struct avqa_train_set_config *config;
    struct avqa_train_set *set;
    const struct side *side;
    uint32_t *place; /* by clip id: 1 + into the set's clips, or 0 */
    size_t n_places;
    char *encoder;
    struct avqa_train_encoder made; /* in the set's arena */
    struct avqa_shard *shard;       /* that is open */
    char *path;                     /* of it, as in the catalog */
    const char *full_path;          /* in the set's arena */
    size_t dims[3];                 /* of a row; 0 at first */
    size_t n_placed;
};

/* ---- which encoder --------------------------------------------------------------- */

/* While encoders are looked through. */
struct choice {
    const struct side *side;
    char *encoder; /* the first one that fits */
    size_t n_fitting;
    struct avqa_buf fitting, all; /* names, for messages */
};

/* What a provenance says; texts are borrowed from the JSON. */
struct made {
    struct avqa_json *json;
    const char *preset, *weights;
    bool imported;
};

static struct made read_made(const char *provenance)
{
    struct made m = {NULL, NULL, NULL, false};
    if (avqa_json_parse(&m.json, provenance, strlen(provenance)) != AVQA_OK)
        return m;
    const char *origin = avqa_json_string(avqa_json_get(m.json, "origin"));
    m.imported = origin && strcmp(origin, "imported") == 0;
    m.preset = avqa_json_string(avqa_json_get(m.json, "preset"));
    m.weights = avqa_json_string(avqa_json_get(m.json, "weights"));
    return m;
}

static bool fits(const struct side *side, const struct avqa_features_of *f)
{
    const struct avqa_feature_info *info = NULL;
    const struct made made = read_made(f->provenance);
    const bool is_known =
        avqa_feature_find(&info, f->encoder, made.imported ? NULL : made.preset) ==
        AVQA_OK;
    avqa_json_free(made.json);
    return is_known && info->input == side->input && info->rank == side->rank &&
           info->type == AVQA_TENSOR_F32;
}

static enum avqa_status look_at(void *user, const struct avqa_features_of *f)
{
    struct choice *c = user;
    const bool is_asked = c->side->asked && strcmp(c->side->asked, f->encoder) == 0;
    avqa_buf_addf(&c->all, "%s%s", c->all.len ? ", " : "", f->encoder);
    if (c->side->asked ? !is_asked : !fits(c->side, f))
        return AVQA_OK;
    avqa_buf_addf(&c->fitting, "%s%s", c->fitting.len ? ", " : "", f->encoder);
    if (c->n_fitting++ == 0)
        c->encoder = avqa_mem_strdup(f->encoder);
    return AVQA_OK;
}

static enum avqa_status judge(const struct choice *c, const char *split,
                              const char *model)
{
    const struct side *s = c->side;
    const char *all = c->all.len ? avqa_buf_str(&c->all) : "none";
    if (c->n_fitting == 1)
        return AVQA_OK;
    if (s->asked)
        return avqa_fail(AVQA_ENOENT,
                         "no clip of split '%s' has features of %s; encoders with "
                         "features of it: %s",
                         split, s->asked, all);
    if (c->n_fitting > 1)
        return avqa_fail(AVQA_ENOENT,
                         "clips of split '%s' have several features to be %s: %s; name "
                         "one with %s",
                         split, s->verb, avqa_buf_str(&c->fitting), s->option);
    return avqa_fail(AVQA_ENOENT,
                     "no clip of split '%s' has %s, which %s needs; encoders with "
                     "features of it: %s. Run avqa extract or avqa import features",
                     split, s->what, model, all);
}

static enum avqa_status choose(char **encoder, struct avqa_catalog *cat,
                               int64_t split_id,
                               const struct avqa_train_set_config *config,
                               const struct side *side)
{
    struct choice c = {.side = side};
    enum avqa_status rc = avqa_features_of_split(cat, split_id, look_at, &c);
    if (rc == AVQA_OK)
        rc = judge(&c, config->split, config->model->name);
    if (rc == AVQA_OK)
        *encoder = c.encoder;
    else
        free(c.encoder);
    avqa_buf_release(&c.fitting);
    avqa_buf_release(&c.all);
    return rc;
}

/* ---- where its rows are ---------------------------------------------------------- */

static enum avqa_status open_shard(struct placing *p, const char *path)
{
    if (p->path && strcmp(p->path, path) == 0)
        return AVQA_OK;
    avqa_shard_close(p->shard);
    p->shard = NULL;
    free(p->path);
    p->path = avqa_mem_strdup(path);
    char *full = avqa_io_join(p->config->dataset, path);
    p->full_path = avqa_arena_strdup(&p->set->arena, full);
    free(full);
    return avqa_shard_open(&p->shard, p->full_path);
}

/* That the rows are of the kind that is asked for, and like those before. */
static enum avqa_status
check_rows(struct placing *p, const struct avqa_shard_array *array, const char *name)
{
    const struct avqa_npy *npy = &array->npy;
    bool same = true;
    struct avqa_buf shape = AVQA_BUF_INIT;
    enum avqa_status rc = AVQA_OK;
    avqa_npy_shape(&shape, npy);
    if (npy->n_dims != p->side->rank + 1 ||
        (npy->type != AVQA_NPY_F4 && npy->type != AVQA_NPY_F2))
        rc = avqa_fail(AVQA_EINVAL, "%s: %s of %s is %s %s, which is not %s",
                       p->full_path, array->name, name, avqa_npy_type_name(npy->type),
                       avqa_buf_str(&shape), p->side->what);
    for (size_t i = 0; rc == AVQA_OK && i < p->side->rank; i++) {
        same = same && (p->n_placed == 0 || p->dims[i] == npy->dims[i + 1]);
        p->dims[i] = npy->dims[i + 1];
    }
    if (rc == AVQA_OK && !same)
        rc = avqa_fail(AVQA_EFORMAT, "%s: %s of %s is %s; other clips have other rows",
                       p->full_path, array->name, name, avqa_buf_str(&shape));
    avqa_buf_release(&shape);
    return rc;
}

static bool differ(const char *a, const char *b)
{
    return a && b && strcmp(a, b) != 0;
}

/* All clips of a set have features that were made alike, as far as that is known. */
static enum avqa_status check_made(struct placing *p, const struct made *made,
                                   const char *clip)
{
    struct avqa_train_encoder *e = &p->made;
    if (differ(e->preset, made->preset) || differ(e->weights, made->weights))
        return avqa_fail(AVQA_EINVAL,
                         "split '%s': clips have features of %s that were made in two "
                         "ways: preset %s%s%s, and of %s preset %s%s%s; avqa extract "
                         "--replace makes them alike",
                         p->config->split, p->encoder, e->preset ? e->preset : "-",
                         e->weights ? ", weights " : "", e->weights ? e->weights : "",
                         clip, made->preset ? made->preset : "-",
                         made->weights ? ", weights " : "",
                         made->weights ? made->weights : "");
    if (!e->preset && made->preset)
        e->preset = avqa_arena_strdup(&p->set->arena, made->preset);
    if (!e->weights && made->weights)
        e->weights = avqa_arena_strdup(&p->set->arena, made->weights);
    return AVQA_OK;
}

static enum avqa_status place_clip(struct placing *p, const struct avqa_features_of *f,
                                   const char *clip, struct avqa_train_feature *out)
{
    size_t sample = 0;
    struct avqa_shard_array array;
    char name[AVQA_SHARD_MAX_NAME + 1];
    const struct made made = read_made(f->provenance);
    avqa_extract_array_name(name, f->encoder, made.imported ? NULL : made.preset);
    enum avqa_status rc = check_made(p, &made, clip);
    avqa_json_free(made.json);
    if (rc == AVQA_OK)
        rc = open_shard(p, f->shard);
    if (rc == AVQA_OK)
        rc = avqa_shard_find(&sample, p->shard, out->key);
    if (rc == AVQA_OK)
        rc = avqa_shard_array_find(&array, p->shard, sample, name);
    if (rc == AVQA_OK)
        rc = check_rows(p, &array, clip);
    if (rc == AVQA_OK &&
        (sample != (uint64_t)f->sample || array.n_rows != (uint64_t)f->n_rows))
        rc = avqa_fail(AVQA_EFORMAT,
                       "%s: %s is sample %zu with %zu rows, the catalog says %lld with "
                       "%lld; the shard is not the one that was written",
                       p->full_path, out->key, sample, array.n_rows,
                       (long long)f->sample, (long long)f->n_rows);
    if (rc != AVQA_OK)
        return rc;
    out->shard = p->full_path;
    out->array = avqa_arena_strdup(&p->set->arena, name);
    out->n_rows = array.n_rows;
    p->n_placed++;
    return AVQA_OK;
}

static enum avqa_status place_if_asked(void *user, const struct avqa_features_of *f)
{
    struct placing *p = user;
    const uint64_t id = (uint64_t)f->clip_id;
    if (id >= p->n_places || p->place[id] == 0)
        return AVQA_OK;
    struct avqa_train_clip *clip = &p->set->clips[p->place[id] - 1];
    return place_clip(p, f, clip->name,
                      p->side->input == AVQA_FEATURE_SOUND ? &clip->heard
                                                           : &clip->seen);
}

static enum avqa_status note_rows(struct placing *p)
{
    p->made.name = avqa_arena_strdup(&p->set->arena, p->encoder);
    if (p->side->input == AVQA_FEATURE_SOUND) {
        p->set->heard = p->made;
        p->set->sound = p->dims[0];
        return AVQA_OK;
    }
    p->set->seen = p->made;
    p->set->channels = p->dims[0];
    return avqa_mem_product(&p->set->places, p->dims[1], p->dims[2])
               ? AVQA_OK
               : avqa_fail(AVQA_EFORMAT, "maps of %zu x %zu places", p->dims[1],
                           p->dims[2]);
}

static enum avqa_status place_side(struct placing *p, struct avqa_catalog *cat,
                                   int64_t split_id, const struct side *side)
{
    p->side = side;
    p->n_placed = 0;
    p->made = (struct avqa_train_encoder){NULL, NULL, NULL};
    enum avqa_status rc = choose(&p->encoder, cat, split_id, p->config, side);
    if (rc == AVQA_OK)
        rc = avqa_features_of_encoder(cat, p->encoder, place_if_asked, p);
    if (rc == AVQA_OK)
        rc = note_rows(p);
    avqa_shard_close(p->shard);
    free(p->path);
    free(p->encoder);
    p->shard = NULL;
    p->path = NULL;
    p->encoder = NULL;
    return rc;
}

enum avqa_status avqa_train_features_place(struct avqa_train_set *set,
                                           struct avqa_catalog *cat, int64_t split_id,
                                           const struct avqa_train_set_config *config)
{
    const struct side heard = {"heard",   "rows of sound",
                               "--audio", AVQA_FEATURE_SOUND,
                               1,         config->encoder_heard};
    const struct side seen = {"seen",     "maps of pictures",
                              "--visual", AVQA_FEATURE_PICTURE,
                              3,          config->encoder_seen};
    struct placing p = {.config = config, .set = set};
    for (size_t i = 0; i < set->n_clips; i++) {
        const size_t id = (size_t)set->clips[i].id;
        p.n_places = id >= p.n_places ? id + 1 : p.n_places;
    }
    enum avqa_status rc = avqa_mem_array(&p.place, p.n_places + 1, sizeof *p.place);
    for (size_t i = 0; rc == AVQA_OK && i < set->n_clips; i++)
        p.place[set->clips[i].id] = (uint32_t)i + 1;
    if (rc == AVQA_OK && config->model->hears)
        rc = place_side(&p, cat, split_id, &heard);
    if (rc == AVQA_OK && config->model->sees)
        rc = place_side(&p, cat, split_id, &seen);
    free(p.place);
    return rc;
}
