/* Facts: an object a clip, as JSON lines or a JSON list. avqa_scene_read says whether
 * an object is valid; what is stored is the object itself, so that an export gives it
 * back key by key, and rows of its instances beside it.
 *
 * A clip that media.video does not name otherwise is the picture of that name, heard
 * with the sound of media.audio. One whose picture comes from elsewhere has its own
 * name for both, and picture and sound are parents of it: so a rendered or composed
 * clip and the questions about it meet under one name. */
#include "base/arena.h"
#include "base/io.h"
#include "base/rows.h"
#include "catalog/clip.h"
#include "catalog/facts.h"
#include "catalog/run.h"
#include "pipeline/import.h"
#include "pipeline/import_run.h"
#include "pipeline/import_words.h"
#include "qa/facts.h"

#include <string.h>

_Static_assert(AVQA_FACTS_NAME_MAX == AVQA_IMPORT_NAME_MAX,
               "facts and annotations name the same videos");

struct importer {
    const struct avqa_import_config *config;
    struct avqa_import_counts *counts;
    struct avqa_catalog *cat;
    struct avqa_clip_store *clips;
    struct avqa_facts_store *facts;
    struct avqa_import_words words;
    struct avqa_arena arena; /* of the row in hand */
    struct avqa_buf text, voiceover, box;
    int64_t run_id;
};

/* ---- the clip -------------------------------------------------------------------- */

static bool has_own_picture(const struct avqa_scene *scene)
{
    return !scene->video || strcmp(scene->video, scene->clip) == 0;
}

static enum avqa_status ensure_clip(struct importer *im, const struct avqa_scene *scene,
                                    int64_t *id)
{
    bool is_new;
    bool own = has_own_picture(scene);
    struct avqa_clip clip = {.picture = scene->clip,
                             .sound = own && scene->audio ? scene->audio : scene->clip,
                             .start_us = AVQA_CLIP_UNKNOWN,
                             .duration_us = scene->duration_us};
    bool other_sound = strcmp(clip.sound, clip.picture) != 0;
    if (scene->origin == AVQA_FACTS_STUDIO)
        clip.method = "perform";
    else if (scene->origin == AVQA_FACTS_COMPOSED || !own)
        clip.method = "compose";
    else if (other_sound)
        clip.method = "unmatch_audio";
    clip.synthetic = clip.method != NULL;
    enum avqa_status rc = avqa_clip_ensure(im->clips, &clip, id, &is_new);
    im->counts->clips += is_new;
    return rc;
}

/* What the clip was made from: its base, and picture and sound if they are not its own.
 * A clip is no parent of itself. */
static void list_parents(struct importer *im, const struct avqa_scene *scene,
                         struct avqa_facts_record *record)
{
    size_t n = 0;
    struct avqa_facts_parent *parents =
        avqa_arena_alloc(&im->arena, (scene->n_base + 2) * sizeof *parents);
    for (size_t i = 0; i < scene->n_base; i++)
        parents[n++] = (struct avqa_facts_parent){scene->base[i], "base"};
    if (!has_own_picture(scene)) {
        parents[n++] = (struct avqa_facts_parent){scene->video, "video"};
        if (scene->audio)
            parents[n++] = (struct avqa_facts_parent){scene->audio, "audio"};
    }
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(parents[i].name, scene->clip) != 0)
            parents[kept++] = parents[i];
    }
    record->parents = parents;
    record->n_parents = kept;
}

/* ---- its facts ------------------------------------------------------------------- */

static int truth(enum avqa_truth t)
{
    return t == AVQA_UNKNOWN ? -1 : t == AVQA_YES;
}

/* A member as JSON, or NULL if it is unknown. The text stays until `out` is used again.
 */
static const char *print_member(struct avqa_buf *out, const struct avqa_json *object,
                                const char *key)
{
    const struct avqa_json *m = avqa_json_get(object, key);
    avqa_buf_clear(out);
    if (!m || avqa_json_type(m) == AVQA_JSON_NULL)
        return NULL;
    avqa_json_print(out, m, 0);
    return avqa_buf_str(out);
}

static enum avqa_status add_instance(struct importer *im,
                                     const struct avqa_instance *in,
                                     const struct avqa_json *json)
{
    struct avqa_facts_instance row = {.label = in->id,
                                      .instrument = in->instrument,
                                      .visible = truth(in->visible),
                                      .x = in->x,
                                      .box = print_member(&im->box, json, "box"),
                                      .sounds = truth(avqa_instance_sounds(in)),
                                      .loudness_db = in->loudness_db,
                                      .rhythmicity = in->rhythmicity};
    enum avqa_status rc = avqa_facts_add_instance(im->facts, &row);
    for (size_t i = 0; rc == AVQA_OK && i < in->sounding.n; i++)
        rc = avqa_facts_add_sounding(im->facts, in->sounding.items[i].start_us,
                                     in->sounding.items[i].end_us);
    return rc;
}

