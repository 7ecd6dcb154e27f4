/* See predict.h. */
#include "train/predict.h"

static enum avqa_status ask(struct avqa_tape *tape,
                            const struct avqa_predict_options *options,
                            struct avqa_loader *loader, avqa_predict_fn *fn, void *user)
{
    const struct avqa_forward forward = {tape, options->weights, &options->size};
    for (;;) {
        const struct avqa_batch *batch;
        const uint32_t *questions;
        struct avqa_answer answer;
        enum avqa_status rc = avqa_loader_next(&batch, &questions, loader);
        if (rc != AVQA_OK || !batch)
            return rc;
        if (batch->n == 0)
            continue;
        struct avqa_batch asked = *batch;
        asked.answers = NULL;
        avqa_tape_reset(tape);
        rc = avqa_model_run(&answer, options->loader.model, &forward, &asked);
        if (rc == AVQA_OK)
            rc = fn(user, questions, batch, &answer);
        if (rc != AVQA_OK)
            return rc;
    }
}

enum avqa_status avqa_predict(const struct avqa_predict_options *options,
                              const struct avqa_train_set *set, avqa_predict_fn *fn,
                              void *user)
{
    struct avqa_tape tape = {.n_threads = options->n_threads};
    struct avqa_loader *loader = NULL;
    struct avqa_loader_options reads = options->loader;
    if (!options->compares)
        reads.negatives = AVQA_NEGATIVES_NONE;
    reads.sampler.shuffle = false;
    enum avqa_status rc = avqa_loader_open(&loader, set, &reads);
    if (rc == AVQA_OK)
        rc = avqa_loader_start(loader, 0, 0);
    if (rc == AVQA_OK)
        rc = ask(&tape, options, loader, fn, user);
    avqa_loader_close(loader);
    avqa_tape_release(&tape);
    return rc;
}

size_t avqa_predict_best(const struct avqa_answer *answer, size_t i)
{
    size_t width = avqa_node_width(answer->logits);
    const avqa_real *row = answer->logits->value + i * width;
    size_t best = 0;
    for (size_t k = 1; k < width; k++)
        best = row[k] > row[best] ? k : best;
    return best;
}
