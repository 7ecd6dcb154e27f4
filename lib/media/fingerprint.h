/* Fingerprints that survive another encoding, size or loudness: a pattern of 64 bits
 * for a picture, and Chromaprint's of 32 bits for every eighth of a second of sound. As
 * hex digits, so that a catalog can hold them as text. */
#ifndef AVQA_MEDIA_FINGERPRINT_H
#define AVQA_MEDIA_FINGERPRINT_H

#include "base/buf.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* Whether it gets brighter from left to right, cell by cell of 9 x 8 cells. Both sides
 * are at least so many pixels. */
uint64_t avqa_picture_print(const uint8_t *luma, int width, int height);

struct avqa_sound_print;
AVQA_CHECK enum avqa_status avqa_sound_print_new(struct avqa_sound_print **out,
                                                 int rate_hz);
AVQA_CHECK enum avqa_status avqa_sound_print_add(struct avqa_sound_print *print,
                                                 const float *mono, size_t n);
/* Appends 8 digits for every item. */
AVQA_CHECK enum avqa_status avqa_sound_print_end(struct avqa_sound_print *print,
                                                 struct avqa_buf *hex);
void avqa_sound_print_free(struct avqa_sound_print *print); /* NULL is legal */

#endif
