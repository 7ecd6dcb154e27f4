/* See writer.h. */
#include "shard/writer.h"
#include "base/intern.h"
#include "base/io.h"
#include "base/mem.h"
#include "shard/index.h"
#include "shard/tar.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_FRAMES = 1 << 27 }; /* the table's size is a u32 */

struct avqa_shard_writer {
    struct avqa_out *file;
    char *path;
    struct avqa_packer *packer;
    struct avqa_sha256 *sha;
    struct avqa_sha256 *packed_sha; /* of the samples' frames */
    struct avqa_shard_index index;
    size_t cap_samples;
    struct avqa_frame *frames;
    size_t n_frames, cap_frames;
    struct avqa_intern keys;
    int64_t bytes;
    uint64_t plain;
};

int avqa_shard_level(enum avqa_shard_encoding encoding)
{
    switch (encoding) {
    case AVQA_SHARD_SPARSE16:
        return AVQA_SHARD_SPARSE_LEVEL;
    case AVQA_SHARD_FP16:
        return AVQA_SHARD_FP16_LEVEL;
    case AVQA_SHARD_AS_IS:
    case AVQA_SHARD_FP32:
        break;
    }
    return AVQA_SHARD_LEVEL;
}

static enum avqa_status write_bytes(struct avqa_shard_writer *w, const void *bytes,
                                    size_t len)
{
    enum avqa_status rc = avqa_out_write(w->file, bytes, len);
    avqa_sha256_add(w->sha, bytes, len);
    w->bytes += (int64_t)len;
    return rc;
}

enum avqa_status avqa_shard_writer_open(struct avqa_shard_writer **out,
                                        const char *path, struct avqa_packer *packer)
{
    struct avqa_out *file;
    enum avqa_status rc = avqa_out_open(&file, path);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_shard_writer *w = avqa_mem_new(sizeof *w);
    w->file = file;
    w->path = avqa_mem_strdup(path);
    w->packer = packer;
    w->sha = avqa_sha256_new();
    w->packed_sha = avqa_sha256_new();
    *out = w;
    return AVQA_OK;
}

static void writer_free(struct avqa_shard_writer *w)
{
    avqa_sha256_free(w->sha);
    avqa_sha256_free(w->packed_sha);
    avqa_shard_index_release(&w->index);
    avqa_intern_release(&w->keys);
    free(w->frames);
    free(w->path);
    free(w);
}

void avqa_shard_writer_abort(struct avqa_shard_writer *w)
{
    if (!w)
        return;
    avqa_out_abort(w->file);
    writer_free(w);
}

/* The sample's entry, its places now counted from the beginning of the shard. */
static enum avqa_status add_sample(struct avqa_shard_writer *w,
                                   const struct avqa_shard_sample *from)
{
    struct avqa_shard_index *index = &w->index;
    enum avqa_status rc = avqa_mem_grow(&index->samples, &w->cap_samples,
                                        index->n_samples + 1, sizeof *index->samples);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_shard_sample *s = &index->samples[index->n_samples];
    rc = avqa_mem_array(&s->members, from->n_members, sizeof *s->members);
    if (rc != AVQA_OK)
        return rc;
    memcpy(s->members, from->members, from->n_members * sizeof *s->members);
    s->key = avqa_mem_strdup(from->key);
    s->n_members = from->n_members;
    s->frame = w->n_frames;
    index->n_samples++;
    for (size_t i = 0; i < s->n_members; i++) {
        s->members[i].at += w->plain;
        if (s->members[i].row_frame)
            s->members[i].row_frame += w->n_frames;
    }
    return AVQA_OK;
}

static enum avqa_status add_frames(struct avqa_shard_writer *w,
                                   const struct avqa_frame *frames, size_t n)
{
    if (w->n_frames + n > MAX_FRAMES)
        return avqa_fail(AVQA_EINVAL, "%s: more than %d frames", w->path, MAX_FRAMES);
    enum avqa_status rc =
        avqa_mem_grow(&w->frames, &w->cap_frames, w->n_frames + n, sizeof *w->frames);
    if (rc != AVQA_OK)
        return rc;
    memcpy(w->frames + w->n_frames, frames, n * sizeof *frames);
    w->n_frames += n;
    return AVQA_OK;
}

