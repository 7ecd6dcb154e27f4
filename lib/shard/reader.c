/* See reader.h. Rows next to each other are next to each other in the file, so they are
 * fetched with one read, up to a bound; from a mapped file nothing is copied before it
 * is decompressed. */
#include "shard/reader.h"
#include "base/half.h"
#include "base/mem.h"
#include "shard/tar.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_FETCH = 16 << 20 }; /* bytes of one read of several frames */

struct room {
    unsigned char *bytes;
    size_t cap;
};

struct avqa_shard_lane {
    struct avqa_unpacker *unpacker;
    enum avqa_sparse_way way;
    struct room packed, plain, mask, head;
    char head_of[AVQA_SHA256_HEX]; /* the shard of the head frame in `head` */
    size_t head_frame;
    uint64_t bytes;
};
/* ---- frames ---------------------------------------------------------------------- */

enum avqa_status avqa_shard_lane_new(struct avqa_shard_lane **out)
{
    struct avqa_shard_lane *lane = avqa_mem_new(sizeof *lane);
    lane->way = avqa_sparse_best();
    enum avqa_status rc = avqa_unpacker_new(&lane->unpacker);
    if (rc != AVQA_OK) {
        free(lane);
        return rc;
    }
    *out = lane;
    return AVQA_OK;
}

void avqa_shard_lane_free(struct avqa_shard_lane *lane)
{
    if (!lane)
        return;
    avqa_unpacker_free(lane->unpacker);
    free(lane->packed.bytes);
    free(lane->plain.bytes);
    free(lane->mask.bytes);
    free(lane->head.bytes);
    free(lane);
}

void avqa_shard_lane_expand(struct avqa_shard_lane *lane, enum avqa_sparse_way way)
{
    lane->way = way;
}

uint64_t avqa_shard_lane_bytes(const struct avqa_shard_lane *lane)
{
    return lane->bytes;
}
/* Where frame i of a shard is. */
static const struct avqa_frame_place *place(const struct avqa_shard *shard, size_t i)
{
    size_t n_frames;
    return &avqa_shard_places(shard, &n_frames)[i];
}

static const struct avqa_shard_sample *sample_at(const struct avqa_shard *shard,
                                                 size_t i)
{
    return &avqa_shard_index(shard)->samples[i];
}

static enum avqa_status make_room(struct room *room, size_t n)
{
    return avqa_mem_grow(&room->bytes, &room->cap, n, 1);
}

/* The packed bytes of frames [first, first + n). */
static enum avqa_status fetch(const unsigned char **out, struct avqa_shard_lane *lane,
                              const struct avqa_shard *shard, size_t first, size_t n)
{
    const struct avqa_shard_source *source = avqa_shard_source(shard);
    uint64_t at = place(shard, first)->packed_at;
    size_t len = (size_t)(place(shard, first + n)->packed_at - at);
    lane->bytes += len;
    if (source->map) {
        *out = source->map + at;
        return AVQA_OK;
    }
    enum avqa_status rc = make_room(&lane->packed, len);
    if (rc == AVQA_OK)
        rc = source->read(source->user, lane->packed.bytes, at, len);
    *out = lane->packed.bytes;
    return rc;
}

/* How many of the frames [first, first + n) to fetch with one read. */
static size_t group(const struct avqa_shard *shard, size_t first, size_t n)
{
    size_t k = 1;
    uint64_t at = place(shard, first)->packed_at;
    while (k < n && place(shard, first + k + 1)->packed_at - at <= MAX_FETCH)
        k++;
    return k;
}

static enum avqa_status unpack(struct avqa_shard_lane *lane,
                               const struct avqa_shard *shard, size_t i, void *out,
                               const unsigned char *packed)
{
    enum avqa_status rc =
        avqa_unpacker_run(lane->unpacker, out, &place(shard, i)->frame, packed);
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "frame %zu", i);
}

enum avqa_status avqa_shard_frame(const unsigned char **bytes,
                                  const unsigned char **packed,
                                  struct avqa_shard_lane *lane,
                                  const struct avqa_shard *shard, size_t i)
{
    enum avqa_status rc = fetch(packed, lane, shard, i, 1);
    if (rc != AVQA_OK)
        *packed = NULL;
    if (rc == AVQA_OK)
        rc = make_room(&lane->plain, place(shard, i)->frame.plain);
    if (rc == AVQA_OK)
        rc = unpack(lane, shard, i, lane->plain.bytes, *packed);
    *bytes = lane->plain.bytes;
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "%s", avqa_shard_name(shard));
}

enum avqa_status avqa_shard_frame_into(void *out, struct avqa_shard_lane *lane,
                                       const struct avqa_shard *shard, size_t i)
{
    const unsigned char *packed;
    enum avqa_status rc = fetch(&packed, lane, shard, i, 1);
    if (rc == AVQA_OK)
        rc = unpack(lane, shard, i, out, packed);
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "%s", avqa_shard_name(shard));
}

