/* The published code's net_grd_baseline: AVST without spatial grounding (a second's
 * picture is the mean of its map), without matching, and without the mean over time
 * beside what attention found. The paper's Table 3 calls it AV+Q+TG. */
#include "model/layer.h"
#include "model/models.h"
#include "model/part.h"
#include "nn/elementwise.h"
#include "nn/map_means.h"

enum { WIDTH = AVQA_AVST_WIDTH };

static void list_baseline(struct avqa_spec_list *list,
                          const struct avqa_model_size *size)
{
    avqa_list_sound(list, size);
    avqa_list_temporal(list);
    avqa_list_question(list, size);
    avqa_list_linear(list, "fc_fusion", WIDTH, 2 * WIDTH);
    avqa_list_answer(list, size);
}

static void run_baseline(const struct avqa_forward *forward,
                         const struct avqa_batch *batch, struct avqa_answer *out)
{
    struct avqa_tape *tape = forward->tape;
    size_t shape[] = {batch->n, batch->n_seconds, WIDTH};
    struct avqa_node *pair[2];
    struct avqa_node *fq = avqa_part_question(forward, batch);
    struct avqa_node *f = avqa_part_sound(forward, batch);
    struct avqa_node *v =
        avqa_map_means(tape, batch->maps, batch->n * batch->n_seconds,
                       forward->size->channels, forward->size->places);
    avqa_part_temporal(forward, fq,
                       (struct avqa_node *[]){avqa_reshape(tape, f, 3, shape),
                                              avqa_reshape(tape, v, 3, shape)},
                       out, pair);
    struct avqa_node *z = avqa_tanh(tape, avqa_join(tape, pair[0], pair[1]));
    z = avqa_layer_linear(forward, "fc_fusion", z, AVQA_NO_ACTIVATION);
    avqa_part_answer(forward, batch, avqa_mul(tape, z, fq), out);
}

const struct avqa_model avqa_model_avst_baseline = {
    .name = "avst-baseline",
    .hears = true,
    .sees = true,
    .channels = WIDTH,
    .list = list_baseline,
    .run = run_baseline,
};

const struct avqa_model avqa_model_av_q_tg = {
    .name = "av+q+tg",
    .hears = true,
    .sees = true,
    .channels = WIDTH,
    .list = list_baseline,
    .run = run_baseline,
};
