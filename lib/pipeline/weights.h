/* Files of weights, whoever wrote them: what is in them, what of ours they fit, and the
 * same tensors in another kind of file. What avqa weights does; see docs/weights.md. */
#ifndef AVQA_PIPELINE_WEIGHTS_H
#define AVQA_PIPELINE_WEIGHTS_H

#include "base/json.h"
#include "base/status.h"

#include <stdbool.h>

struct avqa_weight_file_config {
    const char *path;
    const char *key;    /* of the state dict in a checkpoint; NULL: the only one */
    const char *strip;  /* taken off the front of names; NULL or "": nothing */
    const char *rename; /* "OLD=NEW,OLD=NEW", see weights_names.h; NULL: nothing */
    bool unchecked;     /* checksums of a zip are not looked at */
    /* A network by name, or NULL. Inspecting compares with it instead of the nearest;
     * converting keeps only its tensors, which must all be there. */
    const char *model;
    /* Converting: */
    const char *output; /* NAME.safetensors, NAME.pt or NAME.pth */
    bool dry_run;
};

/* {"path","format":"torch|torch-legacy|safetensors","bytes","sha256","key","omitted",
 *  "n_omitted","sharing","stripped","renamed","count","numbers",
 *  "tensors":[{"name","dtype","shape","count","min","max","mean","not_finite","sha256"}],
 *  "fits": see weights_fit.h}. min, max and mean are of the finite numbers, null if
 * there are none; sha256 is that of the numbers, little-endian in C order. */
AVQA_CHECK enum avqa_status
avqa_weight_file_inspect(struct avqa_json **out,
                         const struct avqa_weight_file_config *config);

/* {"path","format","bytes","sha256","tensors","numbers","left_out":[name],
 *  "from":{the same of the file read, without its tensors}}. AVQA_EEXIST if the output
 * is there; AVQA_EINVAL if its name says no kind of file or `model` is none. */
AVQA_CHECK enum avqa_status
avqa_weight_file_convert(struct avqa_json **out,
                         const struct avqa_weight_file_config *config);

#endif
