/* See train_init.h. */
#include "pipeline/train_init.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "nn/safetensors.h"
#include "pipeline/run_folder.h"
#include "pipeline/weights_look.h"

#include <stdlib.h>
#include <string.h>

static void print_vocabulary(struct avqa_buf *out, const struct avqa_vocabulary *v)
{
    struct avqa_json *json = avqa_vocabulary_json(v);
    avqa_json_print(out, json, 0);
    avqa_json_free(json);
}

/* What knows words by number needs the same numbers. */
static enum avqa_status check_vocabulary(const struct avqa_train_init *init,
                                         const char *folder)
{
    struct avqa_vocabulary theirs = {0};
    struct avqa_buf a = AVQA_BUF_INIT;
    struct avqa_buf b = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_run_folder_vocabulary(&theirs, folder);
    if (rc != AVQA_OK)
        return rc;
    print_vocabulary(&a, init->vocabulary);
    print_vocabulary(&b, &theirs);
    rc = avqa_buf_status(&a);
    if (rc == AVQA_OK)
        rc = avqa_buf_status(&b);
    if (rc == AVQA_OK && strcmp(avqa_buf_str(&a), avqa_buf_str(&b)) != 0)
        rc = avqa_fail(AVQA_EINVAL,
                       "the run '%s' numbers words otherwise; begin with --vocabulary "
                       "%s/vocabulary.json",
                       init->from, folder);
    avqa_buf_release(&a);
    avqa_buf_release(&b);
    avqa_vocabulary_release(&theirs);
    return rc;
}

/* The file of weights that is meant; of a run, *folder is that. */
static enum avqa_status find(char **path, char **folder,
                             const struct avqa_train_init *init)
{
    if (avqa_io_exists(init->from) && !avqa_io_is_dir(init->from)) {
        *path = avqa_mem_strdup(init->from);
        return AVQA_OK;
    }
    enum avqa_status rc = avqa_run_folder_find(folder, init->dataset, init->from);
    if (rc == AVQA_OK)
        *path = avqa_io_join(*folder, "best.safetensors");
    return rc;
}

static bool knows_words(const struct avqa_params *params,
                        const struct avqa_weights *weights)
{
    static const char name[] = "word2vec.weight";
    return avqa_params_find(params, name) && avqa_weights_find(weights, name);
}

static enum avqa_status take(struct avqa_json **told, struct avqa_weights *weights,
                             const struct avqa_train_init *init, const char *path,
                             const char *folder)
{
    struct avqa_params params = {0};
    char sha256[AVQA_SHA256_HEX];
    size_t n_taken = 0;
    enum avqa_status rc = avqa_weights_look(path);
    if (rc == AVQA_OK)
        rc = avqa_safetensors_read(&params, sha256, path);
    if (rc == AVQA_OK && folder && knows_words(&params, weights))
        rc = check_vocabulary(init, folder);
    if (rc == AVQA_OK) {
        rc = avqa_weights_take(&n_taken, weights, &params);
        if (rc == AVQA_OK && n_taken == 0)
            rc = avqa_fail(AVQA_EFORMAT, "no tensor has a name of the model's");
        if (rc != AVQA_OK)
            rc = avqa_fail_in(rc, "%s", path);
    }
    avqa_params_release(&params);
    if (rc != AVQA_OK)
        return rc;
    *told = avqa_json_new_object();
    avqa_json_put_string(*told, "path", path);
    avqa_json_put_string(*told, "sha256", sha256);
    avqa_json_put_int(*told, "tensors", (int64_t)n_taken);
    avqa_log_write(init->log, AVQA_LOG_INFO, "%zu of the model's %zu tensors %s of %s",
                   n_taken, weights->n, n_taken == 1 ? "is that" : "are those", path);
    return AVQA_OK;
}

enum avqa_status avqa_train_init_take(struct avqa_json **told,
                                      struct avqa_weights *weights,
                                      const struct avqa_train_init *init)
{
    char *path = NULL;
    char *folder = NULL;
    *told = NULL;
    enum avqa_status rc = find(&path, &folder, init);
    if (rc == AVQA_OK)
        rc = take(told, weights, init, path, folder);
    free(path);
    free(folder);
    return rc == AVQA_OK ? AVQA_OK : avqa_fail_in(rc, "--init");
}
