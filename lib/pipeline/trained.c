/* See trained.h. */
#include "pipeline/trained.h"
#include "base/io.h"
#include "base/mem.h"
#include "nn/safetensors.h"
#include "pipeline/run_folder.h"
#include "pipeline/train_options.h"
#include "pipeline/train_record.h"
#include "pipeline/train_set.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void avqa_trained_release(struct avqa_trained *trained)
{
    free(trained->folder);
    avqa_weights_release(&trained->weights);
    avqa_vocabulary_release(&trained->vocabulary);
    free(trained->encoder_seen);
    free(trained->encoder_heard);
    free(trained->train_split);
    free(trained->val_split);
    avqa_json_free(trained->run);
    memset(trained, 0, sizeof *trained);
}

static char *copy(const char *text)
{
    return text ? avqa_mem_strdup(text) : NULL;
}

/* What run.json says. */
static enum avqa_status read_run(struct avqa_trained *t)
{
    struct avqa_train_options options;
    struct avqa_train_plan plan;
    enum avqa_status rc =
        avqa_train_record_read(&t->run, &options, &t->size, t->folder);
    if (rc == AVQA_OK) {
        rc = avqa_train_options_plan(&plan, &options);
        if (rc != AVQA_OK)
            rc = avqa_fail_in(rc, "%s/run.json", t->folder);
    }
    if (rc != AVQA_OK)
        return rc;
    t->model = plan.model;
    t->loader = plan.loader;
    t->encoder_seen = copy(options.visual);
    t->encoder_heard = copy(options.audio);
    t->train_split = copy(options.train_split);
    if (strcmp(options.val_split, AVQA_TRAIN_NO_SPLIT) != 0)
        t->val_split = copy(options.val_split);
    return AVQA_OK;
}

static enum avqa_status read_weights(struct avqa_trained *t, bool last)
{
    struct avqa_params params = {0};
    size_t n_taken = 0;
    char *path =
        avqa_io_join(t->folder, last ? "last.safetensors" : "best.safetensors");
    enum avqa_status rc = avqa_safetensors_read(&params, NULL, path);
    if (rc == AVQA_ENOENT)
        rc = avqa_fail(AVQA_ENOENT, "%s: the run has not finished an epoch", t->folder);
    if (rc == AVQA_OK) { /* run.json may say any size: the file must have it */
        rc = avqa_model_check(t->model, &t->size, &params);
        if (rc == AVQA_OK)
            rc = avqa_model_init(&t->weights, t->model, &t->size, 0);
        if (rc == AVQA_OK)
            rc = avqa_weights_take(&n_taken, &t->weights, &params);
        if (rc != AVQA_OK)
            rc = avqa_fail_in(rc, "%s", path);
    }
    assert(rc != AVQA_OK || n_taken == t->weights.n);
    avqa_params_release(&params);
    free(path);
    return rc;
}

enum avqa_status avqa_trained_open(struct avqa_trained *out, const char *dataset,
                                   const char *name, bool last)
{
    memset(out, 0, sizeof *out);
    enum avqa_status rc = avqa_run_folder_find(&out->folder, dataset, name);
    if (rc != AVQA_OK)
        return rc;
    rc = read_run(out);
    if (rc == AVQA_OK)
        rc = avqa_run_folder_vocabulary(&out->vocabulary, out->folder);
    if (rc == AVQA_OK && (out->vocabulary.words.n != out->size.n_words ||
                          out->vocabulary.answers.n != out->size.n_answers))
        rc = avqa_fail(AVQA_EFORMAT, "%s: vocabulary and model differ in size",
                       out->folder);
    if (rc == AVQA_OK)
        rc = read_weights(out, last);
    if (rc != AVQA_OK)
        avqa_trained_release(out);
    return rc;
}

enum avqa_status avqa_trained_check_set(const struct avqa_trained *trained,
                                        const struct avqa_train_set *set,
                                        const char *split)
{
    struct avqa_train_made learnt;
    avqa_train_record_encoders(&learnt, trained->run);
    enum avqa_status rc =
        avqa_train_set_check_made(set, split, &learnt, trained->folder);
    return rc == AVQA_OK ? avqa_train_set_check_sizes(set, split, trained->model,
                                                      &trained->size, trained->folder)
                         : rc;
}
