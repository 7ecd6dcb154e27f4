/* What can be said of a tensor without knowing what it is for. */
#ifndef AVQA_PIPELINE_WEIGHTS_TABLE_H
#define AVQA_PIPELINE_WEIGHTS_TABLE_H

#include "base/json.h"
#include "nn/params.h"

/* Appends {"name","dtype","shape","count","min","max","mean","not_finite","sha256"} to
 * a list. min, max and mean are of the finite numbers, null where there are none. */
void avqa_weights_describe(struct avqa_json *list, const struct avqa_param *param);

#endif
