/* See vggish.h. */
#include "encoder/vggish.h"
#include "encoder/logmel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 128, HIDDEN = 4096 };
enum variant { MUSIC_AVQA, TENSORFLOW, TORCHVGGISH };
static const double CLIP = 2.0;
static const char EIGENVECTORS[] = "pproc.pca_eigen_vectors";
static const char MEANS[] = "pproc.pca_means";

/* The convolutions by their place in `features`; `halves`: a pooling comes behind. */
static const struct {
    size_t place, n_in, n_out;
    bool halves;
} convs[] = {
    {0, 1, 64, true},    {3, 64, 128, true},    {6, 128, 256, false},
    {8, 256, 256, true}, {11, 256, 512, false}, {13, 512, 512, true},
};
enum { N_CONVS = sizeof convs / sizeof *convs, N_LINEARS = 3 };

static const struct {
    size_t place, n_in, n_out;
} linears[N_LINEARS] = {
    {0, (size_t)512 * 6 * 4, HIDDEN}, {2, HIDDEN, HIDDEN}, {4, HIDDEN, WIDTH}};

static void bias_spec(struct avqa_feature_specs *specs, const char *list, size_t place,
                      size_t n)
{
    char name[64];
    snprintf(name, sizeof name, "%s.%zu.bias", list, place);
    avqa_feature_specs_add(
        specs, &(struct avqa_param_spec){
                   .name = name, .rank = 1, .shape = {n}, .centre = 0, .spread = 0.1});
}

static void network_specs(struct avqa_feature_specs *specs,
                          const struct avqa_feature_kind *kind)
{
    (void)kind;
    for (size_t i = 0; i < N_CONVS; i++) {
        avqa_feature_specs_weights(specs, 4,
                                   (size_t[]){convs[i].n_out, convs[i].n_in, 3, 3},
                                   "features.%zu.weight", convs[i].place);
        bias_spec(specs, "features", convs[i].place, convs[i].n_out);
    }
    for (size_t i = 0; i < N_LINEARS; i++) {
        avqa_feature_specs_weights(specs, 2,
                                   (size_t[]){linears[i].n_out, linears[i].n_in},
                                   "embeddings.%zu.weight", linears[i].place);
        bias_spec(specs, "embeddings", linears[i].place, linears[i].n_out);
    }
}

static void pca_specs(struct avqa_feature_specs *specs,
                      const struct avqa_feature_kind *kind)
{
    network_specs(specs, kind);
    avqa_feature_specs_weights(specs, 2, (size_t[]){WIDTH, WIDTH}, EIGENVECTORS);
    avqa_feature_specs_add(
        specs,
        &(struct avqa_param_spec){
            .name = MEANS, .rank = 2, .shape = {WIDTH, 1}, .centre = 0, .spread = 0.5});
}

static int build(struct avqa_net *net, const struct avqa_feature_kind *kind)
{
    char weights[64];
    char bias[64];
    int x = avqa_net_input(net);
    for (size_t i = 0; i < N_CONVS; i++) {
        snprintf(weights, sizeof weights, "features.%zu.weight", convs[i].place);
        snprintf(bias, sizeof bias, "features.%zu.bias", convs[i].place);
        x = avqa_net_conv(
            net, x,
            &(struct avqa_net_conv){
                .weights = weights, .bias = bias, .stride = 1, .pad = 1, .relu = true});
        if (convs[i].halves)
            x = avqa_net_max_pool(
                net, x, &(struct avqa_dnn_max_pool){.kernel = 2, .stride = 2});
    }
    for (size_t i = 0; i < N_LINEARS; i++) {
        bool last = i + 1 == N_LINEARS;
        snprintf(weights, sizeof weights, "embeddings.%zu.weight", linears[i].place);
        snprintf(bias, sizeof bias, "embeddings.%zu.bias", linears[i].place);
        x = avqa_net_linear(
            net, x,
            &(struct avqa_net_linear){.weights = weights,
                                      .bias = bias,
                                      .channels_last = i == 0,
                                      .relu = !(last && kind->variant == TENSORFLOW)});
    }
    return x;
}

static void fill(float *in, const void *item, const struct avqa_feature_kind *kind)
{
    (void)kind;
    memcpy(in, item, (size_t)AVQA_LOGMEL_FRAMES * AVQA_LOGMEL_BANDS * sizeof(float));
}

/* PCA of one embedding, clipped, scaled from [-2, 2] to [0, 255]. */
static void project(double *out, const float *in, const struct avqa_params *kept)
{
    const float *vectors = avqa_params_find(kept, EIGENVECTORS)->data;
    const float *means = avqa_params_find(kept, MEANS)->data;
    for (size_t o = 0; o < WIDTH; o++) {
        double sum = 0;
        for (size_t i = 0; i < WIDTH; i++)
            sum += (double)vectors[o * WIDTH + i] * ((double)in[i] - (double)means[i]);
        sum = sum < -CLIP ? -CLIP : sum > CLIP ? CLIP : sum;
        out[o] = (sum + CLIP) * (255.0 / (2 * CLIP));
    }
}

