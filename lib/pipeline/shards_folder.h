/* The folder shards/ of a dataset: who may write there, and what killed runs left. */
#ifndef AVQA_PIPELINE_SHARDS_FOLDER_H
#define AVQA_PIPELINE_SHARDS_FOLDER_H

#include "base/status.h"

#include <stdbool.h>

#define AVQA_SHARDS_FOLDER "shards"

/* Makes the folder and takes it for writing until *lock is closed, which is yours also
 * after a failure (-1 if there is none): alone, which removes the temporary files of
 * runs that were killed, or beside others who share it. AVQA_EEXIST if somebody else
 * has it. */
AVQA_CHECK enum avqa_status avqa_shards_folder_take(int *lock, const char *dataset,
                                                    bool alone);

#endif
