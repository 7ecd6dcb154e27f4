/* See extract_feature.h. The versions of the programs are in the provenance, not in the
 * recipe: another version of avqa or FFmpeg is no reason to make everything again. */
#include "pipeline/extract_feature.h"
#include "base/mem.h"
#include "base/version.h"
#include "media/probe.h"
#include "pipeline/extract_batch.h"
#include "shard/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BY_ROW_BYTES = 4096 };
static const char RANDOM[] = "random:";

/* Names that others know; else it is NAME_PRESET. */
static const struct {
    const char *name, *preset, *array;
} known[] = {{"resnet18", "music-avqa", "res14"}, {"vggish", "music-avqa", "vggish"}};

void avqa_extract_array_name(char name[AVQA_SHARD_MAX_NAME + 1], const char *encoder,
                             const char *preset)
{
    const size_t size = AVQA_SHARD_MAX_NAME + 1;
    snprintf(name, size, preset ? "%s_%s" : "%s", encoder, preset ? preset : "");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].name, encoder) == 0 &&
            (!preset || strcmp(known[i].preset, preset) == 0))
            snprintf(name, size, "%s", known[i].array);
    }
    for (char *c = name; *c; c++)
        *c = *c == '-' ? '_' : *c;
}

/* Maps have the encoding that is asked for; everything else is kept as it is. */
static void choose_form(struct avqa_extract_feature *f, enum avqa_shard_encoding maps)
{
    const struct avqa_feature_info *info = f->info;
    const bool is_map = info->input == AVQA_FEATURE_PICTURE && info->rank == 3 &&
                        info->type == AVQA_TENSOR_F32;
    f->row.type = info->type == AVQA_TENSOR_F32 ? AVQA_NPY_F4 : AVQA_NPY_U1;
    f->row.n_dims = info->rank + 1; /* the first: rows, filled in later */
    for (size_t i = 0; i < info->rank; i++)
        f->row.dims[i + 1] = info->shape[i];
    f->row_bytes = avqa_feature_row_bytes(info);
    f->item_bytes = avqa_feature_encoder_item_bytes(f->encoder);
    f->batch = avqa_feature_encoder_batch(f->encoder);
    f->by_row = f->row_bytes >= BY_ROW_BYTES;
    f->encoding = is_map ? maps : AVQA_SHARD_AS_IS;
}

/* Finds NAME[:PRESET] and says what is asked for in `options`; the caller frees
 * options->name. */
static enum avqa_status find(const struct avqa_feature_info **info,
                             struct avqa_feature_options *options,
                             const struct avqa_extract_config *config, size_t input)
{
    static const char *const inputs[] = {"pictures", "sound"};
    const char *asked = config->encoders[input];
    const char *colon = strchr(asked, ':');
    char *name = avqa_mem_strndup(asked, strcspn(asked, ":"));
    *options = (struct avqa_feature_options)AVQA_FEATURE_DEFAULTS;
    options->name = name;
    options->preset = colon ? colon + 1 : NULL;
    options->weights = config->weights;
    options->precision =
        strcmp(config->precision, "bf16") == 0 ? AVQA_DNN_BF16 : AVQA_DNN_F32;
    enum avqa_status rc = avqa_feature_find(info, name, options->preset);
    if (rc == AVQA_OK && (size_t)(*info)->input != input)
        rc = avqa_fail(AVQA_EINVAL, "%s takes %s, not %s", name, inputs[(*info)->input],
                       inputs[input]);
    return rc;
}

/* random:SEED, a whole number. */
static bool is_good_seed(const char *weights)
{
    const char *digits = weights + strlen(RANDOM);
    return *digits && strspn(digits, "0123456789") == strlen(digits);
}

