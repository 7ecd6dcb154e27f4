/* See resnet18.h. */
#include "encoder/resnet18.h"

#include <stdio.h>
#include <string.h>

enum { SIDE = 224, SHORTER = 256, CHANNELS = 3, N_STAGES = 4, N_BLOCKS = 2, NAME = 96 };
enum variant { MUSIC_AVQA, TORCHVISION, TORCHVISION_MAPS };

/* What is taken from a channel of a picture, and what it is divided by. */
static const struct {
    float mean[CHANNELS], std[CHANNELS];
} norms[] = {
    [MUSIC_AVQA] = {{0.43216F, 0.394666F, 0.37645F}, {0.22803F, 0.22145F, 0.216989F}},
    [TORCHVISION] = {{0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F}},
    [TORCHVISION_MAPS] = {{0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F}},
};

static const size_t widths[N_STAGES] = {64, 128, 256, 512};

static bool shrinks(size_t stage, size_t block, const struct avqa_feature_kind *kind)
{
    return block == 0 && stage > 0 &&
           !(stage + 1 == N_STAGES && kind->variant == MUSIC_AVQA);
}

/* ---- tensors --------------------------------------------------------------------- */

static void norm_specs(struct avqa_feature_specs *specs, const char *name, size_t n)
{
    static const struct {
        const char *part;
        double centre, spread;
    } parts[] = {{"weight", 0.8, 0.2},
                 {"bias", 0, 0.1},
                 {"running_mean", 0, 0.1},
                 {"running_var", 1, 0.3}};
    char full[NAME + 16];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        snprintf(full, sizeof full, "%s.%s", name, parts[i].part);
        avqa_feature_specs_add(specs,
                               &(struct avqa_param_spec){.name = full,
                                                         .rank = 1,
                                                         .shape = {n},
                                                         .centre = parts[i].centre,
                                                         .spread = parts[i].spread});
    }
}

static void block_specs(struct avqa_feature_specs *specs, size_t stage, size_t block)
{
    size_t n_out = widths[stage];
    size_t n_in = stage && block == 0 ? widths[stage - 1] : n_out;
    char name[NAME];
    for (size_t i = 1; i <= 2; i++) {
        avqa_feature_specs_weights(specs, 4,
                                   (size_t[]){n_out, i == 1 ? n_in : n_out, 3, 3},
                                   "layer%zu.%zu.conv%zu.weight", stage + 1, block, i);
        snprintf(name, sizeof name, "layer%zu.%zu.bn%zu", stage + 1, block, i);
        norm_specs(specs, name, n_out);
    }
    if (n_in == n_out)
        return;
    avqa_feature_specs_weights(specs, 4, (size_t[]){n_out, n_in, 1, 1},
                               "layer%zu.%zu.downsample.0.weight", stage + 1, block);
    snprintf(name, sizeof name, "layer%zu.%zu.downsample.1", stage + 1, block);
    norm_specs(specs, name, n_out);
}

static void list_specs(struct avqa_feature_specs *specs,
                       const struct avqa_feature_kind *kind)
{
    (void)kind;
    avqa_feature_specs_weights(specs, 4, (size_t[]){64, CHANNELS, 7, 7},
                               "conv1.weight");
    norm_specs(specs, "bn1", 64);
    for (size_t stage = 0; stage < N_STAGES; stage++) {
        for (size_t block = 0; block < N_BLOCKS; block++)
            block_specs(specs, stage, block);
    }
}

/* ---- layers ---------------------------------------------------------------------- */

/* A convolution and its batch norm, by name. */
static int conv_norm(struct avqa_net *net, int from, const char *conv, const char *norm,
                     struct avqa_net_conv how)
{
    char weights[NAME];
    snprintf(weights, sizeof weights, "%s.weight", conv);
    how.weights = weights;
    how.norm = norm;
    return avqa_net_conv(net, from, &how);
}

/* relu(x + norm(conv(relu(norm(conv x))))), where x is convolved too if its size
 * changes. */
static int build_block(struct avqa_net *net, int x, size_t stage, size_t block,
                       size_t stride)
{
    char base[NAME / 2];
    char conv[NAME - 8];
    char norm[NAME];
    int same = x;
    snprintf(base, sizeof base, "layer%zu.%zu", stage + 1, block);
    snprintf(conv, sizeof conv, "%s.conv1", base);
    snprintf(norm, sizeof norm, "%s.bn1", base);
    int y = conv_norm(net, x, conv, norm,
                      (struct avqa_net_conv){.stride = stride, .pad = 1, .relu = true});
    if (stage > 0 && block == 0) {
        snprintf(conv, sizeof conv, "%s.downsample.0", base);
        snprintf(norm, sizeof norm, "%s.downsample.1", base);
        same = conv_norm(net, x, conv, norm, (struct avqa_net_conv){.stride = stride});
    }
    snprintf(conv, sizeof conv, "%s.conv2", base);
    snprintf(norm, sizeof norm, "%s.bn2", base);
    return conv_norm(
        net, y, conv, norm,
        (struct avqa_net_conv){
            .stride = 1, .pad = 1, .relu = true, .adds = true, .added = same});
}

