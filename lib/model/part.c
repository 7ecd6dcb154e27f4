/* See part.h. */
#include "model/part.h"
#include "model/beginnings.h"
#include "model/layer.h"
#include "nn/dropout.h"
#include "nn/elementwise.h"
#include "nn/embedding.h"
#include "nn/loss.h"
#include "nn/lstm.h"

enum { WIDTH = AVQA_AVST_WIDTH };

void avqa_list_question(struct avqa_spec_list *list, const struct avqa_model_size *size)
{
    avqa_list_embedding(list, "question_encoder.word2vec", size->n_words, WIDTH);
    avqa_list_lstm(list, "question_encoder.lstm", WIDTH, WIDTH);
    avqa_list_linear(list, "question_encoder.fc", WIDTH, 2 * WIDTH);
}

/* What the words give to the memory's gates, [beginnings, 4 width]. Where the
 * vocabulary has fewer words than there are beginnings, once for each word of it. */
static struct avqa_node *gates_of_words(const struct avqa_forward *forward,
                                        const struct avqa_beginnings *beginnings)
{
    static const char lstm[] = "question_encoder.lstm";
    struct avqa_tape *tape = forward->tape;
    const int32_t *words = beginnings->words;
    size_t n = beginnings->n_rows;
    struct avqa_node *w = avqa_layer_weight(forward, lstm, "weight_ih_l0");
    struct avqa_node *b = avqa_layer_weight(forward, lstm, "bias_ih_l0");
    struct avqa_node *x =
        avqa_layer_weight(forward, "question_encoder.word2vec", "weight");
    if (forward->size->n_words < n) {
        x = avqa_linear(tape, avqa_tanh(tape, x), w, b, AVQA_NO_ACTIVATION);
        return avqa_embedding(tape, x, words, n);
    }
    x = avqa_tanh(tape, avqa_embedding(tape, x, words, n));
    return avqa_linear(tape, x, w, b, AVQA_NO_ACTIVATION);
}

struct avqa_node *avqa_part_question(const struct avqa_forward *forward,
                                     const struct avqa_batch *batch)
{
    static const char lstm[] = "question_encoder.lstm";
    struct avqa_tape *tape = forward->tape;
    struct avqa_beginnings beginnings;
    avqa_beginnings_find(&beginnings, tape, batch->words, batch->n, batch->length);
    if (avqa_tape_failed(tape))
        return NULL;
    struct avqa_node *states =
        avqa_lstm(tape, gates_of_words(forward, &beginnings),
                  avqa_layer_weight(forward, lstm, "weight_hh_l0"),
                  avqa_layer_weight(forward, lstm, "bias_hh_l0"), &beginnings.rows);
    struct avqa_node *last = avqa_rows(
        tape, states, beginnings.n_rows - beginnings.n_last, beginnings.n_rows);
    last = avqa_layer_linear(forward, "question_encoder.fc", avqa_tanh(tape, last),
                             AVQA_NO_ACTIVATION);
    return avqa_embedding(tape, last, beginnings.last, batch->n);
}

void avqa_list_sound(struct avqa_spec_list *list, const struct avqa_model_size *size)
{
    avqa_list_linear(list, "fc_a1", WIDTH, size->sound);
    avqa_list_linear(list, "fc_a2", WIDTH, WIDTH);
}

struct avqa_node *avqa_part_sound(const struct avqa_forward *forward,
                                  const struct avqa_batch *batch)
{
    size_t shape[] = {batch->n * batch->n_seconds, forward->size->sound};
    struct avqa_node *a = avqa_input(forward->tape, 2, shape, batch->sound);
    a = avqa_layer_linear(forward, "fc_a1", a, AVQA_RELU);
    return avqa_layer_linear(forward, "fc_a2", a, AVQA_NO_ACTIVATION);
}

void avqa_list_temporal(struct avqa_spec_list *list)
{
    static const char *const linear[] = {"linear11", "linear12", "linear21",
                                         "linear22"};
    for (size_t i = 0; i < 4; i++)
        avqa_list_linear(list, linear[i], WIDTH, WIDTH);
    avqa_list_norm(list, "norm1", WIDTH);
    avqa_list_norm(list, "norm2", WIDTH);
    avqa_list_attention(list, "attn_a", WIDTH);
    avqa_list_attention(list, "attn_v", WIDTH);
}

/* norm(o + drop(second(drop(relu(first(o)))))) */
static struct avqa_node *feed_forward(const struct avqa_forward *forward,
                                      struct avqa_node *o, const char *const names[3])
{
    static const avqa_real drop = (avqa_real)0.1;
    struct avqa_tape *tape = forward->tape;
    struct avqa_node *x = avqa_layer_linear(forward, names[0], o, AVQA_RELU);
    x = avqa_layer_linear(forward, names[1], avqa_dropout(tape, x, drop),
                          AVQA_NO_ACTIVATION);
    x = avqa_add(tape, o, avqa_dropout(tape, x, drop));
    return avqa_layer_norm_of(forward, names[2], x);
}

void avqa_part_temporal(const struct avqa_forward *forward, struct avqa_node *fq,
                        struct avqa_node *const heard_seen[2], struct avqa_answer *out,
                        struct avqa_node *pair[2])
{
    static const char *const heard[] = {"linear21", "linear22", "norm2"};
    static const char *const seen[] = {"linear11", "linear12", "norm1"};
    struct avqa_node *oa =
        avqa_layer_attention(forward, "attn_a", fq, heard_seen[0], &out->seconds_heard);
    struct avqa_node *ov =
        avqa_layer_attention(forward, "attn_v", fq, heard_seen[1], &out->seconds_seen);
    pair[0] = feed_forward(forward, oa, heard);
    pair[1] = feed_forward(forward, ov, seen);
}

void avqa_list_answer(struct avqa_spec_list *list, const struct avqa_model_size *size)
{
    avqa_list_linear(list, "fc_ans", size->n_answers, WIDTH);
}

void avqa_part_answer(const struct avqa_forward *forward,
                      const struct avqa_batch *batch, struct avqa_node *z,
                      struct avqa_answer *out)
{
    struct avqa_tape *tape = forward->tape;
    out->logits =
        avqa_layer_linear(forward, "fc_ans", avqa_tanh(tape, z), AVQA_NO_ACTIVATION);
    if (batch->answers)
        out->loss_answer = avqa_cross_entropy(tape, out->logits, batch->answers);
    out->loss = out->loss_answer;
}
