/* See needs.h. */
#include "train/needs.h"
#include "base/mem.h"

#include <stdlib.h>

enum avqa_status avqa_needs_init(struct avqa_needs *needs, size_t batch)
{
    const struct avqa_train_set *set = needs->set;
    enum avqa_status rc =
        avqa_mem_array(&needs->mate_clips, batch, sizeof *needs->mate_clips);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&needs->mate_of, batch, sizeof *needs->mate_of);
    for (size_t i = 0; i < set->n_clips; i++)
        avqa_negatives_add(&needs->corpus, set->clips[i].seen.n_rows);
    return rc;
}

void avqa_needs_release(struct avqa_needs *needs)
{
    avqa_negatives_release(&needs->corpus);
    avqa_negatives_release(&needs->mates);
    free(needs->mate_clips);
    free(needs->mate_of);
    *needs = (struct avqa_needs){.set = NULL};
}

size_t avqa_needs_room(const struct avqa_needs *needs, size_t n)
{
    return (needs->model->hears ? n : 0) +
           (needs->model->sees ? 2 * n * needs->n_seconds : 0);
}

/* The clips of a batch, each once. */
static void find_mates(struct avqa_needs *needs, const uint32_t *questions, size_t n)
{
    avqa_negatives_clear(&needs->mates);
    for (size_t i = 0; i < n; i++) {
        uint32_t clip = needs->set->questions[questions[i]].clip;
        size_t k = 0;
        while (k < needs->mates.n && needs->mate_clips[k] != clip)
            k++;
        if (k == needs->mates.n) {
            needs->mate_clips[k] = clip;
            avqa_negatives_add(&needs->mates, needs->n_seconds);
        }
        needs->mate_of[i] = k;
    }
}

static bool finds_others(struct avqa_needs *needs, const uint32_t *questions, size_t n)
{
    if (!needs->model->compares || needs->negatives == AVQA_NEGATIVES_NONE || n == 0)
        return false;
    if (needs->negatives == AVQA_NEGATIVES_CORPUS)
        return true;
    find_mates(needs, questions, n);
    return needs->mates.n > 1;
}

/* Rows of other clips for the i-th question of the batch. */
static void list_others(struct avqa_row_place *out, const struct avqa_needs *needs,
                        uint64_t epoch, const uint32_t *questions, size_t i)
{
    struct avqa_rng rng;
    bool mates = needs->negatives == AVQA_NEGATIVES_BATCH;
    size_t own = mates ? needs->mate_of[i] : needs->set->questions[questions[i]].clip;
    avqa_negatives_stream(&rng, needs->seed, epoch, questions[i]);
    avqa_negatives_draw(out, needs->n_seconds, &rng,
                        mates ? &needs->mates : &needs->corpus, own);
    for (size_t t = 0; mates && t < needs->n_seconds; t++)
        out[t] = (struct avqa_row_place){needs->mate_clips[out[t].clip],
                                         out[t].row * (uint32_t)needs->stride};
}

size_t avqa_needs_list(struct avqa_row_place *out, bool *has_others,
                       struct avqa_needs *needs, uint64_t epoch,
                       const uint32_t *questions, size_t n)
{
    const struct avqa_train_question *asked = needs->set->questions;
    size_t at = 0;
    for (size_t i = 0; needs->model->hears && i < n; i++)
        out[at++] = (struct avqa_row_place){asked[questions[i]].clip, AVQA_NEEDS_SOUND};
    for (size_t i = 0; needs->model->sees && i < n; i++)
        for (size_t t = 0; t < needs->n_seconds; t++)
            out[at++] = (struct avqa_row_place){asked[questions[i]].clip,
                                                (uint32_t)(t * needs->stride)};
    *has_others = finds_others(needs, questions, n);
    for (size_t i = 0; *has_others && i < n; i++, at += needs->n_seconds)
        list_others(out + at, needs, epoch, questions, i);
    return at;
}