static int build(struct avqa_net *net, const struct avqa_feature_kind *kind)
{
    int x = conv_norm(net, avqa_net_input(net), "conv1", "bn1",
                      (struct avqa_net_conv){.stride = 2, .pad = 3, .relu = true});
    x = avqa_net_max_pool(
        net, x, &(struct avqa_dnn_max_pool){.kernel = 3, .stride = 2, .pad = 1});
    for (size_t stage = 0; stage < N_STAGES; stage++) {
        for (size_t block = 0; block < N_BLOCKS; block++)
            x = build_block(net, x, stage, block, shrinks(stage, block, kind) ? 2 : 1);
    }
    return kind->variant == TORCHVISION ? avqa_net_mean_pool(net, x) : x;
}

/* ---- pictures -------------------------------------------------------------------- */

static enum avqa_status prepare(const struct avqa_feature_kind *kind, void *tool,
                                void *item, const struct avqa_feature_source *from)
{
    (void)tool;
    struct avqa_resize to =
        kind->info.shorter == 0
            ? avqa_resize_squash(SIDE, SIDE)
            : avqa_resize_crop(&from->picture, kind->info.shorter, kind->info.side);
    return avqa_resize(item, &from->picture, &to);
}

/* Bytes, pixel by pixel, become three planes of normalised floats. */
static void fill(float *in, const void *item, const struct avqa_feature_kind *kind)
{
    const uint8_t *pixels = item;
    for (size_t c = 0; c < CHANNELS; c++) {
        float levels[256];
        for (size_t i = 0; i < 256; i++)
            levels[i] = ((float)i / 255.0F - norms[kind->variant].mean[c]) /
                        norms[kind->variant].std[c];
        for (size_t i = 0; i < (size_t)SIDE * SIDE; i++)
            *in++ = levels[pixels[i * CHANNELS + c]];
    }
}

/* The classifier, and how many batches the norms have seen. */
static const char *const ignored[] = {"fc.weight", "fc.bias", ".num_batches_tracked",
                                      NULL};

static const struct avqa_feature_network network = {.shape = {CHANNELS, SIDE, SIDE},
                                                    .specs = list_specs,
                                                    .ignored = ignored,
                                                    .build = build,
                                                    .fill = fill};

static const struct avqa_feature_kind kinds[] = {
    {.info = {.name = "resnet18",
              .preset = "music-avqa",
              .what = "14 x 14 places of a picture squashed to 224 x 224",
              .input = AVQA_FEATURE_PICTURE,
              .type = AVQA_TENSOR_F32,
              .rank = 3,
              .shape = {512, 14, 14},
              .weights = "resnet18"},
     .item_bytes = (size_t)SIDE * SIDE * CHANNELS,
     .variant = MUSIC_AVQA,
     .prepare = prepare,
     .network = &network},
    {.info = {.name = "resnet18",
              .preset = "torchvision",
              .what = "the mean over the places of a picture cropped to 224 x 224",
              .input = AVQA_FEATURE_PICTURE,
              .type = AVQA_TENSOR_F32,
              .rank = 1,
              .shape = {512},
              .shorter = SHORTER,
              .side = SIDE,
              .weights = "resnet18"},
     .item_bytes = (size_t)SIDE * SIDE * CHANNELS,
     .variant = TORCHVISION,
     .prepare = prepare,
     .network = &network},
    {.info = {.name = "resnet18",
              .preset = "torchvision-maps",
              .what = "7 x 7 places of a picture cropped to 224 x 224",
              .input = AVQA_FEATURE_PICTURE,
              .type = AVQA_TENSOR_F32,
              .rank = 3,
              .shape = {512, 7, 7},
              .shorter = SHORTER,
              .side = SIDE,
              .weights = "resnet18"},
     .item_bytes = (size_t)SIDE * SIDE * CHANNELS,
     .variant = TORCHVISION_MAPS,
     .prepare = prepare,
     .network = &network},
};

const struct avqa_feature_kind *avqa_resnet18_kinds(size_t *n)
{
    *n = sizeof kinds / sizeof *kinds;
    return kinds;
}
