/* State dicts as torch.save writes them, since 1.6 as a zip (NAME/data.pkl and one
 * entry for each storage), before that as pickles with the numbers behind them; read
 * without executing anything (nn/pickle.h) and written so that
 * torch.load(weights_only=True) takes them. Only tensors are read: a whole model is a
 * class, which is refused. */
#ifndef AVQA_NN_TORCH_FILE_H
#define AVQA_NN_TORCH_FILE_H

#include "base/status.h"
#include "nn/params.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    AVQA_TORCH_MAX_PICKLE = 64 << 20, /* bytes */
    /* Tensors may share numbers, and together be larger than the file, but only so many
     * times (and a MiB). */
    AVQA_TORCH_MAX_GROWTH = 16,
};

enum avqa_torch_form {
    AVQA_TORCH_NO_FILE, /* something else */
    AVQA_TORCH_ZIP,
    AVQA_TORCH_LEGACY, /* before 1.6, or _use_new_zipfile_serialization=False */
};

struct avqa_torch_options {
    const char *key; /* of the state dict in a checkpoint; NULL: the only one */
    bool unchecked;  /* checksums of the zip are not looked at */
};

/* Zero is valid. */
struct avqa_torch_info {
    enum avqa_torch_form form;
    char *key;        /* where the state dict was found; NULL: it is all there is */
    size_t n_omitted; /* members of it that are no tensors */
    char *omitted;    /* what they are, as text; NULL: none */
    size_t n_sharing; /* tensors that lie in the storage of one before */
};

void avqa_torch_info_release(struct avqa_torch_info *info);

/* What the first bytes of a file look like. AVQA_ENOENT, AVQA_EIO. */
AVQA_CHECK enum avqa_status avqa_torch_recognise(enum avqa_torch_form *out,
                                                 const char *path);

/* Adds the tensors of a file in the order of its dict, each dense and with numbers of
 * its own. AVQA_EFORMAT with what was met, AVQA_EINVAL if `key` is needed or wrong. */
AVQA_CHECK enum avqa_status avqa_torch_read(struct avqa_params *out,
                                            struct avqa_torch_info *info,
                                            const char *path,
                                            const struct avqa_torch_options *options);

/* Writes an OrderedDict of all tensors, whole or not at all; PyTorch from 1.6 on reads
 * it. The same tensors give the same bytes. */
AVQA_CHECK enum avqa_status avqa_torch_write(const char *path,
                                             const struct avqa_params *params);

#endif
