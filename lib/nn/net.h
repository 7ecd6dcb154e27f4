/* A network that only computes: layers chained for a fixed batch, weights packed once,
 * batch norm folded into the convolution before it, memory between layers shared out
 * ahead. Made once; then any number of threads run it, each with its own work space.
 *
 * Building cannot fail half-way: the first failure is kept, later calls do nothing, and
 * avqa_net_finish tells. A layer is named by a small number. Parameters are looked up
 * by name and must have been matched before (avqa_params_match): a missing one is our
 * bug. */
#ifndef AVQA_NN_NET_H
#define AVQA_NN_NET_H

#include "nn/onednn.h"
#include "nn/params.h"

enum { AVQA_NET_NONE = -1, AVQA_NET_MAX_LAYERS = 256 };

struct avqa_net;

/* `params` is borrowed until avqa_net_finish; weights of linear layers may be taken out
 * of it, so a name is for one layer. `shape` is that of the input, [n, c, h, w], as
 * floats. Free it also where building failed. */
struct avqa_net *avqa_net_new(const struct avqa_dnn_config *config,
                              struct avqa_params *params, const size_t shape[4]);
void avqa_net_free(struct avqa_net *net); /* NULL is legal */

int avqa_net_input(const struct avqa_net *net);

struct avqa_net_conv {
    const char *weights; /* name of the tensor [out, in, k, k] */
    const char *bias;    /* name, or NULL if there is a norm */
    const char *norm;    /* NAME.weight, .bias, .running_mean, .running_var; or NULL */
    size_t stride, pad;
    bool relu;
    bool adds; /* the layer `added`, before relu; it is not usable afterwards */
    int added;
};
int avqa_net_conv(struct avqa_net *net, int from, const struct avqa_net_conv *conv);

int avqa_net_max_pool(struct avqa_net *net, int from,
                      const struct avqa_dnn_max_pool *pool);
int avqa_net_mean_pool(struct avqa_net *net, int from);

struct avqa_net_linear {
    const char *weights, *bias;
    bool channels_last; /* see onednn.h */
    bool relu;
};
int avqa_net_linear(struct avqa_net *net, int from,
                    const struct avqa_net_linear *linear);

/* `from` is what the network gives, as floats in C order. */
AVQA_CHECK enum avqa_status avqa_net_finish(struct avqa_net *net, int from);

size_t avqa_net_n_out(const struct avqa_net *net); /* floats of one batch */

/* What one thread needs to run. Must not outlive the network. */
struct avqa_net_work;
AVQA_CHECK enum avqa_status avqa_net_work_new(struct avqa_net_work **out,
                                              const struct avqa_net *net);
void avqa_net_work_free(struct avqa_net_work *work); /* NULL is legal */
size_t avqa_net_work_bytes(const struct avqa_net *net);

AVQA_CHECK enum avqa_status avqa_net_run(const struct avqa_net *net,
                                         struct avqa_net_work *work, const float *in,
                                         float *out);

#endif
