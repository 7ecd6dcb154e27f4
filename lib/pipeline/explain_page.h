/* Replies of a model and pictures of clips, put together: the page, and the same as
 * JSON. */
#ifndef AVQA_PIPELINE_EXPLAIN_PAGE_H
#define AVQA_PIPELINE_EXPLAIN_PAGE_H

#include "base/buf.h"
#include "base/json.h"
#include "base/status.h"
#include "encoder/feature.h"
#include "pipeline/explain_ask.h"
#include "pipeline/explain_facts.h"
#include "pipeline/explain_pictures.h"
#include "pipeline/trained.h"
#include "plot/explain.h"

struct avqa_explain_page {
    const struct avqa_trained *trained;
    const struct avqa_feature_info *seen; /* what maps were made by; NULL: not known */
    const struct avqa_explain_reply *replies;
    size_t n_replies;
    const struct avqa_explain_pictures *clips; /* in any order */
    size_t n_clips;
    const struct avqa_explain_facts *facts;
    size_t columns;
};

/* The grid of the maps: as the encoder has it, or as square as can be. */
void avqa_explain_grid(size_t *rows, size_t *cols,
                       const struct avqa_explain_page *page);

/* What the model does not have, as a sentence; "" if it has all. */
void avqa_explain_lack(struct avqa_buf *out, const struct avqa_model *model,
                       const struct avqa_explain_reply *reply);

AVQA_CHECK enum avqa_status
avqa_explain_page_draw(struct avqa_canvas *canvas,
                       const struct avqa_explain_page *page);

/* An array of objects into `out`, under "questions". */
void avqa_explain_page_json(struct avqa_json *out,
                            const struct avqa_explain_page *page);

#endif
