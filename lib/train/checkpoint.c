/* See checkpoint.h. state.json has the digest of the tensors' file: two files of
 * different moments, or rotten bytes, are no state. */
#include "train/checkpoint.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/mem.h"
#include "nn/params.h"
#include "nn/safetensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char STATE[] = "state.json";
static const char *const files[] = {"state-0.safetensors", "state-1.safetensors"};
enum { MAX_STATE = 256 << 20, N_FILES = 2 };

static bool is_finite(const avqa_real *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

/* Adds numbers without copying them. */
static enum avqa_status add(struct avqa_params *params, const char *name,
                            const struct avqa_weight *w, avqa_real *numbers)
{
    struct avqa_tensor view;
    _Static_assert(sizeof(avqa_real) == sizeof(float), "checkpoints hold floats");
    if (!is_finite(numbers, w->n))
        return avqa_fail(AVQA_EFORMAT, "a number of \"%s\" is not finite", name);
    enum avqa_status rc =
        avqa_tensor_view(&view, AVQA_TENSOR_F32, w->rank, w->shape, numbers);
    return rc == AVQA_OK ? avqa_params_add(params, name, &view) : rc;
}

static char *state_name(const struct avqa_weight *w, size_t i)
{
    size_t len = strlen(w->name) + sizeof ".state.0";
    char *name = avqa_mem_new(len);
    snprintf(name, len, "%s.state.%zu", w->name, i);
    return name;
}

static enum avqa_status gather(struct avqa_params *params,
                               const struct avqa_weights *weights, size_t n_states)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < weights->n; i++) {
        const struct avqa_weight *w = &weights->items[i];
        rc = add(params, w->name, w, w->value);
        for (size_t k = 0; rc == AVQA_OK && k < n_states; k++) {
            char *name = state_name(w, k);
            rc = add(params, name, w, w->state[k]);
            free(name);
        }
    }
    return rc;
}

static enum avqa_status read_state(struct avqa_json **state, const char *folder)
{
    char *path = avqa_io_join(folder, STATE);
    enum avqa_status rc = avqa_json_read(state, path, MAX_STATE);
    free(path);
    return rc;
}

/* Which file a state names; N_FILES if none of ours. */
static size_t file_of(const struct avqa_json *state)
{
    const char *name =
        avqa_json_string(avqa_json_get(avqa_json_get(state, "tensors"), "file"));
    size_t i = 0;
    while (i < N_FILES && (!name || strcmp(name, files[i]) != 0))
        i++;
    return i;
}

bool avqa_checkpoint_exists(const char *folder)
{
    char *path = avqa_io_join(folder, STATE);
    bool exists = avqa_io_exists(path);
    free(path);
    return exists;
}

/* The object, but with these tensors. */
static enum avqa_status write_state(const char *folder, const struct avqa_json *state,
                                    const char *file, const char *sha256)
{
    struct avqa_json *out = avqa_json_new_object();
    struct avqa_buf text = {.max = MAX_STATE};
    char *path = avqa_io_join(folder, STATE);
    const struct avqa_json *node = avqa_json_first(state);
    for (; node; node = avqa_json_next(node))
        if (strcmp(avqa_json_key(node), "tensors") != 0)
            avqa_json_put_copy(out, avqa_json_key(node), node);
    struct avqa_json *tensors = avqa_json_put_object(out, "tensors");
    avqa_json_put_string(tensors, "file", file);
    avqa_json_put_string(tensors, "sha256", sha256);
    avqa_json_print(&text, out, 1);
    avqa_buf_addc(&text, '\n');
    enum avqa_status rc = avqa_buf_status(&text);
    if (rc == AVQA_OK)
        rc = avqa_io_write(path, text.data, text.len);
    avqa_buf_release(&text);
    avqa_json_free(out);
    free(path);
    return rc;
}

