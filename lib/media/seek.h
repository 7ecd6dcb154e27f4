/* Going to a place in a long file without reading what is before it, where that cannot
 * be told from reading: only in files whose whole index is in their header and whose
 * sound is counted in its own samples. For the files of this room. */
#ifndef AVQA_MEDIA_SEEK_H
#define AVQA_MEDIA_SEEK_H

#include "media/container.h"

#include <stdbool.h>
#include <stdint.h>

/* Sound is decoded from at least this long before the place, for decoders that remember
 * what was. */
enum { AVQA_SEEK_PREROLL_US = 200000 };

/* Moves to a key frame a second or more before at_us (on the file's own clock). False:
 * the file is where it was, at its beginning. True: where it is must be seen by its
 * next packets. */
bool avqa_seek(struct avqa_container *file, int64_t at_us);

/* After that: which sample, counted from time 0 as if all had been read, a packet of
 * sound with this time begins with; -1 if no packet has it. */
int64_t avqa_seek_sample(const struct avqa_container *file, int64_t time);

#endif
