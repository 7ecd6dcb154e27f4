/* The pictures of a file, one after the other, when they are asked for: upright, square
 * pixels, with their times. So several files can be read beside each other. The file is
 * never sought in. For the files of this room. */
#ifndef AVQA_MEDIA_PICTURES_H
#define AVQA_MEDIA_PICTURES_H

#include "base/status.h"
#include "media/probe.h"

#include <stdint.h>

struct AVFrame;
struct avqa_pictures;

/* Opens `path`, which has a video stream that decodes here (else AVQA_EFORMAT).
 * `limits` may be NULL. */
AVQA_CHECK enum avqa_status avqa_pictures_open(struct avqa_pictures **out,
                                               const char *path,
                                               const struct avqa_media_limits *limits);
void avqa_pictures_close(struct avqa_pictures *pictures); /* NULL is legal */

/* What the times of its pictures are counted in: whole numbers as in the file. */
int avqa_pictures_ticks_per_s(const struct avqa_pictures *pictures);

/* The next picture, YUV 4:2:0 with 8 bits, and when it begins, in ticks after the
 * file's time 0; NULL behind the last one. Borrowed until the next call. AVQA_EFORMAT
 * where a picture cannot be drawn. */
AVQA_CHECK enum avqa_status avqa_pictures_next(struct avqa_pictures *pictures,
                                               const struct AVFrame **picture,
                                               int64_t *at);

/* Packets and pictures that were damaged, so far. */
int64_t avqa_pictures_n_bad(const struct avqa_pictures *pictures);
/* The verdict on what was read so far: a limit that was reached ends the pictures
 * early. */
const struct avqa_verdict *avqa_pictures_verdict(const struct avqa_pictures *pictures);

#endif