enum avqa_status avqa_checkpoint_save(const char *folder,
                                      const struct avqa_weights *weights,
                                      size_t n_states, const struct avqa_json *state)
{
    struct avqa_json *before = NULL;
    struct avqa_params params = {0};
    char sha256[AVQA_SHA256_HEX];
    int64_t bytes;
    size_t taken = N_FILES; /* a state that cannot be read keeps no file from us */
    if (avqa_checkpoint_exists(folder) && read_state(&before, folder) == AVQA_OK)
        taken = file_of(before);
    const char *file = files[taken == 0];
    char *path = avqa_io_join(folder, file);
    enum avqa_status rc = gather(&params, weights, n_states);
    if (rc == AVQA_OK)
        rc = avqa_safetensors_write(path, &params);
    if (rc == AVQA_OK)
        rc = avqa_sha256_file(sha256, &bytes, path);
    if (rc == AVQA_OK)
        rc = write_state(folder, state, file, sha256);
    free(path);
    if (rc == AVQA_OK && taken < N_FILES) { /* nothing names it any more */
        path = avqa_io_join(folder, files[taken]);
        (void)!avqa_io_remove(path);
        free(path);
    }
    avqa_params_release(&params);
    avqa_json_free(before);
    return rc;
}

static enum avqa_status take(avqa_real *to, const struct avqa_params *params,
                             const char *name, const struct avqa_weight *w)
{
    const struct avqa_tensor *t = avqa_params_find(params, name);
    if (!t || t->type != AVQA_TENSOR_F32 ||
        !avqa_tensor_has_shape(t, w->rank, w->shape))
        return avqa_fail(AVQA_EFORMAT, "the tensor \"%s\" is %s", name,
                         t ? "another one" : "missing");
    memcpy(to, t->data, w->n * sizeof *to);
    return AVQA_OK;
}

static enum avqa_status take_all(struct avqa_weights *weights, size_t n_states,
                                 const struct avqa_params *params)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < weights->n; i++) {
        struct avqa_weight *w = &weights->items[i];
        rc = take(w->value, params, w->name, w);
        for (size_t k = 0; rc == AVQA_OK && k < n_states; k++) {
            char *name = state_name(w, k);
            rc = take(w->state[k], params, name, w);
            free(name);
        }
    }
    return rc;
}

static enum avqa_status load_tensors(struct avqa_weights *weights, size_t n_states,
                                     const char *folder, const struct avqa_json *state)
{
    struct avqa_params params = {0};
    char sha256[AVQA_SHA256_HEX];
    size_t i = file_of(state);
    const char *wanted =
        avqa_json_string(avqa_json_get(avqa_json_get(state, "tensors"), "sha256"));
    if (i == N_FILES || !wanted)
        return avqa_fail(AVQA_EFORMAT, "%s/%s: names no file of tensors", folder,
                         STATE);
    char *path = avqa_io_join(folder, files[i]);
    enum avqa_status rc = avqa_safetensors_read(&params, sha256, path);
    if (rc == AVQA_OK && strcmp(sha256, wanted) != 0)
        rc = avqa_fail(AVQA_EFORMAT, "%s: not the file that %s was written with", path,
                       STATE);
    if (rc == AVQA_OK) {
        rc = take_all(weights, n_states, &params);
        if (rc != AVQA_OK)
            rc = avqa_fail_in(rc, "%s", path);
    }
    free(path);
    avqa_params_release(&params);
    return rc;
}

enum avqa_status avqa_checkpoint_load(struct avqa_json **state,
                                      struct avqa_weights *weights, size_t n_states,
                                      const char *folder)
{
    *state = NULL;
    enum avqa_status rc = read_state(state, folder);
    if (rc == AVQA_OK)
        rc = load_tensors(weights, n_states, folder, *state);
    if (rc != AVQA_OK) {
        avqa_json_free(*state);
        *state = NULL;
    }
    return rc;
}

enum avqa_status avqa_checkpoint_write(const char *path,
                                       const struct avqa_weights *weights)
{
    struct avqa_params params = {0};
    enum avqa_status rc = gather(&params, weights, 0);
    if (rc == AVQA_OK)
        rc = avqa_safetensors_write(path, &params);
    avqa_params_release(&params);
    return rc;
}
