/* The video packets between the file and the decoder: enough of them to know, before a
 * picture is decoded, how long it will be shown. For the files of this room. */
#ifndef AVQA_MEDIA_LOOKAHEAD_H
#define AVQA_MEDIA_LOOKAHEAD_H

#include <stdbool.h>
#include <stdint.h>

struct AVPacket;

/* Codecs reorder over 16 pictures at most; both directions are looked at. */
enum { AVQA_LOOKAHEAD = 32 };

struct avqa_lookahead {
    struct AVPacket *packets[AVQA_LOOKAHEAD]; /* a ring */
    int first, n;
    int64_t passed[AVQA_LOOKAHEAD]; /* times of those given last, a ring */
    int n_passed;
};

void avqa_lookahead_release(struct avqa_lookahead *ahead);

bool avqa_lookahead_full(const struct avqa_lookahead *ahead);

/* Takes over what `packet` refers to; false if memory ran out. It must not be full. */
bool avqa_lookahead_push(struct avqa_lookahead *ahead, struct AVPacket *packet);

/* The i-th packet, 0 the oldest; borrowed. */
const struct AVPacket *avqa_lookahead_at(const struct avqa_lookahead *ahead, int i);

/* The time of the picture that is shown after the i-th packet's: INT64_MAX where none
 * is known. */
int64_t avqa_lookahead_next_pts(const struct avqa_lookahead *ahead, int i);

/* The oldest packet, yours to free. NULL if there is no packet. */
struct AVPacket *avqa_lookahead_pop(struct avqa_lookahead *ahead);

#endif