/* ---- rows ------------------------------------------------------------------------ */

/* n values of `from` as values of `as`. */
static void convert(void *out, enum avqa_npy_type as, const unsigned char *in,
                    enum avqa_npy_type from, size_t n)
{
    if (as == from)
        memcpy(out, in, n * avqa_npy_type_bytes(from));
    else if (as == AVQA_NPY_F4)
        avqa_halves_to_floats(out, (const uint16_t *)(const void *)in, n);
    else
        avqa_halves_from_floats(out, (const float *)(const void *)in, n);
}

/* One row of a dense array from its frame, straight into `out` if it may. */
static enum avqa_status read_dense_row(struct avqa_shard_lane *lane,
                                       const struct avqa_shard_array *a, size_t frame,
                                       const unsigned char *packed,
                                       enum avqa_npy_type as, void *out)
{
    enum avqa_npy_type type = a->npy.type;
    size_t plain = place(a->shard, frame)->frame.plain;
    if (as == type && plain == a->row_values * avqa_npy_type_bytes(type))
        return unpack(lane, a->shard, frame, out, packed);
    enum avqa_status rc = make_room(&lane->plain, plain);
    if (rc == AVQA_OK)
        rc = unpack(lane, a->shard, frame, lane->plain.bytes, packed);
    if (rc == AVQA_OK)
        convert(out, as, lane->plain.bytes, type, a->row_values);
    return rc;
}

/* Bytes of a row's frame without the padding of a last row. */
static size_t row_bytes(const struct avqa_shard_array *a,
                        const struct avqa_shard_member *m, size_t row)
{
    size_t plain = place(a->shard, m->row_frame + row)->frame.plain;
    return row + 1 == a->n_rows ? plain - avqa_tar_padding(m->bytes) : plain;
}

/* One row of a sparse pair, whose mask is in hand. */
static enum avqa_status read_sparse_row(struct avqa_shard_lane *lane,
                                        const struct avqa_shard_array *a, size_t row,
                                        const unsigned char *mask,
                                        const unsigned char *packed,
                                        enum avqa_npy_type as, void *out)
{
    const struct avqa_shard_member *m = a->member + 1;
    size_t frame = m->row_frame + row;
    size_t n_values = row_bytes(a, m, row) / sizeof(uint16_t);
    enum avqa_status rc = make_room(&lane->plain, place(a->shard, frame)->frame.plain);
    if (rc == AVQA_OK)
        rc = unpack(lane, a->shard, frame, lane->plain.bytes, packed);
    if (rc == AVQA_OK)
        rc = avqa_sparse_check(mask, a->row_values, n_values);
    if (rc != AVQA_OK)
        return rc;
    const uint16_t *values = (const uint16_t *)(const void *)lane->plain.bytes;
    if (as == AVQA_NPY_F4)
        avqa_sparse_to_floats(out, mask, values, a->row_values, lane->way);
    else
        avqa_sparse_to_halves(out, mask, values, a->row_values, lane->way);
    return AVQA_OK;
}

/* Masks of the rows [first, first + n), one behind the other, into lane->mask. */
static enum avqa_status read_masks(struct avqa_shard_lane *lane,
                                   const struct avqa_shard_array *a, size_t first,
                                   size_t n)
{
    const unsigned char *packed;
    size_t bytes = a->member->npy.dims[1];
    size_t frame = a->member->row_frame + first;
    enum avqa_status rc = make_room(&lane->mask, n * bytes + AVQA_TAR_BLOCK);
    if (rc == AVQA_OK)
        rc = fetch(&packed, lane, a->shard, frame, n);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        rc = unpack(lane, a->shard, frame + i, lane->mask.bytes + i * bytes, packed);
        packed += place(a->shard, frame + i)->frame.packed;
    }
    return rc;
}

/* Rows that have frames of their own. */
static enum avqa_status read_frames(struct avqa_shard_lane *lane,
                                    const struct avqa_shard_array *a, size_t first,
                                    size_t n, enum avqa_npy_type as, unsigned char *out)
{
    bool sparse = a->encoding == AVQA_SHARD_SPARSE16;
    size_t base = a->member[sparse].row_frame;
    size_t out_bytes = a->row_values * avqa_npy_type_bytes(as);
    enum avqa_status rc = AVQA_OK;
    while (rc == AVQA_OK && n) {
        const unsigned char *packed;
        size_t k = group(a->shard, base + first, n);
        if (sparse)
            rc = read_masks(lane, a, first, k);
        if (rc == AVQA_OK)
            rc = fetch(&packed, lane, a->shard, base + first, k);
        for (size_t i = 0; rc == AVQA_OK && i < k; i++) {
            if (sparse)
                rc = read_sparse_row(lane, a, first + i,
                                     lane->mask.bytes + i * a->member->npy.dims[1],
                                     packed, as, out);
            else
                rc = read_dense_row(lane, a, base + first + i, packed, as, out);
            packed += place(a->shard, base + first + i)->frame.packed;
            out += out_bytes;
        }
        first += k;
        n -= k;
    }
    return rc;
}

