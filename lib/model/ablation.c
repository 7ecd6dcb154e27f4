/* The paper's Table 3 above AV+Q+TG. Its code was not published; these definitions are
 * ours, from AVST's parts, so that a row differs from the next by one part:
 *
 *   q     fc_ans(tanh(fq))
 *   a+q   fc_ans(tanh(fc_fusion(tanh(mean over time of f)) * fq))
 *   v+q   the same with the mean over time and place of the maps
 *   av+q  the same with both, joined */
#include "model/layer.h"
#include "model/models.h"
#include "model/part.h"
#include "nn/elementwise.h"
#include "nn/map_means.h"

enum { WIDTH = AVQA_AVST_WIDTH };

static void list_q(struct avqa_spec_list *list, const struct avqa_model_size *size)
{
    avqa_list_question(list, size);
    avqa_list_answer(list, size);
}

static void run_q(const struct avqa_forward *forward, const struct avqa_batch *batch,
                  struct avqa_answer *out)
{
    avqa_part_answer(forward, batch, avqa_part_question(forward, batch), out);
}

static void list_a_q(struct avqa_spec_list *list, const struct avqa_model_size *size)
{
    avqa_list_sound(list, size);
    avqa_list_linear(list, "fc_fusion", WIDTH, WIDTH);
    list_q(list, size);
}

static void list_v_q(struct avqa_spec_list *list, const struct avqa_model_size *size)
{
    avqa_list_linear(list, "fc_fusion", WIDTH, size->channels);
    list_q(list, size);
}

static void list_av_q(struct avqa_spec_list *list, const struct avqa_model_size *size)
{
    avqa_list_sound(list, size);
    avqa_list_linear(list, "fc_fusion", WIDTH, WIDTH + size->channels);
    list_q(list, size);
}

/* mean over time of f, [n, 512] */
static struct avqa_node *heard(const struct avqa_forward *forward,
                               const struct avqa_batch *batch)
{
    struct avqa_node *f = avqa_part_sound(forward, batch);
    size_t shape[] = {batch->n, batch->n_seconds, WIDTH};
    return avqa_mean_steps(forward->tape, avqa_reshape(forward->tape, f, 3, shape));
}

/* mean over time and place of the maps, [n, channels] */
static struct avqa_node *seen(const struct avqa_forward *forward,
                              const struct avqa_batch *batch)
{
    size_t channels = forward->size->channels;
    size_t shape[] = {batch->n, batch->n_seconds, channels};
    struct avqa_node *v =
        avqa_map_means(forward->tape, batch->maps, batch->n * batch->n_seconds,
                       channels, forward->size->places);
    return avqa_mean_steps(forward->tape, avqa_reshape(forward->tape, v, 3, shape));
}

static void finish(const struct avqa_forward *forward, const struct avqa_batch *batch,
                   struct avqa_node *x, struct avqa_answer *out)
{
    struct avqa_tape *tape = forward->tape;
    struct avqa_node *fq = avqa_part_question(forward, batch);
    struct avqa_node *z =
        avqa_layer_linear(forward, "fc_fusion", avqa_tanh(tape, x), AVQA_NO_ACTIVATION);
    avqa_part_answer(forward, batch, avqa_mul(tape, z, fq), out);
}

static void run_a_q(const struct avqa_forward *forward, const struct avqa_batch *batch,
                    struct avqa_answer *out)
{
    finish(forward, batch, heard(forward, batch), out);
}

static void run_v_q(const struct avqa_forward *forward, const struct avqa_batch *batch,
                    struct avqa_answer *out)
{
    finish(forward, batch, seen(forward, batch), out);
}

static void run_av_q(const struct avqa_forward *forward, const struct avqa_batch *batch,
                     struct avqa_answer *out)
{
    struct avqa_node *f = heard(forward, batch);
    finish(forward, batch, avqa_join(forward->tape, f, seen(forward, batch)), out);
}

const struct avqa_model avqa_model_q = {.name = "q", .list = list_q, .run = run_q};

const struct avqa_model avqa_model_a_q = {
    .name = "a+q", .hears = true, .list = list_a_q, .run = run_a_q};

const struct avqa_model avqa_model_v_q = {
    .name = "v+q", .sees = true, .list = list_v_q, .run = run_v_q};

const struct avqa_model avqa_model_av_q = {
    .name = "av+q", .hears = true, .sees = true, .list = list_av_q, .run = run_av_q};
