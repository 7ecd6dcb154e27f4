/* The packets of a clip's pictures in the order in which they are decoded, with times
 * of decoding that go with their times of being shown: known from all the times alone,
 * so that copied packets and encoded ones can follow each other. For the files of this
 * room. */
#ifndef AVQA_MEDIA_SPLICE_H
#define AVQA_MEDIA_SPLICE_H

#include "base/status.h"
#include "media/encode.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_splice {
    int64_t *times; /* of all pictures as shown, ticks, ascending */
    size_t n_times, cap;
    int64_t end;      /* of the last one */
    size_t delay;     /* pictures that are decoded before the first is shown */
    size_t n_packets; /* so far */
};

/* A picture will be shown at this time. */
void avqa_splice_add(struct avqa_splice *s, int64_t at);
/* After the last: false if two are shown at the same time. */
bool avqa_splice_sort(struct avqa_splice *s);
/* Where a time is in `times`; n_times if it is not. */
size_t avqa_splice_rank(const struct avqa_splice *s, int64_t at);
/* The packet in place `index` will be shown at this time: sees to the delay. */
void avqa_splice_expect(struct avqa_splice *s, size_t index, int64_t at);

/* Writes the next packet, whose pts is set, in ticks. AVQA_EFORMAT if no picture is
 * expected then. */
AVQA_CHECK enum avqa_status avqa_splice_write(struct avqa_splice *s,
                                              struct avqa_encoder *encoder,
                                              struct AVPacket *packet);

void avqa_splice_release(struct avqa_splice *s);

#endif
