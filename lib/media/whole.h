/* Whether a file is all there, by the sizes its container states: boxes of MP4 and MOV,
 * the segment of Matroska and WebM, the RIFF of AVI and WAV. libav opens a file that
 * was cut and reads what there is without a word, so this is looked at apart from it.
 * Other containers state no size; nothing is said about them. */
#ifndef AVQA_MEDIA_WHOLE_H
#define AVQA_MEDIA_WHOLE_H

#include "media/verdict.h"

#include <stdint.h>

/* Reads a few bytes of `fd` (its position stays) and says AVQA_MEDIA_TRUNCATED where
 * the container needs more bytes than `size`. */
void avqa_whole_check(struct avqa_verdict *verdict, int fd, int64_t size);

/* Says AVQA_MEDIA_NOT_MEDIA of what begins like a page, a text or an archive. */
void avqa_whole_sniff(struct avqa_verdict *verdict, int fd);

#endif
