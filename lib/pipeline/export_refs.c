/* See export_refs.h. */
#include "pipeline/export_refs.h"
#include "base/mem.h"
#include "catalog/clip.h"
#include "catalog/phrase.h"
#include "catalog/template.h"
#include "qa/template_load.h"

#include <stdlib.h>
#include <string.h>

static enum avqa_status add_clip(void *user, const struct avqa_clip *clip)
{
    struct avqa_export_refs *refs = user;
    size_t id = (size_t)clip->id;
    enum avqa_status rc =
        avqa_mem_grow(&refs->clips, &refs->cap_clips, id + 1, sizeof *refs->clips);
    if (rc != AVQA_OK)
        return rc;
    const char *picture = avqa_arena_strdup(&refs->arena, clip->picture);
    bool own = strcmp(clip->picture, clip->sound) == 0;
    refs->clips[id] = (struct avqa_export_clip){
        picture, own ? picture : avqa_arena_strdup(&refs->arena, clip->sound)};
    refs->n_clips = id + 1;
    return AVQA_OK;
}

static enum avqa_status add_split(void *user, int64_t id, const char *name)
{
    struct avqa_export_refs *refs = user;
    enum avqa_status rc = avqa_mem_grow(&refs->splits, &refs->cap_splits,
                                        (size_t)id + 1, sizeof *refs->splits);
    if (rc != AVQA_OK)
        return rc;
    refs->splits[id] = avqa_arena_strdup(&refs->arena, name);
    refs->n_splits = (size_t)id + 1;
    return AVQA_OK;
}

static enum avqa_status add_template(void *user, int64_t id, const char *code)
{
    struct avqa_export_refs *refs = user;
    size_t t = avqa_templates_find(refs->templates, code);
    if (t == AVQA_TEMPLATE_NONE)
        return AVQA_OK; /* a template dropped from the file; no question may need it */
    enum avqa_status rc = avqa_mem_grow(&refs->by_id, &refs->cap_by_id, (size_t)id + 1,
                                        sizeof *refs->by_id);
    if (rc != AVQA_OK)
        return rc;
    refs->by_id[id] = &refs->templates->items[t];
    refs->n_by_id = (size_t)id + 1;
    return AVQA_OK;
}

static enum avqa_status load_templates(struct avqa_export_refs *refs,
                                       struct avqa_catalog *cat)
{
    enum avqa_status rc = avqa_templates_load(&refs->templates, cat);
    return rc == AVQA_OK && refs->templates
               ? avqa_template_codes(cat, add_template, refs)
               : rc;
}

enum avqa_status avqa_export_refs_load(struct avqa_export_refs *refs,
                                       struct avqa_catalog *cat)
{
    enum avqa_status rc =
        avqa_phrases_load(cat, &refs->arena, &refs->texts, &refs->n_texts);
    if (rc == AVQA_OK)
        rc = avqa_clip_each(cat, add_clip, refs);
    if (rc == AVQA_OK)
        rc = avqa_split_each(cat, add_split, refs);
    return rc == AVQA_OK ? load_templates(refs, cat) : rc;
}

void avqa_export_refs_release(struct avqa_export_refs *refs)
{
    avqa_templates_free(refs->templates);
    avqa_arena_release(&refs->arena);
    free(refs->texts);
    free(refs->clips);
    free(refs->by_id);
    free(refs->splits);
}

enum avqa_status avqa_export_refs_find(const struct avqa_template **t,
                                       const struct avqa_export_refs *refs,
                                       const struct avqa_question *q)
{
    size_t id = (size_t)q->template_id;
    bool clip = q->clip_id > 0 && (size_t)q->clip_id < refs->n_clips &&
                refs->clips[q->clip_id].picture;
    bool split = q->split_id > 0 && (size_t)q->split_id < refs->n_splits &&
                 refs->splits[q->split_id];
    if (!clip || !split)
        return avqa_fail(AVQA_EFORMAT,
                         "the catalog is damaged: row %lld has no clip or split",
                         (long long)q->row);
    *t = id < refs->n_by_id ? refs->by_id[id] : NULL;
    return *t ? AVQA_OK
              : avqa_fail(AVQA_EFORMAT,
                          "row %lld: its template is not in the stored template file",
                          (long long)q->row);
}

const char *avqa_export_text(const struct avqa_export_refs *refs, int64_t id)
{
    return id > 0 && (size_t)id < refs->n_texts && refs->texts[id] ? refs->texts[id]
                                                                   : "";
}

const struct avqa_export_clip *avqa_export_clip(const struct avqa_export_refs *refs,
                                                const struct avqa_question *q)
{
    return &refs->clips[q->clip_id];
}

const char *avqa_export_split(const struct avqa_export_refs *refs,
                              const struct avqa_question *q)
{
    return refs->splits[q->split_id];
}
