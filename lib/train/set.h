/* What is trained on, or asked: questions as numbers, and where the features of their
 * clips are. It is made by pipeline/train_set.h out of the catalog and does not change
 * afterwards, so that threads share it. */
#ifndef AVQA_TRAIN_SET_H
#define AVQA_TRAIN_SET_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AVQA_TRAIN_NO_ANSWER = -1 };

/* The rows of one encoder of one clip. */
struct avqa_train_feature {
    const char *shard; /* path as it can be opened, or URL; NULL: the clip has none */
    const char *key;   /* of the sample */
    const char *array; /* of the sample */
    size_t n_rows;
};

struct avqa_train_clip {
    int64_t id;       /* of the catalog */
    const char *name; /* video id */
    struct avqa_train_feature heard, seen;
};

struct avqa_train_question {
    int64_t id;     /* of the catalog */
    uint32_t clip;  /* into clips */
    int32_t answer; /* by the vocabulary; AVQA_TRAIN_NO_ANSWER if it does not have it */
    bool has_unknown; /* words that the vocabulary does not have, which are padding */
};

/* What features were made by; NULL: not known, or there are none. */
struct avqa_train_encoder {
    const char *name, *preset, *weights;
};

/* Zero is valid: empty. */
struct avqa_train_set {
    struct avqa_arena arena;               /* has the texts */
    struct avqa_train_question *questions; /* in the order of the split */
    size_t n_questions;
    struct avqa_train_clip *clips; /* in order of first appearance */
    size_t n_clips;
    size_t length;                         /* words of a question */
    int32_t *words;                        /* [n_questions, length] */
    struct avqa_train_encoder heard, seen; /* name NULL: not used */
    size_t sound;                          /* numbers of a second of sound; 0 without */
    size_t channels, places;               /* of a map; 0 without */
};

void avqa_train_set_release(struct avqa_train_set *set);

#endif
