/* See h264.h. A packet is either units after start codes, or units after their lengths,
 * of 1 to 4 bytes; the stream's header says which. Every length is checked against what
 * is left. */
#include "media/h264.h"
#include "base/hash.h"

#include <string.h>

enum {
    UNIT_SLICE = 1,
    UNIT_IDR = 5,
    UNIT_REMARK = 6, /* supplemental enhancement information */
    UNIT_SPS = 7,
    UNIT_PPS = 8,
    UNIT_DELIMITER = 9,
    UNIT_FILLER = 12,
};
enum { LEAST_HEADER = 7, MOST_SPS = 32, MOST_PPS = 256, MOST_ZEROS = 16 };
static const uint8_t START[] = {0, 0, 0, 1};

/* The units of a packet one after the other. */
struct cursor {
    const uint8_t *at, *end;
    int length_bytes; /* 0: start codes */
    bool broken;
};

struct unit {
    const uint8_t *bytes;
    size_t size;
    int type;
};

static struct cursor begin(const uint8_t *packet, size_t size, const uint8_t *header,
                           size_t header_size)
{
    bool lengths = header_size >= LEAST_HEADER && header[0] == 1;
    return (struct cursor){packet, packet + size, lengths ? (header[4] & 3) + 1 : 0,
                           false};
}

/* The next start code's first byte, or the end. */
static const uint8_t *find_start(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= 3; at++) {
        if (at[0] == 0 && at[1] == 0 && at[2] == 1)
            return at;
    }
    return end;
}

static bool next_by_start(struct cursor *c, struct unit *u)
{
    const uint8_t *at = find_start(c->at, c->end);
    if (at == c->end)
        return false;
    at += 3;
    const uint8_t *end = find_start(at, c->end);
    c->at = end;
    while (end > at && end[-1] == 0) /* zeros before a start code are not of the unit */
        end--;
    u->bytes = at;
    u->size = (size_t)(end - at);
    return true;
}

static bool next_by_length(struct cursor *c, struct unit *u)
{
    size_t size = 0;
    if (c->at == c->end)
        return false;
    if (c->end - c->at < c->length_bytes) {
        c->broken = true;
        return false;
    }
    for (int i = 0; i < c->length_bytes; i++)
        size = size << 8 | *c->at++;
    if (size > (size_t)(c->end - c->at)) {
        c->broken = true;
        return false;
    }
    u->bytes = c->at;
    u->size = size;
    c->at += size;
    return true;
}

static bool next(struct cursor *c, struct unit *u)
{
    do {
        if (!(c->length_bytes ? next_by_length(c, u) : next_by_start(c, u)))
            return false;
    } while (u->size == 0);
    u->type = u->bytes[0] & 31;
    return true;
}

bool avqa_h264_is_idr(const uint8_t *packet, size_t size, const uint8_t *header,
                      size_t header_size)
{
    struct cursor c = begin(packet, size, header, header_size);
    struct unit u;
    while (next(&c, &u)) {
        if (u.type >= UNIT_SLICE && u.type <= UNIT_IDR)
            return u.type == UNIT_IDR;
    }
    return false;
}

bool avqa_h264_is_slices(const uint8_t *packet, size_t size, const uint8_t *header,
                         size_t header_size)
{
    struct cursor c = begin(packet, size, header, header_size);
    struct unit u;
    bool any = false;
    while (next(&c, &u)) {
        bool is_slice = u.type >= UNIT_SLICE && u.type <= UNIT_IDR;
        any = any || is_slice;
        if (!is_slice && u.type != UNIT_REMARK && u.type != UNIT_DELIMITER &&
            u.type != UNIT_FILLER)
            return false;
    }
    return any && !c.broken;
}

/* ---- parameter sets -------------------------------------------------------------- */

/* The first Exp-Golomb number (9.1) from `at` on; -1 if it is not there. */
static int64_t golomb(const uint8_t *at, const uint8_t *end)
{
    const size_t n_bits = (size_t)(end - at) * 8;
    size_t zeros = 0;
    while (zeros < n_bits && !(at[zeros / 8] >> (7 - zeros % 8) & 1))
        zeros++;
    if (zeros > MOST_ZEROS || 2 * zeros + 1 > n_bits)
        return -1;
    int64_t value = 0;
    for (size_t i = zeros; i <= 2 * zeros; i++)
        value = value << 1 | (at[i / 8] >> (7 - i % 8) & 1);
    return value - 1;
}

