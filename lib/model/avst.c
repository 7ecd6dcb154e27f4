/* AVST: spatial grounding of what is heard, temporal grounding of what is asked, and a
 * head that learns whether sound and picture belong together. The names of parameters,
 * and what the code does beyond the paper (normalised maps, tanh before the answer, the
 * mean over time added to what attention found), are those of the published module
 * AVQA_Fusion_Net. Its first stage trains sound, grounding and matching alone. */
#include "model/layer.h"
#include "model/models.h"
#include "model/part.h"
#include "nn/elementwise.h"
#include "nn/ground.h"
#include "nn/loss.h"

#include <string.h>

enum { WIDTH = AVQA_AVST_WIDTH };

static void list_grounding(struct avqa_spec_list *list,
                           const struct avqa_model_size *size)
{
    avqa_list_sound(list, size);
    avqa_list_linear(list, "fc_gl", WIDTH, 2 * size->channels);
    avqa_list_linear(list, "fc1", 512, 2 * WIDTH);
    avqa_list_linear(list, "fc2", 256, 512);
    avqa_list_linear(list, "fc3", 128, 256);
    avqa_list_linear(list, "fc4", 2, 128);
}

/* v = fc_gl(tanh([g ; l])), [maps, 512] */
static struct avqa_node *ground(const struct avqa_forward *forward,
                                const struct avqa_batch *batch, struct avqa_node *f,
                                struct avqa_answer *out)
{
    struct avqa_ground options = {
        .maps = batch->maps,
        .n_maps = (batch->has_others ? 2 : 1) * batch->n * batch->n_seconds,
        .channels = forward->size->channels,
        .places = forward->size->places,
        .weights = &out->places,
    };
    struct avqa_node *gl = avqa_ground(forward->tape, f, &options);
    return avqa_layer_linear(forward, "fc_gl", avqa_tanh(forward->tape, gl),
                             AVQA_NO_ACTIVATION);
}

/* fc4(relu(fc3(relu(fc2(relu(fc1([f ; v]))))))), [maps, 2]; a map's own sound is class
 * 1. The loss is the mean over both halves, as over the published code's mixed rows. */
static void match(const struct avqa_forward *forward, const struct avqa_batch *batch,
                  struct avqa_node *const f_v[2], struct avqa_answer *out)
{
    struct avqa_tape *tape = forward->tape;
    size_t half = batch->n * batch->n_seconds;
    struct avqa_node *w = avqa_layer_weight(forward, "fc1", "weight");
    struct avqa_node *b = avqa_layer_weight(forward, "fc1", "bias");
    b = avqa_linear_onto(tape, f_v[0], w, 0, b, AVQA_NO_ACTIVATION);
    struct avqa_node *x = avqa_linear_onto(tape, f_v[1], w, WIDTH, b, AVQA_RELU);
    x = avqa_layer_linear(forward, "fc2", x, AVQA_RELU);
    x = avqa_layer_linear(forward, "fc3", x, AVQA_RELU);
    out->match = avqa_layer_linear(forward, "fc4", x, AVQA_NO_ACTIVATION);
    int32_t *own = avqa_tape_array(tape, 2 * half, sizeof *own);
    if (!own)
        return;
    for (size_t i = 0; i < 2 * half; i++)
        own[i] = i < half;
    out->loss_match = avqa_cross_entropy(tape, out->match, own);
}

static void run_grounding(const struct avqa_forward *forward,
                          const struct avqa_batch *batch, struct avqa_answer *out)
{
    struct avqa_node *f = avqa_part_sound(forward, batch);
    struct avqa_node *v = ground(forward, batch, f, out);
    if (!batch->has_others)
        return;
    match(forward, batch, (struct avqa_node *[]){f, v}, out);
    out->loss = out->loss_match;
}

static void list_avst(struct avqa_spec_list *list, const struct avqa_model_size *size)
{
    list_grounding(list, size);
    avqa_list_temporal(list);
    avqa_list_question(list, size);
    avqa_list_linear(list, "fc_fusion", WIDTH, 2 * WIDTH);
    avqa_list_answer(list, size);
}

static void run_avst(const struct avqa_forward *forward, const struct avqa_batch *batch,
                     struct avqa_answer *out)
{
    struct avqa_tape *tape = forward->tape;
    size_t half = batch->n * batch->n_seconds;
    size_t shape[] = {batch->n, batch->n_seconds, WIDTH};
    struct avqa_node *pair[2];
    struct avqa_node *fq = avqa_part_question(forward, batch);
    struct avqa_node *f = avqa_part_sound(forward, batch);
    struct avqa_node *v = ground(forward, batch, f, out);
    struct avqa_node *heard = avqa_reshape(tape, f, 3, shape);
    struct avqa_node *seen = avqa_reshape(tape, avqa_rows(tape, v, 0, half), 3, shape);
    avqa_part_temporal(forward, fq, (struct avqa_node *[]){heard, seen}, out, pair);
    struct avqa_node *oa = avqa_add(tape, pair[0], avqa_mean_steps(tape, heard));
    struct avqa_node *ov = avqa_add(tape, pair[1], avqa_mean_steps(tape, seen));
    struct avqa_node *z = avqa_tanh(tape, avqa_join(tape, oa, ov));
    z = avqa_layer_linear(forward, "fc_fusion", z, AVQA_NO_ACTIVATION);
    avqa_part_answer(forward, batch, avqa_mul(tape, z, fq), out);
    if (!batch->has_others)
        return;
    match(forward, batch, (struct avqa_node *[]){f, v}, out);
    if (out->loss_answer)
        out->loss = avqa_add(tape, out->loss_answer,
                             avqa_scale(tape, out->loss_match, (avqa_real)0.5));
}

const struct avqa_model avqa_model_avst = {
    .name = "avst",
    .hears = true,
    .sees = true,
    .channels = WIDTH,
    .compares = true,
    .list = list_avst,
    .run = run_avst,
};

const struct avqa_model avqa_model_avst_grounding = {
    .name = "avst-grounding",
    .hears = true,
    .sees = true,
    .channels = WIDTH,
    .compares = true,
    .matches_only = true,
    .list = list_grounding,
    .run = run_grounding,
};
