/* See net.h. Memory: a value lives from the step that makes it to the last that reads
 * it; values are put, in the order they are made, at the lowest place that no living
 * one covers. A convolution that adds writes over what it adds. */
#include "nn/net.h"
#include "base/mem.h"
#include "nn/panels.h"
#include "nn/winograd.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, MAX_STEPS = 3 * AVQA_NET_MAX_LAYERS, MAX_NAME = 256 };
static const double NORM_EPSILON = 1e-5; /* of torch.nn.BatchNorm2d */

struct value {
    const struct avqa_dnn_layout *layout; /* of the step that makes it */
    int last_use;                         /* step */
    int over;                             /* the value it is written over, or none */
    size_t offset;                        /* in the work space */
};

/* Step i makes value i + 1; value 0 is the input. Either oneDNN's or our own. */
struct step {
    struct avqa_dnn_op *op;
    struct avqa_winograd *winograd;
    struct avqa_dense *dense;
    struct avqa_dnn_layout *from_layout, *to_layout; /* of our own */
    int from;
};

struct avqa_net {
    struct avqa_dnn_config config;
    struct avqa_params *params;
    struct avqa_dnn_layout *input;
    struct value values[MAX_STEPS + 1];
    struct step steps[MAX_STEPS];
    int n_steps;
    size_t work_bytes, scratch_bytes, n_out;
    enum avqa_status rc;
};

struct avqa_net_work {
    char *values, *scratch;
};

/* ---- building -------------------------------------------------------------------- */

static void step_release(struct step *step)
{
    avqa_dnn_op_free(step->op);
    avqa_winograd_free(step->winograd);
    avqa_dense_free(step->dense);
    avqa_dnn_layout_free(step->from_layout);
    avqa_dnn_layout_free(step->to_layout);
}

static const struct avqa_dnn_layout *reads(const struct step *step)
{
    return step->op ? avqa_dnn_op_from(step->op) : step->from_layout;
}

static const struct avqa_dnn_layout *writes(const struct step *step)
{
    return step->op ? avqa_dnn_op_to(step->op) : step->to_layout;
}

/* Returns the value that the step makes. */
static int add_step(struct avqa_net *net, const struct step *step, int from, int over)
{
    assert(net->n_steps < MAX_STEPS);
    int made = net->n_steps + 1;
    net->steps[net->n_steps] = *step;
    net->steps[net->n_steps].from = from;
    net->values[made] = (struct value){.layout = writes(step), .over = over};
    net->values[from].last_use = net->n_steps;
    if (over != AVQA_NET_NONE)
        net->values[over].last_use = net->n_steps;
    net->n_steps++;
    return made;
}

/* The value in this layout: itself, or reordered. */
static int in_layout(struct avqa_net *net, int value,
                     const struct avqa_dnn_layout *layout)
{
    struct step step = {0};
    if (avqa_dnn_layout_same(net->values[value].layout, layout))
        return value;
    net->rc =
        avqa_dnn_reorder_new(&step.op, &net->config, net->values[value].layout, layout);
    if (net->rc != AVQA_OK)
        return AVQA_NET_NONE;
    return add_step(net, &step, value, AVQA_NET_NONE);
}

/* Adds a step that was just made (or failed: net->rc), behind what brings its inputs
 * into its layouts. */
static int join_step(struct avqa_net *net, struct step *step, int from, int over)
{
    if (net->rc == AVQA_OK)
        from = in_layout(net, from, reads(step));
    if (net->rc == AVQA_OK && over != AVQA_NET_NONE)
        over = in_layout(net, over, writes(step));
    if (net->rc != AVQA_OK) {
        step_release(step);
        return AVQA_NET_NONE;
    }
    return add_step(net, step, from, over);
}

struct avqa_net *avqa_net_new(const struct avqa_dnn_config *config,
                              struct avqa_params *params, const size_t shape[4])
{
    struct avqa_net *net = avqa_mem_new(sizeof *net);
    net->config = *config;
    net->params = params;
    net->rc = avqa_dnn_layout_new(&net->input, AVQA_TENSOR_F32, 4, shape);
    net->values[0].layout = net->input;
    net->values[0].over = AVQA_NET_NONE;
    return net;
}

void avqa_net_free(struct avqa_net *net)
{
    if (!net)
        return;
    for (int i = 0; i < net->n_steps; i++)
        step_release(&net->steps[i]);
    avqa_dnn_layout_free(net->input);
    free(net);
}

