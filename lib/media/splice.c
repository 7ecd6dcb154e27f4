/* See splice.h. Packet k is decoded when picture k - delay is shown, where delay is the
 * least that never decodes a picture after it is shown; so the times of decoding ascend
 * whatever the encoders did. */
#include "media/splice.h"
#include "base/mem.h"

#include <stdlib.h>

#include <libavcodec/packet.h>

void avqa_splice_add(struct avqa_splice *s, int64_t at)
{
    avqa_mem_need(&s->times, &s->cap, s->n_times + 1, sizeof *s->times);
    s->times[s->n_times++] = at;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

bool avqa_splice_sort(struct avqa_splice *s)
{
    if (s->n_times)
        qsort(s->times, s->n_times, sizeof *s->times, by_time);
    for (size_t i = 1; i < s->n_times; i++) {
        if (s->times[i] == s->times[i - 1])
            return false;
    }
    return true;
}

size_t avqa_splice_rank(const struct avqa_splice *s, int64_t at)
{
    const int64_t *found =
        s->n_times ? bsearch(&at, s->times, s->n_times, sizeof *s->times, by_time)
                   : NULL;
    return found ? (size_t)(found - s->times) : s->n_times;
}

void avqa_splice_expect(struct avqa_splice *s, size_t index, int64_t at)
{
    size_t rank = avqa_splice_rank(s, at);
    if (index > rank && index - rank > s->delay)
        s->delay = index - rank;
}

enum avqa_status avqa_splice_write(struct avqa_splice *s, struct avqa_encoder *encoder,
                                   AVPacket *packet)
{
    const size_t rank = avqa_splice_rank(s, packet->pts);
    const size_t k = s->n_packets++;
    if (rank == s->n_times || k >= s->n_times)
        return avqa_fail(AVQA_EFORMAT, "a picture comes at a time of its own");
    const int64_t next = rank + 1 < s->n_times ? s->times[rank + 1] : s->end;
    const int64_t step = s->n_times > 1 ? s->times[1] - s->times[0] : 1;
    packet->duration = next - packet->pts;
    packet->dts = k >= s->delay ? s->times[k - s->delay]
                                : s->times[0] - (int64_t)(s->delay - k) * step;
    return avqa_encoder_copy_picture(encoder, packet);
}

void avqa_splice_release(struct avqa_splice *s)
{
    free(s->times);
}
