/* A question in the published form. It is laid out as Python's json.dump(indent=2)
 * does, so that a file that was imported comes out the same: keys, order, types and
 * values; only white space may differ where the original's did. */
#ifndef AVQA_PIPELINE_EXPORT_MUSIC_AVQA_H
#define AVQA_PIPELINE_EXPORT_MUSIC_AVQA_H

#include "base/buf.h"
#include "base/status.h"
#include "pipeline/export_refs.h"

/* Appends a member of the list, without what stands between two. */
AVQA_CHECK enum avqa_status avqa_export_music_avqa(struct avqa_buf *out,
                                                   const struct avqa_export_refs *refs,
                                                   const struct avqa_question *q,
                                                   const struct avqa_template *t);

#endif
