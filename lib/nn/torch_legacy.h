/* What torch.save wrote before PyTorch 1.6, and many published weights still are: five
 * pickles (a magic number, the version, the machine, the object, the keys of storages),
 * then for each key a count of 8 bytes and that many numbers. */
#ifndef AVQA_NN_TORCH_LEGACY_H
#define AVQA_NN_TORCH_LEGACY_H

#include "base/status.h"
#include "nn/torch_source.h"

#include <stddef.h>
#include <stdint.h>

enum { AVQA_TORCH_MAGIC_BYTES = 15 };
extern const uint8_t avqa_torch_magic[AVQA_TORCH_MAGIC_BYTES];

struct avqa_torch_legacy;

/* Reads the pickles into `source`, whose path is set. */
AVQA_CHECK enum avqa_status avqa_torch_legacy_open(struct avqa_torch_source *source);
/* See avqa_torch_source_load; the size was checked against the file. */
AVQA_CHECK enum avqa_status avqa_torch_legacy_load(void **out,
                                                   struct avqa_torch_source *source,
                                                   const struct avqa_torch_dict *dict,
                                                   size_t i);
void avqa_torch_legacy_close(struct avqa_torch_legacy *legacy); /* NULL is legal */

#endif
