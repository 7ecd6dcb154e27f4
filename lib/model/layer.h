/* Layers by name: what PyTorch's modules of the same names do with their parameters,
 * and how these begin. */
#ifndef AVQA_MODEL_LAYER_H
#define AVQA_MODEL_LAYER_H

#include "model/model.h"
#include "nn/linear.h"

/* Adds NAME.weight [out, in] and NAME.bias [out], torch.nn.Linear. */
void avqa_list_linear(struct avqa_spec_list *list, const char *name, size_t out,
                      size_t in);
/* NAME.weight and NAME.bias [width], torch.nn.LayerNorm. */
void avqa_list_norm(struct avqa_spec_list *list, const char *name, size_t width);
/* NAME.in_proj_weight and so on, torch.nn.MultiheadAttention. */
void avqa_list_attention(struct avqa_spec_list *list, const char *name, size_t width);
/* NAME.weight [n, width], torch.nn.Embedding. */
void avqa_list_embedding(struct avqa_spec_list *list, const char *name, size_t n,
                         size_t width);
/* NAME.weight_ih_l0 and so on, torch.nn.LSTM of one layer. */
void avqa_list_lstm(struct avqa_spec_list *list, const char *name, size_t in,
                    size_t width);

/* The parameter NAME.PART, which must have been listed. */
struct avqa_node *avqa_layer_weight(const struct avqa_forward *forward,
                                    const char *name, const char *part);

struct avqa_node *avqa_layer_linear(const struct avqa_forward *forward,
                                    const char *name, struct avqa_node *x,
                                    enum avqa_activation act);
struct avqa_node *avqa_layer_norm_of(const struct avqa_forward *forward,
                                     const char *name, struct avqa_node *x);
/* One query for each row: query [n, width], keys [n, seconds, width], four heads,
 * dropout 0.1 of the weights, which become *weights [n, 4, seconds]; y [n, width]. */
struct avqa_node *avqa_layer_attention(const struct avqa_forward *forward,
                                       const char *name, struct avqa_node *query,
                                       struct avqa_node *keys,
                                       const avqa_real **weights);

#endif
