/* The folder clips/ of a dataset: what killed runs left there. */
#ifndef AVQA_PIPELINE_CLIPS_FOLDER_H
#define AVQA_PIPELINE_CLIPS_FOLDER_H

#include "base/status.h"

#define AVQA_CLIPS_FOLDER "clips"

/* Makes the folder, and removes temporary files of processes that are no more. */
AVQA_CHECK enum avqa_status avqa_clips_folder_clean(const char *folder);

#endif