static void finish_tensorflow(void *row, const float *out,
                              const struct avqa_params *kept)
{
    double levels[WIDTH];
    uint8_t *bytes = row;
    project(levels, out, kept);
    for (size_t i = 0; i < WIDTH; i++)
        bytes[i] = (uint8_t)levels[i];
}

static void finish_torchvggish(void *row, const float *out,
                               const struct avqa_params *kept)
{
    double levels[WIDTH];
    float *floats = row;
    project(levels, out, kept);
    for (size_t i = 0; i < WIDTH; i++)
        floats[i] = (float)nearbyint(levels[i]);
}

static const char *const pca[] = {EIGENVECTORS, MEANS, NULL};

static const struct avqa_feature_network plain = {
    .shape = {1, AVQA_LOGMEL_FRAMES, AVQA_LOGMEL_BANDS},
    .specs = network_specs,
    .ignored = pca,
    .build = build,
    .fill = fill};
static const struct avqa_feature_network with_tensorflow = {
    .shape = {1, AVQA_LOGMEL_FRAMES, AVQA_LOGMEL_BANDS},
    .specs = pca_specs,
    .kept = pca,
    .build = build,
    .fill = fill,
    .finish = finish_tensorflow};
static const struct avqa_feature_network with_torchvggish = {
    .shape = {1, AVQA_LOGMEL_FRAMES, AVQA_LOGMEL_BANDS},
    .specs = pca_specs,
    .kept = pca,
    .build = build,
    .fill = fill,
    .finish = finish_torchvggish};

static const struct avqa_feature_kind kinds[] = {
    {.info = {.name = "vggish",
              .preset = "music-avqa",
              .what = "the embedding of each second's first 0.96 s, after its relu",
              .input = AVQA_FEATURE_SOUND,
              .type = AVQA_TENSOR_F32,
              .rank = 1,
              .shape = {WIDTH},
              .rate_hz = AVQA_LOGMEL_RATE_HZ,
              .window = AVQA_LOGMEL_RATE_HZ,
              .hop = AVQA_LOGMEL_RATE_HZ,
              .weights = "vggish"},
     .item_bytes = (size_t)AVQA_LOGMEL_FRAMES * AVQA_LOGMEL_BANDS * sizeof(float),
     .variant = MUSIC_AVQA,
     .tool_new = avqa_logmel_tool_new,
     .tool_free = avqa_logmel_tool_free,
     .prepare = avqa_logmel_prepare,
     .network = &plain},
    {.info = {.name = "vggish",
              .preset = "tensorflow",
              .what = "every 0.96 s, before the last relu, PCA, as bytes",
              .input = AVQA_FEATURE_SOUND,
              .type = AVQA_TENSOR_U8,
              .rank = 1,
              .shape = {WIDTH},
              .rate_hz = AVQA_LOGMEL_RATE_HZ,
              .window = AVQA_LOGMEL_SAMPLES,
              .hop = AVQA_LOGMEL_FRAMES * AVQA_LOGMEL_HOP,
              .weights = "vggish"},
     .item_bytes = (size_t)AVQA_LOGMEL_FRAMES * AVQA_LOGMEL_BANDS * sizeof(float),
     .variant = TENSORFLOW,
     .tool_new = avqa_logmel_tool_new,
     .tool_free = avqa_logmel_tool_free,
     .prepare = avqa_logmel_prepare,
     .network = &with_tensorflow},
    {.info = {.name = "vggish",
              .preset = "torchvggish",
              .what = "every 0.96 s, after the relu, PCA, rounded",
              .input = AVQA_FEATURE_SOUND,
              .type = AVQA_TENSOR_F32,
              .rank = 1,
              .shape = {WIDTH},
              .rate_hz = AVQA_LOGMEL_RATE_HZ,
              .window = AVQA_LOGMEL_SAMPLES,
              .hop = AVQA_LOGMEL_FRAMES * AVQA_LOGMEL_HOP,
              .weights = "vggish"},
     .item_bytes = (size_t)AVQA_LOGMEL_FRAMES * AVQA_LOGMEL_BANDS * sizeof(float),
     .variant = TORCHVGGISH,
     .tool_new = avqa_logmel_tool_new,
     .tool_free = avqa_logmel_tool_free,
     .prepare = avqa_logmel_prepare,
     .network = &with_torchvggish},
};

const struct avqa_feature_kind *avqa_vggish_kinds(size_t *n)
{
    *n = sizeof kinds / sizeof *kinds;
    return kinds;
}
