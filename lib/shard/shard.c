/* See shard.h. The end of the file is read first, as much as opening needs as a rule;
 * table and index are judged against each other and the file's size, and only then
 * there is a shard. */
#include "shard/shard.h"
#include "base/buf.h"
#include "base/intern.h"
#include "base/mem.h"
#include "shard/tar.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct avqa_shard {
    struct avqa_shard_source source;
    struct avqa_shard_index index;
    struct avqa_frame_place *places;
    size_t n_frames;
    struct avqa_intern keys; /* ids are numbers of samples */
};

/* ---- opening --------------------------------------------------------------------- */

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
                                   const struct tail *tail, unsigned char **index)
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
    rc = avqa_mem_array(index, at->frame.plain, 1);
    if (rc == AVQA_OK)
        rc = avqa_unpacker_run(unpacker, *index, &at->frame,
                               tail->bytes + (at->packed_at - tail->at));
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "its index");
}

static enum avqa_status parse_index(struct avqa_shard *shard,
                                    const unsigned char *index)
{
    struct avqa_tar_entry entry;
    size_t used;
    size_t len = shard->places[shard->n_frames - 2].frame.plain;
    enum avqa_status rc = avqa_tar_parse(&entry, &used, index, len);
    if (rc != AVQA_OK)
        return avqa_fail_in(rc, "its index");
    if (strcmp(entry.name, AVQA_SHARD_INDEX_NAME) != 0 ||
        entry.size + used + avqa_tar_padding(entry.size) != len)
        return avqa_fail(AVQA_EFORMAT, "its last member is no index");
    rc = avqa_shard_index_parse(&shard->index, (const char *)index + used,
                                (size_t)entry.size);
    if (rc == AVQA_OK)
        rc = avqa_shard_index_check(&shard->index, shard->places, shard->n_frames);
    return rc;
}

static enum avqa_status open_parts(struct avqa_shard *shard, struct tail *tail)
{
    struct avqa_unpacker *unpacker = NULL;
    unsigned char *index = NULL;
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
        rc = parse_index(shard, index);
    avqa_unpacker_free(unpacker);
    free(index);
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
        rc = avqa_fail_in(rc, "%s", shard->source.name);
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
