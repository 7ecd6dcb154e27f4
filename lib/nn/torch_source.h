/* Where a torch file's pickle and storages lie, for both forms: the numbers of a
 * storage can be had by its place in the dict. */
#ifndef AVQA_NN_TORCH_SOURCE_H
#define AVQA_NN_TORCH_SOURCE_H

#include "base/status.h"
#include "nn/pickle.h"
#include "nn/torch_dict.h"
#include "nn/torch_file.h"
#include "nn/zip.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero is valid. */
struct avqa_torch_source {
    const char *path;
    char *label; /* file and pickle, for messages; of a zip */
    uint64_t size;
    uint8_t *bytes; /* of the pickle; of a legacy file: of its beginning */
    size_t len;
    struct avqa_pickle *pickle;
    bool swapped; /* the numbers are big-endian */
    bool unchecked;
    struct avqa_zip *zip;             /* NULL: a legacy file */
    char *prefix;                     /* of names in the zip */
    struct avqa_torch_legacy *legacy; /* NULL: a zip */
};

void avqa_torch_source_release(struct avqa_torch_source *source);

/* Opens a file and reads its pickle. `path` is borrowed. */
AVQA_CHECK enum avqa_status
avqa_torch_source_open(struct avqa_torch_source *out, enum avqa_torch_form form,
                       const char *path, const struct avqa_torch_options *options);
/* All numbers of the i-th storage of the dict, in the machine's byte order. Its size in
 * the file must be what the pickle says. The caller frees *out. */
AVQA_CHECK enum avqa_status avqa_torch_source_load(void **out,
                                                   struct avqa_torch_source *source,
                                                   const struct avqa_torch_dict *dict,
                                                   size_t i);

#endif
