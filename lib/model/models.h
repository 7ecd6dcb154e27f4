/* The models that there are. */
#ifndef AVQA_MODEL_MODELS_H
#define AVQA_MODEL_MODELS_H

#include "model/model.h"

/* Li et al., "Learning to Answer Questions in Dynamic Audio-Visual Scenarios", CVPR
 * 2022; where paper and published code differ, the code. avst.c, avst_baseline.c */
extern const struct avqa_model avqa_model_avst;
extern const struct avqa_model avqa_model_avst_grounding; /* its first stage */
extern const struct avqa_model avqa_model_avst_baseline;
/* The rows of the paper's Table 3, whose code is not published; defined in ablation.c.
 */
extern const struct avqa_model avqa_model_q, avqa_model_a_q, avqa_model_v_q,
    avqa_model_av_q, avqa_model_av_q_tg;

#endif
