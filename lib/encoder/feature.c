/* See feature.h. The registry is the list of the kinds' tables; an encoder that is not
 * ours (a file of another library, say) would be one more row with its own network. */
#include "encoder/feature.h"
#include "base/io.h"
#include "base/mem.h"
#include "encoder/frames.h"
#include "encoder/kind.h"
#include "encoder/logmel.h"
#include "encoder/resnet18.h"
#include "encoder/spectrogram.h"
#include "encoder/vggish.h"
#include "nn/safetensors.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct avqa_feature_kind *(*const lists[])(size_t *n) = {
    avqa_resnet18_kinds, avqa_vggish_kinds, avqa_logmel_kinds, avqa_spectrogram_kinds,
    avqa_frames_kinds};
enum { N_LISTS = sizeof lists / sizeof *lists, PROVENANCE = AVQA_SHA256_HEX + 32 };
static const char RANDOM[] = "random:";

struct avqa_feature_encoder {
    const struct avqa_feature_kind *kind;
    size_t batch, row_bytes, item_bytes;
    enum avqa_dnn_precision precision;
    char weights[PROVENANCE];
    struct avqa_net *net;    /* NULL if the item is the row */
    struct avqa_params kept; /* what `finish` reads */
};

struct avqa_feature_work {
    const struct avqa_feature_encoder *enc;
    void *tool;
    struct avqa_net_work *net;
    float *in, *out; /* of a batch */
};

/* ---- the registry ---------------------------------------------------------------- */

const struct avqa_feature_kind *avqa_feature_kind_at(size_t i)
{
    for (size_t l = 0; l < N_LISTS; l++) {
        size_t n;
        const struct avqa_feature_kind *kinds = lists[l](&n);
        if (i < n)
            return &kinds[i];
        i -= n;
    }
    return NULL;
}

size_t avqa_feature_count(void)
{
    size_t n = 0;
    while (avqa_feature_kind_at(n))
        n++;
    return n;
}

const struct avqa_feature_info *avqa_feature_at(size_t i)
{
    const struct avqa_feature_kind *kind = avqa_feature_kind_at(i);
    return kind ? &kind->info : NULL;
}

static enum avqa_status find(const struct avqa_feature_kind **out, const char *name,
                             const char *preset)
{
    struct avqa_buf list = AVQA_BUF_INIT;
    const struct avqa_feature_kind *kind;
    for (size_t i = 0; (kind = avqa_feature_kind_at(i)) != NULL; i++) {
        if (strcmp(kind->info.name, name) == 0 &&
            (!preset || strcmp(kind->info.preset, preset) == 0)) {
            avqa_buf_release(&list);
            *out = kind;
            return AVQA_OK;
        }
        avqa_buf_addf(&list, "%s%s %s", i ? ", " : "", kind->info.name,
                      kind->info.preset);
    }
    enum avqa_status rc =
        avqa_fail(AVQA_ENOENT, "no encoder \"%s%s%s\"; there are %s", name,
                  preset ? " " : "", preset ? preset : "", avqa_buf_str(&list));
    avqa_buf_release(&list);
    return rc;
}

enum avqa_status avqa_feature_find(const struct avqa_feature_info **out,
                                   const char *name, const char *preset)
{
    const struct avqa_feature_kind *kind;
    enum avqa_status rc = find(&kind, name, preset);
    if (rc == AVQA_OK)
        *out = &kind->info;
    return rc;
}

/* ---- rows ------------------------------------------------------------------------ */

static size_t product(const size_t *shape, size_t rank)
{
    size_t n = 1;
    for (size_t i = 0; i < rank; i++)
        n *= shape[i];
    return n;
}

size_t avqa_feature_row_bytes(const struct avqa_feature_info *info)
{
    return product(info->shape, info->rank) * avqa_tensor_type_size(info->type);
}

size_t avqa_feature_n_rows(const struct avqa_feature_info *info, size_t n_samples)
{
    if (n_samples < info->window)
        return info->tiles && n_samples > 0;
    return info->hop ? 1 + (n_samples - info->window) / info->hop : 1;
}

void avqa_feature_cut(const struct avqa_feature_info *info, float *window,
                      const float *samples, size_t n_samples, size_t row)
{
    size_t start = row * info->hop;
    for (size_t i = 0; i < info->window; i++) {
        size_t at = start + i;
        if (info->tiles && n_samples)
            at %= n_samples;
        window[i] = at < n_samples ? samples[at] : 0.0F;
    }
}

/* ---- what networks expect -------------------------------------------------------- */

void avqa_feature_specs_add(struct avqa_feature_specs *specs,
                            const struct avqa_param_spec *spec)
{
    avqa_mem_need(&specs->items, &specs->cap, specs->n + 1, sizeof *specs->items);
    specs->items[specs->n] = *spec;
    specs->items[specs->n++].name = avqa_arena_strdup(&specs->names, spec->name);
}