enum avqa_status avqa_extract_feature_check(const struct avqa_extract_config *config,
                                            size_t input)
{
    const struct avqa_feature_info *info = NULL;
    struct avqa_feature_options options;
    const char *weights = config->weights;
    if (!config->encoders[input])
        return AVQA_OK;
    enum avqa_status rc = find(&info, &options, config, input);
    if (rc == AVQA_OK && info->weights && !weights)
        rc = avqa_fail(AVQA_EINVAL,
                       "%s needs weights: --weights with a folder that has "
                       "%s.safetensors, or %sSEED",
                       info->name, info->weights, RANDOM);
    if (rc == AVQA_OK && weights && strncmp(weights, RANDOM, strlen(RANDOM)) == 0 &&
        !is_good_seed(weights))
        rc = avqa_fail(AVQA_EINVAL, "weights \"%s\": no number behind \"%s\"", weights,
                       RANDOM);
    free((char *)options.name);
    return rc;
}

static enum avqa_status make_encoder(struct avqa_extract_feature *f,
                                     const struct avqa_extract_config *config,
                                     size_t input)
{
    struct avqa_feature_options options;
    enum avqa_status rc = find(&f->info, &options, config, input);
    if (rc == AVQA_OK)
        rc = avqa_extract_batch_encoder(&f->encoder, &options);
    free((char *)options.name);
    return rc;
}

enum avqa_status avqa_extract_features_init(struct avqa_extract_features *features,
                                            const struct avqa_extract_config *config)
{
    static const char *const pads[] = {"none", "zero", "repeat"};
    enum avqa_shard_encoding maps;
    enum avqa_status rc = AVQA_OK;
    *features = (struct avqa_extract_features){.max_seconds = config->max_seconds,
                                               .pad_name = config->pad,
                                               .encoding_name = config->encoding};
    if (!avqa_shard_encoding_find(&maps, config->encoding))
        return avqa_fail(AVQA_EINVAL, "there is no encoding '%s'", config->encoding);
    features->level = avqa_shard_level(maps);
    for (int i = 0; i < 3; i++) {
        if (strcmp(config->pad, pads[i]) == 0)
            features->pad = (enum avqa_extract_pad)i;
    }
    for (size_t i = 0; rc == AVQA_OK && i < AVQA_EXTRACT_N_INPUTS; i++) {
        struct avqa_extract_feature *f = &features->by_input[i];
        if (!config->encoders[i])
            continue;
        rc = make_encoder(f, config, i);
        if (rc != AVQA_OK)
            break;
        avqa_extract_array_name(f->array, f->info->name, f->info->preset);
        choose_form(f, maps);
    }
    if (rc != AVQA_OK)
        avqa_extract_features_release(features);
    return rc;
}

void avqa_extract_features_release(struct avqa_extract_features *features)
{
    for (size_t i = 0; i < AVQA_EXTRACT_N_INPUTS; i++) {
        avqa_feature_encoder_free(features->by_input[i].encoder);
        features->by_input[i].encoder = NULL;
    }
}

char *avqa_extract_recipe(const struct avqa_extract_features *features, size_t input,
                          const struct avqa_extract_origin *origin)
{
    const struct avqa_extract_feature *f = &features->by_input[input];
    const struct avqa_extract_feature *other = &features->by_input[1 - input];
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_json *r = avqa_json_new_object();
    avqa_json_put_string(r, "encoder", f->info->name);
    avqa_json_put_string(r, "preset", f->info->preset);
    if (f->info->weights) {
        avqa_json_put_string(r, "weights", avqa_feature_encoder_weights(f->encoder));
        avqa_json_put_string(r, "precision",
                             avqa_feature_encoder_precision(f->encoder));
    }
    avqa_json_put_string(r, "encoding", avqa_shard_encoding_name(f->encoding));
    avqa_json_put_string(r, "pad", features->pad_name);
    if (features->pad != AVQA_EXTRACT_NONE && other->encoder)
        avqa_json_put_string(r, "beside",
                             other->array); /* it has a say in the length */
    avqa_json_put_int(r, "max_seconds", features->max_seconds);
    avqa_json_put_string(r, "file", origin->sha256);
    avqa_json_put_int(r, "start_us", origin->start_us);
    avqa_json_put_int(r, "end_us", origin->end_us);
    avqa_json_print(&text, r, 0);
    avqa_json_free(r);
    char *recipe = avqa_mem_strdup(avqa_buf_str(&text));
    avqa_buf_release(&text);
    return recipe;
}

