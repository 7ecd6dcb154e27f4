/* The machine of pickle.c, for the files that share it: bytes that are taken from the
 * front, a stack, links between values. Every function says at which byte it failed. */
#ifndef AVQA_NN_PICKLE_RUN_H
#define AVQA_NN_PICKLE_RUN_H

#include "nn/pickle.h"

#include <stdbool.h>

#define AVQA_PICKLE_MARK UINT32_MAX

struct avqa_pickle_link {
    uint32_t value, next; /* next: a link, or 0 */
};

struct avqa_pickle {
    const char *name;
    const uint8_t *bytes;
    size_t len, at;
    uint32_t op_at;
    struct avqa_pickle_value *values;
    size_t n_values, cap_values;
    struct avqa_pickle_link *links; /* the first is not used */
    size_t n_links, cap_links;
    uint32_t *stack; /* values, or AVQA_PICKLE_MARK */
    size_t n_stack, cap_stack;
    uint32_t *memo; /* values + 1, or 0 */
    size_t n_memo, cap_memo;
    uint32_t root;
    bool done;
};

AVQA_CHECK enum avqa_status avqa_pickle_bad(const struct avqa_pickle *p,
                                            const char *what);
/* The next `n` bytes, in place. */
AVQA_CHECK enum avqa_status avqa_pickle_take(const uint8_t **out, struct avqa_pickle *p,
                                             uint64_t n);
/* A number of at most 8 bytes, little-endian, without sign. */
AVQA_CHECK enum avqa_status avqa_pickle_take_number(uint64_t *out,
                                                    struct avqa_pickle *p, int n_bytes);

AVQA_CHECK enum avqa_status avqa_pickle_push(struct avqa_pickle *p, uint32_t id);
/* Adds a value, and pushes it. */
AVQA_CHECK enum avqa_status avqa_pickle_push_new(struct avqa_pickle *p,
                                                 const struct avqa_pickle_value *made);
/* Fails on a mark. */
AVQA_CHECK enum avqa_status avqa_pickle_pop(uint32_t *id, struct avqa_pickle *p);
/* The value on top, which stays there; NULL if there is none. */
struct avqa_pickle_value *avqa_pickle_top(struct avqa_pickle *p);
/* Links the value `id` behind the members of `to`. */
AVQA_CHECK enum avqa_status avqa_pickle_append(struct avqa_pickle *p, uint32_t to,
                                               uint32_t id);

#endif
