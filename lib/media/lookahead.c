/* See lookahead.h. Where the true next picture lies beyond the window, a later one is
 * taken for it: the span gets longer, and more is decoded than need be, never less. */
#include "media/lookahead.h"

#include <stddef.h>

#include <libavcodec/packet.h>
#include <libavutil/avutil.h>

void avqa_lookahead_release(struct avqa_lookahead *ahead)
{
    for (int i = 0; i < ahead->n; i++)
        av_packet_free(&ahead->packets[(ahead->first + i) % AVQA_LOOKAHEAD]);
    ahead->n = 0;
}

bool avqa_lookahead_full(const struct avqa_lookahead *ahead)
{
    return ahead->n == AVQA_LOOKAHEAD;
}

bool avqa_lookahead_push(struct avqa_lookahead *ahead, AVPacket *packet)
{
    AVPacket *own = av_packet_alloc();
    if (!own)
        return false;
    av_packet_move_ref(own, packet);
    ahead->packets[(ahead->first + ahead->n++) % AVQA_LOOKAHEAD] = own;
    return true;
}

/* Pictures that are cut away by an edit list are never shown and end nothing. */
static int64_t shown_at(const AVPacket *packet)
{
    return packet->flags & AV_PKT_FLAG_DISCARD ? AV_NOPTS_VALUE : packet->pts;
}

const AVPacket *avqa_lookahead_at(const struct avqa_lookahead *ahead, int i)
{
    return ahead->packets[(ahead->first + i) % AVQA_LOOKAHEAD];
}

int64_t avqa_lookahead_next_pts(const struct avqa_lookahead *ahead, int i)
{
    const int64_t pts = avqa_lookahead_at(ahead, i)->pts;
    const int known =
        ahead->n_passed < AVQA_LOOKAHEAD ? ahead->n_passed : AVQA_LOOKAHEAD;
    int64_t next = INT64_MAX;
    for (int k = 0; k < ahead->n; k++) {
        int64_t t = shown_at(avqa_lookahead_at(ahead, k));
        if (t > pts && t < next)
            next = t;
    }
    for (int k = 0; k < known; k++) {
        if (ahead->passed[k] > pts && ahead->passed[k] < next)
            next = ahead->passed[k];
    }
    return next;
}

AVPacket *avqa_lookahead_pop(struct avqa_lookahead *ahead)
{
    if (ahead->n == 0)
        return NULL;
    AVPacket *packet = ahead->packets[ahead->first];
    ahead->passed[ahead->n_passed % AVQA_LOOKAHEAD] = shown_at(packet);
    ahead->n_passed =
        ahead->n_passed < INT32_MAX ? ahead->n_passed + 1 : AVQA_LOOKAHEAD;
    ahead->first = (ahead->first + 1) % AVQA_LOOKAHEAD;
    ahead->n--;
    return packet;
}
