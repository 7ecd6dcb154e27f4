/* See view.h. */
#include "pipeline/view.h"
#include "base/io.h"
#include "base/json.h"
#include "base/mem.h"
#include "catalog/extraction.h"
#include "catalog/features_of.h"
#include "catalog/question.h"
#include "encoder/resize.h"
#include "media/probe.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct avqa_view_file {
    int64_t clip_id, bytes; /* of the file; 0 if not known */
    char *path;
    bool is_opened, is_known;
    struct avqa_heat_region region;
};

/* ---- the encoder ----------------------------------------------------------------- */

struct looking {
    const struct avqa_trained *trained;
    const struct avqa_feature_info *found;
};

/* The encoder of the maps, by what the catalog says of one clip of the split. */
static enum avqa_status look_at_encoder(void *user, const struct avqa_features_of *f)
{
    struct looking *l = user;
    const struct avqa_feature_info *info = NULL;
    struct avqa_json *json = NULL;
    const char *wanted = l->trained->encoder_seen;
    if (l->found || (wanted && strcmp(wanted, f->encoder) != 0))
        return AVQA_OK;
    enum avqa_status rc = avqa_json_parse(&json, f->provenance, strlen(f->provenance));
    if (rc != AVQA_OK)
        return rc;
    const char *origin = avqa_json_string(avqa_json_get(json, "origin"));
    const char *preset = avqa_json_string(avqa_json_get(json, "preset"));
    const bool is_ours = !origin || strcmp(origin, "imported") != 0;
    if (avqa_feature_find(&info, f->encoder, is_ours ? preset : NULL) == AVQA_OK &&
        info->input == AVQA_FEATURE_PICTURE && info->rank == 3 &&
        info->shape[1] * info->shape[2] == l->trained->size.places)
        l->found = info;
    avqa_json_free(json);
    return AVQA_OK;
}

enum avqa_status avqa_view_encoder(const struct avqa_feature_info **out,
                                   struct avqa_catalog *cat, const char *split,
                                   const struct avqa_trained *trained)
{
    struct looking l = {.trained = trained};
    int64_t split_id = 0;
    *out = NULL;
    if (!trained->model->sees)
        return AVQA_OK;
    enum avqa_status rc = avqa_split_find(cat, split, &split_id);
    if (rc == AVQA_OK)
        rc = avqa_features_of_split(cat, split_id, look_at_encoder, &l);
    *out = l.found;
    return rc;
}

/* ---- regions --------------------------------------------------------------------- */

struct avqa_heat_region avqa_view_region(const struct avqa_feature_info *info,
                                         int width, int height)
{
    if (!info || info->shorter == 0)
        return AVQA_HEAT_WHOLE;
    const struct avqa_rgb rgb = {NULL, width, height};
    const struct avqa_resize r = avqa_resize_crop(&rgb, info->shorter, info->side);
    return (struct avqa_heat_region){(double)r.left / r.width, (double)r.top / r.height,
                                     (double)r.crop_width / r.width,
                                     (double)r.crop_height / r.height};
}

void avqa_views_release(struct avqa_views *views)
{
    for (size_t i = 0; i < views->n; i++)
        free(views->files[i].path);
    free(views->files);
    *views = (struct avqa_views){0};
}

struct keeping {
    struct avqa_views *views;
    const char *dataset;
};

static enum avqa_status keep_file(void *user, const struct avqa_extraction_clip *c)
{
    const struct keeping *k = user;
    struct avqa_views *v = k->views;
    enum avqa_status rc = avqa_mem_grow(&v->files, &v->cap, v->n + 1, sizeof *v->files);
    if (rc == AVQA_OK)
        v->files[v->n++] = (struct avqa_view_file){
            .clip_id = c->clip_id,
            .bytes = c->bytes,
            .path = *c->path == '/' ? avqa_mem_strdup(c->path)
                                    : avqa_io_join(k->dataset, c->path)};
    return rc;
}

static int by_clip(const void *a, const void *b)
{
    const struct avqa_view_file *x = a;
    const struct avqa_view_file *y = b;
    return x->clip_id < y->clip_id ? -1 : x->clip_id > y->clip_id;
}

enum avqa_status avqa_views_open(struct avqa_views *out, struct avqa_catalog *cat,
                                 const char *dataset,
                                 const struct avqa_feature_info *info)
{
    struct keeping k = {out, dataset};
    out->info = info;
    if (!info || info->shorter == 0)
        return AVQA_OK;
    enum avqa_status rc = avqa_extraction_clip_each(cat, keep_file, &k);
    if (rc == AVQA_OK && out->n)
        qsort(out->files, out->n, sizeof *out->files, by_clip);
    return rc;
}

static enum avqa_status open_file(struct avqa_view_file *f,
                                  const struct avqa_feature_info *info)
{
    struct avqa_media_info media;
    struct stat st;
    f->is_opened = true;
    if (stat(f->path, &st) != 0 || (f->bytes && st.st_size != f->bytes))
        return AVQA_OK;
    enum avqa_status rc = avqa_media_probe(&media, f->path, NULL);
    const int width = rc == AVQA_OK && media.has_video ? media.video.shown_width : 0;
    if (width > 0 && media.video.shown_height > 0) {
        f->region = avqa_view_region(info, width, media.video.shown_height);
        f->is_known = true;
    }
    return rc;
}

enum avqa_status avqa_views_find(const struct avqa_heat_region **out,
                                 struct avqa_views *views, int64_t clip_id)
{
    static const struct avqa_heat_region whole = AVQA_HEAT_WHOLE;
    const struct avqa_view_file key = {.clip_id = clip_id};
    enum avqa_status rc = AVQA_OK;
    *out = &whole;
    if (!views->info || views->info->shorter == 0)
        return AVQA_OK;
    struct avqa_view_file *f =
        views->n ? bsearch(&key, views->files, views->n, sizeof key, by_clip) : NULL;
    if (f && !f->is_opened)
        rc = open_file(f, views->info);
    *out = f && f->is_known ? &f->region : NULL;
    return rc;
}