void avqa_feature_specs_weights(struct avqa_feature_specs *specs, size_t rank,
                                const size_t *shape, const char *fmt, ...)
{
    char name[128];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(name, sizeof name, fmt, ap);
    va_end(ap);
    struct avqa_param_spec spec = {.name = name, .rank = rank};
    memcpy(spec.shape, shape, rank * sizeof *shape);
    spec.spread = sqrt(6.0 / (double)product(shape + 1, rank - 1));
    avqa_feature_specs_add(specs, &spec);
}

void avqa_feature_specs_release(struct avqa_feature_specs *specs)
{
    avqa_arena_release(&specs->names);
    free(specs->items);
    memset(specs, 0, sizeof *specs);
}

/* ---- weights --------------------------------------------------------------------- */

static enum avqa_status make_random(struct avqa_params *params,
                                    struct avqa_feature_encoder *enc, const char *text,
                                    const struct avqa_feature_specs *specs)
{
    char *end;
    const char *digits = text + strlen(RANDOM);
    errno = 0;
    unsigned long long seed = strtoull(digits, &end, 10);
    if (*digits < '0' || *digits > '9' || *end || errno)
        return avqa_fail(AVQA_EINVAL, "weights \"%s\": no number behind \"%s\"", text,
                         RANDOM);
    snprintf(enc->weights, sizeof enc->weights, "%s%llu", RANDOM, seed);
    return avqa_params_random(params, specs->items, specs->n, seed);
}

static enum avqa_status read_weights(struct avqa_params *params,
                                     struct avqa_feature_encoder *enc, const char *dir,
                                     const struct avqa_feature_specs *specs)
{
    struct avqa_params file = {0};
    struct avqa_buf name = AVQA_BUF_INIT;
    avqa_buf_addf(&name, "%s.safetensors", enc->kind->info.weights);
    char *path = avqa_io_join(dir, avqa_buf_str(&name));
    enum avqa_status rc = avqa_safetensors_read(&file, enc->weights, path);
    if (rc == AVQA_OK) {
        rc = avqa_params_match(params, &file, specs->items, specs->n,
                               enc->kind->network->ignored);
        if (rc != AVQA_OK)
            rc = avqa_fail_in(rc, "%s", path);
    }
    avqa_params_release(&file);
    avqa_buf_release(&name);
    free(path);
    return rc;
}

static enum avqa_status get_weights(struct avqa_params *params,
                                    struct avqa_feature_encoder *enc, const char *from)
{
    struct avqa_feature_specs specs = {0};
    if (!from)
        return avqa_fail(AVQA_EINVAL,
                         "%s needs weights: a folder with %s.safetensors, or %sSEED",
                         enc->kind->info.name, enc->kind->info.weights, RANDOM);
    enc->kind->network->specs(&specs, enc->kind);
    enum avqa_status rc = strncmp(from, RANDOM, strlen(RANDOM)) == 0
                              ? make_random(params, enc, from, &specs)
                              : read_weights(params, enc, from, &specs);
    avqa_feature_specs_release(&specs);
    return rc;
}

static enum avqa_status keep(struct avqa_feature_encoder *enc,
                             const struct avqa_params *params)
{
    enum avqa_status rc = AVQA_OK;
    const char *const *name = enc->kind->network->kept;
    for (; rc == AVQA_OK && name && *name; name++) {
        struct avqa_tensor copy;
        rc = avqa_tensor_to_f32(&copy, avqa_params_find(params, *name));
        if (rc == AVQA_OK)
            rc = avqa_params_add(&enc->kept, *name, &copy);
    }
    return rc;
}

/* ---- the encoder ----------------------------------------------------------------- */

static enum avqa_status make_network(struct avqa_feature_encoder *enc,
                                     const struct avqa_feature_options *options)
{
    const struct avqa_feature_network *network = enc->kind->network;
    const size_t shape[4] = {enc->batch, network->shape[0], network->shape[1],
                             network->shape[2]};
    struct avqa_dnn_config config = {.cpu = avqa_dnn_cpu(),
                                     .n_threads = options->n_threads};
    struct avqa_params params = {0};
    enum avqa_status rc =
        avqa_dnn_choose(&config.precision, options->precision, config.cpu);
    if (rc != AVQA_OK)
        return rc;
    enc->precision = config.precision;
    rc = get_weights(&params, enc, options->weights);
    if (rc == AVQA_OK) {
        enc->net = avqa_net_new(&config, &params, shape);
        rc = avqa_net_finish(enc->net, network->build(enc->net, enc->kind));
    }
    if (rc == AVQA_OK)
        rc = keep(enc, &params);
    avqa_params_release(&params);
    return rc;
}

