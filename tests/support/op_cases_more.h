/* More operations in small, beside op_cases.h: recurrent layers in both directions,
 * convolution and what goes with it, pieces of nodes, rows by their directions. */
#ifndef AVQA_TESTS_OP_CASES_MORE_H
#define AVQA_TESTS_OP_CASES_MORE_H

#include "op_cases.h"

#include "nn/batch_norm.h"
#include "nn/conv.h"
#include "nn/gru.h"
#include "nn/move.h"
#include "nn/pooling.h"
#include "nn/similar.h"

/* ---- recurrent ------------------------------------------------------------------- */

/* The states [steps, rows, 2 width] of an LSTM whose rows have nothing in common. */
static inline struct avqa_node *
case_lstm_of(struct avqa_tape *t, struct avqa_node *gates, struct avqa_node **p)
{
    size_t n_steps = gates->shape[0];
    size_t n_rows = gates->shape[1];
    size_t *begin = avqa_tape_array(t, n_steps + 1, sizeof *begin);
    uint32_t *before = avqa_tape_array(t, n_steps * n_rows, sizeof *before);
    for (size_t s = 0; s <= n_steps; s++)
        begin[s] = s * n_rows;
    for (size_t i = 0; i < n_steps * n_rows; i++)
        before[i] = (uint32_t)(i < n_rows ? 0 : i - n_rows);
    gates = avqa_reshape(t, gates, 2, (size_t[]){n_steps * n_rows, gates->shape[2]});
    struct avqa_node *y = avqa_lstm(t, gates, p[1], p[3],
                                    &(struct avqa_lstm_rows){n_steps, begin, before});
    return avqa_reshape(t, y, 3, (size_t[]){n_steps, n_rows, avqa_node_width(y)});
}

/* p: w_ih, w_hh, b_ih, b_hh; only the outputs of an LSTM, without its cell state. */
static inline struct avqa_node *case_layer(struct avqa_tape *t, struct avqa_node *x,
                                           struct avqa_node **p, bool is_gru)
{
    struct avqa_node *gates = avqa_linear(t, x, p[0], p[2], AVQA_NO_ACTIVATION);
    if (is_gru)
        return avqa_gru(t, gates, p[1], p[3]);
    return avqa_slice(t, case_lstm_of(t, gates, p), 2, 0, p[1]->shape[1]);
}

/* Both directions, each row up to its length. */
static inline struct avqa_node *case_both(struct avqa_tape *t, struct avqa_node **p,
                                          const int32_t *lengths, bool is_gru)
{
    struct avqa_node *there = case_layer(t, p[0], p + 1, is_gru);
    struct avqa_node *back =
        case_layer(t, avqa_flip_steps(t, p[0], lengths), p + 5, is_gru);
    back = avqa_flip_steps(t, back, lengths);
    return avqa_concat(t, 2, (struct avqa_node *[]){there, back}, 2);
}

static inline struct avqa_node *case_gru(struct avqa_tape *t, struct avqa_node **p)
{
    return case_layer(t, p[0], p + 1, true);
}

static inline struct avqa_node *case_gru_both(struct avqa_tape *t, struct avqa_node **p)
{
    return case_both(t, p, NULL, true);
}

/* What lies behind a row's length is not looked at. */
static inline struct avqa_node *case_lstm_packed(struct avqa_tape *t,
                                                 struct avqa_node **p)
{
    static const int32_t lengths[] = {4, 1, 3};
    struct avqa_node *y = case_both(t, p, lengths, false);
    avqa_real *mask = avqa_tape_array(t, y->n, sizeof *mask);
    size_t width = avqa_node_width(y);
    for (size_t k = 0; k < y->n; k++)
        mask[k] = (int32_t)(k / width / 3) < lengths[k / width % 3];
    return avqa_mul(t, y, avqa_input(t, 3, y->shape, mask));
}

/* ---- moving and comparing -------------------------------------------------------- */

static inline struct avqa_node *case_slice(struct avqa_tape *t, struct avqa_node **p)
{
    return avqa_slice(t, p[0], 1, 1, 3);
}

