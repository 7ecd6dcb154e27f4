/* Shards into other forms: the same samples in another encoding, a plain tar that
 * webdataset opens, a tree of .npy files as features were published. */
#ifndef AVQA_SHARD_CONVERT_H
#define AVQA_SHARD_CONVERT_H

#include "base/io.h"
#include "base/log.h"
#include "base/status.h"
#include "shard/pack.h"
#include "shard/reader.h"
#include "shard/writer.h"

/* Writes the shard `path` with the samples of another, its arrays by row in this
 * encoding; other arrays and all that is told of the clips stay. What was rounded to 16
 * bits before stays rounded. `level` is zstd's; 0: as suits the encoding. */
AVQA_CHECK enum avqa_status avqa_shard_convert(struct avqa_shard_written *out,
                                               const char *path,
                                               const struct avqa_shard *shard,
                                               enum avqa_shard_encoding encoding,
                                               int level, const struct avqa_log *log);

/* Writes a plain tar: for each sample KEY.json and an NPY file for each array, sparse
 * ones as dense fp16. */
AVQA_CHECK enum avqa_status avqa_shard_export_tar(struct avqa_out *out,
                                                  const struct avqa_shard *shard,
                                                  const struct avqa_log *log);

/* Writes FOLDER/ARRAY/KEY.npy for each array of each sample, as float32 where it is
 * fp16 or sparse. Files that are there are replaced: who exports looks before. *n_files
 * is how many it wrote. */
AVQA_CHECK enum avqa_status avqa_shard_export_npy(size_t *n_files, const char *folder,
                                                  const struct avqa_shard *shard,
                                                  const struct avqa_log *log);

/* Writes rows of an array as one NPY file, of type `as`. */
AVQA_CHECK enum avqa_status avqa_shard_write_npy(struct avqa_out *out,
                                                 struct avqa_shard_lane *lane,
                                                 const struct avqa_shard_array *array,
                                                 size_t first, size_t n,
                                                 enum avqa_npy_type as);

#endif
