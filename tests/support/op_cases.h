/* Every operation of the tape in small, as a function from parameters to a node: for
 * the test that compares derivatives with differences, and the one that compares both
 * with PyTorch's numbers. What ops_reference.py computes under a case's name is the
 * same thing out of the same hash. */
#ifndef AVQA_TESTS_OP_CASES_H
#define AVQA_TESTS_OP_CASES_H

#include "check.h"

#include "nn/attention.h"
#include "nn/attention_one.h"
#include "nn/dropout.h"
#include "nn/elementwise.h"
#include "nn/embedding.h"
#include "nn/ground.h"
#include "nn/linear.h"
#include "nn/loss.h"
#include "nn/lstm.h"
#include "nn/norm.h"
#include "nn/softmax.h"
#include "nn/weights.h"

enum { CASE_PARAMS = 9, CASE_MAPS = 4, CASE_CHANNELS = 16, CASE_PLACES = 9 };

struct op_param {
    const char *name;
    size_t rank;
    size_t shape[AVQA_WEIGHT_MAX_RANK];
};

struct op_case {
    const char *name;
    struct op_param params[CASE_PARAMS + 1]; /* up to one without a name */
    struct avqa_node *(*run)(struct avqa_tape *tape, struct avqa_node **p);
};

/* Number k of stream j, in [0, 1); as in the oracle of AVST. */
static inline double case_unit(uint32_t j, size_t k)
{
    uint32_t x = (uint32_t)k * 2654435761U + j * 40503U + 12345U;
    x ^= x >> 15;
    x *= 2246822519U;
    x ^= x >> 13;
    return x / 4294967296.0;
}

/* The maps of the cases: half of the numbers are zero. */
static inline void case_fill_maps(avqa_real *values, struct avqa_map *maps)
{
    size_t n = (size_t)CASE_CHANNELS * CASE_PLACES;
    for (size_t k = 0; k < CASE_MAPS * n; k++) {
        double u = case_unit(50, k) - 0.5;
        values[k] = (avqa_real)(u > 0 ? u : 0);
    }
    for (size_t i = 0; i < CASE_MAPS; i++)
        maps[i] = (struct avqa_map){
            .kind = AVQA_MAP_REAL, .values = values + i * n, .n_values = n};
}

static inline struct avqa_node *case_linear(struct avqa_tape *t, struct avqa_node **p)
{
    return avqa_linear(t, p[0], p[1], p[2], AVQA_NO_ACTIVATION);
}

static inline struct avqa_node *case_linear_relu(struct avqa_tape *t,
                                                 struct avqa_node **p)
{
    return avqa_linear(t, p[0], p[1], p[2], AVQA_RELU);
}

static inline struct avqa_node *case_linear_tanh(struct avqa_tape *t,
                                                 struct avqa_node **p)
{
    return avqa_linear(t, p[0], p[1], NULL, AVQA_TANH);
}

static inline struct avqa_node *case_embedding(struct avqa_tape *t,
                                               struct avqa_node **p)
{
    static const int32_t ids[] = {3, 0, 3, 6, 1};
    return avqa_embedding(t, p[0], ids, 5);
}

static inline struct avqa_node *case_tanh(struct avqa_tape *t, struct avqa_node **p)
{
    return avqa_tanh(t, p[0]);
}

static inline struct avqa_node *case_relu(struct avqa_tape *t, struct avqa_node **p)
{
    return avqa_relu(t, p[0]);
}

static inline struct avqa_node *case_sigmoid(struct avqa_tape *t, struct avqa_node **p)
{
    return avqa_sigmoid(t, p[0]);
}

/* (a + b) * b * 0.75 - only its second and third row */
static inline struct avqa_node *case_arithmetic(struct avqa_tape *t,
                                                struct avqa_node **p)
{
    struct avqa_node *y = avqa_mul(t, avqa_add(t, p[0], p[1]), p[1]);
    return avqa_rows(t, avqa_scale(t, y, (avqa_real)0.75), 1, 3);
}

static inline struct avqa_node *case_join(struct avqa_tape *t, struct avqa_node **p)
{
    return avqa_join(t, p[0], p[1]);
}

static inline struct avqa_node *case_mean_steps(struct avqa_tape *t,
                                                struct avqa_node **p)
{
    return avqa_mean_steps(t, avqa_reshape(t, p[0], 3, (size_t[]){2, 3, 4}));
}

static inline struct avqa_node *case_softmax(struct avqa_tape *t, struct avqa_node **p)
{
    return avqa_softmax(t, p[0]);
}

static inline struct avqa_node *case_layer_norm(struct avqa_tape *t,
                                                struct avqa_node **p)
{
    return avqa_layer_norm(t, p[0], p[1], p[2]);
}

