/* Decoded pictures as an encoder takes them: YUV 4:2:0 with 8 bits, square pixels,
 * turned as they are shown, mirrored if asked. What needs no change is not changed. For
 * the files of this room. */
#ifndef AVQA_MEDIA_UPRIGHT_H
#define AVQA_MEDIA_UPRIGHT_H

#include "base/status.h"
#include "media/probe.h"

#include <stdbool.h>

struct AVFrame;

struct avqa_upright;

/* Every picture gets the size that `video` is shown in, without an odd last column or
 * row, which 4:2:0 cannot have. */
struct avqa_upright *avqa_upright_new(const struct avqa_media_video *video,
                                      bool mirror);
void avqa_upright_free(struct avqa_upright *u); /* NULL is legal */

/* *out is borrowed until the next call. AVQA_EFORMAT where the picture cannot be
 * converted. */
AVQA_CHECK enum avqa_status avqa_upright_picture(const struct AVFrame **out,
                                                 struct avqa_upright *u,
                                                 const struct AVFrame *frame);

#endif
