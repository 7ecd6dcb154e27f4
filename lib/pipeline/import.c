/* See import.h and import_run.h. */
#include "pipeline/import.h"
#include "base/mem.h"
#include "base/text.h"
#include "pipeline/dataset.h"
#include "pipeline/import_run.h"
#include "pipeline/stage_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void avqa_import_counts_release(struct avqa_import_counts *counts)
{
    for (size_t i = 0; i < counts->n_rejected; i++)
        free(counts->rejected[i].reason);
    free(counts->first_new);
    *counts = (struct avqa_import_counts){0};
}

struct avqa_json *avqa_import_counts_json(const struct avqa_import_counts *counts)
{
    struct avqa_json *out = avqa_json_new_object();
    avqa_json_put_int(out, "rows", counts->rows);
    avqa_json_put_int(out, "questions", counts->questions);
    avqa_json_put_int(out, "clips", counts->clips);
    avqa_json_put_int(out, "updated", counts->updated);
    avqa_json_put_int(out, "duplicates", counts->duplicates);
    avqa_json_put_int(out, "conflicts", counts->conflicts);
    if (counts->first_new)
        avqa_json_put_string(out, "first_new", counts->first_new);
    struct avqa_json *list = avqa_json_put_array(out, "rejected");
    for (size_t i = 0; i < counts->n_rejected; i++) {
        struct avqa_json *r = avqa_json_put_object(list, NULL);
        avqa_json_put_string(r, "file", counts->rejected[i].file);
        avqa_json_put_int(r, "row", counts->rejected[i].row);
        avqa_json_put_string(r, "reason", counts->rejected[i].reason);
    }
    return out;
}

/* The failure for all refused rows: the first one's file, row and reason. */
static enum avqa_status fail_rejected(const struct avqa_import_counts *counts)
{
    const struct avqa_rejection *r = &counts->rejected[0];
    char more[96] = "";
    if (counts->n_rejected > 1)
        snprintf(more, sizeof more, "%s%zu more bad row%s, --json lists them; ",
                 counts->n_rejected == AVQA_IMPORT_MAX_REJECTED ? "at least " : "",
                 counts->n_rejected - 1,
                 avqa_text_plural((int64_t)counts->n_rejected - 1));
    return avqa_fail(AVQA_EFORMAT, "%s: row %lld: %s (%snothing was imported)", r->file,
                     (long long)r->row, r->reason, more);
}

enum avqa_status avqa_import_refuse(struct avqa_import_counts *counts,
                                    enum avqa_status rc, const char *file, int64_t row)
{
    if (rc != AVQA_EFORMAT)
        return rc;
    counts->rejected[counts->n_rejected++] =
        (struct avqa_rejection){file, row, avqa_mem_strdup(avqa_message())};
    return counts->n_rejected < AVQA_IMPORT_MAX_REJECTED ? AVQA_OK
                                                         : fail_rejected(counts);
}

enum avqa_status avqa_import_check_name(const char *name, const char *key)
{
    size_t len = name ? strlen(name) : 0;
    if (len == 0)
        return avqa_fail(AVQA_EFORMAT, "'%s' is missing or empty", key);
    if (len > AVQA_IMPORT_NAME_MAX)
        return avqa_fail(AVQA_EFORMAT, "'%s' is longer than %d bytes", key,
                         AVQA_IMPORT_NAME_MAX);
    for (const char *s = name; *s; s++) {
        if ((unsigned char)*s <= ' ' || *s == '/' || *s == 0x7f)
            return avqa_fail(AVQA_EFORMAT,
                             "'%s' has a space, slash or control byte: %s", key, name);
    }
    return AVQA_OK;
}

/* Bytes of a synthetic id's prefix ("va", "esa", ...), or 0 if it is none. */
static size_t synthetic_prefix(const char *id)
{
    const char *s = *id == 'e' ? id + 1 : id;
    bool prefix = strncmp(s, "va", 2) == 0 || strncmp(s, "sa", 2) == 0 ||
                  strncmp(s, "vv", 2) == 0;
    return prefix && strspn(s + 2, "0123456789") == 8 && s[10] == '\0'
               ? (size_t)(s + 2 - id)
               : 0;
}