int avqa_net_input(const struct avqa_net *net)
{
    (void)net;
    return 0;
}

static const struct avqa_tensor *param(const struct avqa_net *net, const char *name,
                                       const char *part)
{
    char full[MAX_NAME];
    snprintf(full, sizeof full, "%s%s", name, part);
    const struct avqa_tensor *found = avqa_params_find(net->params, full);
    assert(found && found->type == AVQA_TENSOR_F32);
    return found;
}

/* Weights and bias of a convolution and the batch norm behind it as one convolution:
 * w g / sqrt(v + e) and b - m g / sqrt(v + e). In double, rounded once. */
static enum avqa_status fold(float **weights, float **bias, const struct avqa_net *net,
                             const struct avqa_net_conv *conv)
{
    const struct avqa_tensor *w = param(net, conv->weights, "");
    size_t n_out = w->shape[0];
    enum avqa_status rc = avqa_mem_array(weights, w->n, sizeof **weights);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(bias, n_out, sizeof **bias);
    if (rc != AVQA_OK)
        return rc;
    memcpy(*weights, w->data, avqa_tensor_bytes(w));
    if (conv->bias)
        memcpy(*bias, param(net, conv->bias, "")->data, n_out * sizeof **bias);
    if (!conv->norm)
        return AVQA_OK;
    const float *gain = param(net, conv->norm, ".weight")->data;
    const float *shift = param(net, conv->norm, ".bias")->data;
    const float *mean = param(net, conv->norm, ".running_mean")->data;
    const float *variance = param(net, conv->norm, ".running_var")->data;
    size_t per_out = w->n / n_out;
    for (size_t o = 0; o < n_out; o++) {
        double scale = (double)gain[o] / sqrt((double)variance[o] + NORM_EPSILON);
        double moved = ((double)(*bias)[o] - (double)mean[o]) * scale;
        (*bias)[o] = (float)((double)shift[o] + moved);
        for (size_t i = o * per_out; i < (o + 1) * per_out; i++)
            (*weights)[i] = (float)((double)(*weights)[i] * scale);
    }
    return AVQA_OK;
}

/* Whether our own layers run, and their layout is the one that oneDNN prefers. */
static bool has_ours(const struct avqa_net *net)
{
    return net->config.cpu == AVQA_DNN_AVX2 && net->config.precision == AVQA_DNN_F32;
}

/* Our own where oneDNN has none that saves multiplications. */
static bool is_ours(const struct avqa_net *net, const struct avqa_winograd_form *form,
                    size_t pad)
{
    return has_ours(net) && pad == form->kernel / 2 && avqa_winograd_saves(form);
}

static enum avqa_status make_winograd(struct step *step,
                                      const struct avqa_winograd_form *form,
                                      const struct avqa_dnn_conv *conv)
{
    const size_t before[4] = {form->batch, form->n_in, form->height, form->width};
    const size_t after[4] = {form->batch, form->n_out, form->height / form->stride,
                             form->width / form->stride};
    enum avqa_status rc =
        form->n_in < AVQA_WINOGRAD_BLOCK
            ? avqa_dnn_layout_new(&step->from_layout, AVQA_TENSOR_F32, 4, before)
            : avqa_dnn_layout_new_blocked(&step->from_layout, before);
    if (rc == AVQA_OK)
        rc = avqa_dnn_layout_new_blocked(&step->to_layout, after);
    if (rc == AVQA_OK)
        rc = avqa_winograd_new(&step->winograd, form, conv->weights, conv->bias);
    return rc;
}