enum avqa_status avqa_shard_writer_add(struct avqa_shard_writer *w,
                                       const struct avqa_shard_packed *packed)
{
    bool is_new;
    const char *key = packed->sample.key;
    avqa_intern_add(&w->keys, key, strlen(key), &is_new);
    if (!is_new)
        return avqa_fail(AVQA_EEXIST, "%s: has a sample %s already", w->path, key);
    enum avqa_status rc = add_sample(w, &packed->sample);
    if (rc == AVQA_OK)
        rc = add_frames(w, packed->frames, packed->n_frames);
    if (rc == AVQA_OK)
        rc = write_bytes(w, packed->bytes.data, packed->bytes.len);
    avqa_sha256_add(w->packed_sha, packed->bytes.data, packed->bytes.len);
    w->plain += packed->plain;
    return rc;
}

int64_t avqa_shard_writer_bytes(const struct avqa_shard_writer *w)
{
    return w->bytes;
}

size_t avqa_shard_writer_samples(const struct avqa_shard_writer *w)
{
    return w->index.n_samples;
}

static enum avqa_status write_frame(struct avqa_shard_writer *w, const void *bytes,
                                    size_t len)
{
    struct avqa_buf packed = AVQA_BUF_INIT;
    struct avqa_frame frame;
    enum avqa_status rc = avqa_packer_add(w->packer, &packed, &frame, bytes, len);
    if (rc == AVQA_OK)
        rc = write_bytes(w, packed.data, packed.len);
    if (rc == AVQA_OK)
        rc = add_frames(w, &frame, 1);
    avqa_buf_release(&packed);
    return rc;
}

static enum avqa_status write_index(struct avqa_shard_writer *w)
{
    static const char zeros[2 * AVQA_TAR_BLOCK]; /* the end of a tar */
    struct avqa_buf json = AVQA_BUF_INIT;
    struct avqa_buf member = AVQA_BUF_INIT;
    w->index.n_frames = w->n_frames;
    avqa_shard_frames_sha256(w->index.frames_sha256, w->frames, w->n_frames);
    avqa_sha256_hex(w->packed_sha, w->index.packed_sha256);
    avqa_shard_index_print(&json, &w->index);
    avqa_buf_addc(&json, '\n');
    enum avqa_status rc = avqa_buf_status(&json);
    if (rc == AVQA_OK && json.len > AVQA_SHARD_MAX_INDEX)
        rc = avqa_fail(AVQA_EINVAL,
                       "%s: its index would have %zu bytes; use smaller "
                       "shards",
                       w->path, json.len);
    if (rc == AVQA_OK)
        rc = avqa_tar_print(&member, AVQA_SHARD_INDEX_NAME, json.len);
    avqa_buf_add(&member, avqa_buf_str(&json), json.len);
    avqa_buf_add(&member, zeros, avqa_tar_padding(json.len));
    if (rc == AVQA_OK)
        rc = write_frame(w, member.data, member.len);
    if (rc == AVQA_OK)
        rc = write_frame(w, zeros, sizeof zeros);
    avqa_buf_release(&json);
    avqa_buf_release(&member);
    return rc;
}

static enum avqa_status write_table(struct avqa_shard_writer *w)
{
    struct avqa_buf table = AVQA_BUF_INIT;
    table.max = (size_t)4 << 30;
    avqa_frame_table_print(&table, w->frames, w->n_frames);
    enum avqa_status rc = avqa_buf_status(&table);
    if (rc == AVQA_OK)
        rc = write_bytes(w, table.data, table.len);
    avqa_buf_release(&table);
    return rc;
}

enum avqa_status avqa_shard_writer_commit(struct avqa_shard_writer *w,
                                          struct avqa_shard_written *out)
{
    enum avqa_status rc = write_index(w);
    if (rc == AVQA_OK)
        rc = write_table(w);
    if (rc != AVQA_OK) {
        avqa_shard_writer_abort(w);
        return rc;
    }
    if (out) {
        *out = (struct avqa_shard_written){.bytes = w->bytes,
                                           .n_samples = w->index.n_samples};
        avqa_sha256_hex(w->sha, out->sha256);
    }
    rc = avqa_out_commit(w->file);
    writer_free(w);
    return rc;
}
