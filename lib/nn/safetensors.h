/* Files of named tensors as the `safetensors` library of Python writes them: eight
 * bytes with the length of a JSON header, the header (name -> dtype, shape,
 * data_offsets), then the numbers, little-endian, without a gap. Nothing in a file is
 * believed: dtype, shape and offsets must agree with each other and with the file's
 * length before memory is taken. Types that a tensor of ours cannot hold are refused.
 * The format: https://github.com/huggingface/safetensors, "Format". */
#ifndef AVQA_NN_SAFETENSORS_H
#define AVQA_NN_SAFETENSORS_H

#include "base/hash.h"
#include "base/status.h"
#include "nn/params.h"

#include <stddef.h>
#include <stdint.h>

enum {
    AVQA_SAFETENSORS_MAX_HEADER = 100000000, /* bytes, as the format says */
    AVQA_SAFETENSORS_MAX_TENSORS = 1 << 17,
};

/* Adds the tensors of a file to `out`, in the order of their numbers. `sha256` (may be
 * NULL) becomes the digest of the file. AVQA_ENOENT if there is no such file,
 * AVQA_EFORMAT with what is wrong, naming file and tensor. */
AVQA_CHECK enum avqa_status avqa_safetensors_read(struct avqa_params *out,
                                                  char sha256[AVQA_SHA256_HEX],
                                                  const char *path);

/* Writes all tensors, whole or not at all. The same tensors give the same bytes. */
AVQA_CHECK enum avqa_status avqa_safetensors_write(const char *path,
                                                   const struct avqa_params *params);

#endif
