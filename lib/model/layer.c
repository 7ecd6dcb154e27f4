/* See layer.h. How parameters begin is PyTorch's default of each module. */
#include "model/layer.h"
#include "nn/attention_one.h"
#include "nn/norm.h"

#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_NAME = 128 };

/* Adds NAME.PART [rows, columns], or [rows] if there are no columns. */
static void list_one(struct avqa_spec_list *list, const char *name, const char *part,
                     struct avqa_weight_spec spec)
{
    size_t len = strlen(name) + strlen(part) + 2;
    char *full = avqa_arena_alloc(&list->arena, len);
    snprintf(full, len, "%s.%s", name, part);
    spec.name = full;
    spec.rank = spec.shape[1] ? 2 : 1;
    avqa_mem_need(&list->items, &list->cap, list->n + 1, sizeof *list->items);
    list->items[list->n++] = spec;
}

static struct avqa_weight_spec uniform(size_t rows, size_t columns, double scale)
{
    return (struct avqa_weight_spec){.shape = {rows, columns}, .scale = scale};
}

static struct avqa_weight_spec constant(size_t rows, double value)
{
    return (struct avqa_weight_spec){
        .shape = {rows}, .init = AVQA_INIT_CONSTANT, .scale = value};
}

void avqa_list_linear(struct avqa_spec_list *list, const char *name, size_t out,
                      size_t in)
{
    double scale = 1 / sqrt((double)in);
    list_one(list, name, "weight", uniform(out, in, scale));
    list_one(list, name, "bias", uniform(out, 0, scale));
}

void avqa_list_norm(struct avqa_spec_list *list, const char *name, size_t width)
{
    list_one(list, name, "weight", constant(width, 1));
    list_one(list, name, "bias", constant(width, 0));
}

void avqa_list_attention(struct avqa_spec_list *list, const char *name, size_t width)
{
    double in = sqrt(6 / (4 * (double)width)); /* Glorot and Bengio, 2010 */
    list_one(list, name, "in_proj_weight", uniform(3 * width, width, in));
    list_one(list, name, "in_proj_bias", constant(3 * width, 0));
    list_one(list, name, "out_proj.weight",
             uniform(width, width, 1 / sqrt((double)width)));
    list_one(list, name, "out_proj.bias", constant(width, 0));
}

void avqa_list_embedding(struct avqa_spec_list *list, const char *name, size_t n,
                         size_t width)
{
    struct avqa_weight_spec spec = {
        .shape = {n, width}, .init = AVQA_INIT_NORMAL, .scale = 1};
    list_one(list, name, "weight", spec);
}

void avqa_list_lstm(struct avqa_spec_list *list, const char *name, size_t in,
                    size_t width)
{
    double scale = 1 / sqrt((double)width);
    list_one(list, name, "weight_ih_l0", uniform(4 * width, in, scale));
    list_one(list, name, "weight_hh_l0", uniform(4 * width, width, scale));
    list_one(list, name, "bias_ih_l0", uniform(4 * width, 0, scale));
    list_one(list, name, "bias_hh_l0", uniform(4 * width, 0, scale));
}

struct avqa_node *avqa_layer_weight(const struct avqa_forward *forward,
                                    const char *name, const char *part)
{
    char full[MAX_NAME];
    snprintf(full, sizeof full, "%s.%s", name, part);
    struct avqa_weight *w = avqa_weights_find(forward->weights, full);
    assert(w);
    return avqa_of_weight(forward->tape, w);
}

struct avqa_node *avqa_layer_linear(const struct avqa_forward *forward,
                                    const char *name, struct avqa_node *x,
                                    enum avqa_activation act)
{
    return avqa_linear(forward->tape, x, avqa_layer_weight(forward, name, "weight"),
                       avqa_layer_weight(forward, name, "bias"), act);
}

struct avqa_node *avqa_layer_norm_of(const struct avqa_forward *forward,
                                     const char *name, struct avqa_node *x)
{
    return avqa_layer_norm(forward->tape, x, avqa_layer_weight(forward, name, "weight"),
                           avqa_layer_weight(forward, name, "bias"));
}

struct avqa_node *avqa_layer_attention(const struct avqa_forward *forward,
                                       const char *name, struct avqa_node *query,
                                       struct avqa_node *keys,
                                       const avqa_real **weights)
{
    struct avqa_tape *tape = forward->tape;
    if (avqa_tape_failed(tape))
        return NULL;
    size_t width = query->shape[1];
    struct avqa_attention_one options = {
        .heads = AVQA_MODEL_HEADS, .dropout = (avqa_real)0.1, .weights = weights};
    struct avqa_node *w = avqa_layer_weight(forward, name, "in_proj_weight");
    struct avqa_node *b = avqa_layer_weight(forward, name, "in_proj_bias");
    struct avqa_node *q = avqa_linear(tape, query, avqa_rows(tape, w, 0, width),
                                      avqa_rows(tape, b, 0, width), AVQA_NO_ACTIVATION);
    struct avqa_node *y = avqa_attention_one(
        tape,
        (struct avqa_node *[]){q, keys, avqa_rows(tape, w, width, 3 * width),
                               avqa_rows(tape, b, width, 3 * width)},
        &options);
    return avqa_linear(tape, y, avqa_layer_weight(forward, name, "out_proj.weight"),
                       avqa_layer_weight(forward, name, "out_proj.bias"),
                       AVQA_NO_ACTIVATION);
}
