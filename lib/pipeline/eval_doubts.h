/* What makes the answers of a run less than they look: training that did not come to
 * its end, and features that were made anew since, so that the run meets others than
 * those it learnt from. It warns and refuses nothing. */
#ifndef AVQA_PIPELINE_EVAL_DOUBTS_H
#define AVQA_PIPELINE_EVAL_DOUBTS_H

#include "base/log.h"
#include "base/status.h"
#include "catalog/catalog.h"
#include "pipeline/trained.h"

/* One line for each of the two. Features are only compared with those of the dataset
 * that the run lies in; `cat` is that of `dataset`. */
AVQA_CHECK enum avqa_status avqa_eval_doubt(const struct avqa_trained *trained,
                                            const char *dataset,
                                            struct avqa_catalog *cat,
                                            const struct avqa_log *log);

#endif