int avqa_net_conv(struct avqa_net *net, int from, const struct avqa_net_conv *conv)
{
    struct step step = {0};
    size_t shape[AVQA_TENSOR_MAX_RANK];
    float *weights = NULL;
    float *bias = NULL;
    if (net->rc != AVQA_OK)
        return AVQA_NET_NONE;
    net->rc = fold(&weights, &bias, net, conv);
    const struct avqa_tensor *w = param(net, conv->weights, "");
    const struct avqa_dnn_conv plain = {.weights = weights,
                                        .bias = bias,
                                        .n_out = w->shape[0],
                                        .kernel = w->shape[2],
                                        .stride = conv->stride,
                                        .pad = conv->pad,
                                        .adds = conv->adds,
                                        .relu = conv->relu};
    avqa_dnn_layout_shape(shape, net->values[from].layout);
    const struct avqa_winograd_form form = {.batch = shape[0],
                                            .n_in = shape[1],
                                            .n_out = plain.n_out,
                                            .height = shape[2],
                                            .width = shape[3],
                                            .kernel = plain.kernel,
                                            .stride = plain.stride,
                                            .adds = plain.adds,
                                            .relu = plain.relu,
                                            .n_threads = net->config.n_threads};
    if (net->rc == AVQA_OK && is_ours(net, &form, plain.pad))
        net->rc = make_winograd(&step, &form, &plain);
    else if (net->rc == AVQA_OK)
        net->rc =
            avqa_dnn_conv_new(&step.op, &net->config, net->values[from].layout, &plain);
    free(weights);
    free(bias);
    return join_step(net, &step, from, conv->adds ? conv->added : AVQA_NET_NONE);
}

int avqa_net_max_pool(struct avqa_net *net, int from,
                      const struct avqa_dnn_max_pool *pool)
{
    struct step step = {0};
    if (net->rc != AVQA_OK)
        return AVQA_NET_NONE;
    net->rc =
        avqa_dnn_max_pool_new(&step.op, &net->config, net->values[from].layout, pool);
    return join_step(net, &step, from, AVQA_NET_NONE);
}

int avqa_net_mean_pool(struct avqa_net *net, int from)
{
    struct step step = {0};
    if (net->rc != AVQA_OK)
        return AVQA_NET_NONE;
    net->rc = avqa_dnn_mean_pool_new(&step.op, &net->config, net->values[from].layout);
    return join_step(net, &step, from, AVQA_NET_NONE);
}

static enum avqa_status make_dense(struct step *step, const struct avqa_net *net,
                                   const struct avqa_dnn_layout *from,
                                   const struct avqa_net_linear *linear)
{
    size_t shape[AVQA_TENSOR_MAX_RANK];
    struct avqa_tensor weights;
    const size_t rank = avqa_dnn_layout_shape(shape, from);
    const size_t n_out = param(net, linear->weights, "")->shape[0];
    struct avqa_dense_form form = {.n_rows = shape[0],
                                   .n_in = 1,
                                   .n_out = n_out,
                                   .bias = param(net, linear->bias, "")->data,
                                   .channels = linear->channels_last ? shape[1] : 0,
                                   .relu = linear->relu,
                                   .n_threads = net->config.n_threads};
    for (size_t i = 1; i < rank; i++)
        form.n_in *= shape[i];
    enum avqa_status rc =
        avqa_dnn_layout_new(&step->from_layout, AVQA_TENSOR_F32, rank, shape);
    if (rc == AVQA_OK)
        rc = avqa_dnn_layout_new(&step->to_layout, AVQA_TENSOR_F32, 2,
                                 (size_t[]){shape[0], n_out});
    if (rc != AVQA_OK)
        return rc;
    avqa_params_take(&weights, net->params, linear->weights);
    form.weights = weights.data;
    return avqa_dense_new(&step->dense, &form);
}

static enum avqa_status make_linear(struct step *step, const struct avqa_net *net,
                                    const struct avqa_dnn_layout *from,
                                    const struct avqa_net_linear *linear)
{
    const struct avqa_tensor *w = param(net, linear->weights, "");
    const struct avqa_dnn_linear plain = {.weights = w->data,
                                          .bias = param(net, linear->bias, "")->data,
                                          .n_out = w->shape[0],
                                          .channels_last = linear->channels_last,
                                          .relu = linear->relu};
    if (has_ours(net) && plain.n_out % AVQA_PANELS_LINE == 0)
        return make_dense(step, net, from, linear);
    return avqa_dnn_linear_new(&step->op, &net->config, from, &plain);
}

int avqa_net_linear(struct avqa_net *net, int from,
                    const struct avqa_net_linear *linear)
{
    struct step step = {0};
    if (net->rc != AVQA_OK)
        return AVQA_NET_NONE;
    net->rc = make_linear(&step, net, net->values[from].layout, linear);
    return join_step(net, &step, from, AVQA_NET_NONE);
}

/* ---- memory ---------------------------------------------------------------------- */

static size_t scratch_bytes(const struct step *step)
{
    if (step->op)
        return avqa_dnn_op_scratch_bytes(step->op);
    return step->dense ? avqa_dense_scratch_bytes(step->dense)
                       : avqa_winograd_scratch_bytes(step->winograd);
}

