/* What a file that should hold weights plainly is instead, by its first bytes: a header
 * read out of JSON or a picture would only say odd numbers. */
#ifndef AVQA_PIPELINE_WEIGHTS_LOOK_H
#define AVQA_PIPELINE_WEIGHTS_LOOK_H

#include "base/status.h"

/* AVQA_EFORMAT says what the file looks like, if that is no safetensors file and known,
 * or where in a folder, which a run has, weights are;
 * AVQA_OK else, also where it cannot be opened: who reads it says so. */
AVQA_CHECK enum avqa_status avqa_weights_look(const char *path);

#endif
