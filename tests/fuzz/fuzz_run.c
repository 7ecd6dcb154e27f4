/* Any bytes as the folder of a run, as eval, explain and `train --resume` read it:
 * run.json up to the first NUL byte, then vocabulary.json, epochs.jsonl and
 * best.safetensors (without one: good ones). Whatever options and sizes run.json
 * speaks of, what is accepted lies within bounds, and no more memory is taken than the
 * files have. */
#include "base/io.h"
#include "fuzz.h"
#include "pipeline/eval_doubts.h"
#include "pipeline/run_folder.h"
#include "pipeline/train_options.h"
#include "pipeline/train_record.h"
#include "pipeline/trained.h"

static const char VOCABULARY[] =
    "{\"tokens\": \"music-avqa\", \"length\": 4, \"words\": [\"<pad>\", \"is\", "
    "\"erhu\"], \"answers\": [\"yes\", \"no\"]}";
static const char EPOCHS[] = "{\"epoch\": 1, \"best\": true}\n{\"epoch\": 2}\n";
static const char NOW[] = "{\"size\": {\"words\": 3}, \"vocabulary_sha256\": \"0\", "
                          "\"train\": null, \"val\": null, \"shards\": []}";
static const uint8_t TENSORS[] = "\2\0\0\0\0\0\0\0{}"; /* a file of none */

static const struct {
    const char *name;
    const void *good;
    size_t len;
} parts[] = {
    {"run.json", "", 0},
    {"vocabulary.json", VOCABULARY, sizeof VOCABULARY - 1},
    {"epochs.jsonl", EPOCHS, sizeof EPOCHS - 1},
    {"best.safetensors", TENSORS, sizeof TENSORS - 1},
};
enum { N_PARTS = sizeof parts / sizeof *parts };

static void write_parts(const uint8_t *data, size_t size)
{
    bool left = true;
    for (size_t i = 0; i < N_PARTS; i++) {
        const uint8_t *nul = i + 1 < N_PARTS && size ? memchr(data, 0, size) : NULL;
        size_t len = nul ? (size_t)(nul - data) : size;
        if (left)
            fuzz_write(fuzz_path(parts[i].name), data, len);
        else
            fuzz_write(fuzz_path(parts[i].name), parts[i].good, parts[i].len);
        left = left && nul;
        data = left ? nul + 1 : data;
        size = left ? size - len - 1 : size;
    }
}

static void check_bounds(const struct avqa_train_options *o)
{
    FUZZ_REQUIRE(o->model && o->train_split && o->val_split && o->tokens);
    FUZZ_REQUIRE(o->negatives && o->optimiser && o->schedule);
    FUZZ_REQUIRE(o->batch >= 1 && o->batch <= AVQA_TRAIN_MAX_BATCH);
    FUZZ_REQUIRE(o->stride >= 1 && o->stride <= AVQA_TRAIN_MAX_STRIDE);
    FUZZ_REQUIRE(o->seconds >= 1 && o->seconds <= AVQA_TRAIN_MAX_SECONDS);
    FUZZ_REQUIRE(o->epochs >= 1 && o->epochs <= AVQA_TRAIN_MAX_EPOCHS);
    FUZZ_REQUIRE(o->cache_mb >= 0 && o->cache_mb <= AVQA_TRAIN_MAX_CACHE_MB);
    FUZZ_REQUIRE(o->save_minutes >= 0 && o->save_minutes < 1e9);
    FUZZ_REQUIRE(o->rate >= 0 && o->rate < 1e9);
}

/* A run that goes on with its own options goes on as it began. */
static void check_options(const struct avqa_json *json)
{
    struct avqa_train_options begun;
    struct avqa_train_options again;
    struct avqa_train_plan plan;
    enum avqa_status rc = avqa_train_options_read(&begun, json);
    fuzz_check_message(rc);
    if (rc != AVQA_OK)
        return;
    check_bounds(&begun);
    struct avqa_train_options given = {.seed = 99, .epochs = 7};
    FUZZ_REQUIRE(avqa_train_options_resume(&given, &begun, NULL, 0) == AVQA_OK);
    struct avqa_json *copy = avqa_train_options_json(&given);
    FUZZ_REQUIRE(avqa_train_options_read(&again, copy) == AVQA_OK);
    FUZZ_REQUIRE(again.seed == begun.seed && again.epochs == begun.epochs);
    rc = avqa_train_options_plan(&plan, &again);
    fuzz_check_message(rc);
    if (rc == AVQA_OK) {
        double rate = avqa_schedule_rate(&plan.schedule, 0.5);
        FUZZ_REQUIRE(plan.model && rate >= 0 && rate <= AVQA_TRAIN_MAX_RATE);
        FUZZ_REQUIRE(plan.loader.stride && plan.loader.n_seconds);
    }
    avqa_json_free(copy);
}

static void read_run(void)
{
    struct avqa_trained t = {.folder = fuzz_folder};
    struct avqa_json *now = NULL;
    enum avqa_status rc = avqa_run_folder_read(&t.run, fuzz_folder);
    fuzz_check_message(rc);
    if (rc != AVQA_OK)
        return;
    check_options(avqa_json_get(t.run, "options"));
    FUZZ_REQUIRE(avqa_json_parse(&now, NOW, sizeof NOW - 1) == AVQA_OK);
    fuzz_check_message(avqa_train_record_check(t.run, now));
    fuzz_check_message(avqa_eval_doubt(&t, fuzz_folder, NULL, NULL));
    avqa_json_free(now);
    avqa_json_free(t.run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avqa_trained t;
    if (!fuzz_folder[0])
        fuzz_make_folder();
    write_parts(data, size);
    read_run();
    enum avqa_status rc = avqa_trained_open(&t, "/", fuzz_folder, false);
    fuzz_check_message(rc);
    if (rc == AVQA_OK) {
        FUZZ_REQUIRE(t.model && t.vocabulary.words.n == t.size.n_words);
        FUZZ_REQUIRE(avqa_weights_count(&t.weights) * sizeof(float) <= size);
        avqa_trained_release(&t);
    }
    return 0;
}