static void add_unit(struct avqa_buf *out, const struct unit *u)
{
    avqa_buf_add(out, (const char *)START, sizeof START);
    avqa_buf_add(out, (const char *)u->bytes, u->size);
}

static enum avqa_status add_set(struct avqa_h264_sets *sets, const struct unit *u)
{
    const uint8_t *end = u->bytes + u->size;
    int64_t id = -1;
    if (u->type == UNIT_SPS && u->size > 4)
        id = golomb(u->bytes + 4, end);
    else if (u->type == UNIT_PPS && u->size > 1)
        id = golomb(u->bytes + 1, end);
    if (id < 0 || id >= (u->type == UNIT_SPS ? MOST_SPS : MOST_PPS))
        return avqa_fail(AVQA_EFORMAT, "its parameter sets cannot be read");
    if (u->type == UNIT_PPS) {
        sets->pps_ids[id] = 1;
    } else if (!sets->sps_ids) {
        sets->profile = u->bytes[1];
        sets->constraints = u->bytes[2];
        sets->level = u->bytes[3];
    }
    if (u->type == UNIT_SPS)
        sets->sps_ids |= UINT32_C(1) << id;
    add_unit(&sets->bytes, u);
    return AVQA_OK;
}

/* A count and as many units, each after two bytes of length. */
static enum avqa_status add_sets(struct avqa_h264_sets *sets, struct cursor *c,
                                 int mask)
{
    enum avqa_status rc = AVQA_OK;
    struct unit u;
    int n = c->at < c->end ? *c->at++ & mask : 0;
    for (int i = 0; rc == AVQA_OK && i < n; i++) {
        if (!next_by_length(c, &u) || u.size == 0)
            return avqa_fail(AVQA_EFORMAT, "its parameter sets are cut short");
        u.type = u.bytes[0] & 31;
        rc = add_set(sets, &u);
    }
    return rc;
}

enum avqa_status avqa_h264_read_sets(struct avqa_h264_sets *sets, const uint8_t *header,
                                     size_t size)
{
    struct cursor c = begin(header, size, NULL, 0);
    enum avqa_status rc = AVQA_OK;
    struct unit u;
    memset(sets, 0, sizeof *sets);
    if (size >= LEAST_HEADER && header[0] == 1) {
        c.at += 5;
        c.length_bytes = 2;
        rc = add_sets(sets, &c, 31);
        if (rc == AVQA_OK)
            rc = add_sets(sets, &c, 255);
    } else {
        while (rc == AVQA_OK && next(&c, &u)) {
            if (u.type == UNIT_SPS || u.type == UNIT_PPS)
                rc = add_set(sets, &u);
        }
    }
    if (rc == AVQA_OK && !sets->sps_ids)
        rc = avqa_fail(AVQA_EFORMAT, "it has no parameter sets in its header");
    return rc;
}

void avqa_h264_sets_release(struct avqa_h264_sets *sets)
{
    avqa_buf_release(&sets->bytes);
}

int avqa_h264_free_id(const struct avqa_h264_sets *sets)
{
    for (int id = 0; id < MOST_SPS; id++) {
        if (!(sets->sps_ids >> id & 1) && !sets->pps_ids[id])
            return id;
    }
    return -1;
}

/* ---- packets --------------------------------------------------------------------- */

static bool knows(const struct avqa_h264_sets *sets, const struct unit *u)
{
    const uint8_t *at = (const uint8_t *)sets->bytes.data;
    struct cursor c = {at, at + sets->bytes.len, 0, false};
    struct unit known;
    while (next(&c, &known)) {
        if (known.size == u->size && memcmp(known.bytes, u->bytes, u->size) == 0)
            return true;
    }
    return false;
}

enum avqa_status avqa_h264_rewrite(struct avqa_buf *out, uint64_t *hash,
                                   const uint8_t *packet, size_t size,
                                   const uint8_t *header, size_t header_size,
                                   const struct avqa_h264_sets *sets)
{
    struct cursor c = begin(packet, size, header, header_size);
    uint64_t h = 0;
    struct unit u;
    while (next(&c, &u)) {
        bool set = u.type == UNIT_SPS || u.type == UNIT_PPS;
        if (set && !knows(sets, &u))
            return avqa_fail(AVQA_EFORMAT, "its parameter sets change");
        if (set || u.type == UNIT_DELIMITER)
            continue;
        h = avqa_hash64(h, u.bytes, u.size);
        add_unit(out, &u);
    }
    if (c.broken)
        return avqa_fail(AVQA_EFORMAT, "a packet is not what its header says");
    if (hash)
        *hash = h;
    return AVQA_OK;
}
