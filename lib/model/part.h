/* The parts that AVST, its baseline and the ablations share (Li et al., CVPR 2022, as
 * published). */
#ifndef AVQA_MODEL_PART_H
#define AVQA_MODEL_PART_H

#include "model/model.h"

enum { AVQA_AVST_WIDTH = 512 };

/* Question: word2vec, LSTM, fc; fq [n, 512]. */
void avqa_list_question(struct avqa_spec_list *list,
                        const struct avqa_model_size *size);
struct avqa_node *avqa_part_question(const struct avqa_forward *forward,
                                     const struct avqa_batch *batch);

/* Sound: fc_a1, fc_a2; f [n n_seconds, 512]. */
void avqa_list_sound(struct avqa_spec_list *list, const struct avqa_model_size *size);
struct avqa_node *avqa_part_sound(const struct avqa_forward *forward,
                                  const struct avqa_batch *batch);

/* Temporal grounding: attn_a and attn_v, each with its feed-forward layers and norm.
 * heard and seen [n, n_seconds, 512]; [oa ; ov] into pair. */
void avqa_list_temporal(struct avqa_spec_list *list);
void avqa_part_temporal(const struct avqa_forward *forward, struct avqa_node *fq,
                        struct avqa_node *const heard_seen[2], struct avqa_answer *out,
                        struct avqa_node *pair[2]);

/* The answer: fc_ans(tanh(z)), and the loss if the batch has answers. */
void avqa_list_answer(struct avqa_spec_list *list, const struct avqa_model_size *size);
void avqa_part_answer(const struct avqa_forward *forward,
                      const struct avqa_batch *batch, struct avqa_node *z,
                      struct avqa_answer *out);

#endif
