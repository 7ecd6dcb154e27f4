/* See train_record.h. Of a set, everything that a step depends on is in its hash:
 * words, answers, clips in their order, and which rows of which shard. */
#include "pipeline/train_record.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/version.h"
#include "catalog/extraction.h"
#include "nn/onednn.h"
#include "pipeline/run_folder.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SCHEMA = 1, MAX_SIZE = 1 << 24 };

/* ---- sets ------------------------------------------------------------------------ */

static void add_text(struct avqa_sha256 *sha, const char *text)
{
    avqa_sha256_add(sha, text ? text : "", text ? strlen(text) + 1 : 1);
}

static void add_number(struct avqa_sha256 *sha, int64_t n)
{
    avqa_sha256_add(sha, &n, sizeof n);
}

static void add_feature(struct avqa_sha256 *sha, const struct avqa_train_feature *f)
{
    const char *name = f->shard ? strrchr(f->shard, '/') : NULL;
    add_text(sha, name ? name : f->shard); /* folders may move */
    add_text(sha, f->key);
    add_text(sha, f->array);
    add_number(sha, (int64_t)f->n_rows);
}

static void hash_set(char hex[AVQA_SHA256_HEX], const struct avqa_train_set *set)
{
    struct avqa_sha256 *sha = avqa_sha256_new();
    for (size_t i = 0; i < set->n_questions; i++) {
        add_number(sha, set->questions[i].clip);
        add_number(sha, set->questions[i].answer);
    }
    for (size_t i = 0; i < set->n_questions * set->length; i++)
        add_number(sha, set->words[i]);
    for (size_t i = 0; i < set->n_clips; i++) {
        add_text(sha, set->clips[i].name);
        add_feature(sha, &set->clips[i].heard);
        add_feature(sha, &set->clips[i].seen);
    }
    avqa_sha256_hex(sha, hex);
    avqa_sha256_free(sha);
}

static void put_set(struct avqa_json *out, const char *key, const char *split,
                    const struct avqa_train_set *set)
{
    char hex[AVQA_SHA256_HEX];
    if (!set) {
        avqa_json_put_null(out, key);
        return;
    }
    struct avqa_json *json = avqa_json_put_object(out, key);
    hash_set(hex, set);
    avqa_json_put_string(json, "split", split);
    avqa_json_put_int(json, "questions", (int64_t)set->n_questions);
    avqa_json_put_int(json, "clips", (int64_t)set->n_clips);
    avqa_json_put_string(json, "sha256", hex);
}

/* ---- shards ---------------------------------------------------------------------- */

struct listing {
    const struct avqa_train_record *record;
    struct avqa_json *out;
};

static bool has_shard(const struct avqa_train_set *set, const char *path)
{
    for (size_t i = 0; set && i < set->n_clips; i++) {
        const struct avqa_train_clip *c = &set->clips[i];
        if ((c->heard.shard && strcmp(c->heard.shard, path) == 0) ||
            (c->seen.shard && strcmp(c->seen.shard, path) == 0))
            return true;
    }
    return false;
}

static enum avqa_status put_shard(void *user, const char *path, int64_t bytes,
                                  const char *sha256)
{
    struct listing *l = user;
    char *full = avqa_io_join(l->record->dataset, path);
    if (has_shard(l->record->train, full) || has_shard(l->record->val, full)) {
        struct avqa_json *shard = avqa_json_put_object(l->out, NULL);
        avqa_json_put_string(shard, "path", path);
        avqa_json_put_int(shard, "bytes", bytes);
        avqa_json_put_string(shard, "sha256", sha256);
    }
    free(full);
    return AVQA_OK;
}

/* ---- the rest -------------------------------------------------------------------- */

static void put_size(struct avqa_json *out, const struct avqa_model_size *size)
{
    struct avqa_json *json = avqa_json_put_object(out, "size");
    avqa_json_put_int(json, "words", (int64_t)size->n_words);
    avqa_json_put_int(json, "answers", (int64_t)size->n_answers);
    avqa_json_put_int(json, "sound", (int64_t)size->sound);
    avqa_json_put_int(json, "channels", (int64_t)size->channels);
    avqa_json_put_int(json, "places", (int64_t)size->places);
}

static void put_encoder(struct avqa_json *out, const char *key,
                        const struct avqa_train_encoder *e)
{
    const char *const names[] = {"name", "preset", "weights"};
    const char *const values[] = {e->name, e->preset, e->weights};
    if (!e->name) {
        avqa_json_put_null(out, key);
        return;
    }
    struct avqa_json *json = avqa_json_put_object(out, key);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (values[i])
            avqa_json_put_string(json, names[i], values[i]);
        else
            avqa_json_put_null(json, names[i]);
    }
}

static void put_encoders(struct avqa_json *out, const struct avqa_train_set *set)
{
    struct avqa_json *json = avqa_json_put_object(out, "encoders");
    put_encoder(json, "heard", &set->heard);
    put_encoder(json, "seen", &set->seen);
}

void avqa_train_record_encoders(struct avqa_train_made *out,
                                const struct avqa_json *run)
{
    const struct avqa_json *encoders = avqa_json_get(run, "encoders");
    const char *const keys[] = {"heard", "seen"};
    struct avqa_train_encoder *const into[] = {&out->heard, &out->seen};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct avqa_json *e = avqa_json_get(encoders, keys[i]);
        *into[i] = (struct avqa_train_encoder){
            .name = avqa_json_string(avqa_json_get(e, "name")),
            .preset = avqa_json_string(avqa_json_get(e, "preset")),
            .weights = avqa_json_string(avqa_json_get(e, "weights"))};
    }
}