static inline struct avqa_node *case_concat(struct avqa_tape *t, struct avqa_node **p)
{
    return avqa_concat(t, 1, p, 3);
}

static inline struct avqa_node *case_swap(struct avqa_tape *t, struct avqa_node **p)
{
    return avqa_swap(t, avqa_swap(t, p[0], 3, 1), 0, 1);
}

static inline struct avqa_node *case_softmax_along(struct avqa_tape *t,
                                                   struct avqa_node **p)
{
    static const unsigned char pad[] = {0, 0, 1, 0, 0, 1, 1, 0};
    return avqa_softmax_along(t, avqa_softmax_along(t, p[0], 0, NULL), 1, pad);
}

static inline struct avqa_node *case_unit_rows(struct avqa_tape *t,
                                               struct avqa_node **p)
{
    return avqa_unit_rows(t, p[0]);
}

static inline struct avqa_node *case_cosine(struct avqa_tape *t, struct avqa_node **p)
{
    return avqa_cosine(t, p[0], p[1]);
}

/* ---- planes ---------------------------------------------------------------------- */

static inline struct avqa_node *case_batch_norm(struct avqa_tape *t,
                                                struct avqa_node **p)
{
    static avqa_real mean[3];
    static avqa_real variance[3];
    struct avqa_batch_norm running = {mean, variance, (avqa_real)0.1};
    return avqa_batch_norm(t, p[0], p[1], p[2], &running);
}

static inline struct avqa_node *case_batch_norm_known(struct avqa_tape *t,
                                                      struct avqa_node **p)
{
    avqa_real mean[] = {(avqa_real)0.1, (avqa_real)-0.2, (avqa_real)0.3};
    avqa_real variance[] = {(avqa_real)0.5, 2, 1};
    struct avqa_batch_norm running = {mean, variance, (avqa_real)0.1};
    t->training = false;
    struct avqa_node *y = avqa_batch_norm(t, p[0], p[1], p[2], &running);
    t->training = true;
    return y;
}

static inline struct avqa_node *case_conv_steps(struct avqa_tape *t,
                                                struct avqa_node **p)
{
    struct avqa_conv o = {
        .stride = {1, 2}, .pad = {0, 2}, .dilation = {1, 2}, .groups = 2};
    return avqa_conv(t, p[0], p[1], p[2], &o);
}

static inline struct avqa_node *case_conv(struct avqa_tape *t, struct avqa_node **p)
{
    return avqa_conv(t, p[0], p[1], p[2],
                     &(struct avqa_conv){.stride = {2, 1}, .pad = {1, 0}});
}

static inline struct avqa_node *case_conv_dilated(struct avqa_tape *t,
                                                  struct avqa_node **p)
{
    return avqa_conv(t, p[0], p[1], NULL,
                     &(struct avqa_conv){.dilation = {2, 3}, .pad = {2, 3}});
}

static inline struct avqa_node *case_conv_depthwise(struct avqa_tape *t,
                                                    struct avqa_node **p)
{
    return avqa_conv(t, p[0], p[1], p[2],
                     &(struct avqa_conv){.pad = {0, 1}, .groups = 8});
}

static inline struct avqa_node *case_max_pool(struct avqa_tape *t, struct avqa_node **p)
{
    struct avqa_window w = {.kernel = {3, 2}, .stride = {2, 2}, .pad = {1, 1}};
    return avqa_max_pool(t, p[0], &w);
}

static inline struct avqa_node *case_max_pool_steps(struct avqa_tape *t,
                                                    struct avqa_node **p)
{
    struct avqa_window w = {.kernel = {0, 3}, .stride = {0, 2}};
    return avqa_max_pool(t, p[0], &w);
}

static inline struct avqa_node *case_mean_pool(struct avqa_tape *t,
                                               struct avqa_node **p)
{
    struct avqa_window w = {.kernel = {3, 2}, .stride = {2, 1}, .pad = {1, 1}};
    return avqa_mean_pool(t, p[0], &w);
}

