/* Facts: an object a clip, as JSON lines or a JSON list. avqa_scene_read says whether
 * an object is valid; what is stored is the object itself, so that an export gives it
 * back key by key, and rows of its instances beside it.
 *
 * A clip that media.video does not name otherwise is the picture of that name, heard
 * with the sound of media.audio. One whose picture comes from elsewhere has its own
 * name for both, and picture and sound are parents of it: so a rendered or composed
 * clip and the questions about it meet under one name. */
#include "base/arena.h"
#include "base/mem.h"
#include "catalog/clip.h"
#include "catalog/facts.h"
#include "catalog/run.h"
#include "pipeline/compose_method.h"
#include "pipeline/import.h"
#include "pipeline/import_rows.h"
#include "pipeline/import_run.h"
#include "pipeline/import_words.h"
#include "pipeline/store_facts.h"
#include "qa/facts.h"

#include <string.h>

_Static_assert(AVQA_FACTS_NAME_MAX == AVQA_IMPORT_NAME_MAX,
               "facts and annotations name the same videos");

struct importer {
    const struct avqa_import_config *config;
    struct avqa_import_counts *counts;
    struct avqa_clip_store *clips;
    struct avqa_facts_store *facts;
    struct avqa_import_words words;
    struct avqa_arena arena; /* of the row in hand */
    int64_t n_before;        /* clips that there were */
};

/* ---- the clip -------------------------------------------------------------------- */

static enum avqa_status ensure_clip(struct importer *im, const struct avqa_scene *scene,
                                    int64_t *id)
{
    bool is_new;
    bool own = avqa_store_facts_own_picture(scene);
    struct avqa_clip clip = {.picture = scene->clip,
                             .sound = own && scene->audio ? scene->audio : scene->clip,
                             .start_us = AVQA_CLIP_UNKNOWN,
                             .duration_us = scene->duration_us};
    bool other_sound = strcmp(clip.sound, clip.picture) != 0;
    if (scene->origin == AVQA_FACTS_STUDIO)
        clip.method = "perform";
    else if (scene->origin == AVQA_FACTS_COMPOSED || !own)
        clip.method = AVQA_COMPOSE_METHOD_ELSEWHERE;
    else if (other_sound)
        clip.method = "unmatch_audio";
    clip.synthetic = clip.method != NULL;
    enum avqa_status rc = avqa_clip_ensure(im->clips, &clip, id, &is_new);
    im->counts->clips += rc == AVQA_OK && is_new;
    if (rc == AVQA_OK && is_new && im->n_before && !im->counts->first_new)
        im->counts->first_new = avqa_mem_strdup(scene->clip);
    return rc;
}

/* ---- its facts ------------------------------------------------------------------- */

static enum avqa_status put_facts(struct importer *im, const struct avqa_scene *scene,
                                  const struct avqa_json *object, int64_t clip_id)
{
    enum avqa_facts_outcome outcome;
    enum avqa_status rc =
        avqa_store_facts(im->facts, &im->arena, scene, object, clip_id, &outcome);
    if (rc != AVQA_OK)
        return rc;
    im->counts->described += outcome == AVQA_FACTS_NEW;
    im->counts->updated += outcome == AVQA_FACTS_UPDATED;
    im->counts->duplicates += outcome == AVQA_FACTS_SAME;
    return rc;
}

/* ---- rows and files -------------------------------------------------------------- */

/* An avqa_import_row_fn. */
static enum avqa_status import_object(void *user, const char *file, int64_t number,
                                      const struct avqa_json *object)
{
    struct importer *im = user;
    struct avqa_scene *scene;
    int64_t clip_id;
    (void)file;
    (void)number;
    avqa_arena_reset(&im->arena);
    if (!avqa_json_get(object, "clip") && avqa_json_get(object, "question_content"))
        return avqa_fail(AVQA_EFORMAT, "this is a question, not facts; avqa import "
                                       "music-avqa FILE --split NAME takes such rows");
    enum avqa_status rc = avqa_scene_read(&scene, &im->arena, object);
    if (rc != AVQA_OK)
        return rc;
    avqa_import_words_add(&im->words, scene);
    rc = ensure_clip(im, scene, &clip_id);
    return rc == AVQA_OK ? put_facts(im, scene, object, clip_id) : rc;
}

static enum avqa_status count_clips(void *user, const char *name, int64_t n)
{
    struct importer *im = user;
    if (strcmp(name, "clips") == 0)
        im->n_before = n;
    return AVQA_OK;
}

/* A name that is misspelt is one that nobody knew. */
static void warn_of_new(const struct importer *im)
{
    const struct avqa_import_counts *c = im->counts;
    if (!c->first_new)
        return;
    avqa_log_write(im->config->log, AVQA_LOG_WARNING,
                   "%lld clip%s not in the dataset before (the first is '%s'): is the "
                   "name right?",
                   (long long)c->clips, c->clips == 1 ? " was" : "s were",
                   c->first_new);
}

static enum avqa_status import_all(void *user, struct avqa_catalog *cat, int64_t run_id)
{
    struct importer *im = user;
    const struct avqa_import_walk walk = {im->config, im->counts,    cat,
                                          run_id,     import_object, im};
    enum avqa_status rc =
        avqa_import_words_open(&im->words, cat, im->config->templates);
    if (rc == AVQA_OK)
        rc = avqa_run_totals(cat, count_clips, im);
    if (rc == AVQA_OK)
        rc = avqa_clip_store_open(&im->clips, cat, run_id);
    if (rc == AVQA_OK)
        rc = avqa_facts_store_open(&im->facts, cat, run_id);
    for (size_t i = 0; rc == AVQA_OK && i < im->config->n_files; i++)
        rc = avqa_import_rows(&walk, im->config->files[i]);
    avqa_facts_store_close(im->facts);
    avqa_clip_store_close(im->clips);
    avqa_arena_release(&im->arena);
    return rc;
}

enum avqa_status avqa_import_facts(const struct avqa_import_config *config,
                                   struct avqa_import_counts *counts)
{
    struct importer im = {.config = config, .counts = counts};
    enum avqa_status rc =
        avqa_import_run(config, counts, "import facts", import_all, &im);
    if (rc == AVQA_OK) {
        avqa_import_words_warn(&im.words, config->log);
        warn_of_new(&im);
    }
    avqa_import_words_release(&im.words);
    return rc;
}
