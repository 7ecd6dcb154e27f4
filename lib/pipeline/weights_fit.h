/* Which of our networks a file's tensors belong to: the models of lib/model and the
 * encoders. Sizes that are not a model's own (words, answers, features) are taken from
 * the tensors themselves. */
#ifndef AVQA_PIPELINE_WEIGHTS_FIT_H
#define AVQA_PIPELINE_WEIGHTS_FIT_H

#include "base/json.h"
#include "base/status.h"
#include "nn/params.h"

/* Puts "fits" into an object: null if not half of any network is there, else
 * {"name","kind":"model|encoder","whole",
 *  "size":{"words","answers","sound","channels"} or null,
 *  "expected","missing":[name],"other_shape":[{"name","shape","expected"}],
 *  "extra":[name],"also":[name of other networks that are wholly there]}
 * of the network called `name` (AVQA_ENOENT if there is none), or (NULL) of the one
 * with most tensors in the file, less those that are missing. */
AVQA_CHECK enum avqa_status avqa_weights_fit(struct avqa_json *object,
                                             const struct avqa_params *params,
                                             const char *name);

/* Leaves only the tensors of the network called `name` ("avst", "resnet18"), in its
 * order. AVQA_ENOENT if there is none of that name, AVQA_EFORMAT if a tensor is missing
 * or has another shape. The names of those left out go to the list. */
AVQA_CHECK enum avqa_status avqa_weights_keep(struct avqa_json *left_out,
                                              struct avqa_params *params,
                                              const char *name);

#endif
