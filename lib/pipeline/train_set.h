/* The questions of a split as a model wants them, out of the catalog. */
#ifndef AVQA_PIPELINE_TRAIN_SET_H
#define AVQA_PIPELINE_TRAIN_SET_H

#include "base/status.h"
#include "catalog/catalog.h"
#include "model/model.h"
#include "qa/vocabulary.h"
#include "train/set.h"

#include <stddef.h>
#include <stdint.h>

/* Makes a vocabulary of the words and answers of a split, in order of first appearance.
 * `length` 0: as many words as the longest question has (AVQA_TOKENS_MUSIC_AVQA: 14 at
 * least). Rows that are marked as deleted are left out. AVQA_ENOENT if there is no such
 * split or no question in it. `*out` starts zero. */
AVQA_CHECK enum avqa_status
avqa_vocabulary_make(struct avqa_vocabulary *out, struct avqa_catalog *cat,
                     const char *split, enum avqa_tokens_way way, size_t length);

struct avqa_train_set_config {
    const char *dataset; /* folder: shards are found from here */
    const char *split;
    const struct avqa_vocabulary *vocabulary;
    const struct avqa_model *model; /* features that it does not use are not looked
                                       for */
    const char *encoder_seen,
        *encoder_heard;       /* as in the catalog; NULL: the only one */
    size_t n_rows;            /* that a clip must have of each; 0: any number */
    const int64_t *questions; /* only these, by id of the catalog; NULL: all */
    size_t n_questions;
};

/* What was left out, by reason, and what was kept and cannot be right. */
struct avqa_train_set_counts {
    int64_t questions;   /* in the set */
    int64_t no_features; /* left out: their clip has none, or too few rows */
    int64_t clips_without;
    size_t most_rows; /* that one of them has of each feature; 0: none has both */
    int64_t deleted;  /* left out: marked so */
    int64_t cut;      /* kept, but longer than the vocabulary's length */
    int64_t unknown_answers; /* kept; always wrong, and no part of a loss */
    int64_t unknown_words;   /* questions with words that the vocabulary does not have;
                                left out of training by the caller's choice of an error */
    char *first_unknown_word;
    char *first_without; /* name of a clip */
};

void avqa_train_set_counts_release(struct avqa_train_set_counts *counts);

/* `*out` and `*counts` start zero; release both in any case. AVQA_ENOENT if there is no
 * such split, if it has no question whose clip has the features, or if several encoders
 * fit and none is named (the message lists them). A word that is not in the vocabulary
 * becomes <pad>. */
AVQA_CHECK enum avqa_status
avqa_train_set_load(struct avqa_train_set *out, struct avqa_train_set_counts *counts,
                    struct avqa_catalog *cat,
                    const struct avqa_train_set_config *config);

/* Whether the features of a set were made by the encoders that are wanted, as far as
 * both are known: sizes do not tell presets apart. AVQA_EINVAL names the split, and
 * `whose` they are not. */
struct avqa_train_made {
    struct avqa_train_encoder heard, seen;
};
AVQA_CHECK enum avqa_status
avqa_train_set_check_made(const struct avqa_train_set *set, const char *split,
                          const struct avqa_train_made *wanted, const char *whose);

/* Whether the features of a set are of the sizes that a model has. AVQA_EINVAL names
 * the split, and `whose` sizes they are not. */
AVQA_CHECK enum avqa_status
avqa_train_set_check_sizes(const struct avqa_train_set *set, const char *split,
                           const struct avqa_model *model,
                           const struct avqa_model_size *size, const char *whose);

#endif
