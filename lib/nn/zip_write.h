/* Writing zip files of stored entries, as PyTorch reads them: the bytes of an entry
 * begin at a multiple of 64, so that a reader can map them. Sizes and places are always
 * written with 64 bits (zip64), so that large files are no other case than small ones.
 * The same entries give the same bytes. */
#ifndef AVQA_NN_ZIP_WRITE_H
#define AVQA_NN_ZIP_WRITE_H

#include "base/status.h"

#include <stddef.h>

struct avqa_zip_out;

/* The file is not there until it is committed; see base/io.h. */
AVQA_CHECK enum avqa_status avqa_zip_out_open(struct avqa_zip_out **out,
                                              const char *path);
/* Names must differ, which the caller sees to. */
AVQA_CHECK enum avqa_status avqa_zip_out_add(struct avqa_zip_out *out, const char *name,
                                             const void *bytes, size_t len);
/* Writes the directory. Frees `out` in every case. */
AVQA_CHECK enum avqa_status avqa_zip_out_commit(struct avqa_zip_out *out);
void avqa_zip_out_abort(struct avqa_zip_out *out); /* NULL is legal */

#endif
