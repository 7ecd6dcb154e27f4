/* What a model is: a name, the parameters it asks for, and a function that goes from a
 * batch to an answer over a tape. A model is operations on a tape and nothing else: it
 * reads no file and knows no dataset. */
#ifndef AVQA_MODEL_MODEL_H
#define AVQA_MODEL_MODEL_H

#include "base/arena.h"
#include "nn/map.h"
#include "nn/tape.h"
#include "nn/weights.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The sizes that are not the model's own. */
struct avqa_model_size {
    size_t n_words;          /* of the vocabulary */
    size_t n_answers;        /* to choose from */
    size_t sound;            /* numbers of a second of sound */
    size_t channels, places; /* of a map */
};

/* Those of the published features: VGGish, and ResNet-18 of 14 x 14. */
#define AVQA_MODEL_SIZE_DEFAULTS                                                       \
    {                                                                                  \
        .n_words = 93, .n_answers = 42, .sound = 128, .channels = 512, .places = 196   \
    }

/* Everything is borrowed until the end of the step. What a model does not use (see
 * below) may be NULL. */
struct avqa_batch {
    size_t n, n_seconds, length;
    const int32_t *words;        /* [n, length] */
    const avqa_real *sound;      /* [n, n_seconds, sound] */
    const struct avqa_map *maps; /* [n, n_seconds], then as many of other clips */
    bool has_others;             /* the second half of `maps` is there */
    const int32_t *answers;      /* [n], or NULL: no loss */
};

enum { AVQA_MODEL_HEADS = 4 }; /* of attention over time */

/* What a model gives; what it does not have is NULL. */
struct avqa_answer {
    struct avqa_node *logits; /* [n, n_answers] */
    struct avqa_node *match;  /* [maps, 2]: does the sound belong to the map? */
    struct avqa_node *loss;   /* what training makes small */
    struct avqa_node *loss_answer, *loss_match;
    const avqa_real *places; /* [maps, places], the weights of grounding */
    const avqa_real *seconds_heard, *seconds_seen; /* [n, heads, n_seconds] */
};

/* Parameters while they are listed. Names live in the arena. */
struct avqa_spec_list {
    struct avqa_arena arena;
    struct avqa_weight_spec *items;
    size_t n, cap;
};

void avqa_spec_list_release(struct avqa_spec_list *list);

/* What a model's function works with. */
struct avqa_forward {
    struct avqa_tape *tape;
    struct avqa_weights *weights;
    const struct avqa_model_size *size;
};

struct avqa_model {
    const char *name;           /* as on the command line */
    bool hears, sees, compares; /* uses sound, maps, maps of other clips */
    size_t channels;            /* that maps must have; 0: any number */
    bool matches_only;          /* gives no answers, only whether sound and map match */
    void (*list)(struct avqa_spec_list *list, const struct avqa_model_size *size);
    void (*run)(const struct avqa_forward *forward, const struct avqa_batch *batch,
                struct avqa_answer *out);
};

/* Borrowed; NULL if there is none of that name. */
const struct avqa_model *avqa_model_find(const char *name);
/* All of them, the i-th; NULL at the end. */
const struct avqa_model *avqa_model_at(size_t i);

/* Adds the model's parameters, with random numbers out of `seed`. AVQA_EINVAL if it
 * cannot be made for maps of these channels. */
AVQA_CHECK enum avqa_status avqa_model_init(struct avqa_weights *weights,
                                            const struct avqa_model *model,
                                            const struct avqa_model_size *size,
                                            uint64_t seed);
/* Whether `params` have all the model's parameters, with the shapes of such sizes.
 * AVQA_EFORMAT names what is otherwise. For sizes out of a file, before memory is taken
 * for them. */
AVQA_CHECK enum avqa_status avqa_model_check(const struct avqa_model *model,
                                             const struct avqa_model_size *size,
                                             const struct avqa_params *params);
/* Runs the model over a tape. AVQA_ENOMEM and the like; then `out` is empty. */
AVQA_CHECK enum avqa_status avqa_model_run(struct avqa_answer *out,
                                           const struct avqa_model *model,
                                           const struct avqa_forward *forward,
                                           const struct avqa_batch *batch);

#endif
