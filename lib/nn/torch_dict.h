/* Which tensors a pickled state dict has: names, types, shapes, and where in which
 * storage their numbers lie. A checkpoint that holds a state dict beside other things
 * is understood, too. No number is read here. */
#ifndef AVQA_NN_TORCH_DICT_H
#define AVQA_NN_TORCH_DICT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/intern.h"
#include "base/status.h"
#include "nn/pickle.h"
#include "nn/tensor.h"

#include <stddef.h>
#include <stdint.h>

struct avqa_torch_storage {
    const char *key; /* its name in the file */
    enum avqa_tensor_type type;
    uint64_t n; /* numbers */
};

struct avqa_torch_tensor {
    const char *name;
    enum avqa_tensor_type type;
    size_t storage;  /* a place in the list of storages */
    uint64_t offset; /* numbers before the first one */
    size_t rank, n;  /* n: the product of the shape */
    size_t shape[AVQA_TENSOR_MAX_RANK];
    size_t stride[AVQA_TENSOR_MAX_RANK]; /* numbers from one to the next */
};

/* Zero is valid. */
struct avqa_torch_dict {
    struct avqa_torch_storage *storages; /* all that the pickle names */
    size_t n_storages, cap_storages;
    struct avqa_intern keys; /* an id is a place in `storages` */
    struct avqa_torch_tensor *tensors;
    size_t n, cap;
    struct avqa_arena names;
    const char *key;  /* where the state dict was found; NULL: it is all there is */
    size_t n_omitted; /* members of it that are no tensors */
    struct avqa_buf omitted; /* their names, the first ones */
};

void avqa_torch_dict_release(struct avqa_torch_dict *dict);

/* `key` names the state dict in a checkpoint; NULL: the only one that has tensors.
 * `max_bytes` is what all tensors may take together. AVQA_EFORMAT names the tensor,
 * AVQA_EINVAL says which keys there are; `name` is for messages. */
AVQA_CHECK enum avqa_status avqa_torch_dict_read(struct avqa_torch_dict *out,
                                                 const struct avqa_pickle *pickle,
                                                 const char *name, const char *key,
                                                 uint64_t max_bytes);

#endif
