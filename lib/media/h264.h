/* H.264 as bytes: the units of a packet, whichever way they are divided, and the
 * parameter sets of a stream. No picture is looked into. ITU-T H.264, 7.3 and annex B;
 * ISO/IEC 14496-15, 5.3.3. For the files of this room. */
#ifndef AVQA_MEDIA_H264_H
#define AVQA_MEDIA_H264_H

#include "base/buf.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether a packet begins a sequence that needs nothing before it. */
bool avqa_h264_is_idr(const uint8_t *packet, size_t size, const uint8_t *header,
                      size_t header_size);

/* Whether a packet is slices and remarks on them: nothing in it is needed by packets
 * that do not refer to its pictures, as parameter sets are. */
bool avqa_h264_is_slices(const uint8_t *packet, size_t size, const uint8_t *header,
                         size_t header_size);

struct avqa_h264_sets {
    struct avqa_buf bytes;           /* the parameter sets, each after a start code */
    uint32_t sps_ids;                /* bit i: the id i is used */
    uint8_t pps_ids[256];            /* 1: used */
    int profile, constraints, level; /* of the first */
};

/* Reads a stream's header (extradata), of either kind. AVQA_EFORMAT if there are no
 * parameter sets in it. Release the result in any case. */
AVQA_CHECK enum avqa_status avqa_h264_read_sets(struct avqa_h264_sets *sets,
                                                const uint8_t *header, size_t size);
void avqa_h264_sets_release(struct avqa_h264_sets *sets);

/* An id that neither an SPS nor a PPS has, or -1. */
int avqa_h264_free_id(const struct avqa_h264_sets *sets);

/* Adds a packet's units to `out`, each after a start code, without parameter sets and
 * delimiters. AVQA_EFORMAT if it is not divided as the header says, or has a parameter
 * set that `sets` has not. *hash (may be NULL) is of the units alone. */
AVQA_CHECK enum avqa_status avqa_h264_rewrite(struct avqa_buf *out, uint64_t *hash,
                                              const uint8_t *packet, size_t size,
                                              const uint8_t *header, size_t header_size,
                                              const struct avqa_h264_sets *sets);

#endif
