/* From gradients to better parameters: stochastic gradient descent with momentum, Adam
 * (Kingma and Ba, 2015) and AdamW (Loshchilov and Hutter, 2019), each as PyTorch
 * computes it. */
#ifndef AVQA_NN_OPTIMISER_H
#define AVQA_NN_OPTIMISER_H

#include "nn/weights.h"

enum avqa_optimiser_kind { AVQA_SGD, AVQA_ADAM, AVQA_ADAMW };

struct avqa_optimiser {
    enum avqa_optimiser_kind kind;
    double momentum;     /* of SGD */
    double beta1, beta2; /* of the others */
    double epsilon;
    double weight_decay; /* in the gradient; of AdamW beside it */
    uint64_t n_steps;    /* done so far; belongs into a checkpoint */
};

#define AVQA_OPTIMISER_DEFAULTS                                                        \
    {                                                                                  \
        .kind = AVQA_ADAM, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8               \
    }

/* How many of a weight's `state` arrays it keeps; the rest stays zero. */
size_t avqa_optimiser_states(const struct avqa_optimiser *optimiser);

/* One step with the gradients in `weights`, which stay as they are. The result is the
 * same for any number of threads. */
void avqa_optimiser_step(struct avqa_optimiser *optimiser, struct avqa_weights *weights,
                         double rate, size_t n_threads);

#endif