void avqa_import_origin(struct avqa_clip *clip, struct avqa_import_origin *memory)
{
    static const char flip[] = "_flip";
    size_t len = strlen(clip->picture);
    size_t prefix = synthetic_prefix(clip->picture);
    *memory = (struct avqa_import_origin){0};
    if (prefix) {
        memcpy(memory->method, clip->picture, prefix);
        clip->method = memory->method;
        clip->synthetic = true;
        clip->parent = prefix == 3 ? clip->picture + prefix : NULL;
    } else if (len > sizeof flip - 1 && len <= AVQA_IMPORT_NAME_MAX &&
               strcmp(clip->picture + len - (sizeof flip - 1), flip) == 0) {
        memcpy(memory->parent, clip->picture, len - (sizeof flip - 1));
        clip->method = "flip";
        clip->parent = memory->parent;
        clip->synthetic = synthetic_prefix(memory->parent) > 0;
    }
}

enum avqa_status avqa_import_clip(struct avqa_clip_store *clips, const char *picture,
                                  const char *sound, struct avqa_import_counts *counts,
                                  int64_t *id)
{
    struct avqa_clip clip = {.picture = picture,
                             .sound = sound ? sound : picture,
                             .start_us = AVQA_CLIP_UNKNOWN,
                             .duration_us = AVQA_CLIP_UNKNOWN};
    struct avqa_import_origin origin;
    bool is_new;
    avqa_import_origin(&clip, &origin);
    if (strcmp(clip.sound, picture) != 0) {
        clip.synthetic = true;
        clip.method = clip.method ? clip.method : "unmatch_audio";
    }
    enum avqa_status rc = avqa_clip_ensure(clips, &clip, id, &is_new);
    counts->clips += rc == AVQA_OK && is_new;
    return rc;
}

void avqa_import_count(struct avqa_import_counts *counts,
                       enum avqa_question_outcome outcome)
{
    bool stored = outcome != AVQA_QUESTION_SAME && outcome != AVQA_QUESTION_UPDATED;
    counts->questions += stored;
    counts->updated += outcome == AVQA_QUESTION_UPDATED;
    counts->duplicates +=
        outcome == AVQA_QUESTION_SAME || outcome == AVQA_QUESTION_DUPLICATE;
    counts->repeats += outcome == AVQA_QUESTION_DUPLICATE;
    counts->conflicts += outcome == AVQA_QUESTION_CONFLICT;
}

static enum avqa_status start(const struct avqa_import_config *config,
                              struct avqa_catalog *cat, const char *command,
                              int64_t *run_id)
{
    struct avqa_json *options = avqa_json_new_object();
    if (config->split)
        avqa_json_put_string(options, "split", config->split);
    return avqa_stage_start(run_id, cat, command, options);
}

static enum avqa_status finish(const struct avqa_import_config *config,
                               const struct avqa_import_counts *n,
                               struct avqa_catalog *cat, int64_t run_id)
{
    const bool replaces = config->replace || config->replace_templates;
    const int64_t n_changes = n->questions + n->clips + n->updated + n->described;
    return avqa_stage_end(
        cat, run_id,
        &(struct avqa_stage_end){.whole = true,
                                 .changed = replaces || n_changes > 0,
                                 .counts = avqa_import_counts_json(n)});
}

enum avqa_status avqa_import_run(const struct avqa_import_config *config,
                                 struct avqa_import_counts *counts, const char *command,
                                 avqa_import_body *body, void *user)
{
    struct avqa_catalog *cat;
    int64_t run_id = 0;
    enum avqa_status rc = avqa_dataset_open(&cat, config->dataset, AVQA_CATALOG_WRITE);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_catalog_begin(cat);
    if (rc == AVQA_OK)
        rc = start(config, cat, command, &run_id);
    if (rc == AVQA_OK)
        rc = body(user, cat, run_id);
    if (rc == AVQA_OK && counts->n_rejected)
        rc = fail_rejected(counts);
    if (rc == AVQA_OK)
        rc = finish(config, counts, cat, run_id);
    if (rc == AVQA_OK && !config->dry_run)
        rc = avqa_catalog_commit(cat);
    avqa_catalog_close(cat);
    return rc;
}