/* The head frame of a sample; the last one stays in the lane. */
static enum avqa_status read_head(const unsigned char **out,
                                  struct avqa_shard_lane *lane,
                                  const struct avqa_shard *shard, size_t sample)
{
    const unsigned char *packed;
    size_t frame = sample_at(shard, sample)->frame;
    const char *hash = avqa_shard_index(shard)->frames_sha256;
    *out = lane->head.bytes;
    if (lane->head_frame == frame && strcmp(lane->head_of, hash) == 0)
        return AVQA_OK;
    lane->head_of[0] = '\0';
    enum avqa_status rc = fetch(&packed, lane, shard, frame, 1);
    if (rc == AVQA_OK)
        rc = make_room(&lane->head, place(shard, frame)->frame.plain);
    if (rc == AVQA_OK)
        rc = unpack(lane, shard, frame, lane->head.bytes, packed);
    if (rc != AVQA_OK)
        return rc;
    memcpy(lane->head_of, hash, sizeof lane->head_of);
    lane->head_frame = frame;
    *out = lane->head.bytes;
    return AVQA_OK;
}

/* The content of a member of the head frame: the index was compared with the table, so
 * it lies within. */
static const unsigned char *content(const struct avqa_shard *shard, size_t sample,
                                    const struct avqa_shard_member *m,
                                    const unsigned char *head)
{
    return head + (m->at - place(shard, sample_at(shard, sample)->frame)->plain_at);
}

static enum avqa_status read_from_head(struct avqa_shard_lane *lane,
                                       const struct avqa_shard_array *a, size_t first,
                                       size_t n, enum avqa_npy_type as, void *out)
{
    const unsigned char *head;
    size_t header;
    struct avqa_npy npy;
    enum avqa_status rc = read_head(&head, lane, a->shard, a->sample);
    if (rc != AVQA_OK)
        return rc;
    const unsigned char *bytes = content(a->shard, a->sample, a->member, head);
    rc = avqa_npy_parse(&npy, &header, bytes, (size_t)a->member->bytes);
    size_t row = a->row_values * avqa_npy_type_bytes(a->npy.type);
    if (rc == AVQA_OK && header + a->n_rows * row != a->member->bytes)
        rc = avqa_fail(AVQA_EFORMAT, "its NPY header is not what the index says");
    if (rc == AVQA_OK) /* 64-byte blocks of the tar keep it aligned */
        convert(out, as, bytes + header + first * row, a->npy.type, n * a->row_values);
    return rc;
}

static bool is_real(enum avqa_npy_type type)
{
    return type == AVQA_NPY_F4 || type == AVQA_NPY_F2;
}

enum avqa_status avqa_shard_read(struct avqa_shard_lane *lane,
                                 const struct avqa_shard_array *a, size_t first,
                                 size_t n, enum avqa_npy_type as, void *out)
{
    const struct avqa_shard *shard = a->shard;
    const char *key = sample_at(shard, a->sample)->key;
    if (first > a->n_rows || n > a->n_rows - first)
        return avqa_fail(AVQA_EINVAL, "%s: %s of %s has %zu rows, not %zu to %zu",
                         avqa_shard_name(shard), a->name, key, a->n_rows, first,
                         first + n);
    if (as != a->npy.type && !(is_real(as) && is_real(a->npy.type)))
        return avqa_fail(AVQA_EINVAL, "%s: %s of %s is %s and cannot be read as %s",
                         avqa_shard_name(shard), a->name, key,
                         avqa_npy_type_name(a->npy.type), avqa_npy_type_name(as));
    enum avqa_status rc = a->member->row_frame
                              ? read_frames(lane, a, first, n, as, out)
                              : read_from_head(lane, a, first, n, as, out);
    return rc == AVQA_OK
               ? rc
               : avqa_fail_in(rc, "%s: %s of %s", avqa_shard_name(shard), a->name, key);
}

enum avqa_status avqa_shard_head(struct avqa_json **out, struct avqa_shard_lane *lane,
                                 const struct avqa_shard *shard, size_t sample)
{
    const unsigned char *head;
    const struct avqa_shard_sample *s = sample_at(shard, sample);
    enum avqa_status rc = read_head(&head, lane, shard, sample);
    if (rc == AVQA_OK)
        rc =
            avqa_json_parse(out, (const char *)content(shard, sample, s->members, head),
                            (size_t)s->members[0].bytes);
    return rc == AVQA_OK
               ? rc
               : avqa_fail_in(rc, "%s: %s.json", avqa_shard_name(shard), s->key);
}
