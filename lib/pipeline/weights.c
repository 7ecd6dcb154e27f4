/* See weights.h. Whatever the file, its tensors become one list; what is said of them
 * and what is written of them starts from there. */
#include "pipeline/weights.h"
#include "base/hash.h"
#include "base/io.h"
#include "nn/params.h"
#include "nn/safetensors.h"
#include "nn/torch_file.h"
#include "pipeline/weights_fit.h"
#include "pipeline/weights_look.h"
#include "pipeline/weights_names.h"
#include "pipeline/weights_table.h"

#include <string.h>

static const char SAFETENSORS[] = "safetensors";
static const char TORCH[] = "torch";

struct loaded {
    struct avqa_params params;
    struct avqa_torch_info torch;
    size_t n_stripped, n_renamed;
    char sha256[AVQA_SHA256_HEX];
    int64_t bytes;
};

static void loaded_release(struct loaded *l)
{
    avqa_params_release(&l->params);
    avqa_torch_info_release(&l->torch);
}

static enum avqa_status load(struct loaded *l,
                             const struct avqa_weight_file_config *config)
{
    const struct avqa_torch_options options = {.key = config->key,
                                               .unchecked = config->unchecked};
    enum avqa_status rc = avqa_io_is_dir(config->path)
                              ? avqa_weights_look(config->path)
                              : avqa_torch_recognise(&l->torch.form, config->path);
    if (rc != AVQA_OK)
        return rc;
    if (l->torch.form != AVQA_TORCH_NO_FILE)
        rc = avqa_torch_read(&l->params, &l->torch, config->path, &options);
    else if (config->key)
        rc =
            avqa_fail(AVQA_EINVAL, "%s: not a file of torch.save, so there is no --key",
                      config->path);
    else
        rc = avqa_weights_look(config->path);
    if (rc == AVQA_OK && l->torch.form == AVQA_TORCH_NO_FILE)
        rc = avqa_safetensors_read(&l->params, NULL, config->path);
    if (rc == AVQA_OK)
        rc = avqa_sha256_file(l->sha256, &l->bytes, config->path);
    if (rc != AVQA_OK)
        return rc;
    if (config->strip && *config->strip)
        rc = avqa_weights_strip(&l->params, &l->n_stripped, config->strip);
    if (rc == AVQA_OK && config->rename)
        rc = avqa_weights_rename(&l->params, &l->n_renamed, config->rename);
    return rc == AVQA_OK ? AVQA_OK : avqa_fail_in(rc, "%s", config->path);
}

static int64_t count_numbers(const struct avqa_params *params)
{
    int64_t n = 0;
    for (size_t i = 0; i < params->n; i++)
        n += (int64_t)params->items[i].value.n;
    return n;
}

/* What is known of the file that was read. */
static void put_file(struct avqa_json *object, const struct loaded *l, const char *path)
{
    static const char *const formats[] = {"safetensors", "torch", "torch-legacy"};
    avqa_json_put_string(object, "path", path);
    avqa_json_put_string(object, "format", formats[l->torch.form]);
    avqa_json_put_int(object, "bytes", l->bytes);
    avqa_json_put_string(object, "sha256", l->sha256);
    if (l->torch.key)
        avqa_json_put_string(object, "key", l->torch.key);
    else
        avqa_json_put_null(object, "key");
    avqa_json_put_int(object, "n_omitted", (int64_t)l->torch.n_omitted);
    avqa_json_put_string(object, "omitted", l->torch.omitted ? l->torch.omitted : "");
    avqa_json_put_int(object, "sharing", (int64_t)l->torch.n_sharing);
    avqa_json_put_int(object, "stripped", (int64_t)l->n_stripped);
    avqa_json_put_int(object, "renamed", (int64_t)l->n_renamed);
}

enum avqa_status avqa_weight_file_inspect(struct avqa_json **out,
                                          const struct avqa_weight_file_config *config)
{
    struct loaded l = {0};
    struct avqa_json *object = avqa_json_new_object();
    *out = NULL;
    enum avqa_status rc = load(&l, config);
    if (rc == AVQA_OK) {
        put_file(object, &l, config->path);
        avqa_json_put_int(object, "count", (int64_t)l.params.n);
        avqa_json_put_int(object, "numbers", count_numbers(&l.params));
        struct avqa_json *tensors = avqa_json_put_array(object, "tensors");
        for (size_t i = 0; i < l.params.n; i++)
            avqa_weights_describe(tensors, &l.params.items[i]);
        rc = avqa_weights_fit(object, &l.params, config->model);
    }
    loaded_release(&l);
    if (rc == AVQA_OK)
        *out = object;
    else
        avqa_json_free(object);
    return rc;
}

/* ---- converting ------------------------------------------------------------------ */

/* The kind of file that a name asks for. */
static enum avqa_status format_of(const char **format, const char *path)
{
    static const char *const endings[][2] = {
        {".safetensors", SAFETENSORS}, {".pt", TORCH}, {".pth", TORCH}};
    size_t len = strlen(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t tail = strlen(endings[i][0]);
        if (len > tail && strcmp(path + len - tail, endings[i][0]) == 0) {
            *format = endings[i][1];
            return AVQA_OK;
        }
    }
    return avqa_fail(AVQA_EINVAL,
                     "%s: the name ends neither with .safetensors nor with .pt or .pth",
                     path);
}

static enum avqa_status write_file(struct avqa_json *object, const char *format,
                                   const struct avqa_params *params, const char *path)
{
    char sha256[AVQA_SHA256_HEX];
    int64_t bytes = 0;
    enum avqa_status rc = strcmp(format, TORCH) == 0
                              ? avqa_torch_write(path, params)
                              : avqa_safetensors_write(path, params);
    if (rc == AVQA_OK)
        rc = avqa_sha256_file(sha256, &bytes, path);
    if (rc != AVQA_OK)
        return rc;
    avqa_json_put_int(object, "bytes", bytes);
    avqa_json_put_string(object, "sha256", sha256);
    return AVQA_OK;
}

/* Reads, keeps what is wanted, writes, and tells of it. */
static enum avqa_status convert(struct avqa_json *object, struct loaded *l,
                                const char *format,
                                const struct avqa_weight_file_config *config)
{
    enum avqa_status rc = load(l, config);
    if (rc != AVQA_OK)
        return rc;
    avqa_json_put_string(object, "path", config->output);
    avqa_json_put_string(object, "format", format);
    struct avqa_json *left_out = avqa_json_put_array(object, "left_out");
    if (config->model) {
        rc = avqa_weights_keep(left_out, &l->params, config->model);
        if (rc != AVQA_OK)
            return avqa_fail_in(rc, "%s", config->path);
    }
    avqa_json_put_int(object, "tensors", (int64_t)l->params.n);
    avqa_json_put_int(object, "numbers", count_numbers(&l->params));
    put_file(avqa_json_put_object(object, "from"), l, config->path);
    return config->dry_run ? AVQA_OK
                           : write_file(object, format, &l->params, config->output);
}

enum avqa_status avqa_weight_file_convert(struct avqa_json **out,
                                          const struct avqa_weight_file_config *config)
{
    const char *format = NULL;
    struct loaded l = {0};
    *out = NULL;
    enum avqa_status rc = format_of(&format, config->output);
    if (rc == AVQA_OK)
        rc = avqa_io_check_new(config->output);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_json *object = avqa_json_new_object();
    rc = convert(object, &l, format, config);
    loaded_release(&l);
    if (rc == AVQA_OK)
        *out = object;
    else
        avqa_json_free(object);
    return rc;
}
