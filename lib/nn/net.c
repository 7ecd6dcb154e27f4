/* See net.h. Memory: a value lives from the step that makes it to the last that reads
 * it; values are put, in the order they are made, at the lowest place that no living
 * one covers. A convolution that adds writes over what it adds. */
#include "nn/net.h"
#include "base/mem.h"

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

/* Step i makes value i + 1; value 0 is the input. */
struct step {
    struct avqa_dnn_op *op;
    int from;
};

struct avqa_net {
    struct avqa_dnn_config config;
    const struct avqa_params *params;
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

static size_t rounded(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* ---- building -------------------------------------------------------------------- */

/* The operation becomes a step; returns the value it makes. */
static int add_step(struct avqa_net *net, struct avqa_dnn_op *op, int from, int over)
{
    assert(net->n_steps < MAX_STEPS);
    int made = net->n_steps + 1;
    net->steps[net->n_steps] = (struct step){.op = op, .from = from};
    net->values[made] = (struct value){.layout = avqa_dnn_op_to(op), .over = over};
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
    struct avqa_dnn_op *op;
    if (avqa_dnn_layout_same(net->values[value].layout, layout))
        return value;
    net->rc =
        avqa_dnn_reorder_new(&op, &net->config, net->values[value].layout, layout);
    if (net->rc != AVQA_OK)
        return AVQA_NET_NONE;
    return add_step(net, op, value, AVQA_NET_NONE);
}

/* Adds an operation that was just made (or failed: net->rc), behind what brings its
 * inputs into its layouts. */
static int add_op(struct avqa_net *net, struct avqa_dnn_op *op, int from, int over)
{
    if (net->rc == AVQA_OK)
        from = in_layout(net, from, avqa_dnn_op_from(op));
    if (net->rc == AVQA_OK && over != AVQA_NET_NONE)
        over = in_layout(net, over, avqa_dnn_op_to(op));
    if (net->rc != AVQA_OK) {
        avqa_dnn_op_free(op);
        return AVQA_NET_NONE;
    }
    return add_step(net, op, from, over);
}

struct avqa_net *avqa_net_new(const struct avqa_dnn_config *config,
                              const struct avqa_params *params, const size_t shape[4])
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
        avqa_dnn_op_free(net->steps[i].op);
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

int avqa_net_conv(struct avqa_net *net, int from, const struct avqa_net_conv *conv)
{
    struct avqa_dnn_op *op = NULL;
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
    if (net->rc == AVQA_OK)
        net->rc =
            avqa_dnn_conv_new(&op, &net->config, net->values[from].layout, &plain);
    free(weights);
    free(bias);
    return add_op(net, op, from, conv->adds ? conv->added : AVQA_NET_NONE);
}

int avqa_net_max_pool(struct avqa_net *net, int from,
                      const struct avqa_dnn_max_pool *pool)
{
    struct avqa_dnn_op *op = NULL;
    if (net->rc != AVQA_OK)
        return AVQA_NET_NONE;
    net->rc = avqa_dnn_max_pool_new(&op, &net->config, net->values[from].layout, pool);
    return add_op(net, op, from, AVQA_NET_NONE);
}

int avqa_net_mean_pool(struct avqa_net *net, int from)
{
    struct avqa_dnn_op *op = NULL;
    if (net->rc != AVQA_OK)
        return AVQA_NET_NONE;
    net->rc = avqa_dnn_mean_pool_new(&op, &net->config, net->values[from].layout);
    return add_op(net, op, from, AVQA_NET_NONE);
}

int avqa_net_linear(struct avqa_net *net, int from,
                    const struct avqa_net_linear *linear)
{
    struct avqa_dnn_op *op = NULL;
    if (net->rc != AVQA_OK)
        return AVQA_NET_NONE;
    const struct avqa_tensor *w = param(net, linear->weights, "");
    const struct avqa_dnn_linear plain = {.weights = w->data,
                                          .bias = param(net, linear->bias, "")->data,
                                          .n_out = w->shape[0],
                                          .channels_last = linear->channels_last,
                                          .relu = linear->relu};
    net->rc = avqa_dnn_linear_new(&op, &net->config, net->values[from].layout, &plain);
    return add_op(net, op, from, AVQA_NET_NONE);
}

/* ---- memory ---------------------------------------------------------------------- */

static size_t value_bytes(const struct avqa_net *net, int v)
{
    return rounded(avqa_dnn_layout_bytes(net->values[v].layout));
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
    struct avqa_dnn_op *op = NULL;
    if (net->rc != AVQA_OK)
        return net->rc;
    size_t rank = avqa_dnn_layout_shape(shape, net->values[from].layout);
    net->n_out = 1;
    for (size_t i = 0; i < rank; i++)
        net->n_out *= shape[i];
    net->rc = avqa_dnn_layout_new(&plain, AVQA_TENSOR_F32, rank, shape);
    if (net->rc == AVQA_OK)
        net->rc =
            avqa_dnn_reorder_new(&op, &net->config, net->values[from].layout, plain);
    if (net->rc == AVQA_OK)
        add_step(net, op, from, AVQA_NET_NONE);
    avqa_dnn_layout_free(plain);
    for (int v = 1; net->rc == AVQA_OK && v < net->n_steps; v++)
        place(net, v);
    for (int i = 0; i < net->n_steps; i++) {
        size_t bytes = rounded(avqa_dnn_op_scratch_bytes(net->steps[i].op));
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
    work->values = aligned_alloc(ALIGNMENT, avqa_net_work_bytes(net) + ALIGNMENT);
    if (!work->values) {
        avqa_net_work_free(work);
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu bytes between layers",
                         avqa_net_work_bytes(net));
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
        rc = avqa_dnn_op_run(step->op, from, to, work->scratch);
    }
    return rc;
}
