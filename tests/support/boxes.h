/* The boxes of a small MP4 file with its moov at the end, changed by hand: a track's
 * edit list, and which pictures it calls key frames. ISO/IEC 14496-12. */
#ifndef AVQA_TESTS_BOXES_H
#define AVQA_TESTS_BOXES_H

#include "check.h"

#include <stdint.h>

struct boxes_edit {
    uint32_t duration;  /* in the movie's time scale, of milliseconds */
    int32_t media_time; /* in the track's; -1: nothing is shown */
    uint16_t rate;      /* 1: as it is */
};

static inline uint32_t boxes_get(const struct avqa_buf *b, size_t at)
{
    const uint8_t *p = (const uint8_t *)b->data + at;
    assert_true(at + 4 <= b->len);
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void boxes_put(struct avqa_buf *b, size_t at, uint32_t value)
{
    assert_true(at + 4 <= b->len);
    for (int i = 0; i < 4; i++)
        b->data[at + (size_t)i] = (char)(value >> (24 - 8 * i));
}

/* The nth box of that name among those in [from, end); fails if it is not there. */
static inline size_t boxes_find(const struct avqa_buf *b, size_t from, size_t end,
                                const char *name, int nth)
{
    for (size_t at = from; at + 8 <= end; at += boxes_get(b, at)) {
        if (memcmp(b->data + at + 4, name, 4) == 0 && nth-- == 0)
            return at;
        assert_true(boxes_get(b, at) >= 8);
    }
    fail_msg("there is no box '%s'", name);
    return 0;
}

static inline size_t boxes_in(const struct avqa_buf *b, size_t box, const char *name,
                              int nth)
{
    return boxes_find(b, box + 8, box + boxes_get(b, box), name, nth);
}

/* Track `track` gets these edits instead of its own. */
static inline void boxes_set_edits(struct avqa_buf *b, int track,
                                   const struct boxes_edit *edits, size_t n)
{
    struct avqa_buf out = AVQA_BUF_INIT;
    const size_t moov = boxes_find(b, 0, b->len, "moov", 0);
    const size_t trak = boxes_in(b, moov, "trak", track);
    const size_t edts = boxes_in(b, trak, "edts", 0);
    const size_t old = boxes_get(b, edts);
    const size_t new = 8 + 16 + 12 * n;
    avqa_buf_add(&out, b->data, edts);
    for (size_t i = 0; i < new; i++)
        avqa_buf_add(&out, "", 1);
    avqa_buf_add(&out, b->data + edts + old, b->len - edts - old);
    boxes_put(&out, moov, (uint32_t)(boxes_get(b, moov) + new - old));
    boxes_put(&out, trak, (uint32_t)(boxes_get(b, trak) + new - old));
    boxes_put(&out, edts, (uint32_t) new);
    memcpy(out.data + edts + 4, "edts", 4);
    boxes_put(&out, edts + 8, (uint32_t) new - 8);
    memcpy(out.data + edts + 12, "elst", 4);
    boxes_put(&out, edts + 20, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        boxes_put(&out, edts + 24 + 12 * i, edits[i].duration);
        boxes_put(&out, edts + 28 + 12 * i, (uint32_t)edits[i].media_time);
        boxes_put(&out, edts + 32 + 12 * i, (uint32_t)edits[i].rate << 16);
    }
    avqa_buf_release(b);
    *b = out;
}

/* Where the list of key frames of a track is. */
static inline size_t boxes_find_keys(const struct avqa_buf *b, int track)
{
    size_t at = boxes_in(b, boxes_find(b, 0, b->len, "moov", 0), "trak", track);
    at = boxes_in(b, boxes_in(b, at, "mdia", 0), "minf", 0);
    return boxes_in(b, boxes_in(b, at, "stbl", 0), "stss", 0);
}

/* Every key frame is moved by so many pictures. */
static inline void boxes_move_keys(struct avqa_buf *b, int track, uint32_t by)
{
    const size_t stss = boxes_find_keys(b, track);
    for (uint32_t i = 0; i < boxes_get(b, stss + 12); i++)
        boxes_put(b, stss + 16 + 4 * i, boxes_get(b, stss + 16 + 4 * i) + by);
}

/* None but picture number `only`. */
static inline void boxes_keep_key(struct avqa_buf *b, int track, uint32_t only)
{
    const size_t stss = boxes_find_keys(b, track);
    for (uint32_t i = 0; i < boxes_get(b, stss + 12); i++)
        boxes_put(b, stss + 16 + 4 * i, only);
}

#endif