/* What of a recipe is on the way features are made: all but the file and the stretch of
 * it. */
static void add_way(struct avqa_buf *out, const char *recipe)
{
    static const char *const of_file[] = {"file", "start_us", "end_us"};
    struct avqa_json *r = NULL;
    struct avqa_json *way = avqa_json_new_object();
    if (avqa_json_parse(&r, recipe, strlen(recipe)) != AVQA_OK)
        r = avqa_json_new_object(); /* our own text: it parses */
    for (const struct avqa_json *v = avqa_json_first(r); v; v = avqa_json_next(v)) {
        bool is_way = true;
        for (size_t i = 0; i < sizeof of_file / sizeof *of_file; i++)
            is_way = is_way && strcmp(avqa_json_key(v), of_file[i]) != 0;
        if (is_way)
            avqa_json_put_copy(way, avqa_json_key(v), v);
    }
    avqa_json_print(out, way, 0);
    avqa_json_free(way);
    avqa_json_free(r);
}

bool avqa_extract_same_way(const char *recipe, const char *other)
{
    struct avqa_buf a = AVQA_BUF_INIT;
    struct avqa_buf b = AVQA_BUF_INIT;
    add_way(&a, recipe);
    add_way(&b, other);
    const bool same = strcmp(avqa_buf_str(&a), avqa_buf_str(&b)) == 0;
    avqa_buf_release(&a);
    avqa_buf_release(&b);
    return same;
}

void avqa_extract_say_way(struct avqa_buf *out, const char *recipe)
{
    static const char *const keys[] = {"weights", "precision", "encoding", "pad",
                                       "beside"};
    struct avqa_json *r = NULL;
    int64_t most = 0;
    if (avqa_json_parse(&r, recipe, strlen(recipe)) != AVQA_OK)
        return; /* our own text: it parses */
    const char *name = avqa_json_string(avqa_json_get(r, "encoder"));
    const char *preset = avqa_json_string(avqa_json_get(r, "preset"));
    avqa_buf_addf(out, "%s:%s", name ? name : "", preset ? preset : "");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *value = avqa_json_string(avqa_json_get(r, keys[i]));
        if (value)
            avqa_buf_addf(out, ", %s %s", keys[i], value);
    }
    if (avqa_json_int(avqa_json_get(r, "max_seconds"), &most) && most)
        avqa_buf_addf(out, ", max-seconds %lld", (long long)most);
    avqa_json_free(r);
}

struct avqa_json *avqa_extract_provenance(const char *recipe,
                                          const struct avqa_extract_outcome *outcome)
{
    struct avqa_json *p = NULL;
    if (avqa_json_parse(&p, recipe, strlen(recipe)) != AVQA_OK)
        p = avqa_json_new_object(); /* our own text: it parses */
    avqa_json_put_int(p, "rows", (int64_t)outcome->n_rows);
    avqa_json_put_int(p, "padded", (int64_t)outcome->n_padded);
    avqa_json_put_string(p, "media", outcome->media);
    if (outcome->feature->info->weights) { /* they have a say in the last bits */
        avqa_json_put_string(p, "cpu", avqa_dnn_cpu_name(avqa_dnn_cpu()));
        avqa_json_put_int(p, "batch", (int64_t)outcome->feature->batch);
    }
    avqa_json_put_string(p, "ffmpeg", avqa_media_library());
    avqa_json_put_string(p, "avqa", AVQA_VERSION);
    return p;
}
