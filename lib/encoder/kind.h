/* What an encoder is made of, for the files of this room (feature.c runs any of them)
 * and for who asks what a network expects. An encoder prepares one input at a time into
 * an item (a scaled picture, a log-mel example); if it has a network, items of a batch
 * go through that, else the item is the row already. */
#ifndef AVQA_ENCODER_KIND_H
#define AVQA_ENCODER_KIND_H

#include "base/arena.h"
#include "encoder/feature.h"
#include "nn/net.h"

struct avqa_feature_kind;

/* Names and shapes of a network's tensors, with their random start. */
struct avqa_feature_specs {
    struct avqa_arena names;
    struct avqa_param_spec *items;
    size_t n, cap;
};

/* A convolution's or a linear layer's weights, spread so that relu keeps the size of
 * what goes through (He et al., 2015); rank 2 or 4, the name put together as by printf.
 */
void avqa_feature_specs_weights(struct avqa_feature_specs *specs, size_t rank,
                                const size_t *shape, const char *fmt, ...)
    AVQA_PRINTF(4, 5);
/* Any other tensor. */
void avqa_feature_specs_add(struct avqa_feature_specs *specs,
                            const struct avqa_param_spec *spec);
void avqa_feature_specs_release(struct avqa_feature_specs *specs);

/* All kinds in a fixed order, the i-th; NULL at the end. */
const struct avqa_feature_kind *avqa_feature_kind_at(size_t i);

struct avqa_feature_network {
    size_t shape[3]; /* of one input: channels, rows, columns */
    void (*specs)(struct avqa_feature_specs *specs,
                  const struct avqa_feature_kind *kind);
    const char *const *ignored; /* see avqa_params_match */
    const char *const *kept; /* names that `finish` reads; NULL-terminated, or NULL */
    /* Adds the layers; returns the last one. */
    int (*build)(struct avqa_net *net, const struct avqa_feature_kind *kind);
    void (*fill)(float *in, const void *item, const struct avqa_feature_kind *kind);
    /* The network's numbers of one input become a row; NULL: they are it. */
    void (*finish)(void *row, const float *out, const struct avqa_params *kept);
};

struct avqa_feature_kind {
    struct avqa_feature_info info;
    size_t item_bytes; /* 0: as the row */
    int variant;       /* for the encoder's own use */
    /* What a thread keeps from one input to the next; NULL if nothing. */
    enum avqa_status (*tool_new)(void **tool, const struct avqa_feature_kind *kind);
    void (*tool_free)(void *tool);
    enum avqa_status (*prepare)(const struct avqa_feature_kind *kind, void *tool,
                                void *item, const struct avqa_feature_source *from);
    const struct avqa_feature_network *network; /* NULL if it has none */
};

#endif
