/* See reader.h. Rows next to each other are next to each other in the file, so they are
 * fetched with one read, up to a bound; from a mapped file nothing is copied before it
 * is decompressed. */
#include "shard/reader.h"
#include "base/intern.h"
#include "base/mem.h"
#include "base/half.h"
#include "shard/tar.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FETCH = 16 << 20 }; /* bytes of one read of several frames */

struct avqa_shard {
    struct avqa_shard_source source;
    struct avqa_shard_index index;
    struct avqa_frame_place *places;
    size_t n_frames;
    struct avqa_intern keys; /* ids are numbers of samples */
};

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

/* ---- opening --------------------------------------------------------------------- */

static enum avqa_status fail_in(const struct avqa_shard *shard, enum avqa_status rc)
{
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "%s", shard->source.name);
}

/* The last bytes of the source: as much as opening needs as a rule. */
struct tail {
    unsigned char *bytes;
    uint64_t at;
    size_t len;
};

static enum avqa_status read_source(const struct avqa_shard *shard, void *out,
                                    uint64_t at, size_t len)
{
    const struct avqa_shard_source *s = &shard->source;
    if (s->map) {
        memcpy(out, s->map + at, len);
        return AVQA_OK;
    }
    return s->read(s->user, out, at, len);
}

/* Makes the tail reach back to `at`. */
static enum avqa_status reach_back(const struct avqa_shard *shard, struct tail *tail,
                                   uint64_t at)
{
    unsigned char *bytes;
    size_t len = (size_t)(shard->source.bytes - at);
    if (tail->bytes && tail->at <= at)
        return AVQA_OK;
    enum avqa_status rc = avqa_mem_array(&bytes, len, 1);
    if (rc != AVQA_OK)
        return rc;
    size_t had = tail->bytes ? tail->len : 0;
    if (had)
        memcpy(bytes + (len - had), tail->bytes, had);
    rc = read_source(shard, bytes, at, len - had);
    free(tail->bytes);
    *tail = (struct tail){bytes, at, len};
    return rc;
}

static enum avqa_status read_table(struct avqa_shard *shard, struct tail *tail)
{
    uint64_t table;
    uint64_t bytes = shard->source.bytes;
    enum avqa_status rc = avqa_frame_table_bytes(&table, tail->bytes, tail->len, bytes);
    if (rc == AVQA_OK)
        rc = reach_back(shard, tail, bytes - table);
    if (rc == AVQA_OK)
        rc = avqa_frame_table_parse(&shard->places, &shard->n_frames,
                                    tail->bytes + (tail->len - (size_t)table),
                                    (size_t)table, bytes);
    if (rc == AVQA_OK && shard->n_frames < 2)
        rc = avqa_fail(AVQA_EFORMAT, "it is a seekable zstd file, but no shard");
    return rc;
}

/* The frame of 1,024 zero bytes, and the member __index__ before it. */
static enum avqa_status unpack_end(const struct avqa_shard *shard,
                                   struct avqa_unpacker *unpacker,
                                   const struct tail *tail, struct room *index)
{
    unsigned char end[2 * AVQA_TAR_BLOCK];
    static const unsigned char zeros[2 * AVQA_TAR_BLOCK];
    const struct avqa_frame_place *last = &shard->places[shard->n_frames - 1];
    const struct avqa_frame_place *at = last - 1;
    if (last->frame.plain != sizeof end)
        return avqa_fail(AVQA_EFORMAT, "its last frame is not the end of a tar");
    enum avqa_status rc = avqa_unpacker_run(unpacker, end, &last->frame,
                                            tail->bytes + (last->packed_at - tail->at));
    if (rc != AVQA_OK)
        return avqa_fail_in(rc, "its last frame");
    if (memcmp(end, zeros, sizeof end) != 0)
        return avqa_fail(AVQA_EFORMAT, "its last frame is not the end of a tar");
    if (at->frame.plain > AVQA_SHARD_MAX_INDEX + AVQA_TAR_BLOCK * 2 ||
        at->frame.plain / AVQA_SHARD_INDEX_RATIO > at->frame.packed)
        return avqa_fail(AVQA_EFORMAT, "its index is larger than an index can be");
    rc = avqa_mem_grow(&index->bytes, &index->cap, at->frame.plain, 1);
    if (rc == AVQA_OK)
        rc = avqa_unpacker_run(unpacker, index->bytes, &at->frame,
                               tail->bytes + (at->packed_at - tail->at));
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "its index");
}