static enum avqa_status put_vocabulary(struct avqa_json *out,
                                       const struct avqa_vocabulary *v)
{
    struct avqa_json *list = avqa_vocabulary_json(v);
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_sha256 *sha = avqa_sha256_new();
    char hex[AVQA_SHA256_HEX];
    avqa_json_print(&text, list, 0);
    avqa_sha256_add(sha, text.data, text.len);
    avqa_sha256_hex(sha, hex);
    avqa_json_put_string(out, "vocabulary_sha256", hex);
    enum avqa_status rc = avqa_buf_status(&text);
    avqa_sha256_free(sha);
    avqa_buf_release(&text);
    avqa_json_free(list);
    return rc;
}

static enum avqa_status put_catalog(struct avqa_json *out, const char *dataset)
{
    char hex[AVQA_SHA256_HEX];
    int64_t bytes;
    char *path = avqa_io_join(dataset, "catalog.sqlite");
    enum avqa_status rc = avqa_sha256_file(hex, &bytes, path);
    struct avqa_json *json = avqa_json_put_object(out, "catalog");
    if (rc == AVQA_OK) {
        avqa_json_put_int(json, "bytes", bytes);
        avqa_json_put_string(json, "sha256", hex);
    }
    free(path);
    return rc;
}

static void put_time(struct avqa_json *out, int64_t now_us)
{
    time_t seconds = (time_t)(now_us / 1000000);
    struct tm utc;
    char text[32] = "";
    if (gmtime_r(&seconds, &utc))
        (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    avqa_json_put_string(out, "started", text);
}

enum avqa_status avqa_train_record_make(struct avqa_json **out,
                                        struct avqa_catalog *cat,
                                        const struct avqa_train_record *r)
{
    struct avqa_json *json = avqa_json_new_object();
    avqa_json_put_int(json, "schema", SCHEMA);
    avqa_json_put_string(json, "avqa", AVQA_VERSION);
    avqa_json_put_string(json, "processor", avqa_dnn_cpu_name(avqa_dnn_cpu()));
    put_time(json, r->now_us);
    avqa_json_put(json, "options", avqa_train_options_json(r->options));
    put_size(json, r->size);
    put_encoders(json, r->train);
    put_set(json, "train", r->options->train_split, r->train);
    put_set(json, "val", r->options->val_split, r->val);
    enum avqa_status rc = put_vocabulary(json, r->vocabulary);
    if (r->init)
        avqa_json_put_copy(json, "init", r->init);
    else
        avqa_json_put_null(json, "init");
    struct listing listing = {r, avqa_json_put_array(json, "shards")};
    if (rc == AVQA_OK)
        rc = avqa_extraction_shard_each(cat, put_shard, &listing);
    if (rc == AVQA_OK)
        rc = put_catalog(json, r->dataset);
    *out = json;
    if (rc != AVQA_OK) {
        avqa_json_free(json);
        *out = NULL;
    }
    return rc;
}

static enum avqa_status read_size(struct avqa_model_size *out,
                                  const struct avqa_json *json)
{
    static const char *const names[] = {"words", "answers", "sound", "channels",
                                        "places"};
    size_t *const sizes[] = {&out->n_words, &out->n_answers, &out->sound,
                             &out->channels, &out->places};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int64_t n = 0;
        if (!avqa_json_int(avqa_json_get(json, names[i]), &n) || n < 1 || n > MAX_SIZE)
            return avqa_fail(AVQA_EFORMAT, "\"size\" has no \"%s\"", names[i]);
        *sizes[i] = (size_t)n;
    }
    return AVQA_OK;
}

enum avqa_status avqa_train_record_read(struct avqa_json **out,
                                        struct avqa_train_options *options,
                                        struct avqa_model_size *size,
                                        const char *folder)
{
    *out = NULL;
    enum avqa_status rc = avqa_run_folder_read(out, folder);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_train_options_read(options, avqa_json_get(*out, "options"));
    if (rc == AVQA_OK)
        rc = read_size(size, avqa_json_get(*out, "size"));
    if (rc == AVQA_OK)
        return AVQA_OK;
    avqa_json_free(*out);
    *out = NULL;
    return avqa_fail_in(rc, "%s/run.json", folder);
}

enum avqa_status avqa_train_record_check(const struct avqa_json *begun,
                                         const struct avqa_json *now)
{
    static const char *const parts[][2] = {
        {"size", "the model has another size"},
        {"vocabulary_sha256", "the vocabulary is another one"},
        {"train", "the questions to train on, or their clips, are others"},
        {"val", "the questions to validate with, or their clips, are others"},
        {"encoders", "the features are made otherwise"},
        {"shards", "the features are others"},
    };
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < sizeof parts / sizeof *parts; i++) {
        struct avqa_buf a = AVQA_BUF_INIT;
        struct avqa_buf b = AVQA_BUF_INIT;
        if (!avqa_json_get(begun, parts[i][0]) && strcmp(parts[i][0], "encoders") == 0)
            continue; /* an earlier avqa did not write them */
        avqa_json_print(&a, avqa_json_get(now, parts[i][0]), 0);
        if (avqa_json_get(begun, parts[i][0]))
            avqa_json_print(&b, avqa_json_get(begun, parts[i][0]), 0);
        rc = avqa_buf_status(&a);
        if (rc == AVQA_OK)
            rc = avqa_buf_status(&b);
        if (rc == AVQA_OK && strcmp(avqa_buf_str(&a), avqa_buf_str(&b)) != 0)
            rc = avqa_fail(AVQA_EINVAL,
                           "%s than when the run began, so it cannot go on; begin "
                           "another one",
                           parts[i][1]);
        avqa_buf_release(&a);
        avqa_buf_release(&b);
    }
    return rc;
}
