/* Pictures encoded so that they can stand beside copied ones in one stream of H.264: in
 * their size and profile, with parameter sets of an id that is free, in the order in
 * which they are shown. For the files of this room. */
#ifndef AVQA_MEDIA_EDGE_H
#define AVQA_MEDIA_EDGE_H

#include "base/status.h"
#include "media/encode.h"
#include "media/h264.h"
#include "media/splice.h"

struct avqa_edge;

/* `form` without `like`: that follows from the stream. AVQA_EFORMAT where such pictures
 * cannot be encoded. */
AVQA_CHECK enum avqa_status avqa_edge_open(struct avqa_edge **out,
                                           const struct avqa_encode_form *form,
                                           const struct AVCodecParameters *stream,
                                           const struct avqa_h264_sets *sets);
void avqa_edge_close(struct avqa_edge *edge); /* NULL is legal */

/* Its parameter sets, each after a start code; borrowed. */
const uint8_t *avqa_edge_sets(const struct avqa_edge *edge, size_t *size);

/* A picture (NULL: no more come) shown from `at` on; what is ready is written. */
AVQA_CHECK enum avqa_status avqa_edge_picture(struct avqa_edge *edge,
                                              const struct AVFrame *picture, int64_t at,
                                              struct avqa_splice *splice,
                                              struct avqa_encoder *encoder);

#endif