static enum avqa_status parse_index(struct avqa_shard *shard, const struct room *room)
{
    struct avqa_tar_entry entry;
    size_t used;
    size_t len = shard->places[shard->n_frames - 2].frame.plain;
    enum avqa_status rc = avqa_tar_parse(&entry, &used, room->bytes, len);
    if (rc != AVQA_OK)
        return avqa_fail_in(rc, "its index");
    if (strcmp(entry.name, AVQA_SHARD_INDEX_NAME) != 0 ||
        entry.size + used + avqa_tar_padding(entry.size) != len)
        return avqa_fail(AVQA_EFORMAT, "its last member is no index");
    rc = avqa_shard_index_parse(&shard->index, (const char *)room->bytes + used,
                                (size_t)entry.size);
    if (rc == AVQA_OK)
        rc = avqa_shard_index_check(&shard->index, shard->places, shard->n_frames);
    return rc;
}

static enum avqa_status open_parts(struct avqa_shard *shard, struct tail *tail)
{
    struct avqa_unpacker *unpacker = NULL;
    struct room index = {0};
    uint64_t bytes = shard->source.bytes;
    if (bytes < AVQA_FRAME_TABLE)
        return avqa_fail(AVQA_EFORMAT, "its %" PRIu64 " bytes are no shard", bytes);
    enum avqa_status rc =
        reach_back(shard, tail, bytes > AVQA_SHARD_TAIL ? bytes - AVQA_SHARD_TAIL : 0);
    if (rc == AVQA_OK)
        rc = read_table(shard, tail);
    if (rc == AVQA_OK)
        rc = reach_back(shard, tail, shard->places[shard->n_frames - 2].packed_at);
    if (rc == AVQA_OK)
        rc = avqa_unpacker_new(&unpacker);
    if (rc == AVQA_OK)
        rc = unpack_end(shard, unpacker, tail, &index);
    if (rc == AVQA_OK)
        rc = parse_index(shard, &index);
    avqa_unpacker_free(unpacker);
    free(index.bytes);
    return rc;
}

enum avqa_status avqa_shard_open_source(struct avqa_shard **out,
                                        const struct avqa_shard_source *source)
{
    struct avqa_shard *shard = avqa_mem_new(sizeof *shard);
    struct tail tail = {0};
    shard->source = *source;
    enum avqa_status rc = open_parts(shard, &tail);
    free(tail.bytes);
    for (size_t i = 0; rc == AVQA_OK && i < shard->index.n_samples; i++) {
        const char *key = shard->index.samples[i].key;
        avqa_intern_add(&shard->keys, key, strlen(key), NULL);
    }
    if (rc != AVQA_OK) {
        rc = fail_in(shard, rc);
        avqa_shard_close(shard);
        return rc;
    }
    *out = shard;
    return AVQA_OK;
}

enum avqa_status avqa_shard_open(struct avqa_shard **out, const char *path)
{
    struct avqa_shard_source source;
    enum avqa_status rc = avqa_shard_source_file(&source, path);
    return rc == AVQA_OK ? avqa_shard_open_source(out, &source) : rc;
}

void avqa_shard_close(struct avqa_shard *shard)
{
    if (!shard)
        return;
    avqa_shard_index_release(&shard->index);
    avqa_intern_release(&shard->keys);
    free(shard->places);
    avqa_shard_source_close(&shard->source);
    free(shard);
}

/* ---- what is in it --------------------------------------------------------------- */

const char *avqa_shard_name(const struct avqa_shard *shard)
{
    return shard->source.name;
}

uint64_t avqa_shard_bytes(const struct avqa_shard *shard)
{
    return shard->source.bytes;
}

const struct avqa_shard_index *avqa_shard_index(const struct avqa_shard *shard)
{
    return &shard->index;
}

const struct avqa_frame_place *avqa_shard_places(const struct avqa_shard *shard,
                                                 size_t *n_frames)
{
    *n_frames = shard->n_frames;
    return shard->places;
}

const struct avqa_shard_source *avqa_shard_source(const struct avqa_shard *shard)
{
    return &shard->source;
}

enum avqa_status avqa_shard_find(size_t *sample, const struct avqa_shard *shard,
                                 const char *key)
{
    uint32_t id = avqa_intern_find(&shard->keys, key, strlen(key));
    *sample = id;
    if (id == AVQA_INTERN_NONE)
        return avqa_fail(AVQA_ENOENT, "%s: has no sample '%s'", shard->source.name,
                         key);
    return AVQA_OK;
}