static enum avqa_status add_instances(struct importer *im,
                                      const struct avqa_scene *scene,
                                      const struct avqa_json *object)
{
    const struct avqa_json *m = avqa_json_first(avqa_json_get(object, "instances"));
    for (size_t i = 0; i < scene->n_instances; i++, m = avqa_json_next(m)) {
        enum avqa_status rc = add_instance(im, &scene->instances[i], m);
        if (rc != AVQA_OK)
            return rc;
    }
    return AVQA_OK;
}

static enum avqa_status put_facts(struct importer *im, const struct avqa_scene *scene,
                                  const struct avqa_json *object, int64_t clip_id)
{
    enum avqa_facts_outcome outcome;
    struct avqa_facts_record record = {
        .clip_id = clip_id,
        .duration_us = scene->duration_us,
        .place = scene->place,
        .voiceover = print_member(&im->voiceover, object, "voiceover"),
        .origin = avqa_facts_origin_name(scene->origin),
        .n_instances = scene->instances_known ? (int64_t)scene->n_instances : -1};
    avqa_buf_clear(&im->text);
    avqa_json_print(&im->text, object, 0);
    record.facts = avqa_buf_str(&im->text);
    enum avqa_status rc = avqa_buf_status(&im->text);
    list_parents(im, scene, &record);
    if (rc == AVQA_OK)
        rc = avqa_facts_put(im->facts, &record, &outcome);
    if (rc != AVQA_OK)
        return rc;
    if (outcome == AVQA_FACTS_CONFLICT)
        return avqa_fail(AVQA_EFORMAT,
                         "clip: %s stands in an earlier row with other facts",
                         scene->clip);
    im->counts->updated += outcome == AVQA_FACTS_UPDATED;
    im->counts->duplicates += outcome == AVQA_FACTS_SAME;
    return outcome == AVQA_FACTS_SAME ? AVQA_OK : add_instances(im, scene, object);
}

/* ---- rows and files -------------------------------------------------------------- */

static enum avqa_status import_object(struct importer *im,
                                      const struct avqa_json *object)
{
    struct avqa_scene *scene;
    int64_t clip_id;
    avqa_arena_reset(&im->arena);
    im->counts->rows++;
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

static enum avqa_status import_rows(struct importer *im, struct avqa_rows *rows,
                                    const char *file)
{
    for (;;) {
        const struct avqa_json *object;
        enum avqa_status rc = avqa_rows_next(rows, &object);
        if (rc != AVQA_OK || !object)
            return rc;
        rc = avqa_import_refuse(im->counts, import_object(im, object), file,
                                avqa_rows_number(rows));
        if (rc != AVQA_OK)
            return rc;
        if (avqa_log_stopped(im->config->log))
            return avqa_fail(AVQA_ESTOPPED, "stopped; nothing was imported");
        if (im->counts->rows % 1024 == 0)
            avqa_log_progress(im->config->log, "bytes read", avqa_rows_bytes_read(rows),
                              avqa_rows_bytes_total(rows));
    }
}

static enum avqa_status import_file(struct importer *im, const char *file)
{
    struct avqa_rows *rows;
    if (avqa_io_is_dir(file))
        return avqa_fail(AVQA_EINVAL, "%s: is a directory, not a file", file);
    enum avqa_status rc = avqa_rows_open(&rows, file);
    if (rc != AVQA_OK)
        return rc;
    rc = import_rows(im, rows, file);
    if (rc == AVQA_OK)
        rc = avqa_run_add_input(im->cat, im->run_id, file, avqa_rows_bytes_read(rows),
                                avqa_rows_sha256(rows));
    avqa_rows_close(rows);
    return rc;
}

static enum avqa_status import_all(void *user, struct avqa_catalog *cat, int64_t run_id)
{
    struct importer *im = user;
    im->cat = cat;
    im->run_id = run_id;
    enum avqa_status rc =
        avqa_import_words_open(&im->words, cat, im->config->templates);
    if (rc == AVQA_OK)
        rc = avqa_clip_store_open(&im->clips, cat, run_id);
    if (rc == AVQA_OK)
        rc = avqa_facts_store_open(&im->facts, cat, run_id);
    for (size_t i = 0; rc == AVQA_OK && i < im->config->n_files; i++)
        rc = import_file(im, im->config->files[i]);
    avqa_facts_store_close(im->facts);
    avqa_clip_store_close(im->clips);
    avqa_arena_release(&im->arena);
    avqa_buf_release(&im->text);
    avqa_buf_release(&im->voiceover);
    avqa_buf_release(&im->box);
    return rc;
}

enum avqa_status avqa_import_facts(const struct avqa_import_config *config,
                                   struct avqa_import_counts *counts)
{
    struct importer im = {.config = config, .counts = counts};
    enum avqa_status rc =
        avqa_import_run(config, counts, "import facts", import_all, &im);
    if (rc == AVQA_OK)
        avqa_import_words_warn(&im.words, config->log);
    avqa_import_words_release(&im.words);
    return rc;
}