enum avqa_status avqa_feature_encoder_new(struct avqa_feature_encoder **out,
                                          const struct avqa_feature_options *options)
{
    const struct avqa_feature_kind *kind;
    enum avqa_status rc = find(&kind, options->name, options->preset);
    if (rc != AVQA_OK)
        return rc;
    if (options->batch < 1 || options->batch > AVQA_FEATURE_MAX_BATCH ||
        options->n_threads < 1 || options->n_threads > AVQA_DNN_MAX_THREADS)
        return avqa_fail(AVQA_EINVAL,
                         "a batch of %zu on %zu threads (1 to %d, 1 to %d)",
                         options->batch, options->n_threads, AVQA_FEATURE_MAX_BATCH,
                         AVQA_DNN_MAX_THREADS);
    struct avqa_feature_encoder *enc = avqa_mem_new(sizeof *enc);
    enc->kind = kind;
    enc->batch = options->batch;
    enc->row_bytes = avqa_feature_row_bytes(&kind->info);
    enc->item_bytes = kind->item_bytes ? kind->item_bytes : enc->row_bytes;
    if (kind->network)
        rc = make_network(enc, options);
    if (rc != AVQA_OK) {
        avqa_feature_encoder_free(enc);
        return rc;
    }
    *out = enc;
    return AVQA_OK;
}

void avqa_feature_encoder_free(struct avqa_feature_encoder *enc)
{
    if (!enc)
        return;
    avqa_net_free(enc->net);
    avqa_params_release(&enc->kept);
    free(enc);
}

const struct avqa_feature_info *
avqa_feature_encoder_info(const struct avqa_feature_encoder *enc)
{
    return &enc->kind->info;
}

size_t avqa_feature_encoder_batch(const struct avqa_feature_encoder *enc)
{
    return enc->batch;
}

const char *avqa_feature_encoder_weights(const struct avqa_feature_encoder *enc)
{
    return enc->weights;
}

const char *avqa_feature_encoder_precision(const struct avqa_feature_encoder *enc)
{
    return enc->precision == AVQA_DNN_BF16 ? "bf16" : "f32";
}

size_t avqa_feature_encoder_item_bytes(const struct avqa_feature_encoder *enc)
{
    return enc->item_bytes;
}

static size_t net_inputs(const struct avqa_feature_encoder *enc)
{
    return product(enc->kind->network->shape, 3);
}

size_t avqa_feature_encoder_work_bytes(const struct avqa_feature_encoder *enc)
{
    if (!enc->net)
        return 0;
    return avqa_net_work_bytes(enc->net) +
           sizeof(float) * (enc->batch * net_inputs(enc) + avqa_net_n_out(enc->net));
}

/* ---- encoding -------------------------------------------------------------------- */

enum avqa_status avqa_feature_work_new(struct avqa_feature_work **out,
                                       const struct avqa_feature_encoder *enc)
{
    struct avqa_feature_work *work = avqa_mem_new(sizeof *work);
    enum avqa_status rc = AVQA_OK;
    work->enc = enc;
    if (enc->kind->tool_new)
        rc = enc->kind->tool_new(&work->tool, enc->kind);
    if (rc == AVQA_OK && enc->net)
        rc = avqa_net_work_new(&work->net, enc->net);
    if (rc == AVQA_OK && enc->net)
        rc = avqa_mem_array(&work->in, enc->batch * net_inputs(enc), sizeof *work->in);
    if (rc == AVQA_OK && enc->net)
        rc = avqa_mem_array(&work->out, avqa_net_n_out(enc->net), sizeof *work->out);
    if (rc != AVQA_OK) {
        avqa_feature_work_free(work);
        return rc;
    }
    *out = work;
    return AVQA_OK;
}

void avqa_feature_work_free(struct avqa_feature_work *work)
{
    if (!work)
        return;
    if (work->tool)
        work->enc->kind->tool_free(work->tool);
    avqa_net_work_free(work->net);
    free(work->in);
    free(work->out);
    free(work);
}

enum avqa_status avqa_feature_prepare(struct avqa_feature_work *work, void *item,
                                      const struct avqa_feature_source *from)
{
    const struct avqa_feature_kind *kind = work->enc->kind;
    return kind->prepare(kind, work->tool, item, from);
}

enum avqa_status avqa_feature_run(struct avqa_feature_work *work, void *rows,
                                  const void *items, size_t n)
{
    const struct avqa_feature_encoder *enc = work->enc;
    const struct avqa_feature_kind *kind = enc->kind;
    const char *item = items;
    char *row = rows;
    if (n > enc->batch)
        return avqa_fail(AVQA_EINVAL, "%zu items in a batch of %zu", n, enc->batch);
    if (!enc->net) {
        memcpy(rows, items, n * enc->row_bytes);
        return AVQA_OK;
    }
    for (size_t i = 0; i < n; i++)
        kind->network->fill(work->in + i * net_inputs(enc), item + i * enc->item_bytes,
                            kind);
    enum avqa_status rc = avqa_net_run(enc->net, work->net, work->in, work->out);
    size_t per_row = avqa_net_n_out(enc->net) / enc->batch;
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        const float *out = work->out + i * per_row;
        if (kind->network->finish)
            kind->network->finish(row + i * enc->row_bytes, out, &enc->kept);
        else
            memcpy(row + i * enc->row_bytes, out, enc->row_bytes);
    }
    return rc;
}