/* Whether a member begins an array: the json does not, nor do a pair's values. */
static bool begins_array(const struct avqa_shard_sample *s, size_t i)
{
    return s->members[i].is_array && !(i > 0 && s->members[i - 1].dense.n_dims);
}

size_t avqa_shard_n_arrays(const struct avqa_shard *shard, size_t sample)
{
    const struct avqa_shard_sample *s = &shard->index.samples[sample];
    size_t n = 0;
    for (size_t i = 0; i < s->n_members; i++)
        n += begins_array(s, i);
    return n;
}

static uint64_t packed_rows(const struct avqa_shard *shard, size_t first, size_t n)
{
    return first ? shard->places[first + n].packed_at - shard->places[first].packed_at
                 : 0;
}

static void fill_array(struct avqa_shard_array *out, const struct avqa_shard *shard,
                       size_t sample, const struct avqa_shard_member *m)
{
    bool sparse = m->dense.n_dims > 0;
    size_t row = 1;
    *out = (struct avqa_shard_array){.shard = shard,
                                     .sample = sample,
                                     .npy = sparse ? m->dense : m->npy,
                                     .member = m};
    size_t stem = strlen(m->suffix) - strlen(sparse ? "_mask.npy" : ".npy");
    memcpy(out->name, m->suffix, stem);
    out->encoding = sparse                       ? AVQA_SHARD_SPARSE16
                    : m->npy.type == AVQA_NPY_F2 ? AVQA_SHARD_FP16
                    : m->npy.type == AVQA_NPY_F4 ? AVQA_SHARD_FP32
                                                 : AVQA_SHARD_AS_IS;
    out->n_rows = out->npy.n_dims ? out->npy.dims[0] : 1;
    for (size_t i = 1; i < out->npy.n_dims; i++)
        row *= out->npy.dims[i];
    out->row_values = row;
    out->packed = packed_rows(shard, m->row_frame, out->n_rows);
    if (sparse)
        out->packed += packed_rows(shard, m[1].row_frame, out->n_rows);
}

void avqa_shard_array_at(struct avqa_shard_array *out, const struct avqa_shard *shard,
                         size_t sample, size_t i)
{
    const struct avqa_shard_sample *s = &shard->index.samples[sample];
    size_t at = 0;
    for (;; at++) {
        if (begins_array(s, at) && i-- == 0)
            break;
    }
    fill_array(out, shard, sample, &s->members[at]);
}

enum avqa_status avqa_shard_array_find(struct avqa_shard_array *out,
                                       const struct avqa_shard *shard, size_t sample,
                                       const char *name)
{
    struct avqa_buf names = AVQA_BUF_INIT;
    size_t n = avqa_shard_n_arrays(shard, sample);
    for (size_t i = 0; i < n; i++) {
        avqa_shard_array_at(out, shard, sample, i);
        if (strcmp(out->name, name) == 0) {
            avqa_buf_release(&names);
            return AVQA_OK;
        }
        avqa_buf_addf(&names, "%s%s", i ? ", " : "", out->name);
    }
    enum avqa_status rc = avqa_fail(
        AVQA_ENOENT, "%s: %s has no array '%s'; it has: %s", shard->source.name,
        shard->index.samples[sample].key, name, n ? avqa_buf_str(&names) : "none");
    avqa_buf_release(&names);
    return rc;
}

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

static enum avqa_status make_room(struct room *room, size_t n)
{
    return avqa_mem_grow(&room->bytes, &room->cap, n, 1);
}

/* The packed bytes of frames [first, first + n). */
static enum avqa_status fetch(const unsigned char **out, struct avqa_shard_lane *lane,
                              const struct avqa_shard *shard, size_t first, size_t n)
{
    uint64_t at = shard->places[first].packed_at;
    size_t len = (size_t)(shard->places[first + n].packed_at - at);
    lane->bytes += len;
    if (shard->source.map) {
        *out = shard->source.map + at;
        return AVQA_OK;
    }
    enum avqa_status rc = make_room(&lane->packed, len);
    if (rc == AVQA_OK)
        rc = shard->source.read(shard->source.user, lane->packed.bytes, at, len);
    *out = lane->packed.bytes;
    return rc;
}