static inline struct avqa_node *case_adaptive(struct avqa_tape *t, struct avqa_node **p)
{
    return avqa_adaptive_mean_pool(t, p[0], (size_t[]){3, 2});
}

static inline struct avqa_node *case_adaptive_steps(struct avqa_tape *t,
                                                    struct avqa_node **p)
{
    return avqa_adaptive_mean_pool(t, p[0], (size_t[]){1, 4});
}

static const struct op_case op_cases_more[] = {
    {"gru",
     {{"x", 3, {5, 3, 4}},
      {"w_ih", 2, {18, 4}},
      {"w_hh", 2, {18, 6}},
      {"b_ih", 1, {18}},
      {"b_hh", 1, {18}}},
     case_gru},
    {"gru_both",
     {{"x", 3, {4, 3, 4}},
      {"w_ih", 2, {15, 4}},
      {"w_hh", 2, {15, 5}},
      {"b_ih", 1, {15}},
      {"b_hh", 1, {15}},
      {"w_ih_back", 2, {15, 4}},
      {"w_hh_back", 2, {15, 5}},
      {"b_ih_back", 1, {15}},
      {"b_hh_back", 1, {15}}},
     case_gru_both},
    {"lstm_packed",
     {{"x", 3, {4, 3, 4}},
      {"w_ih", 2, {20, 4}},
      {"w_hh", 2, {20, 5}},
      {"b_ih", 1, {20}},
      {"b_hh", 1, {20}},
      {"w_ih_back", 2, {20, 4}},
      {"w_hh_back", 2, {20, 5}},
      {"b_ih_back", 1, {20}},
      {"b_hh_back", 1, {20}}},
     case_lstm_packed},
    {"slice", {{"x", 3, {3, 4, 5}}}, case_slice},
    {"concat",
     {{"a", 3, {2, 1, 3}}, {"b", 3, {2, 2, 3}}, {"c", 3, {2, 3, 3}}},
     case_concat},
    {"swap", {{"x", 4, {2, 3, 4, 5}}}, case_swap},
    {"softmax_along", {{"x", 3, {2, 4, 3}}}, case_softmax_along},
    {"unit_rows", {{"x", 2, {4, 5}}}, case_unit_rows},
    {"cosine", {{"a", 3, {2, 3, 5}}, {"b", 3, {2, 3, 5}}}, case_cosine},
    {"batch_norm",
     {{"x", 4, {4, 3, 5, 5}}, {"gain", 1, {3}}, {"bias", 1, {3}}},
     case_batch_norm},
    {"batch_norm_rows",
     {{"x", 2, {6, 3}}, {"gain", 1, {3}}, {"bias", 1, {3}}},
     case_batch_norm},
    {"batch_norm_known",
     {{"x", 3, {4, 3, 5}}, {"gain", 1, {3}}, {"bias", 1, {3}}},
     case_batch_norm_known},
    {"conv_steps",
     {{"x", 3, {2, 4, 9}}, {"w", 3, {6, 2, 3}}, {"b", 1, {6}}},
     case_conv_steps},
    {"conv",
     {{"x", 4, {2, 3, 6, 5}}, {"w", 4, {4, 3, 3, 2}}, {"b", 1, {4}}},
     case_conv},
    {"conv_dilated",
     {{"x", 4, {1, 2, 7, 7}}, {"w", 4, {3, 2, 3, 3}}},
     case_conv_dilated},
    {"conv_depthwise",
     {{"x", 3, {2, 8, 7}}, {"w", 3, {8, 1, 3}}, {"b", 1, {8}}},
     case_conv_depthwise},
    {"max_pool", {{"x", 4, {2, 2, 5, 6}}}, case_max_pool},
    {"max_pool_steps", {{"x", 3, {2, 3, 7}}}, case_max_pool_steps},
    {"mean_pool", {{"x", 4, {2, 2, 5, 6}}}, case_mean_pool},
    {"adaptive_mean_pool", {{"x", 4, {2, 2, 7, 5}}}, case_adaptive},
    {"adaptive_mean_pool_steps", {{"x", 3, {2, 3, 7}}}, case_adaptive_steps},
};

#endif