static size_t value_bytes(const struct avqa_net *net, int v)
{
    return avqa_mem_rounded(avqa_dnn_layout_bytes(net->values[v].layout), ALIGNMENT);
}

/* The lowest end of a value that is alive at step `at` and covers some of [offset,
 * offset + bytes); 0 if there is none. */
static size_t blocked_until(const struct avqa_net *net, int at, size_t offset,
                            size_t bytes)
{
    for (int v = 1; v <= at; v++) {
        const struct value *other = &net->values[v];
        size_t end = other->offset + value_bytes(net, v);
        if (other->last_use >= at && other->offset < offset + bytes && offset < end)
            return end;
    }
    return 0;
}

static void place(struct avqa_net *net, int v)
{
    struct value *value = &net->values[v];
    size_t bytes = value_bytes(net, v);
    size_t end;
    value->offset = 0;
    if (value->over != AVQA_NET_NONE)
        value->offset = net->values[value->over].offset;
    else
        while ((end = blocked_until(net, v - 1, value->offset, bytes)) != 0)
            value->offset = end;
    if (net->work_bytes < value->offset + bytes)
        net->work_bytes = value->offset + bytes;
}

enum avqa_status avqa_net_finish(struct avqa_net *net, int from)
{
    size_t shape[AVQA_TENSOR_MAX_RANK];
    struct avqa_dnn_layout *plain = NULL;
    struct step step = {0};
    if (net->rc != AVQA_OK)
        return net->rc;
    size_t rank = avqa_dnn_layout_shape(shape, net->values[from].layout);
    net->n_out = 1;
    for (size_t i = 0; i < rank; i++)
        net->n_out *= shape[i];
    net->rc = avqa_dnn_layout_new(&plain, AVQA_TENSOR_F32, rank, shape);
    if (net->rc == AVQA_OK)
        net->rc = avqa_dnn_reorder_new(&step.op, &net->config, net->values[from].layout,
                                       plain);
    if (net->rc == AVQA_OK)
        add_step(net, &step, from, AVQA_NET_NONE);
    avqa_dnn_layout_free(plain);
    for (int v = 1; net->rc == AVQA_OK && v < net->n_steps; v++)
        place(net, v);
    for (int i = 0; i < net->n_steps; i++) {
        size_t bytes = avqa_mem_rounded(scratch_bytes(&net->steps[i]), ALIGNMENT);
        if (net->scratch_bytes < bytes)
            net->scratch_bytes = bytes;
    }
    net->params = NULL;
    return net->rc;
}

size_t avqa_net_n_out(const struct avqa_net *net)
{
    return net->n_out;
}

/* ---- running --------------------------------------------------------------------- */

size_t avqa_net_work_bytes(const struct avqa_net *net)
{
    return net->work_bytes + net->scratch_bytes;
}

enum avqa_status avqa_net_work_new(struct avqa_net_work **out,
                                   const struct avqa_net *net)
{
    struct avqa_net_work *work = avqa_mem_new(sizeof *work);
    enum avqa_status rc = avqa_mem_work(&work->values, avqa_net_work_bytes(net));
    if (rc != AVQA_OK) {
        avqa_net_work_free(work);
        return rc;
    }
    work->scratch = work->values + net->work_bytes;
    *out = work;
    return AVQA_OK;
}

void avqa_net_work_free(struct avqa_net_work *work)
{
    if (!work)
        return;
    free(work->values);
    free(work);
}

enum avqa_status avqa_net_run(const struct avqa_net *net, struct avqa_net_work *work,
                              const float *in, float *out)
{
    enum avqa_status rc = AVQA_OK;
    for (int i = 0; rc == AVQA_OK && i < net->n_steps; i++) {
        const struct step *step = &net->steps[i];
        const void *from = in;
        void *to = out;
        if (step->from > 0)
            from = work->values + net->values[step->from].offset;
        if (i + 1 < net->n_steps)
            to = work->values + net->values[i + 1].offset;
        if (step->winograd)
            avqa_winograd_run(step->winograd, from, to, (float *)(void *)work->scratch);
        else if (step->dense)
            avqa_dense_run(step->dense, from, to, (float *)(void *)work->scratch);
        else
            rc = avqa_dnn_op_run(step->op, from, to, work->scratch);
    }
    return rc;
}