static inline struct avqa_node *case_lstm(struct avqa_tape *t, struct avqa_node **p)
{
    static const size_t begin[] = {0, 3, 6, 9, 12, 15};
    static const uint32_t before[] = {0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    struct avqa_node *gates = avqa_linear(t, p[0], p[1], p[3], AVQA_NO_ACTIVATION);
    return avqa_lstm(t, gates, p[2], p[4], &(struct avqa_lstm_rows){5, begin, before});
}

/* One beginning, which three go on from, and one of these two more. */
static inline struct avqa_node *case_lstm_tree(struct avqa_tape *t,
                                               struct avqa_node **p)
{
    static const size_t begin[] = {0, 1, 4, 7};
    static const uint32_t before[] = {0, 0, 0, 0, 2, 1, 2};
    struct avqa_node *gates = avqa_linear(t, p[0], p[1], p[3], AVQA_NO_ACTIVATION);
    return avqa_lstm(t, gates, p[2], p[4], &(struct avqa_lstm_rows){3, begin, before});
}

/* torch.nn.MultiheadAttention of width 8 in two heads, two queries, three keys, the
 * last one of the second row not there. */
static inline struct avqa_node *case_attention(struct avqa_tape *t,
                                               struct avqa_node **p)
{
    static const unsigned char pad[] = {0, 0, 0, 0, 0, 1};
    struct avqa_attention options = {.heads = 2, .pad = pad};
    struct avqa_node *x[3];
    for (size_t i = 0; i < 3; i++)
        x[i] = avqa_linear(t, p[i ? 1 : 0], avqa_rows(t, p[2], 8 * i, 8 * i + 8),
                           avqa_rows(t, p[3], 8 * i, 8 * i + 8), AVQA_NO_ACTIVATION);
    struct avqa_node *y = avqa_attention(t, x, &options);
    return avqa_linear(t, y, p[4], p[5], AVQA_NO_ACTIVATION);
}

/* The same with one query and without padding, the other way round. */
static inline struct avqa_node *case_attention_one(struct avqa_tape *t,
                                                   struct avqa_node **p)
{
    struct avqa_attention_one options = {.heads = 2};
    struct avqa_node *q = avqa_linear(t, p[0], avqa_rows(t, p[2], 0, 8),
                                      avqa_rows(t, p[3], 0, 8), AVQA_NO_ACTIVATION);
    struct avqa_node *y =
        avqa_attention_one(t,
                           (struct avqa_node *[]){q, p[1], avqa_rows(t, p[2], 8, 24),
                                                  avqa_rows(t, p[3], 8, 24)},
                           &options);
    return avqa_linear(t, y, p[4], p[5], AVQA_NO_ACTIVATION);
}

/* relu([a ; x] w^T + b), the rows of a repeating */
static inline struct avqa_node *case_linear_onto(struct avqa_tape *t,
                                                 struct avqa_node **p)
{
    struct avqa_node *b = avqa_linear_onto(t, p[0], p[2], 0, p[3], AVQA_NO_ACTIVATION);
    return avqa_linear_onto(t, p[1], p[2], 3, b, AVQA_RELU);
}

static inline struct avqa_node *case_cross_entropy(struct avqa_tape *t,
                                                   struct avqa_node **p)
{
    static const int32_t classes[] = {2, 0, 4};
    return avqa_cross_entropy(t, p[0], classes);
}

static inline struct avqa_node *case_cross_entropy_unknown(struct avqa_tape *t,
                                                           struct avqa_node **p)
{
    static const int32_t classes[] = {2, -1, 4};
    return avqa_cross_entropy(t, p[0], classes);
}

static inline struct avqa_node *case_cross_entropy_soft(struct avqa_tape *t,
                                                        struct avqa_node **p)
{
    static const avqa_real shares[] = {(avqa_real)0.5,
                                       (avqa_real)0.5,
                                       0,
                                       0,
                                       0,
                                       0,
                                       0,
                                       (avqa_real)1,
                                       0,
                                       0,
                                       (avqa_real)0.25,
                                       0,
                                       (avqa_real)0.25,
                                       (avqa_real)0.25,
                                       (avqa_real)0.25};
    return avqa_cross_entropy_soft(t, p[0], shares);
}

static inline struct avqa_node *case_binary(struct avqa_tape *t, struct avqa_node **p)
{
    static const avqa_real wanted[] = {1, 0, 1, 1, (avqa_real)0.25, 0, 0, 1,
                                       0, 0, 1, 1, (avqa_real)0.75, 0, 1};
    return avqa_binary_cross_entropy(t, p[0], wanted);
}

/* Two rows of f; the maps look for them in turn. */
static inline struct avqa_node *case_ground(struct avqa_tape *t, struct avqa_node **p)
{
    struct avqa_map *maps = avqa_arena_alloc(&t->nodes, CASE_MAPS * sizeof *maps);
    avqa_real *values = avqa_tape_array(
        t, (size_t)CASE_MAPS * CASE_CHANNELS * CASE_PLACES, sizeof *values);
    struct avqa_ground options = {.maps = maps,
                                  .n_maps = CASE_MAPS,
                                  .channels = CASE_CHANNELS,
                                  .places = CASE_PLACES};
    case_fill_maps(values, maps);
    return avqa_ground(t, p[0], &options);
}

static const struct op_case op_cases[] = {
    {"linear", {{"x", 2, {3, 5}}, {"w", 2, {4, 5}}, {"b", 1, {4}}}, case_linear},
    {"linear_relu",
     {{"x", 2, {3, 5}}, {"w", 2, {4, 5}}, {"b", 1, {4}}},
     case_linear_relu},
    {"linear_tanh", {{"x", 3, {2, 3, 5}}, {"w", 2, {4, 5}}}, case_linear_tanh},
    {"embedding", {{"table", 2, {7, 4}}}, case_embedding},
    {"tanh", {{"x", 2, {5, 7}}}, case_tanh},
    {"relu", {{"x", 2, {5, 7}}}, case_relu},
    {"sigmoid", {{"x", 2, {5, 7}}}, case_sigmoid},
    {"arithmetic", {{"a", 2, {4, 5}}, {"b", 2, {4, 5}}}, case_arithmetic},
    {"join", {{"a", 2, {2, 3}}, {"b", 2, {6, 4}}}, case_join},
    {"mean_steps", {{"x", 2, {6, 4}}}, case_mean_steps},
    {"softmax", {{"x", 2, {3, 6}}}, case_softmax},
    {"layer_norm",
     {{"x", 2, {4, 8}}, {"gain", 1, {8}}, {"bias", 1, {8}}},
     case_layer_norm},
    {"lstm",
     {{"x", 3, {5, 3, 4}},
      {"w_ih", 2, {24, 4}},
      {"w_hh", 2, {24, 6}},
      {"b_ih", 1, {24}},
      {"b_hh", 1, {24}}},
     case_lstm},
    {"lstm_tree",
     {{"x", 2, {7, 4}},
      {"w_ih", 2, {24, 4}},
      {"w_hh", 2, {24, 6}},
      {"b_ih", 1, {24}},
      {"b_hh", 1, {24}}},
     case_lstm_tree},
    {"attention",
     {{"q", 3, {2, 2, 8}},
      {"k", 3, {2, 3, 8}},
      {"in_w", 2, {24, 8}},
      {"in_b", 1, {24}},
      {"out_w", 2, {8, 8}},
      {"out_b", 1, {8}}},
     case_attention},
    {"attention_one",
     {{"q", 2, {2, 8}},
      {"x", 3, {2, 3, 8}},
      {"in_w", 2, {24, 8}},
      {"in_b", 1, {24}},
      {"out_w", 2, {8, 8}},
      {"out_b", 1, {8}}},
     case_attention_one},
    {"linear_onto",
     {{"a", 2, {2, 3}}, {"x", 2, {6, 4}}, {"w", 2, {5, 7}}, {"b", 1, {5}}},
     case_linear_onto},
    {"cross_entropy", {{"x", 2, {3, 5}}}, case_cross_entropy},
    {"cross_entropy_unknown", {{"x", 2, {3, 5}}}, case_cross_entropy_unknown},
    {"cross_entropy_soft", {{"x", 2, {3, 5}}}, case_cross_entropy_soft},
    {"binary", {{"x", 2, {3, 5}}}, case_binary},
    {"ground", {{"f", 2, {2, CASE_CHANNELS}}}, case_ground},
};

/* A case with its parameters, number i of which is 2 * unit(i + 1, k) - 1. */
struct op_run {
    const struct op_case *op;
    struct avqa_weights weights;
    struct avqa_tape tape;
};

static inline void op_begin(struct op_run *run, const struct op_case *op)
{
    memset(run, 0, sizeof *run);
    run->op = op;
    run->tape.n_threads = 2;
    run->tape.training = true;
    for (size_t i = 0; op->params[i].name; i++) {
        struct avqa_weight_spec spec = {.name = op->params[i].name,
                                        .rank = op->params[i].rank};
        memcpy(spec.shape, op->params[i].shape, sizeof spec.shape);
        assert_ok(avqa_weights_add(&run->weights, &spec, 1, 1));
        for (size_t k = 0; k < run->weights.items[i].n; k++)
            run->weights.items[i].value[k] =
                (avqa_real)(2 * case_unit((uint32_t)i + 1, k) - 1);
    }
}

static inline void op_end(struct op_run *run)
{
    avqa_weights_release(&run->weights);
    avqa_tape_release(&run->tape);
}

/* The case's node, and the sum of its numbers times 2 * unit(99, k) - 1. */
static inline struct avqa_node *op_forward(struct op_run *run, struct avqa_node **loss)
{
    struct avqa_node *p[CASE_PARAMS] = {0};
    struct avqa_tape *t = &run->tape;
    avqa_tape_reset(t);
    for (size_t i = 0; i < run->weights.n; i++)
        p[i] = avqa_of_weight(t, &run->weights.items[i]);
    struct avqa_node *y = run->op->run(t, p);
    assert_ok(avqa_tape_status(t));
    avqa_real *by = avqa_tape_array(t, y->n, sizeof *by);
    for (size_t k = 0; k < y->n; k++)
        by[k] = (avqa_real)(2 * case_unit(99, k) - 1);
    size_t shape[] = {1, y->n};
    *loss = avqa_linear(t, avqa_reshape(t, y, 2, shape), avqa_input(t, 2, shape, by),
                        NULL, AVQA_NO_ACTIVATION);
    assert_ok(avqa_tape_status(t));
    return y;
}

#endif