/* How many of the frames [first, first + n) to fetch with one read. */
static size_t group(const struct avqa_shard *shard, size_t first, size_t n)
{
    size_t k = 1;
    uint64_t at = shard->places[first].packed_at;
    while (k < n && shard->places[first + k + 1].packed_at - at <= MAX_FETCH)
        k++;
    return k;
}

static enum avqa_status unpack(struct avqa_shard_lane *lane,
                               const struct avqa_shard *shard, size_t i, void *out,
                               const unsigned char *packed)
{
    enum avqa_status rc =
        avqa_unpacker_run(lane->unpacker, out, &shard->places[i].frame, packed);
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
        rc = make_room(&lane->plain, shard->places[i].frame.plain);
    if (rc == AVQA_OK)
        rc = unpack(lane, shard, i, lane->plain.bytes, *packed);
    *bytes = lane->plain.bytes;
    return fail_in(shard, rc);
}

enum avqa_status avqa_shard_frame_into(void *out, struct avqa_shard_lane *lane,
                                       const struct avqa_shard *shard, size_t i)
{
    const unsigned char *packed;
    enum avqa_status rc = fetch(&packed, lane, shard, i, 1);
    if (rc == AVQA_OK)
        rc = unpack(lane, shard, i, out, packed);
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "%s", shard->source.name);
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
    size_t plain = a->shard->places[frame].frame.plain;
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
    size_t plain = a->shard->places[m->row_frame + row].frame.plain;
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
    enum avqa_status rc = make_room(&lane->plain, a->shard->places[frame].frame.plain);
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
    const struct avqa_frame_place *places = a->shard->places;
    enum avqa_status rc = make_room(&lane->mask, n * bytes + AVQA_TAR_BLOCK);
    if (rc == AVQA_OK)
        rc = fetch(&packed, lane, a->shard, frame, n);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        rc = unpack(lane, a->shard, frame + i, lane->mask.bytes + i * bytes, packed);
        packed += places[frame + i].frame.packed;
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
            packed += a->shard->places[base + first + i].frame.packed;
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
    size_t frame = shard->index.samples[sample].frame;
    *out = lane->head.bytes;
    if (lane->head_frame == frame &&
        strcmp(lane->head_of, shard->index.frames_sha256) == 0)
        return AVQA_OK;
    lane->head_of[0] = '\0';
    enum avqa_status rc = fetch(&packed, lane, shard, frame, 1);
    if (rc == AVQA_OK)
        rc = make_room(&lane->head, shard->places[frame].frame.plain);
    if (rc == AVQA_OK)
        rc = unpack(lane, shard, frame, lane->head.bytes, packed);
    if (rc != AVQA_OK)
        return rc;
    memcpy(lane->head_of, shard->index.frames_sha256, sizeof lane->head_of);
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
    return head + (m->at - shard->places[shard->index.samples[sample].frame].plain_at);
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
    const char *key = shard->index.samples[a->sample].key;
    if (first > a->n_rows || n > a->n_rows - first)
        return avqa_fail(AVQA_EINVAL, "%s: %s of %s has %zu rows, not %zu to %zu",
                         shard->source.name, a->name, key, a->n_rows, first, first + n);
    if (as != a->npy.type && !(is_real(as) && is_real(a->npy.type)))
        return avqa_fail(AVQA_EINVAL, "%s: %s of %s is %s and cannot be read as %s",
                         shard->source.name, a->name, key,
                         avqa_npy_type_name(a->npy.type), avqa_npy_type_name(as));
    enum avqa_status rc = a->member->row_frame
                              ? read_frames(lane, a, first, n, as, out)
                              : read_from_head(lane, a, first, n, as, out);
    return rc == AVQA_OK
               ? rc
               : avqa_fail_in(rc, "%s: %s of %s", shard->source.name, a->name, key);
}

enum avqa_status avqa_shard_head(struct avqa_json **out, struct avqa_shard_lane *lane,
                                 const struct avqa_shard *shard, size_t sample)
{
    const unsigned char *head;
    const struct avqa_shard_sample *s = &shard->index.samples[sample];
    enum avqa_status rc = read_head(&head, lane, shard, sample);
    if (rc == AVQA_OK)
        rc =
            avqa_json_parse(out, (const char *)content(shard, sample, s->members, head),
                            (size_t)s->members[0].bytes);
    return rc == AVQA_OK ? rc
                         : avqa_fail_in(rc, "%s: %s.json", shard->source.name, s->key);
}
